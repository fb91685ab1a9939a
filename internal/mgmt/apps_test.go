package mgmt_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
)

// leastApp is the least that Okta's reference makes an app of.
const leastApp = `{"name":"oidc_client","label":"Shop","signOnMode":"OPENID_CONNECT",
	"credentials":{"oauthClient":{"token_endpoint_auth_method":"client_secret_basic"}},
	"settings":{"oauthClient":{"application_type":"web","grant_types":["authorization_code"],"response_types":["code"],"redirect_uris":["https://shop.example.com/callback"]}}}`

// appAnswer is an app as a real org shows it, with a client and links of its own.
func appAnswer(status, ident, client, links string) string {
	return `{"id":"0oa…","orn":"orn:okta:idp:00o…:apps:oidc_client:0oa…","name":"oidc_client","label":"Shop","status":"` + status + `","lastUpdated":"…Z","created":"…Z",
	"accessibility":{"selfService":false,"errorRedirectUrl":null,"loginRedirectUrl":null},
	"visibility":{"autoLaunch":false,"autoSubmitToolbar":false,"hide":{"iOS":true,"web":true},"appLinks":{"oidc_client_link":true}},
	"features":[],"signOnMode":"OPENID_CONNECT",
	"credentials":{"userNameTemplate":{"template":"${source.login}","type":"BUILT_IN"},"signing":{"kid":"kid…"},"oauthClient":{` + ident + `}},
	"settings":{"app":{},"manualProvisioning":false,"implicitAssignment":false,"notes":{"admin":null,"enduser":null},"oauthClient":{` + client + `}},
	"_links":{"appLinks":[{"name":"oidc_client_link","href":"https://id.example.com/home/oidc_client/0oa…","type":"text/html"}],
		"profileEnrollment":{"href":"https://id.example.com/api/v1/policies/rst…"},"accessPolicy":{"href":"https://id.example.com/api/v1/policies/rst…"},
		"policies":{"href":"https://id.example.com/api/v1/apps/0oa…/policies","hints":{"allow":["PUT"]}},
		"groups":{"href":"https://id.example.com/api/v1/apps/0oa…/groups"},"users":{"href":"https://id.example.com/api/v1/apps/0oa…/users"},
		"logo":[{"name":"medium","href":"https://id.example.com/favicon.ico","type":"image/svg+xml"}],
		"uploadLogo":{"href":"https://id.example.com/api/v1/apps/0oa…/logo","hints":{"allow":["POST"]}},` + links + `}}`
}

const (
	confidential = `"autoKeyRotation":true,"client_id":"0oa…","token_endpoint_auth_method":"client_secret_basic","pkce_required":false`
	leastClient  = `"client_uri":null,"logo_uri":null,"redirect_uris":["https://shop.example.com/callback"],"response_types":["code"],
		"grant_types":["authorization_code"],"application_type":"web","consent_method":"TRUSTED","issuer_mode":"ORG_URL",
		"idp_initiated_login":{"mode":"DISABLED","default_scope":[]},"wildcard_redirect":"DISABLED","dpop_bound_access_tokens":false,"participate_slo":false`
	secretsLink    = `"clientCredentials":[{"name":"secrets","href":"https://id.example.com/api/v1/apps/0oa…/credentials/secrets"}]`
	deactivateLink = `"deactivate":{"href":"https://id.example.com/api/v1/apps/0oa…/lifecycle/deactivate"}`
	activateLink   = `"activate":{"href":"https://id.example.com/api/v1/apps/0oa…/lifecycle/activate"}`
)

// withSecret is what an answer has that made a secret.
func withSecret(ident, secret string) string {
	return strings.Replace(ident, `"token_endpoint`, `"client_secret":"`+secret+`","token_endpoint`, 1)
}

// appSeen is what tests read of an app.
type appSeen struct {
	ID          string
	Status      string
	Credentials struct {
		Signing     struct{ KID string }
		OAuthClient struct {
			ClientID string `json:"client_id"`
			Secret   string `json:"client_secret"`
		}
	}
}

func TestAppsAsRecorded(t *testing.T) {
	w := newWorld(t)
	made := w.send("POST", "/api/v1/apps?activate=true", leastApp)
	secret := regexp.MustCompile(`"client_secret":"([0-9A-Za-z]{64})"`).FindStringSubmatch(made.body)
	if secret == nil {
		t.Fatalf("there is no secret in %s", made.body)
	}
	w.is(made, 200, appAnswer("ACTIVE", withSecret(confidential, secret[1]), leastClient, secretsLink+","+deactivateLink))
	var a appSeen
	if err := json.Unmarshal([]byte(made.body), &a); err != nil {
		t.Fatal(err)
	}
	path := "/api/v1/apps/" + a.ID
	shown := appAnswer("ACTIVE", confidential, leastClient, secretsLink+","+deactivateLink)
	w.is(w.send("GET", path, ""), 200, shown)
	w.is(w.send("GET", "/api/v1/apps", ""), 200, "["+shown+"]")
	hidden := appAnswer("INACTIVE", confidential, leastClient, secretsLink+","+activateLink)
	for _, step := range []struct{ call, want string }{{"activate", shown}, {"deactivate", hidden}, {"deactivate", hidden}} {
		w.is(w.send("POST", path+"/lifecycle/"+step.call, ""), 200, "{}")
		w.is(w.send("GET", path, ""), 200, step.want)
	}
	if a := w.send("DELETE", path, ""); a.status != 204 || a.body != "" {
		t.Errorf("answer is %d %s", a.status, a.body)
	}
}

// Recorded in TestAccResourceOktaAppGroupAssignment_crud and
// TestAccDataSourceOktaAppUserAssignments_read.
func TestAssignmentsAsRecorded(t *testing.T) {
	w := newWorld(t)
	appID := w.makes("/api/v1/apps", leastApp)
	group := w.group("Customers")
	user := w.user("?activate=false", "ada", "")
	path := "/api/v1/apps/" + appID
	assigned := `{"id":"00g…","lastUpdated":"…Z","priority":0,"profile":{},"_links":{"app":{"href":"https://id.example.com/api/v1/apps/0oa…"},
		"self":{"href":"https://id.example.com/api/v1/apps/0oa…/groups/00g…"},"group":{"href":"https://id.example.com/api/v1/groups/00g…"}}}`
	w.is(w.send("PUT", path+"/groups/"+group, "{}"), 200, assigned)
	w.is(w.send("GET", path+"/groups/"+group, ""), 200, assigned)
	w.is(w.send("GET", path+"/groups", ""), 200, "["+assigned+"]")
	of := `{"id":"00u…","externalId":null,"created":"…Z","lastUpdated":"…Z","scope":"USER","status":"ACTIVE","statusChanged":"…Z","passwordChanged":null,
		"syncState":"DISABLED","credentials":{"userName":"ada@example.com"},"profile":{"street_address":null,"country":null,"website":null,"zoneinfo":null,
		"birthdate":null,"gender":null,"formatted":null,"profile":null,"locality":null,"given_name":"ada","middle_name":null,"locale":null,"picture":null,
		"name":"Ada Lovelace <&>","nickname":null,"phone_number":null,"region":null,"postal_code":null,"family_name":"L","email":"ada@example.com"},
		"_links":{"app":{"href":"https://id.example.com/api/v1/apps/0oa…"},"user":{"href":"https://id.example.com/api/v1/users/00u…"}}}`
	w.is(w.send("POST", path+"/users", `{"id":"`+user+`","scope":"USER","profile":{"name":"Ada Lovelace <&>"}}`), 200, of)
	w.is(w.send("GET", path+"/users/"+user, ""), 200, of)
	w.is(w.send("GET", path+"/users", ""), 200, "["+of+"]")
}

// Recorded before each okta_app_oauth.
func TestAccessPolicyAsRecorded(t *testing.T) {
	w := newWorld(t)
	rule := `{"id":"rul…","status":"ACTIVE","name":"Catch-all Rule","priority":99,"created":"…Z","lastUpdated":"…Z","system":true,"conditions":null,
		"actions":{"appSignOn":{"access":"ALLOW","verificationMethod":{"factorMode":"1FA","type":"ASSURANCE"}}},
		"_links":{"self":{"href":"https://id.example.com/api/v1/policies/rst…/rules/rul…","hints":{"allow":["GET"]}}},"type":"ACCESS_POLICY"}`
	policy := func(rules string) string {
		return `{"id":"rst…","status":"ACTIVE","name":"Default Policy","description":"People sign in to apps with a password.","priority":1,"system":true,"conditions":null,
			"created":"…Z","lastUpdated":"…Z","_links":{"self":{"href":"https://id.example.com/api/v1/policies/rst…","hints":{"allow":["GET"]}},
			"rules":{"href":"https://id.example.com/api/v1/policies/rst…/rules","hints":{"allow":["GET"]}}},"_embedded":{"resourceType":"APP"` + rules + `},"type":"ACCESS_POLICY"}`
	}
	w.is(w.send("GET", "/api/v1/policies?type=ACCESS_POLICY", ""), 200, "["+policy("")+"]")
	path := "/api/v1/policies/" + accessPolicyOf(w)
	w.is(w.send("GET", path+"?expand=rules", ""), 200, policy(`,"rules":[`+rule+`]`))
	w.is(w.send("GET", path+"/rules", ""), 200, "["+rule+"]")
}

// What usher does not do for a client is not forgotten in silence.
func TestSettingsThatCannotBeKept(t *testing.T) {
	w := newWorld(t)
	for _, property := range []string{
		`"request_object_signing_alg":"RS256"`, `"id_token_encrypted_response_alg":"RSA-OAEP-256"`, `"sector_identifier_uri":"https://a.example"`,
		`"subject_type":"pairwise"`, `"backchannel_authentication_request_signing_alg":"RS256"`, `"backchannel_custom_authenticator_id":"aut"`,
	} {
		name, _, _ := strings.Cut(strings.Trim(property, `"`), `"`)
		a := w.send("POST", "/api/v1/apps", strings.Replace(leastApp, `"oauthClient":{"application`, `"oauthClient":{`+property+`,"application`, 1))
		w.refused(a, 400, "E0000001", "settings.oauthClient."+name+": is not supported by this version")
	}
	a := w.ok("POST", "/api/v1/apps", strings.Replace(leastApp, `"oauthClient":{"application`, `"oauthClient":{"subject_type":"public","application`, 1))
	if strings.Contains(a.body, "subject_type") {
		t.Errorf("it is shown: %s", a.body)
	}
	key := `{"keys":[{"kty":"EC","d":"x","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}`
	w.refused(w.send("POST", "/api/v1/apps", strings.Replace(leastApp, `"oauthClient":{"application`, `"oauthClient":{"jwks":`+key+`,"application`, 1)), 400, "E0000001",
		"settings.oauthClient.jwks.keys[0].d: must not be there: this is the private key, which by now is known to others")
}
