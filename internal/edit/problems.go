package edit

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/usher-id/usher/internal/fault"
)

// Okta's words for a value that is not there and for a name that is taken.
const (
	Blank = "The field cannot be left blank"
	Taken = "An object with this field already exists in the current organization"
)

// MaxName is the length of most names in Okta's API, in characters.
const MaxName = 255

// Problems gathers what is wrong with an object, at the properties of the API.
type Problems []fault.Cause

// Add adds a problem, unless the text is "".
func (p *Problems) Add(property, text string) {
	if text != "" {
		*p = append(*p, fault.Cause{Field: property, Text: text})
	}
}

// AddUnless adds a problem where something is not as it must be.
func (p *Problems) AddUnless(ok bool, property, text string) {
	if !ok {
		p.Add(property, text)
	}
}

// AddAll adds the causes of a fault, at properties below the one of the prefix,
// which ends with a dot or is "". It gives every other error back.
func (p *Problems) AddAll(prefix string, err error) error {
	if err == nil {
		return nil
	}
	f := fault.As(err)
	if f == nil || f.Kind != fault.Invalid {
		return err
	}
	for _, c := range f.Causes {
		p.Add(prefix+c.Field, c.Text)
	}
	return nil
}

// OneOf says which values a property takes, unless it has one of them.
func (p *Problems) OneOf(property, value string, values ...string) {
	for _, v := range values {
		if v == value {
			return
		}
	}
	last := len(values) - 1
	text := "must be " + values[last]
	if last > 0 {
		text = "must be " + strings.Join(values[:last], ", ") + " or " + values[last]
	}
	p.Add(property, text)
}

// Fault is nil without problems, else the validation error of an object in
// Okta's words.
func (p *Problems) Fault(object string) error {
	if len(*p) == 0 {
		return nil
	}
	return fault.New(fault.Invalid, "Api validation failed: "+object, *p...)
}

// NameProblem says what is wrong with the name of a thing, or "". Names are shown
// in terminals and logs, where control characters could pass for something else.
func NameProblem(name string) string {
	if strings.TrimSpace(name) == "" {
		return Blank
	}
	return TextProblem(name, MaxName)
}

// TextProblem is NameProblem for a text of a length that may be empty.
func TextProblem(text string, most int) string {
	switch {
	case utf8.RuneCountInString(text) > most:
		return fmt.Sprintf("must have at most %d characters", most)
	case !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl):
		return "must not have control characters"
	}
	return ""
}

// CheckName is NameProblem as the fault of an object that has nothing but a name.
func CheckName(name string) error {
	if problem := NameProblem(name); problem != "" {
		return fault.Field("name", "name", problem)
	}
	return nil
}
