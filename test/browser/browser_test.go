package browser

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/usher-id/usher/test/run"
)

const (
	goodPassword = "correct horse 47 battery"
	// refusal is what the example service says to people of other domains.
	refusal = "Only example.com emails can register."
)

// person fills in the form.
func (p *tab) person(email string) {
	p.Helper()
	p.fill("firstName", "Ada", "lastName", "Lovelace", "email", email, "password", goodPassword)
}

// users counts the people that were made, by what usher itself tells.
func users(t *testing.T, s *run.Server) int {
	t.Helper()
	return s.Events(t)["user.lifecycle.create"]
}

// The path of the first screen of README, in both colour schemes and from the
// narrowest window to a wide one: refused by the example service, then let in,
// out and in again.
func TestSignUp(t *testing.T) {
	t.Parallel()
	server := run.Dev(t, run.Options{})
	browser := open(t)
	for _, scheme := range []string{"light", "dark"} {
		for _, width := range []int64{320, 1280} {
			name := map[int64]string{320: "narrow", 1280: "wide"}[width]
			t.Run(scheme+" "+name, func(t *testing.T) {
				p := browser.tab(t, server)
				p.scheme(scheme)
				p.do(chromedp.EmulateViewport(width, 720))
				signUpAndIn(p, scheme+"-"+name)
			})
		}
	}
	if got := users(t, server); got != 4 {
		t.Errorf("%d users, want 4", got)
	}
}

func signUpAndIn(p *tab, login string) {
	p.Helper()
	p.open("/")
	p.audit()
	if status := p.leads(chromedp.Click(chromedp.CSS(`a[href="/signup"]`))); status != 200 {
		p.Fatalf("the link to sign up: status %d", status)
	}
	p.audit()

	p.person(login + "@other.org")
	if status := p.submit(); status != 422 {
		p.Errorf("refused with status %d, want 422", status)
	}
	if got := p.at("email"); !slices.Equal(got, []string{refusal}) {
		p.Errorf("at the field: %q, want %q", got, refusal)
	}
	if got := p.focus(); got != "email" {
		p.Errorf("the focus is on %s, want email", got)
	}
	for name, want := range map[string]string{"firstName": "Ada", "lastName": "Lovelace", "email": login + "@other.org", "password": ""} {
		if got := p.value(name); got != want {
			p.Errorf("%s holds %q, want %q", name, got, want)
		}
	}
	p.audit()

	p.fill("email", login+"@example.com", "password", goodPassword)
	if status := p.submit(); status != 200 {
		p.Fatalf("let in, with status %d:\n%s", status, p.text())
	}
	p.wants("Hello, Ada", "Lovelace", login+"@example.com")
	p.audit()

	p.submit() // signs out
	p.wants("Username")
	p.fill("username", strings.ToUpper(login)+"@EXAMPLE.COM", "password", "wrong "+goodPassword)
	if status := p.submit(); status != 422 {
		p.Errorf("a wrong password: status %d, want 422", status)
	}
	p.wants("Unable to sign in")
	p.audit()
	p.fill("password", goodPassword)
	p.submit()
	p.wants("Hello, Ada")
}

// A person without a mouse.
func TestKeyboard(t *testing.T) {
	t.Parallel()
	server := run.Dev(t, run.Options{})
	p := open(t).tab(t, server)
	p.open("/")
	// From the field that has the focus to the link at the bottom.
	for range 20 {
		p.do(chromedp.KeyEvent(kb.Tab))
		if get(p, chromedp.Evaluate[string](`document.activeElement.getAttribute("href") || ""`)) == "/signup" {
			break
		}
	}
	p.leads(chromedp.KeyEvent(kb.Enter))
	for _, field := range []struct{ name, text string }{
		{"firstName", "Ada"}, {"lastName", "Lovelace"}, {"email", "ada@other.org"}, {"password", goodPassword},
	} {
		if got := p.focus(); got != field.name {
			p.Fatalf("the focus is on %s, want %s", got, field.name)
		}
		if get(p, chromedp.Evaluate[string](`getComputedStyle(document.activeElement).outlineStyle`)) == "none" {
			p.Errorf("nobody sees that %s has the focus", field.name)
		}
		p.do(chromedp.KeyEvent(field.text), chromedp.KeyEvent(kb.Tab))
	}
	if got := p.focus(); got != "button" {
		p.Errorf("the focus is on %s, want the button", got)
	}
	p.leads(chromedp.KeyEvent(kb.Enter))
	if got := p.focus(); got != "email" {
		p.Fatalf("the focus is on %s, want email", got)
	}
	p.do(selectAll, chromedp.KeyEvent("ada@example.com"), chromedp.KeyEvent(kb.Tab), chromedp.KeyEvent(goodPassword))
	p.leads(chromedp.KeyEvent(kb.Enter)) // in the field
	p.wants("Hello, Ada")
}

func TestWithoutJavaScript(t *testing.T) {
	t.Parallel()
	server := run.Dev(t, run.Options{})
	p := open(t).tab(t, server)
	call(p, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	p.open("/signup")
	p.person("ada@other.org")
	p.submit()
	p.wants(refusal)
	p.fill("email", "ada@example.com", "password", goodPassword)
	p.submit()
	p.wants("Hello, Ada")
	p.submit()
	p.wants("Username")
	if got := users(t, server); got != 1 {
		t.Errorf("%d users, want 1", got)
	}
}

// What impatient people do. Each ends with one user more, and with somebody who
// is signed in.
func TestImpatience(t *testing.T) {
	t.Parallel()
	service := run.NewService(t)
	server := run.Dev(t, run.Options{Hook: service.URL})
	browser := open(t)
	slow := run.Allow()
	slow.Delay = 500 * time.Millisecond
	deny := run.Answer{Status: 200, Body: `{"error":{"errorCauses":[{"errorSummary":"Not today."}]}}`}

	for _, test := range []struct {
		name    string
		answers []run.Answer
		try     func(p *tab)
	}{
		{"a double click", []run.Answer{slow}, func(p *tab) {
			p.leads(chromedp.DoubleClick(button))
		}},
		{"back after it went through", []run.Answer{run.Allow()}, func(p *tab) {
			p.submit()
			p.leads(chromedp.NavigateBack()) // the form, which leads to the account
		}},
		{"the page with a refusal is loaded again", []run.Answer{deny, run.Allow()}, func(p *tab) {
			p.submit()
			p.wants("Not today.")
			p.leads(chromedp.Reload()) // and sends the form again
		}},
		{"the account is loaded again", []run.Answer{run.Allow()}, func(p *tab) {
			p.submit()
			p.leads(chromedp.Reload())
		}},
		{"back after a refusal", []run.Answer{deny, run.Allow()}, func(p *tab) {
			p.submit()
			p.leads(chromedp.NavigateBack())
			p.person("again@example.com")
			if status := p.submit(); status != 200 {
				p.Errorf("status %d:\n%s", status, p.text())
			}
		}},
		{"a second tab sends its form after the first", []run.Answer{run.Allow()}, func(p *tab) {
			second := p.another()
			second.open("/signup")
			second.person("second@example.com")
			p.submit()
			if status := second.submit(); status != 200 {
				p.Errorf("the second tab: status %d", status)
			}
			second.wants("Hello, Ada")
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			before := users(t, server)
			service.Answer(test.answers...)
			p := browser.tab(t, server)
			p.open("/signup")
			p.person(strings.ReplaceAll(test.name, " ", "-") + "@example.com")
			test.try(p)
			p.open("/")
			p.wants("Hello, Ada")
			if got := users(t, server) - before; got != 1 {
				t.Errorf("%d users, want 1", got)
			}
		})
	}
}

// The pictures of the documentation, which `make screenshots` keeps.
func TestScreenshots(t *testing.T) {
	t.Parallel()
	dir := os.Getenv("USHER_SCREENSHOTS")
	if dir == "" {
		dir = t.TempDir()
	} else if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	server := run.Dev(t, run.Options{})
	p := open(t).tab(t, server)
	for _, picture := range []struct{ scheme, file string }{
		{"light", "signup-refused.png"}, {"dark", "signup-refused-dark.png"},
	} {
		p.scheme(picture.scheme)
		p.do(chromedp.EmulateViewport(880, 910))
		p.open("/signup")
		p.person("ada@other.org")
		p.submit()
		p.wants(refusal)
		p.shot(filepath.Join(dir, picture.file))
	}
	p.fill("email", "ada@example.com", "password", goodPassword)
	p.submit()
	p.wants("Hello, Ada")
	p.scheme("light")
	p.open("/")
	p.do(chromedp.EmulateViewport(880, 690))
	p.shot(filepath.Join(dir, "account.png"))
}
