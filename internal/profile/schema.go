package profile

import "encoding/json"

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

// Attribute is one property of the user schema, with the keywords of Okta's
// Schemas API. Zero values are the defaults there.
type Attribute struct {
	Name        string
	Title       string
	Description string
	Type        Type
	Items       *Items // of an Array
	Required    bool
	Sensitive   bool // never sent to a hook, masked in logs; usher's extension
	MinLength   *int
	MaxLength   *int
	Minimum     json.Number // "" for none
	Maximum     json.Number
	Enum        []any
	OneOf       []Choice
	Pattern     string // regular expression that the whole value matches
	Format      string // country-code, date-time, email, language-code, locale, ref-id, timezone, uri, encrypted, hashed
	Mutability  string // "" is ReadWrite
	Scope       string // NONE, SELF; "" is NONE
	Permission  string // of the principal SELF: Hide, ReadOnly, ReadWrite; "" is ReadOnly
	Master      string // PROFILE_MASTER, OKTA, OVERRIDE; "" is PROFILE_MASTER
	Unique      bool
	Default     any
	// ExternalName and ExternalNamespace are kept for clients that set them.
	ExternalName, ExternalNamespace string
	Base                            bool // one of the 31 of Okta's base schema
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
