package profile

import (
	"net/url"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/language"
)

// formats are all of them.
func formats() []string {
	return []string{
		FormatCountry, FormatDateTime, FormatEmail, FormatEncrypted, FormatHashed, FormatLanguage, FormatLocale,
		FormatReference, FormatTimeZone, FormatURI,
	}
}

var (
	locale       = regexp.MustCompile(`^[A-Za-z]{2,3}(?:[_-][A-Za-z]{4})?(?:[_-](?:[A-Za-z]{2}|[0-9]{3}))?$`)
	languageCode = regexp.MustCompile(`^[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*$`)
	reference    = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

	// timeZone is the form of a name (the "Theory" file of the tz database), not
	// a list of them: zones are added several times a year, and a list would make
	// the schema mean another thing on each machine and in each version of usher.
	timeZone = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_+-]{0,13}(?:/[A-Za-z0-9_+-]{1,14}){0,2}$`)
)

// formatText tells whether a text has a format, and says what to enter when not.
func formatText(format, text string) (help string, ok bool) {
	switch format {
	case FormatEmail:
		return "This value must be in the form of an email address.", isEmail(text)
	case FormatURI:
		return "Enter an address such as https://example.com/name.", isURI(text)
	case FormatLocale:
		return "Enter a locale such as en_US.", locale.MatchString(text)
	case FormatLanguage:
		return "Enter a language such as en or en-US.", languageCode.MatchString(text)
	case FormatCountry:
		return "Enter a country code of two capital letters such as US.", isCountry(text)
	case FormatTimeZone:
		return "Enter a time zone such as Europe/Paris.", timeZone.MatchString(text)
	case FormatDateTime:
		_, err := time.Parse(time.RFC3339, text)
		return "Enter a date and time such as 2026-03-09T08:14:05Z.", err == nil
	case FormatReference:
		return "Enter an identifier: letters and digits.", reference.MatchString(text)
	}
	return "", true
}

// isURI takes absolute ones, but for the schemes that a browser runs: sooner or
// later somebody makes a link of it.
func isURI(text string) bool {
	u, err := url.Parse(text)
	if err != nil || u.Host+u.Opaque+u.Path == "" || strings.ContainsFunc(text, unicode.IsSpace) {
		return false
	}
	switch u.Scheme { // in lower case already
	case "", "javascript", "data", "vbscript":
		return false
	}
	return true
}

// isCountry knows ISO 3166-1 alpha-2. Synonyms that the library would map, UK
// for GB, are not codes.
func isCountry(text string) bool {
	r, err := language.ParseRegion(text)
	return err == nil && len(text) == 2 && r.Canonicalize() == r && r.String() == text && r.IsCountry()
}

// isEmail is RFC 5322's dot-atom form with the letters of RFC 6531, 5 to 100
// characters and a domain of at least two labels. Quoted local parts and domain
// literals are left out: they are legal, and nobody's.
func isEmail(text string) bool {
	if n := utf8.RuneCountInString(text); n < 5 || n > 100 {
		return false
	}
	at := strings.LastIndexByte(text, '@')
	if at < 0 {
		return false
	}
	labels := strings.Split(text[at+1:], ".")
	if len(labels) < 2 {
		return false
	}
	for _, label := range labels {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' || strings.ContainsFunc(label, notInDomain) {
			return false
		}
	}
	for atom := range strings.SplitSeq(text[:at], ".") {
		if atom == "" || strings.ContainsFunc(atom, notInAtom) {
			return false
		}
	}
	return true
}

func notInDomain(c rune) bool { return c != '-' && !isWordRune(c) }

func notInAtom(c rune) bool {
	return !isWordRune(c) && !strings.ContainsRune("!#$%&'*+-/=?^_`{|}~", c)
}

func isWordRune(c rune) bool {
	if c < utf8.RuneSelf {
		return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z'
	}
	return unicode.In(c, unicode.L, unicode.M, unicode.N)
}
