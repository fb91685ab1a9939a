package profile

import (
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"strings"

	"github.com/usher-id/usher/internal/fault"
)

// maxUnique is how many unique properties a user type may have (Okta, Schemas
// API).
const maxUnique = 5

// maxCustom bounds what every sign-up and every answer about a user costs. Okta
// states no limit; this one is ours.
const maxCustom = 500

// Schema is the user schema of an org: the 31 base attributes and its own. It
// does not change; [Schema.With] gives another one. Its methods may be called
// from several goroutines.
type Schema struct {
	list   []rule
	exact  map[string]int // index in list, by name
	folded map[string]int // the same by name in lower case: names differ by more than case
}

// rule is an attribute made ready for checking.
type rule struct {
	Attribute
	pattern  *regexp.Regexp // nil for none
	min, max *big.Rat
	choices  map[any]bool // forms of the values of Enum
	element  *rule        // of an Array
}

// NewSchema makes a schema of the base attributes and of custom ones in the
// order given. An attribute with the name of a base one stands for it; take it
// from [Base], since only this may differ: the permission, the Required of
// firstName and lastName, the Pattern of login ("", ".+" or "[…]+"), and the
// Sensitive of secondEmail, postalAddress, city and zipCode.
//
// The error is a [fault.Error] with a cause at each property and keyword that is
// wrong, as in "plan.minLength".
func NewSchema(custom ...Attribute) (*Schema, error) {
	return compile(custom, func(a Attribute) string { return a.Name })
}

// compile is NewSchema where path says how causes name an attribute.
func compile(custom []Attribute, path func(Attribute) string) (*Schema, error) {
	list := baseAttributes()
	base := len(list)
	wrong := tooMany(custom, path)
	if err := wrong.fault(); err != nil {
		return nil, err
	}
	for _, a := range custom {
		a = a.clone()
		a.setDefaults()
		at := slices.IndexFunc(list, func(b Attribute) bool { return strings.EqualFold(a.Name, b.Name) })
		a.Base = at >= 0 && at < base && list[at].Name == a.Name
		switch {
		case a.Base:
			wrong.add(path(a), overrideProblems(list[at], a)...)
			list[at] = a
		case at >= 0:
			wrong.add(path(a), problem{"", "This name is taken by the property " + list[at].Name + ". Names have to differ by more than upper and lower case."})
		default:
			list = append(list, a)
		}
	}
	if err := wrong.fault(); err != nil {
		return nil, err
	}
	s := &Schema{exact: make(map[string]int, len(list)), folded: make(map[string]int, len(list))}
	unique := 0
	for i, a := range list {
		r, found := newRule(a)
		wrong.add(path(a), found...)
		if a.Unique {
			if unique++; unique > maxUnique {
				wrong.add(path(a), problem{keyUnique, "No more than 5 properties can be unique."})
			}
		}
		s.list = append(s.list, r)
		s.exact[a.Name] = i
		s.folded[strings.ToLower(a.Name)] = i
	}
	if err := wrong.fault(); err != nil {
		return nil, err
	}
	return s, nil
}

// tooMany names the first property above the limit. It goes before everything
// else, so that what is far above it costs nothing.
func tooMany(list []Attribute, path func(Attribute) string) (wrong mistakes) {
	custom := 0
	for _, a := range list {
		if _, base := Base(a.Name); base {
			continue
		}
		if custom++; custom > maxCustom {
			wrong.add(path(a), problem{"", fmt.Sprintf("There cannot be more than %d custom properties.", maxCustom)})
			break
		}
	}
	return wrong
}

// mistakes are what is wrong with the attributes of a schema.
type mistakes []fault.Cause

func (m *mistakes) add(path string, found ...problem) {
	for _, p := range found {
		field := path
		if p.keyword != "" {
			field += "." + p.keyword
		}
		*m = append(*m, fault.Cause{Field: field, Text: p.text})
	}
}

// fault is the error that tells of them, or nil.
func (m mistakes) fault() error {
	if len(m) == 0 {
		return nil
	}
	return fault.New(fault.Invalid, "Api validation failed: schema", m...)
}

// With gives the schema with these attributes added, or put in the place of
// those with the same name. The type of an attribute cannot change, because the
// values that are stored already would not fit.
func (s *Schema) With(changes ...Attribute) (*Schema, error) {
	list := s.own()
	for _, a := range changes {
		if old, ok := s.Attribute(a.Name); ok {
			var wrong mistakes
			wrong.add(a.Name, typeChanged(old, a)...)
			if err := wrong.fault(); err != nil {
				return nil, err
			}
		}
		at := slices.IndexFunc(list, func(b Attribute) bool { return a.Name == b.Name })
		if at < 0 {
			list = append(list, a)
		} else {
			list[at] = a
		}
	}
	return NewSchema(list...)
}

// typeChanged is what is wrong with an attribute of another type than before.
func typeChanged(old, a Attribute) []problem {
	const text = "The type of a property cannot be changed."
	switch {
	case old.Type != a.Type:
		return []problem{{keyType, text}}
	case old.Items != nil && a.Items != nil && old.Items.Type != a.Items.Type:
		return []problem{{keyItems + "." + keyType, text}}
	}
	return nil
}

// own gives what an org has made its own: changed base attributes and custom
// ones.
func (s *Schema) own() []Attribute {
	var own []Attribute
	base := baseAttributes()
	for i, r := range s.list {
		if i >= len(base) || len(changedKeywords(base[i], r.Attribute)) > 0 {
			own = append(own, r.clone())
		}
	}
	return own
}

// Attributes gives the base attributes in Okta's order, then the custom ones in
// theirs.
func (s *Schema) Attributes() []Attribute {
	list := make([]Attribute, len(s.list))
	for i, r := range s.list {
		list[i] = r.clone()
	}
	return list
}

// Attribute gives one attribute by its exact name.
func (s *Schema) Attribute(name string) (Attribute, bool) {
	r := s.rule(name)
	if r == nil {
		return Attribute{}, false
	}
	return r.clone(), true
}

func (s *Schema) rule(name string) *rule {
	i, ok := s.exact[name]
	if !ok {
		return nil
	}
	return &s.list[i]
}

// Sensitive tells whether values of that name must be masked and must not leave:
// those of attributes marked so, and passwords, known or not. Case is ignored,
// since a hook that answers "SSN" for the attribute ssn has not made the number
// public.
func (s *Schema) Sensitive(name string) bool {
	if secret(name) {
		return true
	}
	i, ok := s.folded[strings.ToLower(name)]
	return ok && s.list[i].Sensitive
}
