package web_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/web"
)

func site(t *testing.T, base string) *web.Site {
	t.Helper()
	s, err := web.NewSite(base)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestNewSite(t *testing.T) {
	t.Parallel()
	for base, want := range map[string]string{
		"https://id.example.com":      "https://id.example.com/x",
		"https://ID.example.com:443/": "https://id.example.com/x",
		"http://127.0.0.1:8080":       "http://127.0.0.1:8080/x",
		"http://[::1]:80":             "http://[::1]/x",
		"":                            "",
		"id.example.com":              "",
		"//id.example.com":            "",
		"ftp://id.example.com":        "",
		"https://":                    "",
		"https://:8080":               "",
		"https://id.example.com/base": "",
		"https://id.example.com?q":    "",
		"https://id.example.com?":     "",
		"https://id.example.com#f":    "",
		"https://a:b@id.example.com":  "",
		"https://id example.com":      "",
	} {
		s, err := web.NewSite(base)
		switch {
		case (err == nil) != (want != ""):
			t.Errorf("%q: %v", base, err)
		case err == nil && s.URL("/x") != want:
			t.Errorf("%q: %s, want %s", base, s.URL("/x"), want)
		}
	}
}

func TestSubdomain(t *testing.T) {
	t.Parallel()
	for base, want := range map[string]string{
		"https://id.example.com:8443": "id", "http://localhost:8080": "localhost", "http://127.0.0.1:8080": "127.0.0.1", "http://[::1]:80": "::1",
	} {
		if got := site(t, base).Subdomain(); got != want {
			t.Errorf("%s: %q, want %q", base, got, want)
		}
	}
}

// Links must not follow what a client or a proxy says of the host.
func TestAdvisory_LinkFromForwardedHost(t *testing.T) {
	t.Parallel()
	r := httptest.NewRequest(http.MethodGet, "http://evil.example/api/v1/logs?limit=2&filter=a+eq+%22b%22&after=old&x=1&x=2", nil)
	r.Host = "evil.example"
	for _, h := range []string{"X-Forwarded-Host", "X-Forwarded-Proto", "Forwarded"} {
		r.Header.Set(h, "host=evil.example")
	}
	w := httptest.NewRecorder()
	site(t, "https://id.example.com").Link(w, r, "cur/sor+1")
	want := []string{
		`<https://id.example.com/api/v1/logs?after=old&filter=a+eq+%22b%22&limit=2&x=1&x=2>; rel="self"`,
		`<https://id.example.com/api/v1/logs?after=cur%2Fsor%2B1&filter=a+eq+%22b%22&limit=2&x=1&x=2>; rel="next"`,
	}
	if got := w.Header()["Link"]; len(got) != 2 || got[0] != want[0] || got[1] != want[1] {
		t.Errorf("Link is\n%s, want\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestLinkOfTheLastPage(t *testing.T) {
	t.Parallel()
	for target, want := range map[string]string{
		"/api/v1/groups":                 `<https://id.example.com/api/v1/groups>; rel="self"`,
		"/api/v1/a%3Eb?q=%3E%3B+rel=%22": `<https://id.example.com/api/v1/a%3Eb?q=%3E%3B+rel%3D%22>; rel="self"`,
		"/api/v1/groups?q=a;b":           `<https://id.example.com/api/v1/groups>; rel="self"`,
	} {
		w := httptest.NewRecorder()
		site(t, "https://id.example.com").Link(w, httptest.NewRequest(http.MethodGet, target, nil), "")
		if got := w.Header()["Link"]; len(got) != 1 || got[0] != want {
			t.Errorf("%s: Link is %q, want %q", target, got, want)
		}
	}
	// What a client sends raw must not end the URL of the header.
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.URL = &url.URL{Path: "/api/v1/a>b", RawQuery: `q=>;rel="next"`}
	w := httptest.NewRecorder()
	site(t, "https://id.example.com").Link(w, r, "")
	if got := w.Header().Get("Link"); strings.Count(got, ">") != 1 {
		t.Errorf("Link is %q", got)
	}
}

func TestCookies(t *testing.T) {
	t.Parallel()
	for base, want := range map[string][]string{
		"https://id.example.com": {
			"__Host-usher_session=h; Path=/; Max-Age=3600; HttpOnly; Secure; SameSite=Lax",
			"__Host-usher_tx=v; Path=/; HttpOnly; Secure; SameSite=Lax",
			"__Host-usher_session=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Lax",
		},
		"http://localhost:8080": {
			"usher_dev_session=h; Path=/; Max-Age=3600; HttpOnly; SameSite=Lax",
			"usher_dev_tx=v; Path=/; HttpOnly; SameSite=Lax",
			"usher_dev_session=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax",
		},
	} {
		s, w := site(t, base), httptest.NewRecorder()
		s.SetCookie(w, web.SessionCookie, "h", time.Hour)
		s.SetCookie(w, web.VisitCookie, "v", 0)
		s.ClearCookie(w, web.SessionCookie)
		got := w.Header()["Set-Cookie"]
		if strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Errorf("%s:\n%s, want\n%s", base, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.AddCookie(&http.Cookie{Name: strings.Split(want[0], "=")[0], Value: "mine"})
		if value := s.CookieValue(r, web.SessionCookie); value != "mine" {
			t.Errorf("%s: session is %q", base, value)
		}
		if value := s.CookieValue(r, web.VisitCookie); value != "" {
			t.Errorf("%s: visit is %q", base, value)
		}
	}
}

// A page is in a frame of those alone that are named.
func TestFrameAncestors(t *testing.T) {
	t.Parallel()
	w := httptest.NewRecorder()
	web.PageHeaders(w, "https://a.example", "https://b.example:8443")
	if policy := w.Header().Get("Content-Security-Policy"); !strings.HasSuffix(policy, "; frame-ancestors https://a.example https://b.example:8443") {
		t.Errorf("policy is %s", policy)
	}
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	for base, hsts := range map[string]string{
		"https://id.example.com": "max-age=31536000; includeSubDomains",
		"http://localhost:8080":  "",
	} {
		var nonce string
		w := httptest.NewRecorder()
		site(t, base).Harden(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			nonce = web.PageHeaders(w)
		})).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
		if len(nonce) < 22 || nonce == web.PageHeaders(httptest.NewRecorder()) {
			t.Errorf("nonce is %q", nonce)
		}
		want := http.Header{
			"Cache-Control":          {"no-cache, no-store"},
			"Referrer-Policy":        {"same-origin"},
			"X-Content-Type-Options": {"nosniff"},
			"Content-Security-Policy": {"default-src 'none'; script-src 'nonce-N' 'strict-dynamic'; style-src 'self' 'nonce-N'; " +
				"img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"},
		}
		if hsts != "" {
			want.Set("Strict-Transport-Security", hsts)
		}
		got := w.Header()
		got.Set("Content-Security-Policy", strings.ReplaceAll(got.Get("Content-Security-Policy"), nonce, "N"))
		if len(got) != len(want) {
			t.Errorf("%s: headers are %v", base, got)
		}
		for name := range want {
			if got.Get(name) != want.Get(name) {
				t.Errorf("%s: %s is %q, want %q", base, name, got.Get(name), want.Get(name))
			}
		}
	}
}

func TestSameOrigin(t *testing.T) {
	t.Parallel()
	const (
		none   = ""
		own    = "https://id.example.com"
		evil   = "https://evil.example"
		opaque = "null"
	)
	for _, c := range []struct {
		method, fetchSite, origin string
		ok                        bool
	}{
		{"POST", none, none, false},
		{"POST", none, own, true},
		{"POST", none, evil, false},
		{"POST", none, opaque, false},
		{"POST", "same-origin", none, true},
		{"POST", "same-origin", own, true},
		{"POST", "none", none, true}, // typed or reloaded by the person
		{"POST", "same-site", none, false},
		{"POST", "same-site", "https://other.example.com", false},
		{"POST", "cross-site", none, false},
		{"POST", "cross-site", evil, false},
		{"POST", "cross-site", opaque, false},
		{"PUT", none, none, false},
		{"DELETE", "cross-site", evil, false},
		{"DELETE", "same-origin", own, true},
		{"PATCH", none, evil, false},
		{"GET", none, none, true},
		{"GET", "cross-site", evil, true},
		{"HEAD", "cross-site", none, true},
		{"OPTIONS", "cross-site", evil, true},
	} {
		for _, host := range []string{"id.example.com", "behind-a-proxy:8080"} {
			r := httptest.NewRequest(c.method, "/signin", nil)
			r.Host = host
			for name, value := range map[string]string{"Sec-Fetch-Site": c.fetchSite, "Origin": c.origin} {
				if value != "" {
					r.Header.Set(name, value)
				}
			}
			var passed bool
			var refused error
			site(t, own).SameOrigin(
				http.HandlerFunc(func(http.ResponseWriter, *http.Request) { passed = true }),
				func(_ http.ResponseWriter, _ *http.Request, err error) { refused = err },
			).ServeHTTP(httptest.NewRecorder(), r)
			if passed != c.ok || c.ok == fault.Is(refused, fault.Forbidden) {
				t.Errorf("%s, Sec-Fetch-Site %q, Origin %q, Host %s: passed %v, refused by %v", c.method, c.fetchSite, c.origin, host, passed, refused)
			}
		}
	}
}

func TestTime(t *testing.T) {
	t.Parallel()
	at := time.Date(2025, 3, 14, 0, 38, 58, 999_999_999, time.FixedZone("", 3600))
	if got := web.Time(at); got != "2025-03-13T23:38:58.000Z" {
		t.Errorf("time is %s", got)
	}
}
