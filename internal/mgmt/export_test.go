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

// Allowed are the roles that may make a call, by its pattern.
func (a *API) Allowed(pattern string) []string {
	for _, r := range a.routes() {
		if r.pattern == pattern {
			return r.allowed
		}
	}
	return nil
}
