package profile

import (
	"strings"
	"testing"

	"github.com/usher-id/usher/hook"
	"github.com/usher-id/usher/internal/fault"
)

// edit changes a schema by two parts of a document, "" for none.
func edit(t testing.TB, s *Schema, base, custom string) (*Schema, error) {
	t.Helper()
	var b, c *hook.Object
	if base != "" {
		b = object(t, base)
	}
	if custom != "" {
		c = object(t, custom)
	}
	return s.Edit(b, c)
}

func keywordsOf(t testing.TB, s *Schema, name string) string {
	t.Helper()
	a, ok := s.Attribute(name)
	if !ok {
		return ""
	}
	return a.Keywords().String()
}

const rest = `"mutability":"READ_WRITE","scope":"NONE"`

func TestEdit(t *testing.T) {
	t.Parallel()
	const read = `"permissions":[{"principal":"SELF","action":"READ_ONLY"}]`
	s := schemaWith(t)
	for _, step := range []struct{ base, custom, name, want string }{
		{"", `{"badge":{"title":"Badge","type":"integer","minimum":1,"sensitive":true}}`, "badge",
			`{"title":"Badge","type":"integer",` + rest + `,"minimum":1,` + read + `,"sensitive":true}`},
		// What is not named stays: clients that do not know the mark do not take it away.
		{"", `{"badge":{"title":"Badge number","type":"integer","required":false,"maximum":9},"plan":{"title":"Plan","type":"string"}}`, "badge",
			`{"title":"Badge number","type":"integer",` + rest + `,"minimum":1,"maximum":9,` + read + `,"sensitive":true}`},
		{"", `{"badge":{"minimum":null,"sensitive":false}}`, "badge", `{"title":"Badge number","type":"integer",` + rest + `,"maximum":9,` + read + `}`},
		{"", `{"badge":null,"nothing":null}`, "badge", ""},
		{"", `{}`, "plan", `{"title":"Plan","type":"string",` + rest + `,` + read + `}`},
		{`{"login":{"pattern":"[a-z]+"}}`, "", "login", `{"title":"Username","type":"string","required":true,` + rest + `,"minLength":5,"maxLength":100,"pattern":"[a-z]+",` + read + `,"master":{"type":"PROFILE_MASTER"}}`},
		{`{"login":{"permissions":[{"principal":"SELF","action":"HIDE"}]},"city":{"sensitive":true}}`, `{"seats":{"title":"Seats","type":"integer"}}`, "login",
			`{"title":"Username","type":"string","required":true,` + rest + `,"minLength":5,"maxLength":100,"pattern":"[a-z]+","permissions":[{"principal":"SELF","action":"HIDE"}],"master":{"type":"PROFILE_MASTER"}}`},
		{`{"login":{"pattern":null,"permissions":null}}`, "", "login", `{"title":"Username","type":"string","required":true,` + rest + `,"minLength":5,"maxLength":100,` + read + `,"master":{"type":"PROFILE_MASTER"}}`},
		{`{"firstName":{"required":false}}`, "", "firstName", `{"title":"First name","type":"string",` + rest + `,"minLength":1,"maxLength":50,"permissions":[{"principal":"SELF","action":"READ_WRITE"}],"master":{"type":"PROFILE_MASTER"}}`},
	} {
		changed, err := edit(t, s, step.base, step.custom)
		if err != nil {
			t.Fatalf("%s %s: %v", step.base, step.custom, err)
		}
		if got := keywordsOf(t, changed, step.name); got != step.want {
			t.Errorf("%s %s: %s is\n%s\nwant\n%s", step.base, step.custom, step.name, got, step.want)
		}
		s = changed
	}
	if text, _ := s.Encode(); !strings.HasPrefix(text, `{"base":{"firstName":{"required":null},"city":{"sensitive":true}},"custom":{"plan":`) || !strings.Contains(text, `,"seats":`) {
		t.Errorf("the schema is %s", text)
	}
}

func TestEditRefuses(t *testing.T) {
	t.Parallel()
	s := schemaWith(t, Attribute{Name: "badge", Title: "Badge", Type: Integer}, Attribute{Name: "tags", Title: "Tags", Type: Array, Items: &Items{Type: String}})
	for name, c := range map[string]struct {
		base, custom string
		want         string
	}{
		"unknown base":          {`{"badge":{"permissions":[]}}`, "", "definitions.base.properties.badge: It is not a base property."},
		"base removed":          {`{"city":null}`, "", "definitions.base.properties.city: A base property cannot be removed."},
		"base not an object":    {`{"city":1}`, "", "definitions.base.properties.city: It must be an object."},
		"base title":            {`{"city":{"title":"Town"}}`, "", "definitions.base.properties.city.title: It cannot be changed for a base property."},
		"base type":             {`{"city":{"type":"number"}}`, "", "definitions.base.properties.city.type: The type of a property cannot be changed."},
		"email not required":    {`{"email":{"required":false}}`, "", "definitions.base.properties.email.required: It cannot be changed for a base property."},
		"login pattern":         {`{"login":{"pattern":"^x$"}}`, "", `definitions.base.properties.login.pattern: That of login can only be null, ".+" or "[…]+".`},
		"sensitive login":       {`{"login":{"sensitive":true}}`, "", "definitions.base.properties.login.sensitive: Of the base properties only secondEmail, postalAddress, city and zipCode can be sensitive."},
		"base unique":           {`{"city":{"unique":true}}`, "", "definitions.base.properties.city.unique: It cannot be changed for a base property."},
		"base as custom":        {"", `{"city":{"permissions":[]}}`, "definitions.custom.properties.city: This name is taken by the base property city."},
		"base by case":          {"", `{"FirstName":null}`, "definitions.custom.properties.FirstName: This name is taken by the base property firstName."},
		"custom by case":        {"", `{"Badge":{"title":"B","type":"string"}}`, "definitions.custom.properties.Badge: This name is taken by the property badge. Names have to differ by more than upper and lower case."},
		"not an object":         {"", `{"badge":[]}`, "definitions.custom.properties.badge: It must be an object, or null to remove the property."},
		"another type":          {"", `{"badge":{"type":"number"}}`, "definitions.custom.properties.badge.type: The type of a property cannot be changed."},
		"other elements":        {"", `{"tags":{"items":{"type":"integer"}}}`, "definitions.custom.properties.tags.items.type: The type of a property cannot be changed."},
		"keyword of no use":     {"", `{"badge":{"minLength":5}}`, "definitions.custom.properties.badge.minLength: Only a string has a length."},
		"unknown keyword":       {"", `{"badge":{"sensitve":true}}`, "definitions.custom.properties.badge.sensitve: It is not a keyword of a property."},
		"value of another type": {"", `{"badge":{"required":"yes"}}`, "definitions.custom.properties.badge.required: It must be a boolean."},
		"reserved":              {"", `{"password":{"title":"P","type":"string"}}`, "definitions.custom.properties.password: This name is reserved."},
		"a name of no use":      {"", `{"a\n":{"title":"P","type":"string"}}`, `definitions.custom.properties.a\n: Invalid property name: a\n. Property name should only have alphanumeric characters and underscores. It should begin with a letter and not be longer than 128 characters.`},
		"all at once": {"", `{"a":{"type":"string"},"b":{"title":"B","type":"number","maxLength":3,"pattern":"x"}}`,
			"definitions.custom.properties.a.title: The field cannot be left blank; definitions.custom.properties.b.maxLength: Only a string has a length.; " +
				"definitions.custom.properties.b.pattern: Only a string has a pattern."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := edit(t, s, c.base, c.custom)
			if f := fault.As(err); f == nil || f.Error() != f.Summary+"; "+c.want {
				t.Errorf("Edit gave %v\nwant %s", err, c.want)
			}
		})
	}
}
