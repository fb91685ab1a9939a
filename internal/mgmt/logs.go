package mgmt

import (
	"net/http"

	"github.com/usher-id/usher/internal/eventlog"
	"github.com/usher-id/usher/internal/rest"
	"github.com/usher-id/usher/internal/web"
)

// listEvents is the System Log.
func (a *API) listEvents(w http.ResponseWriter, r *http.Request) error {
	values, err := rest.Parameters(r)
	if err != nil {
		return err
	}
	query, err := eventlog.ParseQuery(values, a.Admin.Now(), a.KeepLog)
	if err != nil {
		return err
	}
	page, err := query.Run(r.Context(), a.Admin.Store)
	if err != nil {
		return err
	}
	a.Site.Link(w, r, page.Next)
	return web.WriteJSON(w, http.StatusOK, eventlog.LogEvents(page.Events))
}
