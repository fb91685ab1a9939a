package config

import (
	"errors"
	"fmt"
	"os"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode"

	"go.yaml.in/yaml/v4"
)

// Error is one thing that is wrong with the settings.
type Error struct {
	Source   string // file name, or the environment variable
	Line     int    // in the file; 0 elsewhere
	Key      string // as in outbound.allow[1]
	Expected string
}

func (e *Error) Error() string {
	at := e.Source
	if e.Line > 0 {
		at += ":" + strconv.Itoa(e.Line)
	}
	if e.Key == "" {
		return at + ": " + e.Expected
	}
	return at + ": " + e.Key + ": " + e.Expected
}

// Load reads a file, or for "" none, overlays the environment and fills in the
// defaults. The error joins every *Error that was found, so that one start
// shows them all.
func Load(file string, getenv func(string) string) (*Config, error) {
	c := new(Config)
	l := &loader{source: file, getenv: getenv, lines: map[string]int{}}
	c.source, c.lines = file, l.lines
	setDefaults(reflect.ValueOf(c).Elem())
	if file != "" {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("the configuration file: %w", err)
		}
		l.file(text, c)
	}
	l.environment(reflect.ValueOf(c).Elem(), "USHER")
	if len(l.errs) == 0 {
		l.check(c)
	}
	return c, errors.Join(l.errs...)
}

// Default is the configuration when nothing is given.
func Default() *Config {
	c := new(Config)
	setDefaults(reflect.ValueOf(c).Elem())
	return c
}

type loader struct {
	source string
	getenv func(string) string
	lines  map[string]int // of keys in the file
	errs   []error
}

func (l *loader) fail(line int, key, format string, args ...any) {
	l.errs = append(l.errs, &Error{Source: l.source, Line: line, Key: key, Expected: fmt.Sprintf(format, args...)})
}

func (l *loader) file(text []byte, c *Config) {
	var root yaml.Node
	if err := yaml.Load(text, &root); err != nil {
		l.fail(0, "", "%s", strings.TrimPrefix(err.Error(), "yaml: "))
		return
	}
	node := &root
	if node.Kind == yaml.DocumentNode && len(node.Content) == 1 {
		node = node.Content[0]
	}
	if node.Kind == 0 || node.Tag == "!!null" {
		return // an empty file
	}
	l.decode(node, "", reflect.ValueOf(c).Elem())
}

// decode reads a node into a field. It knows the few types that settings have,
// and says of everything else where it stands and what was expected.
func (l *loader) decode(node *yaml.Node, key string, v reflect.Value) {
	l.lines[key] = node.Line
	if node.Kind == yaml.AliasNode {
		node = node.Alias
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
		l.decode(item, fmt.Sprintf("%s[%d]", key, i), list.Index(i))
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
			l.decode(value, path, field)
		}
		seen[name] = true
	}
}

// environment overlays variables whose names are the keys in capital letters:
// outbound.allow_hosts is USHER_OUTBOUND_ALLOW_HOSTS, a list has commas. What an
// org is set up with can only be written in the file.
func (l *loader) environment(v reflect.Value, prefix string) {
	for i := range v.NumField() {
		f, key := v.Field(i), v.Type().Field(i).Tag.Get("yaml")
		name := prefix + "_" + envName(key)
		switch {
		case key == "", f.Type() == reflect.TypeFor[Seed]():
		case f.Kind() == reflect.Struct:
			l.environment(f, name)
		default:
			l.variable(f, name)
		}
	}
}

func (l *loader) variable(v reflect.Value, name string) {
	text := l.getenv(name)
	if text == "" {
		return
	}
	if v.Kind() != reflect.Slice {
		if !setScalar(v, text) {
			l.errs = append(l.errs, &Error{Source: name, Expected: "expected " + nameOf(v)})
		}
		return
	}
	parts := strings.Split(text, ",")
	list := reflect.MakeSlice(v.Type(), len(parts), len(parts))
	for i, part := range parts {
		if !setScalar(list.Index(i), strings.TrimSpace(part)) {
			l.errs = append(l.errs, &Error{Source: name, Expected: "expected a list of " + nameOf(list.Index(i)) + ", with commas"})
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

func setScalar(v reflect.Value, text string) bool {
	if v.Type() == reflect.TypeFor[time.Duration]() {
		d, err := time.ParseDuration(text)
		v.SetInt(int64(d))
		return err == nil
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(text)
	case reflect.Bool:
		b, err := strconv.ParseBool(text)
		v.SetBool(b)
		return err == nil
	case reflect.Int:
		n, err := strconv.Atoi(text)
		v.SetInt(int64(n))
		return err == nil
	default:
		return false
	}
	return true
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

// envName writes a key as part of a variable: password.bcryptCost is
// PASSWORD_BCRYPT_COST.
func envName(key string) string {
	var b strings.Builder
	for i, r := range strings.ReplaceAll(key, ".", "_") {
		if i > 0 && unicode.IsUpper(r) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToUpper(r))
	}
	return b.String()
}
