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
