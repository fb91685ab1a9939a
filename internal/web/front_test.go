package web_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/web"
)

// front serves one request through a Front and gives the answer and the log.
func front(t *testing.T, next http.Handler, r *http.Request) (*httptest.ResponseRecorder, map[string]any) {
	t.Helper()
	var log bytes.Buffer
	f := &web.Front{Next: next, Log: slog.New(slog.NewJSONHandler(&log, nil))}
	w := httptest.NewRecorder()
	f.ServeHTTP(w, r)
	return w, logLine(t, &log)
}

func logLine(t *testing.T, log *bytes.Buffer) map[string]any {
	t.Helper()
	if n := strings.Count(log.String(), "\n"); n != 1 {
		t.Fatalf("%d log lines: %s", n, log)
	}
	var line map[string]any
	if err := json.Unmarshal(log.Bytes(), &line); err != nil {
		t.Fatal(err)
	}
	return line
}

// routes is a mux as the server has it.
func routes(h web.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("POST /api/v1/things/{id}", h)
	return web.API(mux)
}

func post(body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/api/v1/things/7?secret=hush", strings.NewReader(body))
	r.Header.Set("Authorization", "SSWS hush")
	r.Header.Set("User-Agent", "Lynx\xff/2\x00\x1b[31m")
	r.RemoteAddr = "192.0.2.7:4711"
	return r
}

func TestOneLineWithAllFacts(t *testing.T) {
	t.Parallel()
	var info web.Info
	w, line := front(t, routes(func(w http.ResponseWriter, r *http.Request) error {
		info = web.InfoOf(r.Context())
		web.Note(r.Context(), slog.String("hook", "cal1"))
		return web.WriteJSON(w, http.StatusOK, map[string]string{"a": "<b>"})
	}), post("hush hush"))
	if got := w.Body.String(); got != `{"a":"<b>"}` {
		t.Errorf("body is %s", got)
	}
	requestID := w.Header().Get("X-Okta-Request-Id")
	if !strings.HasPrefix(requestID, "req") || info != (web.Info{ID: requestID, IP: "192.0.2.7", UserAgent: "Lynx/2[31m"}) {
		t.Errorf("request id %q, info %+v", requestID, info)
	}
	for key, want := range map[string]any{
		"level": "INFO", "msg": "request", "method": "POST", "route": "POST /api/v1/things/{id}", "status": 200.0,
		"bytes": 11.0, "requestId": requestID, "ip": "192.0.2.7", "hook": "cal1",
	} {
		if line[key] != want {
			t.Errorf("log: %s is %v, want %v", key, line[key], want)
		}
	}
	if ms, ok := line["ms"].(float64); !ok || ms < 0 {
		t.Errorf("log: ms is %v", line["ms"])
	}
	if text, _ := json.Marshal(line); strings.Contains(string(text), "hush") {
		t.Errorf("a body, query or header is in the log: %s", text)
	}
}

func TestErrorsAreLoggedAndNotShown(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		err   error
		level string
		inLog string
	}{
		"internal":         {errors.New("the disk is on fire"), "ERROR", "the disk is on fire"},
		"fault":            {fault.Field("name", "name", "what was typed"), "INFO", ""},
		"fault with cause": {fault.New(fault.Busy, "").With(errors.New("database is locked")), "WARN", "database is locked"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, line := front(t, routes(func(http.ResponseWriter, *http.Request) error { return c.err }), post(""))
			var body errorBody
			if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil {
				t.Fatal(err)
			}
			if line["errorId"] != body.ID || line["errorCode"] != body.Code || line["level"] != c.level {
				t.Errorf("answer %+v, log %v", body, line)
			}
			if got, _ := line["err"].(string); got != c.inLog {
				t.Errorf("err in the log is %q, want %q", got, c.inLog)
			}
			text, _ := json.Marshal(line)
			if strings.Contains(string(text), "typed") || c.inLog != "" && strings.Contains(w.Body.String(), c.inLog) {
				t.Errorf("log %s, answer %s", text, w.Body)
			}
		})
	}
}

func TestPanicsAreAnswered(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		panics func()
		want   string
	}{
		"value":   {func() { panic("the password is hush") }, "panic: a string"},
		"runtime": {func() { none := strings.Fields(""); _ = none[len(none)] }, "panic: runtime error: index out of range [0] with length 0"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, line := front(t, routes(func(http.ResponseWriter, *http.Request) error { c.panics(); return nil }), post(""))
			var body errorBody
			if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil {
				t.Fatal(err)
			}
			if w.Code != 500 || body.Code != "E0000009" || body.ID != line["errorId"] || line["err"] != c.want {
				t.Errorf("answer %d %+v, log %v", w.Code, body, line)
			}
			if stack, _ := line["stack"].(string); !strings.Contains(stack, "front_test.go") {
				t.Errorf("stack is %q", stack)
			}
			if text, _ := json.Marshal(line); strings.Contains(string(text), "hush") {
				t.Errorf("the value is in the log: %s", text)
			}
		})
	}
}

func TestPanicIsDrawnAsTheServerSays(t *testing.T) {
	t.Parallel()
	f := &web.Front{
		Next: http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("x") }),
		Log:  slog.New(slog.DiscardHandler),
		Draw: func(w http.ResponseWriter, r *http.Request, err error) {
			p := web.Explain(r, err)
			w.WriteHeader(p.Status)
			_, _ = io.WriteString(w, "<p>"+p.Summary)
		},
	}
	w := httptest.NewRecorder()
	f.ServeHTTP(w, post(""))
	if w.Code != 500 || w.Body.String() != "<p>Internal Server Error" {
		t.Errorf("answer is %d %s", w.Code, w.Body)
	}
}

// An answer that has begun cannot become an error, and must not look whole.
func TestHalfAnswersDropTheConnection(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func() error{
		"error": func() error { return errors.New("too late") },
		"panic": func() error { panic("too late") },
		"abort": func() error { panic(http.ErrAbortHandler) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var log bytes.Buffer
			server := httptest.NewServer(&web.Front{
				Next: web.Handler(func(w http.ResponseWriter, _ *http.Request) error {
					_, _ = io.WriteString(w, "half")
					return end()
				}),
				Log: slog.New(slog.NewJSONHandler(&log, nil)),
			})
			answer, err := server.Client().Get(server.URL)
			if err == nil {
				if _, err = io.ReadAll(answer.Body); err == nil {
					t.Error("the answer looks whole")
				}
				answer.Body.Close()
			}
			server.Close() // waits for the handler, and so for its log line
			line := logLine(t, &log)
			if (line["errorId"] != nil) != (name != "abort") {
				t.Errorf("log is %v", line)
			}
		})
	}
}

func TestUnknownPathsAndMethods(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		method, path string
		status       int
		code, allow  string
	}{
		{"GET", "/api/v1/nothing", 404, "E0000008", ""},
		{"GET", "/api/v1//nothing", 404, "E0000008", ""},
		{"GET", "/api/v1/things/7", 405, "E0000022", "POST"},
		{"BREW", "/api/v1/things/7", 405, "E0000022", "POST"},
		{"POST", "/api/v1/things/7", 204, "", ""},
		// Through a proxy, as Terraform's provider and Okta's Go SDK can be set:
		// absolute form, and the wrong host.
		{"POST", "http://other.example:81/api/v1/things/7", 204, "", ""},
		{"POST", "http://other.example:81/api/v1/nothing", 404, "E0000008", ""},
	} {
		w, line := front(t, routes(func(w http.ResponseWriter, _ *http.Request) error {
			w.WriteHeader(http.StatusNoContent)
			return nil
		}), httptest.NewRequest(c.method, c.path, nil))
		if w.Code != c.status || w.Header().Get("Allow") != c.allow {
			t.Errorf("%s %s: %d, Allow %q", c.method, c.path, w.Code, w.Header().Get("Allow"))
		}
		if code := line["errorCode"]; c.code != "" && code != c.code || c.code == "" && code != nil {
			t.Errorf("%s %s: code %v, want %q", c.method, c.path, code, c.code)
		}
	}
}

// What a proxy sends byte by byte, through net/http's own parser.
func TestAbsoluteFormOnTheWire(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(&web.Front{Log: slog.New(slog.DiscardHandler), Next: routes(func(w http.ResponseWriter, _ *http.Request) error {
		return web.WriteJSON(w, http.StatusOK, "yes")
	})})
	t.Cleanup(server.Close)
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_, err = io.WriteString(conn, "POST http://127.0.0.1/api/v1/things/7?a=b HTTP/1.1\r\nHost: 127.0.0.1\r\n"+
		"Proxy-Authorization: Basic Og==\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
	if err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(conn)
	if err != nil {
		t.Fatal(err)
	}
	if text := string(answer); !strings.HasPrefix(text, "HTTP/1.1 200 OK\r\n") || !strings.HasSuffix(text, `"yes"`) {
		t.Errorf("answer is %s", text)
	}
}

func TestAnswersThatCannotBeEncoded(t *testing.T) {
	t.Parallel()
	w, line := front(t, routes(func(w http.ResponseWriter, _ *http.Request) error {
		return web.WriteJSON(w, http.StatusOK, func() {})
	}), post(""))
	if w.Code != 500 || line["level"] != "ERROR" {
		t.Errorf("answer is %d, log %v", w.Code, line)
	}
}

func TestDrawnHandlersDrawTheirErrors(t *testing.T) {
	t.Parallel()
	h := web.Handler(func(http.ResponseWriter, *http.Request) error { return fault.New(fault.Busy, "") })
	w, line := front(t, h.Drawn(func(w http.ResponseWriter, r *http.Request, err error) {
		p := web.Explain(r, err)
		p.SetRetry(w.Header())
		w.WriteHeader(p.Status)
		_, _ = io.WriteString(w, p.ID)
	}), post(""))
	if w.Code != 503 || w.Body.String() != line["errorId"] || w.Header().Get("Retry-After") != "2" {
		t.Errorf("answer is %d %s %v, log %v", w.Code, w.Body, w.Header(), line)
	}
}

// Whoever stands between the Front and the mux may copy the request.
func TestRouteOfACopiedRequest(t *testing.T) {
	t.Parallel()
	inner := routes(func(http.ResponseWriter, *http.Request) error { return nil })
	_, line := front(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		inner.ServeHTTP(w, r.Clone(r.Context()))
	}), post(""))
	if line["route"] != "POST /api/v1/things/{id}" {
		t.Errorf("log is %v", line)
	}
}

// A response controller reaches the connection through the Front.
func TestFlush(t *testing.T) {
	t.Parallel()
	w, line := front(t, web.Handler(func(w http.ResponseWriter, _ *http.Request) error {
		w.WriteHeader(http.StatusEarlyHints)
		return http.NewResponseController(w).Flush()
	}), post(""))
	if !w.Flushed || line["status"] != 200.0 {
		t.Errorf("flushed %v, log %v", w.Flushed, line)
	}
}
