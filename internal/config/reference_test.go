package config

import (
	"flag"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write docs/configuration.md")

const referenceFile = "../../docs/configuration.md"

// TestReferenceIsCurrent keeps docs/configuration.md what the tags say.
func TestReferenceIsCurrent(t *testing.T) {
	t.Parallel()
	want := reference()
	if *update {
		if err := os.WriteFile(referenceFile, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(referenceFile)
	if err != nil || string(got) != want {
		t.Errorf("docs/configuration.md is not current (%v): run go test ./internal/config -update", err)
	}
}

// TestReferenceExampleLoads reads the example as a server would.
func TestReferenceExampleLoads(t *testing.T) {
	t.Parallel()
	file := t.TempDir() + "/usher.yaml"
	if err := os.WriteFile(file, []byte(example), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := Load(file, func(string) string { return "" })
	if err != nil || c.Seed.Enrollment == nil || len(c.Seed.InlineHooks) != 1 {
		t.Errorf("%+v, %v", c, err)
	}
}

// TestEverySettingIsDocumented: a field without a tag could not be set, or would
// be a row without a word.
func TestEverySettingIsDocumented(t *testing.T) {
	t.Parallel()
	var walk func(reflect.Type)
	walk = func(typ reflect.Type) {
		for i := range typ.NumField() {
			f := typ.Field(i)
			switch text, ok := f.Tag.Lookup("default"); {
			case !f.IsExported():
			case f.Tag.Get("yaml") == "":
				t.Errorf("%s.%s has no key", typ.Name(), f.Name)
			case f.Tag.Get("doc") == "" && f.Type.Kind() != reflect.Struct:
				t.Errorf("%s.%s has no doc", typ.Name(), f.Name)
			case f.Type.Kind() == reflect.Bool && ok:
				t.Errorf("%s.%s: a flag is false unless it is set", typ.Name(), f.Name)
			case ok && !setScalar(reflect.New(f.Type).Elem(), text):
				t.Errorf("%s.%s: the default %q is no %s", typ.Name(), f.Name, text, f.Type)
			case sectionOf(f.Type) != nil:
				walk(sectionOf(f.Type))
			}
		}
	}
	walk(reflect.TypeFor[Config]())
}

const example = `publicUrl: https://id.example.com
listen: 0.0.0.0:8080
database: postgres://usher@db/usher
trustedProxies: [10.0.0.0/8]
outbound:
  allow_hosts: ["hook:3000"]
  allow_http: true
seed:
  attributes:
    - {name: badge, title: Badge, type: integer}
  inlineHooks:
    - name: Door
      url: http://hook:3000/registrationHook
      authHeader: authorization
      authSecretEnv: HOOK_SECRET
  enrollment:
    selfServiceRegistration: true
    inlineHook: Door
    attributes:
      - {name: firstName, required: true}
      - {name: lastName, required: true}
      - {name: email, required: true}
      - {name: badge}
`

// reference is docs/configuration.md.
func reference() string {
	var b strings.Builder
	b.WriteString(`# Configuration

<!-- Made by "go test ./internal/config -update" of the tags in internal/config/config.go. Edit those. -->

` + "`usher serve --config usher.yaml` and `usher dev --config usher.yaml`" + ` read one YAML file; without it, everything has its
default. An environment variable takes the place of what the file says; a list in it has commas. A key that is unknown or
occurs twice, and a value that is not what was expected, are told with key and line, all of them at once, and the process
does not start.

` + "```yaml\n" + example + "```\n")
	section(&b, "Server", "", reflect.TypeFor[Config](), true)
	for i := range reflect.TypeFor[Config]().NumField() {
		f := reflect.TypeFor[Config]().Field(i)
		if key := f.Tag.Get("yaml"); key != "" && f.Type.Kind() == reflect.Struct {
			section(&b, key, key, f.Type, key != "seed")
		}
	}
	return b.String()
}

// section writes a table of the settings of a struct, then those of the lists in
// it.
func section(b *strings.Builder, title, within string, t reflect.Type, variables bool) {
	fmt.Fprintf(b, "\n## %s\n\n", title)
	if within == "seed" {
		b.WriteString("What the org is set up with at every start: what is named here is made or changed to be so, what is not named stays as it\n" +
			"is. It can only be written in the file.\n\n")
	}
	columns := []string{"Key", "Type", "Default", "What it is"}
	if variables {
		columns = []string{"Key", "Type", "Default", "Variable", "What it is"}
	}
	row(b, columns...)
	row(b, strings.Split(strings.Repeat("---,", len(columns)-1)+"---", ",")...)
	for i := range t.NumField() {
		f := t.Field(i)
		key := f.Tag.Get("yaml")
		if key == "" || f.Type.Kind() == reflect.Struct {
			continue
		}
		path := strings.TrimPrefix(within+"."+key, ".")
		value := f.Tag.Get("default")
		if f.Type.Kind() == reflect.Bool {
			value = "false"
		}
		cells := []string{code(path), typeOf(f.Type), code(value), f.Tag.Get("doc")}
		if variables {
			cells = []string{cells[0], cells[1], cells[2], code(envName(path)), cells[3]}
		}
		row(b, cells...)
	}
	for i := range t.NumField() {
		f := t.Field(i)
		key := f.Tag.Get("yaml")
		if of := sectionOf(f.Type); key != "" && of != nil && f.Type.Kind() != reflect.Struct {
			path := within + "." + key
			if f.Type.Kind() == reflect.Slice {
				path += "[]"
			}
			section(b, path, path, of, false)
		}
	}
}

func row(b *strings.Builder, cells ...string) {
	b.WriteString("| " + strings.Join(cells, " | ") + " |\n")
}

func code(text string) string {
	if text == "" {
		return ""
	}
	return "`" + text + "`"
}

// sectionOf is the struct that a type is, points to or has as elements, or nil.
func sectionOf(t reflect.Type) reflect.Type {
	if k := t.Kind(); k == reflect.Pointer || k == reflect.Slice {
		t = t.Elem()
	}
	if t.Kind() == reflect.Struct {
		return t
	}
	return nil
}

func typeOf(t reflect.Type) string {
	switch {
	case t == reflect.TypeFor[time.Duration]():
		return "duration, as `3s`"
	case sectionOf(t) != nil && t.Kind() == reflect.Slice:
		return "list of sections"
	case sectionOf(t) != nil:
		return "section"
	case t.Kind() == reflect.Slice:
		return "list of " + pluralOf(reflect.New(t.Elem()).Elem())
	case t.Kind() == reflect.Pointer:
		return typeOf(t.Elem())
	case t.Kind() == reflect.Bool:
		return "`true` or `false`"
	case t.Kind() == reflect.Int:
		return "whole number"
	}
	return "text"
}
