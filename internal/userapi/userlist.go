package userapi

import (
	"net/http"
	"net/url"

	"github.com/usher-id/usher/internal/directory"
	"github.com/usher-id/usher/internal/rest"
	"github.com/usher-id/usher/internal/web"
)

// Sizes of pages of users (Users API reference, "List all users").
const (
	userPage    = 200
	foundByName = 10 // unless a limit is given
)

// ListUsers serves GET /api/v1/users.
func (a *API) ListUsers(w http.ResponseWriter, r *http.Request) error {
	values, err := rest.Parameters(r)
	if err != nil {
		return err
	}
	list, err := userList(values)
	if err != nil {
		return err
	}
	shown, err := parseFields(values.Get("fields"))
	if err != nil {
		return err
	}
	page, err := a.Directory.Users(r.Context(), rest.ByOf(r), list)
	if err != nil {
		return err
	}
	users := make([]any, len(page.People))
	for i, p := range page.People {
		if users[i], err = shown.of(a.userJSON(p)); err != nil {
			return err
		}
	}
	a.Site.Link(w, r, page.Next)
	return web.WriteJSON(w, http.StatusOK, users)
}

func userList(values url.Values) (list directory.UserList, err error) {
	list = directory.UserList{
		Q: values.Get("q"), Filter: values.Get("filter"), Search: values.Get("search"),
		SortBy: values.Get("sortBy"), SortOrder: values.Get("sortOrder"), After: values.Get("after"),
	}
	preset := userPage
	if list.Q != "" {
		preset = foundByName
	}
	list.Limit, err = web.PageSize(values, preset, userPage)
	return list, err
}
