package mgmt

import "net/http"

// Patterns are the routes of the API, as "GET /api/v1/users/{id}".
func (a *API) Patterns() []string {
	var all []string
	for _, r := range a.routes() {
		all = append(all, r.pattern)
	}
	return all
}

// PatternOf gives the route that serves a request, or "".
func (a *API) PatternOf(r *http.Request) string {
	_, pattern := a.mux().Handler(r)
	return pattern
}
