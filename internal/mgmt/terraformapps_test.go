package mgmt_test

import (
	"maps"
	"strings"
	"testing"
)

// terraformApp is what the provider sends of okta_app_oauth, as in a recorded
// session with a real org (TestAccResourceOktaAppOauth_basic).
func terraformApp(label, credentials, settings, client string) string {
	return `{"accessibility":{},"credentials":{"oauthClient":{"autoKeyRotation":true,` + credentials + `"pkce_required":false,"token_endpoint_auth_method":"client_secret_basic"},
		"userNameTemplate":{"template":"${source.login}","type":"BUILT_IN"}},"label":"` + label + `","name":"oidc_client","settings":{` + settings + `"notes":{},"oauthClient":{` + client + `
		"application_type":"web","consent_method":"TRUSTED","dpop_bound_access_tokens":false,"idp_initiated_login":{"default_scope":[],"mode":"DISABLED"},
		"issuer_mode":"ORG_URL","wildcard_redirect":"DISABLED"}},"signOnMode":"OPENID_CONNECT","visibility":{"hide":{"iOS":true,"web":true}}}`
}

const (
	codeClient    = `"grant_types":["authorization_code"],"redirect_uris":["https://example.com/b","https://example.com/a"],"response_types":["code"],`
	refreshClient = `"grant_types":["authorization_code","refresh_token"],"refresh_token":{"rotation_type":"STATIC","leeway":0},
		"post_logout_redirect_uris":["https://example.com/out"],"redirect_uris":["https://example.com/a"],"response_types":["code"],`
)

// appFields are the fields of an answer that the provider fails or never rests
// without.
func appFields(label, status string, more map[string]string) map[string]string {
	fields := map[string]string{
		"name": `"oidc_client"`, "label": `"` + label + `"`, "status": `"` + status + `"`, "signOnMode": `"OPENID_CONNECT"`,
		"visibility.hide": `{"iOS":true,"web":true}`, "visibility.autoSubmitToolbar": "false",
		"accessibility.selfService": "false", "accessibility.errorRedirectUrl": "null", "accessibility.loginRedirectUrl": "null", "features": "[]",
		"credentials.userNameTemplate":                       `{"template":"${source.login}","type":"BUILT_IN"}`,
		"credentials.oauthClient.token_endpoint_auth_method": `"client_secret_basic"`, "credentials.oauthClient.autoKeyRotation": "true",
		"credentials.oauthClient.pkce_required": "false",
		"settings.implicitAssignment":           "false", "settings.app": "{}", "settings.manualProvisioning": "false",
		"settings.notes":                                 `{"admin":null,"enduser":null}`,
		"settings.oauthClient.application_type":          `"web"`,
		"settings.oauthClient.issuer_mode":               `"ORG_URL"`,
		"settings.oauthClient.consent_method":            `"TRUSTED"`,
		"settings.oauthClient.wildcard_redirect":         `"DISABLED"`,
		"settings.oauthClient.response_types":            `["code"]`,
		"settings.oauthClient.idp_initiated_login":       `{"mode":"DISABLED","default_scope":[]}`,
		"settings.oauthClient.participate_slo":           "false",
		"settings.oauthClient.frontchannel_logout_uri":   "null",
		"settings.oauthClient.jwks":                      "null",
		"settings.oauthClient.client_uri":                "null",
		"settings.oauthClient.initiate_login_uri":        "null",
		"settings.oauthClient.dpop_bound_access_tokens":  "false",
		"settings.oauthClient.network":                   "null",
		"settings.oauthClient.tos_uri":                   "null",
		"settings.oauthClient.policy_uri":                "null",
		"settings.oauthClient.logo_uri":                  "null",
		"settings.oauthClient.jwks_uri":                  "null",
		"settings.oauthClient.post_logout_redirect_uris": "null",
		"settings.oauthClient.refresh_token":             "null",
		"credentials.userNameTemplate.userSuffix":        "null",
	}
	maps.Copy(fields, more)
	return fields
}

// Terraform's provider 6.12: okta_app_oauth. After each create it makes a call of
// Okta's own console, and looks for the access policy that is the system's.
func TestTerraformApp(t *testing.T) {
	w := newWorld(t)
	access := accessPolicyOf(w)
	apps, one := "/api/v1/apps", "/api/v1/apps/$id"
	idToken := "/api/v1/internal/apps/$id/settings/oauth/idToken"
	made := appFields("Shop", "ACTIVE", map[string]string{
		"settings.oauthClient.redirect_uris": `["https://example.com/b","https://example.com/a"]`, "settings.oauthClient.grant_types": `["authorization_code"]`,
	})
	changed := appFields("The shop", "INACTIVE", map[string]string{
		"settings.oauthClient.redirect_uris": `["https://example.com/a"]`, "settings.oauthClient.grant_types": `["authorization_code","refresh_token"]`,
		"settings.oauthClient.refresh_token": `{"rotation_type":"STATIC"}`, "settings.oauthClient.post_logout_redirect_uris": `["https://example.com/out"]`,
	})
	policies := map[string]string{
		"[0].id": `"` + access + `"`, "[0].system": "true", "[0].type": `"ACCESS_POLICY"`, "[0].status": `"ACTIVE"`, "[1]": "null", "[0]._embedded.resourceType": `"APP"`,
	}
	sent := map[string]string{"issuer": "null", "orgUrl": "null", "customUrl": "null", "audience": "null", "issuerMode": `"ORG_URL"`}
	w.terraform([]step{
		{"POST", apps + "?activate=true", terraformApp("Shop", "", "", codeClient), 200, made},
		{"POST", idToken, `{"issuerMode":"ORG_URL"}`, 200, sent},
		{"GET", "/.well-known/okta-organization", "", 200, map[string]string{"pipeline": `"idx"`}},
		{"GET", "/api/v1/policies?type=ACCESS_POLICY", "", 200, policies},
		{"PUT", one + "/policies/" + access, "", 204, nil},
		{"GET", one, "", 200, with(made, "_links.accessPolicy.href", `"`+base+"/api/v1/policies/"+access+`"`)},
		{"GET", idToken, "", 200, map[string]string{"issuer": `"` + base + `"`, "orgUrl": "null", "customUrl": "null", "issuerMode": `"ORG_URL"`, "name": "null"}},
		// The second plan.
		{"GET", one, "", 200, made},
		{"GET", idToken, "", 200, nil},
		// A change of the status, and then of the rest. What the provider was told of
		// settings that it does not know it sends back.
		{"POST", one + "/lifecycle/deactivate", "", 200, nil},
		{"PUT", one, terraformApp("The shop", `"client_id":"$id","client_secret":"",`, `"app":{},"manualProvisioning":false,`, refreshClient), 200, changed},
		{"GET", "/api/v1/policies?type=ACCESS_POLICY", "", 200, policies},
		{"PUT", one + "/policies/" + access, "", 204, nil},
		{"GET", one, "", 200, changed},
		{"GET", idToken, "", 200, nil},
		// A data source.
		{"GET", apps + "?filter=status+eq+%22INACTIVE%22&limit=1&q=The+shop", "", 200, map[string]string{"[0].label": `"The shop"`, "[1]": "null"}},
		// Destroy: it is inactive already. A 404 of the next read would be an error.
		{"DELETE", one, "", 204, nil},
		{"GET", one, "", 404, nil},
	})
}

// with adds a field.
func with(fields map[string]string, path, value string) map[string]string {
	more := maps.Clone(fields)
	more[path] = value
	return more
}

func accessPolicyOf(w *world) string {
	w.Helper()
	id, err := find(w.ok("GET", "/api/v1/policies?type=ACCESS_POLICY", "").body, "[0].id")
	if err != nil {
		w.Fatal(err)
	}
	return id.(string)
}

// okta_app_oauth with a groups claim, which it reads back.
func TestTerraformAppWithClaim(t *testing.T) {
	w := newWorld(t)
	idToken := "/api/v1/internal/apps/$id/settings/oauth/idToken"
	claim := map[string]string{"issuerMode": `"ORG_URL"`, "valueType": `"GROUPS"`, "name": `"groups"`, "value": `"staff"`, "groupFilterType": `"STARTS_WITH"`}
	w.terraform([]step{
		{"POST", "/api/v1/apps?activate=false", terraformApp("Shop", "", "", codeClient), 200, map[string]string{"status": `"INACTIVE"`}},
		{"POST", idToken, `{"valueType":"GROUPS","groupFilterType":"STARTS_WITH","issuerMode":"ORG_URL","name":"groups","value":"staff"}`, 200, claim},
		{"GET", idToken, "", 200, claim},
		{"POST", "/api/v1/apps/$id/lifecycle/activate", "", 200, nil},
		{"GET", "/api/v1/apps/$id", "", 200, map[string]string{"status": `"ACTIVE"`}},
		{"POST", idToken, `{"issuerMode":"ORG_URL"}`, 200, map[string]string{"name": "null"}},
		{"GET", idToken, "", 200, map[string]string{"name": "null"}},
	})
}

// okta_app_oauth of type service, with keys. The access policy is not set for it.
func TestTerraformServiceApp(t *testing.T) {
	w := newWorld(t)
	// As in a recorded session (TestAccResourceOktaAppOauth_serviceWithJWKS): the
	// curve is not named.
	body := `{"accessibility":{},"credentials":{"oauthClient":{"autoKeyRotation":true,"pkce_required":false,"token_endpoint_auth_method":"private_key_jwt"},
		"userNameTemplate":{"template":"${source.login}","type":"BUILT_IN"}},"label":"Job","name":"oidc_client","settings":{"notes":{},"oauthClient":{"application_type":"service",
		"consent_method":"TRUSTED","dpop_bound_access_tokens":false,"grant_types":["client_credentials"],"idp_initiated_login":{"default_scope":[],"mode":"DISABLED"},"issuer_mode":"ORG_URL",
		"jwks":{"keys":[{"kid":"SIGNING_KEY_EC","kty":"EC","status":"ACTIVE","x":"K37X78mXJHHldZYMzrwipjKR-YZUS2SMye0KindHp6I","y":"8IfvsvXWzbFWOZoVOMwgF5p46mUj3kbOVf9Fk0vVVHo"}]},
		"response_types":["token"],"wildcard_redirect":"DISABLED"}},"signOnMode":"OPENID_CONNECT","visibility":{"hide":{"iOS":true,"web":true}}}`
	fields := map[string]string{
		"settings.oauthClient.jwks.keys[0].kty": `"EC"`, "settings.oauthClient.jwks.keys[0].kid": `"SIGNING_KEY_EC"`, "settings.oauthClient.jwks.keys[0].use": "null",
		"settings.oauthClient.jwks.keys[0].x": `"K37X78mXJHHldZYMzrwipjKR-YZUS2SMye0KindHp6I"`, "settings.oauthClient.jwks.keys[0].y": `"8IfvsvXWzbFWOZoVOMwgF5p46mUj3kbOVf9Fk0vVVHo"`,
		"settings.oauthClient.redirect_uris": "[]", "settings.oauthClient.response_types": `["token"]`, "settings.oauthClient.application_type": `"service"`,
		"credentials.oauthClient.token_endpoint_auth_method": `"private_key_jwt"`, "credentials.oauthClient.client_secret": "null",
	}
	w.terraform([]step{
		{"POST", "/api/v1/apps?activate=true", body, 200, fields},
		{"POST", "/api/v1/internal/apps/$id/settings/oauth/idToken", `{"issuerMode":"ORG_URL"}`, 200, nil},
		{"GET", "/api/v1/apps/$id", "", 200, fields},
		{"PUT", "/api/v1/apps/$id", strings.Replace(body, "Job", "Night job", 1), 200, with(fields, "label", `"Night job"`)},
		{"GET", "/api/v1/apps/$id", "", 200, with(fields, "label", `"Night job"`)},
		{"POST", "/api/v1/apps/$id/lifecycle/deactivate", "", 200, nil},
		{"DELETE", "/api/v1/apps/$id", "", 204, nil},
	})
}

// okta_app_group_assignment, and okta_policy_profile_enrollment_apps, which gives
// its apps back to the default policy in the end.
func TestTerraformAroundAnApp(t *testing.T) {
	w := newWorld(t)
	group, policy := w.group("Customers"), w.policy("Customers")
	byDefault, err := find(w.ok("GET", "/api/v1/policies?type=PROFILE_ENROLLMENT&q=Default", "").body, "[0].id")
	if err != nil {
		t.Fatal(err)
	}
	assignment := "/api/v1/apps/$id/groups/" + group
	assigned := func(priority string) map[string]string {
		return map[string]string{"id": `"` + group + `"`, "priority": priority, "profile": "{}"}
	}
	enrollment := func(policy string) map[string]string {
		return map[string]string{"_links.profileEnrollment.href": `"` + base + "/api/v1/policies/" + policy + `"`}
	}
	mine := "/api/v1/apps/$id/policies/" + policy
	w.terraform([]step{
		{"POST", "/api/v1/apps?activate=true", terraformApp("Shop", "", "", codeClient), 200, enrollment(byDefault.(string))},

		{"PUT", assignment, `{}`, 200, assigned("0")},
		{"GET", assignment, "", 200, assigned("0")},
		{"PUT", assignment, `{"priority":3}`, 200, assigned("3")},
		{"GET", assignment, "", 200, assigned("3")},
		{"GET", "/api/v1/apps/$id/groups?limit=200", "", 200, map[string]string{"[0].id": `"` + group + `"`, "[0].priority": "3", "[1]": "null"}},
		{"DELETE", assignment, "", 204, nil},
		{"GET", assignment, "", 404, nil},

		{"GET", "/api/v1/policies?type=PROFILE_ENROLLMENT", "", 200, map[string]string{"[0].system": "false", "[1].system": "true", "[1].name": `"Default Policy"`}},
		{"PUT", mine, "", 204, nil},
		{"GET", "/api/v1/policies/" + policy + "/app?limit=200", "", 200, map[string]string{"[0].label": `"Shop"`, "[1]": "null"}},
		{"GET", "/api/v1/apps/$id", "", 200, enrollment(policy)},
		{"PUT", "/api/v1/apps/$id/policies/" + byDefault.(string), "", 204, nil},
		{"GET", "/api/v1/policies/" + policy + "/app?limit=200", "", 200, map[string]string{"[0]": "null"}},
		{"GET", "/api/v1/apps/$id", "", 200, enrollment(byDefault.(string))},
	})
}
