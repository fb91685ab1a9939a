package signinpage

import (
	"encoding/json"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"github.com/usher-id/usher/internal/enroll"
	"github.com/usher-id/usher/internal/password"
	"github.com/usher-id/usher/internal/profile"
)

func base(t *testing.T, name string) profile.Attribute {
	t.Helper()
	a, ok := profile.Base(name)
	if !ok {
		t.Fatalf("no base attribute %s", name)
	}
	return a
}

// drawField gives the field of a form that has nothing else but the password.
func drawField(t *testing.T, f enroll.FormField, sent ...string) string {
	t.Helper()
	v, err := newViews(english())
	if err != nil {
		t.Fatal(err)
	}
	form := &enroll.Form{Fields: []enroll.FormField{f}}
	html, err := v.draw(pageSignUp, page{Title: "T", Body: v.text.signUpForm(form, url.Values{f.Attribute.Name: sent}, nil, false)})
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(html), `novalidate>`)
	field, _, _ := strings.Cut(rest, `<div class="field">
<label for="field-password">`)
	return field
}

func TestFieldsByTheirSchema(t *testing.T) {
	t.Parallel()
	two, four := 2, 4
	text := profile.Attribute{Name: "x", Type: profile.String}
	change := func(f func(*profile.Attribute)) profile.Attribute {
		a := text
		f(&a)
		return a
	}
	choice := []profile.Choice{{Const: "a", Title: "The A"}, {Const: "b"}}
	for name, c := range map[string]struct {
		attribute profile.Attribute
		required  bool
		sent      []string
		want      []string
		not       []string
	}{
		"text, required": {
			attribute: text, required: true, sent: []string{"v"},
			want: []string{`<label for="field-1">L</label>`, `<input id="field-1" name="x" type="text" value="v" required>`}, not: []string{"Optional"},
		},
		"text, optional": {
			attribute: text, want: []string{`<span class="optional">Optional</span>`, "Fields are required unless marked optional."}, not: []string{" required>"},
		},
		"lengths": {
			attribute: change(func(a *profile.Attribute) { a.MinLength, a.MaxLength = &two, &four }),
			want:      []string{`minlength="2" maxlength="4"`},
		},
		"description": {
			attribute: change(func(a *profile.Attribute) { a.Description = "What it is." }),
			want:      []string{`aria-describedby="field-1-hint"`, `<p class="hint" id="field-1-hint">What it is.</p>`},
		},
		"sensitive": {
			attribute: change(func(a *profile.Attribute) { a.Sensitive = true }), want: []string{`autocomplete="off"`, `spellcheck="false"`},
		},
		"address of mail": {attribute: change(func(a *profile.Attribute) { a.Format = profile.FormatEmail }), want: []string{`type="email"`, `autocapitalize="none"`}},
		"URL":             {attribute: change(func(a *profile.Attribute) { a.Format = profile.FormatURI }), want: []string{`type="url"`}},
		"time zone":       {attribute: change(func(a *profile.Attribute) { a.Format = profile.FormatTimeZone }), want: []string{`type="text"`, `spellcheck="false"`}},
		"enum": {
			attribute: change(func(a *profile.Attribute) { a.Enum = []any{"a", "b"} }), required: true, sent: []string{"b"},
			want: []string{`<select id="field-1" name="x" required>`, `<option value="">Choose one</option>`, `<option value="a">a</option>`, `<option value="b" selected>b</option>`},
		},
		"oneOf": {
			attribute: change(func(a *profile.Attribute) { a.Enum, a.OneOf = []any{"a", "b"}, choice }),
			want:      []string{`<option value="a">The A</option>`, `<option value="b">b</option>`},
		},
		"enum of numbers": {
			attribute: change(func(a *profile.Attribute) {
				a.Type, a.Enum = profile.Number, []any{json.Number("1.50"), json.Number("2")}
			}), sent: []string{"1.50"},
			want: []string{`<option value="1.50" selected>1.50</option>`},
		},
		"integer": {
			attribute: change(func(a *profile.Attribute) { a.Type, a.Minimum, a.Maximum = profile.Integer, "1", "9" }), sent: []string{"many"},
			want: []string{`type="text" value="many"`, `inputmode="numeric"`, "From 1 to 9."},
		},
		"number": {
			attribute: change(func(a *profile.Attribute) { a.Type, a.Maximum = profile.Number, "9.5" }), want: []string{`inputmode="decimal"`, "9.5 or less."},
		},
		"number below zero": {
			attribute: change(func(a *profile.Attribute) { a.Type, a.Minimum = profile.Number, "-1" }), want: []string{"-1 or more."}, not: []string{"inputmode"},
		},
		"boolean, optional": {
			attribute: change(func(a *profile.Attribute) { a.Type = profile.Boolean }), sent: []string{"false", "true"},
			want: []string{`<input type="hidden" name="x" value="false">`, `type="checkbox" value="true" checked>`}, not: []string{"Optional", "required"},
		},
		"boolean, not ticked": {
			attribute: change(func(a *profile.Attribute) { a.Type = profile.Boolean }), sent: []string{"false"}, not: []string{"checked"},
		},
		"boolean, required": {
			attribute: change(func(a *profile.Attribute) { a.Type = profile.Boolean }), required: true, sent: []string{"false"},
			want: []string{`role="radiogroup" aria-required="true"`, `<legend>L</legend>`, `id="field-1-1" name="x" type="radio" value="true" required>`, `id="field-1-2" name="x" type="radio" value="false" checked`},
			not:  []string{"hidden"},
		},
		"array of choices": {
			attribute: change(func(a *profile.Attribute) {
				a.Type, a.Items = profile.Array, &profile.Items{Type: profile.String, Enum: []any{"a", "b"}, OneOf: choice}
			}), sent: []string{"b"},
			want: []string{`type="checkbox" value="a"> The A`, `type="checkbox" value="b" checked> b`, `Optional`}, not: []string{"hidden", "radiogroup"},
		},
		"array of texts": {
			attribute: change(func(a *profile.Attribute) { a.Type, a.Items = profile.Array, &profile.Items{Type: profile.Integer} }), sent: []string{"1\n2"},
			want: []string{"<textarea", "\n1\n2</textarea>", "One per line."},
		},
		"not in the schema, without label": {attribute: profile.Attribute{Name: "nick name", Type: profile.String}, want: []string{`name="nick name"`}},
		"first name":                       {attribute: base(t, "firstName"), want: []string{`autocomplete="given-name"`, `maxlength="50"`}},
		"login":                            {attribute: base(t, "login"), want: []string{`type="email"`, `autocomplete="username"`}},
		"login of any form": {
			attribute: change(func(a *profile.Attribute) { *a = base(t, "login"); a.Pattern = ".+" }), want: []string{`type="text"`, `autocomplete="username"`, `autocapitalize="none"`},
		},
		"mail, which is the login": {attribute: base(t, "email"), want: []string{`type="email"`, `autocomplete="username"`}},
		"phone":                    {attribute: base(t, "mobilePhone"), want: []string{`type="tel"`, `autocomplete="tel"`}},
		"postal address":           {attribute: base(t, "postalAddress"), want: []string{"<textarea", `autocomplete="street-address"`}},
		"a namesake":               {attribute: profile.Attribute{Name: "city", Type: profile.String}, not: []string{"autocomplete"}},
	} {
		html := drawField(t, enroll.FormField{Label: "L", Required: c.required, Attribute: c.attribute}, c.sent...)
		for _, want := range c.want {
			if !strings.Contains(html, want) {
				t.Errorf("%s: no %s in\n%s", name, want, html)
			}
		}
		for _, not := range c.not {
			if strings.Contains(html, not) {
				t.Errorf("%s: %s in\n%s", name, not, html)
			}
		}
	}
}

func TestValuesAsPeopleReadThem(t *testing.T) {
	t.Parallel()
	plan := profile.Attribute{Type: profile.String, Enum: []any{"a"}, OneOf: []profile.Choice{{Const: "a", Title: "The A"}}}
	list := profile.Attribute{Type: profile.Array, Items: &profile.Items{Type: profile.String, Enum: plan.Enum, OneOf: plan.OneOf}}
	for _, c := range []struct {
		attribute profile.Attribute
		value     any
		want      []string
	}{
		{profile.Attribute{}, "text", []string{"text"}},
		{profile.Attribute{}, json.Number("1.50"), []string{"1.50"}},
		{profile.Attribute{}, true, []string{"Yes"}},
		{profile.Attribute{}, false, []string{"No"}},
		{profile.Attribute{}, nil, nil},
		{plan, "a", []string{"The A"}},
		{plan, "of an older schema", []string{"of an older schema"}},
		{list, []any{"a", "b"}, []string{"The A", "b"}},
		{profile.Attribute{}, []any{json.Number("1")}, []string{"1"}},
	} {
		if got := english().lines(c.attribute, c.value); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%v is %q, want %q", c.value, got, c.want)
		}
	}
}

// TestPasswordHint: what the page says before is what the rules ask for.
func TestPasswordHint(t *testing.T) {
	t.Parallel()
	for want, rules := range map[string]password.Rules{
		"At least 8 characters. It cannot be your username.": password.DefaultRules(),
		"At least 4 characters.":                             {MinLength: 4},
		"At least 15 characters. It needs a number, a symbol. It cannot be one that many people choose.": {MinLength: 15, MinNumber: 1, MinSymbol: 1, ExcludeCommon: true},
		"At least 9 characters. It needs a lowercase letter, an uppercase letter. It cannot include your first name. It cannot include your last name.": {
			MinLength: 9, MinLowerCase: 1, MinUpperCase: 1, ExcludeFirstName: true, ExcludeLastName: true,
		},
	} {
		if got := english().passwordHint(rules); got != want {
			t.Errorf("%+v\n got %s\nwant %s", rules, got, want)
		}
	}
}
