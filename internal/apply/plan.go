package apply

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Action is what a step does.
type Action string

// The actions. A secret is written again, since nobody can tell whether it is
// the one that is there.
const (
	Create  Action = "create"
	Change  Action = "change"
	Rewrite Action = "rewrite"
	Keep    Action = "keep"
)

// Step is one object of the plan.
type Step struct {
	Action  Action
	What    string   // "inline hook Registration"
	Changes []string // properties, of Change and Rewrite
	run     func(context.Context) error
}

// Plan is what has to be done.
type Plan struct {
	Steps []Step

	client *Client
	// ids are what names stand for, by kind; those of objects that are still to be
	// made come when they are.
	ids map[string]map[string]string
	// enrollment are the policies of apps, by label.
	enrollment map[string]string
}

const (
	active   = "ACTIVE"
	inactive = "INACTIVE"
)

// kinds of things that have names.
const (
	hook   = "inline hook"
	group  = "group"
	policy = "policy"
	app    = "app"
)

// NewPlan compares a file with an org. It only reads.
func NewPlan(ctx context.Context, c *Client, f *File) (*Plan, error) {
	p := &Plan{client: c, ids: map[string]map[string]string{hook: {}, group: {}, policy: {}, app: {}}, enrollment: map[string]string{}}
	err := errors.Join(p.schema(ctx, f.Schema), p.groups(ctx, f), p.hooks(ctx, f.Hooks),
		p.apps(ctx, f), p.policies(ctx, f.Policies))
	return p, err
}

// Changes tells whether anything is to be done.
func (p *Plan) Changes() bool {
	return slices.ContainsFunc(p.Steps, func(s Step) bool { return s.Action == Create || s.Action == Change })
}

// Print writes the plan for a person.
func (p *Plan) Print(w io.Writer) error {
	signs := map[Action]string{Create: "+", Change: "~", Rewrite: "*", Keep: "="}
	for _, s := range p.Steps {
		line := signs[s.Action] + " " + s.What
		switch s.Action {
		case Change:
			line += ": " + strings.Join(s.Changes, ", ")
		case Rewrite:
			line += ": as it is; its secret cannot be compared and is written again"
		}
		if _, err := fmt.Fprintln(w, line); err != nil {
			return err
		}
	}
	return nil
}

// Run does what is planned, in its order, and stops at the first refusal: what
// came before it is done, and the next plan begins there.
func (p *Plan) Run(ctx context.Context) error {
	for _, s := range p.Steps {
		if s.Action == Keep {
			continue
		}
		if err := s.run(ctx); err != nil {
			return fmt.Errorf("%s: %w", s.What, err)
		}
	}
	return nil
}

func (p *Plan) add(a Action, kind, name string, changes []string, run func(context.Context) error) {
	p.Steps = append(p.Steps, Step{Action: a, What: strings.TrimSpace(kind + " " + name), Changes: changes, run: run})
}

// taken says what of a body the API did not take.
func taken(want, answer Object) error {
	if lost := differences(want, answer); len(lost) > 0 {
		return fmt.Errorf("the API does not take: %s", strings.Join(lost, ", "))
	}
	return nil
}

const schemaPath = "/api/v1/meta/schemas/user/default"

func (p *Plan) schema(ctx context.Context, want Object) error {
	if len(want) == 0 {
		return nil
	}
	have, err := p.client.get(ctx, schemaPath)
	if err != nil {
		return fmt.Errorf("user schema: %w", err)
	}
	body, definitions := Object{}, Object{}
	var changes []string
	for _, part := range slices.Sorted(maps.Keys(want)) {
		properties := want[part].(Object)
		for _, change := range differences(properties, at(have, "definitions", part, "properties")) {
			changes = append(changes, part+"."+change)
		}
		definitions[part] = Object{"id": "#" + part, "type": "object", "properties": properties}
	}
	body["definitions"] = definitions
	if len(changes) == 0 {
		p.add(Keep, "user schema", "", nil, nil)
		return nil
	}
	p.add(Change, "user schema", "", changes, func(ctx context.Context) error {
		answer, err := p.client.send(ctx, http.MethodPost, schemaPath, body)
		if err != nil {
			return err
		}
		for part, properties := range want {
			if err := taken(properties.(Object), answer["definitions"].(Object)[part].(Object)["properties"].(Object)); err != nil {
				return err
			}
		}
		return nil
	})
	return nil
}

// groups looks at the groups of the org only where the file names some.
func (p *Plan) groups(ctx context.Context, f *File) error {
	wanted := f.Groups
	if len(wanted) == 0 && !f.names("targetGroupIds", f.Policies) && !f.names("groups", f.Apps) {
		return nil
	}
	have, err := p.client.list(ctx, "/api/v1/groups?limit=200")
	if err != nil {
		return fmt.Errorf("groups: %w", err)
	}
	for _, g := range have {
		p.ids[group][text(g, "profile", "name")] = text(g, "id")
	}
	for _, want := range wanted {
		name := text(want, "name")
		body := Object{"profile": want}
		i := slices.IndexFunc(have, func(g Object) bool { return text(g, "profile", "name") == name })
		if i < 0 {
			p.ids[group][name] = ""
			p.add(Create, group, name, nil, func(ctx context.Context) error {
				return p.put(ctx, group, name, http.MethodPost, "/api/v1/groups", body, body)
			})
			continue
		}
		path := "/api/v1/groups/" + text(have[i], "id")
		p.compare(group, name, body, have[i], func(ctx context.Context) error {
			return p.put(ctx, group, name, http.MethodPut, path, overlay(Object{"profile": have[i]["profile"]}, body), body)
		})
	}
	return nil
}

// compare adds a step that keeps or changes an object that is there.
func (p *Plan) compare(kind, name string, want, have Object, run func(context.Context) error) {
	if changes := differences(want, have); len(changes) > 0 {
		p.add(Change, kind, name, changes, run)
		return
	}
	p.add(Keep, kind, name, nil, nil)
}

// put writes an object, notes its id and looks whether all that the file wants of
// it was taken.
func (p *Plan) put(ctx context.Context, kind, name, method, path string, body, want Object) error {
	answer, err := p.client.send(ctx, method, path, body)
	if err != nil {
		return err
	}
	p.ids[kind][name] = text(answer, "id")
	return taken(readable(want), answer)
}

// readable is what of a body the API gives back: secrets it does not.
func readable(body Object) Object {
	out := Object{}
	for name, value := range body {
		inner, isObject := value.(Object)
		switch {
		case name == "authScheme" && isObject:
			out[name] = without(inner, "value")
		case name == "clientSecret", name == "client_secret":
		case isObject:
			out[name] = readable(inner)
		default:
			out[name] = value
		}
	}
	return out
}

// id gives what a name stands for when the step runs. A text that is no name is
// taken for an id.
func (p *Plan) id(kind, name string) string {
	if id := p.ids[kind][name]; id != "" {
		return id
	}
	return name
}

// known refuses a name that nothing has, unless it is an id of something that is
// there.
func (p *Plan) known(kind, name string) error {
	if _, ok := p.ids[kind][name]; ok {
		return nil
	}
	for _, id := range p.ids[kind] {
		if id == name && id != "" {
			return nil
		}
	}
	return fmt.Errorf("there is no %s %q, neither in the org nor in the file", kind, name)
}

// status adds a step for an object whose status is to be another.
func (p *Plan) status(kind, name, want, have, path string) {
	if want == "" || want == have {
		return
	}
	verb := "activate"
	if want == inactive {
		verb = "deactivate"
	}
	p.add(Change, kind, name, []string{"status " + want}, func(ctx context.Context) error {
		_, err := p.client.send(ctx, http.MethodPost, path+url.PathEscape(p.ids[kind][name])+"/lifecycle/"+verb, nil)
		return err
	})
}
