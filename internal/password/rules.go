package password

import (
	_ "embed" // the list of common passwords
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Bounds of the length of passwords, in characters. A policy may ask for less
// than 8, as Okta's may.
const (
	LeastMinLength = 4
	MostMinLength  = 72
	maxRunes       = 256
)

// minName is how long a first or last name is, in characters, for which passwords
// are searched. Two letters are in too many of them.
const minName = 3

// Rules are what a password policy asks of new passwords.
type Rules struct {
	MinLength                         int // in characters
	MinLowerCase, MinUpperCase        int // letters; Okta's API has 0 and 1
	MinNumber                         int // digits
	MinSymbol                         int // what is neither letter nor digit
	ExcludeUsername                   bool
	ExcludeFirstName, ExcludeLastName bool
	ExcludeCommon                     bool // those that most people choose
}

// DefaultRules are those of an org that has said nothing else: length counts and
// composition does not, as OWASP ASVS 5.0 § 6.2 and NIST SP 800-63B have it.
func DefaultRules() Rules { return Rules{MinLength: 8, ExcludeUsername: true} }

// Owner is whose password it is to be.
type Owner struct{ Login, FirstName, LastName string }

// Requirement names one rule for new passwords.
type Requirement string

// The rules, in the order in which a message lists them.
const (
	MinLength        Requirement = "minLength"
	MaxLength        Requirement = "maxLength" // 256 characters
	MaxBytes         Requirement = "maxBytes"  // 72 bytes, with bcrypt
	ValidText        Requirement = "validText" // UTF-8 without NUL
	MinLowerCase     Requirement = "minLowerCase"
	MinUpperCase     Requirement = "minUpperCase"
	MinNumber        Requirement = "minNumber"
	MinSymbol        Requirement = "minSymbol"
	ExcludeUsername  Requirement = "excludeUsername" // neither the login nor its part before the @
	ExcludeFirstName Requirement = "excludeFirstName"
	ExcludeLastName  Requirement = "excludeLastName"
	ExcludeCommon    Requirement = "excludeCommon"
)

// RequirementsError is a new password that is refused.
type RequirementsError struct {
	Rules Rules
	Unmet []Requirement // at least one, in the order of the constants
}

// Error names the rules that were broken, for a log.
func (e *RequirementsError) Error() string {
	return fmt.Sprintf("password: requirements not met: %v", e.Unmet)
}

// NotMet begins every sentence about a password that a policy refuses.
const NotMet = "Password requirements were not met."

// Message returns the sentence for the person, in the form that Okta gives it: all
// that is required, not only what is missing. Limits that few people meet are named
// only to those who do.
func (e *RequirementsError) Message() string {
	var list []string
	for _, rule := range []struct {
		name   Requirement
		always bool
		text   string
	}{
		{MinLength, true, fmt.Sprintf("at least %d characters", e.Rules.MinLength)},
		{MaxLength, false, fmt.Sprintf("at most %d characters", maxRunes)},
		{MaxBytes, false, fmt.Sprintf("at most %d bytes (an accented letter or a symbol may take 2 to 4)", bcryptMaxBytes)},
		{ValidText, false, "only valid Unicode characters"},
		{MinLowerCase, e.Rules.MinLowerCase > 0, "a lowercase letter"},
		{MinUpperCase, e.Rules.MinUpperCase > 0, "an uppercase letter"},
		{MinNumber, e.Rules.MinNumber > 0, "a number"},
		{MinSymbol, e.Rules.MinSymbol > 0, "a symbol"},
		{ExcludeUsername, e.Rules.ExcludeUsername, "does not include your username"},
		{ExcludeFirstName, e.Rules.ExcludeFirstName, "does not include your first name"},
		{ExcludeLastName, e.Rules.ExcludeLastName, "does not include your last name"},
		{ExcludeCommon, e.Rules.ExcludeCommon, "is not one that many people choose"},
	} {
		if rule.always || slices.Contains(e.Unmet, rule.name) {
			list = append(list, rule.text)
		}
	}
	return NotMet + " Password requirements: " + strings.Join(list, ", ") + "."
}

// Check judges a new password by the rules, for its owner, and returns a
// *RequirementsError when it breaks one. It is cheap, and belongs before Hash.
func (h *Hasher) Check(secret Secret, r Rules, o Owner) error {
	text := secret.Reveal()
	n := count(text)
	var unmet []Requirement
	for _, rule := range []struct {
		name   Requirement
		broken bool
	}{
		{MinLength, n.runes < r.MinLength || text == ""},
		{MaxLength, n.runes > maxRunes},
		{MaxBytes, !h.params.fits(secret)},
		// Other systems end a string at NUL, and forms do not send broken UTF-8:
		// such a password could be set and then never typed again.
		{ValidText, !utf8.ValidString(text) || strings.ContainsRune(text, 0)},
		{MinLowerCase, n.lower < r.MinLowerCase},
		{MinUpperCase, n.upper < r.MinUpperCase},
		{MinNumber, n.numbers < r.MinNumber},
		{MinSymbol, n.symbols < r.MinSymbol},
		{ExcludeUsername, r.ExcludeUsername && isLogin(text, o.Login)},
		{ExcludeFirstName, r.ExcludeFirstName && hasName(text, o.FirstName)},
		{ExcludeLastName, r.ExcludeLastName && hasName(text, o.LastName)},
		{ExcludeCommon, r.ExcludeCommon && isCommon(text)},
	} {
		if rule.broken {
			unmet = append(unmet, rule.name)
		}
	}
	if unmet != nil {
		return &RequirementsError{Rules: r, Unmet: unmet}
	}
	return nil
}

// counts are how many characters of which kind a password has.
type counts struct{ runes, lower, upper, numbers, symbols int }

func count(text string) (n counts) {
	for _, r := range text {
		n.runes++
		switch {
		case unicode.IsLower(r):
			n.lower++
		case unicode.IsUpper(r):
			n.upper++
		case unicode.IsNumber(r):
			n.numbers++
		case !unicode.IsLetter(r):
			n.symbols++
		}
	}
	return n
}

func isLogin(text, login string) bool {
	local, _, _ := strings.Cut(login, "@")
	return text != "" && (strings.EqualFold(text, login) || strings.EqualFold(text, local))
}

func hasName(text, name string) bool {
	return utf8.RuneCountInString(name) >= minName && strings.Contains(strings.ToLower(text), strings.ToLower(name))
}

//go:embed common.txt
var common string

// isCommon looks a password up, in whatever case, in the list, of which each line
// is one.
func isCommon(text string) bool {
	return !strings.Contains(text, "\n") && strings.Contains(common, "\n"+strings.ToLower(text)+"\n")
}
