package signinpage

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"

	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/password"
	"github.com/usher-id/usher/internal/profile"
	"github.com/usher-id/usher/internal/signin"
	"github.com/usher-id/usher/internal/web"
)

// signInBody is the sign-in form.
type signInBody struct {
	Username string
	SignUp   bool // whether to show the link
}

// accountBody is what somebody sees who is signed in.
type accountBody struct {
	Login   string
	Entries []accountEntry
	Groups  []string
}

type accountEntry struct {
	Label  string
	Lines  []string
	Masked bool
}

// home is the org's own address: sign-in form or account.
func (p *Pages) home(w http.ResponseWriter, r *http.Request) error {
	u, err := p.who(r)
	switch {
	case err != nil:
		return err
	case u != nil:
		return p.account(w, r, u)
	}
	var content page
	if r.URL.Query().Get(noticeKey) == noticeExists {
		content.Notice = p.views.text.AccountExists
	}
	return p.signInForm(w, r, http.StatusOK, content, "")
}

// A notice that outlives a redirect is named in the URL, never worded there.
const (
	noticeKey    = "account"
	noticeExists = "exists"
)

func (p *Pages) signInForm(w http.ResponseWriter, r *http.Request, status int, content page, username string) error {
	open, err := p.Enroll.Open(r.Context(), clientOf(r))
	if err != nil {
		return err
	}
	content.Title, content.Client = p.views.text.SignIn, clientOf(r)
	content.Body = signInBody{Username: visible(username), SignUp: open}
	return p.write(w, r, status, pageSignIn, content)
}

func (p *Pages) submitSignIn(w http.ResponseWriter, r *http.Request) error {
	if err := admit(w, r, p.SignInLimit); err != nil {
		return err
	}
	sent, err := p.readForm(w, r)
	if err != nil {
		return err
	}
	username := sent.Get("username")
	if err := admitKey(w, p.SignInLimit, loginKey(username)); err != nil {
		return err
	}
	info := signin.Request(web.InfoOf(r.Context()))
	handle, err := p.SignIn.WithPassword(r.Context(), username, password.NewSecret(sent.Get("password")), info)
	if f := fault.As(err); f != nil && (f.Kind == fault.Unauthenticated || f.Kind == fault.Busy) {
		return p.signInForm(w, r, p.refusal(w, r, err), page{Alerts: []string{f.Summary}}, username)
	}
	if err != nil {
		return err
	}
	// The session of whoever was signed in here before ends with the new one
	// (ASVS 5.0, 7.2.4).
	if err := p.endSession(r); err != nil {
		return err
	}
	p.Site.SetCookie(w, web.SessionCookie, handle, 0)
	return p.toHome(w, r)
}

// loginKey is the key by which sign-ins of one login are counted, wherever they
// come from: passwords are guessed from many addresses. It is a hash, so that a
// limiter that remembers many keys keeps neither long ones nor people's logins.
func loginKey(username string) string {
	sum := sha256.Sum256([]byte(profile.FoldLogin(username)))
	return "login:" + hex.EncodeToString(sum[:])
}

// refusal gives the status of a form that comes back. Only a busy server has one
// of its own: the form can be sent again as it is.
func (p *Pages) refusal(w http.ResponseWriter, r *http.Request, err error) int {
	if !fault.Is(err, fault.Busy) {
		return http.StatusUnprocessableEntity
	}
	problem := web.Explain(r, err)
	problem.SetRetry(w.Header())
	return problem.Status
}

func (p *Pages) signOut(w http.ResponseWriter, r *http.Request) error {
	if err := p.endSession(r); err != nil {
		return err
	}
	p.Site.ClearCookie(w, web.SessionCookie)
	return p.toHome(w, r)
}

func (p *Pages) endSession(r *http.Request) error {
	handle := p.Site.CookieValue(r, web.SessionCookie)
	if handle == "" {
		return nil
	}
	return p.SignIn.SignOut(r.Context(), handle, signin.Request(web.InfoOf(r.Context())))
}

func (p *Pages) account(w http.ResponseWriter, r *http.Request, u *org.User) error {
	a, err := p.SignIn.Account(r.Context(), u)
	if err != nil {
		return err
	}
	t := p.views.text
	body := accountBody{Login: a.Login, Groups: a.Groups}
	for _, e := range a.Entries {
		body.Entries = append(body.Entries, accountEntry{
			Label: cmp.Or(e.Attribute.Title, e.Attribute.Name), Masked: e.Masked, Lines: t.lines(e.Attribute, e.Value),
		})
	}
	return p.write(w, r, http.StatusOK, pageAccount, page{Title: fmt.Sprintf(t.Greeting, a.Name), Body: body})
}

// lines gives a value as people read it, an array one line for each element.
func (t text) lines(a profile.Attribute, value any) []string {
	switch value := value.(type) {
	case nil:
		return nil
	case bool:
		if value {
			return []string{t.Yes}
		}
		return []string{t.No}
	case []any:
		var list []string
		for _, element := range value {
			list = append(list, t.lines(elementOf(a), element)...)
		}
		return list
	}
	for _, c := range choices(a.Enum, a.OneOf) {
		if c.Value == plain(value) {
			return []string{c.Label}
		}
	}
	return []string{strings.TrimSpace(plain(value))}
}

func elementOf(a profile.Attribute) profile.Attribute {
	if a.Items == nil {
		return profile.Attribute{}
	}
	return profile.Attribute{Type: a.Items.Type, Enum: a.Items.Enum, OneOf: a.Items.OneOf}
}
