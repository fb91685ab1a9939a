package password

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

const (
	minRunes = 8
	maxRunes = 256
)

// Requirement names one rule for new passwords.
type Requirement string

// The rules, in the order in which a message lists them.
const (
	MinLength       Requirement = "minLength"       // 8 characters
	MaxLength       Requirement = "maxLength"       // 256 characters
	MaxBytes        Requirement = "maxBytes"        // 72 bytes, with bcrypt
	ValidText       Requirement = "validText"       // UTF-8 without NUL
	ExcludeUsername Requirement = "excludeUsername" // neither the login nor its part before the @
)

// RequirementsError is a new password that is refused.
type RequirementsError struct {
	Unmet []Requirement // at least one, in the order of the constants
}

// Error names the rules that were broken, for a log.
func (e *RequirementsError) Error() string {
	return fmt.Sprintf("password: requirements not met: %v", e.Unmet)
}

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
		{MinLength, true, fmt.Sprintf("at least %d characters", minRunes)},
		{MaxLength, false, fmt.Sprintf("at most %d characters", maxRunes)},
		{MaxBytes, false, fmt.Sprintf("at most %d bytes (an accented letter or a symbol may take 2 to 4)", bcryptMaxBytes)},
		{ValidText, false, "only valid Unicode characters"},
		{ExcludeUsername, true, "does not include your username"},
	} {
		if rule.always || slices.Contains(e.Unmet, rule.name) {
			list = append(list, rule.text)
		}
	}
	return "Password requirements were not met. Password requirements: " + strings.Join(list, ", ") + "."
}

// Check judges a new password for the person with this login and returns a
// *RequirementsError when it breaks a rule. Length counts and composition does not,
// as OWASP ASVS 5.0 § 6.2 has it. It is cheap, and belongs before Hash.
func (h *Hasher) Check(secret Secret, login string) error {
	text := secret.Reveal()
	length := utf8.RuneCountInString(text)
	local, _, _ := strings.Cut(login, "@")

	var unmet []Requirement
	for _, rule := range []struct {
		name   Requirement
		broken bool
	}{
		{MinLength, length < minRunes},
		{MaxLength, length > maxRunes},
		{MaxBytes, !h.params.fits(secret)},
		// Other systems end a string at NUL, and forms do not send broken UTF-8:
		// such a password could be set and then never typed again.
		{ValidText, !utf8.ValidString(text) || strings.ContainsRune(text, 0)},
		{ExcludeUsername, text != "" && (strings.EqualFold(text, login) || strings.EqualFold(text, local))},
	} {
		if rule.broken {
			unmet = append(unmet, rule.name)
		}
	}
	if unmet != nil {
		return &RequirementsError{Unmet: unmet}
	}
	return nil
}
