package userapi

import (
	"net/http"

	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/rest"
	"github.com/usher-id/usher/internal/web"
)

// ListRoles serves GET /api/v1/users/{id}/roles.
func (a *API) ListRoles(w http.ResponseWriter, r *http.Request) error {
	grants, err := a.Directory.Grants(r.Context(), rest.ByOf(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	list := make([]grantJSON, len(grants))
	for i, g := range grants {
		list[i] = a.grantJSON(g)
	}
	return web.WriteJSON(w, http.StatusOK, list)
}

// GrantRole answers 201, as Okta does to this and few other creations. Nobody is
// notified, whatever disableNotifications says.
func (a *API) GrantRole(w http.ResponseWriter, r *http.Request) error {
	var body struct {
		Type string `json:"type"`
	}
	if err := web.ReadJSON(r, &body); err != nil {
		return err
	}
	g, err := a.Directory.GrantRole(r.Context(), rest.ByOf(r), r.PathValue("id"), body.Type)
	return a.writeGrant(w, http.StatusCreated, g, err)
}

// GetRole serves GET /api/v1/users/{id}/roles/{grant}.
func (a *API) GetRole(w http.ResponseWriter, r *http.Request) error {
	g, err := a.Directory.Grant(r.Context(), rest.ByOf(r), r.PathValue("id"), r.PathValue("grant"))
	return a.writeGrant(w, http.StatusOK, g, err)
}

// RevokeRole serves DELETE /api/v1/users/{id}/roles/{grant}.
func (a *API) RevokeRole(w http.ResponseWriter, r *http.Request) error {
	return rest.NoContent(w, a.Directory.RevokeRole(r.Context(), rest.ByOf(r), r.PathValue("id"), r.PathValue("grant")))
}

// grantJSON is a role of a user in Okta's JSON, its keys in the order of a
// recorded answer.
type grantJSON struct {
	ID             string     `json:"id"`
	Label          string     `json:"label"`
	Type           string     `json:"type"`
	Status         string     `json:"status"`
	Created        string     `json:"created"`
	LastUpdated    string     `json:"lastUpdated"`
	AssignmentType string     `json:"assignmentType"` // USER: not by a group
	Links          grantLinks `json:"_links"`
}

type grantLinks struct {
	Assignee rest.Link `json:"assignee"`
}

func (a *API) writeGrant(w http.ResponseWriter, status int, g *org.Grant, err error) error {
	if err != nil {
		return err
	}
	return web.WriteJSON(w, status, a.grantJSON(g))
}

func (a *API) grantJSON(g *org.Grant) grantJSON {
	at := web.Time(g.Created)
	return grantJSON{
		ID: g.ID, Label: roleLabel(g.Role), Type: g.Role, Status: org.StatusActive, Created: at, LastUpdated: at,
		AssignmentType: "USER", Links: grantLinks{rest.Link{Href: a.Site.URL("/api/v1/users/" + g.UserID)}},
	}
}

func roleLabel(role string) string {
	return map[string]string{
		org.RoleSuperAdmin: "Super Administrator",
		org.RoleOrgAdmin:   "Organizational Administrator",
		org.RoleHelpDesk:   "Help Desk Administrator",
		org.RoleReadOnly:   "Read-Only Administrator",
	}[role]
}
