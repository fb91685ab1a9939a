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

// allowing is a link that takes one method.
func allowing(method, href string) *link {
	return &link{Href: href, Hints: &hints{Allow: []string{method}}}
}
