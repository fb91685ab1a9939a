package server

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/usher-id/usher/internal/admin"
	"github.com/usher-id/usher/internal/eventlog"
	"github.com/usher-id/usher/internal/org"
)

// handled is what a server answers, without a network.
type handled struct {
	*Server
	t       *testing.T
	handler http.Handler
	token   string
}

func handle(t *testing.T, text string) *handled {
	t.Helper()
	s := open(t, load(t, "publicUrl: https://id.example.com\n"+text))
	t.Cleanup(func() { s.Close() })
	h, err := s.routes()
	if err != nil {
		t.Fatal(err)
	}
	token, _, err := s.Admin.CreateToken(t.Context(), admin.By{Actor: eventlog.System()}, admin.TokenInput{Name: "test"})
	if err != nil {
		t.Fatal(err)
	}
	return &handled{s, t, h, token}
}

func (h *handled) answer(r *http.Request) *http.Response {
	h.t.Helper()
	w := httptest.NewRecorder()
	r.RemoteAddr = "192.0.2.7:1234"
	r.RequestURI = r.URL.RequestURI()
	h.handler.ServeHTTP(w, r)
	return w.Result()
}

func (h *handled) request(method, path string) *http.Request {
	h.t.Helper()
	return httptest.NewRequestWithContext(h.t.Context(), method, "https://id.example.com"+path, nil)
}

func (h *handled) api(method, path string) *http.Request {
	h.t.Helper()
	r := h.request(method, path)
	r.Header.Set("Authorization", "SSWS "+h.token)
	return r
}

// Whatever is answered, and by whom: an id, and the headers that browsers need.
func TestEveryRouteIsHardened(t *testing.T) {
	t.Parallel()
	h := handle(t, "seed: {enrollment: {selfServiceRegistration: true}}\n")
	for name, tt := range map[string]struct {
		request *http.Request
		status  int
		kind    string
	}{
		"sign-in":              {h.request("GET", "/"), 200, "text/html"},
		"sign-up":              {h.request("GET", "/signup"), 200, "text/html"},
		"a submission":         {post(t, "https://id.example.com/signup", ada()), 422, "text/html"},
		"one of another site":  {h.request("POST", "/signup"), 403, "text/html"},
		"the icon":             {h.request("GET", "/favicon.ico"), 200, "image/"},
		"no page":              {h.request("GET", "/nothing"), 404, "text/html"},
		"an asset of no kind":  {h.request("GET", "/assets/v1/nothing.css"), 404, "text/html"},
		"a method of no page":  {h.request("DELETE", "/signup"), 403, "text/html"},
		"alive":                {h.request("GET", "/livez"), 200, "text/plain"},
		"not ready":            {h.request("GET", "/readyz"), 503, "text/plain"},
		"the API":              {h.api("GET", "/api/v1/inlineHooks"), 200, "application/json"},
		"the API, a stranger":  {h.request("GET", "/api/v1/inlineHooks"), 403, "application/json"},
		"the API, no resource": {h.api("GET", "/api/v1/nothing"), 404, "application/json"},
		"the log":              {h.api("GET", "/api/v1/logs"), 200, "application/json"},
		"who is there":         {h.request("GET", "/.well-known/okta-organization"), 200, "application/json"},
	} {
		a := h.answer(tt.request)
		if a.StatusCode != tt.status || !strings.HasPrefix(a.Header.Get("Content-Type"), tt.kind) {
			t.Errorf("%s: status %d, %s", name, a.StatusCode, a.Header.Get("Content-Type"))
		}
		for header, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin",
			"Strict-Transport-Security": "max-age=31536000; includeSubDomains",
		} {
			if got := a.Header.Get(header); got != want {
				t.Errorf("%s: %s is %q", name, header, got)
			}
		}
		for _, header := range []string{"X-Okta-Request-Id", "Cache-Control"} {
			if a.Header.Get(header) == "" {
				t.Errorf("%s: no %s", name, header)
			}
		}
		if tt.kind == "text/html" && !strings.Contains(a.Header.Get("Content-Security-Policy"), "default-src 'none'") {
			t.Errorf("%s: the policy is %q", name, a.Header.Get("Content-Security-Policy"))
		}
	}
}

func TestRateLimits(t *testing.T) {
	t.Parallel()
	sites := func(path string, form url.Values) func(*handled) *http.Request {
		return func(h *handled) *http.Request { return post(h.t, "https://id.example.com"+path, form) }
	}
	for key, request := range map[string]func(*handled) *http.Request{
		"signUpPerMinute":  sites("/signup", ada()),
		"signInPerMinute":  sites("/signin", url.Values{"username": {"ada@example.com"}, "password": {"correct horse 4107"}}),
		"apiPerMinute":     func(h *handled) *http.Request { return h.api("GET", "/api/v1/inlineHooks") },
		"previewPerMinute": func(h *handled) *http.Request { return h.api("POST", "/api/v1/inlineHooks/cal1/execute") },
	} {
		t.Run(key, func(t *testing.T) {
			t.Parallel()
			for limit, want := range map[string]bool{"1": true, "0": false} {
				// The others are off, so that it is this one that is met.
				limits := map[string]string{"signUpPerMinute": "0", "signInPerMinute": "0", "apiPerMinute": "0", "previewPerMinute": "0"}
				limits[key] = limit
				text := "seed: {enrollment: {selfServiceRegistration: true}}\nlimits:\n"
				for key, n := range limits {
					text += "  " + key + ": " + n + "\n"
				}
				h := handle(t, text)
				first := h.answer(request(h)).StatusCode
				for range 20 {
					last := h.answer(request(h))
					if limitedNow := last.StatusCode == http.StatusTooManyRequests; limitedNow != want || !want && last.StatusCode != first {
						t.Fatalf("with %s: first %d, then %d", limit, first, last.StatusCode)
					}
					if want && last.Header.Get("Retry-After") == "" {
						t.Error("it does not say when to come again")
					}
				}
				if first == http.StatusTooManyRequests {
					t.Errorf("with %s the first one is too many", limit)
				}
			}
		})
	}
}

// Addresses are told apart by what a trusted proxy says, and by nothing else.
func TestRateLimitBehindAProxy(t *testing.T) {
	t.Parallel()
	for proxies, want := range map[string]int{"[192.0.2.7]": http.StatusUnprocessableEntity, "[192.0.2.8]": http.StatusTooManyRequests} {
		h := handle(t, "trustedProxies: "+proxies+"\nlimits: {signUpPerMinute: 1}\nseed: {enrollment: {selfServiceRegistration: true}}\n")
		var last int
		for _, client := range []string{"198.51.100.1", "198.51.100.2"} {
			r := post(t, "https://id.example.com/signup", ada())
			r.Header.Set("X-Forwarded-For", client)
			last = h.answer(r).StatusCode
		}
		if last != want {
			t.Errorf("behind %s: status %d, want %d", proxies, last, want)
		}
	}
}

// Who keeps the log for longer than Okta sees more of it.
func TestLogShowsWhatIsKept(t *testing.T) {
	t.Parallel()
	h := handle(t, trial+"retention: {systemLog: 4800h}\n")
	old := time.Now().Add(-150 * 24 * time.Hour)
	err := h.Store.Update(t.Context(), func(ctx context.Context, tx *org.Tx) error {
		return tx.Events.Append(ctx, eventlog.New(eventlog.UserCreated, old, eventlog.Origin{RequestID: "reqold"}, org.Outcome{Result: org.Success}))
	})
	if err != nil {
		t.Fatal(err)
	}
	since := url.QueryEscape(old.Add(-time.Hour).UTC().Format(time.RFC3339))
	body, err := io.ReadAll(h.answer(h.api(http.MethodGet, "/api/v1/logs?since="+since)).Body)
	if err != nil || !strings.Contains(string(body), `"reqold"`) {
		t.Errorf("the log is %s (%v)", body, err)
	}
}

// The name of the configuration is that of the organization.
func TestOrgNameArrives(t *testing.T) {
	t.Parallel()
	h := handle(t, trial+"org: {name: Okonkwo}\n")
	for _, r := range []*http.Request{h.api(http.MethodGet, "/api/v1/org"), h.request(http.MethodGet, "/")} {
		body, err := io.ReadAll(h.answer(r).Body)
		if err != nil || !strings.Contains(string(body), "Okonkwo") {
			t.Errorf("%s: %s (%v)", r.URL.Path, body, err)
		}
	}
}

func TestRoutesNeedAPublicURL(t *testing.T) {
	t.Parallel()
	s := open(t, load(t, "\n"))
	ln, err := s.Listen(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s.config.PublicURL = "ftp://id.example.com"
	if err := s.Serve(t.Context(), ln); err == nil || !strings.Contains(err.Error(), "publicUrl: ") {
		t.Errorf("the error is %v", err)
	}
	if s.Store.Ping(t.Context()) == nil {
		t.Error("the database is open")
	}
}
