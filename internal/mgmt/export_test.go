package mgmt

// Patterns are the routes of the API, as "GET /api/v1/users/{id}".
func (a *API) Patterns() []string {
	var all []string
	for _, r := range a.routes() {
		all = append(all, r.pattern)
	}
	return all
}
