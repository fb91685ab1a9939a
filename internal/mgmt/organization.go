package mgmt

import (
	"net/http"

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
		Organization link `json:"organization"`
	}
	return web.WriteJSON(w, http.StatusOK, struct {
		ID       string   `json:"id"`
		Cell     string   `json:"cell"`
		Links    links    `json:"_links"`
		Pipeline string   `json:"pipeline"`
		Settings settings `json:"settings"`
	}{ID: a.OrgID, Cell: "usher", Links: links{link{Href: a.Site.URL("")}}, Pipeline: "idx"})
}
