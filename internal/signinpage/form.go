package signinpage

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/usher-id/usher/internal/enroll"
	"github.com/usher-id/usher/internal/password"
	"github.com/usher-id/usher/internal/profile"
)

// Kinds of fields. Those that are not here are the type of an <input>.
const (
	kindText     = "text"
	kindEmail    = "email"
	kindURL      = "url"
	kindPhone    = "tel"
	kindPassword = "password"
	kindTextarea = "textarea"
	kindSelect   = "select"
	kindRadio    = "radio"
	kindCheckbox = "checkbox" // one, or with choices one of each
)

// field is one field of the sign-up form as the template draws it.
type field struct {
	ID           string
	Name         string
	Label        string
	Kind         string
	Required     bool
	Mark         string // beside the label, "" for none
	Hint         string
	Errors       []string
	Focus        bool
	Value        string // of an input or a textarea
	Checked      bool   // of a checkbox without choices
	Choices      []choice
	InputMode    string
	Autocomplete string
	MinLength    *int
	MaxLength    *int
	Verbatim     bool // no capitals and no spelling checked by the browser
}

type choice struct {
	ID     string
	Value  string
	Label  string
	Chosen bool
}

// DescribedBy lists the ids of what a screen reader adds to the label.
func (f field) DescribedBy() string {
	var ids []string
	if len(f.Errors) > 0 {
		ids = append(ids, f.ID+"-error")
	}
	if f.Hint != "" {
		ids = append(ids, f.ID+"-hint")
	}
	return strings.Join(ids, " ")
}

// signUpBody is the form as policy and schema say, and what was entered.
type signUpBody struct {
	Fields      []field
	AnyOptional bool
}

// signUpForm draws the form with what was sent (nil at first) and the messages
// at its fields. The first field that has one gets the focus, or without any the
// first field, unless messages stand above the form.
func (t text) signUpForm(form *enroll.Form, sent url.Values, at map[string][]string, focus bool) signUpBody {
	var body signUpBody
	names := form.Names()
	for i, f := range form.Fields {
		drawn := t.field(f, "field-"+strconv.Itoa(i+1), sent[f.Attribute.Name])
		if drawn.Name == profile.Email && !slices.Contains(names, profile.Login) {
			drawn.Autocomplete = "username" // then the address is the login, and password managers learn it as that
		}
		body.Fields = append(body.Fields, drawn)
	}
	body.Fields = append(body.Fields, field{
		ID: "field-password", Name: enroll.Password, Label: t.Password, Kind: kindPassword,
		Required: true, Hint: t.passwordHint(form.Password), Autocomplete: "new-password", Verbatim: true,
	})
	for i := range body.Fields {
		f := &body.Fields[i]
		f.Errors = at[f.Name]
		if f.Focus = focus && (len(f.Errors) > 0 || len(at) == 0); f.Focus {
			focus = false
		}
		body.AnyOptional = body.AnyOptional || f.Mark != ""
	}
	return body
}

// passwordHint says what a password has to meet before one is typed.
func (t text) passwordHint(r password.Rules) string {
	var with []string
	for _, kind := range []struct {
		least int
		text  string
	}{{r.MinLowerCase, t.LowerCase}, {r.MinUpperCase, t.UpperCase}, {r.MinNumber, t.Number}, {r.MinSymbol, t.Symbol}} {
		if kind.least > 0 {
			with = append(with, kind.text)
		}
	}
	hints := []string{fmt.Sprintf(t.PasswordLength, r.MinLength)}
	if len(with) > 0 {
		hints = append(hints, fmt.Sprintf(t.PasswordWith, strings.Join(with, ", ")))
	}
	for _, rule := range []struct {
		asked bool
		text  string
	}{
		{r.ExcludeUsername, t.NotUsername}, {r.ExcludeFirstName, t.NotFirstName},
		{r.ExcludeLastName, t.NotLastName}, {r.ExcludeCommon, t.NotCommon},
	} {
		if rule.asked {
			hints = append(hints, rule.text)
		}
	}
	return join(hints...)
}

// visible makes text that a page can hold of what was sent.
func visible(sent string) string { return strings.ToValidUTF8(sent, "\uFFFD") }

func last(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[len(list)-1]
}

func join(hints ...string) string {
	return strings.TrimSpace(strings.Join(hints, " "))
}

// field draws one field without its messages.
func (t text) field(f enroll.FormField, id string, sent []string) field {
	a := f.Attribute
	d := field{
		ID: id, Name: a.Name, Label: cmp.Or(f.Label, a.Name), Required: f.Required,
		Hint: a.Description, Kind: kindText, Autocomplete: autocomplete(a),
		MinLength: a.MinLength, MaxLength: a.MaxLength,
		// A browser may send what it checks the spelling of to somebody else.
		Verbatim: a.Sensitive,
	}
	if !f.Required {
		d.Mark = t.Optional
	}
	switch {
	case a.Type == profile.Boolean && f.Required:
		// A check box cannot tell "no" from "not answered".
		d.Kind = kindRadio
		d.Choices = []choice{{Value: "true", Label: t.Yes}, {Value: "false", Label: t.No}}
	case a.Type == profile.Boolean:
		d.Kind, d.Mark = kindCheckbox, "" // not ticked is an answer, too
		d.Checked = last(sent) == "true"
	case a.Type == profile.Array && a.Items.Enum != nil:
		d.Kind, d.Choices = kindCheckbox, choices(a.Items.Enum, a.Items.OneOf)
	case a.Type == profile.Array:
		d.Kind, d.Hint, d.Value = kindTextarea, join(d.Hint, t.OnePerLine), visible(strings.Join(sent, "\n"))
	case a.Enum != nil:
		d.Kind, d.Choices = kindSelect, choices(a.Enum, a.OneOf)
	case a.Type == profile.Number || a.Type == profile.Integer:
		t.drawNumber(&d, a, visible(last(sent)))
	default:
		drawText(&d, a, visible(last(sent)))
	}
	for i := range d.Choices {
		c := &d.Choices[i]
		c.ID = id + "-" + strconv.Itoa(i+1)
		c.Chosen = slices.Contains(sent, c.Value)
	}
	return d
}

// drawNumber makes a plain text field: type=number changes its value under the
// mouse wheel and sends "" for what is not a number, so that the person would
// find the field empty and the server could not say what was wrong.
func (t text) drawNumber(d *field, a profile.Attribute, value string) {
	d.Value, d.Verbatim = value, true
	low, high := string(a.Minimum), string(a.Maximum)
	switch {
	case low != "" && high != "":
		d.Hint = join(d.Hint, fmt.Sprintf(t.FromTo, low, high))
	case low != "":
		d.Hint = join(d.Hint, fmt.Sprintf(t.From, low))
	case high != "":
		d.Hint = join(d.Hint, fmt.Sprintf(t.UpTo, high))
	}
	if strings.HasPrefix(low, "-") {
		return // the number pads of phones may have no minus
	}
	if d.InputMode = "decimal"; a.Type == profile.Integer {
		d.InputMode = "numeric"
	}
}

func drawText(d *field, a profile.Attribute, value string) {
	d.Value = value
	switch {
	case a.Format == profile.FormatEmail, a.Base && a.Name == profile.Login && a.Pattern == "":
		// A login without a pattern of its own is an address.
		d.Kind, d.Verbatim = kindEmail, true
	case a.Format == profile.FormatURI:
		d.Kind, d.Verbatim = kindURL, true
	case a.Format != "", a.Base && a.Name == profile.Login:
		d.Verbatim = true
	case d.Autocomplete == "tel":
		d.Kind = kindPhone
	case a.Base && a.Name == "postalAddress":
		d.Kind = kindTextarea
	}
}

// choices gives the values of an enum as the form sends them back, with the
// words of oneOf where the schema has them.
func choices(enum []any, oneOf []profile.Choice) []choice {
	list := make([]choice, len(enum))
	for i, v := range enum {
		value := plain(v)
		list[i] = choice{Value: value, Label: value}
		if i < len(oneOf) && oneOf[i].Title != "" {
			list[i].Label = oneOf[i].Title
		}
	}
	return list
}

// plain is a text or a number of a profile as text, numbers with their own
// digits.
func plain(v any) string { return fmt.Sprint(v) }

// autocomplete gives the token of the HTML standard (autofill detail tokens) for
// what browsers know about people. Sensitive values stay out of their memory.
func autocomplete(a profile.Attribute) string {
	if a.Sensitive {
		return "off"
	}
	if !a.Base {
		return ""
	}
	return map[string]string{
		profile.Login:       "username",
		profile.FirstName:   "given-name",
		profile.LastName:    "family-name",
		"middleName":        "additional-name",
		"honorificPrefix":   "honorific-prefix",
		"honorificSuffix":   "honorific-suffix",
		profile.Email:       "email",
		"title":             "organization-title",
		"displayName":       "name",
		"nickName":          "nickname",
		"profileUrl":        "url",
		"secondEmail":       "off", // else it is filled with the first one
		"mobilePhone":       "tel",
		"primaryPhone":      "tel",
		"streetAddress":     "address-line1", // street-address is for text of several lines
		"city":              "address-level2",
		"state":             "address-level1",
		"zipCode":           "postal-code",
		"countryCode":       "country",
		"postalAddress":     "street-address",
		"preferredLanguage": "language",
		"organization":      "organization",
	}[a.Name]
}
