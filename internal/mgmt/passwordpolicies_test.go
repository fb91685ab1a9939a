package mgmt_test

import (
	"net/http"
	"strings"
	"testing"
)

const passwordSettings = `{"password":{"complexity":{"minLength":8,"minLowerCase":1,"minUpperCase":1,"minNumber":1,"minSymbol":0,"excludeUsername":false,
	"dictionary":{"common":{"exclude":false}},"excludeAttributes":[]},
	"age":{"maxAgeDays":0,"expireWarnDays":0,"minAgeMinutes":0,"historyCount":5},
	"lockout":{"maxAttempts":10,"autoUnlockMinutes":0,"userLockoutNotificationChannels":[],"showLockoutFailures":false},
	"breachedProtection":{"expireAfterDays":null,"logoutEnabled":false,"delegatedWorkflowId":null}},
	"recovery":{"factors":{"recovery_question":{"status":"ACTIVE","properties":{"complexity":{"minLength":4}}},
	"okta_email":{"status":"ACTIVE","properties":{"recoveryToken":{"tokenLifetimeMinutes":60}}},"okta_sms":{"status":"INACTIVE"},"okta_call":{"status":"INACTIVE"}}},
	"delegation":{"options":{"skipUnlock":false}}}`

// The key order is that of the answers that Terraform's provider recorded
// (TestAccResourceOktaPolicyPassword_crud, …PolicyRulePassword_priorityError).
func TestPasswordPoliciesAsRecorded(t *testing.T) {
	w := newWorld(t)
	const path = "/api/v1/policies"
	create := `{"description":"Terraform Acceptance Test Password Policy","name":"testAcc","settings":` + passwordSettings + `,"status":"ACTIVE","system":false,"type":"PASSWORD"}`
	w.is(w.send("POST", path, create), http.StatusOK, `{"id":"00p…","status":"ACTIVE","name":"testAcc","description":"Terraform Acceptance Test Password Policy","priority":1,"system":false,
		"conditions":{"people":{"groups":{"include":["00g…"]}},"authProvider":{"provider":"OKTA"}},"created":"…Z","lastUpdated":"…Z","settings":`+passwordSettings+`,
		"_links":{"mappings":{"href":"https://id.example.com/api/v1/policies/00p…/mappings","hints":{"allow":["GET","POST"]}},
		"self":{"href":"https://id.example.com/api/v1/policies/00p…","hints":{"allow":["GET","PUT","DELETE"]}},
		"rules":{"href":"https://id.example.com/api/v1/policies/00p…/rules","hints":{"allow":["GET","POST"]}},
		"deactivate":{"href":"https://id.example.com/api/v1/policies/00p…/lifecycle/deactivate","hints":{"allow":["POST"]}}},"type":"PASSWORD"}`)

	policy := w.makes(path, strings.Replace(create, "testAcc", "second", 1))
	w.ok("POST", path+"/"+policy+"/lifecycle/deactivate", "")
	const inactive = `"_links":{"mappings":{"href":"https://id.example.com/api/v1/policies/00p…/mappings","hints":{"allow":["GET","POST"]}},
		"activate":{"href":"https://id.example.com/api/v1/policies/00p…/lifecycle/activate","hints":{"allow":["POST"]}},
		"self":{"href":"https://id.example.com/api/v1/policies/00p…","hints":{"allow":["GET","PUT","DELETE"]}},`
	if got := masked(w.ok("GET", path+"/"+policy, "").body); !strings.Contains(got, strings.Join(strings.Fields(inactive), "")) {
		t.Errorf("an inactive policy is %s", got)
	}

	rules := path + "/" + policy + "/rules"
	const wantRule = `{"id":"0pr…","status":"ACTIVE","name":"r","priority":1,"created":"…Z","lastUpdated":"…Z","system":false,
		"conditions":{"people":{"users":{"exclude":[]}},"network":{"connection":"ANYWHERE"}},
		"actions":{"passwordChange":{"access":"ALLOW"},"selfServicePasswordReset":{"access":"ALLOW","requirement":{"primary":{"methods":["email"]},"stepUp":{"required":false},"accessControl":"LEGACY"}},"selfServiceUnlock":{"access":"DENY"}},
		"_links":{"self":{"href":"https://id.example.com/api/v1/policies/00p…/rules/0pr…","hints":{"allow":["GET","PUT","DELETE"]}},
		"deactivate":{"href":"https://id.example.com/api/v1/policies/00p…/rules/0pr…/lifecycle/deactivate","hints":{"allow":["POST"]}}},"type":"PASSWORD"}`
	w.is(w.send("POST", rules, `{"name":"r","priority":999,"type":"PASSWORD","actions":{"selfServicePasswordReset":{"access":"ALLOW","requirement":{"primary":{"methods":["email"]},"stepUp":{"required":false}}}}}`), http.StatusOK, wantRule)
	w.is(w.send("GET", rules, ""), http.StatusOK, "["+wantRule+"]")
}

// A client that says which state of a rule it has seen does not overwrite another.
func TestIfMatchOfPasswordRules(t *testing.T) {
	w := newWorld(t)
	rules := "/api/v1/policies/" + w.makes("/api/v1/policies", `{"type":"PASSWORD","name":"p"}`) + "/rules"
	path := rules + "/" + w.makes(rules, `{"name":"r"}`)
	seen := w.ok("GET", path, "").header.Get("ETag")
	w.ifMatch("PUT", path, seen, `{"name":"renamed"}`, http.StatusOK)
	w.ifMatch("PUT", path, seen, `{"name":"again"}`, http.StatusPreconditionFailed)
	w.ifMatch("DELETE", path, seen, "", http.StatusPreconditionFailed)
	w.ifMatch("DELETE", path, w.ok("GET", path, "").header.Get("ETag"), "", http.StatusNoContent)
}

// Terraform's provider 6.12: okta_policy_password. It calls the lifecycle after
// each write.
func TestTerraformPasswordPolicy(t *testing.T) {
	w := newWorld(t)
	body := func(name, status, settings string) string {
		return `{"description":"d","name":"` + name + `","priority":1,"settings":` + settings + `,"status":"` + status + `","system":false,"type":"PASSWORD"}`
	}
	fields := func(name, status, settings string) map[string]string {
		return map[string]string{
			"type": `"PASSWORD"`, "name": `"` + name + `"`, "description": `"d"`, "status": `"` + status + `"`, "priority": "1", "system": "false",
			"settings": settings, "conditions.authProvider.provider": `"OKTA"`,
		}
	}
	changed := strings.NewReplacer(`"minLength":8`, `"minLength":12`, `"expireAfterDays":null`, `"expireAfterDays":6`, `"userLockoutNotificationChannels":[]`, `"userLockoutNotificationChannels":["EMAIL"]`).Replace(passwordSettings)
	policies, one := "/api/v1/policies", "/api/v1/policies/$id"
	w.terraform([]step{
		{"POST", policies, body("testAcc", "ACTIVE", passwordSettings), 200, fields("testAcc", "ACTIVE", passwordSettings)},
		{"POST", one + "/lifecycle/activate", "", 204, nil},
		{"GET", one, "", 200, fields("testAcc", "ACTIVE", passwordSettings)},
		{"PUT", one, body("renamed", "INACTIVE", changed), 200, fields("renamed", "ACTIVE", changed)},
		{"POST", one + "/lifecycle/deactivate", "", 204, nil},
		{"GET", one, "", 200, fields("renamed", "INACTIVE", changed)}, // the second plan
		{"DELETE", one, "", 204, nil},
		{"GET", one, "", 404, nil},
	})
}

// okta_policy_rule_password below it.
func TestTerraformPasswordRule(t *testing.T) {
	w := newWorld(t)
	rules := "/api/v1/policies/" + w.makes("/api/v1/policies", `{"type":"PASSWORD","name":"p"}`) + "/rules"
	body := func(unlock, requirement string) string {
		return `{"actions":{"passwordChange":{"access":"ALLOW"},"selfServicePasswordReset":{"access":"ALLOW","requirement":` + requirement + `},"selfServiceUnlock":{"access":"` + unlock + `"}},
			"conditions":{"network":{"connection":"ANYWHERE"},"people":{"users":{"exclude":[]}}},"name":"testAcc","priority":1,"status":"ACTIVE","system":false,"type":"PASSWORD"}`
	}
	fields := func(unlock, requirement string) map[string]string {
		return map[string]string{
			"type": `"PASSWORD"`, "status": `"ACTIVE"`, "priority": "1", "actions.selfServiceUnlock.access": `"` + unlock + `"`,
			"actions.selfServicePasswordReset.requirement": requirement, "conditions.network.connection": `"ANYWHERE"`, "conditions.people.users.exclude": "[]",
		}
	}
	const (
		otp = `{"primary":{"methods":["otp"],"methodConstraints":[{"method":"otp","allowedAuthenticators":[{"key":"google_otp"}]}]},"stepUp":{"required":true},"accessControl":"LEGACY"}`
		sms = `{"primary":{"methods":["sms","push"]},"stepUp":{"required":true,"methods":["security_question"]},"accessControl":"LEGACY"}`
	)
	one := rules + "/$id"
	w.terraform([]step{
		{"POST", rules, body("DENY", otp), 200, fields("DENY", otp)},
		{"POST", one + "/lifecycle/activate", "", 204, nil},
		{"GET", one, "", 200, fields("DENY", otp)},
		{"PUT", one, body("ALLOW", sms), 200, fields("ALLOW", sms)},
		{"POST", one + "/lifecycle/activate", "", 204, nil},
		{"GET", one, "", 200, fields("ALLOW", sms)},
		{"DELETE", one, "", 204, nil},
	})
}

// okta_policy_password_default: found by the list, changed by a PUT that says that
// it is not of the system, and left as it is by destroy.
func TestTerraformDefaultPasswordPolicy(t *testing.T) {
	w := newWorld(t)
	w.makes("/api/v1/policies", `{"type":"PASSWORD","name":"another"}`)
	list := w.ok("GET", "/api/v1/policies?type=PASSWORD", "").body
	id, err := find(list, "[1].id")
	if err != nil || id == nil {
		t.Fatal(list, err)
	}
	path := "/api/v1/policies/" + id.(string)
	body := `{"description":"d","name":"Default Policy","priority":2,"settings":` + passwordSettings + `,"system":false,"type":"PASSWORD"}`
	want := map[string]string{"name": `"Default Policy"`, "type": `"PASSWORD"`, "system": "true", "priority": "2", "settings": passwordSettings}
	w.terraform([]step{{"PUT", path, body, 200, want}, {"GET", path, "", 200, want}, {"PUT", path, body, 200, want}})
}
