package apicheck_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/usher-id/usher/internal/apicheck"
)

const (
	hook = `{"id":"cal00000000000000000","status":"ACTIVE","name":"n","type":"com.okta.user.pre-registration","version":"1.0.0",` +
		`"channel":{"type":"HTTP","version":"1.0.0","config":{"uri":"https://a.example","headers":[],"method":"POST","authScheme":null}},` +
		`"created":"2026-01-02T03:04:05.000Z","lastUpdated":"2026-01-02T03:04:05.000Z","_links":{"self":{"href":"https://a.example/x"}}}`
	sent    = `{"name":"n","version":"1.0.0","channel":{"type":"HTTP","version":"1.0.0","config":{"uri":"https://a.example"}},"more":1}`
	refused = `{"errorCode":"E0000007","errorSummary":"s","errorLink":"E0000007","errorId":"oae0000000000000000000000","errorCauses":[]}`
)

// What does not fit the document is reported, and nothing else.
func TestWhatDoesNotFitIsReported(t *testing.T) {
	t.Parallel()
	doc, err := apicheck.New()
	if err != nil {
		t.Fatal(err)
	}
	const one = "/api/v1/inlineHooks/cal1"
	for name, c := range map[string]struct {
		method, path, sent string
		status             int
		contentType        string
		answer             string
		problem            string // "" for none
	}{
		"it fits":                  {"PUT", one, sent, 200, "application/json", hook, ""},
		"a list":                   {"GET", "/api/v1/inlineHooks", "", 200, "application/json", "[" + hook + "]", ""},
		"no body":                  {"DELETE", one, "", 204, "", "", ""},
		"an error":                 {"GET", one, "", 404, "application/json", refused, ""},
		"a bad body was refused":   {"PUT", one, `{"name":1}`, 400, "application/json", refused, ""},
		"not of the API":           {"GET", "/signin", "", 200, "text/html", "<p>", ""},
		"unknown path":             {"GET", "/api/v1/nothing", "", 404, "application/json", refused, ""},
		"unknown path that is":     {"GET", "/api/v1/nothing", "", 200, "application/json", `{}`, "no entry"},
		"unknown method that is":   {"PATCH", one, "", 200, "application/json", hook, "no entry"},
		"unknown status":           {"GET", one, "", 201, "application/json", hook, "no such status"},
		"unknown property":         {"GET", one, "", 200, "application/json", strings.Replace(hook, `"name"`, `"more":1,"name"`, 1), "the answer does not fit"},
		"missing property":         {"GET", one, "", 200, "application/json", strings.Replace(hook, `"name":"n",`, "", 1), "the answer does not fit"},
		"wrong type":               {"GET", one, "", 200, "application/json", strings.Replace(hook, `"n"`, "1", 1), "the answer does not fit"},
		"a bad body was taken":     {"PUT", one, `{"name":1}`, 200, "application/json", hook, "the request does not fit"},
		"a body where none is":     {"DELETE", one, "", 204, "", "x", "no body"},
		"no JSON":                  {"GET", one, "", 200, "application/json", "x", "no JSON"},
		"another type":             {"GET", one, "", 200, "text/html", hook, "Content-Type"},
		"an error of another kind": {"GET", one, "", 404, "application/json", `{"error":"x"}`, "the answer does not fit"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var problems []string
			h := doc.Wrap(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", c.contentType)
				w.WriteHeader(c.status)
				_, _ = w.Write([]byte(c.answer))
			}), func(p string) { problems = append(problems, p) })
			w := httptest.NewRecorder()
			h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), c.method, c.path, strings.NewReader(c.sent)))
			if w.Code != c.status || w.Body.String() != c.answer {
				t.Errorf("answer became %d %s", w.Code, w.Body)
			}
			if c.problem == "" && len(problems) > 0 || c.problem != "" && (len(problems) != 1 || !strings.Contains(problems[0], c.problem)) {
				t.Errorf("problems are %q, want %q", problems, c.problem)
			}
		})
	}
}

func TestSameShape(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		recorded, answer string
		more, want       []string
	}{
		{`{"a":1,"b":[{"c":"x"}],"d":null}`, `{"a":2,"b":[{"c":"y"},{}],"d":null}`, nil, nil},
		{`{"a":"…"}`, `{"a":[1]}`, nil, nil},
		{`{"a":1,"…":"…"}`, `{"a":1,"b":2}`, nil, nil},
		{`{"a":1}`, `{"a":1,"b":2}`, []string{"b"}, nil},
		{`{"a":1,"e":{"f":true}}`, `{"a":"1","b":2,"e":{"f":null}}`, nil, []string{".a is a string, recorded is a number", ".b is not recorded", ".e.f is null, recorded is a boolean"}},
		{`{"a":1}`, `{}`, nil, []string{".a is missing"}},
	} {
		got, err := apicheck.SameShape([]byte(c.recorded), []byte(c.answer), c.more)
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s and %s: %q, %v, want %q", c.recorded, c.answer, got, err, c.want)
		}
	}
}
