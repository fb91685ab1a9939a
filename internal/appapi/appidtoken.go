package appapi

import (
	"net/http"

	"github.com/usher-id/usher/internal/app"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/rest"
	"github.com/usher-id/usher/internal/web"
)

// idTokenJSON is what a call of Okta's own console says of the ID tokens of an app,
// its keys in the order of a recorded answer. Terraform's provider makes the call
// after each create, and fails when it does.
type idTokenJSON struct {
	Issuer          *string `json:"issuer"`
	OrgURL          *string `json:"orgUrl"`
	CustomURL       *string `json:"customUrl"`
	Audience        *string `json:"audience"`
	IssuerMode      string  `json:"issuerMode"`
	ValueType       string  `json:"valueType,omitempty"`
	Name            string  `json:"name,omitempty"`
	Value           string  `json:"value,omitempty"`
	GroupFilterType string  `json:"groupFilterType,omitempty"`
}

// GetIDToken serves GET /api/v1/internal/apps/{id}/settings/oauth/idToken.
func (a *API) GetIDToken(w http.ResponseWriter, r *http.Request) error {
	found, err := a.Apps.App(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	c := found.Settings.IDToken
	issuer := a.Site.URL("")
	return web.WriteJSON(w, http.StatusOK, idTokenJSON{
		Issuer: &issuer, Audience: &found.ClientID, IssuerMode: found.Settings.OAuth.IssuerMode,
		ValueType: c.ValueType, Name: c.Name, Value: c.Value, GroupFilterType: c.GroupFilterType,
	})
}

// SetIDToken answers what was sent, as real orgs do.
func (a *API) SetIDToken(w http.ResponseWriter, r *http.Request) error {
	var body idTokenJSON
	if err := web.ReadJSON(r, &body); err != nil {
		return err
	}
	err := a.Apps.SetIDToken(r.Context(), rest.ByOf(r), r.PathValue("id"), app.IDTokenInput{
		IssuerMode: body.IssuerMode,
		Claim:      org.IDTokenClaim{Name: body.Name, Value: body.Value, ValueType: body.ValueType, GroupFilterType: body.GroupFilterType},
	})
	if err != nil {
		return err
	}
	body.Issuer, body.OrgURL, body.CustomURL, body.Audience = nil, nil, nil, nil
	return web.WriteJSON(w, http.StatusOK, body)
}
