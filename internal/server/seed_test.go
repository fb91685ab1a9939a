package server

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/usher-id/usher/hook"
	"github.com/usher-id/usher/internal/admin"
	"github.com/usher-id/usher/internal/config"
	"github.com/usher-id/usher/internal/eventlog"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/profile"
	"github.com/usher-id/usher/internal/storetest"
)

// seeded is what a file has made, read back through the store.
type seeded struct {
	schema *profile.Schema
	hooks  []*org.InlineHook
	rule   org.Rule
	group  string // name of the target group
}

func readSeeded(t *testing.T, store org.Store) seeded {
	t.Helper()
	return view(t, store, func(ctx context.Context, tx *org.Tx) (s seeded, err error) {
		if s.schema, err = tx.Schemas.Get(ctx); err != nil {
			return s, err
		}
		if s.hooks, err = tx.Hooks.List(ctx, ""); err != nil {
			return s, err
		}
		p, err := tx.Policies.Default(ctx)
		if err != nil {
			return s, err
		}
		s.rule = p.Rule
		if p.Rule.TargetGroupID != "" {
			g, err := tx.Groups.Get(ctx, p.Rule.TargetGroupID)
			if err != nil {
				return s, err
			}
			s.group = g.Name
		}
		return s, nil
	})
}

func (s seeded) attribute(t *testing.T, name string) profile.Attribute {
	t.Helper()
	a, ok := s.schema.Attribute(name)
	if !ok {
		t.Fatalf("the schema has no %s", name)
	}
	return a
}

func length(n int) *int { return &n }

func TestSeed(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		file  string
		env   map[string]string
		check func(t *testing.T, s seeded)
	}{
		"nothing: nobody can sign up": {
			file:  "",
			check: checkClosed,
		},
		"custom attributes": {
			file: `seed:
  attributes:
    - {name: ssn, title: Social security number, description: Never told, sensitive: true, pattern: "[0-9]+", minLength: 3, maxLength: 9}
    - {name: score, type: integer, minimum: 1, maximum: 5}
    - {name: news, type: boolean, permission: READ_WRITE}
`,
			check: checkCustom,
		},
		"listed values": {
			file: `seed:
  attributes:
    - {name: plan, enum: [free, paid], enumTitles: [Free of charge, Paid]}
    - {name: level, type: integer, enum: [1, 2]}
    - {name: tongues, type: array, items: string, enum: [eu, cy], enumTitles: [Basque, Welsh]}
    - {name: marks, type: array, items: number}
`,
			check: checkListed,
		},
		"base attributes": {
			file: `seed:
  attributes:
    - {name: city, sensitive: true}
    - {name: primaryPhone, permission: READ_WRITE}
    - {name: login, pattern: "[a-z]+"}
`,
			check: checkBase,
		},
		"a hook, a form and a group": {
			file: `outbound: {allow_hosts: ["hook:3000"], allow_http: true}
seed:
  groups: [Customers]
  inlineHooks:
    - name: gate
      url: HTTP://HOOK:3000/registrationHook?a=1
      authHeader: authorization
      authSecretEnv: HOOK_SECRET
      headers: [{key: X-Tenant, value: blue}]
  enrollment:
    selfServiceRegistration: true
    inlineHook: gate
    runFor: [newUser]
    targetGroup: Customers
    attributes:
      - {name: firstName, label: First name, required: true}
      - {name: lastName, label: Last name, required: true}
      - {name: email, label: Primary email, required: true}
      - {name: unheardOf, label: Anything}
`,
			env:   map[string]string{"HOOK_SECRET": "Basic c2VjcmV0"},
			check: checkForm,
		},
		"a hook without a secret, for everybody, on the default form": {
			file: `seed:
  inlineHooks: [{name: gate, url: "https://hooks.example.com/"}]
  enrollment: {selfServiceRegistration: true, inlineHook: gate}
`,
			check: checkPlain,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := load(t, tt.file)
			o := options()
			o.Getenv = func(name string) string { return tt.env[name] }
			var before int
			for round := range 2 {
				s, err := Open(t.Context(), c, o)
				if err != nil {
					t.Fatal(err)
				}
				tt.check(t, readSeeded(t, s.Store))
				if n := len(events(t, s.Store)); round == 0 {
					before = n
				} else if n != before {
					t.Errorf("the second start wrote %d events", n-before)
				}
				if err := s.Close(); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

func checkClosed(t *testing.T, s seeded) {
	t.Helper()
	if s.rule.UnknownUserAction != org.ActionDeny || len(s.hooks) != 0 || s.rule.HookID != "" || s.group != "" {
		t.Errorf("rule %+v, hooks %v, group %q", s.rule, s.hooks, s.group)
	}
}

func checkCustom(t *testing.T, s seeded) {
	t.Helper()
	want := profile.Attribute{
		Name: "ssn", Title: "Social security number", Description: "Never told", Type: profile.String, Sensitive: true,
		Pattern: "[0-9]+", MinLength: length(3), MaxLength: length(9),
		Mutability: "READ_WRITE", Scope: "NONE", Permission: "READ_ONLY",
	}
	if got := s.attribute(t, "ssn"); !reflect.DeepEqual(got, want) {
		t.Errorf("ssn is %+v", got)
	}
	if got := s.attribute(t, "score"); got.Type != profile.Integer || got.Minimum != "1" || got.Maximum != "5" || got.Title != "score" {
		t.Errorf("score is %+v", got)
	}
	if got := s.attribute(t, "news"); got.Type != profile.Boolean || got.Permission != profile.ReadWrite {
		t.Errorf("news is %+v", got)
	}
}

func checkListed(t *testing.T, s seeded) {
	t.Helper()
	plan := s.attribute(t, "plan")
	if want := []profile.Choice{{Const: "free", Title: "Free of charge"}, {Const: "paid", Title: "Paid"}}; !reflect.DeepEqual(plan.OneOf, want) || len(plan.Enum) != 2 {
		t.Errorf("plan is %+v", plan)
	}
	if got := s.attribute(t, "level"); !reflect.DeepEqual(got.Enum, []any{json.Number("1"), json.Number("2")}) {
		t.Errorf("level is %+v", got)
	}
	tongues := s.attribute(t, "tongues")
	want := &profile.Items{Type: profile.String, Enum: []any{"eu", "cy"}, OneOf: []profile.Choice{{Const: "eu", Title: "Basque"}, {Const: "cy", Title: "Welsh"}}}
	if !reflect.DeepEqual(tongues.Items, want) || tongues.Enum != nil {
		t.Errorf("tongues is %+v of %+v", tongues, tongues.Items)
	}
	if got := s.attribute(t, "marks"); !reflect.DeepEqual(got.Items, &profile.Items{Type: profile.Number}) {
		t.Errorf("marks is %+v of %+v", got, got.Items)
	}
}

func checkBase(t *testing.T, s seeded) {
	t.Helper()
	if got := s.attribute(t, "city"); !got.Sensitive || got.Title != "City" || got.Permission != profile.Hide {
		t.Errorf("city is %+v", got)
	}
	if got := s.attribute(t, "primaryPhone"); got.Permission != profile.ReadWrite || *got.MaxLength != 100 {
		t.Errorf("primaryPhone is %+v", got)
	}
	if got := s.attribute(t, "login"); got.Pattern != "[a-z]+" || !got.Required {
		t.Errorf("login is %+v", got)
	}
}

func checkForm(t *testing.T, s seeded) {
	t.Helper()
	if len(s.hooks) != 1 {
		t.Fatalf("%d hooks", len(s.hooks))
	}
	h := s.hooks[0]
	if h.Name != "gate" || h.Channel.URI != "http://hook:3000/registrationHook?a=1" || h.Status != org.StatusActive {
		t.Errorf("hook %+v", h)
	}
	if a := h.Channel.Auth; a == nil || a.Key != "authorization" || a.Value.Reveal() != "Basic c2VjcmV0" {
		t.Errorf("secret header %v", h.Channel.Auth)
	}
	if !slices.Equal(h.Channel.Headers, []org.Header{{Key: "X-Tenant", Value: "blue"}}) {
		t.Errorf("headers %v", h.Channel.Headers)
	}
	form := []org.FormAttribute{
		{Name: "firstName", Label: "First name", Required: true}, {Name: "lastName", Label: "Last name", Required: true},
		{Name: "email", Label: "Primary email", Required: true}, {Name: "unheardOf", Label: "Anything"},
	}
	r := s.rule
	if r.HookID != h.ID || r.UnknownUserAction != org.ActionRegister || r.Triggers != (org.Triggers{NewUser: true}) ||
		s.group != "Customers" || !slices.Equal(r.Attributes, form) {
		t.Errorf("rule %+v, group %q", r, s.group)
	}
}

func checkPlain(t *testing.T, s seeded) {
	t.Helper()
	if s.hooks[0].Channel.Auth != nil {
		t.Error("there is a secret header")
	}
	if s.rule.Triggers != (org.Triggers{NewUser: true, ExistingUser: true}) || len(s.rule.Attributes) != 3 {
		t.Errorf("rule %+v", s.rule)
	}
}

// What the file says anew is changed, each once and with an event; what it does
// not name any more stays.
func TestSeedChanges(t *testing.T) {
	t.Parallel()
	first := load(t, `seed:
  attributes: [{name: plan, title: Plan}]
  inlineHooks: [{name: gate, url: "https://one.example.com/", authHeader: authorization, authSecret: one}]
  enrollment: {selfServiceRegistration: true, inlineHook: gate, targetGroup: Customers}
`)
	second := load(t, `seed:
  attributes: [{name: plan, title: Tariff}, {name: city, sensitive: true}]
  inlineHooks: [{name: gate, url: "https://two.example.com/", authHeader: authorization, authSecret: two}]
  enrollment: {selfServiceRegistration: false}
`)
	second.Database, second.KeyFile = first.Database, first.KeyFile

	s := open(t, first)
	before := readSeeded(t, s.Store)
	told := len(events(t, s.Store))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, second)
	defer s.Close()
	after := readSeeded(t, s.Store)
	if got := after.attribute(t, "plan").Title; got != "Tariff" {
		t.Errorf("the title is %q", got)
	}
	if !after.attribute(t, "city").Sensitive {
		t.Error("city is not sensitive")
	}
	h := after.hooks[0]
	if len(after.hooks) != 1 || h.ID != before.hooks[0].ID || h.Channel.URI != "https://two.example.com/" || h.Channel.Auth.Value.Reveal() != "two" {
		t.Errorf("hooks %+v", after.hooks)
	}
	if r := after.rule; r.UnknownUserAction != org.ActionDeny || r.HookID != "" || r.TargetGroupID != "" {
		t.Errorf("rule %+v", r)
	}
	var types []eventlog.Type
	for _, e := range events(t, s.Store)[told:] {
		types = append(types, eventlog.Type(e.Type))
	}
	want := []eventlog.Type{eventlog.SchemaUpdated, eventlog.SchemaUpdated, eventlog.HookUpdated, eventlog.RuleUpdated}
	if !slices.Equal(types, want) {
		t.Errorf("the change wrote %q", types)
	}
}

func TestSeedRefused(t *testing.T) {
	t.Parallel()
	hookOf := func(more string) string {
		return "seed:\n  inlineHooks:\n    - name: gate\n" + more
	}
	tests := map[string]struct{ file, want string }{
		"a name that is none":         {"seed:\n  attributes:\n    - {name: 1st}\n", "usher.yaml:3: seed.attributes[0]: 1st: "},
		"an unknown type":             {"seed:\n  attributes:\n    - {name: ok}\n    - {name: wrong, type: date}\n", "usher.yaml:4: seed.attributes[1].type: It must be one of"},
		"sensitive and required":      {"seed:\n  attributes:\n    - {name: ssn, sensitive: true, required: true}\n", "usher.yaml:3: seed.attributes[0].sensitive: A property cannot be both"},
		"sensitive and sent anyway":   {"seed:\n  attributes:\n    - {name: email, sensitive: true}\n", "usher.yaml:3: seed.attributes[0].sensitive: Of the base properties only "},
		"a base one of another title": {"seed:\n  attributes:\n    - {name: city, title: Town}\n", "usher.yaml:3: seed.attributes[0].title: It cannot be changed"},
		"a base one of another type":  {"seed:\n  attributes:\n    - {name: city, type: integer}\n", "usher.yaml:3: seed.attributes[0].type: The type of a property cannot be changed."},
		"a base one of other length":  {"seed:\n  attributes:\n    - {name: city, maxLength: 3}\n", "usher.yaml:3: seed.attributes[0].maxLength: It cannot be changed"},
		"a broken pattern":            {"seed:\n  attributes:\n    - {name: code, pattern: \"[\"}\n", "usher.yaml:3: seed.attributes[0].pattern: It is not"},
		"labels that are too few":     {"seed:\n  attributes:\n    - name: plan\n      enum: [a, b]\n      enumTitles: [A]\n", "usher.yaml:5: seed.attributes[0].enumTitles: expected a label for each value of enum"},
		"elements of no array":        {"seed:\n  attributes:\n    - {name: plan, items: string}\n", "usher.yaml:3: seed.attributes[0].items: Only an array"},
		"one attribute twice":         {"seed:\n  attributes:\n    - {name: plan}\n    - {name: plan}\n", "usher.yaml:4: seed.attributes[1].name: the attribute occurs twice"},
		"a group without a name":      {"seed:\n  groups:\n    - ok\n    - ' '\n", "usher.yaml:4: seed.groups[1]: "},

		"an address of the cloud":  {hookOf("      url: http://169.254.169.254/latest\n"), "usher.yaml:4: seed.inlineHooks[0].url: the scheme must be https"},
		"its metadata":             {hookOf("      url: https://169.254.169.254/latest\n"), "usher.yaml:4: seed.inlineHooks[0].url: the address is a cloud metadata service"},
		"an address of this place": {hookOf("      url: https://127.0.0.1/\n"), "usher.yaml:4: seed.inlineHooks[0].url: the address is not public"},
		"no address":               {hookOf("      authHeader: x-key\n      authSecret: s\n"), "usher.yaml:3: seed.inlineHooks[0].url: The field cannot be left blank"},
		"a reserved header":        {hookOf("      url: https://a.example.com/\n      authHeader: Host\n      authSecret: s\n"), "usher.yaml:5: seed.inlineHooks[0].authHeader: The name is reserved."},
		"a further one":            {hookOf("      url: https://a.example.com/\n      headers:\n        - {key: x y, value: v}\n"), "usher.yaml:6: seed.inlineHooks[0].headers[0].key: The name may hold"},
		"a header without secret":  {hookOf("      url: https://a.example.com/\n      authHeader: authorization\n"), "usher.yaml:3: seed.inlineHooks[0].authSecret: The field cannot be left blank"},
		"a secret that is not set": {hookOf("      url: https://a.example.com/\n      authHeader: authorization\n      authSecretEnv: HOOK_SECRET\n"), "usher.yaml:6: seed.inlineHooks[0].authSecretEnv: expected the environment variable HOOK_SECRET"},
		"one hook twice":           {hookOf("      url: https://a.example.com/\n    - name: gate\n"), "usher.yaml:5: seed.inlineHooks[1].name: the hook occurs twice"},

		"a hook that nobody made":      {"seed:\n  enrollment:\n    inlineHook: gate\n", "usher.yaml:3: seed.enrollment.inlineHook: expected the name of an inline hook"},
		"a time that is none":          {"seed:\n  enrollment:\n    runFor: [newUser, always]\n", "usher.yaml:3: seed.enrollment.runFor[1]: expected newUser or existingUser"},
		"a target group without name":  {"seed:\n  enrollment:\n    targetGroup: ' '\n", "usher.yaml:3: seed.enrollment.targetGroup: "},
		"a form without what it needs": {"seed:\n  enrollment:\n    attributes:\n      - {name: email}\n", "usher.yaml:3: seed.enrollment.attributes: 'firstName' is required by the user schema"},
		"one field twice":              {"seed:\n  enrollment:\n    attributes:\n      - {name: email}\n      - {name: firstName}\n      - {name: lastName}\n      - {name: email}\n", "usher.yaml:7: seed.enrollment.attributes[3].name: 'email' occurs twice"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := Open(t.Context(), load(t, tt.file), options())
			if err == nil {
				s.Close()
				t.Fatal("the server opens")
			}
			var named *config.Error
			if !errors.As(err, &named) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("the error is %q, want %q", err, tt.want)
			}
			if strings.Contains(err.Error(), "Api validation") {
				t.Errorf("%q speaks of an API", err)
			}
		})
	}
}

// A mistake anywhere in what can be judged by itself leaves the org as it was.
func TestSeedOfABadFileChangesNothing(t *testing.T) {
	t.Parallel()
	good := load(t, "seed: {groups: [Customers]}\n")
	s := open(t, good)
	told := len(events(t, s.Store))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for name, last := range map[string]string{
		"attribute": "  attributes: [{name: plan}, {name: 1st}]\n",
		"secret":    "  inlineHooks: [{name: gate, url: 'https://a.example.com/', authHeader: a, authSecretEnv: NONE}]\n",
		"runFor":    "  enrollment: {runFor: [never]}\n",
	} {
		bad := load(t, "seed:\n  groups: [Strangers]\n"+last)
		bad.Database, bad.KeyFile = good.Database, good.KeyFile
		if s, err := Open(t.Context(), bad, options()); err == nil {
			s.Close()
			t.Errorf("%s: the server opens", name)
		}
	}
	s = open(t, good)
	defer s.Close()
	if n := len(events(t, s.Store)); n != told {
		t.Errorf("the files wrote %d events", n-told)
	}
}

// Replicas of one deployment start at the same moment.
func TestSeedOfProcessesThatStartAtOnce(t *testing.T) {
	t.Parallel()
	for _, e := range storetest.Engines() {
		t.Run(e.Name, func(t *testing.T) {
			t.Parallel()
			c := load(t, "\ndatabase: "+e.Open(t)+`
seed:
  attributes: [{name: plan}]
  groups: [Customers]
  inlineHooks: [{name: gate, url: "https://hooks.example.com/", authHeader: authorization, authSecret: hush}]
  enrollment: {selfServiceRegistration: true, inlineHook: gate, targetGroup: Customers}
`)
			// The first start makes the keys; files are not made at once by many.
			first, err := keysOf(t, c)
			if err != nil {
				t.Fatal(err)
			}
			if err := first.Close(); err != nil {
				t.Fatal(err)
			}
			const replicas = 4
			type opened struct {
				s   *Server
				err error
			}
			done := make(chan opened, replicas)
			for range replicas {
				go func() {
					s, err := Open(t.Context(), c, options())
					done <- opened{s, err}
				}()
			}
			orgs := map[string]bool{}
			for range replicas {
				o := <-done
				if o.err != nil {
					t.Error(o.err)
					continue
				}
				orgs[o.s.orgID] = true
				state := readSeeded(t, o.s.Store)
				if len(state.hooks) != 1 || state.rule.HookID != state.hooks[0].ID || state.group != "Customers" {
					t.Errorf("hooks %v, rule %+v, group %q", state.hooks, state.rule, state.group)
				}
				if err := o.s.Close(); err != nil {
					t.Error(err)
				}
			}
			if len(orgs) != 1 {
				t.Errorf("%d orgs", len(orgs))
			}
		})
	}
}

// rival is a store in which somebody else is a moment faster.
type rival struct {
	org.Store
	before func()
}

func (r *rival) Update(ctx context.Context, write func(context.Context, *org.Tx) error) error {
	if before := r.before; before != nil {
		r.before = nil
		before()
	}
	return r.Store.Update(ctx, write)
}

func TestSeedOfAHookThatIsMadeMeanwhile(t *testing.T) {
	t.Parallel()
	s := open(t, load(t, "\n"))
	defer s.Close()
	input := func(name, uri string) admin.HookInput {
		return admin.HookInput{
			Name: name, Type: hook.TypeRegistration, Version: "1.0.0",
			Channel: admin.ChannelInput{Type: org.ChannelHTTP, Version: "1.0.0", URI: uri},
		}
	}
	ours := *s.Admin
	ours.Store = &rival{s.Store, func() {
		if _, err := s.Admin.CreateHook(t.Context(), admin.By{}, input("gate", "https://theirs.example.com/")); err != nil {
			t.Error(err)
		}
	}}
	seeder := newSeeder(&ours, s.config, noEnv)
	if err := seeder.putHook(t.Context(), input("gate", "https://ours.example.com/")); err != nil {
		t.Fatal(err)
	}
	if hooks := readSeeded(t, s.Store).hooks; len(hooks) != 1 || hooks[0].Channel.URI != "https://ours.example.com/" {
		t.Errorf("hooks %+v", hooks)
	}
	// What is refused for another reason is refused.
	if err := seeder.putHook(t.Context(), input("other", "http://ours.example.com/")); err == nil || !strings.Contains(err.Error(), "the scheme must be https") {
		t.Errorf("the error is %v", err)
	}
}

func TestSeedSchema(t *testing.T) {
	t.Parallel()
	schema, err := SeedSchema(load(t, "seed:\n  attributes:\n    - {name: plan, enum: [a]}\n    - {name: city, sensitive: true}\n"))
	if err != nil {
		t.Fatal(err)
	}
	if a, ok := schema.Attribute("plan"); !ok || len(a.Enum) != 1 || !schema.Sensitive("city") || schema.Sensitive("state") {
		t.Errorf("plan is %+v", a)
	}
	if _, err := SeedSchema(load(t, "seed:\n  attributes:\n    - {name: a b}\n")); err == nil || !strings.Contains(err.Error(), "usher.yaml:3: seed.attributes[0]") {
		t.Errorf("the error is %v", err)
	}
}
