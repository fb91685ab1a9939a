package signinpage

import (
	"context"
	"net/http"

	"github.com/usher-id/usher/internal/enroll"
	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/interaction"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/signin"
	"github.com/usher-id/usher/internal/web"
)

// Limiter lets through so many submissions of one key. It sets the headers that
// tell of the limit, and gives a RateLimited fault for one too many.
// web.Limiter is the one.
type Limiter interface {
	Admit(w http.ResponseWriter, key string) error
}

// Config is what the pages stand on.
type Config struct {
	// Org is the name above every page when Company cannot be asked.
	Org string
	// Company gives what the organization says of itself; nil for its name alone.
	Company     func(ctx context.Context) (*org.Company, error)
	Site        *web.Site
	Enroll      *enroll.Service
	Interaction *interaction.Service
	SignIn      *signin.Service
	// Frames gives the other sites that may have a page in a frame, and of pages of
	// somebody who is signed in those that may have these; nil for nobody.
	Frames func(ctx context.Context, signedIn bool) ([]string, error)
	// Limits of submissions from one address, and of sign-ins with one login; nil
	// for none.
	SignUpLimit, SignInLimit Limiter
}

// Pages draws the hosted pages.
type Pages struct {
	Config
	views *views
}

// New makes the pages ready.
func New(c Config) (*Pages, error) {
	v, err := newViews(english())
	if err != nil {
		return nil, err
	}
	return &Pages{Config: c, views: v}, nil
}

// Register adds the pages to a mux. It takes every path that nobody else does:
// there is a page for those, too.
func (p *Pages) Register(mux *http.ServeMux) {
	mux.Handle("GET /{$}", p.handler(p.home))
	mux.Handle("GET /signin", p.handler(p.toSignIn))
	mux.Handle("POST /signin", p.handler(p.submitSignIn))
	mux.Handle("GET /signup", p.handler(p.signUp))
	mux.Handle("POST /signup", p.handler(p.submitSignUp))
	mux.Handle("POST /signout", p.handler(p.signOut))
	mux.Handle("GET /assets/{version}/{name}", p.handler(p.asset))
	mux.Handle("GET /favicon.ico", p.handler(p.favicon))
	mux.Handle("/", p.handler(p.unknown))
}

// handler draws the errors of a page, and refuses what another site sends with
// the cookies of this one.
func (p *Pages) handler(h web.Handler) http.Handler {
	return p.Site.SameOrigin(h.Drawn(p.DrawError), p.DrawError)
}

// write sends a page.
func (p *Pages) write(w http.ResponseWriter, r *http.Request, status int, name string, content page) error {
	content.Org = p.Org
	if p.Company != nil {
		c, err := p.Company(r.Context())
		if err != nil {
			return err
		}
		content.name(c)
	}
	var frames []string
	if p.Frames != nil {
		var err error
		if frames, err = p.Frames(r.Context(), name == pageAccount); err != nil {
			return err
		}
	}
	return p.send(w, status, name, content, frames...)
}

// send sends a page that has its name, to be framed by some.
func (p *Pages) send(w http.ResponseWriter, status int, name string, content page, frames ...string) error {
	body, err := p.views.draw(name, content)
	if err != nil {
		return err
	}
	web.PageHeaders(w, frames...) // without its nonce: the pages have no script
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(body) // when it fails the reader has left
	return nil
}

// toHome ends a change. See Other makes the browser ask by GET, so that
// reloading repeats nothing.
func (p *Pages) toHome(w http.ResponseWriter, r *http.Request) error {
	http.Redirect(w, r, "/", http.StatusSeeOther)
	return nil
}

// toSignIn is for who knows the path that the form is sent to.
func (p *Pages) toSignIn(w http.ResponseWriter, r *http.Request) error {
	http.Redirect(w, r, page{Client: clientOf(r)}.At("/"), http.StatusSeeOther)
	return nil
}

func (p *Pages) unknown(http.ResponseWriter, *http.Request) error {
	return fault.New(fault.NotFound, "")
}

// who gives the person that is signed in, or nil.
func (p *Pages) who(r *http.Request) (*org.User, error) {
	return p.SignIn.Who(r.Context(), p.Site.CookieValue(r, web.SessionCookie))
}

// admit takes a submission from the limit of the client's address.
func admit(w http.ResponseWriter, r *http.Request, limit Limiter) error {
	return admitKey(w, limit, web.AddressKey(web.InfoOf(r.Context()).IP))
}

func admitKey(w http.ResponseWriter, limit Limiter, key string) error {
	if limit == nil {
		return nil
	}
	return limit.Admit(w, key)
}

func (p *Pages) asset(w http.ResponseWriter, r *http.Request) error {
	a, ok := p.views.assets[r.PathValue("name")]
	if !ok {
		return p.unknown(w, r)
	}
	// While replicas are replaced, a page of one may ask another for its assets:
	// they are better than none, but must not stay under that address.
	caching := "no-cache"
	if r.PathValue("version") == p.views.version {
		caching = "public, max-age=31536000, immutable"
	}
	return a.write(w, caching)
}

func (p *Pages) favicon(w http.ResponseWriter, _ *http.Request) error {
	return p.views.assets[assetIcon].write(w, "public, max-age=86400")
}

func (a asset) write(w http.ResponseWriter, caching string) error {
	w.Header().Set("Cache-Control", caching)
	w.Header().Set("Content-Type", a.contentType)
	_, _ = w.Write(a.content)
	return nil
}
