package profile

import (
	"encoding/json"
	"slices"
)

// Type is the JSON type of an attribute.
type Type string

// Types of attributes. An Integer is a signed 32-bit one.
const (
	String  Type = "string"
	Boolean Type = "boolean"
	Number  Type = "number"
	Integer Type = "integer"
	Array   Type = "array"
)

// Mutability of an attribute. Only ReadOnly binds a hook.
const (
	ReadWrite = "READ_WRITE"
	ReadOnly  = "READ_ONLY"
	Immutable = "IMMUTABLE"
	WriteOnly = "WRITE_ONLY"
)

// Hide is the permission of an attribute that its own person does not see.
const Hide = "HIDE"

// Formats of string attributes.
const (
	FormatEmail     = "email"
	FormatURI       = "uri"
	FormatLocale    = "locale"        // fr_FR
	FormatLanguage  = "language-code" // fr-FR
	FormatCountry   = "country-code"  // FR
	FormatTimeZone  = "timezone"      // Europe/Paris
	FormatDateTime  = "date-time"     // RFC 3339
	FormatReference = "ref-id"        // id of another object
	FormatEncrypted = "encrypted"     // says how the value is kept, not how it looks
	FormatHashed    = "hashed"        // likewise
)

// Attribute is one property of the user schema, with the keywords of Okta's
// Schemas API. Zero values are the defaults there; in an attribute that comes
// out of a [Schema], Mutability, Scope and Permission are filled in.
type Attribute struct {
	Name        string
	Title       string
	Description string
	Type        Type
	Items       *Items // of an Array
	Required    bool
	Sensitive   bool // never sent to a hook, masked in logs; usher's extension
	MinLength   *int // in characters
	MaxLength   *int
	Minimum     json.Number // "" for none
	Maximum     json.Number
	Enum        []any // string or json.Number
	OneOf       []Choice
	Pattern     string // regular expression (RE2) that the whole value matches
	Format      string // country-code, date-time, email, language-code, locale, ref-id, timezone, uri, encrypted, hashed
	Mutability  string // "" is ReadWrite
	Scope       string // NONE, SELF; "" is NONE
	Permission  string // of the principal SELF: Hide, ReadOnly, ReadWrite; "" is ReadOnly
	Master      string // PROFILE_MASTER, OKTA, OVERRIDE; "" is PROFILE_MASTER
	// MasterPriority is who masters the attribute, first to last, when Master
	// is OVERRIDE.
	MasterPriority []Source
	Unique         bool
	Default        any
	// ExternalName and ExternalNamespace are kept for clients that set them.
	ExternalName, ExternalNamespace string
	Base                            bool // one of the 31 of Okta's base schema; set by NewSchema
}

// Items is what the elements of an array attribute may be.
type Items struct {
	Type  Type
	Enum  []any
	OneOf []Choice
}

// Choice is one allowed value with the words that a form shows for it.
type Choice struct {
	Const any
	Title string
}

// Source is one master of an attribute, such as {"APP", id of the app}.
type Source struct {
	Type, Value string
}

// Hidden tells whether the person whose attribute it is must not see it.
// Sensitive implies it whatever the permission says (Okta help, "Hide sensitive
// attributes"), and WRITE_ONLY means "never returned" (RFC 7643 § 2.2).
func (a Attribute) Hidden() bool {
	return a.Sensitive || a.Permission == Hide || a.Mutability == WriteOnly
}

// Readable tells whether administrators may know the values: none of those that
// are WRITE_ONLY, and sensitive ones only who may see them.
func (a Attribute) Readable(sensitive bool) bool {
	return a.Mutability != WriteOnly && (sensitive || !a.Sensitive)
}

// clone keeps a schema apart from what its callers hold.
func (a Attribute) clone() Attribute {
	a.MinLength = clonePointer(a.MinLength)
	a.MaxLength = clonePointer(a.MaxLength)
	a.Enum = slices.Clone(a.Enum)
	a.OneOf = slices.Clone(a.OneOf)
	a.MasterPriority = slices.Clone(a.MasterPriority)
	if list, ok := a.Default.([]any); ok {
		a.Default = slices.Clone(list)
	}
	if a.Items != nil {
		a.Items = &Items{a.Items.Type, slices.Clone(a.Items.Enum), slices.Clone(a.Items.OneOf)}
	}
	return a
}

func clonePointer[T any](p *T) *T {
	if p == nil {
		return nil
	}
	v := *p
	return &v
}

// element is the attribute that each element of an array has to meet.
func (a Attribute) element() Attribute {
	return Attribute{Name: a.Name, Type: a.Items.Type, Enum: a.Items.Enum, OneOf: a.Items.OneOf}
}
