package mgmt_test

import (
	"encoding/json"
	"net/http"
	"reflect"
	"strings"
	"testing"
)

// step is one request of Terraform's provider. Fields are those of the answer that
// it reads, as JSON: without one it crashes, or never comes to rest.
type step struct {
	method, path, body string
	status             int
	fields             map[string]string
}

// terraform plays the requests of a resource in the order in which the provider
// sends them (create, read, update, second plan, destroy). $id is the id in the
// last answer to a POST that made something.
func (w *world) terraform(steps []step) {
	w.Helper()
	id := ""
	for i, s := range steps {
		a := w.send(s.method, strings.ReplaceAll(s.path, "$id", id), strings.ReplaceAll(s.body, "$id", id))
		if a.status != s.status {
			w.Fatalf("step %d, %s %s: %d %s", i+1, s.method, s.path, a.status, a.body)
		}
		if s.method == "POST" && !strings.Contains(s.path, "$id") {
			id = idOf(w.T, a)
		}
		for path, want := range s.fields {
			got, err := find(a.body, path)
			if err != nil {
				w.Fatal(err)
			}
			var wanted any
			if err := json.Unmarshal([]byte(want), &wanted); err != nil {
				w.Fatal(err)
			}
			if !reflect.DeepEqual(got, wanted) {
				w.Errorf("step %d, %s %s: %s is %v, want %s", i+1, s.method, s.path, path, got, want)
			}
		}
	}
}

// Terraform's provider 6.12: okta_inline_hook with a channel map. It sends the
// status, and calls the lifecycle only when the answer has another one.
func TestTerraformInlineHook(t *testing.T) {
	w := newWorld(t)
	body := func(name, uri, status, headers string) string {
		return `{"channel":{"config":{"authScheme":{"key":"Authorization","type":"HEADER","value":"secret"},"headers":` + headers + `,"method":"POST","uri":"` + uri + `"},"type":"HTTP","version":"1.0.0"},
			"name":"` + name + `","status":"` + status + `","type":"com.okta.oauth2.tokens.transform","version":"1.0.1"}`
	}
	fields := func(name, uri, status, headers string) map[string]string {
		return map[string]string{
			"name": `"` + name + `"`, "status": `"` + status + `"`, "type": `"com.okta.oauth2.tokens.transform"`, "version": `"1.0.1"`,
			"channel.version": `"1.0.0"`, "channel.type": `"HTTP"`, "channel.config.uri": `"` + uri + `"`, "channel.config.method": `"POST"`,
			"channel.config.headers": headers, "channel.config.authScheme": `{"type":"HEADER","key":"Authorization"}`,
		}
	}
	const headers = `[{"key":"x-b","value":"1"},{"key":"X-a","value":"2"}]`
	hooks, one := "/api/v1/inlineHooks", "/api/v1/inlineHooks/$id"
	made, changed := fields("testAcc", "https://example.com/test", "ACTIVE", "[]"), fields("testAcc_updated", "https://example.com/test1", "ACTIVE", headers)
	w.terraform([]step{
		{"POST", hooks, body("testAcc", "https://example.com/test", "INACTIVE", "[]"), 200, made},
		{"POST", one + "/lifecycle/deactivate", "", 200, fields("testAcc", "https://example.com/test", "INACTIVE", "[]")},
		{"GET", one, "", 200, fields("testAcc", "https://example.com/test", "INACTIVE", "[]")},
		{"PUT", one, body("testAcc_updated", "https://example.com/test1", "ACTIVE", headers), 200, fields("testAcc_updated", "https://example.com/test1", "INACTIVE", headers)},
		{"POST", one + "/lifecycle/activate", "", 200, changed},
		{"GET", one, "", 200, changed}, // the second plan
		{"POST", one + "/lifecycle/deactivate", "", 200, nil},
		{"DELETE", one, "", 204, nil},
		{"POST", one + "/lifecycle/deactivate", "", 404, nil}, // destroyed twice, which the provider allows
		{"DELETE", one, "", 404, nil},
	})
}

// okta_inline_hook with channel_json, which is compared deeply, OAuth settings and
// the order of headers with it.
func TestTerraformInlineHookOfChannelJSON(t *testing.T) {
	w := newWorld(t)
	body := func(scope string) string {
		return `{"name":"testAcc","status":"ACTIVE","type":"com.okta.user.pre-registration","version":"1.0.0","channel":{"type":"OAUTH","version":"1.0.0","config":{
			"headers":[{"key":"Field 1","value":"Value 1"}],"uri":"https://example.com/test","method":"POST","authType":"client_secret_post","clientId":"abc","clientSecret":"def","tokenUrl":"https://example.com/token","scope":"` + scope + `"}}}`
	}
	fields := func(scope string) map[string]string {
		return map[string]string{
			"status": `"ACTIVE"`, "channel.type": `"OAUTH"`, "channel.version": `"1.0.0"`, "channel.config.uri": `"https://example.com/test"`, "channel.config.method": `"POST"`,
			"channel.config.headers": `[{"key":"Field-1","value":"Value 1"},{"key":"a","value":"b"}]`, "channel.config.authType": `"client_secret_post"`, "channel.config.clientId": `"abc"`,
			"channel.config.tokenUrl": `"https://example.com/token"`, "channel.config.scope": `"` + scope + `"`, "channel.config.clientSecret": "null",
		}
	}
	hooks, one := "/api/v1/inlineHooks", "/api/v1/inlineHooks/$id"
	// A name with a space, which a recorded org took, cannot be sent by HTTP.
	w.refused(w.send("POST", hooks, body("api")), 400, "E0000001", "channel.config.headers[0].key: The name may hold letters, digits and !#$%&'*+-.^_`|~ only.")
	sent := func(scope string) string {
		return strings.Replace(body(scope), `{"key":"Field 1","value":"Value 1"}`, `{"key":"Field-1","value":"Value 1"},{"key":"a","value":"b"}`, 1)
	}
	w.terraform([]step{
		{"POST", hooks, sent("api"), 200, fields("api")},
		{"GET", one, "", 200, fields("api")},
		{"PUT", one, sent("api more"), 200, fields("api more")},
		{"GET", one, "", 200, fields("api more")},
		{"POST", one + "/lifecycle/deactivate", "", 200, nil},
		{"DELETE", one, "", 204, nil},
	})
}

// okta_event_hook and okta_event_hook_verification. Here a 404 of the destroy is
// not allowed, and the status of a PUT counts.
func TestTerraformEventHook(t *testing.T) {
	w := newWorld(t)
	echo := newService(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte(`{"verification":"` + r.Header.Get("X-Okta-Verification-Challenge") + `"}`))
	})
	body := func(status, path, events, headers string) string {
		return `{"name":"testAcc","status":"` + status + `","events":{"type":"EVENT_TYPE","items":` + events + `},"channel":{"config":{"authScheme":{"key":"Authorization","type":"HEADER","value":"123"},` + headers + `
			"uri":"` + echo.URL + path + `"},"type":"HTTP","version":"1.0.0"}}`
	}
	fields := func(status, verification, path, events, headers string) map[string]string {
		return map[string]string{
			"name": `"testAcc"`, "status": `"` + status + `"`, "verificationStatus": `"` + verification + `"`, "events.items": events, "events.type": `"EVENT_TYPE"`,
			"channel.type": `"HTTP"`, "channel.version": `"1.0.0"`, "channel.config.uri": `"` + echo.URL + path + `"`, "channel.config.headers": headers,
			"channel.config.authScheme": `{"type":"HEADER","key":"Authorization"}`,
		}
	}
	const (
		two     = `["user.lifecycle.create","user.lifecycle.delete.initiated"]`
		three   = `["user.lifecycle.create","user.account.update_profile","user.lifecycle.delete.initiated"]`
		headers = `[{"key":"x-test-header","value":"test stuff"},{"key":"x-another-header","value":"more test stuff"}]`
	)
	hooks, one := "/api/v1/eventHooks", "/api/v1/eventHooks/$id"
	w.terraform([]step{
		{"POST", hooks, body("ACTIVE", "/test", two, ""), 200, fields("ACTIVE", "UNVERIFIED", "/test", two, "[]")},
		{"GET", one, "", 200, fields("ACTIVE", "UNVERIFIED", "/test", two, "[]")},
		{"POST", one + "/lifecycle/verify", "", 200, fields("ACTIVE", "VERIFIED", "/test", two, "[]")},
		{"GET", one, "", 200, fields("ACTIVE", "VERIFIED", "/test", two, "[]")}, // the second plan
		{"PUT", one, body("INACTIVE", "/two", three, `"headers":`+headers+`,`), 200, fields("INACTIVE", "UNVERIFIED", "/two", three, headers)},
		{"GET", one, "", 200, fields("INACTIVE", "UNVERIFIED", "/two", three, headers)},
		{"PUT", one, body("ACTIVE", "/test", two, ""), 200, fields("ACTIVE", "UNVERIFIED", "/test", two, "[]")},
		{"POST", one + "/lifecycle/verify", "", 200, fields("ACTIVE", "VERIFIED", "/test", two, "[]")},
		{"GET", one, "", 200, nil},
		{"POST", one + "/lifecycle/deactivate", "", 200, fields("INACTIVE", "VERIFIED", "/test", two, "[]")},
		{"DELETE", one, "", 204, nil},
	})
}

// okta_hook_key reads created and lastUpdated as times, and isUsed as a boolean.
func TestTerraformHookKey(t *testing.T) {
	w := newWorld(t)
	keys, one := "/api/v1/hook-keys", "/api/v1/hook-keys/$id"
	named := func(name string) map[string]string {
		return map[string]string{"name": `"` + name + `"`, "isUsed": "false", "_embedded.kty": `"RSA"`, "_embedded.use": "null"}
	}
	w.terraform([]step{
		{"POST", keys, `{"name":"k1"}`, 200, named("k1")},
		{"GET", one, "", 200, map[string]string{"name": `"k1"`, "isUsed": "false", "_embedded": "null"}},
		{"PUT", one, `{"name":"k2"}`, 200, named("k2")},
		{"GET", one, "", 200, map[string]string{"name": `"k2"`, "isUsed": "false"}},
		{"DELETE", one, "", 204, nil},
		{"GET", one, "", 404, nil},
	})
	for _, name := range []string{"created", "lastUpdated"} {
		a := w.ok("POST", keys, `{"name":"`+name+`"}`)
		if value, err := find(a.body, name); err != nil || value == nil {
			t.Errorf("%s of %s: %v, %v", name, a.body, value, err)
		}
	}
}
