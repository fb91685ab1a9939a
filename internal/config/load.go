package config

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"go.yaml.in/yaml/v4"
)

// Error is one thing that is wrong with the settings.
type Error struct {
	Source   string // file name, or the environment variable; "" for a default
	Line     int    // in the file; 0 elsewhere
	Key      string // as in outbound.allow[1]
	Expected string // in words; a value is quoted only where it cannot be a secret
}

func (e *Error) Error() string {
	parts := []string{e.Source, e.Key, e.Expected}
	if e.Line > 0 {
		parts[0] += ":" + strconv.Itoa(e.Line)
	}
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), ": ")
}

// place is where a value is from.
type place struct {
	source string // file name, or the environment variable
	line   int    // in the file; 0 elsewhere
}

// Load reads a file, or for "" none, overlays the environment and fills in the
// defaults. The error joins every *Error that was found, one for a key, so that
// one start shows them all.
func Load(file string, getenv func(string) string) (*Config, error) {
	c := &Config{places: map[string]place{}}
	l := &loader{source: file, getenv: getenv, places: c.places}
	setDefaults(reflect.ValueOf(c).Elem())
	if file != "" {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("the configuration file: %w", err)
		}
		l.file(text, c)
	}
	l.environment(reflect.ValueOf(c).Elem(), "")
	l.check(c)
	var all []error
	for _, e := range l.found {
		all = append(all, e)
	}
	return c, errors.Join(all...)
}

type loader struct {
	source string // name of the file
	getenv func(string) string
	places map[string]place
	found  []*Error
}

func (l *loader) fail(line int, key, format string, args ...any) {
	l.found = append(l.found, &Error{Source: l.source, Line: line, Key: key, Expected: fmt.Sprintf(format, args...)})
}

func (l *loader) file(text []byte, c *Config) {
	node, err := parse(text)
	if err != nil {
		var broken *yaml.LoadError
		if errors.As(err, &broken) {
			l.fail(broken.Mark.Line, "", "expected YAML: %s", broken.Message)
		} else {
			l.fail(0, "", "expected YAML: %v", err)
		}
		return
	}
	if node != nil {
		l.decode(node, "", reflect.ValueOf(c).Elem())
	}
}

// parse gives the one document of a file, nil for a file without one.
func parse(text []byte) (*yaml.Node, error) {
	in, err := yaml.NewLoader(bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	var root, more yaml.Node
	if err := in.Load(&root); errors.Is(err, io.EOF) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	if err := in.Load(&more); !errors.Is(err, io.EOF) {
		return nil, cmp.Or(err, errors.New("one document, there are more"))
	}
	return root.Content[0], nil
}

// decode reads a node into a field. It knows the few types that settings have,
// and says of everything else where it stands and what was expected. A key
// without a value is as if it were not there: what stood under it may be
// commented out.
func (l *loader) decode(node *yaml.Node, key string, v reflect.Value) {
	if node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	if node.Tag == "!!null" {
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		if v.Elem().Kind() == reflect.Struct {
			setDefaults(v.Elem())
		}
		l.decode(node, key, v.Elem())
	case reflect.Struct:
		l.decodeMapping(node, key, v)
	case reflect.Slice:
		l.decodeList(node, key, v)
	default:
		if node.Kind != yaml.ScalarNode {
			l.fail(node.Line, key, "expected %s", nameOf(v))
			return
		}
		if !setScalar(v, node.Value) {
			l.fail(node.Line, key, "expected %s, found %q", nameOf(v), node.Value)
		}
	}
}

func (l *loader) decodeList(node *yaml.Node, key string, v reflect.Value) {
	if node.Kind != yaml.SequenceNode {
		l.fail(node.Line, key, "expected a list, as in [a, b]")
		return
	}
	list := reflect.MakeSlice(v.Type(), len(node.Content), len(node.Content))
	for i, item := range node.Content {
		if list.Index(i).Kind() == reflect.Struct {
			setDefaults(list.Index(i))
		}
		path := fmt.Sprintf("%s[%d]", key, i)
		l.places[path] = place{l.source, item.Line}
		l.decode(item, path, list.Index(i))
	}
	v.Set(list)
}

func (l *loader) decodeMapping(node *yaml.Node, key string, v reflect.Value) {
	if node.Kind != yaml.MappingNode {
		l.fail(node.Line, key, "expected keys and values")
		return
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(node.Content); i += 2 {
		name, value := node.Content[i].Value, node.Content[i+1]
		path := strings.TrimPrefix(key+"."+name, ".")
		field, ok := fieldByKey(v, name)
		switch {
		case !ok:
			l.fail(node.Content[i].Line, path, "unknown key; expected one of %s", strings.Join(keysOf(v.Type()), ", "))
		case seen[name]:
			l.fail(node.Content[i].Line, path, "the key occurs twice")
		default:
			l.places[path] = place{l.source, node.Content[i].Line}
			l.decode(value, path, field)
		}
		seen[name] = true
	}
}

// environment overlays variables whose names are the keys in capital letters:
// outbound.allow_hosts is USHER_OUTBOUND_ALLOW_HOSTS, a list has commas. What an
// org is set up with can only be written in the file.
func (l *loader) environment(v reflect.Value, within string) {
	for i := range v.NumField() {
		f, key := v.Field(i), v.Type().Field(i).Tag.Get("yaml")
		switch {
		case key == "", f.Type() == reflect.TypeFor[Seed]():
		case f.Kind() == reflect.Struct:
			l.environment(f, key+".")
		default:
			l.variable(f, within+key)
		}
	}
}

func (l *loader) variable(v reflect.Value, key string) {
	name := envName(key)
	text := l.getenv(name)
	if text == "" {
		return
	}
	maps.DeleteFunc(l.places, func(k string, _ place) bool { return strings.HasPrefix(k, key+"[") })
	l.places[key] = place{source: name}
	if v.Kind() != reflect.Slice {
		l.unless(setScalar(v, text), key, "expected "+nameOf(v))
		return
	}
	parts := strings.Split(text, ",")
	list := reflect.MakeSlice(v.Type(), len(parts), len(parts))
	for i, part := range parts {
		if !setScalar(list.Index(i), strings.TrimSpace(part)) {
			l.unless(false, key, "expected a list of "+pluralOf(list.Index(i))+", with commas")
			return
		}
	}
	v.Set(list)
}

func setDefaults(v reflect.Value) {
	for i := range v.NumField() {
		f := v.Field(i)
		if f.Kind() == reflect.Struct {
			setDefaults(f)
		} else if text, ok := v.Type().Field(i).Tag.Lookup("default"); ok {
			setScalar(f, text)
		}
	}
}

// setScalar reads a text into a field, which stays as it is when it cannot.
func setScalar(v reflect.Value, text string) (ok bool) {
	var err error
	switch {
	case v.Type() == reflect.TypeFor[time.Duration]():
		var d time.Duration
		if d, err = time.ParseDuration(text); err == nil {
			v.SetInt(int64(d))
		}
	case v.Kind() == reflect.Bool:
		var b bool
		if b, err = strconv.ParseBool(text); err == nil {
			v.SetBool(b)
		}
	case v.Kind() == reflect.Int:
		var n int
		if n, err = strconv.Atoi(text); err == nil {
			v.SetInt(int64(n))
		}
	default:
		v.SetString(text)
	}
	return err == nil
}

func nameOf(v reflect.Value) string {
	switch {
	case v.Type() == reflect.TypeFor[time.Duration]():
		return "a duration, as in 3s"
	case v.Kind() == reflect.Bool:
		return "true or false"
	case v.Kind() == reflect.Int:
		return "a whole number"
	}
	return "a text"
}

func pluralOf(v reflect.Value) string {
	if v.Kind() == reflect.Int {
		return "whole numbers"
	}
	return "texts"
}

func fieldByKey(v reflect.Value, key string) (reflect.Value, bool) {
	for i := range v.NumField() {
		if key != "" && v.Type().Field(i).Tag.Get("yaml") == key {
			return v.Field(i), true
		}
	}
	return reflect.Value{}, false
}

func keysOf(t reflect.Type) []string {
	var keys []string
	for i := range t.NumField() {
		if key := t.Field(i).Tag.Get("yaml"); key != "" {
			keys = append(keys, key)
		}
	}
	return keys
}

// envName is the environment variable of a key: that of password.bcryptCost is
// USHER_PASSWORD_BCRYPT_COST.
func envName(key string) string {
	var b strings.Builder
	b.WriteString("USHER_")
	for _, r := range strings.ReplaceAll(key, ".", "_") {
		if unicode.IsUpper(r) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToUpper(r))
	}
	return b.String()
}
