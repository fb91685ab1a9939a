package profile

import (
	"encoding/json"
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

// maxEnum bounds what a form shows to choose from. Okta states no limit; this one
// is ours.
const maxEnum = 500

// problem is what is wrong with a keyword of an attribute, or with the attribute
// itself where keyword is "". The text is a sentence for the administrator, "" is
// no problem.
type problem struct{ keyword, text string }

// newRule checks an attribute against the rules of Okta's Schemas API and makes
// it ready, unless something is wrong with it.
func newRule(a Attribute) (r rule, found []problem) {
	r = rule{Attribute: a}
	run := func(checks ...func(*rule) problem) bool {
		before := len(found)
		for _, check := range checks {
			if p := check(&r); p.text != "" {
				found = append(found, p)
			}
		}
		return len(found) == before
	}
	run(nameProblem, titleProblem, textProblem, sensitiveProblem, mutabilityProblem, scopeProblem, permissionProblem, masterProblem)
	if run(typeProblem) && run(itemsProblem, formatProblem, lengthProblem, enumProblem, oneOfProblem, uniqueProblem, boundsProblem, patternProblem) {
		run(defaultProblem)
	}
	return r, found
}

func defaultProblem(r *rule) problem {
	if r.Default != nil {
		if _, v := r.normal(r.Default); v != nil {
			return problem{"default", "It is not a value that the property may have."}
		}
	}
	return problem{}
}

func nameProblem(r *rule) problem {
	switch {
	case r.Base:
		return problem{}
	case reserved(r.Name):
		return problem{"", "This name is reserved."}
	case !attributeName.MatchString(r.Name):
		// The beginning is Okta's wording, recorded by udplabs/zartan (pull request 242).
		return problem{"", "Invalid property name: " + printable(r.Name) + ". Property name should only have alphanumeric characters and underscores. " +
			"It should begin with a letter and not be longer than 128 characters."}
	}
	return problem{}
}

// printable keeps a name that is none out of logs and terminals in raw form.
func printable(name string) string {
	quoted := fmt.Sprintf("%+q", name[:min(len(name), maxShown)])
	return quoted[1 : len(quoted)-1]
}

const maxShown = 64

func titleProblem(r *rule) problem {
	if strings.TrimSpace(r.Title) == "" {
		return problem{keyTitle, "The field cannot be left blank"}
	}
	return problem{}
}

func textProblem(r *rule) problem {
	for _, text := range []struct{ keyword, value string }{
		{keyTitle, r.Title}, {"description", r.Description}, {"externalName", r.ExternalName}, {"externalNamespace", r.ExternalNamespace},
	} {
		if !storable(text.value) {
			return problem{text.keyword, "It cannot have NUL or invalid UTF-8."}
		}
	}
	return problem{}
}

// storable refuses what one of the databases cannot keep: PostgreSQL has no NUL
// in text and refuses invalid UTF-8, SQLite takes both.
func storable(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsRune(text, 0)
}

func typeProblem(r *rule) problem {
	switch r.Type {
	case String, Boolean, Number, Integer, Array:
		return problem{}
	}
	return problem{keyType, "It must be one of string, boolean, number, integer, array."}
}

// itemsProblem checks what an array holds, and makes it ready.
func itemsProblem(r *rule) problem {
	switch {
	case r.Type != Array && r.Items != nil:
		return problem{keyItems, "Only an array has items."}
	case r.Type != Array:
		return problem{}
	case r.Items == nil:
		return problem{keyItems, "An array needs them, with the type of its elements."}
	case r.Items.Type == Array:
		return problem{keyItems + ".type", "The elements cannot be arrays."}
	}
	r.element = &rule{Attribute: r.Attribute.element()}
	for _, check := range []func(*rule) problem{typeProblem, enumProblem, oneOfProblem} {
		if p := check(r.element); p.text != "" {
			return problem{keyItems + "." + p.keyword, p.text}
		}
	}
	return problem{}
}

func sensitiveProblem(r *rule) problem {
	switch {
	case !r.Sensitive:
		return problem{}
	case r.Base && !mayBeSensitive(r.Name):
		return problem{keySensitive, "Of the base properties only secondEmail, postalAddress, city and zipCode can be sensitive."}
	case r.Required:
		// Okta help: people could no longer save their profile.
		return problem{keySensitive, "A property cannot be both sensitive and required."}
	}
	return problem{}
}

// oneOf says which words a keyword takes, unless the value is one of them.
func oneOf(keyword, value string, words ...string) problem {
	if slices.Contains(words, value) {
		return problem{}
	}
	return problem{keyword, "It must be one of " + strings.Join(slices.DeleteFunc(words, func(w string) bool { return w == "" }), ", ") + "."}
}

func mutabilityProblem(r *rule) problem {
	return oneOf("mutability", r.Mutability, ReadWrite, ReadOnly, Immutable, WriteOnly)
}

func scopeProblem(r *rule) problem { return oneOf("scope", r.Scope, scopeNone, scopeSelf) }

func permissionProblem(r *rule) problem {
	return oneOf(keyPermissions+"[0].action", r.Permission, Hide, ReadOnly, ReadWrite)
}

func masterProblem(r *rule) problem {
	if len(r.MasterPriority) > 0 && r.Master != masterOverride {
		return problem{"master.priority", "Only OVERRIDE has a priority."}
	}
	return oneOf("master.type", r.Master, "", masterProfile, masterOkta, masterOverride)
}

func formatProblem(r *rule) problem {
	switch {
	case r.Format == "":
		return problem{}
	case r.Type != String:
		return problem{keyFormat, "Only a string has a format."}
	}
	return oneOf(keyFormat, r.Format, formats()...)
}

func lengthProblem(r *rule) problem {
	for _, limit := range []struct {
		keyword string
		value   *int
	}{{keyMinLength, r.MinLength}, {keyMaxLength, r.MaxLength}} {
		switch {
		case limit.value == nil:
		case r.Type != String:
			return problem{limit.keyword, "Only a string has a length."}
		case *limit.value < 0:
			return problem{limit.keyword, "It cannot be negative."}
		}
	}
	if r.MinLength != nil && r.MaxLength != nil && *r.MinLength > *r.MaxLength {
		return problem{keyMinLength, "It cannot be greater than maxLength."}
	}
	return problem{}
}

// enumProblem checks the values to choose from, and makes them ready.
func enumProblem(r *rule) problem {
	switch {
	case r.Enum == nil:
		return problem{}
	case r.Type == Boolean || r.Type == Array:
		return problem{keyEnum, "Only strings, numbers and integers have one; that of an array belongs into its items."}
	case len(r.Enum) == 0:
		return problem{keyEnum, "It needs at least one value."}
	case len(r.Enum) > maxEnum:
		return problem{keyEnum, fmt.Sprintf("It cannot have more than %d values.", maxEnum)}
	}
	plain := rule{Attribute: Attribute{Name: r.Name, Type: r.Type}}
	r.choices = make(map[any]bool, len(r.Enum))
	for i, v := range r.Enum {
		if _, bad := plain.normal(v); bad != nil {
			return problem{keyEnum, fmt.Sprintf("Value %d is not of the type %s.", i+1, r.Type)}
		}
		form := valueForm(v)
		if r.choices[form] {
			return problem{keyEnum, fmt.Sprintf("Value %d occurs twice.", i+1)}
		}
		r.choices[form] = true
	}
	return problem{}
}

func oneOfProblem(r *rule) problem {
	switch {
	case r.OneOf == nil:
	case r.Enum == nil:
		return problem{keyOneOf, "It needs an enum with the same values in the same order."}
	case !slices.EqualFunc(r.OneOf, r.Enum, func(c Choice, v any) bool { return sameValue(c.Const, v) && storable(c.Title) }):
		return problem{keyOneOf, "It must have the values of enum in the same order."}
	}
	return problem{}
}

func uniqueProblem(r *rule) problem {
	if r.Unique && (r.Type == Boolean || r.Type == Array) {
		return problem{keyUnique, "Only strings, numbers and integers can be unique."}
	}
	return problem{}
}

// boundsProblem checks the range of numbers, and makes it ready.
func boundsProblem(r *rule) problem {
	for _, bound := range []struct {
		keyword string
		value   json.Number
		exact   **big.Rat
	}{{keyMinimum, r.Minimum, &r.min}, {keyMaximum, r.Maximum, &r.max}} {
		if bound.value == "" {
			continue
		}
		if r.Type != Number && r.Type != Integer {
			return problem{bound.keyword, "Only a number or an integer has it."}
		}
		if *bound.exact = exact(bound.value); *bound.exact == nil {
			return problem{bound.keyword, "It must be a number."}
		}
	}
	if r.min != nil && r.max != nil && r.min.Cmp(r.max) > 0 {
		return problem{keyMinimum, "It cannot be greater than maximum."}
	}
	return problem{}
}

// patternProblem compiles the expression so that it holds for the whole value: one
// that a "|" or a missing "$" opens at an end would let through anything.
func patternProblem(r *rule) problem {
	switch {
	case r.Pattern == "":
		return problem{}
	case r.Type != String:
		return problem{keyPattern, "Only a string has a pattern."}
	case len(r.Pattern) > maxPattern:
		return problem{keyPattern, "It cannot be longer than 1000 characters."}
	}
	// Alone first: "a)|(b" is two halves that the group below would complete.
	if _, err := regexp.Compile(r.Pattern); err != nil {
		return problem{keyPattern, "It is not a regular expression of the RE2 syntax."}
	}
	whole, err := regexp.Compile(`\A(?:` + r.Pattern + `)\z`)
	if err != nil {
		return problem{keyPattern, `It cannot be used for a whole value; does it end within \Q?`}
	}
	r.pattern = whole
	return problem{}
}

// overrideProblems says what an org has changed of a base attribute that Okta
// does not let it change.
func overrideProblems(base, a Attribute) (found []problem) {
	for _, keyword := range changedKeywords(base, a) {
		switch {
		case keyword == keyPermissions, keyword == keySensitive:
		case keyword == keyRequired && (a.Name == FirstName || a.Name == LastName):
		case keyword == keyPattern && a.Name == Login:
			if !loginPattern(a.Pattern) {
				found = append(found, problem{keyPattern, `That of login can only be null, ".+" or "[…]+".`})
			}
		default:
			found = append(found, problem{keyword, "It cannot be changed for a base property."})
		}
	}
	return found
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
