package profile

import (
	"bytes"

	"github.com/usher-id/usher/hook"
)

// Further codes of a [Violation], of what administrators write.
const (
	CodeReadOnly  = "READ_ONLY" // mutability READ_ONLY, or IMMUTABLE and there
	CodeForbidden = "FORBIDDEN" // a sensitive attribute, of somebody who must not see it
)

// Writer is how an administrator writes a profile.
type Writer struct {
	// Replace takes away what is not named (PUT). Without it, only what is named
	// changes (POST); null takes away either way.
	Replace bool
	// Sensitive allows to write what is sensitive.
	Sensitive bool
	// All judges every attribute, as of a new profile. Without it, a value that
	// stays as it was is not judged: a rule that came later must not keep people
	// from other changes.
	All bool
}

// Write gives the profile that old becomes, and what is wrong with it. What the
// writer cannot read back (a sensitive attribute, one that is for writing only)
// or cannot change is not taken away because it is not named.
func (s *Schema) Write(old Profile, input *hook.Object, w Writer) (Profile, []Violation) {
	result := &hook.Object{}
	for name, value := range old.All() {
		if _, named := input.Get(name); named || !w.Replace || s.stays(name, w) {
			result.Set(name, value)
		}
	}
	var found []Violation
	refused := map[string]bool{}
	for name, value := range input.All() {
		if v := s.refuses(old, name, value, w); v != nil {
			found, refused[name] = append(found, *v), true
		} else if r := s.rule(name); !w.withheld(r) {
			result.Set(name, r.stored(value))
		}
	}
	// "If you don't specify a value … the default is used" (Okta, Schemas API): of a
	// new profile, and of what would be taken away.
	written := s.withDefaults(New(result), func(name string) bool { return w.All || w.Replace || input.Has(name) })
	for _, v := range s.Check(written) {
		if !refused[v.Attribute] && s.tells(v, old, written, w) {
			found = append(found, v)
		}
	}
	return s.Storable(written), found
}

// tells tells whether a writer hears of what is wrong with a value: not of what is
// left of a schema that was another one, not of which rule a value breaks that the
// writer must not know, and not of what stays as it was.
func (s *Schema) tells(v Violation, old, written Profile, w Writer) bool {
	if v.Code == CodeUnknown || w.withheld(s.rule(v.Attribute)) {
		return false
	}
	return w.All || s.differs(old, written, v.Attribute)
}

// stays tells whether an attribute cannot be taken away by not naming it.
func (s *Schema) stays(name string, w Writer) bool {
	r := s.rule(name)
	return r != nil && (w.withheld(r) || r.Mutability != ReadWrite)
}

// withheld tells whether the writer does not know that there is a value.
func (w Writer) withheld(r *rule) bool { return r.Sensitive && !w.Sensitive }

// refuses says why a value cannot be written, whatever it is.
func (s *Schema) refuses(old Profile, name string, value any, w Writer) *Violation {
	r := s.rule(name)
	if r == nil {
		return &Violation{name, "This field is not part of the profile.", CodeUnknown}
	}
	if w.withheld(r) {
		if value == nil { // as clients write what they know nothing of
			return nil
		}
		return r.wrong(CodeForbidden, "Only a super administrator can change this field.")
	}
	present, _ := old.Get(name)
	fixed := r.Mutability == ReadOnly || r.Mutability == Immutable && !r.isAbsent(present)
	if fixed && s.differs(old, old.Set(name, value), name) {
		return r.wrong(CodeReadOnly, "This field cannot be changed.")
	}
	return nil
}

// differs tells whether two profiles have different values of an attribute.
func (s *Schema) differs(a, b Profile, name string) bool {
	r := s.rule(name)
	x, _ := a.Get(name)
	y, _ := b.Get(name)
	if r.isAbsent(x) || r.isAbsent(y) {
		return r.isAbsent(x) != r.isAbsent(y)
	}
	left, errLeft := hook.Encode(r.stored(x))
	right, errRight := hook.Encode(r.stored(y))
	return errLeft != nil || errRight != nil || !bytes.Equal(left, right)
}
