package profile

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

func person(t testing.TB) Profile {
	t.Helper()
	return profileOf(t, `{"firstName":"Rosario","lastName":"Jones","login":"rosario.jones@example.com","email":"rosario.jones@example.com"}`)
}

// TestCheckTypes is the full product of attribute types and kinds of JSON.
func TestCheckTypes(t *testing.T) {
	t.Parallel()
	fits := map[Type]string{
		String: "string", Boolean: "boolean", Number: "number fraction big", Integer: "number", Array: "array",
	}
	values := map[string]string{
		"string": `"a"`, "boolean": `false`, "number": `12`, "fraction": `1.5`, "big": `9007199254740993`, "array": `["a"]`, "object": `{"a":1}`,
		"wrong elements": `[1]`, "elements of nothing": `[null]`,
	}
	for typ, good := range fits {
		a := Attribute{Name: "x", Title: "X", Type: typ}
		if typ == Array {
			a.Items = &Items{Type: String}
		}
		s := schemaWith(t, a)
		for kind, text := range values {
			p := person(t)
			v, _ := object(t, `{"v":`+text+`}`).Get("v")
			found := s.Check(p.Set("x", v))
			if want := strings.Contains(" "+good+" ", " "+kind+" "); want != (found == nil) {
				t.Errorf("a JSON %s for %s: %v", kind, typ, found)
			}
			if found != nil && (found[0].Attribute != "x" || found[0].Code != CodeType) {
				t.Errorf("a JSON %s for %s: %v", kind, typ, found)
			}
		}
		if found := s.Check(person(t).Set("x", nil)); found != nil {
			t.Errorf("null for %s that is not required: %v", typ, found)
		}
		a.Required = true
		for _, p := range []Profile{person(t), person(t).Set("x", nil)} {
			if found := schemaWith(t, a).Check(p); len(found) != 1 || found[0] != (Violation{"x", Blank, CodeBlank}) {
				t.Errorf("a required %s that is not there: %v", typ, found)
			}
		}
	}
}

func TestCheckRequiredIsSeen(t *testing.T) {
	t.Parallel()
	s := schemaWith(t, Attribute{Name: "l", Title: "L", Type: Array, Items: &Items{Type: String}, Required: true})
	for name, p := range map[string]Profile{
		"lastName": person(t).Set("l", []any{"a"}).Set("lastName", " \u00a0"),
		"l":        person(t).Set("l", []any{}),
	} {
		if found := s.Check(p); len(found) != 1 || found[0] != (Violation{name, Blank, CodeBlank}) {
			t.Errorf("%s: %v", name, found)
		}
	}
	for _, value := range []any{"", nil} {
		if found := s.Check(person(t).Set("l", []any{"a"}).Set("firstName", value)); len(found) != 1 || found[0].Text != Blank {
			t.Errorf("firstName %#v: %v", value, found)
		}
	}
}

func TestCheckLimits(t *testing.T) {
	t.Parallel()
	text := func(change func(*Attribute)) Attribute { return good(change) }
	number := func(low, high json.Number) Attribute {
		return Attribute{Name: "plan", Title: "P", Type: Number, Minimum: low, Maximum: high}
	}
	for _, c := range []struct {
		attribute Attribute
		value     any
		code      string
		text      string // "" when it is not looked at
	}{
		{text(func(a *Attribute) { a.MinLength = length(2) }), "ä", CodeLength, "Use at least 2 characters."},
		{text(func(a *Attribute) { a.MinLength = length(2) }), "ää", "", ""},
		{text(func(a *Attribute) { a.MaxLength = length(1) }), "日", "", ""},
		{text(func(a *Attribute) { a.MaxLength = length(1) }), "日本", CodeLength, "Use at most 1 character."},
		{number("1", ""), json.Number("1.0"), "", ""},
		{number("1", ""), json.Number("0.9999999999999999999999"), CodeRange, "Enter 1 or more."},
		{number("", "9007199254740992"), json.Number("9007199254740993"), CodeRange, "Enter 9007199254740992 or less."},
		{number("", "9007199254740992"), json.Number("9007199254740992"), "", ""},
		{number("", "0.1"), json.Number("0.1000000000000000000001"), CodeRange, ""},
		{number("", ""), json.Number("1e308"), "", ""},
		{number("", ""), json.Number("1e309"), CodeType, "Enter a number."},
		{number("", ""), json.Number("1e-9999"), "", ""},
		{number("", ""), json.Number("1e-999999999"), CodeType, ""},
		{number("", ""), json.Number("0e99999999999999999999"), CodeType, ""},
		{number("", ""), json.Number("0x1"), CodeType, ""},
		{number("", ""), json.Number("1/2"), CodeType, ""},
		{number("", ""), json.Number(strings.Repeat("1", 1001)), CodeType, ""},
		{number("", ""), json.Number("0." + strings.Repeat("1", 998)), "", ""},
		{Attribute{Name: "plan", Title: "P", Type: Integer}, json.Number("2147483647"), "", ""},
		{Attribute{Name: "plan", Title: "P", Type: Integer}, json.Number("2147483648"), CodeType, "Enter a whole number."},
		{Attribute{Name: "plan", Title: "P", Type: Integer}, json.Number("-2147483648"), "", ""},
		{Attribute{Name: "plan", Title: "P", Type: Integer}, json.Number("-2147483649"), CodeType, ""},
		{Attribute{Name: "plan", Title: "P", Type: Integer}, json.Number("12.0"), "", ""},
		{Attribute{Name: "plan", Title: "P", Type: Integer}, json.Number("1.2e1"), "", ""},
		{Attribute{Name: "plan", Title: "P", Type: Integer}, json.Number("12.5"), CodeType, ""},
		{Attribute{Name: "plan", Title: "P", Type: Integer}, json.Number("1e400"), CodeType, ""},
		{Attribute{Name: "plan", Title: "P", Type: Integer, Maximum: "3.5"}, json.Number("4"), CodeRange, ""},
		{text(func(a *Attribute) { a.Enum = []any{"free", "paid"} }), "paid", "", ""},
		{text(func(a *Attribute) { a.Enum = []any{"free", "paid"} }), "Paid", CodeChoice, "Choose one of the listed values."},
		{Attribute{Name: "plan", Title: "P", Type: Integer, Enum: []any{json.Number("1")}}, json.Number("1.0"), "", ""},
		{Attribute{Name: "plan", Title: "P", Type: Integer, Enum: []any{json.Number("1")}}, json.Number("2"), CodeChoice, ""},
		{Attribute{Name: "plan", Title: "P", Type: Array, Items: &Items{Type: String, Enum: []any{"a"}}}, []any{"a", "a"}, "", ""},
		{Attribute{Name: "plan", Title: "P", Type: Array, Items: &Items{Type: String, Enum: []any{"a"}}}, []any{"a", "b"}, CodeChoice, ""},
		{text(func(a *Attribute) { a.Pattern = "a|b" }), "ab", CodePattern, "This value does not match the required pattern."},
		{text(func(a *Attribute) { a.Pattern = "a|b" }), "b", "", ""},
		{text(func(a *Attribute) { a.Pattern = "(?m)^a$" }), "a\nx", CodePattern, ""},
		{text(func(*Attribute) {}), "a\nb\r\n\tc", "", ""},
		{text(func(*Attribute) {}), "a\x00", CodeCharacters, "Remove the characters that are not allowed."},
		{text(func(*Attribute) {}), "a\x1b[31m", CodeCharacters, ""},
		{text(func(*Attribute) {}), "a\u0085", CodeCharacters, ""},
		{text(func(*Attribute) {}), "a\xff", CodeCharacters, ""},
		{text(func(*Attribute) {}), "e\u0301 \u200d", "", ""},
	} {
		t.Run(fmt.Sprintf("%.40v", c.value), func(t *testing.T) {
			t.Parallel()
			found := schemaWith(t, c.attribute).Check(person(t).Set("plan", c.value))
			switch {
			case c.code == "" && found != nil, c.code != "" && (len(found) != 1 || found[0].Code != c.code):
				t.Fatalf("%.40v: %+v, want %q", c.value, found, c.code)
			case c.text != "" && found[0].Text != c.text:
				t.Errorf("%.40v: %q, want %q", c.value, found[0].Text, c.text)
			}
		})
	}
}

func TestCheckBaseAttributesAreOneLine(t *testing.T) {
	t.Parallel()
	s := schemaWith(t)
	for _, a := range s.Attributes() {
		want := a.Name != "streetAddress" && a.Name != "postalAddress"
		found := s.Check(person(t).Set(a.Name, "one\ntwo"))
		if got := len(found) == 1 && found[0].Code == CodeCharacters; got != want {
			t.Errorf("a line break in %s: %v", a.Name, found)
		}
	}
}

func TestCheckFormats(t *testing.T) {
	t.Parallel()
	for format, c := range map[string]struct{ good, bad []string }{
		FormatEmail: {
			[]string{"a@b.c", "o'hara+x@mail.example.com", "j.d@x-y.example", "jürgen@bücher.example", "a@" + strings.Repeat("b", 63) + ".c", strings.Repeat("a", 96) + "@b.c"},
			[]string{
				"a@bc", "x y@example.com", "a@b@c.de", "@example.com", "a.@example.com", ".a@example.com", "a..b@example.com", "a@-b.example", "a@b-.example",
				"a@example..com", "a@example.com.", "\"a b\"@example.com", "a@[127.0.0.1]", "a,b@example.com", "a@exa_mple.com", "example.com", "<a@example.com>",
				"a@" + strings.Repeat("b", 64) + ".c", strings.Repeat("a", 97) + "@b.c", "a\u200b@example.com", "a\u00a0@example.com", "a\u2028b@example.com",
			},
		},
		FormatURI:       {[]string{"https://example.com/a?b#c", "mailto:a@b.c", "urn:x:y"}, []string{"example.com", "/a", "https:", "https://a b", "javascript:alert(1)", "JavaScript:alert(1)", "data:text/html,x", "https://[::1", "%"}},
		FormatLocale:    {[]string{"en_US", "fr", "zh_Hans_CN", "es_419", "en-GB"}, []string{"english", "en_", "e", "en_USA", "en_US.UTF-8"}},
		FormatLanguage:  {[]string{"en", "en-US", "zh-Hant-TW", "fil"}, []string{"e", "en-", "en,fr", "en-U", "1n"}},
		FormatCountry:   {[]string{"US", "FR", "GB"}, []string{"us", "UK", "USA", "XX", "EU", "419", "F"}},
		FormatTimeZone:  {[]string{"Europe/Paris", "UTC", "America/Argentina/Buenos_Aires", "Etc/GMT+5"}, []string{"/Paris", "Europe/", "../etc/passwd", "a b", "A/B/C/D", "+01:00", "Europe/Paris\x7f"}},
		FormatDateTime:  {[]string{"2026-03-09T08:14:05Z", "2026-03-09T08:14:05.123+01:00"}, []string{"2026-03-09", "2026-02-30T00:00:00Z", "2026-03-09 08:14:05Z", "now"}},
		FormatReference: {[]string{"00u48gwcu01WxvNol0g7", "a-b_c"}, []string{"a b", "a/b", "é"}},
		FormatEncrypted: {[]string{"anything at all"}, nil},
		FormatHashed:    {[]string{"anything at all"}, nil},
	} {
		t.Run(format, func(t *testing.T) {
			t.Parallel()
			s := schemaWith(t, Attribute{Name: "x", Title: "X", Type: String, Format: format})
			for _, text := range c.good {
				if found := s.Check(person(t).Set("x", text)); found != nil {
					t.Errorf("%q: %v", text, found)
				}
			}
			for _, text := range c.bad {
				found := s.Check(person(t).Set("x", text))
				if len(found) != 1 || found[0].Code != CodeFormat && found[0].Code != CodeCharacters {
					t.Errorf("%q: %v", text, found)
				}
			}
		})
	}
}

func TestCheckLogin(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ pattern, login, code string }{
		{"", "a@b.c", ""},
		{"", "rosario", CodeFormat},
		{"", "x y", CodeLength},
		{".+", "x", ""},
		{".+", "x y", ""},
		{".+", "x\ny", CodeCharacters},
		{".+", "x\u200by", CodeCharacters},
		{".+", strings.Repeat("x", 101), CodeLength},
		{"[a-z]+", "rosario", ""},
		{"[a-z]+", "ros", CodeLength},
		{"[a-z]+", "rosario@example.com", CodePattern},
	} {
		s := schemaWith(t, base(Login, func(a *Attribute) { a.Pattern = c.pattern }))
		found := s.Check(person(t).Set(Login, c.login))
		if c.code == "" && found != nil || c.code != "" && (len(found) != 1 || found[0].Attribute != Login || found[0].Code != c.code) {
			t.Errorf("login %q with the pattern %q: %v, want %q", c.login, c.pattern, found, c.code)
		}
	}
}

func TestCheckOrder(t *testing.T) {
	t.Parallel()
	p := profileOf(t, `{"zzz":1,"badge":"x","login":"x y","Email":"a","zzz":2}`)
	var names []string
	for _, v := range fixtureSchema(t).Check(p) {
		names = append(names, v.Attribute+" "+v.Code)
	}
	want := "login LENGTH, firstName BLANK, lastName BLANK, email BLANK, badge TYPE, zzz UNKNOWN, Email UNKNOWN"
	if got := strings.Join(names, ", "); got != want {
		t.Errorf("violations: %s\nwant        %s", got, want)
	}
}

func TestCheckNeverRepeatsTheValue(t *testing.T) {
	t.Parallel()
	const canary = "c4n4ry"
	s := schemaWith(t, good(func(a *Attribute) { a.Enum = []any{"a"} }), Attribute{Name: "n", Title: "N", Type: Number})
	for _, a := range s.Attributes() {
		for _, v := range s.Check(person(t).Set(a.Name, canary+"\x00").Set("form", canary)) {
			if strings.Contains(v.Text, canary) {
				t.Errorf("%s: %q", a.Name, v.Text)
			}
		}
	}
}

func TestStorable(t *testing.T) {
	t.Parallel()
	p := profileOf(t, `{"login":"a@b.c","newsletter":"yes","badge":12.0,"bignum":12.0,"test":"","vip":null,"ssn":"1","ssn":"2","tags":[],"customerId":"x"}`)
	got := encoded(t, fixtureSchema(t).Storable(p))
	if want := `{"login":"a@b.c","badge":12,"bignum":12.0,"ssn":"2","tags":[],"customerId":"x"}`; got != want {
		t.Errorf("Storable = %s\nwant       %s", got, want)
	}
}
