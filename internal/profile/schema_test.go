package profile

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/usher-id/usher/hook"
	"github.com/usher-id/usher/internal/fault"
)

// fixtureSchema is the schema of the project's hook fixtures.
func fixtureSchema(t testing.TB) *Schema {
	t.Helper()
	s, err := NewSchema(
		Attribute{Name: "test", Title: "Test", Type: String},
		Attribute{Name: "customerId", Title: "Customer", Type: Integer},
		Attribute{Name: "bignum", Title: "Big", Type: Number},
		Attribute{Name: "badge", Title: "Badge", Type: Integer},
		Attribute{Name: "costCentre", Title: "Cost centre", Type: String, MaxLength: length(10)},
		Attribute{Name: "ssn", Title: "SSN", Type: String, Sensitive: true},
		Attribute{Name: "tags", Title: "Tags", Type: Array, Items: &Items{Type: String}},
		Attribute{Name: "vip", Title: "VIP", Type: Boolean},
		Attribute{Name: "hireId", Title: "Hire", Type: String, Mutability: ReadOnly},
	)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func schemaWith(t testing.TB, a ...Attribute) *Schema {
	t.Helper()
	s, err := NewSchema(a...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func object(t testing.TB, text string) *hook.Object {
	t.Helper()
	o := &hook.Object{}
	if err := o.UnmarshalJSON([]byte(text)); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return o
}

func profileOf(t testing.TB, text string) Profile {
	t.Helper()
	return New(object(t, text))
}

func encoded(t testing.TB, p Profile) string {
	t.Helper()
	text, err := p.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// The table of an org's recorded answer: name, title, what is special, SELF.
const goldenBase = `login|Username|required 5-100|READ_ONLY
firstName|First name|required 1-50|READ_WRITE
lastName|Last name|required 1-50|READ_WRITE
middleName|Middle name||READ_ONLY
honorificPrefix|Honorific prefix||READ_ONLY
honorificSuffix|Honorific suffix||READ_ONLY
email|Primary email|required email|READ_WRITE
title|Title||READ_ONLY
displayName|Display name||READ_ONLY
nickName|Nickname||READ_ONLY
profileUrl|Profile Url|uri|READ_ONLY
secondEmail|Secondary email|email|READ_WRITE
mobilePhone|Mobile phone|-100|READ_WRITE
primaryPhone|Primary phone|-100|HIDE
streetAddress|Street address||HIDE
city|City||HIDE
state|State||HIDE
zipCode|Zip code||HIDE
countryCode|Country code|country-code|HIDE
postalAddress|Postal Address||HIDE
preferredLanguage|Preferred language|language-code|READ_ONLY
locale|Locale|locale|READ_ONLY
timezone|Time zone|timezone|READ_ONLY
userType|User type||READ_ONLY
employeeNumber|Employee number||READ_ONLY
costCenter|Cost center||READ_ONLY
organization|Organization||READ_ONLY
division|Division||READ_ONLY
department|Department||READ_ONLY
managerId|ManagerId||READ_ONLY
manager|Manager||READ_ONLY`

func TestBaseSchema(t *testing.T) {
	t.Parallel()
	var lines []string
	for _, a := range schemaWith(t).Attributes() {
		lines = append(lines, strings.Join([]string{a.Name, a.Title, extras(a), a.Permission}, "|"))
		if a.Type != String || a.Mutability != ReadWrite || a.Scope != "NONE" || a.Master != "PROFILE_MASTER" || !a.Base || a.Sensitive || reserved(a.Name) {
			t.Errorf("%s: not what Okta's base attributes have in common: %+v", a.Name, a)
		}
	}
	if got := strings.Join(lines, "\n"); got != goldenBase {
		t.Errorf("base schema is\n%s\nwant\n%s", got, goldenBase)
	}
	if text, err := schemaWith(t).Encode(); err != nil || text != "{}" {
		t.Errorf("Encode of the base schema = %q, %v; nothing is the org's own", text, err)
	}
}

// extras is what sets a base attribute apart: required 5-100 email.
func extras(a Attribute) string {
	var list []string
	if a.Required {
		list = append(list, "required")
	}
	if a.MaxLength != nil {
		low := ""
		if a.MinLength != nil {
			low = strconv.Itoa(*a.MinLength)
		}
		list = append(list, low+"-"+strconv.Itoa(*a.MaxLength))
	}
	if a.Format != "" {
		list = append(list, a.Format)
	}
	return strings.Join(list, " ")
}

// good is a custom attribute that each case of the next tables makes bad.
func good(change func(*Attribute)) Attribute {
	a := Attribute{Name: "plan", Title: "Plan", Type: String}
	change(&a)
	return a
}

func TestNewSchemaRefuses(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		bad  Attribute
		want string
	}{
		"no name":               {good(func(a *Attribute) { a.Name = "" }), "Invalid property name"},
		"digit first":           {good(func(a *Attribute) { a.Name = "1a" }), "Invalid property name: 1a. Property name should only have alphanumeric characters and underscores."},
		"hyphen":                {good(func(a *Attribute) { a.Name = "a-b" }), "Invalid property name"},
		"underscore first":      {good(func(a *Attribute) { a.Name = "_x" }), "Invalid property name"},
		"letter of no use":      {good(func(a *Attribute) { a.Name = "straße" }), `stra\u00dfe`},
		"newline":               {good(func(a *Attribute) { a.Name = "a\n" }), `Invalid property name: a\n.`},
		"129 letters":           {good(func(a *Attribute) { a.Name = strings.Repeat("a", 129) }), "128"},
		"password":              {good(func(a *Attribute) { a.Name = "password" }), "reserved"},
		"Password":              {good(func(a *Attribute) { a.Name = "Password" }), "reserved"},
		"recovery_question":     {good(func(a *Attribute) { a.Name = "recovery_question" }), "reserved"},
		"status":                {good(func(a *Attribute) { a.Name = "status" }), "reserved"},
		"lastUpdated":           {good(func(a *Attribute) { a.Name = "lastUpdated" }), "reserved"},
		"id":                    {good(func(a *Attribute) { a.Name = "ID" }), "reserved"},
		"base by case":          {good(func(a *Attribute) { a.Name = "FirstName" }), "taken by the property firstName"},
		"no title":              {good(func(a *Attribute) { a.Title = " " }), "title: The field cannot be left blank"},
		"NUL in a title":        {good(func(a *Attribute) { a.Title = "a\x00" }), "NUL"},
		"no type":               {good(func(a *Attribute) { a.Type = "" }), "type"},
		"object type":           {good(func(a *Attribute) { a.Type = "object" }), "type"},
		"array without items":   {good(func(a *Attribute) { a.Type = Array }), "items"},
		"items without array":   {good(func(a *Attribute) { a.Items = &Items{Type: String} }), "items"},
		"array of arrays":       {good(func(a *Attribute) { a.Type, a.Items = Array, &Items{Type: Array} }), "arrays"},
		"items of no type":      {good(func(a *Attribute) { a.Type, a.Items = Array, &Items{} }), "items.type"},
		"bad enum in items":     {good(func(a *Attribute) { a.Type, a.Items = Array, &Items{Type: Integer, Enum: []any{"x"}} }), "items.enum: Value 1"},
		"sensitive, required":   {good(func(a *Attribute) { a.Sensitive, a.Required = true, true }), "sensitive"},
		"mutability":            {good(func(a *Attribute) { a.Mutability = "read_only" }), "mutability"},
		"scope":                 {good(func(a *Attribute) { a.Scope = "ALL" }), "scope"},
		"permission":            {good(func(a *Attribute) { a.Permission = "SHOW" }), "permissions"},
		"master":                {good(func(a *Attribute) { a.Master = "AD" }), "master"},
		"priority":              {good(func(a *Attribute) { a.MasterPriority = []Source{{"APP", "0oa1"}} }), "master"},
		"unknown format":        {good(func(a *Attribute) { a.Format = "phone" }), "format"},
		"format of a number":    {good(func(a *Attribute) { a.Type, a.Format = Number, FormatEmail }), "format"},
		"length of a number":    {good(func(a *Attribute) { a.Type, a.MaxLength = Number, length(3) }), "length"},
		"negative length":       {good(func(a *Attribute) { a.MinLength = length(-1) }), "negative"},
		"lengths crossed":       {good(func(a *Attribute) { a.MinLength, a.MaxLength = length(3), length(2) }), "minLength"},
		"minimum of a string":   {good(func(a *Attribute) { a.Minimum = "1" }), "minimum"},
		"minimum of words":      {good(func(a *Attribute) { a.Type, a.Minimum = Number, "one" }), "minimum"},
		"maximum of words":      {good(func(a *Attribute) { a.Type, a.Maximum = Number, "0x1" }), "maximum"},
		"bounds crossed":        {good(func(a *Attribute) { a.Type, a.Minimum, a.Maximum = Number, "9007199254740993", "9007199254740992" }), "minimum"},
		"empty enum":            {good(func(a *Attribute) { a.Enum = []any{} }), "enum"},
		"enum of another type":  {good(func(a *Attribute) { a.Enum = []any{"a", json.Number("1")} }), "enum: Value 2"},
		"enum twice":            {good(func(a *Attribute) { a.Type, a.Enum = Number, []any{json.Number("1"), json.Number("1.0")} }), "twice"},
		"enum too long":         {good(func(a *Attribute) { a.Type, a.Enum = Number, decimals(maxEnum+1) }), "enum: It cannot have more than 500 values."},
		"long enum in items":    {good(func(a *Attribute) { a.Type, a.Items = Array, &Items{Type: Number, Enum: decimals(maxEnum + 1)} }), "items.enum: It cannot have more than 500"},
		"enum of booleans":      {good(func(a *Attribute) { a.Type, a.Enum = Boolean, []any{true} }), "enum"},
		"oneOf without enum":    {good(func(a *Attribute) { a.OneOf = []Choice{{"a", "A"}} }), "oneOf"},
		"oneOf in other order":  {good(func(a *Attribute) { a.Enum, a.OneOf = []any{"a", "b"}, []Choice{{"b", "B"}, {"a", "A"}} }), "oneOf"},
		"oneOf too short":       {good(func(a *Attribute) { a.Enum, a.OneOf = []any{"a", "b"}, []Choice{{"a", "A"}} }), "oneOf"},
		"pattern of a number":   {good(func(a *Attribute) { a.Type, a.Pattern = Number, "1" }), "pattern"},
		"pattern with look":     {good(func(a *Attribute) { a.Pattern = "(?=a)" }), "RE2"},
		"pattern of two halves": {good(func(a *Attribute) { a.Pattern = "a)|(b" }), "RE2"},
		"pattern that quotes":   {good(func(a *Attribute) { a.Pattern = `\Qa` }), `\Q`},
		"pattern too long":      {good(func(a *Attribute) { a.Pattern = strings.Repeat("a", 1001) }), "1000"},
		"unique boolean":        {good(func(a *Attribute) { a.Type, a.Unique = Boolean, true }), "unique"},
		"default":               {good(func(a *Attribute) { a.MaxLength, a.Default = length(1), "ab" }), "default"},
		"sensitive base":        {base("login", func(a *Attribute) { a.Sensitive = true }), "only secondEmail, postalAddress, city and zipCode"},
		"base title":            {base("city", func(a *Attribute) { a.Title = "Town" }), "title: It cannot be changed"},
		"base required":         {base("email", func(a *Attribute) { a.Required = false }), "required: It cannot be changed"},
		"base type":             {base("city", func(a *Attribute) { a.Type = Number }), "type: It cannot be changed"},
		"base pattern":          {base("city", func(a *Attribute) { a.Pattern = ".+" }), "pattern: It cannot be changed"},
		"login pattern":         {base("login", func(a *Attribute) { a.Pattern = "[a-z]+@x" }), "pattern"},
		"two classes":           {base("login", func(a *Attribute) { a.Pattern = "[a]+|[b]+" }), "pattern"},
		"broken class":          {base("login", func(a *Attribute) { a.Pattern = "[z-a]+" }), "pattern"},
		"base maximum length":   {base("login", func(a *Attribute) { a.MaxLength = length(200) }), "maxLength: It cannot be changed"},
		"base made of nothing":  {base("city", func(a *Attribute) { a.Permission, a.Type = "", "" }), "type: It cannot be changed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := NewSchema(c.bad)
			f := fault.As(err)
			if f == nil || f.Kind != fault.Invalid {
				t.Fatalf("NewSchema = %v, want a fault that it is invalid", err)
			}
			if cause := f.Causes[0]; len(f.Causes) != 1 || !strings.HasPrefix(cause.Field, c.bad.Name) || !strings.Contains(cause.Field+": "+cause.Text, c.want) {
				t.Errorf("causes are %q, want one at %q with %q", f.Causes, c.bad.Name, c.want)
			}
		})
	}
}

// decimals are n numbers of a long text, none like another.
func decimals(n int) []any {
	list := make([]any, n)
	for i := range list {
		list[i] = json.Number(fmt.Sprintf("%d.%s1", i, strings.Repeat("0", 200)))
	}
	return list
}

// A number is compared with a long enum by its form, not with each value: values
// of one user, or of all, would take the time of the whole enum each.
func TestLongEnum(t *testing.T) {
	t.Parallel()
	enum := decimals(maxEnum)
	s := schemaWith(t, good(func(a *Attribute) { a.Type, a.Items = Array, &Items{Type: Number, Enum: enum} }))
	if found := s.Check(person(t).Set("plan", enum)); found != nil {
		t.Errorf("the values of the enum are refused: %v", found)
	}
	r := s.rule("plan").element
	if len(r.choices) != maxEnum || !r.choices[valueForm(enum[7].(json.Number)+"0")] {
		t.Errorf("the rule knows %d of %d values, or not that 7.1 is 7.10", len(r.choices), maxEnum)
	}
	if found := s.Check(person(t).Set("plan", []any{json.Number("1")})); len(found) != 1 || found[0].Code != CodeChoice {
		t.Errorf("a value that is not in the enum: %v", found)
	}
}

func TestNoMoreThan500CustomProperties(t *testing.T) {
	t.Parallel()
	list := []Attribute{base("login", func(a *Attribute) { a.Pattern = ".+" })} // not a custom one
	for i := range maxCustom {
		list = append(list, good(func(a *Attribute) { a.Name = fmt.Sprintf("plan%d", i) }))
	}
	s := schemaWith(t, list...)
	const text = "There cannot be more than 500 custom properties."
	_, err := s.Edit(nil, object(t, `{"more":{"title":"More","type":"string"},"stillMore":{"title":"Still more","type":"string"}}`))
	f := fault.As(err)
	if want := []fault.Cause{{Field: "definitions.custom.properties.more", Text: text}}; f == nil || f.Kind != fault.Invalid || !slices.Equal(f.Causes, want) {
		t.Errorf("one more is %v, want %v", err, want)
	}
	if _, err = s.Edit(nil, object(t, `{"more":{"title":"More","type":"string"},"plan0":null}`)); err != nil {
		t.Errorf("one in the place of another: %v", err)
	}
}

func base(name string, change func(*Attribute)) Attribute {
	a, _ := Base(name)
	change(&a)
	return a
}

func TestNewSchemaAccepts(t *testing.T) {
	t.Parallel()
	for name, a := range map[string]Attribute{
		"one letter":        good(func(a *Attribute) { a.Name = "x" }),
		"128 letters":       good(func(a *Attribute) { a.Name = strings.Repeat("a", 128) }),
		"underscores":       good(func(a *Attribute) { a.Name = "Cost_centre_2" }),
		"enum with nothing": good(func(a *Attribute) { a.Enum, a.OneOf = []any{"", "one"}, []Choice{{"", "(none)"}, {"one", "One"}} }),
		"bounds that meet":  good(func(a *Attribute) { a.Type, a.Minimum, a.Maximum = Number, "1.0", "1" }),
		"array of enum": good(func(a *Attribute) {
			a.Type, a.Items = Array, &Items{Type: Integer, Enum: []any{json.Number("1")}, OneOf: []Choice{{json.Number("1.0"), "One"}}}
		}),
		"permission":         base("login", func(a *Attribute) { a.Permission = Hide }),
		"nullable firstName": base("firstName", func(a *Attribute) { a.Required = false }),
		"nullable lastName":  base("lastName", func(a *Attribute) { a.Required = false }),
		"any login":          base("login", func(a *Attribute) { a.Pattern = ".+" }),
		"letters of logins":  base("login", func(a *Attribute) { a.Pattern = "[a-z]+" }),
		"one letter logins":  base("login", func(a *Attribute) { a.Pattern = "[a]+" }),
		"secondEmail":        base("secondEmail", func(a *Attribute) { a.Sensitive = true }),
		"postalAddress":      base("postalAddress", func(a *Attribute) { a.Sensitive = true }),
		"city":               base("city", func(a *Attribute) { a.Sensitive = true }),
		"zipCode":            base("zipCode", func(a *Attribute) { a.Sensitive = true }),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := schemaWith(t, a)
			text, err := s.Encode()
			if err != nil {
				t.Fatal(err)
			}
			again, err := DecodeSchema(text)
			if err != nil {
				t.Fatalf("DecodeSchema(%s): %v", text, err)
			}
			for i, a := range s.Attributes() {
				b := again.Attributes()[i]
				if changed := changedKeywords(a, b); a.Name != b.Name || a.Base != b.Base || changed != nil {
					t.Errorf("%s came back from the store as %s, with other %q", a.Name, b.Name, changed)
				}
			}
		})
	}
}

func TestOnlyTheMarkableBaseAttributesCanBeSensitive(t *testing.T) {
	t.Parallel()
	var can []string
	for _, a := range schemaWith(t).Attributes() {
		a.Sensitive = true
		if _, err := NewSchema(a); err == nil {
			can = append(can, a.Name)
		}
	}
	if want := []string{"secondEmail", "city", "zipCode", "postalAddress"}; !slices.Equal(can, want) {
		t.Errorf("%q can be sensitive, want %q", can, want)
	}
}

func TestNamesOfOneSchemaDifferByMoreThanCase(t *testing.T) {
	t.Parallel()
	_, err := NewSchema(good(func(*Attribute) {}), good(func(a *Attribute) { a.Name = "PLAN" }))
	if f := fault.As(err); f == nil || !strings.Contains(f.Error(), "taken by the property plan") {
		t.Errorf("NewSchema = %v", err)
	}
}

func TestNoMoreThanFiveUnique(t *testing.T) {
	t.Parallel()
	var list []Attribute
	for i := range 6 {
		list = append(list, Attribute{Name: fmt.Sprintf("u%d", i), Title: "U", Type: String, Unique: true})
	}
	if _, err := NewSchema(list[:5]...); err != nil {
		t.Errorf("five: %v", err)
	}
	if _, err := NewSchema(list...); !fault.Is(err, fault.Invalid) {
		t.Errorf("six: %v", err)
	}
}

func TestWith(t *testing.T) {
	t.Parallel()
	s := schemaWith(t, good(func(a *Attribute) { a.Title = "Old" }))
	changed, err := s.With(good(func(a *Attribute) { a.Title = "New" }), Attribute{Name: "seats", Title: "Seats", Type: Integer},
		base("login", func(a *Attribute) { a.Pattern = ".+" }))
	if err != nil {
		t.Fatal(err)
	}
	plan, _ := changed.Attribute("plan")
	login, _ := changed.Attribute("login")
	list := changed.Attributes()
	if plan.Title != "New" || login.Pattern != ".+" || len(list) != 33 || list[32].Name != "seats" {
		t.Errorf("With gave %+v", list)
	}
	if plan, _ := s.Attribute("plan"); plan.Title != "Old" {
		t.Error("With changed the schema that it was called on")
	}
	if _, err := changed.With(base("login", func(*Attribute) {})); err != nil {
		t.Errorf("a base attribute cannot be set back: %v", err)
	}
	if _, err := s.With(good(func(a *Attribute) { a.Type = Number })); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "type") {
		t.Errorf("With another type: %v", err)
	}
}

func TestSchemaKeepsItsOwnCopy(t *testing.T) {
	t.Parallel()
	a := Attribute{Name: "plan", Title: "Plan", Type: String, MaxLength: length(4), Enum: []any{"free"}, OneOf: []Choice{{"free", "Free"}}}
	s := schemaWith(t, a)
	check := func(who string) {
		t.Helper()
		if v := s.Check(person(t).Set("plan", "free")); v != nil {
			t.Errorf("%s changed the schema: %v", who, v)
		}
	}
	*a.MaxLength, a.Enum[0] = 1, "x"
	check("the caller of NewSchema")
	out, _ := s.Attribute("plan")
	*out.MaxLength, out.Enum[0], out.OneOf[0] = 1, "x", Choice{}
	check("the caller of Attribute")
	out = s.Attributes()[31]
	*out.MaxLength, out.Enum[0] = 1, "x"
	check("the caller of Attributes")
}

func TestAttributeIsFoundByItsExactName(t *testing.T) {
	t.Parallel()
	s := fixtureSchema(t)
	for _, name := range []string{"Badge", "nope", ""} {
		if a, ok := s.Attribute(name); ok {
			t.Errorf("Attribute(%q) = %+v", name, a)
		}
	}
	if _, ok := Base("badge"); ok {
		t.Error("badge is no base attribute")
	}
}

func TestSensitive(t *testing.T) {
	t.Parallel()
	s := fixtureSchema(t)
	for name, want := range map[string]bool{
		"ssn": true, "SSN": true, "password": true, "Password": true, "credentials": true, "recovery_question": true,
		"email": false, "status": false, "nope": false, "": false,
	} {
		if got := s.Sensitive(name); got != want {
			t.Errorf("Sensitive(%q) = %v", name, got)
		}
	}
}

func TestFormName(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{
		"email": true, "newly_collected_profile_attribute_2": true, "ssn": true,
		"": false, "password": false, "Status": false, "_links": false, "a b": false, "a.b": false, "a\n": false,
	} {
		if got := FormName(name); got != want {
			t.Errorf("FormName(%q) = %v", name, got)
		}
	}
}
