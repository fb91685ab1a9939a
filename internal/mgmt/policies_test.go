package mgmt_test

import (
	"encoding/json"
	"net/http"
	"testing"
)

// defaultPolicy gives the ids of the default policy and of its rule.
func (w *world) defaultPolicy() (policy, rule string) {
	w.Helper()
	var list []struct {
		ID       string
		Embedded struct {
			Rules []struct{ ID string }
		} `json:"_embedded"`
	}
	a := w.ok("GET", "/api/v1/policies?type=PROFILE_ENROLLMENT&expand=rules", "")
	if err := json.Unmarshal([]byte(a.body), &list); err != nil || len(list) == 0 || len(list[len(list)-1].Embedded.Rules) != 1 {
		w.Fatalf("policies are %s (%v)", a.body, err)
	}
	last := list[len(list)-1]
	return last.ID, last.Embedded.Rules[0].ID
}

// policy makes a policy and gives its id.
func (w *world) policy(name string) string {
	w.Helper()
	var p struct{ ID string }
	a := w.ok("POST", "/api/v1/policies", `{"type":"PROFILE_ENROLLMENT","name":"`+name+`"}`)
	if err := json.Unmarshal([]byte(a.body), &p); err != nil {
		w.Fatal(err)
	}
	return p.ID
}

func TestDefaultPolicyShape(t *testing.T) {
	w := newWorld(t)
	policy, rule := w.defaultPolicy()
	const wantPolicy = `{"id":"rst…","status":"ACTIVE","name":"Default Policy","priority":1,"system":true,"conditions":null,
		"created":"…Z","lastUpdated":"…Z","type":"PROFILE_ENROLLMENT","_links":{
		"self":{"href":"https://id.example.com/api/v1/policies/rst…","hints":{"allow":["GET","PUT"]}},
		"rules":{"href":"https://id.example.com/api/v1/policies/rst…/rules","hints":{"allow":["GET","POST"]}},
		"mappings":{"href":"https://id.example.com/api/v1/policies/rst…/mappings","hints":{"allow":["GET","POST"]}}}}`
	w.is(w.send("GET", "/api/v1/policies/"+policy, ""), http.StatusOK, wantPolicy)
	w.is(w.send("GET", "/api/v1/policies?type=PROFILE_ENROLLMENT", ""), http.StatusOK, "["+wantPolicy+"]")

	const wantRule = `{"id":"rul…","status":"ACTIVE","name":"Catch-all Rule","priority":99,"created":"…Z","lastUpdated":"…Z",
		"system":true,"conditions":null,"actions":{"profileEnrollment":{"access":"ALLOW","preRegistrationInlineHooks":null,
		"usherHookTriggers":["self.service.registration","progressive.profile"],"profileAttributes":[
		{"name":"firstName","label":"First name","required":true},{"name":"lastName","label":"Last name","required":true},
		{"name":"email","label":"Primary email","required":true}],"targetGroupIds":null,"unknownUserAction":"DENY",
		"activationRequirements":{"emailVerification":false},"progressiveProfilingAction":"DISABLED","allowedIdentifiers":["login"]}},
		"_links":{"self":{"href":"https://id.example.com/api/v1/policies/rst…/rules/rul…","hints":{"allow":["GET","PUT"]}}},
		"type":"PROFILE_ENROLLMENT"}`
	w.is(w.send("GET", "/api/v1/policies/"+policy+"/rules/"+rule, ""), http.StatusOK, wantRule)
	w.is(w.send("GET", "/api/v1/policies/"+policy+"/rules", ""), http.StatusOK, "["+wantRule+"]")
}

// What a real org answered when Terraform's provider made a policy, and the rule
// that came with it. lastName is there as well, since the schema requires it.
func TestNewPolicyShape(t *testing.T) {
	w := newWorld(t)
	id := w.policy("before")
	w.is(w.send("POST", "/api/v1/policies", `{"name":"Customer enrollment","status":"ACTIVE","type":"PROFILE_ENROLLMENT"}`), http.StatusOK,
		`{"id":"rst…","status":"ACTIVE","name":"Customer enrollment","priority":2,"system":false,"conditions":null,
		"created":"…Z","lastUpdated":"…Z","type":"PROFILE_ENROLLMENT","_links":{
		"self":{"href":"https://id.example.com/api/v1/policies/rst…","hints":{"allow":["GET","PUT","DELETE"]}},
		"rules":{"href":"https://id.example.com/api/v1/policies/rst…/rules","hints":{"allow":["GET","POST"]}},
		"mappings":{"href":"https://id.example.com/api/v1/policies/rst…/mappings","hints":{"allow":["GET","POST"]}},
		"deactivate":{"href":"https://id.example.com/api/v1/policies/rst…/lifecycle/deactivate","hints":{"allow":["POST"]}}}}`)
	w.is(w.send("GET", "/api/v1/policies/"+id+"/rules", ""), http.StatusOK,
		`[{"id":"rul…","status":"ACTIVE","name":"Catch-all Rule","priority":99,"created":"…Z","lastUpdated":"…Z",
		"system":true,"conditions":null,"actions":{"profileEnrollment":{"access":"ALLOW","preRegistrationInlineHooks":null,
		"usherHookTriggers":["self.service.registration","progressive.profile"],"profileAttributes":[
		{"name":"firstName","label":"First name","required":true},{"name":"lastName","label":"Last name","required":true},
		{"name":"email","label":"Primary email","required":true}],"targetGroupIds":null,"unknownUserAction":"REGISTER",
		"activationRequirements":{"emailVerification":true},"progressiveProfilingAction":"ENABLED","allowedIdentifiers":["login"]}},
		"_links":{"self":{"href":"https://id.example.com/api/v1/policies/rst…/rules/rul…","hints":{"allow":["GET","PUT"]}}},
		"type":"PROFILE_ENROLLMENT"}]`)
}
