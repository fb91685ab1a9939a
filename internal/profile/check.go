package profile

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/usher-id/usher/hook"
)

// Codes of a [Violation].
const (
	CodeBlank      = "BLANK"      // required and not there
	CodeType       = "TYPE"       // another JSON type, or a number out of the range of the type
	CodeCharacters = "CHARACTERS" // control characters, NUL, invalid UTF-8
	CodeLength     = "LENGTH"     // minLength, maxLength
	CodeRange      = "RANGE"      // minimum, maximum
	CodeChoice     = "CHOICE"     // enum
	CodePattern    = "PATTERN"    // pattern
	CodeFormat     = "FORMAT"     // format
	CodeUnknown    = "UNKNOWN"    // not in the schema
)

// Violation is what is wrong with one attribute. Text is for the person in
// front of the form, names no attribute and never holds a value.
type Violation struct {
	Attribute string
	Text      string
	Code      string
}

// Blank is the text at a field that has to be filled in, in the words of Okta's
// Sign-In Widget (model.validation.field.blank).
const Blank = "This field cannot be left blank"

// Check tells what of a profile breaks the schema: at most one violation for an
// attribute, in the order of the schema, then attributes that are not in it.
func (s *Schema) Check(p Profile) []Violation {
	var found []Violation
	for i := range s.list {
		r := &s.list[i]
		if v := r.violation(p); v != nil {
			found = append(found, *v)
		}
	}
	seen := make(map[string]bool)
	for name := range p.All() {
		if s.rule(name) == nil && !seen[name] {
			seen[name] = true
			found = append(found, Violation{name, "This field is not part of the profile.", CodeUnknown})
		}
	}
	return found
}

// violation is what is wrong with the value that a profile has for a rule.
func (r *rule) violation(p Profile) *Violation {
	value, _ := p.Get(r.Name)
	if r.isAbsent(value) {
		if r.Required {
			return r.wrong(CodeBlank, Blank)
		}
		return nil
	}
	_, v := r.normal(value)
	if v == nil && r.Required && isBlank(value) {
		return r.wrong(CodeBlank, Blank)
	}
	return v
}

// isAbsent: null is no value, and for a string neither is "".
func (r *rule) isAbsent(value any) bool {
	return value == nil || value == "" && r.Type == String
}

// stored is the normal form of a value, and what is wrong stays for Check to
// find.
func (r *rule) stored(value any) any {
	if normal, wrong := r.normal(value); wrong == nil {
		return normal
	}
	return value
}

// isBlank tells whether nobody can see that there is a value.
func isBlank(value any) bool {
	switch value := value.(type) {
	case nil:
		return true
	case string:
		return strings.TrimSpace(value) == ""
	case []any:
		return len(value) == 0
	}
	return false
}

func (r *rule) wrong(code, text string) *Violation { return &Violation{r.Name, text, code} }

// normal checks a value that is there and gives it as it is stored: an integer
// in plain digits, everything else as it is.
func (r *rule) normal(value any) (any, *Violation) {
	switch r.Type {
	case String:
		text, ok := value.(string)
		if !ok {
			return nil, r.wrong(CodeType, "Enter text.")
		}
		return text, r.checkText(text)
	case Boolean:
		if _, ok := value.(bool); !ok {
			return nil, r.wrong(CodeType, "Choose yes or no.")
		}
		return value, nil
	case Array:
		return r.normalArray(value)
	}
	return r.normalNumber(value)
}

func (r *rule) normalArray(value any) (any, *Violation) {
	array, ok := value.([]any)
	if !ok {
		return nil, r.wrong(CodeType, "Enter a list of values.")
	}
	normal := make([]any, len(array))
	for i, v := range array {
		var wrong *Violation
		if normal[i], wrong = r.element.normal(v); wrong != nil {
			return nil, wrong
		}
	}
	return normal, nil
}

func (r *rule) normalNumber(value any) (any, *Violation) {
	n, isNumber := value.(json.Number)
	if r.Type == Integer {
		if n, isNumber = integer(n); !isNumber {
			return nil, r.wrong(CodeType, "Enter a whole number.")
		}
	}
	x := exact(n)
	switch {
	case !isNumber || x == nil:
		return nil, r.wrong(CodeType, "Enter a number.")
	case r.min != nil && x.Cmp(r.min) < 0:
		return nil, r.wrong(CodeRange, "Enter "+string(r.Minimum)+" or more.")
	case r.max != nil && x.Cmp(r.max) > 0:
		return nil, r.wrong(CodeRange, "Enter "+string(r.Maximum)+" or less.")
	}
	return n, r.checkChoice(n)
}

func (r *rule) checkChoice(value any) *Violation {
	if r.Enum == nil || r.choices[valueForm(value)] {
		return nil
	}
	return r.wrong(CodeChoice, "Choose one of the listed values.")
}

func (r *rule) checkText(text string) *Violation {
	if !r.allows(text) {
		return r.wrong(CodeCharacters, "Remove the characters that are not allowed.")
	}
	if v := r.checkLength(text); v != nil {
		return v
	}
	if v := r.checkChoice(text); v != nil {
		return v
	}
	if text, ok := formatText(r.effectiveFormat(), text); !ok {
		return r.wrong(CodeFormat, text)
	}
	if r.pattern != nil && !r.pattern.MatchString(text) {
		return r.wrong(CodePattern, "This value does not match the required pattern.")
	}
	return nil
}

// effectiveFormat: a login without a pattern is an email address.
func (r *rule) effectiveFormat() string {
	if r.Base && r.Name == Login && r.Pattern == "" {
		return FormatEmail
	}
	return r.Format
}

func (r *rule) checkLength(text string) *Violation {
	n := utf8.RuneCountInString(text)
	anything := r.Base && r.Name == Login && r.Pattern == anyLogin
	if r.MinLength != nil && n < *r.MinLength && !anything {
		return r.wrong(CodeLength, "Use at least "+characters(*r.MinLength)+".")
	}
	if r.MaxLength != nil && n > *r.MaxLength {
		return r.wrong(CodeLength, "Use at most "+characters(*r.MaxLength)+".")
	}
	return nil
}

func characters(n int) string {
	if n == 1 {
		return "1 character"
	}
	return fmt.Sprintf("%d characters", n)
}

// allows refuses what cannot be stored or seen. Line breaks are for addresses
// and for what an org adds; in a name or an email address they only serve to
// forge headers and log lines. Invisible characters would make two logins that
// look the same.
func (r *rule) allows(text string) bool {
	if !utf8.ValidString(text) {
		return false
	}
	lines := !r.Base || r.Name == "streetAddress" || r.Name == "postalAddress"
	for _, c := range text {
		switch {
		case c == '\n' || c == '\r' || c == '\t':
			if !lines {
				return false
			}
		case unicode.IsControl(c):
			return false
		case r.Base && r.Name == Login && unicode.Is(unicode.Cf, c):
			return false
		}
	}
	return true
}

// Storable gives what of a profile may be stored: attributes of the schema that
// have a value, an integer in plain digits. Fields that are only on a form
// ("shown on the form, sent to the hook, never stored") fall away.
func (s *Schema) Storable(p Profile) Profile {
	o := &hook.Object{}
	for name := range p.All() {
		r := s.rule(name)
		value, _ := p.Get(name) // the last, of a name that occurs twice
		if r != nil && !r.isAbsent(value) {
			o.Set(name, r.stored(value))
		}
	}
	return New(o)
}
