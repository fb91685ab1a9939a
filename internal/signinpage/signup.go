package signinpage

import (
	"net/http"
	"net/url"
	"slices"

	"github.com/usher-id/usher/internal/enroll"
	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/interaction"
	"github.com/usher-id/usher/internal/password"
	"github.com/usher-id/usher/internal/web"
)

// clientOf gives the app for which somebody came, by the id of its client, or "":
// the parameter of the same name that OpenID Connect has.
func clientOf(r *http.Request) string { return r.URL.Query().Get(clientKey) }

const clientKey = "client_id"

// signUp shows the form and gives the browser the cookie of its visit. Tabs
// share it: whichever is sent first makes the user.
func (p *Pages) signUp(w http.ResponseWriter, r *http.Request) error {
	if u, err := p.who(r); err != nil {
		return err
	} else if u != nil {
		return p.toHome(w, r)
	}
	form, err := p.Enroll.Form(r.Context(), clientOf(r))
	if err != nil {
		return err
	}
	return p.begin(w, r, http.StatusOK, form, nil, nil)
}

// begin shows the form to a browser that needs the cookie of a visit.
func (p *Pages) begin(w http.ResponseWriter, r *http.Request, status int, form *enroll.Form, sent url.Values, alerts []string) error {
	handle, err := p.Interaction.Begin(r.Context(), p.Site.CookieValue(r, web.VisitCookie))
	if err != nil {
		return err
	}
	p.Site.SetCookie(w, web.VisitCookie, handle, 0)
	return p.signUpForm(w, r, status, form, sent, messages{above: alerts})
}

func (p *Pages) submitSignUp(w http.ResponseWriter, r *http.Request) error {
	if err := admit(w, r, p.SignUpLimit); err != nil {
		return err
	}
	sent, err := p.readForm(w, r)
	if err != nil {
		return err
	}
	if u, err := p.who(r); err != nil {
		return err
	} else if u != nil {
		return p.toHome(w, r) // another tab was faster
	}
	handle := p.Site.CookieValue(r, web.VisitCookie)
	if handle == "" {
		form, err := p.Enroll.Form(r.Context(), clientOf(r))
		if err != nil {
			return err
		}
		// Without it two clicks would be two people.
		return p.begin(w, r, http.StatusUnprocessableEntity, form, sent, []string{p.views.text.NoCookie})
	}
	out, err := p.Interaction.Submit(r.Context(), handle, enroll.Submission{
		ClientID: clientOf(r),
		Values:   sent,
		Password: password.NewSecret(sent.Get(enroll.Password)),
		Request:  enroll.Request(web.InfoOf(r.Context())),
	})
	if out.Refusal != nil {
		err = out.Refusal
	}
	if err != nil {
		return p.refused(w, r, sent, err)
	}
	return p.welcome(w, r, out)
}

// refused shows the form again when it can be sent again.
func (p *Pages) refused(w http.ResponseWriter, r *http.Request, sent url.Values, err error) error {
	f := fault.As(err)
	if f == nil {
		return err
	}
	switch f.Kind {
	case fault.Invalid, fault.Denied, fault.HookFailed, fault.Busy:
		form, lost := p.Enroll.Form(r.Context(), clientOf(r))
		if lost != nil {
			return lost
		}
		return p.signUpForm(w, r, p.refusal(w, r, err), form, sent, p.messages(form, f))
	}
	return err // sign-up was closed meanwhile, say
}

// welcome ends a visit that has made its user.
func (p *Pages) welcome(w http.ResponseWriter, r *http.Request, out interaction.Outcome) error {
	if out.Session == "" {
		// Sent again long after: the visit signs nobody in any more.
		http.Redirect(w, r, "/?"+url.Values{noticeKey: {noticeExists}}.Encode(), http.StatusSeeOther)
		return nil
	}
	p.Site.SetCookie(w, web.SessionCookie, out.Session, 0)
	return p.toHome(w, r)
}

func (p *Pages) signUpForm(w http.ResponseWriter, r *http.Request, status int, form *enroll.Form, sent url.Values, m messages) error {
	t := p.views.text
	return p.write(w, r, status, pageSignUp, page{
		Title:      t.SignUp,
		Alerts:     m.above,
		FocusAlert: len(m.at) == 0,
		Client:     clientOf(r),
		Body:       t.signUpForm(form, sent, m.at, len(m.at) > 0 || len(m.above) == 0),
	})
}

// messages are the words of a refusal where they are shown.
type messages struct {
	above []string
	at    map[string][]string // by field
}

// messages places the words of a fault. Those for a field that the form does
// not have go above it, since nobody would see them otherwise.
func (p *Pages) messages(form *enroll.Form, f *fault.Error) messages {
	m := messages{at: map[string][]string{}}
	fields := append(form.Names(), enroll.Password)
	for _, c := range f.Causes {
		if slices.Contains(fields, c.Field) {
			m.at[c.Field] = append(m.at[c.Field], c.Text)
		} else {
			m.above = append(m.above, c.Text)
		}
	}
	switch {
	case len(m.above) > 0:
	case f.Kind == fault.Busy:
		m.above = []string{f.Summary}
	default:
		m.above = []string{p.views.text.Review}
	}
	return m
}
