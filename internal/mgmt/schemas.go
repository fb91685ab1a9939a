package mgmt

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"

	"github.com/usher-id/usher/hook"
	"github.com/usher-id/usher/internal/admin"
	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/profile"
	"github.com/usher-id/usher/internal/rest"
	"github.com/usher-id/usher/internal/web"
)

func (a *API) getSchema(w http.ResponseWriter, r *http.Request) error {
	s, err := a.Admin.Schema(r.Context(), r.PathValue("id"))
	return a.writeSchema(w, s, err)
}

// editSchema changes the properties that are named, and answers all of them.
func (a *API) editSchema(w http.ResponseWriter, r *http.Request) error {
	var body schemaBody
	if err := web.ReadJSON(r, &body); err != nil {
		return err
	}
	if len(body.unknown) > 0 {
		return fault.New(fault.Invalid, "Api validation failed: schema", body.unknown...)
	}
	s, err := a.Admin.EditSchema(r.Context(), rest.ByOf(r), r.PathValue("id"), body.Definitions.Base.Properties, body.Definitions.Custom.Properties)
	return a.writeSchema(w, s, err)
}

// schemaBody is a user schema as clients write it, with what is in it of members
// that no schema has: a misspelt "definition" must not pass for a change.
type schemaBody struct {
	schemaChange
	unknown []fault.Cause
}

type schemaChange struct {
	Definitions struct {
		Base   partChange `json:"base"`
		Custom partChange `json:"custom"`
	} `json:"definitions"`
}

type partChange struct {
	Properties *hook.Object `json:"properties"`
}

// UnmarshalJSON takes the members that a client echoes of what it has read, and
// leaves them where they are.
func (b *schemaBody) UnmarshalJSON(text []byte) error {
	if err := json.Unmarshal(text, &b.schemaChange); err != nil {
		return err
	}
	document, err := b.members(text, "schema", "id", "$schema", "name", "title", "description", "lastUpdated", "created",
		"definitions", "type", "properties", "usherViolators", "_links")
	if err != nil {
		return err
	}
	definitions, err := b.members(document["definitions"], "definitions", "base", "custom")
	if err != nil {
		return err
	}
	for _, part := range []string{"base", "custom"} {
		if _, err := b.members(definitions[part], "definitions."+part, "id", "type", "properties", "required"); err != nil {
			return err
		}
	}
	return nil
}

// members takes an object apart, and notes what it has besides the known ones.
func (b *schemaBody) members(text json.RawMessage, path string, known ...string) (members map[string]json.RawMessage, err error) {
	if text == nil {
		return nil, nil
	}
	if err := json.Unmarshal(text, &members); err != nil {
		return nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(members)) {
		if !slices.Contains(known, name) {
			b.unknown = append(b.unknown, fault.Cause{Field: path, Text: fmt.Sprintf("It has no member %+.64q.", name)})
		}
	}
	return members, nil
}

// schemaJSON is a user schema in Okta's JSON, its keys in the order of a recorded
// answer.
type schemaJSON struct {
	ID          string `json:"id"` // a name, which leads nowhere
	Schema      string `json:"$schema"`
	Name        string `json:"name"`
	Title       string `json:"title"`
	Description string `json:"description"`
	LastUpdated string `json:"lastUpdated"`
	Created     string `json:"created"`
	Definitions struct {
		Custom partJSON `json:"custom"`
		Base   partJSON `json:"base"`
	} `json:"definitions"`
	Type       string `json:"type"`
	Properties struct {
		Profile struct {
			AllOf []refJSON `json:"allOf"`
		} `json:"profile"`
	} `json:"properties"`
	// Violators is how many users have values that the change forbids, in its answer.
	// It is an extension.
	Violators int `json:"usherViolators,omitempty"`
	Links     struct {
		Self rest.Action `json:"self"`
		Type rest.Action `json:"type"`
	} `json:"_links"`
}

type partJSON struct {
	ID         string       `json:"id"`
	Type       string       `json:"type"`
	Properties *hook.Object `json:"properties"`
	Required   []string     `json:"required,omitzero"` // not in a part without properties
}

type refJSON struct {
	Ref string `json:"$ref"`
}

func (a *API) writeSchema(w http.ResponseWriter, s *admin.UserSchema, err error) error {
	if err != nil {
		return err
	}
	web.Tag(w, s.Type.SchemaRevision())
	return web.WriteJSON(w, http.StatusOK, a.schemaJSON(s))
}

func (a *API) schemaJSON(s *admin.UserSchema) schemaJSON {
	t := s.Type
	name := t.SchemaID()
	if t.Default() {
		name = admin.DefaultType
	}
	out := schemaJSON{
		ID: a.Site.URL("/meta/schemas/user/" + name), Schema: "http://json-schema.org/draft-04/schema#",
		Name: t.Name, Title: t.DisplayName, Description: t.Description,
		LastUpdated: web.Time(t.SchemaUpdated), Created: web.Time(t.Created), Type: "object", Violators: s.Violators,
	}
	out.Definitions.Custom = partJSON{ID: "#custom", Type: "object", Properties: &hook.Object{}}
	out.Definitions.Base = partJSON{ID: "#base", Type: "object", Properties: &hook.Object{}}
	for _, attribute := range s.Schema.Attributes() {
		part := &out.Definitions.Custom
		if attribute.Base {
			part = &out.Definitions.Base
		}
		part.add(attribute)
	}
	out.Properties.Profile.AllOf = []refJSON{{"#/definitions/custom"}, {"#/definitions/base"}}
	out.Links.Self = a.schemaLink("self", t)
	out.Links.Type = a.userTypeLink("type", t)
	return out
}

func (p *partJSON) add(attribute profile.Attribute) {
	p.Properties.Set(attribute.Name, attribute.Keywords())
	if p.Required == nil {
		p.Required = []string{}
	}
	if attribute.Required {
		p.Required = append(p.Required, attribute.Name)
	}
}

func (a *API) schemaLink(rel string, t *org.UserType) rest.Action {
	return rest.Action{Rel: rel, Href: a.Site.URL("/api/v1/meta/schemas/user/" + t.SchemaID()), Method: http.MethodGet}
}

// violationsJSON is what a user's profile breaks of the schema, an extension.
type violationsJSON struct {
	UserID string          `json:"userId"`
	Broken []violationJSON `json:"violations"`
	Links  struct {
		User rest.Action `json:"user"`
	} `json:"_links"`
}

type violationJSON struct {
	Attribute string `json:"attribute"`
	Rule      string `json:"rule"`
	Summary   string `json:"summary"`
}

func (a *API) listViolations(w http.ResponseWriter, r *http.Request) error {
	values, err := rest.Parameters(r)
	if err != nil {
		return err
	}
	limit, err := rest.PageLimit(values, rest.MaxPage, rest.MaxPage)
	if err != nil {
		return err
	}
	found, next, err := a.Admin.Violations(r.Context(), rest.ByOf(r), r.PathValue("id"), values.Get("after"), limit)
	if err != nil {
		return err
	}
	list := make([]violationsJSON, len(found))
	for i, u := range found {
		list[i].UserID = u.UserID
		list[i].Links.User = rest.Action{Href: a.Site.URL("/api/v1/users/" + u.UserID), Method: http.MethodGet}
		for _, v := range u.Broken {
			list[i].Broken = append(list[i].Broken, violationJSON{v.Attribute, v.Code, v.Text})
		}
	}
	a.Site.Link(w, r, next)
	return web.WriteJSON(w, http.StatusOK, list)
}
