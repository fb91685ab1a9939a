package mgmt

// link is one of _links, in the style of hooks, policies and rules.
type link struct {
	Href  string `json:"href"`
	Hints *hints `json:"hints,omitempty"`
}

// hints are the methods that a link takes.
type hints struct {
	Allow []string `json:"allow"`
}

// allowing is a link that takes these methods.
func allowing(href string, methods ...string) *link {
	return &link{Href: href, Hints: &hints{Allow: methods}}
}

// action is one of the _links of users, schemas and user types, which have the
// method in another way.
type action struct {
	Rel    string `json:"rel,omitempty"` // schemas and types have it
	Href   string `json:"href"`
	Method string `json:"method,omitempty"`
}
