package signinpage_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/web"
)

func TestABusyStoreKeepsTheForm(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	b := s.browser()
	b.get("/signup")
	busy := fault.New(fault.Busy, "The database is busy. Please try again in a moment.")

	s.store.fail(nil, busy) // as when it is locked or full
	a := b.post("/signup", exampleEntries())
	if a.StatusCode != http.StatusServiceUnavailable || a.Header.Get("Retry-After") == "" {
		t.Errorf("POST /signup is %d, Retry-After %q", a.StatusCode, a.Header.Get("Retry-After"))
	}
	if alerts := a.dom.alerts(); len(alerts) != 1 || alerts[0] != busy.Summary {
		t.Errorf("alerts %q", alerts)
	}
	checkKept(t, a.dom)

	s.store.fail(busy, busy) // away: there is no form to draw
	a = b.post("/signup", exampleEntries())
	if a.StatusCode != http.StatusServiceUnavailable || a.Header.Get("Retry-After") == "" || !strings.Contains(a.dom.text(), "reload this page to send your form again") {
		t.Errorf("POST /signup is %d:\n%s", a.StatusCode, a.dom.text())
	}
	for _, path := range []string{"/", "/signup"} {
		if a := b.get(path); a.StatusCode != http.StatusServiceUnavailable || !strings.Contains(a.dom.text(), busy.Summary) {
			t.Errorf("GET %s is %d", path, a.StatusCode)
		}
	}

	s.store.fail(nil, nil)
	if a := b.post("/signup", exampleEntries()); a.StatusCode != http.StatusSeeOther || s.users() != 1 {
		t.Errorf("sent again: %d, %d users: %s", a.StatusCode, s.users(), a.body)
	}
}

func TestABusyStoreKeepsTheUsername(t *testing.T) {
	t.Parallel()
	s, b := known(t)
	s.store.fail(nil, fault.New(fault.Busy, "Busy."))
	a := b.post("/signin", credentials("ana@example.com", goodPassword))
	if a.StatusCode != http.StatusServiceUnavailable || a.Header.Get("Retry-After") == "" || a.dom.value("username") != "ana@example.com" {
		t.Errorf("POST /signin is %d, username %q", a.StatusCode, a.dom.value("username"))
	}
}

func TestInternalErrorsShowTheRequestAlone(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	b := s.browser()
	b.get("/signup")
	broken := errors.New("disk secret-disk is broken")
	s.store.fail(nil, broken)
	written := b.post("/signup", exampleEntries())
	s.store.fail(broken, broken)
	for _, a := range []answer{written, b.post("/signup", exampleEntries()), b.get("/")} {
		id := a.Header.Get("X-Okta-Request-Id")
		if a.StatusCode != http.StatusInternalServerError || id == "" || !strings.Contains(a.dom.text(), id) {
			t.Errorf("%d without the request id:\n%s", a.StatusCode, a.dom.text())
		}
		if strings.Contains(a.body, "disk") || strings.Contains(a.body, "signinpage") {
			t.Errorf("the page tells of the inside:\n%s", a.body)
		}
	}
}

func TestRequestsOfOtherSites(t *testing.T) {
	t.Parallel()
	s, b := known(t)
	for name, c := range map[string]struct {
		header  http.Header
		refused bool
	}{
		"own page":             {http.Header{"Sec-Fetch-Site": {"same-origin"}}, false},
		"own page, old":        {http.Header{"Origin": {s.url}}, false},
		"another site":         {http.Header{"Sec-Fetch-Site": {"cross-site"}}, true},
		"another port":         {http.Header{"Sec-Fetch-Site": {"same-site"}}, true},
		"another site, old":    {http.Header{"Origin": {"https://evil.example"}}, true},
		"a sandbox, old":       {http.Header{"Origin": {"null"}}, true},
		"no browser that says": {http.Header{}, true},
	} {
		for path, form := range map[string]url.Values{
			"/signin": credentials("ana@example.com", goodPassword), "/signup": exampleEntries(), "/signout": {},
		} {
			header := c.header.Clone()
			header.Set("Content-Type", "application/x-www-form-urlencoded")
			a := b.do(http.MethodPost, path, strings.NewReader(form.Encode()), header)
			if refused := a.StatusCode == http.StatusForbidden; refused != c.refused {
				t.Errorf("POST %s from %s is %d", path, name, a.StatusCode)
			} else if refused && (!strings.Contains(a.dom.text(), "did not come from a page of this site") || len(a.Cookies()) != 0) {
				t.Errorf("POST %s from %s:\n%s", path, name, a.dom.text())
			}
		}
	}
}

func TestBodiesThatAreNoForm(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	b := s.browser()
	b.get("/signup")
	const form = "application/x-www-form-urlencoded"
	for name, c := range map[string]struct {
		contentType string
		body        io.Reader
		status      int
		says        string
	}{
		"over 64 KiB":            {form, strings.NewReader("firstName=" + strings.Repeat("a", 64<<10)), http.StatusRequestEntityTooLarge, "64 KiB"},
		"over 64 KiB, no length": {form, io.MultiReader(strings.NewReader("a="), bytes.NewReader(make([]byte, 70_000))), http.StatusRequestEntityTooLarge, "64 KiB"},
		"too many values":        {form, strings.NewReader(strings.Repeat("a=1&", 501)), http.StatusRequestEntityTooLarge, "500 values"},
		"broken escape":          {form, strings.NewReader("firstName=%zz"), http.StatusBadRequest, "cannot be read"},
		"JSON":                   {"application/json", strings.NewReader("{}"), http.StatusBadRequest, "not a form"},
		"multipart":              {"multipart/form-data; boundary=x", strings.NewReader("--x--"), http.StatusBadRequest, "not a form"},
		"no type":                {"", strings.NewReader("a=1"), http.StatusBadRequest, "not a form"},
	} {
		for _, path := range []string{"/signup", "/signin"} {
			header := http.Header{"Sec-Fetch-Site": {"same-origin"}}
			if c.contentType != "" {
				header.Set("Content-Type", c.contentType)
			}
			if seeker, ok := c.body.(io.Seeker); ok {
				if _, err := seeker.Seek(0, io.SeekStart); err != nil {
					t.Fatal(err)
				}
			} else if path == "/signin" {
				continue // it can be read once
			}
			a := b.do(http.MethodPost, path, c.body, header)
			if a.StatusCode != c.status || !strings.Contains(a.dom.text(), c.says) {
				t.Errorf("%s to %s is %d:\n%s", name, path, a.StatusCode, a.body)
			}
		}
	}
	if s.asked.Load() != 0 || s.users() != 0 {
		t.Errorf("hook asked %d times, %d users", s.asked.Load(), s.users())
	}
}

// strict lets nobody through.
type strict struct{ keys chan string }

func (l strict) Admit(w http.ResponseWriter, key string) error {
	l.keys <- key
	w.Header().Set("Retry-After", "17")
	return fault.New(fault.RateLimited, "")
}

func TestRateLimits(t *testing.T) {
	t.Parallel()
	limit := strict{make(chan string, 2)}
	s := newStage(t, func(set *setting) { set.config.SignInLimit, set.config.SignUpLimit = limit, limit })
	b := s.browser()
	b.get("/signup")
	for path, form := range map[string]url.Values{"/signin": credentials("a", goodPassword), "/signup": exampleEntries()} {
		a := b.post(path, form)
		if a.StatusCode != http.StatusTooManyRequests || a.Header.Get("Retry-After") != "17" || !strings.Contains(a.dom.text(), "too many attempts") {
			t.Errorf("POST %s is %d:\n%s", path, a.StatusCode, a.dom.text())
		}
		if key := <-limit.keys; key != "127.0.0.1" {
			t.Errorf("the key is %q", key)
		}
	}
	if s.asked.Load() != 0 {
		t.Error("the hook was asked")
	}
}

// roaming is a limiter before which every submission is from another address.
type roaming struct {
	*web.Limiter
	asked atomic.Int32
}

func (l *roaming) Admit(w http.ResponseWriter, key string) error {
	if _, err := netip.ParseAddr(key); err == nil {
		key = fmt.Sprintf("203.0.113.%d", l.asked.Add(1))
	}
	return l.Limiter.Admit(w, key)
}

// TestSignInsOfOneLogin: guesses from many addresses are counted by the login, in
// whatever form it is typed.
func TestSignInsOfOneLogin(t *testing.T) {
	t.Parallel()
	limit := &roaming{Limiter: web.NewLimiter(web.Rate{Events: 1, Per: time.Minute}, web.Rate{}, 100, time.Now)}
	b := newStage(t, func(set *setting) { set.config.SignInLimit = limit }).browser()
	for _, c := range []struct {
		login  string
		status int
	}{
		{"ana@example.com", http.StatusUnprocessableEntity},
		{" Ana@Example.com", http.StatusTooManyRequests},
		{"bea@example.com", http.StatusUnprocessableEntity},
	} {
		if a := b.post("/signin", credentials(c.login, badPassword)); a.StatusCode != c.status {
			t.Errorf("a sign-in as %q is %d, want %d", c.login, a.StatusCode, c.status)
		}
	}
	if n := limit.asked.Load(); n != 3 {
		t.Errorf("%d addresses were counted", n)
	}
}

func TestUnknownPaths(t *testing.T) {
	t.Parallel()
	b := newStage(t).browser()
	for _, path := range []string{"/nowhere", "/signup/", "/assets/x/none.css", "/signout"} {
		if a := b.get(path); a.StatusCode != http.StatusNotFound || a.dom == nil || !strings.Contains(a.dom.text(), "Page not found") {
			t.Errorf("GET %s is %d: %s", path, a.StatusCode, a.body)
		}
	}
}

// TestContentTypesAreOurOwn: what the machine says of file names changes nothing.
// It is not parallel, since package mime has one table for all.
func TestContentTypesAreOurOwn(t *testing.T) {
	for _, extension := range []string{".css", ".svg"} {
		before := mime.TypeByExtension(extension)
		if err := mime.AddExtensionType(extension, "text/plain"); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := mime.AddExtensionType(extension, before); err != nil {
				t.Error(err)
			}
		})
	}
	b := newStage(t).browser()
	for path, want := range map[string]string{"/assets/x/pages.css": "text/css; charset=utf-8", "/favicon.ico": "image/svg+xml"} {
		if got := b.get(path).Header.Get("Content-Type"); got != want {
			t.Errorf("GET %s: Content-Type %q, want %q", path, got, want)
		}
	}
}

// TestHeaders is the snapshot of what every answer carries.
func TestHeaders(t *testing.T) {
	t.Parallel()
	b := newStage(t).browser()
	for path, want := range map[string]http.Header{
		"/":        {"Content-Type": {"text/html; charset=utf-8"}, "Cache-Control": {"no-cache, no-store"}},
		"/signup":  {"Content-Type": {"text/html; charset=utf-8"}, "Cache-Control": {"no-cache, no-store"}},
		"/nowhere": {"Content-Type": {"text/html; charset=utf-8"}, "Cache-Control": {"no-cache, no-store"}},
		"/signin":  {"Cache-Control": {"no-cache, no-store"}},
		"/favicon.ico": {
			"Content-Type": {"image/svg+xml"}, "Cache-Control": {"public, max-age=86400"},
		},
		"/assets/old/pages.css": {"Content-Type": {"text/css; charset=utf-8"}, "Cache-Control": {"no-cache"}},
		get(b.get("/").dom.all("link")[0], "href"): {
			"Content-Type": {"text/css; charset=utf-8"}, "Cache-Control": {"public, max-age=31536000, immutable"},
		},
	} {
		a := b.get(path)
		want.Set("X-Content-Type-Options", "nosniff")
		want.Set("Referrer-Policy", "same-origin")
		for name := range want {
			if got := a.Header.Get(name); got != want.Get(name) {
				t.Errorf("GET %s: %s is %q, want %q", path, name, got, want.Get(name))
			}
		}
		policy := a.Header.Get("Content-Security-Policy")
		if a.dom == nil {
			continue
		}
		for _, part := range []string{"default-src 'none'", "style-src 'self'", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'"} {
			if !strings.Contains(policy, part) {
				t.Errorf("GET %s: the policy is without %s: %s", path, part, policy)
			}
		}
		if strings.Contains(policy, "unsafe") {
			t.Errorf("GET %s: the policy is %s", path, policy)
		}
	}
}
