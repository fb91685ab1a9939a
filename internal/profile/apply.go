package profile

import (
	"fmt"

	"github.com/usher-id/usher/hook"
)

// Codes of an [UpdateError], as they stand in the System Log.
const (
	AttributeUnknown   = "ATTRIBUTE_UNKNOWN"   // not in the schema: a hook sets values, it does not create fields
	AttributeForbidden = "ATTRIBUTE_FORBIDDEN" // a password, a reserved name, or READ_ONLY
	AttributeInvalid   = "ATTRIBUTE_INVALID"   // a value that the schema does not allow
)

// Update sets one attribute. The value is JSON as [hook.Parse] gives it; null
// takes the attribute away, and so does "" for a string.
type Update struct {
	Attribute string
	Value     any
}

// UpdateError tells which of several updates is bad, and why.
type UpdateError struct {
	Code      string
	Attribute string
	Detail    string // for the author of the hook; names types and limits, never a value
	Index     int    // of the update
}

func (e *UpdateError) Error() string { return e.Code + ": " + e.Detail }

// Apply makes the updates in their order, the last one for an attribute counting
// ("attributes are updated in the order that they appear", registration hook
// reference). One bad update spoils all: the profile comes back as it was.
// Nothing is coerced, "12" is no number; a number with an integral value is an
// integer. Sensitive attributes can be set.
//
// The attributes that were named are judged by what they end up with; of the
// others nothing is said, see [Schema.Check].
func (s *Schema) Apply(p Profile, updates []Update) (Profile, *UpdateError) {
	last := make(map[string]int, len(updates))
	o := p.values.Clone()
	if o == nil {
		o = &hook.Object{}
	}
	for i, u := range updates {
		if err := s.apply(o, u); err != nil {
			err.Index = i
			return p, err
		}
		last[u.Attribute] = i
	}
	result := Profile{values: o}
	for i, u := range updates { // not over the map: the same error each time
		if last[u.Attribute] != i {
			continue
		}
		if v := s.rule(u.Attribute).violation(result); v != nil {
			return p, &UpdateError{AttributeInvalid, u.Attribute, u.Attribute + ": " + v.Text, i}
		}
	}
	return result, nil
}

// apply makes one update, judging what does not depend on later ones.
func (s *Schema) apply(o *hook.Object, u Update) *UpdateError {
	r := s.rule(u.Attribute)
	switch {
	case reserved(u.Attribute):
		return &UpdateError{Code: AttributeForbidden, Attribute: u.Attribute, Detail: u.Attribute + " cannot be set by an update"}
	case r == nil:
		return &UpdateError{Code: AttributeUnknown, Attribute: u.Attribute, Detail: printable(u.Attribute) + " is not in the user schema"}
	case r.Mutability == ReadOnly:
		return &UpdateError{Code: AttributeForbidden, Attribute: u.Attribute, Detail: u.Attribute + " is read-only in the user schema"}
	case u.Value == nil, u.Value == "" && r.Type == String:
		o.Delete(u.Attribute)
		return nil
	}
	if at := r.misfit(u.Value); at != "" {
		return &UpdateError{Code: AttributeInvalid, Attribute: u.Attribute, Detail: u.Attribute + at}
	}
	o.Set(u.Attribute, r.stored(u.Value))
	return nil
}

// misfit says how the type of a value differs from what the schema wants.
func (r *rule) misfit(value any) string {
	plain := rule{Attribute: Attribute{Name: r.Name, Type: r.Type}}
	if r.Type == Array {
		array, ok := value.([]any)
		for i, v := range array {
			if at := r.element.misfit(v); at != "" {
				return fmt.Sprintf("[%d]%s", i, at)
			}
		}
		if ok {
			return ""
		}
	} else if _, wrong := plain.normal(value); wrong == nil || wrong.Code != CodeType {
		return ""
	}
	kind := hook.Kind(value)
	if kind == "number" && (r.Type == Number || r.Type == Integer) {
		return fmt.Sprintf(" has a JSON number that %s cannot hold", withArticle(r.Type))
	}
	return fmt.Sprintf(" has a JSON %s where %s is wanted", kind, withArticle(r.Type))
}

func withArticle(t Type) string {
	switch t {
	case Array:
		return "an array"
	case Integer:
		return "an integer (signed, 32 bits)"
	}
	return "a " + string(t)
}
