package mgmt

import (
	"net/http"

	"github.com/usher-id/usher/internal/app"
	"github.com/usher-id/usher/internal/edit"
	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/rest"
	"github.com/usher-id/usher/internal/web"
)

// A mapping says that an app has a policy. It is not a thing of its own: its id is
// that of the app, and PUT /apps/{id}/policies/{policy} makes the same.

const (
	mappingObject   = "policyMapping"         // in the summary of a validation error
	mappingResource = "PolicyMappingResource" // in that of a missing one
	resourceApp     = "APP"
)

// mappingJSON is a mapping in Okta's JSON.
type mappingJSON struct {
	ID    string       `json:"id"`
	Links mappingLinks `json:"_links"`
}

type mappingLinks struct {
	Application rest.Link  `json:"application"`
	Self        *rest.Link `json:"self"`
	Policy      rest.Link  `json:"policy"`
}

func (a *API) mappingJSON(policyID, appID string) mappingJSON {
	policy := a.Site.URL("/api/v1/policies/" + policyID)
	return mappingJSON{ID: appID, Links: mappingLinks{
		Application: rest.Link{Href: a.Site.URL("/api/v1/apps/" + appID)},
		Self:        rest.Allowing(policy+"/mappings/"+appID, http.MethodGet, http.MethodDelete),
		Policy:      rest.Link{Href: policy},
	}}
}

func (a *API) listMappings(w http.ResponseWriter, r *http.Request) error {
	values, err := rest.Parameters(r)
	if err != nil {
		return err
	}
	limit, err := rest.PageLimit(values, rest.MaxPage, rest.MaxPage)
	if err != nil {
		return err
	}
	id := r.PathValue("id")
	page, next, err := a.Apps.OfPolicy(r.Context(), id, values.Get("after"), limit)
	if err != nil {
		return err
	}
	list := make([]mappingJSON, len(page))
	for i, instance := range page {
		list[i] = a.mappingJSON(id, instance.ID)
	}
	a.Site.Link(w, r, next)
	return web.WriteJSON(w, http.StatusOK, list)
}

func (a *API) createMapping(w http.ResponseWriter, r *http.Request) error {
	var body struct {
		ResourceID   string `json:"resourceId"`
		ResourceType string `json:"resourceType"`
	}
	if err := web.ReadJSON(r, &body); err != nil {
		return err
	}
	var found edit.Problems
	found.AddUnless(body.ResourceID != "", "resourceId", edit.Blank)
	found.AddUnless(body.ResourceType == resourceApp, "resourceType", "must be "+resourceApp)
	if err := found.Fault(mappingObject); err != nil {
		return err
	}
	id := r.PathValue("id")
	if err := a.Apps.SetPolicy(r.Context(), rest.ByOf(r), body.ResourceID, id); err != nil {
		return err
	}
	return web.WriteJSON(w, http.StatusOK, a.mappingJSON(id, body.ResourceID))
}

func (a *API) getMapping(w http.ResponseWriter, r *http.Request) error {
	instance, err := a.mapped(r)
	if err != nil {
		return err
	}
	return web.WriteJSON(w, http.StatusOK, a.mappingJSON(r.PathValue("id"), instance.ID))
}

// deleteMapping leaves an app to the default policy, which nothing can take away.
func (a *API) deleteMapping(w http.ResponseWriter, r *http.Request) error {
	instance, err := a.mapped(r)
	if err != nil {
		return err
	}
	if instance.PolicyID == "" {
		return fault.New(fault.Forbidden, "")
	}
	byDefault, err := a.Admin.DefaultPolicy(r.Context())
	if err != nil {
		return err
	}
	return rest.NoContent(w, a.Apps.SetPolicy(r.Context(), rest.ByOf(r), instance.ID, byDefault.ID))
}

// mapped gives the app of a mapping that there is.
func (a *API) mapped(r *http.Request) (*app.Instance, error) {
	id := r.PathValue("mapping")
	instance, err := a.Apps.App(r.Context(), id)
	if fault.Is(err, fault.NotFound) || err == nil && instance.EnrollmentPolicy != r.PathValue("id") {
		return nil, fault.Missing(id, mappingResource)
	}
	return instance, err
}
