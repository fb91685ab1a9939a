package appapi

import (
	"net/http"

	"github.com/usher-id/usher/hook"
	"github.com/usher-id/usher/internal/app"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/rest"
	"github.com/usher-id/usher/internal/web"
)

// How many assignments a page has when nobody says so, and at most.
const (
	appGroupsPage, maxAppGroups = 20, 200
	appUsersPage, maxAppUsers   = 50, 500
)

// appGroupJSON is an app's assignment to a group in Okta's JSON, its keys in the
// order of a recorded answer.
type appGroupJSON struct {
	ID          string            `json:"id"`
	LastUpdated string            `json:"lastUpdated"`
	Priority    int               `json:"priority"`
	Profile     map[string]string `json:"profile"`
	Links       struct {
		App   rest.Link `json:"app"`
		Self  rest.Link `json:"self"`
		Group rest.Link `json:"group"`
	} `json:"_links"`
}

func (a *API) appGroupJSON(g *org.AppGroup) appGroupJSON {
	j := appGroupJSON{ID: g.GroupID, LastUpdated: web.Time(g.LastUpdated), Priority: g.Priority, Profile: g.Profile}
	j.Links.App.Href = a.Site.URL("/api/v1/apps/" + g.AppID)
	j.Links.Self.Href = j.Links.App.Href + "/groups/" + g.GroupID
	j.Links.Group.Href = a.Site.URL("/api/v1/groups/" + g.GroupID)
	return j
}

// ListAppGroups serves GET /api/v1/apps/{id}/groups.
func (a *API) ListAppGroups(w http.ResponseWriter, r *http.Request) error {
	values, err := rest.Parameters(r)
	if err != nil {
		return err
	}
	limit, err := rest.PageLimit(values, appGroupsPage, maxAppGroups)
	if err != nil {
		return err
	}
	page, next, err := a.Apps.Groups(r.Context(), r.PathValue("id"), values.Get("after"), limit)
	if err != nil {
		return err
	}
	list := make([]appGroupJSON, len(page))
	for i, g := range page {
		list[i] = a.appGroupJSON(g)
	}
	a.Site.Link(w, r, next)
	return web.WriteJSON(w, http.StatusOK, list)
}

// GetAppGroup serves GET /api/v1/apps/{id}/groups/{group}.
func (a *API) GetAppGroup(w http.ResponseWriter, r *http.Request) error {
	g, err := a.Apps.Group(r.Context(), r.PathValue("id"), r.PathValue("group"))
	return a.writeAppGroup(w, g, err)
}

// AssignGroup serves PUT /api/v1/apps/{id}/groups/{group}.
func (a *API) AssignGroup(w http.ResponseWriter, r *http.Request) error {
	var body struct {
		Priority *int           `json:"priority"`
		Profile  map[string]any `json:"profile"`
	}
	if err := web.ReadJSON(r, &body); err != nil {
		return err
	}
	g, err := a.Apps.AssignGroup(r.Context(), rest.ByOf(r), r.PathValue("id"), r.PathValue("group"), app.GroupInput(body))
	return a.writeAppGroup(w, g, err)
}

// UnassignGroup serves DELETE /api/v1/apps/{id}/groups/{group}.
func (a *API) UnassignGroup(w http.ResponseWriter, r *http.Request) error {
	return rest.NoContent(w, a.Apps.UnassignGroup(r.Context(), rest.ByOf(r), r.PathValue("id"), r.PathValue("group")))
}

func (a *API) writeAppGroup(w http.ResponseWriter, g *org.AppGroup, err error) error {
	if err != nil {
		return err
	}
	return web.WriteJSON(w, http.StatusOK, a.appGroupJSON(g))
}

// ListAppsOfGroup gives the apps that are assigned to a group.
func (a *API) ListAppsOfGroup(w http.ResponseWriter, r *http.Request) error {
	values, err := rest.Parameters(r)
	if err != nil {
		return err
	}
	limit, err := rest.PageLimit(values, rest.MaxPage, rest.MaxPage)
	if err != nil {
		return err
	}
	page, next, err := a.Apps.OfGroup(r.Context(), r.PathValue("id"), values.Get("after"), limit)
	return a.writeApps(w, r, page, next, err)
}

// appUserJSON is a user of an app in Okta's JSON, its keys in the order of a
// recorded answer.
type appUserJSON struct {
	ID              string  `json:"id"`
	ExternalID      *string `json:"externalId"` // always null
	Created         string  `json:"created"`
	LastUpdated     string  `json:"lastUpdated"`
	Scope           string  `json:"scope"`
	Status          string  `json:"status"`
	StatusChanged   string  `json:"statusChanged"`
	PasswordChanged *string `json:"passwordChanged"` // always null
	SyncState       string  `json:"syncState"`
	Credentials     struct {
		UserName string `json:"userName"`
	} `json:"credentials"`
	Profile *hook.Object `json:"profile"`
	Links   struct {
		App  rest.Link `json:"app"`
		User rest.Link `json:"user"`
	} `json:"_links"`
}

func (a *API) appUserJSON(u *app.Assignment) appUserJSON {
	j := appUserJSON{
		ID: u.UserID, Created: web.Time(u.Created), LastUpdated: web.Time(u.LastUpdated), Scope: u.Scope,
		Status: org.StatusActive, StatusChanged: web.Time(u.Created), SyncState: "DISABLED", Profile: hook.NewObject(),
	}
	for _, claim := range u.Profile {
		j.Profile.Set(claim.Name, nil)
		if claim.Value != "" {
			j.Profile.Set(claim.Name, claim.Value)
		}
	}
	j.Credentials.UserName = u.UserName
	j.Links.App.Href = a.Site.URL("/api/v1/apps/" + u.AppID)
	j.Links.User.Href = a.Site.URL("/api/v1/users/" + u.UserID)
	return j
}

// ListAppUsers serves GET /api/v1/apps/{id}/users.
func (a *API) ListAppUsers(w http.ResponseWriter, r *http.Request) error {
	values, err := rest.Parameters(r)
	if err != nil {
		return err
	}
	limit, err := rest.PageLimit(values, appUsersPage, maxAppUsers)
	if err != nil {
		return err
	}
	page, next, err := a.Apps.Users(r.Context(), r.PathValue("id"), values.Get("after"), limit)
	if err != nil {
		return err
	}
	list := make([]appUserJSON, len(page))
	for i, u := range page {
		list[i] = a.appUserJSON(u)
	}
	a.Site.Link(w, r, next)
	return web.WriteJSON(w, http.StatusOK, list)
}

// GetAppUser serves GET /api/v1/apps/{id}/users/{user}.
func (a *API) GetAppUser(w http.ResponseWriter, r *http.Request) error {
	u, err := a.Apps.User(r.Context(), r.PathValue("id"), r.PathValue("user"))
	return a.writeAppUser(w, u, err)
}

// AssignUser takes the id of the user of the path, or else of the body.
func (a *API) AssignUser(w http.ResponseWriter, r *http.Request) error {
	var body struct {
		ID          string `json:"id"`
		Credentials struct {
			UserName string `json:"userName"`
		} `json:"credentials"`
		Profile map[string]any `json:"profile"`
	}
	if err := web.ReadJSON(r, &body); err != nil {
		return err
	}
	in := app.UserInput{UserID: body.ID, UserName: body.Credentials.UserName, Profile: body.Profile}
	if user := r.PathValue("user"); user != "" {
		in.UserID, in.Had = user, true
	}
	u, err := a.Apps.AssignUser(r.Context(), rest.ByOf(r), r.PathValue("id"), in)
	return a.writeAppUser(w, u, err)
}

// UnassignUser serves DELETE /api/v1/apps/{id}/users/{user}.
func (a *API) UnassignUser(w http.ResponseWriter, r *http.Request) error {
	return rest.NoContent(w, a.Apps.UnassignUser(r.Context(), rest.ByOf(r), r.PathValue("id"), r.PathValue("user")))
}

func (a *API) writeAppUser(w http.ResponseWriter, u *app.Assignment, err error) error {
	if err != nil {
		return err
	}
	return web.WriteJSON(w, http.StatusOK, a.appUserJSON(u))
}
