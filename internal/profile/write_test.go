package profile

import (
	"slices"
	"testing"
)

// writeSchema has an attribute of each kind that writing treats in its own way.
func writeSchema(t *testing.T) *Schema {
	t.Helper()
	return schemaWith(t,
		Attribute{Name: "badge", Title: "Badge", Type: Integer},
		Attribute{Name: "ssn", Title: "SSN", Type: String, Sensitive: true, MinLength: length(4)},
		Attribute{Name: "fixed", Title: "Fixed", Type: String, Mutability: ReadOnly},
		Attribute{Name: "once", Title: "Once", Type: String, Mutability: Immutable},
		Attribute{Name: "pin", Title: "Pin", Type: String, Mutability: WriteOnly},
		Attribute{Name: "tags", Title: "Tags", Type: Array, Items: &Items{Type: String}},
		Attribute{Name: "plate", Title: "Plate", Type: String, Pattern: "[A-Z]+"},
	)
}

func TestWrite(t *testing.T) {
	t.Parallel()
	const person = `"login":"ada@example.com","email":"ada@example.com","firstName":"Ada","lastName":"Lovelace"`
	whole := Writer{Replace: true, Sensitive: true}
	part := Writer{Sensitive: true}
	anew := Writer{Sensitive: true, All: true}
	for name, c := range map[string]struct {
		old, input string
		w          Writer
		want       string
		wrong      []string // attribute and code
	}{
		"a new one": {`{}`, `{` + person + `,"badge":7.0}`, anew, `{` + person + `,"badge":7}`, nil},
		"a new one lacks what is required": {
			`{}`, `{"login":"ada@example.com","firstName":""}`, anew, `{"login":"ada@example.com"}`,
			[]string{"firstName BLANK", "lastName BLANK", "email BLANK"},
		},
		"unknown names, also null": {
			`{` + person + `}`, `{"x":1,"Login":null}`, part, `{` + person + `}`, []string{"x UNKNOWN", "Login UNKNOWN"},
		},
		"null and no text take away": {`{` + person + `,"city":"Rome","title":"Dr"}`, `{"city":null,"title":""}`, part, `{` + person + `}`, nil},
		"a part leaves the rest":     {`{` + person + `,"city":"Rome"}`, `{"badge":7}`, part, `{` + person + `,"city":"Rome","badge":7}`, nil},
		"the whole takes the rest away": {
			`{` + person + `,"city":"Rome"}`, `{` + person + `,"badge":7}`, whole, `{` + person + `,"badge":7}`, nil,
		},
		"the whole lacks what is required": {
			`{` + person + `}`, `{"login":"ada@example.com","email":"ada@example.com","firstName":"Ada"}`, whole,
			`{"login":"ada@example.com","email":"ada@example.com","firstName":"Ada"}`, []string{"lastName BLANK"},
		},
		"types and limits": {
			`{` + person + `}`, `{"badge":"7","tags":[1],"ssn":"1"}`, part, `{` + person + `,"badge":"7","tags":[1],"ssn":"1"}`,
			[]string{"badge TYPE", "ssn LENGTH", "tags TYPE"},
		},
		"a value that a later rule forbids stays": {
			`{` + person + `,"plate":"ab"}`, `{"badge":7}`, part, `{` + person + `,"plate":"ab","badge":7}`, nil,
		},
		"also when it is repeated": {
			`{` + person + `,"plate":"ab"}`, `{` + person + `,"plate":"ab"}`, whole, `{` + person + `,"plate":"ab"}`, nil,
		},
		"and is judged when it changes": {
			`{` + person + `,"plate":"ab"}`, `{"plate":"cd"}`, part, `{` + person + `,"plate":"cd"}`, []string{"plate PATTERN"},
		},
		"and when everything is": {
			`{` + person + `,"plate":"ab"}`, `{"badge":7}`, anew, `{` + person + `,"plate":"ab","badge":7}`, []string{"plate PATTERN"},
		},
		"what the schema has no more goes": {`{` + person + `,"gone":1}`, `{"badge":7}`, part, `{` + person + `,"badge":7}`, nil},
		"read only": {
			`{` + person + `}`, `{"fixed":"x"}`, part, `{` + person + `}`, []string{"fixed READ_ONLY"},
		},
		"read only, taken away": {
			`{` + person + `,"fixed":"x"}`, `{"fixed":null}`, part, `{` + person + `,"fixed":"x"}`, []string{"fixed READ_ONLY"},
		},
		"read only, repeated": {`{` + person + `,"fixed":"x"}`, `{"fixed":"x"}`, part, `{` + person + `,"fixed":"x"}`, nil},
		"read only, not named": {
			`{` + person + `,"fixed":"x","once":"y","pin":"z"}`, `{` + person + `}`, whole, `{` + person + `,"fixed":"x","once":"y","pin":"z"}`, nil,
		},
		"immutable, the first time": {`{` + person + `}`, `{"once":"x"}`, part, `{` + person + `,"once":"x"}`, nil},
		"immutable, the second time": {
			`{` + person + `,"once":"x"}`, `{"once":"y"}`, part, `{` + person + `,"once":"x"}`, []string{"once READ_ONLY"},
		},
		"write only": {`{` + person + `,"pin":"1"}`, `{"pin":"2"}`, part, `{` + person + `,"pin":"2"}`, nil},
		"sensitive, of one who must not": {
			`{` + person + `,"ssn":"1234"}`, `{"ssn":"5678"}`, Writer{}, `{` + person + `,"ssn":"1234"}`, []string{"ssn FORBIDDEN"},
		},
		"sensitive, of one who does not know": {
			`{` + person + `,"ssn":"1234"}`, `{` + person + `,"ssn":null}`, Writer{Replace: true}, `{` + person + `,"ssn":"1234"}`, nil,
		},
		"sensitive, and its rule is not told to one who does not know": {
			`{` + person + `,"ssn":"123"}`, `{` + person + `}`, Writer{Replace: true, All: true}, `{` + person + `,"ssn":"123"}`, nil,
		},
		"sensitive, not named by one who knows": {`{` + person + `,"ssn":"1234"}`, `{` + person + `}`, whole, `{` + person + `}`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			old := profileOf(t, c.old)
			got, found := writeSchema(t).Write(old, object(t, c.input), c.w)
			var wrong []string
			for _, v := range found {
				wrong = append(wrong, v.Attribute+" "+v.Code)
			}
			if text := encoded(t, got); text != c.want {
				t.Errorf("profile is\n%s\nwant\n%s", text, c.want)
			}
			if !slices.Equal(wrong, c.wrong) {
				t.Errorf("wrong are %q, want %q", wrong, c.wrong)
			}
			if text := encoded(t, old); text != c.old {
				t.Errorf("the old one became %s", text)
			}
		})
	}
}
