package hook_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/usher-id/usher/hook"
)

func TestVerification(t *testing.T) {
	t.Parallel()
	const told = "told"
	next := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, told) })
	for _, tt := range []struct {
		name, method, secret, challenge string
		status                          int
		body                            string
	}{
		{"the challenge", "GET", "hush", "kpoWh-Nsf_1", 200, `{"verification":"kpoWh-Nsf_1"}`},
		{"one with quotes", "GET", "hush", `a"b\<`, 200, `{"verification":"a\"b\\<"}`},
		{"one that is no text", "GET", "hush", "a\xff", 400, "Bad Request\n"},
		{"a GET without one", "GET", "hush", "", 200, told},
		{"events", "POST", "hush", "", 200, told},
		{"events with a challenge", "POST", "hush", "x", 200, told},
		{"another secret", "GET", "hus", "x", 401, "Unauthorized\n"},
		{"events without secret", "POST", "", "", 401, "Unauthorized\n"},
	} {
		var log strings.Builder
		h := hook.Verification(next, hook.Secret("X-Key", "hush"), hook.Log(slog.New(slog.NewTextHandler(&log, nil))))
		r := httptest.NewRequest(tt.method, "/events", nil)
		r.Header.Set("x-key", tt.secret)
		if tt.challenge != "" {
			r.Header.Set("x-okta-verification-challenge", tt.challenge)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != tt.status || w.Body.String() != tt.body {
			t.Errorf("%s: %d %q", tt.name, w.Code, w.Body)
		}
		if (log.Len() > 0) != (tt.status >= 400) || strings.Contains(log.String(), "hush") {
			t.Errorf("%s: the log is %q", tt.name, &log)
		}
	}
}

// Without a secret everybody is answered, and nothing is logged.
func TestVerificationWithoutSecret(t *testing.T) {
	t.Parallel()
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set(hook.HeaderChallenge, "x")
	w := httptest.NewRecorder()
	hook.Verification(http.NotFoundHandler()).ServeHTTP(w, r)
	if w.Body.String() != `{"verification":"x"}` || w.Header().Get("Content-Type") != "application/json" {
		t.Errorf("%v %q", w.Header(), w.Body)
	}
}
