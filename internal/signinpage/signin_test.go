package signinpage_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// known gives a stage with one person, and a browser without cookies.
func known(t *testing.T) (*stage, *browser) {
	t.Helper()
	s := newStage(t)
	b := s.browser()
	b.get("/signup")
	if a := b.post("/signup", exampleEntries()); a.StatusCode != http.StatusSeeOther {
		t.Fatalf("POST /signup is %d: %s", a.StatusCode, a.body)
	}
	return s, s.browser()
}

func credentials(username, password string) url.Values {
	return url.Values{"username": {username}, "password": {password}}
}

func TestSignInAndOut(t *testing.T) {
	t.Parallel()
	_, b := known(t)
	in := b.post("/signin", credentials("ana@example.com", goodPassword))
	if in.StatusCode != http.StatusSeeOther || in.Header.Get("Location") != "/" || len(in.Cookies()) != 1 {
		t.Fatalf("POST /signin is %d to %q: %s", in.StatusCode, in.Header.Get("Location"), in.body)
	}
	c := in.Cookies()[0]
	if !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" {
		t.Errorf("the cookie of the session is %v", c)
	}
	if text := b.get("/").dom.text(); !strings.Contains(text, "Hello, Ana") {
		t.Fatalf("not signed in:\n%s", text)
	}
	if out := b.post("/signout", nil); out.StatusCode != http.StatusSeeOther || out.Header.Get("Location") != "/" {
		t.Errorf("POST /signout is %d", out.StatusCode)
	}
	if home := b.get("/"); len(home.dom.field("username")) != 1 {
		t.Error("still signed in")
	}
	// The handle is worth nothing any more, wherever it was kept.
	r := b.do(http.MethodGet, "/", nil, http.Header{"Cookie": {c.Name + "=" + c.Value}})
	if len(r.dom.field("username")) != 1 {
		t.Error("the session lives on")
	}
	if again := b.post("/signout", nil); again.StatusCode != http.StatusSeeOther {
		t.Errorf("POST /signout by a stranger is %d", again.StatusCode)
	}
}

func TestWhoCannotBeLetInLearnsNothing(t *testing.T) {
	t.Parallel()
	_, b := known(t)
	wrong := b.post("/signin", credentials("ana@example.com", badPassword))
	if wrong.StatusCode != http.StatusUnprocessableEntity || len(wrong.Cookies()) != 0 {
		t.Errorf("POST /signin is %d with %d cookies", wrong.StatusCode, len(wrong.Cookies()))
	}
	if a := wrong.dom.alerts(); len(a) != 1 || a[0] != "Unable to sign in" {
		t.Errorf("alerts %q", a)
	}
	if wrong.dom.value("username") != "ana@example.com" || wrong.dom.value("password") != "" || wrong.dom.focus() != "password" {
		t.Errorf("username %q, focus on %q", wrong.dom.value("username"), wrong.dom.focus())
	}
	for name, username := range map[string]string{
		"unknown": "bob@example.com", "empty": "", "NUL": "ana@example.com\x00", "no UTF-8": "\xff\xfe",
		"markup": `"><script>`, "long": strings.Repeat("a", 60_000),
	} {
		other := b.post("/signin", credentials(username, goodPassword))
		if other.StatusCode != wrong.StatusCode || len(other.Cookies()) != 0 {
			t.Errorf("%s: %d", name, other.StatusCode)
			continue
		}
		if name == "unknown" && strings.ReplaceAll(other.body, username, "ana@example.com") != wrong.body {
			t.Errorf("%s: the page differs from that for a wrong password:\n%s", name, other.body)
		}
	}
}

func TestANewSessionEndsTheOldOne(t *testing.T) {
	t.Parallel()
	_, b := known(t)
	first := b.post("/signin", credentials("ana@example.com", goodPassword)).Cookies()[0]
	second := b.post("/signin", credentials("ana@example.com", goodPassword)).Cookies()[0]
	if first.Value == second.Value {
		t.Error("the handle of the session is the same")
	}
	stranger := &browser{b.t, b.url, &http.Client{}}
	for value, in := range map[string]bool{first.Value: false, second.Value: true} {
		a := stranger.do(http.MethodGet, "/", nil, http.Header{"Cookie": {first.Name + "=" + value}})
		if got := strings.Contains(a.dom.text(), "Hello, Ana"); got != in {
			t.Errorf("signed in is %v, want %v", got, in)
		}
	}
	// A wrong password ends nobody's session.
	b.post("/signin", credentials("ana@example.com", badPassword))
	if text := b.get("/").dom.text(); !strings.Contains(text, "Hello, Ana") {
		t.Error("a failed sign-in has ended the session")
	}
}
