package profile

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
)

// UniqueValue is a value that no other user may have, as a key that is the same
// for values which people take for one: text is folded as logins are, 1.0 is 1.
// The key is a hash, so that it is short, and tells nothing at a glance.
type UniqueValue struct{ Attribute, Key string }

// UniqueValues are those of a profile, in the order of the schema.
func (s *Schema) UniqueValues(p Profile) []UniqueValue {
	var values []UniqueValue
	for i := range s.list {
		r := &s.list[i]
		value, _ := p.Get(r.Name)
		if !r.Unique || r.isAbsent(value) {
			continue
		}
		if text, ok := foldValue(value); ok {
			sum := sha256.Sum256([]byte(text))
			values = append(values, UniqueValue{r.Name, base64.RawURLEncoding.EncodeToString(sum[:])})
		}
	}
	return values
}

// foldValue is not ok for what is no value that can be unique.
func foldValue(value any) (text string, ok bool) {
	switch value := value.(type) {
	case string:
		text = FoldLogin(value)
		return text, text != ""
	case json.Number:
		if x := exact(value); x != nil {
			return x.RatString(), true
		}
	}
	return "", false
}

// Unique tells whether an attribute of that name must be unique.
func (s *Schema) Unique(name string) bool {
	r := s.rule(name)
	return r != nil && r.Unique
}

// HasUnique tells whether any attribute must be unique.
func (s *Schema) HasUnique() bool {
	for i := range s.list {
		if s.list[i].Unique {
			return true
		}
	}
	return false
}
