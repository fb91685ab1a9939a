package rest

// Link is one of _links, in the style of hooks, policies and rules.
type Link struct {
	Href  string `json:"href"`
	Hints *Hints `json:"hints,omitempty"`
}

// Hints are the methods that a link takes.
type Hints struct {
	Allow []string `json:"allow"`
}

// Allowing is a link that takes these methods.
func Allowing(href string, methods ...string) *Link {
	return &Link{Href: href, Hints: &Hints{Allow: methods}}
}

// Action is one of the _links of users, schemas and user types, which have the
// method in another way.
type Action struct {
	Rel    string `json:"rel,omitempty"` // schemas and types have it
	Href   string `json:"href"`
	Method string `json:"method,omitempty"`
}
