package mgmt_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/usher-id/usher/internal/org"
)

// recorded is the request that created a hook in a recorded session of
// Terraform's provider with a real org (TestAccResourceOktaInlineHook_crud).
const recorded = `{"name":"twillio","status":"INACTIVE","type":"com.okta.telephony.provider","version":"1.0.0",
	"channel":{"type":"HTTP","version":"1.0.0","config":{"uri":"https://example.com/test","method":"POST",
		"authScheme":{"type":"HEADER","key":"Authorization","value":"secret"}}}}`

const recordedAnswer = `{"id":"cal…","status":"ACTIVE","name":"twillio","type":"com.okta.telephony.provider","version":"1.0.0",
	"channel":{"type":"HTTP","version":"1.0.0","config":{"uri":"https://example.com/test","headers":[],"method":"POST",
		"authScheme":{"type":"HEADER","key":"Authorization"}}},
	"created":"…Z","lastUpdated":"…Z",
	"_links":{"self":{"href":"https://id.example.com/api/v1/inlineHooks/cal…"},
		"execute":{"href":"https://id.example.com/api/v1/inlineHooks/cal…/execute","hints":{"allow":["POST"]}},
		"deactivate":{"href":"https://id.example.com/api/v1/inlineHooks/cal…/lifecycle/deactivate","hints":{"allow":["POST"]}}}}`

// inactiveLinks are those of a recorded hook that is INACTIVE.
const inactiveLinks = `{"activate":{"href":"https://id.example.com/api/v1/inlineHooks/cal…/lifecycle/activate","hints":{"allow":["POST"]}},
	"self":{"href":"https://id.example.com/api/v1/inlineHooks/cal…"},
	"delete":{"href":"https://id.example.com/api/v1/inlineHooks/cal…","hints":{"allow":["DELETE"]}}}`

// hookAnswer is an answer about a registration hook without secret and headers.
func hookAnswer(status, name, config, links string) string {
	return `{"id":"cal…","status":"` + status + `","name":"` + name + `","type":"com.okta.user.pre-registration","version":"1.0.1",
		"channel":{"type":"HTTP","version":"1.0.0","config":` + config + `},"created":"…Z","lastUpdated":"…Z","_links":` + links + `}`
}

func activeLinks() string {
	_, links, _ := strings.Cut(recordedAnswer, `"_links":`)
	return strings.TrimSuffix(links, "}")
}

func registration(name, config string) string {
	return `{"name":"` + name + `","type":"com.okta.user.pre-registration","version":"1.0.1","channel":{"type":"HTTP","version":"1.0.0","config":` + config + `}}`
}

const (
	bareConfig = `{"uri":"https://example.com/r?code=1"}`
	bareAnswer = `{"uri":"https://example.com/r?code=1","headers":[],"method":"POST","authScheme":null}`
)

func TestHooksAsRecorded(t *testing.T) {
	w := newWorld(t)
	// The status is not the client's to say.
	w.is(w.send("POST", "/api/v1/inlineHooks", recorded), 200, recordedAnswer)
	w.is(w.send("GET", "/api/v1/inlineHooks", ""), 200, "["+recordedAnswer+"]")

	id := w.create(registration("Nur für Köche ✓ <&>", bareConfig))
	path := "/api/v1/inlineHooks/" + id
	active := hookAnswer("ACTIVE", "Nur für Köche ✓ <&>", bareAnswer, activeLinks())
	inactive := hookAnswer("INACTIVE", "Nur für Köche ✓ <&>", bareAnswer, inactiveLinks)
	w.is(w.send("GET", path, ""), 200, active)
	w.is(w.send("GET", "/api/v1/inlineHooks?type=com.okta.user.pre-registration&expand=x", ""), 200, "["+active+"]")
	w.is(w.send("GET", "/api/v1/inlineHooks?type=com.okta.saml.tokens.transform", ""), 200, "[]")
	for _, step := range []struct{ call, want string }{
		{"activate", active}, {"deactivate", inactive}, {"deactivate", inactive}, {"activate", active}, {"deactivate", inactive},
	} {
		w.is(w.send("POST", path+"/lifecycle/"+step.call, ""), 200, step.want)
	}
	if a := w.send("DELETE", path, ""); a.status != 204 || a.body != "" {
		w.Errorf("answer is %d %s", a.status, a.body)
	}
	w.refused(w.send("GET", path, ""), 404, "E0000007")
}

// Terraform compares what it set with what it reads, deeply.
func TestHeadersKeepOrderAndCase(t *testing.T) {
	w := newWorld(t)
	const headers = `[{"key":"X-Two","value":"2"},{"key":"auth_secret","value":"a b\tc"},{"key":"x-one","value":""}]`
	id := w.create(registration("hook", `{"uri":"https://example.com/","method":"POST","headers":`+headers+`,"authScheme":{"type":"header","key":"aUTH","value":"x"}}`))
	want := `{"uri":"https://example.com/","headers":` + headers + `,"method":"POST","authScheme":{"type":"HEADER","key":"aUTH"}}`
	w.is(w.send("GET", "/api/v1/inlineHooks/"+id, ""), 200, hookAnswer("ACTIVE", "hook", want, activeLinks()))
}

// stored gives a hook as the store has it, secret included.
func (w *world) stored(id string) *org.InlineHook {
	w.Helper()
	h, err := w.admin.Hook(w.Context(), id)
	if err != nil {
		w.Fatal(err)
	}
	return h
}

func TestReplaceHook(t *testing.T) {
	for _, method := range []string{"PUT", "POST"} {
		t.Run(method, func(t *testing.T) {
			w := newWorld(t)
			id := w.create(registration("hook", `{"uri":"https://example.com/","headers":[{"key":"a","value":"b"}],"authScheme":{"type":"HEADER","key":"Authorization","value":"hush"}}`))
			path := "/api/v1/inlineHooks/" + id
			w.ok("POST", path+"/lifecycle/deactivate", "")

			// What was read is written back, as a console does. It has no secret.
			read := w.ok("GET", path, "").body
			if got := w.ok(method, path, read).body; got != read {
				w.Errorf("answer is\n%s\nwant\n%s", got, read)
			}
			if a := w.stored(id).Channel.Auth; a == nil || a.Value.Reveal() != "hush" {
				w.Error("the secret is lost")
			}

			// Terraform sends status and type, which are ignored; the SDKs do not.
			w.is(w.send(method, path, `{"status":"ACTIVE","id":"calother","type":"com.okta.saml.tokens.transform","name":"new name","version":"1.0.1","channel":`+
				`{"type":"HTTP","version":"1.0.0","config":`+bareConfig+`}}`), 200, hookAnswer("INACTIVE", "new name", bareAnswer, inactiveLinks))
			if h := w.stored(id); h.Channel.Auth != nil || h.Channel.Headers != nil {
				w.Errorf("what was left out stayed: %+v", h.Channel)
			}
		})
	}
}

func TestDeleteActiveHook(t *testing.T) {
	w := newWorld(t)
	id := w.create(registration("hook", bareConfig))
	w.refused(w.send("DELETE", "/api/v1/inlineHooks/"+id, ""), 400, "E0000001", "The inline hook is active. Deactivate it first.")
	w.stored(id)
}

func TestLifecycleAtOnce(t *testing.T) {
	onEngines(t, func(w *world) {
		id := w.create(registration("hook", bareConfig))
		var all sync.WaitGroup
		for i := range 8 {
			all.Go(func() {
				call := [...]string{"activate", "deactivate"}[i%2]
				// Whoever lost against too many others is told to come again.
				if a := w.send("POST", "/api/v1/inlineHooks/"+id+"/lifecycle/"+call, ""); a.status != 200 && a.status != 503 {
					w.Errorf("%s: %d %s", call, a.status, a.body)
				}
			})
		}
		all.Wait()
		a := w.ok("POST", "/api/v1/inlineHooks/"+id+"/lifecycle/deactivate", "")
		w.is(a, 200, hookAnswer("INACTIVE", "hook", bareAnswer, inactiveLinks))
	})
}

func TestHookErrors(t *testing.T) {
	w := newWorld(t)
	hooks := "/api/v1/inlineHooks"
	w.create(registration("taken", bareConfig))
	const types = "must be one of com.okta.import.transform, com.okta.oauth2.tokens.transform, com.okta.saml.tokens.transform, " +
		"com.okta.telephony.provider, com.okta.user.credential.password.import, com.okta.user.pre-registration"
	for name, c := range map[string]struct {
		method, path, body string
		status             int
		code               string
		causes             []string
	}{
		"nothing said": {"POST", hooks, `{}`, 400, "E0000001", []string{
			"name: The field cannot be left blank", "type: " + types, "version: must have the form 1.0.0", "channel.type: must be HTTP or OAUTH",
			"channel.version: must have the form 1.0.0", "channel.config.uri: The field cannot be left blank",
		}},
		"name taken":       {"POST", hooks, registration("taken", bareConfig), 400, "E0000001", []string{"name: An object with this field already exists in the current organization"}},
		"wrong type":       {"POST", hooks, registration("x", `{"uri":17}`), 400, "E0000001", []string{"channel.config.uri: must be a string, not a number"}},
		"reserved header":  {"POST", hooks, registration("x", `{"uri":"https://example.com/","headers":[{"key":"Accept","value":"x"}]}`), 400, "E0000001", []string{"channel.config.headers[0].key: The name is reserved."}},
		"private address":  {"POST", hooks, registration("x", `{"uri":"https://10.0.0.1/"}`), 400, "E0000001", []string{"channel.config.uri: the address is not public"}},
		"not JSON":         {"POST", hooks, `{"name"`, 400, "E0000003", []string{"line 1, column 8: the text ends where a colon was expected"}},
		"a name twice":     {"POST", hooks, `{"name":"a","name":"b"}`, 400, "E0000003", []string{`line 1, column 13: the name "name" occurs twice`}},
		"an array":         {"POST", hooks, `[]`, 400, "E0000003", []string{"the body must be an object, not an array"}},
		"no body":          {"POST", hooks, ``, 400, "E0000003", []string{"the body is empty where a JSON object was expected"}},
		"too large":        {"POST", hooks, `{"name":"` + strings.Repeat("x", 1<<20) + `"}`, 413, "E0000003", []string{"the body is larger than 1048576 bytes"}},
		"list of no type":  {"GET", hooks + "?type=x", ``, 400, "E0000001", []string{"type: " + types}},
		"bad query":        {"GET", hooks + "?type=%zz", ``, 400, "E0000001", []string{"the query of the URL is not well-formed"}},
		"unknown hook":     {"PUT", hooks + "/calnone", registration("x", bareConfig), 404, "E0000007", nil},
		"unknown, again":   {"POST", hooks + "/calnone/lifecycle/activate", ``, 404, "E0000007", nil},
		"unknown, deleted": {"DELETE", hooks + "/calnone", ``, 404, "E0000007", nil},
		"unknown, weird":   {"GET", hooks + "/%00%ff", ``, 404, "E0000007", nil},
		"unknown path":     {"GET", "/api/v1/nothing", ``, 404, "E0000008", nil},
		"unknown action":   {"POST", hooks + "/calnone/lifecycle/explode", ``, 404, "E0000008", nil},
		"wrong method":     {"PATCH", hooks, `{}`, 405, "E0000022", nil},
		"wrong method too": {"GET", hooks + "/calnone/execute", ``, 405, "E0000022", nil},
	} {
		t.Run(name, func(t *testing.T) {
			v := w.on(t)
			v.refused(v.send(c.method, c.path, c.body), c.status, c.code, c.causes...)
		})
	}
}

func TestUnknownHookIsNamed(t *testing.T) {
	w := newWorld(t)
	w.is(w.send("GET", "/api/v1/inlineHooks/calnone", ""), 404, `{"errorCode":"E0000007","errorSummary":"Not found: Resource not found: calnone (InlineHook)",
		"errorLink":"E0000007","errorId":"oae…","errorCauses":[]}`)
	if a := w.send("DELETE", "/api/v1/inlineHooks", ""); a.header.Get("Allow") != "GET, HEAD, POST" {
		w.Errorf("%d, Allow is %q", a.status, a.header.Get("Allow"))
	}
}

// A hook can be as large as its parts may be.
func TestManyHeaders(t *testing.T) {
	w := newWorld(t)
	var list []string
	for i := range 200 {
		list = append(list, fmt.Sprintf(`{"key":"x-%d","value":"%s"}`, i, strings.Repeat("v", 1000)))
	}
	id := w.create(registration("hook", `{"uri":"https://example.com/","headers":[`+strings.Join(list, ",")+`]}`))
	if n := len(w.stored(id).Channel.Headers); n != 200 {
		w.Errorf("%d headers are stored", n)
	}
}

// Bodies of clients that say nothing of their type, or say more than the type.
func TestContentTypes(t *testing.T) {
	w := newWorld(t)
	for contentType, status := range map[string]int{
		"": 200, "application/json; charset=utf-8": 200, "application/json; okta-response=omitCredentials": 200, "text/plain": 400,
	} {
		r, err := http.NewRequestWithContext(t.Context(), "POST", w.server.URL+"/api/v1/inlineHooks", strings.NewReader(registration("hook "+contentType, bareConfig)))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "SSWS "+w.token)
		if contentType != "" {
			r.Header.Set("Content-Type", contentType)
		}
		if a := w.do(r); a.status != status {
			t.Errorf("Content-Type %q: %d %s, want %d", contentType, a.status, a.body, status)
		}
	}
}
