package mgmt

import (
	"net/http"

	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/origin"
	"github.com/usher-id/usher/internal/rest"
	"github.com/usher-id/usher/internal/web"
)

// Sizes of a page of trusted origins (Okta's reference).
const (
	originPage    = 20
	maxOriginPage = 200
)

func (a *API) listOrigins(w http.ResponseWriter, r *http.Request) error {
	values, err := rest.Parameters(r)
	if err != nil {
		return err
	}
	limit, err := rest.PageLimit(values, originPage, maxOriginPage)
	if err != nil {
		return err
	}
	page, next, err := a.Origins.List(r.Context(), origin.Query{
		Prefix: values.Get("q"), Filter: values.Get("filter"), After: values.Get("after"), Limit: limit,
	})
	if err != nil {
		return err
	}
	list := make([]originJSON, len(page))
	for i, o := range page {
		list[i] = a.originJSON(o)
	}
	a.Site.Link(w, r, next)
	return web.WriteJSON(w, http.StatusOK, list)
}

func (a *API) createOrigin(w http.ResponseWriter, r *http.Request) error {
	in, err := readOrigin(r)
	if err != nil {
		return err
	}
	o, err := a.Origins.Create(r.Context(), rest.ByOf(r), in)
	return a.writeOrigin(w, o, err)
}

func (a *API) getOrigin(w http.ResponseWriter, r *http.Request) error {
	o, err := a.Origins.Origin(r.Context(), r.PathValue("id"))
	return a.writeOrigin(w, o, err)
}

func (a *API) replaceOrigin(w http.ResponseWriter, r *http.Request) error {
	in, err := readOrigin(r)
	if err != nil {
		return err
	}
	o, err := a.Origins.Replace(r.Context(), rest.ByOf(r), r.PathValue("id"), in)
	return a.writeOrigin(w, o, err)
}

func (a *API) deleteOrigin(w http.ResponseWriter, r *http.Request) error {
	return rest.NoContent(w, a.Origins.Delete(r.Context(), rest.ByOf(r), r.PathValue("id")))
}

func (a *API) activateOrigin(w http.ResponseWriter, r *http.Request) error {
	o, err := a.Origins.Activate(r.Context(), rest.ByOf(r), r.PathValue("id"))
	return a.writeOrigin(w, o, err)
}

func (a *API) deactivateOrigin(w http.ResponseWriter, r *http.Request) error {
	o, err := a.Origins.Deactivate(r.Context(), rest.ByOf(r), r.PathValue("id"))
	return a.writeOrigin(w, o, err)
}

// scopeJSON is read and written in one shape.
type scopeJSON struct {
	Type string   `json:"type"`
	Apps []string `json:"allowedOktaApps,omitempty"`
}

// readOrigin reads a trusted origin. What else clients send (id, status) is not
// looked at: Terraform's provider changes the status by the lifecycle calls.
func readOrigin(r *http.Request) (origin.Input, error) {
	var body struct {
		Name   string      `json:"name"`
		Origin string      `json:"origin"`
		Scopes []scopeJSON `json:"scopes"`
	}
	if err := web.ReadJSON(r, &body); err != nil {
		return origin.Input{}, err
	}
	in := origin.Input{Name: body.Name, Origin: body.Origin}
	for _, s := range body.Scopes {
		in.Scopes = append(in.Scopes, org.OriginScope(s))
	}
	return in, nil
}

// originJSON is a trusted origin in Okta's JSON, its keys in the order of a
// recorded answer.
type originJSON struct {
	ID          string      `json:"id"`
	Name        string      `json:"name"`
	Origin      string      `json:"origin"`
	Scopes      []scopeJSON `json:"scopes"`
	Status      string      `json:"status"`
	Created     string      `json:"created"`
	CreatedBy   string      `json:"createdBy"`
	LastUpdated string      `json:"lastUpdated"`
	UpdatedBy   string      `json:"lastUpdatedBy"`
	Links       originLinks `json:"_links"`
}

type originLinks struct {
	Activate   *rest.Link `json:"activate,omitempty"`
	Self       *rest.Link `json:"self"`
	Deactivate *rest.Link `json:"deactivate,omitempty"`
}

func (a *API) writeOrigin(w http.ResponseWriter, o *org.TrustedOrigin, err error) error {
	if err != nil {
		return err
	}
	web.Tag(w, o.Revision())
	return web.WriteJSON(w, http.StatusOK, a.originJSON(o))
}

func (a *API) originJSON(o *org.TrustedOrigin) originJSON {
	self := a.Site.URL("/api/v1/trustedOrigins/" + o.ID)
	j := originJSON{
		ID: o.ID, Name: o.Name, Origin: o.Origin, Scopes: make([]scopeJSON, len(o.Scopes)), Status: o.Status,
		Created: web.Time(o.Created), CreatedBy: o.CreatedBy, LastUpdated: web.Time(o.LastUpdated), UpdatedBy: o.UpdatedBy,
		Links: originLinks{Self: rest.Allowing(self, http.MethodGet, http.MethodPut, http.MethodDelete)},
	}
	for i, s := range o.Scopes {
		j.Scopes[i] = scopeJSON(s)
	}
	if o.Status == org.StatusActive {
		j.Links.Deactivate = rest.Allowing(self+"/lifecycle/deactivate", http.MethodPost)
	} else {
		j.Links.Activate = rest.Allowing(self+"/lifecycle/activate", http.MethodPost)
	}
	return j
}
