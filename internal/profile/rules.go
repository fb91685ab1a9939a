package profile

import (
	"fmt"
	"math/big"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"unicode/utf8"
)

// Values of keywords of Okta's Schemas API.
const (
	scopeNone       = "NONE"
	scopeSelf       = "SELF"
	masterProfile   = "PROFILE_MASTER"
	masterOkta      = "OKTA"
	masterOverride  = "OVERRIDE"
	uniqueValidated = "UNIQUE_VALIDATED"
	notUnique       = "NOT_UNIQUE"
	principalSelf   = "SELF"
)

// anyLogin is the pattern of login that also lifts its minimum of five
// characters.
const anyLogin = ".+"

// maxPattern bounds the memory of a compiled pattern; its time is linear
// anyway, since RE2 does not backtrack.
const maxPattern = 1000

// newRule checks an attribute against the rules of Okta's Schemas API and makes
// it ready. The problem is a sentence for the administrator, "" for none.
func newRule(a Attribute) (r rule, problem string) {
	for _, check := range []func(Attribute) string{
		nameProblem, textProblem, typeProblem, sensitiveProblem, wordProblem, lengthProblem, choiceProblem, uniqueProblem,
	} {
		if problem = check(a); problem != "" {
			return rule{}, problem
		}
	}
	r = rule{Attribute: a}
	if r.min, r.max, problem = bounds(a); problem != "" {
		return rule{}, problem
	}
	if r.pattern, problem = pattern(a); problem != "" {
		return rule{}, problem
	}
	if a.Type == Array {
		element, problem := newElement(a.element())
		if problem != "" {
			return rule{}, "items: " + problem
		}
		r.element = &element
	}
	if a.Default != nil {
		if _, v := r.normal(a.Default); v != nil {
			return rule{}, "default: it is not a value that the property may have."
		}
	}
	return r, ""
}

// newElement is newRule for the elements of an array, which have no name or
// title of their own.
func newElement(e Attribute) (rule, string) {
	if e.Type == Array {
		return rule{}, "the elements cannot be arrays."
	}
	if problem := typeProblem(e); problem != "" {
		return rule{}, problem
	}
	return rule{Attribute: e}, choiceProblem(e)
}

func nameProblem(a Attribute) string {
	switch {
	case a.Base:
		return ""
	case reserved(a.Name):
		return "This name is reserved."
	case !attributeName.MatchString(a.Name):
		// The beginning is Okta's wording, recorded by udplabs/zartan (pull request 242).
		return "Invalid property name: " + printable(a.Name) + ". Property name should only have alphanumeric characters and underscores. " +
			"It should begin with a letter and not be longer than 128 characters."
	}
	return ""
}

// printable keeps a name that is none out of logs and terminals in raw form.
func printable(name string) string {
	quoted := fmt.Sprintf("%+q", name[:min(len(name), maxShown)])
	return quoted[1 : len(quoted)-1]
}

const maxShown = 64

func textProblem(a Attribute) string {
	if strings.TrimSpace(a.Title) == "" {
		return "title: The field cannot be left blank"
	}
	if !storable(a.Title) || !storable(a.Description) || !storable(a.ExternalName) || !storable(a.ExternalNamespace) {
		return "title, description, externalName, externalNamespace: they cannot have NUL or invalid UTF-8."
	}
	return ""
}

// storable refuses what one of the databases cannot keep: PostgreSQL has no NUL
// in text and refuses invalid UTF-8, SQLite takes both.
func storable(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsRune(text, 0)
}

func typeProblem(a Attribute) string {
	switch a.Type {
	case String, Boolean, Number, Integer:
		if a.Items != nil {
			return "items: only an array has items."
		}
	case Array:
		if a.Items == nil {
			return "items: an array needs them, with the type of its elements."
		}
	default:
		return "type: it must be one of string, boolean, number, integer, array."
	}
	return ""
}

func sensitiveProblem(a Attribute) string {
	switch {
	case !a.Sensitive:
		return ""
	case a.Base && !mayBeSensitive(a.Name):
		return "sensitive: of the base properties only secondEmail, postalAddress, city and zipCode can be sensitive."
	case a.Required:
		// Okta help: people could no longer save their profile.
		return "sensitive: a property cannot be both sensitive and required."
	}
	return ""
}

func wordProblem(a Attribute) string {
	switch {
	case !slices.Contains([]string{ReadWrite, ReadOnly, Immutable, WriteOnly}, a.Mutability):
		return "mutability: it must be one of READ_WRITE, READ_ONLY, IMMUTABLE, WRITE_ONLY."
	case !slices.Contains([]string{scopeNone, scopeSelf}, a.Scope):
		return "scope: it must be NONE or SELF."
	case !slices.Contains([]string{Hide, ReadOnly, ReadWrite}, a.Permission):
		return "permissions: the action must be one of HIDE, READ_ONLY, READ_WRITE."
	case !slices.Contains([]string{"", masterProfile, masterOkta, masterOverride}, a.Master):
		return "master: the type must be one of PROFILE_MASTER, OKTA, OVERRIDE."
	case len(a.MasterPriority) > 0 && a.Master != masterOverride:
		return "master: only OVERRIDE has a priority."
	case a.Format != "" && a.Type != String:
		return "format: only a string has a format."
	case a.Format != "" && !knownFormat(a.Format):
		return "format: it must be one of country-code, date-time, email, encrypted, hashed, language-code, locale, ref-id, timezone, uri."
	}
	return ""
}

func lengthProblem(a Attribute) string {
	switch {
	case a.MinLength == nil && a.MaxLength == nil:
		return ""
	case a.Type != String:
		return "minLength, maxLength: only a string has a length."
	case a.MinLength != nil && *a.MinLength < 0 || a.MaxLength != nil && *a.MaxLength < 0:
		return "minLength, maxLength: they cannot be negative."
	case a.MinLength != nil && a.MaxLength != nil && *a.MinLength > *a.MaxLength:
		return "minLength: it cannot be greater than maxLength."
	}
	return ""
}

func choiceProblem(a Attribute) string {
	if a.Enum == nil {
		if a.OneOf != nil {
			return "oneOf: it needs an enum with the same values in the same order."
		}
		return ""
	}
	if a.Type == Boolean || a.Type == Array {
		return "enum: only strings, numbers and integers have one; that of an array belongs into its items."
	}
	if len(a.Enum) == 0 {
		return "enum: it needs at least one value."
	}
	plain := rule{Attribute: Attribute{Name: a.Name, Type: a.Type}}
	for i, v := range a.Enum {
		if _, bad := plain.normal(v); bad != nil || v == "" {
			return fmt.Sprintf("enum: value %d is not of the type %s.", i+1, a.Type)
		}
		if slices.ContainsFunc(a.Enum[:i], func(w any) bool { return sameValue(v, w) }) {
			return fmt.Sprintf("enum: value %d occurs twice.", i+1)
		}
	}
	if a.OneOf != nil && !slices.EqualFunc(a.OneOf, a.Enum, func(c Choice, v any) bool { return sameValue(c.Const, v) && storable(c.Title) }) {
		return "oneOf: it must have the values of enum in the same order."
	}
	return ""
}

func uniqueProblem(a Attribute) string {
	if a.Unique && (a.Type == Boolean || a.Type == Array) {
		return "unique: only strings, numbers and integers can be unique."
	}
	return ""
}

func bounds(a Attribute) (low, high *big.Rat, problem string) {
	if a.Minimum == "" && a.Maximum == "" {
		return nil, nil, ""
	}
	if a.Type != Number && a.Type != Integer {
		return nil, nil, "minimum, maximum: only a number or an integer has them."
	}
	if a.Minimum != "" {
		if low = exact(a.Minimum); low == nil {
			return nil, nil, "minimum: it must be a number."
		}
	}
	if a.Maximum != "" {
		if high = exact(a.Maximum); high == nil {
			return nil, nil, "maximum: it must be a number."
		}
	}
	if low != nil && high != nil && low.Cmp(high) > 0 {
		return nil, nil, "minimum: it cannot be greater than maximum."
	}
	return low, high, ""
}

// pattern compiles the expression so that it holds for the whole value: one that
// a "|" or a missing "$" opens at an end would let through anything.
func pattern(a Attribute) (*regexp.Regexp, string) {
	switch {
	case a.Pattern == "":
		return nil, ""
	case a.Type != String:
		return nil, "pattern: only a string has a pattern."
	case len(a.Pattern) > maxPattern:
		return nil, "pattern: it cannot be longer than 1000 characters."
	}
	// Alone first: "a)|(b" is two halves that the group below would complete.
	if _, err := regexp.Compile(a.Pattern); err != nil {
		return nil, "pattern: it is not a regular expression of the RE2 syntax."
	}
	whole, err := regexp.Compile(`\A(?:` + a.Pattern + `)\z`)
	if err != nil {
		return nil, `pattern: it cannot be used for a whole value; does it end within \Q?`
	}
	return whole, ""
}

// overrideProblem says what an org has changed of a base attribute that Okta
// does not let it change.
func overrideProblem(base, a Attribute) string {
	for _, keyword := range changedKeywords(base, a) {
		switch {
		case keyword == keyPermissions, keyword == keySensitive:
		case keyword == keyRequired && (a.Name == FirstName || a.Name == LastName):
		case keyword == keyPattern && a.Name == Login:
			if !loginPattern(a.Pattern) {
				return `pattern: that of login can only be null, ".+" or "[…]+".`
			}
		default:
			return keyword + ": it cannot be changed for a base property."
		}
	}
	return ""
}

// loginPattern accepts the forms that Okta does: anything, or one class of
// characters.
func loginPattern(p string) bool {
	if p == anyLogin {
		return true
	}
	re, err := syntax.Parse(p, syntax.Perl)
	return err == nil && strings.HasPrefix(p, "[") && strings.HasSuffix(p, "]+") &&
		re.Op == syntax.OpPlus && (re.Sub[0].Op == syntax.OpCharClass || re.Sub[0].Op == syntax.OpLiteral && len(re.Sub[0].Rune) == 1)
}
