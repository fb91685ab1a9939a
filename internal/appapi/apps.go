package appapi

import (
	"net/http"

	"github.com/usher-id/usher/internal/app"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/rest"
	"github.com/usher-id/usher/internal/web"
)

// ListApps serves GET /api/v1/apps.
func (a *API) ListApps(w http.ResponseWriter, r *http.Request) error {
	values, err := rest.Parameters(r)
	if err != nil {
		return err
	}
	limit, err := rest.PageLimit(values, rest.MaxPage, rest.MaxPage)
	if err != nil {
		return err
	}
	page, next, err := a.Apps.Apps(r.Context(), app.Query{
		Prefix: values.Get("q"), Filter: values.Get("filter"), After: values.Get("after"), Limit: limit,
	})
	return a.writeApps(w, r, page, next, err)
}

func (a *API) writeApps(w http.ResponseWriter, r *http.Request, page []*app.Instance, next string, err error) error {
	if err != nil {
		return err
	}
	list := make([]appJSON, len(page))
	for i, instance := range page {
		list[i] = a.appJSON(instance)
	}
	a.Site.Link(w, r, next)
	return web.WriteJSON(w, http.StatusOK, list)
}

// CreateApp serves POST /api/v1/apps.
func (a *API) CreateApp(w http.ResponseWriter, r *http.Request) error {
	values, err := rest.Parameters(r)
	if err != nil {
		return err
	}
	in, err := readApp(r)
	if err != nil {
		return err
	}
	made, err := a.Apps.Create(r.Context(), rest.ByOf(r), in, values.Get("activate") != "false")
	return a.writeApp(w, made, err)
}

// GetApp serves GET /api/v1/apps/{id}.
func (a *API) GetApp(w http.ResponseWriter, r *http.Request) error {
	found, err := a.Apps.App(r.Context(), r.PathValue("id"))
	return a.writeApp(w, found, err)
}

// ReplaceApp serves PUT /api/v1/apps/{id}.
func (a *API) ReplaceApp(w http.ResponseWriter, r *http.Request) error {
	in, err := readApp(r)
	if err != nil {
		return err
	}
	changed, err := a.Apps.Replace(r.Context(), rest.ByOf(r), r.PathValue("id"), in)
	return a.writeApp(w, changed, err)
}

// DeleteApp serves DELETE /api/v1/apps/{id}.
func (a *API) DeleteApp(w http.ResponseWriter, r *http.Request) error {
	return rest.NoContent(w, a.Apps.Delete(r.Context(), rest.ByOf(r), r.PathValue("id")))
}

// ActivateApp serves POST /api/v1/apps/{id}/lifecycle/activate.
func (a *API) ActivateApp(w http.ResponseWriter, r *http.Request) error {
	return nothing(w, a.Apps.Activate(r.Context(), rest.ByOf(r), r.PathValue("id")))
}

// DeactivateApp serves POST /api/v1/apps/{id}/lifecycle/deactivate.
func (a *API) DeactivateApp(w http.ResponseWriter, r *http.Request) error {
	return nothing(w, a.Apps.Deactivate(r.Context(), rest.ByOf(r), r.PathValue("id")))
}

// SetAppPolicy gives an app another enrollment or access policy. There is no body.
func (a *API) SetAppPolicy(w http.ResponseWriter, r *http.Request) error {
	return rest.NoContent(w, a.Apps.SetPolicy(r.Context(), rest.ByOf(r), r.PathValue("id"), r.PathValue("policy")))
}

// nothing is what Okta answers to the lifecycle calls of apps.
func nothing(w http.ResponseWriter, err error) error {
	if err != nil {
		return err
	}
	return web.WriteJSON(w, http.StatusOK, struct{}{})
}

func (a *API) writeApp(w http.ResponseWriter, instance *app.Instance, err error) error {
	if err != nil {
		return err
	}
	web.Tag(w, instance.Revision())
	return web.WriteJSON(w, http.StatusOK, a.appJSON(instance))
}

// ListAppsOfPolicy gives the apps that have a policy.
func (a *API) ListAppsOfPolicy(w http.ResponseWriter, r *http.Request) error {
	values, err := rest.Parameters(r)
	if err != nil {
		return err
	}
	limit, err := rest.PageLimit(values, rest.MaxPage, rest.MaxPage)
	if err != nil {
		return err
	}
	page, next, err := a.Apps.OfPolicy(r.Context(), r.PathValue("id"), values.Get("after"), limit)
	return a.writeApps(w, r, page, next, err)
}

// dashboard is where Okta shows people their apps.
const dashboard = "/home"

// appLinks are what can be done with an app as it is.
type appLinks struct {
	AppLinks          []namedLink `json:"appLinks"`
	ProfileEnrollment rest.Link   `json:"profileEnrollment"`
	AccessPolicy      rest.Link   `json:"accessPolicy"`
	Policies          *rest.Link  `json:"policies"`
	Groups            rest.Link   `json:"groups"`
	Users             rest.Link   `json:"users"`
	Logo              []namedLink `json:"logo"`
	UploadLogo        *rest.Link  `json:"uploadLogo"`
	ClientCredentials []namedLink `json:"clientCredentials,omitempty"`
	Activate          *rest.Link  `json:"activate,omitempty"`
	Deactivate        *rest.Link  `json:"deactivate,omitempty"`
}

type namedLink struct {
	Name string `json:"name"`
	Href string `json:"href"`
	Type string `json:"type,omitempty"`
}

func (a *API) appLinks(i *app.Instance) appLinks {
	self := a.Site.URL("/api/v1/apps/" + i.ID)
	policies := a.Site.URL("/api/v1/policies/")
	links := appLinks{
		AppLinks:          []namedLink{{Name: "oidc_client_link", Href: a.Site.URL(dashboard + "/oidc_client/" + i.ID), Type: "text/html"}},
		ProfileEnrollment: rest.Link{Href: policies + i.EnrollmentPolicy},
		AccessPolicy:      rest.Link{Href: policies + i.AccessPolicy},
		Policies:          rest.Allowing(self+"/policies", http.MethodPut),
		Groups:            rest.Link{Href: self + "/groups"},
		Users:             rest.Link{Href: self + "/users"},
		Logo:              []namedLink{{Name: "medium", Href: a.Site.URL("/favicon.ico"), Type: "image/svg+xml"}},
		UploadLogo:        rest.Allowing(self+"/logo", http.MethodPost),
	}
	switch {
	case len(i.Secrets) > 0:
		links.ClientCredentials = []namedLink{{Name: "secrets", Href: self + "/credentials/secrets"}}
	case len(i.Keys) > 0:
		links.ClientCredentials = []namedLink{{Name: "jwks", Href: self + "/credentials/jwks"}}
	}
	if i.Status == org.StatusActive {
		links.Deactivate = &rest.Link{Href: self + "/lifecycle/deactivate"}
	} else {
		links.Activate = &rest.Link{Href: self + "/lifecycle/activate"}
	}
	return links
}
