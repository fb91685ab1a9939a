package mgmt_test

import (
	"net/http"
	"strings"
	"testing"
)

// A client that says which state it has seen does not overwrite another one.
func TestIfMatch(t *testing.T) {
	w := newWorld(t)
	id := w.create(registration("hook", `{"uri":"https://hook.example.com/r"}`))
	for _, c := range []struct{ path, change string }{
		{"/api/v1/inlineHooks/" + id, registration("renamed", `{"uri":"https://hook.example.com/r"}`)},
		{"/api/v1/eventHooks/" + idOf(t, w.ok("POST", "/api/v1/eventHooks", recordedEventHook)), strings.Replace(recordedEventHook, "testAcc", "renamed", 1)},
		{"/api/v1/apps/" + w.makes("/api/v1/apps", leastApp), strings.Replace(leastApp, "Shop", "renamed", 1)},
		{"/api/v1/hook-keys/" + w.hookKey("key").ID, `{"name":"renamed"}`},
		{"/api/v1/groups/" + w.group("group"), `{"profile":{"name":"renamed"}}`},
		{"/api/v1/api-tokens/" + w.apiToken("token"), `{"name":"renamed"}`},
		{"/api/v1/policies/" + w.policy("policy"), `{"name":"renamed","type":"PROFILE_ENROLLMENT"}`},
		{"/api/v1/users/" + w.user("?activate=false", "ada", ""), `{"profile":{"login":"ada@example.com","email":"ada@example.com","firstName":"renamed","lastName":"L"}}`},
		{"/api/v1/meta/types/user/" + w.userType("contractor"), `{"displayName":"renamed"}`},
		{"/api/v1/policies/" + w.makes("/api/v1/policies", `{"type":"PASSWORD","name":"p"}`), `{"name":"renamed","type":"PASSWORD"}`},
		{"/api/v1/trustedOrigins/" + w.makes("/api/v1/trustedOrigins", `{"name":"shop","origin":"https://shop.example.com","scopes":[{"type":"CORS"}]}`),
			`{"name":"renamed","origin":"https://shop.example.com","scopes":[{"type":"CORS"}]}`},
	} {
		seen := w.ok("GET", c.path, "").header.Get("ETag")
		if !strings.HasPrefix(seen, `"`) {
			t.Fatalf("%s: ETag is %q", c.path, seen)
		}
		w.ifMatch("PUT", c.path, seen, c.change, http.StatusOK)
		w.ifMatch("PUT", c.path, seen, strings.Replace(c.change, "renamed", "again", 1), http.StatusPreconditionFailed)
		w.ifMatch("DELETE", c.path, seen, "", http.StatusPreconditionFailed)
		w.ifMatch("PUT", c.path, "*", c.change, http.StatusOK)
		if a := w.ok("GET", c.path, ""); !strings.Contains(a.body, "renamed") || a.header.Get("ETag") == seen {
			t.Errorf("%s is %s", c.path, a.body)
		}
	}
}

// A policy and its rule are two things: who changes one has not changed the
// other.
func TestIfMatchOfRules(t *testing.T) {
	w := newWorld(t)
	policy, rule := w.defaultPolicy()
	path := "/api/v1/policies/" + policy
	ruleTag, policyTag := w.ok("GET", path+"/rules/"+rule, "").header.Get("ETag"), w.ok("GET", path, "").header.Get("ETag")
	w.ifMatch("PUT", path, policyTag, `{"name":"Default Policy","type":"PROFILE_ENROLLMENT","description":"New"}`, http.StatusOK)
	const open = `{"actions":{"profileEnrollment":{"access":"ALLOW","unknownUserAction":"REGISTER",
		"profileAttributes":[{"name":"firstName"},{"name":"lastName"},{"name":"email"}]}}}`
	w.ifMatch("PUT", path+"/rules/"+rule, ruleTag, open, http.StatusOK)
	w.ifMatch("PUT", path+"/rules/"+rule, ruleTag, open, http.StatusPreconditionFailed)
	if now := w.ok("GET", path+"/rules/"+rule, "").header.Get("ETag"); now == ruleTag || !strings.HasPrefix(now, `"`) {
		t.Errorf("ETag is %s, was %s", now, ruleTag)
	}
}

func TestIfMatchOfTheOrg(t *testing.T) {
	w := newWorld(t)
	const path = "/api/v1/org"
	seen := w.ok("GET", path, "").header.Get("ETag")
	w.ifMatch("POST", path, seen, `{"city":"Lagos"}`, http.StatusOK)
	w.ifMatch("POST", path, seen, `{"city":"Accra"}`, http.StatusPreconditionFailed)
	w.ifMatch("PUT", path, seen, `{"companyName":"Okonkwo"}`, http.StatusPreconditionFailed)
	if a := w.ok("GET", path, ""); !strings.Contains(a.body, "Lagos") || a.header.Get("ETag") == seen {
		t.Errorf("the org is %s", a.body)
	}
}

func (w *world) ifMatch(method, path, tag, body string, status int) {
	w.Helper()
	r, err := http.NewRequestWithContext(w.Context(), method, w.server.URL+path, strings.NewReader(body))
	if err != nil {
		w.Fatal(err)
	}
	r.Header.Set("Authorization", "SSWS "+w.token)
	r.Header.Set("If-Match", tag)
	if a := w.do(r); a.status != status {
		w.Errorf("%s %s with %s: %d %s, want %d", method, path, tag, a.status, a.body, status)
	}
}
