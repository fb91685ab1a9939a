package mgmt

import (
	"net/http"
	"time"

	"github.com/usher-id/usher/internal/admin"
	"github.com/usher-id/usher/internal/edit"
	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/rest"
	"github.com/usher-id/usher/internal/web"
)

func (a *API) listTokens(w http.ResponseWriter, r *http.Request) error {
	tokens, err := a.Admin.Tokens(r.Context(), rest.ByOf(r))
	if err != nil {
		return err
	}
	list := make([]tokenJSON, len(tokens))
	for i, t := range tokens {
		list[i] = a.tokenJSON(t)
	}
	return web.WriteJSON(w, http.StatusOK, list)
}

// createToken is usher's own: Okta makes tokens in its Admin Console only. The
// text of the token is in this one answer.
func (a *API) createToken(w http.ResponseWriter, r *http.Request) error {
	var body struct {
		Name    string `json:"name"`
		UserID  string `json:"userId"`
		Role    string `json:"role"`
		Expires string `json:"expires"`
	}
	if err := web.ReadJSON(r, &body); err != nil {
		return err
	}
	in := admin.TokenInput{Name: body.Name, UserID: body.UserID, Role: body.Role}
	if body.Expires != "" {
		var err error
		if in.Expires, err = time.Parse(time.RFC3339, body.Expires); err != nil {
			return fault.Field("apiToken", "expires", "must be a date-time as in 2027-01-31T12:00:00Z")
		}
	}
	text, t, err := a.Admin.CreateToken(r.Context(), rest.ByOf(r), in)
	if err != nil {
		return err
	}
	web.Tag(w, t.Revision())
	return web.WriteJSON(w, http.StatusOK, struct {
		tokenJSON
		Text string `json:"token"`
	}{a.tokenJSON(t), text})
}

func (a *API) getToken(w http.ResponseWriter, r *http.Request) error {
	t, err := a.Admin.Token(r.Context(), rest.ByOf(r), r.PathValue("id"))
	return a.writeToken(w, t, err)
}

// replaceToken takes a name. The network of a token, for which Okta has this
// call, is everywhere.
func (a *API) replaceToken(w http.ResponseWriter, r *http.Request) error {
	var body struct {
		Name    string       `json:"name"`
		Network *networkJSON `json:"network"`
	}
	if err := web.ReadJSON(r, &body); err != nil {
		return err
	}
	if body.Network != nil && body.Network.Connection != anywhere {
		var found edit.Problems
		found.OneOf("network.connection", body.Network.Connection, anywhere)
		return found.Fault("apiToken")
	}
	t, err := a.Admin.RenameToken(r.Context(), rest.ByOf(r), r.PathValue("id"), body.Name)
	return a.writeToken(w, t, err)
}

func (a *API) revokeToken(w http.ResponseWriter, r *http.Request) error {
	return a.revoke(w, r, r.PathValue("id"))
}

// revokeCurrentToken ends the token of the request itself.
func (a *API) revokeCurrentToken(w http.ResponseWriter, r *http.Request) error {
	return a.revoke(w, r, rest.ByOf(r).TokenID)
}

func (a *API) revoke(w http.ResponseWriter, r *http.Request, id string) error {
	return rest.NoContent(w, a.Admin.RevokeToken(r.Context(), rest.ByOf(r), id))
}

// anywhere is the network from which tokens can be used.
const anywhere = "ANYWHERE"

type networkJSON struct {
	Connection string `json:"connection"`
}

// tokenJSON is an API token in Okta's JSON.
type tokenJSON struct {
	ID          string      `json:"id"`
	Name        string      `json:"name"`
	UserID      string      `json:"userId,omitempty"`
	Role        string      `json:"role,omitempty"` // usher's own: of a token that nobody owns
	ClientName  string      `json:"clientName"`
	Created     string      `json:"created"`
	ExpiresAt   string      `json:"expiresAt"`
	LastUpdated string      `json:"lastUpdated"`
	Network     networkJSON `json:"network"`
	Window      string      `json:"tokenWindow"`
	Link        tokenLinks  `json:"_link"` // the one object of Okta's API that writes it so
}

type tokenLinks struct {
	Self *rest.Link `json:"self"`
}

func (a *API) writeToken(w http.ResponseWriter, t *org.Token, err error) error {
	if err != nil {
		return err
	}
	web.Tag(w, t.Revision())
	return web.WriteJSON(w, http.StatusOK, a.tokenJSON(t))
}

func (a *API) tokenJSON(t *org.Token) tokenJSON {
	const window = "P30D" // org.TokenIdle
	self := rest.Allowing(a.Site.URL("/api/v1/api-tokens/"+t.ID), http.MethodGet, http.MethodPut, http.MethodDelete)
	return tokenJSON{
		ID: t.ID, Name: t.Name, UserID: t.UserID, Role: t.Role, ClientName: "Okta API",
		Created: web.Time(t.Created), ExpiresAt: web.Time(t.Ends()), LastUpdated: web.Time(t.LastUpdated),
		Network: networkJSON{anywhere}, Window: window, Link: tokenLinks{self},
	}
}
