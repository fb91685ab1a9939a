package apply

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// Object is a JSON object.
type Object = map[string]any

// File is what an org is to be like. Each list is in the order in which it is
// applied, and each object has the shape that the API takes, except:
//
//	userSchema   {"base": {name: property}, "custom": {name: property or null}}
//	groups       the group's profile
//	inlineHooks  a hook; a new one has version 1.0.0 and an HTTP channel unless the
//	             file says otherwise; a secret that is empty is none
//	policies     an enrollment policy; "rule" is what the API has below
//	             actions.profileEnrollment of its one rule; "apps" are labels
//	apps         an app, told apart by its label; "groups" are names of groups
//	             that are assigned
//
// "status" of a hook, a policy or an app is ACTIVE or INACTIVE.
type File struct {
	Schema   Object
	Groups   []Object
	Hooks    []Object
	Policies []Object
	Apps     []Object
}

// names tells whether any of the objects, or the rule in it, has a property.
func (*File) names(property string, in []Object) bool {
	for _, o := range in {
		if o[property] != nil || at(o, "rule", property) != nil {
			return true
		}
	}
	return false
}

// Parse reads a file. ${NAME} in a text is that variable of the environment, and
// an error when there is none; $${ is a ${ that stays. Errors name the line.
func Parse(text []byte, getenv func(string) string) (*File, error) {
	loader, err := yaml.NewLoader(bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	var root, more yaml.Node
	if err := loader.Load(&root); err != nil {
		if errors.Is(err, io.EOF) {
			return &File{}, nil
		}
		return nil, fmt.Errorf("the file is no YAML: %w", err)
	}
	if err := loader.Load(&more); !errors.Is(err, io.EOF) {
		return nil, errors.New("the file has more than one document")
	}
	r := reader{getenv: getenv}
	document := &root
	if root.Kind == yaml.DocumentNode {
		document = root.Content[0]
	}
	f := &File{}
	r.file(document, f)
	return f, errors.Join(r.problems...)
}

// reader makes JSON of YAML and gathers what is wrong.
type reader struct {
	getenv   func(string) string
	problems []error
}

func (r *reader) wrong(n *yaml.Node, text string) {
	r.problems = append(r.problems, fmt.Errorf("line %d: %s", n.Line, text))
}

// sections are the keys of a file.
func sections(f *File) map[string]*[]Object {
	return map[string]*[]Object{"groups": &f.Groups, "inlineHooks": &f.Hooks, "policies": &f.Policies, "apps": &f.Apps}
}

func (r *reader) file(n *yaml.Node, f *File) {
	if n.Tag == "!!null" {
		return
	}
	if n.Kind != yaml.MappingNode {
		r.wrong(n, "expected userSchema, groups, inlineHooks, policies and apps")
		return
	}
	for i := 0; i < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		list := sections(f)[key.Value]
		switch {
		case key.Value == "userSchema":
			f.Schema = r.schema(value)
		case list != nil:
			*list = r.list(value, key.Value)
		default:
			r.wrong(key, key.Value+": unknown; expected userSchema, groups, inlineHooks, policies or apps")
		}
	}
}

// nameKey is by which property the objects of a section are told apart.
func nameKey(section string) string {
	if section == "apps" {
		return "label"
	}
	return "name"
}

func (r *reader) list(n *yaml.Node, section string) []Object {
	name := nameKey(section)
	if n.Kind != yaml.SequenceNode {
		r.wrong(n, "expected a list")
		return nil
	}
	var all []Object
	var names []string
	for _, item := range n.Content {
		o, ok := r.value(item).(Object)
		text, _ := o[name].(string)
		switch {
		case !ok:
			r.wrong(item, "expected an object")
		case text == "":
			r.wrong(item, "expected a "+name+" in each")
		case slices.Contains(names, text):
			r.wrong(item, text+" occurs twice")
		default:
			r.check(item, section, o)
			all, names = append(all, o), append(names, text)
		}
	}
	return all
}

// check looks at what is not simply passed on to the API: it would be lost
// silently, or mean something else.
func (r *reader) check(n *yaml.Node, section string, o Object) {
	if status, has := o["status"]; has && status != active && status != inactive {
		r.wrong(n, "status: expected ACTIVE or INACTIVE")
	}
	rule, isObject := o["rule"].(Object)
	if o["rule"] != nil && !isObject {
		r.wrong(n, "rule: expected what the API has below actions.profileEnrollment")
	}
	for _, names := range []struct {
		section, key string
		in           Object
	}{{"apps", "groups", o}, {"policies", "apps", o}, {"policies", "targetGroupIds", rule}} {
		if section == names.section && !isNames(names.in[names.key]) {
			r.wrong(n, names.key+": expected a list of names")
		}
	}
	for _, h := range elements(rule["preRegistrationInlineHooks"]) {
		if hook, _ := h.(Object); text(hook, "inlineHookId") == "" {
			r.wrong(n, "preRegistrationInlineHooks: expected a list as in [{inlineHookId: Name}]")
		}
	}
}

func isNames(v any) bool {
	return !slices.ContainsFunc(elements(v), func(e any) bool { name, _ := e.(string); return name == "" })
}

// elements are those of a list, none of null, and what is no list as the only one
// of a list.
func elements(v any) []any {
	switch v := v.(type) {
	case nil:
		return nil
	case []any:
		return v
	case string:
		return []any{nil}
	}
	return []any{v}
}

func (r *reader) schema(n *yaml.Node) Object {
	o, ok := r.value(n).(Object)
	if !ok {
		r.wrong(n, "expected base and custom, each with attributes")
	}
	for key, value := range o {
		if _, isObject := value.(Object); !isObject || key != "base" && key != "custom" {
			r.wrong(n, key+": expected base and custom, each with attributes")
		}
	}
	return o
}

// value is a node as JSON.
func (r *reader) value(n *yaml.Node) any {
	switch n.Kind {
	case yaml.MappingNode:
		o := Object{}
		for i := 0; i < len(n.Content); i += 2 {
			key := n.Content[i]
			if _, twice := o[key.Value]; twice {
				r.wrong(key, key.Value+" occurs twice")
			}
			o[key.Value] = r.value(n.Content[i+1])
		}
		return o
	case yaml.SequenceNode:
		list := []any{}
		for _, item := range n.Content {
			list = append(list, r.value(item))
		}
		return list
	case yaml.AliasNode:
		r.wrong(n, "aliases are not read")
		return nil
	}
	return r.scalar(n)
}

func (r *reader) scalar(n *yaml.Node) any {
	switch n.Tag {
	case "!!null":
		return nil
	case "!!bool":
		return strings.EqualFold(n.Value, "true")
	case "!!int", "!!float":
		if json.Valid([]byte(n.Value)) {
			return json.Number(n.Value)
		}
		r.wrong(n, n.Value+": expected a number as JSON has it, or a text in quotes")
		return nil
	}
	return r.expand(n)
}

var variable = regexp.MustCompile(`\$?\$\{[^}]*\}`)

// expand puts the environment into a text. What it holds is not read again.
func (r *reader) expand(n *yaml.Node) string {
	return variable.ReplaceAllStringFunc(n.Value, func(found string) string {
		if strings.HasPrefix(found, "$$") {
			return found[1:]
		}
		name := found[2 : len(found)-1]
		name, optional := strings.CutSuffix(name, ":-")
		value := r.getenv(name)
		if value == "" && !optional {
			r.wrong(n, "expected the environment variable "+name)
		}
		return value
	})
}
