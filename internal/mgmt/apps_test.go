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
