package mgmt_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/usher-id/usher/hook"
)

// What a recorded session of Terraform's provider sent a real org, and was
// answered (TestAccResourceOktaEventHook_crud).
const (
	recordedEventHook = `{"name":"testAcc","status":"ACTIVE","events":{"type":"EVENT_TYPE","items":["user.lifecycle.create","user.lifecycle.delete.initiated"]},
		"channel":{"type":"HTTP","version":"1.0.0","config":{"uri":"https://example.com/test","authScheme":{"type":"HEADER","key":"Authorization","value":"123"}}}}`
	eventHookPath = "https://id.example.com/api/v1/eventHooks/who…"
)

func eventHookAnswer(status, verification, events, config string) string {
	links := `{"self":{"href":"` + eventHookPath + `"},"verify":{"href":"` + eventHookPath + `/lifecycle/verify","hints":{"allow":["POST"]}},
		"deactivate":{"href":"` + eventHookPath + `/lifecycle/deactivate","hints":{"allow":["POST"]}}}`
	if status == "INACTIVE" {
		links = `{"activate":{"href":"` + eventHookPath + `/lifecycle/activate","hints":{"allow":["POST"]}},"self":{"href":"` + eventHookPath + `"},
			"delete":{"href":"` + eventHookPath + `","hints":{"allow":["DELETE"]}}}`
	}
	return `{"id":"who…","status":"` + status + `","verificationStatus":"` + verification + `","name":"testAcc","description":null,"created":"…Z","createdBy":"00T…","lastUpdated":"…Z",
		"events":` + events + `,"channel":{"type":"HTTP","version":"1.0.0","config":` + config + `},"_links":` + links + `}`
}

func TestEventHooksAsRecorded(t *testing.T) {
	w := newWorld(t)
	const (
		events = `{"type":"EVENT_TYPE","items":["user.lifecycle.create","user.lifecycle.delete.initiated"],"filter":null}`
		config = `{"uri":"https://example.com/test","headers":[],"method":"POST","authScheme":{"type":"HEADER","key":"Authorization"}}`
	)
	active := eventHookAnswer("ACTIVE", "UNVERIFIED", events, config)
	inactive := eventHookAnswer("INACTIVE", "UNVERIFIED", events, config)
	first := w.send("POST", "/api/v1/eventHooks", recordedEventHook)
	w.is(first, 200, active)
	w.is(w.send("GET", "/api/v1/eventHooks", ""), 200, "["+active+"]")
	path := "/api/v1/eventHooks/" + idOf(t, first)
	w.is(w.send("GET", path, ""), 200, active)
	for _, step := range []struct{ call, want string }{
		{"deactivate", inactive}, {"deactivate", inactive}, {"activate", active}, {"activate", active}, {"deactivate", inactive},
	} {
		w.is(w.send("POST", path+"/lifecycle/"+step.call, ""), 200, step.want)
	}

	// The status of a PUT counts, and so do headers and filter.
	const (
		changed  = `{"type":"EVENT_TYPE","items":["user.session.start"],"filter":{"type":"EXPRESSION_LANGUAGE","eventFilterMap":[{"event":"user.session.start","condition":{"version":null,"expression":"event.target.?[type eq 'User'].size()>0"}}]}}`
		headers  = `[{"key":"x-test-header","value":"test stuff"},{"key":"X-Another-Header","value":"more test stuff"}]`
		updated  = `{"uri":"https://example.com/testUpdated","headers":` + headers + `,"method":"POST","authScheme":{"type":"HEADER","key":"Authorization"}}`
		unquoted = `{"name":"testAcc","status":"ACTIVE","description":null,"events":` + changed + `,"channel":{"type":"HTTP","version":"1.0.0","config":` + updated + `}}`
	)
	want := eventHookAnswer("ACTIVE", "UNVERIFIED", changed, updated)
	w.is(w.send("PUT", path, unquoted), 200, want)
	read := w.ok("GET", path, "").body
	if again := w.ok("PUT", path, read).body; again != read {
		t.Errorf("what was read and written back became\n%s\nof\n%s", again, read)
	}
	w.ok("POST", path+"/lifecycle/deactivate", "")
	if a := w.send("DELETE", path, ""); a.status != 204 || a.body != "" {
		t.Errorf("DELETE: %d %s", a.status, a.body)
	}
	w.refused(w.send("GET", path, ""), 404, "E0000007")
}

func idOf(t *testing.T, a answer) string {
	t.Helper()
	var object struct {
		ID string `json:"id"`
	}
	if err := json.Unmarshal([]byte(a.body), &object); err != nil || object.ID == "" {
		t.Fatalf("no id in %s (%v)", a.body, err)
	}
	return object.ID
}

// A service that is made with the public package is verified by a real request,
// and the secret that goes with it comes out nowhere.
func TestVerifyOverHTTP(t *testing.T) {
	w := newWorld(t)
	const secret = "Bearer canary/event-hook"
	events := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("an event was sent") })
	s := newService(t, hook.Verification(events, hook.Secret("auth_secret", secret)).ServeHTTP)
	body := `{"name":"hook","events":{"type":"EVENT_TYPE","items":["user.lifecycle.create"]},"channel":{"type":"HTTP","version":"1.0.0","config":{"uri":"` + s.URL + `/events?code=1","authScheme":{"type":"HEADER","key":"auth_secret","value":"%s"}}}}`
	first := w.ok("POST", "/api/v1/eventHooks", fmt.Sprintf(body, secret))
	path := "/api/v1/eventHooks/" + idOf(t, first)
	verified := w.ok("POST", path+"/lifecycle/verify", "")
	if !strings.Contains(verified.body, `"verificationStatus":"VERIFIED"`) {
		t.Errorf("answer is %s", verified.body)
	}
	h := s.heads[0]
	if s.requests() != 1 || s.bodies[0] != "" || len(h.Get("X-Okta-Verification-Challenge")) < 32 || h.Get("X-Okta-Request-Id") != verified.header.Get("X-Okta-Request-Id") ||
		h.Get("User-Agent") != "Okta-Integrations" || h.Get("Accept") != "application/json" || h.Get("Content-Type") != "" {
		t.Errorf("%d requests, %v", s.requests(), h)
	}

	// With another secret the service knows nobody.
	all := []answer{first, verified, w.ok("PUT", path, fmt.Sprintf(body, "canary/another"))}
	refused := w.send("POST", path+"/lifecycle/verify", "")
	w.refused(refused, 400, "E0000001", "Unable to verify event hook. Hook hook execution failed", "HTTP_STATUS_401: the service answered 401 Unauthorized")
	all = append(all, refused, w.ok("GET", "/api/v1/eventHooks", ""), w.ok("GET", path, ""), w.ok("GET", "/api/v1/logs", ""))
	var text strings.Builder
	for _, a := range all {
		fmt.Fprintln(&text, a.header, a.body)
	}
	if at := strings.Index(text.String()+w.log.String(), "canary"); at >= 0 {
		t.Errorf("the secret came out at %d of %s%s", at, text.String(), w.log.String())
	}
	if !strings.Contains(text.String(), `"eventType":"event_hook.verified"`) || !strings.Contains(text.String(), `"reason":"HTTP_STATUS_401"`) {
		t.Errorf("the log does not tell of it: %s", text.String())
	}
}

// Verifications are calls to somebody else, and counted like Previews.
func TestVerificationLimit(t *testing.T) {
	w := newWorld(t)
	w.api.PreviewLimit = limited()
	for range 2 {
		w.refused(w.send("POST", "/api/v1/eventHooks/whonone/lifecycle/verify", ""), 404, "E0000007")
	}
	w.refused(w.send("POST", "/api/v1/eventHooks/whonone/lifecycle/verify", ""), 429, "E0000047")
}
