package signinpage_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/usher-id/usher/hook"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/profile"
)

const review = "We found some errors. Please review the form and make corrections."

func TestStrangersFindTheirWayToTheSignUp(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	b := s.browser()

	home := b.get("/")
	if home.StatusCode != http.StatusOK || len(home.dom.field("username")) != 1 || len(home.dom.field("password")) != 1 {
		t.Fatalf("GET / is %d without the sign-in form:\n%s", home.StatusCode, home.body)
	}
	if home.dom.focus() != "username" {
		t.Errorf("focus on %q", home.dom.focus())
	}
	links := home.dom.all("a")
	if last := links[len(links)-1]; textOf(last) != "Sign up" || get(last, "href") != "/signup" {
		t.Error("the last link of the sign-in form is not Sign up")
	}
	form := b.get("/signup")
	if form.StatusCode != http.StatusOK || form.dom.focus() != "firstName" || form.dom.link("Sign in") != "/" {
		t.Errorf("GET /signup is %d, focus on %q", form.StatusCode, form.dom.focus())
	}
	if again := b.get("/signin"); again.StatusCode != http.StatusSeeOther || again.Header.Get("Location") != "/" {
		t.Errorf("GET /signin is %d to %q", again.StatusCode, again.Header.Get("Location"))
	}
}

// Whoever came for an app keeps it from page to page.
func TestPagesKeepTheApp(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	const client = `shop+1&x="<y>`
	s.update(func(ctx context.Context, tx *org.Tx) error {
		own := *s.policy
		own.ID, own.Source, own.Name, own.System = "rstShop", "regShop", "Shop", false
		own.Rule.Attributes = []org.FormAttribute{{Name: "email", Label: "For the shop"}, {Name: "lastName"}, {Name: "firstName"}}
		app := &org.App{ID: "0oaShop", ClientID: client, Name: org.AppOIDC, Label: "Shop", Status: org.StatusActive, PolicyID: own.ID}
		return errors.Join(tx.Policies.Create(ctx, &own), tx.Apps.Create(ctx, app))
	})
	query := "?" + url.Values{"client_id": {client}}.Encode()
	b := s.browser()
	home := b.get("/" + query)
	if got := home.dom.link("Sign up"); got != "/signup"+query {
		t.Errorf("the link to sign up leads to %q", got)
	}
	if form := home.dom.all("form"); len(form) != 1 || get(form[0], "action") != "/signin"+query {
		t.Errorf("the form of\n%s", home.body)
	}
	if again := b.get("/signin" + query); again.Header.Get("Location") != "/"+query {
		t.Errorf("GET /signin leads to %q", again.Header.Get("Location"))
	}
	form := b.get(home.dom.link("Sign up"))
	if form.dom.focus() != "email" || form.dom.link("Sign in") != "/"+query || !strings.Contains(form.body, "For the shop") {
		t.Errorf("the form is\n%s", form.body)
	}
	action := get(form.dom.all("form")[0], "action")
	if wrong := b.post(action, url.Values{"email": {"zoe@example.com"}}); get(wrong.dom.all("form")[0], "action") != action || !strings.Contains(wrong.body, "For the shop") {
		t.Errorf("a form that comes back is\n%s", wrong.body)
	}
	done := b.post(action, url.Values{"email": {"zoe@example.com"}, "firstName": {"Zoe"}, "lastName": {"Low"}, "password": {goodPassword}})
	if done.StatusCode != http.StatusSeeOther {
		t.Errorf("POST %s is %d: %s", action, done.StatusCode, done.body)
	}
	if page := s.browser().get("/signup?client_id=nobodys"); page.StatusCode != http.StatusForbidden {
		t.Errorf("the form of an app that is none is %d", page.StatusCode)
	}
}

func TestSignUpMakesAUserWhoIsSignedIn(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.judge(func(_ context.Context, r *hook.RegistrationRequest) (hook.Answer, error) {
		if languages, _ := r.Data.UserProfile.Get("tongues"); len(languages.([]any)) != 2 {
			return hook.Deny("the lines of the text area are not the elements of the array"), nil
		}
		return hook.Allow(), nil
	})
	b := s.browser()
	b.get("/signup")
	done := b.post("/signup", exampleEntries())
	if done.StatusCode != http.StatusSeeOther || done.Header.Get("Location") != "/" {
		t.Fatalf("POST /signup is %d: %s", done.StatusCode, done.body)
	}
	account := b.get("/")
	text := account.dom.text()
	for _, want := range []string{"Hello, Ana", "ana@example.com", "Paid", "••••", "Yes", "Basque", "Welsh", org.Everyone, "Sign out"} {
		if !strings.Contains(text, want) {
			t.Errorf("the account page does not show %q:\n%s", want, text)
		}
	}
	for _, not := range []string{"B-77", "Score", ">7<", goodPassword, "Sign up"} {
		if strings.Contains(account.body, not) {
			t.Errorf("the account page shows %q", not)
		}
	}
	if n := s.users(); n != 1 || s.asked.Load() != 1 {
		t.Errorf("%d users, hook asked %d times", n, s.asked.Load())
	}
}

func TestSignedInPeopleNeedNoSignUp(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	b := s.browser()
	b.get("/signup")
	b.post("/signup", exampleEntries())

	// Back, a second tab with other values, the same form again.
	for _, again := range []answer{
		b.get("/signup"),
		b.post("/signup", exampleEntries()),
		b.post("/signup", with(exampleEntries(), url.Values{"email": {"two@example.com"}})),
	} {
		if again.StatusCode != http.StatusSeeOther || again.Header.Get("Location") != "/" {
			t.Errorf("%s /signup is %d to %q", again.Request.Method, again.StatusCode, again.Header.Get("Location"))
		}
	}
	if n := s.users(); n != 1 || s.asked.Load() != 1 {
		t.Errorf("%d users, hook asked %d times", n, s.asked.Load())
	}
}

// turnstile tells of each submission that has come in.
type turnstile chan string

func (l turnstile) Admit(_ http.ResponseWriter, key string) error {
	l <- key
	return nil
}

func TestDoubleClickMakesOneUser(t *testing.T) {
	t.Parallel()
	in := make(turnstile)
	s := newStage(t, func(set *setting) { set.config.SignUpLimit = in })
	both := make(chan struct{})
	s.judge(func(context.Context, *hook.RegistrationRequest) (hook.Answer, error) {
		<-both
		return hook.Allow(), nil
	})
	b := s.browser()
	b.get("/signup")
	answers := make(chan answer, 2)
	var clicks sync.WaitGroup
	for range 2 {
		clicks.Go(func() { answers <- b.post("/signup", exampleEntries()) })
		<-in
	}
	close(both)
	clicks.Wait()
	for range 2 {
		a := <-answers
		if a.StatusCode != http.StatusSeeOther || a.Header.Get("Location") != "/" || len(a.Cookies()) != 1 {
			t.Errorf("a click ends with %d, to %q, %d cookies: %s", a.StatusCode, a.Header.Get("Location"), len(a.Cookies()), a.body)
		}
	}
	if n := s.users(); n != 1 || s.asked.Load() != 1 {
		t.Errorf("%d users, hook asked %d times", n, s.asked.Load())
	}
	if text := b.get("/").dom.text(); !strings.Contains(text, "Hello, Ana") {
		t.Errorf("not signed in:\n%s", text)
	}
}

func TestSentAgainLongAfterTheEnd(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	b := s.browser()
	b.get("/signup")
	b.post("/signup", exampleEntries())
	b.post("/signout", nil)

	s.clock.add(time.Hour)
	again := b.post("/signup", exampleEntries())
	if again.StatusCode != http.StatusSeeOther || len(again.Cookies()) != 0 {
		t.Fatalf("POST /signup is %d with %d cookies: %s", again.StatusCode, len(again.Cookies()), again.body)
	}
	home := b.get(again.Header.Get("Location"))
	if text := home.dom.text(); !strings.Contains(text, "Your account exists. Please sign in.") || len(home.dom.field("username")) != 1 {
		t.Errorf("the person is not told to sign in:\n%s", text)
	}
	if n := s.users(); n != 1 || s.asked.Load() != 1 {
		t.Errorf("%d users, hook asked %d times", n, s.asked.Load())
	}
	// And somebody else can sign up in this browser.
	b.get("/signup")
	if other := b.post("/signup", with(exampleEntries(), url.Values{"email": {"two@example.com"}})); other.StatusCode != http.StatusSeeOther {
		t.Errorf("another person's POST /signup is %d: %s", other.StatusCode, other.body)
	}
	if n := s.users(); n != 2 {
		t.Errorf("%d users, want 2", n)
	}
}

func TestWithoutTheCookieTheFormComesBack(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	b := s.browser()
	form := b.post("/signup", exampleEntries())
	if form.StatusCode != http.StatusUnprocessableEntity || s.asked.Load() != 0 {
		t.Errorf("POST /signup is %d, hook asked %d times", form.StatusCode, s.asked.Load())
	}
	if a := form.dom.alerts(); len(a) != 1 || !strings.HasPrefix(a[0], "Your browser did not send our cookie") {
		t.Errorf("alerts %q", a)
	}
	if form.dom.value("email") != "ana@example.com" || form.dom.focus() != "alert" {
		t.Errorf("email %q, focus on %q", form.dom.value("email"), form.dom.focus())
	}
	if again := b.post("/signup", exampleEntries()); again.StatusCode != http.StatusSeeOther {
		t.Errorf("sent again: %d: %s", again.StatusCode, again.body)
	}
}

func TestRefusalsOfTheHookAreShownWhereTheyBelong(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	b := s.browser()
	b.get("/signup")
	for name, c := range map[string]struct {
		answer hook.Answer
		err    error
		at     map[string][]string
		alerts []string
		focus  string
	}{
		"at a field": {
			answer: hook.DenyField("email", "Only example.com emails can register."),
			at:     map[string][]string{"email": {"Only example.com emails can register."}}, alerts: []string{review}, focus: "email",
		},
		"at two fields": {
			answer: hook.DenyField("plan", "No.").DenyField("firstName", "One.").DenyField("firstName", "Two."),
			at:     map[string][]string{"plan": {"No."}, "firstName": {"One.", "Two."}}, alerts: []string{review}, focus: "firstName",
		},
		"at groups of choices": {
			answer: hook.DenyField("news", "You cannot.").DenyField("tongues", "Learn one more."),
			at:     map[string][]string{"news": {"You cannot."}, "tongues": {"Learn one more."}}, alerts: []string{review}, focus: "news",
		},
		"at a field and above": {
			answer: hook.Deny("Try tomorrow.").DenyField("email", "Not this one."),
			at:     map[string][]string{"email": {"Not this one."}}, alerts: []string{"Try tomorrow."}, focus: "email",
		},
		"at a field that is not on the form": {
			answer: hook.DenyField("costCenter", "No such cost center."), alerts: []string{"No such cost center."}, focus: "alert",
		},
		"without words": {answer: hook.Deny(""), alerts: []string{"Registration denied."}, focus: "alert"},
		"a failing service": {
			err:    context.Canceled,
			alerts: []string{"There was an error creating your account. Please try registering again."}, focus: "alert",
		},
	} {
		s.judge(func(context.Context, *hook.RegistrationRequest) (hook.Answer, error) { return c.answer, c.err })
		a := b.post("/signup", exampleEntries())
		if a.StatusCode != http.StatusUnprocessableEntity || !slices.Equal(a.dom.alerts(), c.alerts) || a.dom.focus() != c.focus {
			t.Errorf("%s: %d, alerts %q, focus on %q", name, a.StatusCode, a.dom.alerts(), a.dom.focus())
		}
		for field := range exampleEntries() {
			if got := a.dom.at(field); !slices.Equal(got, c.at[field]) {
				t.Errorf("%s: at %s %q, want %q", name, field, got, c.at[field])
			}
		}
		checkKept(t, a.dom)
		if !strings.HasPrefix(textOf(a.dom.all("title")[0]), "Error: ") {
			t.Errorf("%s: the title does not tell of an error", name)
		}
	}
	if n := s.users(); n != 0 {
		t.Errorf("%d users", n)
	}
}

// checkKept wants what exampleEntries entered still there, but the password.
func checkKept(t *testing.T, d *document) {
	t.Helper()
	for name, want := range map[string]string{
		"firstName": "Ana", "email": "ana@example.com", "plan": "paid", "badge": "B-77", "tongues": "Basque\n\nWelsh\n",
		"score": "7", "password": "",
	} {
		if got := d.value(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if !has(d.field("news")[0], "checked") {
		t.Error("news is not ticked any more")
	}
}

func TestBadEntriesNeverReachTheHook(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	b := s.browser()
	b.get("/signup")
	for name, c := range map[string]struct {
		entries url.Values
		field   string
		says    string
	}{
		"blank":                {url.Values{"firstName": {" "}}, "firstName", "cannot be left blank"},
		"absent":               {url.Values{"lastName": nil}, "lastName", "cannot be left blank"},
		"no address":           {url.Values{"email": {"ana.example.com"}}, "email", "mail"},
		"not on the list":      {url.Values{"plan": {"gold"}}, "plan", "listed"},
		"no number":            {url.Values{"score": {"seven"}}, "score", "whole number"},
		"NUL":                  {url.Values{"firstName": {"A\x00na"}}, "firstName", "characters"},
		"no UTF-8":             {url.Values{"firstName": {"\xff\xfe"}}, "firstName", "characters"},
		"no UTF-8 in a list":   {url.Values{"tongues": {"ok\n\xff"}}, "tongues", "characters"},
		"too long":             {url.Values{"firstName": {strings.Repeat("a", 51)}}, "firstName", "at most 50"},
		"without a password":   {url.Values{"password": nil}, "password", "cannot be left blank"},
		"too short a password": {url.Values{"password": {"seven 7"}}, "password", "at least 8 characters"},
		"NUL in the password":  {url.Values{"password": {"eight\x00and more"}}, "password", "Unicode"},
	} {
		a := b.post("/signup", with(exampleEntries(), c.entries))
		if a.StatusCode != http.StatusUnprocessableEntity || a.dom.focus() != c.field || !slices.Equal(a.dom.alerts(), []string{review}) {
			t.Errorf("%s: %d, alerts %q, focus on %q", name, a.StatusCode, a.dom.alerts(), a.dom.focus())
		}
		if got := a.dom.at(c.field); len(got) != 1 || !strings.Contains(got[0], c.says) {
			t.Errorf("%s: at %s %q", name, c.field, got)
		}
		if strings.Contains(a.body, "eight\x00") || strings.Contains(a.body, "seven 7") {
			t.Errorf("%s: the password is in the page", name)
		}
	}
	if s.asked.Load() != 0 || s.users() != 0 {
		t.Errorf("hook asked %d times, %d users", s.asked.Load(), s.users())
	}
}

func TestATakenAddressIsSaidAtItsField(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	b, other := s.browser(), s.browser()
	b.get("/signup")
	b.post("/signup", exampleEntries())
	other.get("/signup")
	a := other.post("/signup", with(exampleEntries(), url.Values{"email": {"ANA@example.com"}}))
	if got := a.dom.at("email"); len(got) != 1 || !strings.Contains(got[0], "already exists") {
		t.Errorf("at email %q", got)
	}
}

func TestWhereNobodyMaySignUp(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	b := s.browser()
	b.get("/signup")
	s.policy.Rule.UnknownUserAction = org.ActionDeny
	s.update(func(ctx context.Context, tx *org.Tx) error { return tx.Policies.Update(ctx, s.policy) })

	if home := b.get("/"); home.dom.link("Sign up") != "" || len(home.dom.field("username")) != 1 {
		t.Error("the link Sign up is shown, or the form is not")
	}
	for _, a := range []answer{b.get("/signup"), b.post("/signup", exampleEntries())} {
		if a.StatusCode != http.StatusForbidden || !strings.Contains(a.dom.text(), "Sign-up is not available.") || a.dom.link("Back to the first page") != "/" {
			t.Errorf("%s /signup is %d:\n%s", a.Request.Method, a.StatusCode, a.dom.text())
		}
	}
	if s.asked.Load() != 0 || s.users() != 0 {
		t.Errorf("hook asked %d times, %d users", s.asked.Load(), s.users())
	}
}

func TestSignUpThatIsClosedMeanwhile(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	b := s.browser()
	b.get("/signup")
	s.judge(func(ctx context.Context, _ *hook.RegistrationRequest) (hook.Answer, error) {
		s.policy.Rule.UnknownUserAction = org.ActionDeny
		return hook.Allow(), s.store.Update(ctx, func(ctx context.Context, tx *org.Tx) error { return tx.Policies.Update(ctx, s.policy) })
	})
	a := b.post("/signup", exampleEntries())
	if a.StatusCode != http.StatusForbidden || !strings.Contains(a.dom.text(), "Sign-up is not available.") || s.users() != 0 {
		t.Errorf("POST /signup is %d, %d users:\n%s", a.StatusCode, s.users(), a.dom.text())
	}
}

func TestWhatPeopleAndServicesSayStaysText(t *testing.T) {
	t.Parallel()
	corpus := []string{
		`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `' autofocus onfocus='alert(1)`, `</textarea><svg onload=alert(1)>`,
		`</title><b>`, `{{.Org}}`, `javascript:alert(1)`, `&lt;b&gt;`, "\u202Eevil", `<!--`, `]]>`, "`${1}`",
	}
	s := newStage(t, func(set *setting) {
		for i := range set.form {
			set.form[i].Label += ` <b onclick="x">`
		}
		set.attributes = append(set.attributes, profile.Attribute{
			Name: "trap", Title: corpus[1], Description: corpus[0], Type: profile.String,
		})
		set.form = append(set.form, org.FormAttribute{Name: "trap", Label: corpus[1]})
	})
	b := s.browser()
	b.get("/signup")
	for _, evil := range corpus {
		s.judge(func(context.Context, *hook.RegistrationRequest) (hook.Answer, error) {
			return hook.Deny(evil).DenyField("lastName", evil), nil
		})
		a := b.post("/signup", with(exampleEntries(), url.Values{
			"firstName": {evil}, "trap": {evil}, "tongues": {evil}, `"><script>`: {evil},
		}))
		if a.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("%q: %d", evil, a.StatusCode)
			continue
		}
		if got := a.dom.value("trap") + a.dom.value("tongues"); got != evil+evil {
			t.Errorf("%q comes back as %q", evil, got)
		}
	}
	// The account page shows what was stored.
	s.judge(func(context.Context, *hook.RegistrationRequest) (hook.Answer, error) { return hook.Allow(), nil })
	b.post("/signup", with(exampleEntries(), url.Values{"firstName": {corpus[0]}, "trap": {corpus[1]}}))
	if text := b.get("/").dom.text(); !strings.Contains(text, "Hello, "+corpus[0]) || strings.Count(text, corpus[1]) != 2 {
		t.Errorf("the account page:\n%s", text)
	}
}
