package mgmt

import (
	"net/http"

	"github.com/usher-id/usher/internal/admin"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/rest"
	"github.com/usher-id/usher/internal/web"
)

// listUserTypes gives all of them. There are no pages.
func (a *API) listUserTypes(w http.ResponseWriter, r *http.Request) error {
	types, err := a.Admin.UserTypes(r.Context())
	if err != nil {
		return err
	}
	list := make([]userTypeJSON, len(types))
	for i, t := range types {
		list[i] = a.userTypeJSON(t)
	}
	return web.WriteJSON(w, http.StatusOK, list)
}

func (a *API) getUserType(w http.ResponseWriter, r *http.Request) error {
	t, err := a.Admin.UserType(r.Context(), r.PathValue("id"))
	return a.writeUserType(w, t, err)
}

func (a *API) createUserType(w http.ResponseWriter, r *http.Request) error {
	in, err := readUserType(r)
	if err != nil {
		return err
	}
	t, err := a.Admin.CreateUserType(r.Context(), rest.ByOf(r), in)
	return a.writeUserType(w, t, err)
}

func (a *API) replaceUserType(w http.ResponseWriter, r *http.Request) error {
	in, err := readUserType(r)
	if err != nil {
		return err
	}
	t, err := a.Admin.ReplaceUserType(r.Context(), rest.ByOf(r), r.PathValue("id"), in)
	return a.writeUserType(w, t, err)
}

func (a *API) updateUserType(w http.ResponseWriter, r *http.Request) error {
	in, err := readUserType(r)
	if err != nil {
		return err
	}
	t, err := a.Admin.UpdateUserType(r.Context(), rest.ByOf(r), r.PathValue("id"), in)
	return a.writeUserType(w, t, err)
}

func (a *API) deleteUserType(w http.ResponseWriter, r *http.Request) error {
	if err := a.Admin.DeleteUserType(r.Context(), rest.ByOf(r), r.PathValue("id")); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func readUserType(r *http.Request) (admin.UserTypeInput, error) {
	var body struct {
		Name        *string `json:"name"`
		DisplayName *string `json:"displayName"`
		Description *string `json:"description"`
	}
	err := web.ReadJSON(r, &body)
	return admin.UserTypeInput(body), err
}

// userTypeJSON is a user type in Okta's JSON, its keys in the order of a recorded
// answer.
type userTypeJSON struct {
	ID            string `json:"id"`
	DisplayName   string `json:"displayName"`
	Name          string `json:"name"`
	Description   string `json:"description"`
	CreatedBy     string `json:"createdBy"`
	LastUpdatedBy string `json:"lastUpdatedBy"`
	Created       string `json:"created"`
	LastUpdated   string `json:"lastUpdated"`
	Default       bool   `json:"default"`
	Links         struct {
		Schema rest.Action `json:"schema"`
		Self   rest.Action `json:"self"`
	} `json:"_links"`
}

func (a *API) writeUserType(w http.ResponseWriter, t *org.UserType, err error) error {
	if err != nil {
		return err
	}
	web.Tag(w, t.Revision())
	return web.WriteJSON(w, http.StatusOK, a.userTypeJSON(t))
}

func (a *API) userTypeJSON(t *org.UserType) userTypeJSON {
	out := userTypeJSON{
		ID: t.ID, DisplayName: t.DisplayName, Name: t.Name, Description: t.Description, CreatedBy: t.CreatedBy, LastUpdatedBy: t.UpdatedBy,
		Created: web.Time(t.Created), LastUpdated: web.Time(t.LastUpdated), Default: t.Default(),
	}
	out.Links.Schema = a.schemaLink("schema", t)
	out.Links.Self = a.userTypeLink("self", t)
	return out
}

func (a *API) userTypeLink(rel string, t *org.UserType) rest.Action {
	return rest.Action{Rel: rel, Href: a.Site.URL("/api/v1/meta/types/user/" + t.ID), Method: http.MethodGet}
}
