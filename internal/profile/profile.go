package profile

import (
	"fmt"
	"iter"

	"github.com/usher-id/usher/hook"
	"github.com/usher-id/usher/internal/redact"
)

// Names of attributes that rules mention.
const (
	Login     = "login"
	Email     = "email"
	FirstName = "firstName"
	LastName  = "lastName"
	Locale    = "locale"
	TimeZone  = "timezone"
)

// storeLimits are wide, since usher wrote the text itself.
var storeLimits = hook.Limits{Depth: 64, Values: 1 << 20}

// Twin is the attribute that stands in for login or email where only one of the
// two is on a form, and "" for every other.
func Twin(attribute string) string {
	switch attribute {
	case Login:
		return Email
	case Email:
		return Login
	}
	return ""
}

// Profile is the values of a person's attributes, in the order in which they
// were set: JSON types as in [hook.Object], numbers with their own text. It may
// hold sensitive values, so it shows itself as [redacted] wherever it is
// printed, logged or marshalled by accident; Encode gives the text for the
// store.
//
// The zero value is empty. A Profile is a value: Set and Delete return another
// one and leave the receiver as it was.
type Profile struct {
	redact.Hidden
	values *hook.Object
}

// New makes a profile of an object, which it copies.
func New(values *hook.Object) Profile { return Profile{values: values.Clone()} }

// Decode reads a profile from the text that Encode gave.
func Decode(text string) (Profile, error) {
	v, err := hook.Parse([]byte(text), storeLimits)
	if err != nil {
		return Profile{}, fmt.Errorf("profile: stored text: %w", err)
	}
	o, ok := v.(*hook.Object)
	if !ok {
		return Profile{}, fmt.Errorf("profile: stored text is a JSON %s", hook.Kind(v))
	}
	return Profile{values: o}, nil
}

// Encode is the profile as JSON, with everything in it, for the store.
func (p Profile) Encode() (string, error) {
	if p.values == nil {
		return "{}", nil
	}
	text, err := p.values.MarshalJSON()
	return string(text), err
}

// Get gives a value.
func (p Profile) Get(name string) (any, bool) { return p.values.Get(name) }

// Text gives a value that is a string, and "" for any other.
func (p Profile) Text(name string) string { return p.values.Text(name) }

// Len is the number of attributes that are set.
func (p Profile) Len() int { return p.values.Len() }

// All ranges over the values in their order.
func (p Profile) All() iter.Seq2[string, any] { return p.values.All() }

// Set gives the profile with one value more or another one.
func (p Profile) Set(name string, value any) Profile {
	o := p.values.Clone()
	if o == nil {
		o = &hook.Object{}
	}
	o.Set(name, value)
	return Profile{values: o}
}

// Delete gives the profile without that attribute.
func (p Profile) Delete(name string) Profile {
	o := p.values.Clone()
	o.Delete(name)
	return Profile{values: o}
}
