package profile

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/usher-id/usher/hook"
)

// Keywords that rules mention.
const (
	keyTitle       = "title"
	keyType        = "type"
	keyItems       = "items"
	keyRequired    = "required"
	keyFormat      = "format"
	keyUnique      = "unique"
	keyMinLength   = "minLength"
	keyMaxLength   = "maxLength"
	keyMinimum     = "minimum"
	keyMaximum     = "maximum"
	keyPattern     = "pattern"
	keyEnum        = "enum"
	keyOneOf       = "oneOf"
	keyPermissions = "permissions"
	keySensitive   = "sensitive"
)

// keyword is one keyword of the Schemas API: how it is written and read.
type keyword struct {
	name string
	get  func(Attribute) any                 // nil to leave it out
	set  func(a *Attribute, v any) (ok bool) // nil takes it away
	want string                              // what set takes
}

// keywords in the order in which an org answers them.
func keywords() []keyword {
	return []keyword{
		textKeyword(keyTitle, func(a *Attribute) *string { return &a.Title }),
		textKeyword("description", func(a *Attribute) *string { return &a.Description }),
		textKeyword(keyType, func(a *Attribute) *string { return (*string)(&a.Type) }),
		flagKeyword(keyRequired, func(a *Attribute) *bool { return &a.Required }),
		textKeyword(keyFormat, func(a *Attribute) *string { return &a.Format }),
		{keyUnique, getUnique, setUnique, `"UNIQUE_VALIDATED", "NOT_UNIQUE" or a boolean`},
		textKeyword("mutability", func(a *Attribute) *string { return &a.Mutability }),
		textKeyword("scope", func(a *Attribute) *string { return &a.Scope }),
		{keyItems, getItems, setItems, `an object with "type"`},
		lengthKeyword(keyMinLength, func(a *Attribute) **int { return &a.MinLength }),
		lengthKeyword(keyMaxLength, func(a *Attribute) **int { return &a.MaxLength }),
		numberKeyword(keyMinimum, func(a *Attribute) *json.Number { return &a.Minimum }),
		numberKeyword(keyMaximum, func(a *Attribute) *json.Number { return &a.Maximum }),
		textKeyword(keyPattern, func(a *Attribute) *string { return &a.Pattern }),
		{keyEnum, func(a Attribute) any { return list(a.Enum) }, func(a *Attribute, v any) (ok bool) {
			a.Enum, ok = v.([]any)
			return ok || v == nil
		}, "an array"},
		{keyOneOf, func(a Attribute) any { return getChoices(a.OneOf) }, func(a *Attribute, v any) (ok bool) {
			a.OneOf, ok = choices(v)
			return ok
		}, wantChoices},
		{"default", func(a Attribute) any { return a.Default }, func(a *Attribute, v any) bool {
			a.Default = v
			return true
		}, "a value"},
		textKeyword("externalName", func(a *Attribute) *string { return &a.ExternalName }),
		textKeyword("externalNamespace", func(a *Attribute) *string { return &a.ExternalNamespace }),
		{keyPermissions, getPermissions, setPermissions, `an array of one {"principal":"SELF","action"}`},
		{"master", getMaster, setMaster, `an object with "type"`},
		flagKeyword(keySensitive, func(a *Attribute) *bool { return &a.Sensitive }),
	}
}

const wantChoices = `an array of {"const","title"}`

// ParseAttribute reads the keywords of a property as clients of Okta's Schemas
// API write them. Of a base property they change the one that Okta delivers. A
// keyword that is null is taken away.
//
// The error is a [fault.Error]; whether the attribute is a good one is for
// [NewSchema] to say.
func ParseAttribute(name string, o *hook.Object) (Attribute, error) {
	a, ok := Base(name)
	if !ok {
		a = Attribute{Name: name}
	}
	var wrong mistakes
	wrong.add(name, a.change(o)...)
	return a, wrong.fault()
}

// change sets the keywords that are named and leaves the others as they are. One
// that is unknown is refused: "sensitve" must not pass for a mark.
func (a *Attribute) change(o *hook.Object) (found []problem) {
	known := make(map[string]keyword)
	for _, k := range keywords() {
		known[k.name] = k
	}
	for key, v := range o.All() {
		k, ok := known[key]
		switch {
		case !ok:
			found = append(found, problem{printable(key), "It is not a keyword of a property."})
		case !k.set(a, v):
			found = append(found, problem{key, "It must be " + k.want + "."})
		}
	}
	a.setDefaults()
	return found
}

// Keywords are the attribute as Okta writes it: the keywords that are not at
// their default, and mutability, scope and permissions always.
func (a Attribute) Keywords() *hook.Object {
	o := &hook.Object{}
	for _, k := range keywords() {
		if v := k.get(a); v != nil {
			o.Set(k.name, v)
		}
	}
	return o
}

// changedKeywords names what differs between two attributes.
func changedKeywords(before, after Attribute) []string {
	var changed []string
	for _, k := range keywords() {
		if !sameText(k.get(before), k.get(after)) {
			changed = append(changed, k.name)
		}
	}
	return changed
}

func sameText(a, b any) bool {
	x, err := hook.Encode(a)
	y, also := hook.Encode(b)
	return err == nil && also == nil && string(x) == string(y)
}

// Encode gives what an org has made its own, as JSON for the store:
//
//	{"base":{"login":{"pattern":".+"}},"custom":{"badge":{"title":"Badge","type":"integer",…}}}
//
// Of base attributes only what differs is in it, so that a correction of the
// base schema in a later version reaches orgs that exist.
func (s *Schema) Encode() (string, error) {
	base, custom := &hook.Object{}, &hook.Object{}
	for _, a := range s.own() {
		if !a.Base {
			custom.Set(a.Name, a.Keywords())
			continue
		}
		original, _ := Base(a.Name)
		changed, all := &hook.Object{}, a.Keywords()
		for _, key := range changedKeywords(original, a) {
			v, _ := all.Get(key) // null when it is not set any more
			changed.Set(key, v)
		}
		base.Set(a.Name, changed)
	}
	o := &hook.Object{}
	if base.Len() > 0 {
		o.Set("base", base)
	}
	if custom.Len() > 0 {
		o.Set("custom", custom)
	}
	text, err := o.MarshalJSON()
	if err != nil {
		return "", fmt.Errorf("profile: encode schema: %w", err)
	}
	return string(text), nil
}

// DecodeSchema reads the text that Encode gave. An error is internal, not the
// fault of whoever asks for the schema now.
func DecodeSchema(text string) (*Schema, error) {
	s, err := decodeSchema(text)
	if err != nil {
		// Not %w: a fault in the chain would be shown to somebody.
		return nil, errors.New("profile: stored schema: " + err.Error())
	}
	return s, nil
}

func decodeSchema(text string) (*Schema, error) {
	v, err := hook.Parse([]byte(text), storeLimits)
	if err != nil {
		return nil, err
	}
	o, ok := v.(*hook.Object)
	if !ok {
		return nil, fmt.Errorf("a JSON %s", hook.Kind(v))
	}
	var own []Attribute
	for part, v := range o.All() {
		properties, ok := v.(*hook.Object)
		if !ok || part != "base" && part != "custom" {
			return nil, fmt.Errorf("member %q", part)
		}
		for name, v := range properties.All() {
			keywords, ok := v.(*hook.Object)
			if !ok {
				return nil, fmt.Errorf("property %q is a JSON %s", name, hook.Kind(v))
			}
			a, err := ParseAttribute(name, keywords)
			if err != nil {
				return nil, err
			}
			if a.Base != (part == "base") {
				return nil, fmt.Errorf("property %q is not a %s one", name, part)
			}
			own = append(own, a)
		}
	}
	return NewSchema(own...)
}
