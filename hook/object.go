package hook

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Object is a JSON object that keeps the order of its members, members that
// occur twice, and the text of its numbers. Order matters in this contract:
// within a profile update "attributes are updated in the order that they
// appear in the value object" (Okta, registration inline hook reference), and a
// Go map would lose it.
//
// Values are nil, bool, string, [json.Number], []any and *Object when they were
// decoded. Set also takes what encoding/json can encode.
//
// The zero value is an empty object. A nil *Object reads as empty and encodes
// as null.
type Object struct {
	members []Member
}

// Member is one name and its value.
type Member struct {
	Name  string
	Value any
}

// NewObject makes an object of the members in the order given.
func NewObject(members ...Member) *Object {
	return &Object{members: slices.Clone(members)}
}

// Len is the number of members, those that occur twice counted twice.
func (o *Object) Len() int {
	if o == nil {
		return 0
	}
	return len(o.members)
}

// Get gives the value of a member. Of a name that occurs twice the last one
// counts, as if the members had been applied in order.
func (o *Object) Get(name string) (value any, ok bool) {
	if o == nil {
		return nil, false
	}
	for i := len(o.members) - 1; i >= 0; i-- {
		if o.members[i].Name == name {
			return o.members[i].Value, true
		}
	}
	return nil, false
}

// Has tells whether the object has a member of that name.
func (o *Object) Has(name string) bool {
	_, ok := o.Get(name)
	return ok
}

// Text gives the value of a member that is a string, and "" for any other.
func (o *Object) Text(name string) string {
	v, _ := o.Get(name)
	s, _ := v.(string)
	return s
}

// Set replaces the value of a member where it stands, or appends the member. Of
// a name that occurs twice it replaces the last, the one that Get gives.
func (o *Object) Set(name string, value any) {
	for i := len(o.members) - 1; i >= 0; i-- {
		if o.members[i].Name == name {
			o.members[i].Value = value
			return
		}
	}
	o.members = append(o.members, Member{name, value})
}

// Delete removes every member of that name.
func (o *Object) Delete(name string) {
	if o == nil {
		return
	}
	o.members = slices.DeleteFunc(o.members, func(m Member) bool { return m.Name == name })
}

// Duplicate gives the first name that occurs more than once, and whether there
// is one. It does not look into the values.
func (o *Object) Duplicate() (name string, ok bool) {
	seen := make(map[string]bool, o.Len())
	for name := range o.All() {
		if seen[name] {
			return name, true
		}
		seen[name] = true
	}
	return "", false
}

// All ranges over the members in their order, those that occur twice included.
func (o *Object) All() iter.Seq2[string, any] {
	return func(yield func(string, any) bool) {
		if o == nil {
			return
		}
		for _, m := range o.members {
			if !yield(m.Name, m.Value) {
				return
			}
		}
	}
}

// Clone copies the object and every object and array in it.
func (o *Object) Clone() *Object {
	if o == nil {
		return nil
	}
	c := &Object{members: make([]Member, len(o.members))}
	for i, m := range o.members {
		c.members[i] = Member{m.Name, cloneValue(m.Value)}
	}
	return c
}

func cloneValue(v any) any {
	switch v := v.(type) {
	case *Object:
		return v.Clone()
	case []any:
		c := make([]any, len(v))
		for i := range v {
			c[i] = cloneValue(v[i])
		}
		return c
	}
	return v
}

// String is the object as JSON.
func (o *Object) String() string {
	text, err := o.MarshalJSON()
	if err != nil {
		return "!(" + err.Error() + ")"
	}
	return string(text)
}

// MarshalJSON writes the members in their order, without white space and
// without the HTML escapes that encoding/json adds by default.
func (o *Object) MarshalJSON() ([]byte, error) {
	return appendValue(nil, o)
}

// UnmarshalJSON reads an object by [Parse], with [DefaultLimits].
func (o *Object) UnmarshalJSON(text []byte) error {
	v, err := Parse(text, DefaultLimits)
	if err != nil {
		return err
	}
	switch v := v.(type) {
	case nil:
		return nil
	case *Object:
		*o = *v
		return nil
	}
	return fmt.Errorf("hook: JSON %s where an object was expected", Kind(v))
}

// Encode is the JSON text of a value as [Parse] gives it or encoding/json can
// encode it: no white space, no HTML escapes, objects in their order.
func Encode(v any) ([]byte, error) { return appendValue(nil, v) }

func appendValue(b []byte, v any) ([]byte, error) {
	switch v := v.(type) {
	case nil:
		return append(b, "null"...), nil
	case bool:
		return strconv.AppendBool(b, v), nil
	case string:
		return appendString(b, v)
	case json.Number:
		if !validNumber(string(v)) {
			return nil, fmt.Errorf("hook: %q is not a JSON number", string(v))
		}
		return append(b, v...), nil
	case *Object:
		return appendObject(b, v)
	case []any:
		return appendArray(b, v)
	}
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return append(b, bytes.TrimRight(buf.Bytes(), "\n")...), nil
}

func appendObject(b []byte, o *Object) ([]byte, error) {
	if o == nil {
		return append(b, "null"...), nil
	}
	b = append(b, '{')
	var err error
	for i, m := range o.members {
		if i > 0 {
			b = append(b, ',')
		}
		if b, err = appendString(b, m.Name); err != nil {
			return nil, err
		}
		b = append(b, ':')
		if b, err = appendValue(b, m.Value); err != nil {
			return nil, err
		}
	}
	return append(b, '}'), nil
}

func appendArray(b []byte, array []any) ([]byte, error) {
	b = append(b, '[')
	var err error
	for i, v := range array {
		if i > 0 {
			b = append(b, ',')
		}
		if b, err = appendValue(b, v); err != nil {
			return nil, err
		}
	}
	return append(b, ']'), nil
}

const hexDigits = "0123456789abcdef"

func appendString(b []byte, s string) ([]byte, error) {
	if !utf8.ValidString(s) {
		return nil, errors.New("hook: a string is not valid UTF-8")
	}
	b = append(b, '"')
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c >= 0x20:
			b = append(b, c)
		default:
			if i := strings.IndexByte(escaped, c); i >= 0 {
				b = append(b, '\\', escapes[i])
			} else {
				b = append(b, `\u00`...)
				b = append(b, hexDigits[c>>4], hexDigits[c&15])
			}
		}
	}
	return append(b, '"'), nil
}

// Kind names the JSON type of a decoded value, for messages: null, boolean,
// string, number, array or object.
func Kind(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case string:
		return "string"
	case []any:
		return "array"
	case *Object:
		if v == nil {
			return "null"
		}
		return "object"
	}
	return "number"
}
