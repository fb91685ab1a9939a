package profile

import (
	"slices"
	"strings"

	"github.com/usher-id/usher/hook"
)

// Where the two parts of a schema are in a document of Okta's Schemas API.
const (
	pathBase   = "definitions.base.properties"
	pathCustom = "definitions.custom.properties"
)

// Edit gives the schema as a POST to Okta's Schemas API changes it. base and
// custom are the properties by name, nil for none. Properties that are not named
// stay as they are, and so do the keywords of one that is named; null takes away
// a keyword, or a whole custom property. New properties come last.
//
// The error is a [fault.Error] whose causes name property and keyword by their
// path in the document, "definitions.custom.properties.badge.minLength".
func (s *Schema) Edit(base, custom *hook.Object) (*Schema, error) {
	e := editing{own: s.own(), schema: s}
	for name, v := range base.All() {
		e.base(name, v)
	}
	for name, v := range custom.All() {
		e.custom(name, v)
	}
	if err := e.wrong.fault(); err != nil {
		return nil, err
	}
	return compile(e.own, PropertyPath)
}

// PropertyPath is where an attribute is in a document of Okta's Schemas API, as
// causes name it.
func PropertyPath(a Attribute) string {
	if _, base := Base(a.Name); base {
		return pathBase + "." + a.Name
	}
	return pathCustom + "." + printable(a.Name)
}

// editing is a schema on its way to another.
type editing struct {
	schema *Schema
	own    []Attribute
	wrong  mistakes
}

func (e *editing) base(name string, v any) {
	path := pathBase + "." + printable(name)
	_, known := Base(name)
	o, ok := v.(*hook.Object)
	switch {
	case !known:
		e.wrong.add(path, problem{"", "It is not a base property."})
	case v == nil:
		e.wrong.add(path, problem{"", "A base property cannot be removed."})
	case !ok:
		e.wrong.add(path, problem{"", "It must be an object."})
	default:
		e.change(path, name, o)
	}
}

func (e *editing) custom(name string, v any) {
	path := pathCustom + "." + printable(name)
	o, ok := v.(*hook.Object)
	i := slices.IndexFunc(baseAttributes(), func(b Attribute) bool { return strings.EqualFold(b.Name, name) })
	switch {
	case i >= 0:
		e.wrong.add(path, problem{"", "This name is taken by the base property " + baseAttributes()[i].Name + "."})
	case v == nil: // also one that is gone already, as of two who remove it
		e.own = slices.DeleteFunc(e.own, func(a Attribute) bool { return a.Name == name })
	case !ok:
		e.wrong.add(path, problem{"", "It must be an object, or null to remove the property."})
	default:
		e.change(path, name, o)
	}
}

// change sets keywords of an attribute, of a new one if there is none.
func (e *editing) change(path, name string, o *hook.Object) {
	old, known := e.schema.Attribute(name)
	a := old
	if !known {
		a = Attribute{Name: name}
	}
	found := a.change(o)
	if known && len(found) == 0 {
		found = typeChanged(old, a)
	}
	e.wrong.add(path, found...)
	if i := slices.IndexFunc(e.own, func(b Attribute) bool { return b.Name == name }); i >= 0 {
		e.own[i] = a
	} else {
		e.own = append(e.own, a)
	}
}
