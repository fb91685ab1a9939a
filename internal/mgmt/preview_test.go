package mgmt_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/usher-id/usher/internal/org"
)

const signUp = `{"eventId":"q3Vd0hT2Qk6Zp1xJ8mYbWg","eventType":"com.okta.user.pre-registration","requestType":"self.service.registration",` +
	`"data":{"userProfile":{"firstName":"Zoë","email":"zoe@example.com","badge":9007199254740993},  "action":"ALLOW"}}`

// service is a hook service that answers what it is told to.
type service struct {
	*httptest.Server
	mu     sync.Mutex
	heads  []http.Header
	bodies []string
}

func newService(t *testing.T, answer http.HandlerFunc) *service {
	t.Helper()
	s := &service{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		s.mu.Lock()
		s.heads, s.bodies = append(s.heads, r.Header), append(s.bodies, string(body))
		s.mu.Unlock()
		if answer != nil {
			answer(w, r)
			return
		}
		fmt.Fprint(w, `{}`)
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *service) requests() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.bodies)
}

func says(status int, contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	}
}

func TestPreview(t *testing.T) {
	w := newWorld(t)
	const (
		good = " {\n  \"debugContext\": {\"z\": 1.50, \"a\": 9007199254740993, \"text\": \"<ü\\u00fc>\"},\n  \"commands\": []\n}\n"
		html = "text/html; charset=utf-8"
	)
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		status int
		body   string // as it is, or for 400 the only cause
		calls  int
	}{
		"a good answer":     {says(200, "application/json", good), 200, good, 1},
		"of no type":        {says(200, html, good), 200, good, 1}, // as Okta's own samples answer
		"another status":    {says(202, "application/json", `{}`), 200, `{}`, 1},
		"a refusal":         {says(200, "application/json", `{"error":{"errorSummary":"No."}}`), 200, `{"error":{"errorSummary":"No."}}`, 1},
		"an illegal answer": {says(200, "application/json", `{"commands":[{"type":"x"}]}`), 200, `{"commands":[{"type":"x"}]}`, 1},
		"nothing to say":    {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) }, 204, "", 1},
		"an empty body":     {says(200, "application/json", ""), 400, "RESPONSE_EMPTY: status 200 with an empty body", 1},
		"a page": {says(200, html, "<html>hush</html>"), 400,
			"Could not deserialize inline hook response due to error at Line 1 Column 1: not the beginning of a JSON value (byte 0)", 1},
		"a redirect":   {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/x", http.StatusFound) }, 400, "REDIRECT_REFUSED: the service answered 302 Found, and redirects are not followed", 1},
		"bad request":  {says(400, "application/json", `{"error":{}}`), 400, "HTTP_STATUS_400: the service answered 400 Bad Request", 1},
		"out of order": {says(503, "application/json", `{}`), 400, "HTTP_STATUS_503: the service answered 503 Service Unavailable", 2},
		"slow": {func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, 400,
			"TIMEOUT: the time was over while waiting for the answer", 2},
		"far too large": {says(200, "application/json", `{"a":"`+strings.Repeat("x", 1<<18)+`"}`), 400,
			"RESPONSE_TOO_LARGE: the body of the answer is not less than 262144 bytes", 1},
	} {
		t.Run(name, func(t *testing.T) {
			v := w.on(t)
			w.timeout.Store(0)
			if name == "slow" {
				w.timeout.Store(int64(100 * time.Millisecond))
			}
			s := newService(t, c.answer)
			id := v.create(registration(name, `{"uri":"`+s.URL+`/r?a=b","headers":[{"key":"x-two","value":"2"}],"authScheme":{"type":"HEADER","key":"authorization","value":"hush"}}`))
			a := v.send("POST", "/api/v1/inlineHooks/"+id+"/execute", signUp)
			if c.status == 400 {
				v.refused(a, 400, "E0000001", c.body)
			} else if a.status != c.status || a.body != c.body {
				t.Errorf("answer is %d %q, want %d %q", a.status, a.body, c.status, c.body)
			}
			if s.requests() != c.calls || s.bodies[0] != signUp || s.heads[0].Get("Authorization") != "hush" || s.heads[0].Get("x-two") != "2" ||
				s.heads[0].Get("X-Okta-Request-Id") != a.header.Get("X-Okta-Request-Id") {
				t.Errorf("the service got %q, %v", s.bodies, s.heads)
			}
		})
	}
}

func TestPreviewIsRefused(t *testing.T) {
	w := newWorld(t)
	s := newService(t, nil)
	id := w.create(registration("hook", `{"uri":"`+s.URL+`"}`))
	path := "/api/v1/inlineHooks/" + id
	const notARequest = "The body must be a request of a hook of type com.okta.user.pre-registration."
	w.refused(w.send("POST", path+"/execute", `{}`), 400, "E0000001", notARequest)
	w.refused(w.send("POST", path+"/execute", `{"eventType":`), 400, "E0000003", "line 1, column 14: the text ends where a value was expected")
	w.refused(w.send("POST", path+"/execute", ``), 400, "E0000003", "the body is empty where a JSON object was expected")
	w.ok("POST", path+"/lifecycle/deactivate", "")
	w.refused(w.send("POST", path+"/execute", signUp), 400, "E0000001", "The inline hook is not active. Activate it first.")
	if s.requests() > 0 {
		t.Errorf("the service was called %d times", s.requests())
	}
}

// A Preview makes no user, and is recorded.
func TestPreviewIsRecorded(t *testing.T) {
	w := newWorld(t)
	s := newService(t, says(200, "application/json", `{"commands":[]}`))
	id := w.create(registration("hook", `{"uri":"`+s.URL+`"}`))
	a := w.ok("POST", "/api/v1/inlineHooks/"+id+"/execute", signUp)
	calls := w.calls()
	if len(calls) != 1 || !calls[0].Preview || calls[0].Decision != org.DecisionAllow || calls[0].RequestID != a.header.Get("X-Okta-Request-Id") {
		t.Errorf("records are %s", fmt.Sprintf("%+v", calls))
	}
}
