package profile

import (
	"encoding/json"
	"fmt"
	"testing"
)

func TestChanges(t *testing.T) {
	t.Parallel()
	before := schemaWith(t,
		Attribute{Name: "gone", Title: "G", Type: String, Sensitive: true},
		Attribute{Name: "same", Title: "S", Type: String},
		Attribute{Name: "plan", Title: "P", Type: String, MaxLength: length(9)},
		Attribute{Name: "city2", Title: "C", Type: String},
		Attribute{Name: "secret", Title: "S", Type: String, Sensitive: true},
	)
	after := schemaWith(t,
		Attribute{Name: "city2", Title: "C", Type: String, Sensitive: true},
		Attribute{Name: "same", Title: "S", Type: String},
		Attribute{Name: "plan", Title: "P", Type: String, MaxLength: length(8)},
		Attribute{Name: "secret", Title: "S", Type: String, Sensitive: true, Pattern: "[0-9]*"},
		Attribute{Name: "new", Title: "N", Type: String},
		Attribute{Name: "needed", Title: "N", Type: String, Required: true},
		base(Login, func(a *Attribute) { a.Permission = Hide }),
	)
	got := ""
	for _, c := range before.Changes(after) {
		got += fmt.Sprintln(c.Name(), "hides", c.Hides(), "sensitive", c.Sensitive(), "tightens", c.Tightens())
	}
	const want = "login hides false sensitive false tightens false\n" +
		"gone hides false sensitive true tightens false\n" +
		"plan hides false sensitive false tightens true\n" +
		"city2 hides true sensitive true tightens false\n" +
		"secret hides false sensitive true tightens true\n" +
		"new hides false sensitive false tightens false\n" +
		"needed hides false sensitive false tightens true\n"
	if got != want {
		t.Errorf("changes are\n%swant\n%s", got, want)
	}
	if c := before.Changes(before); c != nil {
		t.Errorf("a schema differs from itself by %v", c)
	}
}

func TestWriteGivesDefaults(t *testing.T) {
	t.Parallel()
	s := schemaWith(t,
		Attribute{Name: "plan", Title: "P", Type: String, Required: true, Default: "free"},
		Attribute{Name: "seats", Title: "S", Type: Integer, Default: json.Number("1.0")},
		Attribute{Name: "tags", Title: "T", Type: Array, Items: &Items{Type: String}},
	)
	const names = `"login":"ada@example.com","email":"ada@example.com","firstName":"Ada","lastName":"Lovelace"`
	for name, c := range map[string]struct {
		old, input string
		how        Writer
		want       string
	}{
		"made":                  {`{}`, `{` + names + `}`, Writer{All: true}, `{` + names + `,"plan":"free","seats":1}`},
		"made with values":      {`{}`, `{` + names + `,"seats":2,"plan":"paid"}`, Writer{All: true}, `{` + names + `,"seats":2,"plan":"paid"}`},
		"changed elsewhere":     {`{` + names + `}`, `{"tags":["a"]}`, Writer{}, `{` + names + `,"tags":["a"]}`},
		"taken away":            {`{` + names + `,"plan":"paid","seats":2}`, `{"seats":null,"plan":""}`, Writer{}, `{` + names + `,"plan":"free","seats":1}`},
		"replaced without them": {`{` + names + `,"plan":"paid"}`, `{` + names + `}`, Writer{Replace: true}, `{` + names + `,"plan":"free","seats":1}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, wrong := s.Write(profileOf(t, c.old), object(t, c.input), c.how)
			if text := encoded(t, got); text != c.want || wrong != nil {
				t.Errorf("Write gave %s, %v; want %s", text, wrong, c.want)
			}
		})
	}
}
