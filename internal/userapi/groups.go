package userapi

import (
	"net/http"
	"slices"
	"strings"

	"github.com/usher-id/usher/internal/directory"
	"github.com/usher-id/usher/internal/edit"
	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/rest"
	"github.com/usher-id/usher/internal/web"
)

// Limits of Okta's Groups API.
const (
	maxGroupPage   = 10_000
	maxGroupsByQ   = 300 // which has no pages: it is for pickers
	maxMembersPage = 1000
)

// ListGroups serves GET /api/v1/groups.
func (a *API) ListGroups(w http.ResponseWriter, r *http.Request) error {
	values, err := rest.Parameters(r)
	if err != nil {
		return err
	}
	limit, err := rest.PageLimit(values, maxGroupPage, maxGroupPage)
	if err != nil {
		return err
	}
	q := directory.GroupSearch{
		Prefix: values.Get("q"), Filter: values.Get("filter"), Search: values.Get("search"), After: values.Get("after"), Limit: limit,
	}
	if q.Prefix != "" {
		q.Limit = min(limit, maxGroupsByQ)
	}
	groups, next, err := a.Directory.Groups(r.Context(), q)
	if err != nil {
		return err
	}
	if q.Prefix != "" {
		next = ""
	}
	a.Site.Link(w, r, next)
	return web.WriteJSON(w, http.StatusOK, a.groupList(groups))
}

func (a *API) groupList(groups []*org.Group) []groupJSON {
	list := make([]groupJSON, len(groups))
	for i, g := range groups {
		list[i] = a.groupJSON(g)
	}
	return list
}

// CreateGroup serves POST /api/v1/groups.
func (a *API) CreateGroup(w http.ResponseWriter, r *http.Request) error {
	in, err := readGroup(r)
	if err != nil {
		return err
	}
	g, err := a.Directory.CreateGroup(r.Context(), rest.ByOf(r), in)
	return a.writeGroup(w, g, err)
}

// GetGroup serves GET /api/v1/groups/{id}.
func (a *API) GetGroup(w http.ResponseWriter, r *http.Request) error {
	g, err := a.Directory.Group(r.Context(), r.PathValue("id"))
	return a.writeGroup(w, g, err)
}

// ReplaceGroup serves PUT /api/v1/groups/{id}.
func (a *API) ReplaceGroup(w http.ResponseWriter, r *http.Request) error {
	in, err := readGroup(r)
	if err != nil {
		return err
	}
	g, err := a.Directory.ReplaceGroup(r.Context(), rest.ByOf(r), r.PathValue("id"), in)
	return a.writeGroup(w, g, err)
}

// DeleteGroup serves DELETE /api/v1/groups/{id}.
func (a *API) DeleteGroup(w http.ResponseWriter, r *http.Request) error {
	return rest.NoContent(w, a.Directory.DeleteGroup(r.Context(), rest.ByOf(r), r.PathValue("id")))
}

// ListGroupUsers serves GET /api/v1/groups/{id}/users.
func (a *API) ListGroupUsers(w http.ResponseWriter, r *http.Request) error {
	values, err := rest.Parameters(r)
	if err != nil {
		return err
	}
	limit, err := rest.PageLimit(values, maxMembersPage, maxMembersPage)
	if err != nil {
		return err
	}
	people, next, err := a.Directory.GroupUsers(r.Context(), rest.ByOf(r), r.PathValue("id"), values.Get("after"), limit)
	if err != nil {
		return err
	}
	list := make([]userJSON, len(people))
	for i, p := range people {
		list[i] = a.userJSON(p)
	}
	a.Site.Link(w, r, next)
	return web.WriteJSON(w, http.StatusOK, list)
}

// AddGroupUser serves PUT /api/v1/groups/{id}/users/{user}.
func (a *API) AddGroupUser(w http.ResponseWriter, r *http.Request) error {
	return rest.NoContent(w, a.Directory.AddToGroup(r.Context(), rest.ByOf(r), r.PathValue("id"), r.PathValue("user")))
}

// RemoveGroupUser serves DELETE /api/v1/groups/{id}/users/{user}.
func (a *API) RemoveGroupUser(w http.ResponseWriter, r *http.Request) error {
	return rest.NoContent(w, a.Directory.RemoveFromGroup(r.Context(), rest.ByOf(r), r.PathValue("id"), r.PathValue("user")))
}

// ListUserGroups serves GET /api/v1/users/{id}/groups.
func (a *API) ListUserGroups(w http.ResponseWriter, r *http.Request) error {
	groups, err := a.Directory.UserGroups(r.Context(), rest.ByOf(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	return web.WriteJSON(w, http.StatusOK, a.groupList(groups))
}

// readGroup reads a profile. Attributes that groups do not have would be lost,
// and are refused; null is none.
func readGroup(r *http.Request) (in directory.GroupInput, err error) {
	var body struct {
		Profile map[string]any `json:"profile"`
	}
	if err := web.ReadJSON(r, &body); err != nil {
		return in, err
	}
	known := map[string]*string{"name": &in.Name, "description": &in.Description}
	var found edit.Problems
	for name, value := range body.Profile {
		to, ok := known[name]
		text, isText := value.(string)
		switch {
		case value == nil:
		case !ok:
			found.Add("", "Property name '"+name+"' is not defined in profile")
		case !isText:
			found.Add(name, "must be a string")
		default:
			*to = text
		}
	}
	slices.SortFunc(found, func(a, b fault.Cause) int { return strings.Compare(a.Field+a.Text, b.Field+b.Text) })
	return in, found.Fault("group")
}

// groupJSON is a group in Okta's JSON, its keys in the order of a recorded answer.
type groupJSON struct {
	ID                    string           `json:"id"`
	Created               string           `json:"created"`
	LastUpdated           string           `json:"lastUpdated"`
	LastMembershipUpdated string           `json:"lastMembershipUpdated"`
	ObjectClass           []string         `json:"objectClass"`
	Type                  string           `json:"type"`
	Profile               groupProfileJSON `json:"profile"`
	Links                 groupLinks       `json:"_links"`
}

type groupProfileJSON struct {
	Name        string  `json:"name"`
	Description *string `json:"description"` // null without one
}

type groupLinks struct {
	Logo  []rest.Link `json:"logo"` // Okta's pictures; there are none here
	Users rest.Link   `json:"users"`
	Apps  rest.Link   `json:"apps"`
}

func (a *API) writeGroup(w http.ResponseWriter, g *org.Group, err error) error {
	if err != nil {
		return err
	}
	web.Tag(w, g.Revision())
	return web.WriteJSON(w, http.StatusOK, a.groupJSON(g))
}

func (a *API) groupJSON(g *org.Group) groupJSON {
	self := a.Site.URL("/api/v1/groups/" + g.ID)
	out := groupJSON{
		ID: g.ID, Created: web.Time(g.Created), LastUpdated: web.Time(g.LastUpdated),
		LastMembershipUpdated: web.Time(g.LastMembershipUpdated), ObjectClass: []string{"okta:user_group"}, Type: g.Type(),
		Profile: groupProfileJSON{Name: g.Name},
		Links:   groupLinks{Logo: []rest.Link{}, Users: rest.Link{Href: self + "/users"}, Apps: rest.Link{Href: self + "/apps"}},
	}
	if g.Description != "" {
		out.Profile.Description = &g.Description
	}
	return out
}
