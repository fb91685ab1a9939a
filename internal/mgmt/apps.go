package mgmt

import (
	"net/http"

	"github.com/usher-id/usher/internal/app"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/web"
)

// maxApps is how many apps a page has when nobody says so, and at most.
const maxApps = 200

func (a *API) listApps(w http.ResponseWriter, r *http.Request) error {
	values, err := parameters(r)
	if err != nil {
		return err
	}
	limit, err := pageLimit(values, maxApps, maxApps)
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

func (a *API) createApp(w http.ResponseWriter, r *http.Request) error {
	values, err := parameters(r)
	if err != nil {
		return err
	}
	in, err := readApp(r)
	if err != nil {
		return err
	}
	made, err := a.Apps.Create(r.Context(), byOf(r), in, values.Get("activate") != "false")
	return a.writeApp(w, made, err)
}

func (a *API) getApp(w http.ResponseWriter, r *http.Request) error {
	found, err := a.Apps.App(r.Context(), r.PathValue("id"))
	return a.writeApp(w, found, err)
}

func (a *API) replaceApp(w http.ResponseWriter, r *http.Request) error {
	in, err := readApp(r)
	if err != nil {
		return err
	}
	changed, err := a.Apps.Replace(r.Context(), byOf(r), r.PathValue("id"), in)
	return a.writeApp(w, changed, err)
}

func (a *API) deleteApp(w http.ResponseWriter, r *http.Request) error {
	return noContent(w, a.Apps.Delete(r.Context(), byOf(r), r.PathValue("id")))
}

func (a *API) activateApp(w http.ResponseWriter, r *http.Request) error {
	return nothing(w, a.Apps.Activate(r.Context(), byOf(r), r.PathValue("id")))
}

func (a *API) deactivateApp(w http.ResponseWriter, r *http.Request) error {
	return nothing(w, a.Apps.Deactivate(r.Context(), byOf(r), r.PathValue("id")))
}

// setAppPolicy gives an app another enrollment or access policy. There is no body.
func (a *API) setAppPolicy(w http.ResponseWriter, r *http.Request) error {
	return noContent(w, a.Apps.SetPolicy(r.Context(), byOf(r), r.PathValue("id"), r.PathValue("policy")))
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

// listAppsOfPolicy gives the apps that have a policy.
func (a *API) listAppsOfPolicy(w http.ResponseWriter, r *http.Request) error {
	values, err := parameters(r)
	if err != nil {
		return err
	}
	limit, err := pageLimit(values, maxApps, maxApps)
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
	ProfileEnrollment link        `json:"profileEnrollment"`
	AccessPolicy      link        `json:"accessPolicy"`
	Policies          *link       `json:"policies"`
	Groups            link        `json:"groups"`
	Users             link        `json:"users"`
	Logo              []namedLink `json:"logo"`
	UploadLogo        *link       `json:"uploadLogo"`
	ClientCredentials []namedLink `json:"clientCredentials,omitempty"`
	Activate          *link       `json:"activate,omitempty"`
	Deactivate        *link       `json:"deactivate,omitempty"`
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
		ProfileEnrollment: link{Href: policies + i.EnrollmentPolicy},
		AccessPolicy:      link{Href: policies + i.AccessPolicy},
		Policies:          allowing(self+"/policies", http.MethodPut),
		Groups:            link{Href: self + "/groups"},
		Users:             link{Href: self + "/users"},
		Logo:              []namedLink{{Name: "medium", Href: a.Site.URL("/favicon.ico"), Type: "image/svg+xml"}},
		UploadLogo:        allowing(self+"/logo", http.MethodPost),
	}
	switch {
	case len(i.Secrets) > 0:
		links.ClientCredentials = []namedLink{{Name: "secrets", Href: self + "/credentials/secrets"}}
	case len(i.Keys) > 0:
		links.ClientCredentials = []namedLink{{Name: "jwks", Href: self + "/credentials/jwks"}}
	}
	if i.Status == org.StatusActive {
		links.Deactivate = &link{Href: self + "/lifecycle/deactivate"}
	} else {
		links.Activate = &link{Href: self + "/lifecycle/activate"}
	}
	return links
}
