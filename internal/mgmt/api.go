package mgmt

import (
	"net/http"
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

// Register adds the API to a mux: everything under /api/v1, and what clients ask
// before they have a token.
func (a *API) Register(mux *http.ServeMux) {
	mux.Handle("GET /.well-known/okta-organization", web.CORS(web.Handler(a.organization), a.Origins))
	mux.Handle("GET "+apidoc.Path, web.Handler(a.document)) // it tells nothing of the org
	mux.Handle("/api/v1/", web.CORS(a.authenticated(web.API(a.mux())), a.Origins))
}

// document serves the OpenAPI document.
func (a *API) document(w http.ResponseWriter, _ *http.Request) error {
	text, err := apidoc.Document(a.Site.URL(""))
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(text) // when it fails the client has left
	return nil
}
