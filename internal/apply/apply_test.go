package apply

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

func environment(values map[string]string) func(string) string {
	return func(name string) string { return values[name] }
}

func TestParse(t *testing.T) {
	t.Parallel()
	f, err := Parse([]byte(`
userSchema:
  custom:
    badge: {title: Badge, type: integer, minimum: 1}
    old: null
groups: [{name: Staff}]
inlineHooks:
  - name: Gate
    channel: {config: {uri: "https://${HOST}/r?a=$${HOST}", authScheme: {value: "${NONE:-}"}}}
apps: [{label: Shop, yes: true, n: 1.50}]
`), environment(map[string]string{"HOST": "hook.example.com ${HOST}"}))
	if err != nil {
		t.Fatal(err)
	}
	got, err := json.Marshal(f)
	const want = `{"Schema":{"custom":{"badge":{"minimum":1,"title":"Badge","type":"integer"},"old":null}},"Groups":[{"name":"Staff"}],` +
		`"Hooks":[{"channel":{"config":{"authScheme":{"value":""},"uri":"https://hook.example.com ${HOST}/r?a=${HOST}"}},"name":"Gate"}],` +
		`"Policies":null,"Apps":[{"label":"Shop","n":1.50,"yes":true}]}`
	if err != nil || string(got) != want {
		t.Errorf("file is\n%s\nwant\n%s", got, want)
	}
	for _, empty := range []string{"", "# nothing\n", "---\n", "{}"} {
		if f, err := Parse([]byte(empty), environment(nil)); err != nil || f.Groups != nil {
			t.Errorf("%q: %v, %v", empty, f, err)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"a: [":                           "the file is no YAML",
		"[]":                             "line 1: expected userSchema, groups",
		"groups: []\n---\ngroups: []":    "more than one document",
		"hooks: []":                      "line 1: hooks: unknown; expected userSchema, groups, inlineHooks, policies or apps",
		"groups: {}":                     "line 1: expected a list",
		"groups: [Staff]":                "line 1: expected an object",
		"groups:\n- {description: x}":    "line 2: expected a name in each",
		"apps:\n- {name: x}":             "line 2: expected a label in each",
		"groups: [{name: a}, {name: a}]": "line 1: a occurs twice",
		"groups:\n- name: a\n  name: b":  "", // by the parser of YAML or by ours
		"userSchema: {more: {}}":         "line 1: more: expected base and custom",
		"userSchema: []":                 "line 1: expected base and custom",
		"groups: [{name: a, n: 0x10}]":   "line 1: 0x10: expected a number as JSON has it",
		"groups:\n- name: ${SECRET}":     "line 2: expected the environment variable SECRET",
		"groups: [{name: &a x, b: *a}]":  "line 1: aliases are not read",
		"groups: [{name: a, x: ${A}${B}": "",
	} {
		_, err := Parse([]byte(text), environment(nil))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

func TestDifferences(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		want, have string
		found      []string
	}{
		{`{"a":1,"b":{"c":"x"}}`, `{"a":1.0,"b":{"c":"x","d":2},"e":3}`, nil},
		{`{"a":2,"b":{"c":"y","d":{"e":1}}}`, `{"a":1,"b":{"c":"x"}}`, []string{"a", "b.c", "b.d"}},
		{`{"a":null}`, `{}`, nil},
		{`{"a":null}`, `{"a":1}`, []string{"a"}},
		{`{"a":[{"x":1}]}`, `{"a":[{"x":1,"y":2}]}`, nil},
		{`{"a":[{"x":1}]}`, `{"a":[{"x":1},{"x":2}]}`, []string{"a"}},
		{`{"a":["p","q"]}`, `{"a":["q","p"]}`, []string{"a"}},
		{`{"a":true}`, `{"a":"true"}`, []string{"a"}},
	} {
		if got := differences(object(t, c.want), object(t, c.have)); !slices.Equal(got, c.found) {
			t.Errorf("%s in %s: %q, want %q", c.want, c.have, got, c.found)
		}
	}
}

func object(t *testing.T, text string) (o Object) {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&o); err != nil {
		t.Fatal(err)
	}
	return o
}

// A body keeps what was there, and secrets are not looked for in answers.
func TestOverlayAndReadable(t *testing.T) {
	t.Parallel()
	base := object(t, `{"a":{"b":1,"c":2},"d":[1]}`)
	merged, err := json.Marshal(overlay(base, object(t, `{"a":{"c":3},"d":[2],"e":null}`)))
	if err != nil || string(merged) != `{"a":{"b":1,"c":3},"d":[2],"e":null}` {
		t.Errorf("%s, %v", merged, err)
	}
	if len(differences(object(t, `{"a":{"c":2}}`), base)) > 0 {
		t.Error("the base was changed")
	}
	seen, err := json.Marshal(readable(object(t, `{"c":{"authScheme":{"key":"k","value":"hush"},"clientSecret":"hush"},"client_secret":"hush"}`)))
	if err != nil || string(seen) != `{"c":{"authScheme":{"key":"k"}}}` {
		t.Errorf("%s, %v", seen, err)
	}
}
