package profile

import (
	"encoding/json"
	"strings"
)

// Coerce gives what a person entered into the fields of one name as a JSON value
// of the schema's type. It is not ok when the field was left empty, which is
// the same as not having it. The violation says in plain words what to enter;
// limits are for [Schema.Check].
//
// Of several fields with one name the last counts, as for a check box behind a
// hidden "false"; for an array each is one element, and each line of one where
// there is no enum to choose from, as in a text area. A name that is not in the
// schema is that of a field that is only on the form: its value is text, and
// since no Check will see it, its characters and its length are looked at here.
//
// Space around logins and around everything that has a format is dropped,
// because phones add it and no such value can have it. Other text stays as it
// was typed, but for text of nothing else than space, which nobody can see.
func (s *Schema) Coerce(name string, form []string) (value any, ok bool, wrong *Violation) {
	r := s.rule(name)
	if r == nil {
		return (&rule{Attribute: FormOnly(name)}).coerceFormOnly(form)
	}
	if r.Type != Array {
		if len(form) == 0 {
			return nil, false, nil
		}
		return r.coerce(form[len(form)-1])
	}
	if r.element.Enum == nil {
		form = lines(form)
	}
	var array []any
	for _, text := range form {
		v, ok, wrong := r.element.coerce(text)
		if wrong != nil {
			return nil, false, wrong
		}
		if ok {
			array = append(array, v)
		}
	}
	return list(array), array != nil, nil
}

// maxFormOnly bounds the text of a field that no schema bounds, since all of it
// goes to the hook. Okta states no limit; this one is ours.
const maxFormOnly = 1024

// FormOnly is what stands for the attribute of a field that is on a form and not
// in the schema: a text.
func FormOnly(name string) Attribute {
	limit := maxFormOnly
	return Attribute{Name: name, Title: name, Type: String, MaxLength: &limit}
}

func (r *rule) coerceFormOnly(form []string) (value any, ok bool, wrong *Violation) {
	if len(form) == 0 {
		return nil, false, nil
	}
	text := form[len(form)-1]
	if wrong = r.checkText(text); wrong != nil {
		return nil, false, wrong
	}
	return r.coerce(text)
}

func (r *rule) coerce(text string) (value any, ok bool, wrong *Violation) {
	trimmed := strings.TrimSpace(text)
	if trimmed == "" {
		return nil, false, nil
	}
	switch r.Type {
	case Boolean:
		switch trimmed {
		case "true", "on": // "on" is a check box without a value
			return true, true, nil
		case "false":
			return false, true, nil
		}
		_, wrong = r.normal(trimmed)
		return nil, false, wrong
	case Number, Integer:
		n, good := fromForm(trimmed)
		if !good {
			n = ""
		}
		return r.coerceNumber(n)
	}
	if r.Format != "" || r.Base && r.Name == Login {
		text = trimmed
	}
	return text, true, nil
}

// coerceNumber checks the type alone, so that "1e400" is refused here.
func (r *rule) coerceNumber(n json.Number) (value any, ok bool, wrong *Violation) {
	plain := rule{Attribute: Attribute{Name: r.Name, Type: r.Type}}
	if value, wrong = plain.normal(n); wrong != nil {
		return nil, false, wrong
	}
	return value, true, nil
}

// lines takes texts apart at their line breaks, which browsers write as CR LF.
func lines(texts []string) []string {
	var list []string
	for _, text := range texts {
		for line := range strings.Lines(text) {
			list = append(list, strings.TrimRight(line, "\r\n"))
		}
	}
	return list
}
