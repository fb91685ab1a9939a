package mgmt_test

import (
	"bufio"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/usher-id/usher/internal/admin"
	"github.com/usher-id/usher/internal/apidoc"
	"github.com/usher-id/usher/internal/web"
)

func TestTokens(t *testing.T) {
	w := newWorld(t)
	for name, c := range map[string]struct {
		header string
		status int
		code   string
	}{
		"none":             {"", 403, "E0000005"},
		"good":             {"SSWS " + w.token, 200, ""},
		"in another case":  {"ssws " + w.token, 200, ""},
		"with more spaces": {" Ssws   " + w.token + " ", 200, ""},
		"scheme alone":     {"SSWS", 401, "E0000011"},
		"no scheme":        {w.token, 401, "E0000011"},
		"another scheme":   {"Bearer " + w.token, 401, "E0000011"},
		"unknown":          {"SSWS 00" + strings.Repeat("x", 40), 401, "E0000011"},
		"in another case,": {"SSWS " + strings.ToUpper(w.token), 401, "E0000011"},
		"two":              {"SSWS " + w.token + " " + w.token, 401, "E0000011"},
	} {
		t.Run(name, func(t *testing.T) {
			v := w.on(t)
			for _, path := range []string{"/api/v1/inlineHooks", "/api/v1/nothing"} {
				r, err := http.NewRequestWithContext(t.Context(), "GET", w.server.URL+path, nil)
				if err != nil {
					t.Fatal(err)
				}
				r.Header.Set("Proxy-Authorization", "Basic Og==")
				if c.header != "" {
					r.Header.Set("Authorization", c.header)
				}
				a := v.do(r)
				switch {
				case c.status != 200:
					v.refused(a, c.status, c.code)
				case strings.HasSuffix(path, "nothing"):
					v.refused(a, 404, "E0000008")
				case a.status != 200:
					t.Errorf("answer is %d %s", a.status, a.body)
				}
			}
		})
	}
}

func TestOrganization(t *testing.T) {
	w := newWorld(t)
	r, err := http.NewRequestWithContext(t.Context(), "GET", w.server.URL+"/.well-known/okta-organization", nil)
	if err != nil {
		t.Fatal(err)
	}
	w.is(w.do(r), 200, `{"id":"00o…","cell":"usher","_links":{"organization":{"href":"https://id.example.com"}},"pipeline":"idx",
		"settings":{"analyticsCollectionEnabled":false,"bugReportingEnabled":false,"omEnabled":false}}`)
}

// limited lets two requests through in an hour.
func limited() *web.Limiter {
	two := web.Rate{Events: 2, Per: time.Hour}
	return web.NewLimiter(two, two, 100, time.Now)
}

func TestRateLimit(t *testing.T) {
	w := newWorld(t)
	w.api.Limit = limited()
	for left := 1; left >= 0; left-- {
		// Also an answer about nothing has the headers.
		h := w.send("GET", "/api/v1/nothing", "").header
		if h.Get("X-Rate-Limit-Limit") != "2" || h.Get("X-Rate-Limit-Remaining") != strconv.Itoa(left) || h.Get("X-Rate-Limit-Reset") == "" {
			t.Errorf("headers are %v", h)
		}
	}
	a := w.send("GET", "/api/v1/inlineHooks", "")
	w.refused(a, 429, "E0000047")
	// The SDKs wait for the reset less the date, and for nothing when one of them
	// is missing or there twice.
	dates, resets := a.header.Values("Date"), a.header.Values("X-Rate-Limit-Reset")
	if len(dates) != 1 || len(resets) != 1 {
		t.Fatalf("headers are %v", a.header)
	}
	date, err := http.ParseTime(dates[0])
	reset, err2 := strconv.ParseInt(resets[0], 10, 64)
	if wait := reset - date.Unix(); err != nil || err2 != nil || wait < 1700 || wait > 1801 {
		t.Errorf("a client would wait %d s: %v", wait, a.header)
	}

	// Another token has a limit of its own.
	if w.token, _, err = w.admin.CreateToken(t.Context(), admin.By{}, admin.TokenInput{Name: "another"}); err != nil {
		t.Fatal(err)
	}
	w.ok("GET", "/api/v1/inlineHooks", "")

	// Whoever has no token has one too, and takes nothing from those who have.
	w.token = "wrong"
	for range 2 {
		w.refused(w.send("GET", "/api/v1/inlineHooks", ""), 401, "E0000011")
	}
	w.refused(w.send("GET", "/api/v1/inlineHooks", ""), 429, "E0000047")
}

// The document costs its readers like all that is asked without a token.
func TestDocumentIsLimited(t *testing.T) {
	w := newWorld(t)
	w.api.Limit = limited()
	w.token = ""
	for range 2 {
		w.ok("GET", apidoc.Path, "")
	}
	w.refused(w.send("GET", apidoc.Path, ""), 429, "E0000047")
	w.refused(w.send("GET", "/api/v1/users", ""), 429, "E0000047")
}

// What a mux would answer with a redirect is a path as unknown as others, and
// tells whoever has no token as little.
func TestPathsThatAreNotCanonical(t *testing.T) {
	w := newWorld(t)
	for _, path := range []string{
		"//api/v1/groups", "/api/v1//groups", "/api/v1/groups//", "/api//v1/groups", "/api/v1/groups/../users", "/api/v1/./users",
		"/x/../api/v1/users", "/api/v1/../../signin", "/api/v1", "/api/v1/", "/api/v1/users/", "//api/v1/openapi.json",
	} {
		for _, method := range []string{"GET", "POST", "DELETE"} {
			w.refused(w.send(method, path, ""), 404, "E0000008")
			nobody := *w
			nobody.token = ""
			nobody.refused(nobody.send(method, path, ""), 403, "E0000005")
		}
	}
}

func TestPreviewLimit(t *testing.T) {
	w := newWorld(t)
	w.api.PreviewLimit = limited()
	for range 2 {
		w.refused(w.send("POST", "/api/v1/inlineHooks/calnone/execute", signUp), 404, "E0000007")
	}
	w.refused(w.send("POST", "/api/v1/inlineHooks/calnone/execute", signUp), 429, "E0000047")
	w.ok("GET", "/api/v1/inlineHooks", "")
}

// The Go SDK and Terraform send requests in absolute form when usher is named as
// their proxy, with a Host that lacks the port.
func TestAbsoluteForm(t *testing.T) {
	w := newWorld(t)
	conn, err := net.Dial("tcp", strings.TrimPrefix(w.server.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for _, target := range []string{"http://127.0.0.1/api/v1/logs?limit=1", "https://127.evil.example/api/v1/logs?limit=1"} {
		fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nProxy-Authorization: Basic Og==\r\nAuthorization: SSWS %s\r\n\r\n", target, w.token)
		resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatal(err)
		}
		links := resp.Header.Values("Link")
		if resp.StatusCode != 200 || len(links) != 2 || links[0] != `<https://id.example.com/api/v1/logs?limit=1>; rel="self"` {
			t.Errorf("%s: %d, links %v", target, resp.StatusCode, links)
		}
		resp.Body.Close()
	}
}

// TestSecretsStayInside looks for what must not come out in everything that does:
// all routes' answers, the log of the process, the System Log.
func TestSecretsStayInside(t *testing.T) {
	w := newWorld(t)
	const secret = "Basic canary:0f2c/9d+77"
	s := newService(t, nil)
	auth := `"authScheme":{"type":"HEADER","key":"Authorization","value":"` + secret + `"}`
	config := `{"uri":"` + s.URL + `/r?code=querycanary","headers":[{"key":"x","value":"y"}],` + auth + `}`
	path := "/api/v1/inlineHooks"
	first := w.ok("POST", path, registration("hook", config))
	id := w.create(registration("another", config))
	hook := path + "/" + id
	all := []answer{first}
	for _, c := range []struct{ method, path, body string }{
		{"GET", path, ""}, {"GET", hook, ""},
		{"PUT", hook, registration("renamed", config)},
		{"POST", hook, registration("again", config)},
		{"POST", path, registration("again", config)},                                            // the name is taken
		{"POST", path, registration("bad", `{"uri":"nonsense","method":"`+secret+`",`+auth+`}`)}, // refused, secret and all
		{"POST", path, registration("bad", `{"uri":"https://example.com/","authScheme":{"type":"HEADER","key":"a b","value":"`+secret+`\u0001"}}`)},
		{"POST", path, `{"channel":{"config":{"authScheme":{"value":{"` + secret + `":1}}}}}`},
		{"POST", path, `{"channel":{"config":{"authScheme":{"value":"` + secret}, // ends too early
		{"POST", hook + "/execute", signUp},
		{"POST", hook + "/execute", `{"secret":"` + secret + `"}`},
		{"POST", hook + "/lifecycle/deactivate", ""}, {"POST", hook + "/lifecycle/activate", ""},
		{"DELETE", hook, ""}, {"POST", hook + "/lifecycle/deactivate", ""}, {"DELETE", hook, ""},
		{"GET", "/api/v1/logs", ""}, {"GET", "/api/v1/nothing", ""}, {"GET", "/.well-known/okta-organization", ""},
	} {
		all = append(all, w.send(c.method, c.path, c.body))
	}
	if s.requests() != 1 {
		t.Errorf("the service was called %d times", s.requests())
	}
	var text strings.Builder
	for _, a := range all {
		fmt.Fprintln(&text, a.header, a.body)
	}
	text.WriteString(w.log.String())
	for _, canary := range []string{secret, "canary:0f2c/9d+77", w.token} {
		for _, form := range []string{
			canary, base64.StdEncoding.EncodeToString([]byte(canary)), base64.RawURLEncoding.EncodeToString([]byte(canary)),
			hex.EncodeToString([]byte(canary)), url.QueryEscape(canary), url.PathEscape(canary), strings.ReplaceAll(canary, "/", `\/`),
		} {
			if at := strings.Index(text.String(), form); at >= 0 {
				t.Errorf("%q came out: …%s", form, text.String()[max(0, at-200):at+len(form)])
			}
		}
	}
	// The query of an address is told to whoever manages hooks, and to nobody else.
	logs := all[len(all)-3].body + w.log.String()
	if strings.Contains(logs, "querycanary") || !strings.Contains(logs, s.URL+"/r") {
		t.Errorf("the logs are %s", logs)
	}
}
