package mgmt

import (
	"net/http"
	"path"
	"strings"
	"sync"
	"time"

	"github.com/usher-id/usher/internal/admin"
	"github.com/usher-id/usher/internal/apidoc"
	"github.com/usher-id/usher/internal/app"
	"github.com/usher-id/usher/internal/directory"
	"github.com/usher-id/usher/internal/origin"
	"github.com/usher-id/usher/internal/web"
)

// Limiter lets through so many requests of one key. It sets the headers that
// tell of the limit, and gives a RateLimited fault for one too many.
// web.Limiter is the one.
type Limiter interface {
	Admit(w http.ResponseWriter, key string) error
}

// API is the management API of an org. The services, Site and OrgID are required.
type API struct {
	Admin     *admin.Service
	Directory *directory.Service
	Apps      *app.Service
	Origins   *origin.Service
	Site      *web.Site
	OrgID     string
	// KeepLog is how old an event is at most that the System Log shows; 0 for
	// Okta's 90 days.
	KeepLog time.Duration
	// Limit counts the requests of each token, and those without a good one of
	// each address; nil for no limit.
	Limit Limiter
	// PreviewLimit counts the Previews of each token, each of which makes a call
	// to somebody else; nil for no limit.
	PreviewLimit Limiter
}

const (
	root             = "/api/v1"
	organizationPath = "/.well-known/okta-organization"
)

// Register adds the API to a mux: everything under /api/v1, and what clients ask
// before they have a token. It gives the handler that is to serve the mux. By
// itself the mux answers for paths as //api/v1/users, before a token is looked at,
// with a redirect in HTML; the handler has the API say that they are unknown.
func (a *API) Register(mux *http.ServeMux) http.Handler {
	open := http.NewServeMux()
	open.Handle("GET "+organizationPath, web.Handler(a.organization))
	open.Handle("GET "+apidoc.Path, a.document()) // it tells nothing of the org
	public := web.CORS(web.API(open), a.Origins)
	mux.Handle(organizationPath, public)
	mux.Handle(apidoc.Path, public)
	api := web.CORS(a.authenticated(web.API(a.mux())), a.Origins)
	mux.Handle(root, api)
	mux.Handle(root+"/", api)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !web.Canonical(r.URL) && ours(r.URL.EscapedPath()) {
			api.ServeHTTP(w, r)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// ours tells whether a path is below that of the API, as it is written or as what
// it comes to.
func ours(escaped string) bool {
	return strings.HasPrefix(escaped, root+"/") || strings.HasPrefix(path.Clean("/"+escaped)+"/", root+"/")
}

// document serves the OpenAPI document, which is put together when somebody first
// asks. Whoever asks has no token, and is counted as others without one.
func (a *API) document() web.Handler {
	text := sync.OnceValues(func() ([]byte, error) { return apidoc.Document(a.Site.URL("")) })
	return func(w http.ResponseWriter, r *http.Request) error {
		if err := admit(w, a.Limit, web.AddressKey(web.InfoOf(r.Context()).IP)); err != nil {
			return err
		}
		text, err := text()
		if err != nil {
			return err
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(text) // when it fails the client has left
		return nil
	}
}
