package mgmt

import (
	"context"
	"net/http"

	"github.com/usher-id/usher/internal/admin"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/rest"
	"github.com/usher-id/usher/internal/web"
)

// organization is what clients ask before they have a token: Terraform's
// provider refuses enrollment policies unless the pipeline is idx.
func (a *API) organization(w http.ResponseWriter, _ *http.Request) error {
	type settings struct {
		Analytics    bool `json:"analyticsCollectionEnabled"`
		BugReporting bool `json:"bugReportingEnabled"`
		Omnibox      bool `json:"omEnabled"`
	}
	type links struct {
		Organization rest.Link `json:"organization"`
	}
	return web.WriteJSON(w, http.StatusOK, struct {
		ID       string   `json:"id"`
		Cell     string   `json:"cell"`
		Links    links    `json:"_links"`
		Pipeline string   `json:"pipeline"`
		Settings settings `json:"settings"`
	}{ID: a.OrgID, Cell: "usher", Links: links{rest.Link{Href: a.Site.URL("")}}, Pipeline: "idx"})
}

func (a *API) getOrg(w http.ResponseWriter, r *http.Request) error {
	c, err := a.Admin.Company(r.Context())
	return a.writeOrg(w, c, err)
}

// updateOrg is POST, which changes what the body names.
func (a *API) updateOrg(w http.ResponseWriter, r *http.Request) error {
	return a.changeOrg(w, r, a.Admin.UpdateCompany)
}

// replaceOrg is PUT, which takes away what the body does not name.
func (a *API) replaceOrg(w http.ResponseWriter, r *http.Request) error {
	return a.changeOrg(w, r, a.Admin.ReplaceCompany)
}

func (a *API) changeOrg(w http.ResponseWriter, r *http.Request, change func(context.Context, admin.By, admin.CompanyInput) (*org.Company, error)) error {
	var body struct {
		Name         *string `json:"companyName"`
		Website      *string `json:"website"`
		SupportURL   *string `json:"endUserSupportHelpURL"`
		SupportPhone *string `json:"supportPhoneNumber"`
		Phone        *string `json:"phoneNumber"`
		Address1     *string `json:"address1"`
		Address2     *string `json:"address2"`
		City         *string `json:"city"`
		State        *string `json:"state"`
		Country      *string `json:"country"`
		PostalCode   *string `json:"postalCode"`
	}
	if err := web.ReadJSON(r, &body); err != nil {
		return err
	}
	c, err := change(r.Context(), rest.ByOf(r), admin.CompanyInput(body))
	return a.writeOrg(w, c, err)
}

// orgJSON is the organization in Okta's JSON. What it has not is "".
type orgJSON struct {
	ID           string   `json:"id"`
	Subdomain    string   `json:"subdomain"`
	Name         string   `json:"companyName"`
	Status       string   `json:"status"`
	Website      string   `json:"website"`
	Address1     string   `json:"address1"`
	Address2     string   `json:"address2"`
	City         string   `json:"city"`
	State        string   `json:"state"`
	Country      string   `json:"country"`
	PostalCode   string   `json:"postalCode"`
	Phone        string   `json:"phoneNumber"`
	SupportPhone string   `json:"supportPhoneNumber"`
	SupportURL   string   `json:"endUserSupportHelpURL"`
	Created      string   `json:"created"`
	LastUpdated  string   `json:"lastUpdated"`
	ExpiresAt    *string  `json:"expiresAt"` // always null
	Links        orgLinks `json:"_links"`
}

type orgLinks struct {
	Preferences rest.Link `json:"preferences"`
}

func (a *API) writeOrg(w http.ResponseWriter, c *org.Company, err error) error {
	if err != nil {
		return err
	}
	web.Tag(w, c.Revision())
	return web.WriteJSON(w, http.StatusOK, orgJSON{
		ID: a.OrgID, Subdomain: a.Site.Subdomain(), Name: c.Name, Status: org.StatusActive, Website: c.Website,
		Address1: c.Address1, Address2: c.Address2, City: c.City, State: c.State, Country: c.Country, PostalCode: c.PostalCode,
		Phone: c.Phone, SupportPhone: c.SupportPhone, SupportURL: c.SupportURL,
		Created: web.Time(c.Created), LastUpdated: web.Time(c.LastUpdated),
		Links: orgLinks{rest.Link{Href: a.Site.URL("/api/v1/org/preferences")}},
	})
}

func (a *API) getPreferences(w http.ResponseWriter, r *http.Request) error {
	c, err := a.Admin.Company(r.Context())
	return a.writePreferences(w, c, err)
}

func (a *API) showFooter(show bool) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		c, err := a.Admin.ShowFooter(r.Context(), rest.ByOf(r), show)
		return a.writePreferences(w, c, err)
	}
}

func (a *API) writePreferences(w http.ResponseWriter, c *org.Company, err error) error {
	if err != nil {
		return err
	}
	path := a.Site.URL("/api/v1/org/preferences/")
	var links struct {
		Hide *rest.Link `json:"hideEndUserFooter,omitempty"`
		Show *rest.Link `json:"showEndUserFooter,omitempty"`
	}
	if c.HideFooter {
		links.Show = rest.Allowing(path+"showEndUserFooter", http.MethodPost)
	} else {
		links.Hide = rest.Allowing(path+"hideEndUserFooter", http.MethodPost)
	}
	return web.WriteJSON(w, http.StatusOK, struct {
		ShowFooter bool `json:"showEndUserFooter"`
		Links      any  `json:"_links"`
	}{!c.HideFooter, links})
}
