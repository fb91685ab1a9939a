package server

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/usher-id/usher/hook"
	"github.com/usher-id/usher/internal/admin"
	"github.com/usher-id/usher/internal/config"
	"github.com/usher-id/usher/internal/eventlog"
	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/id"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/profile"
)

// seeder sets an org up as the configuration file says, through the same package
// as every other change.
type seeder struct {
	admin  *admin.Service
	config *config.Config
	getenv func(string) string
	by     admin.By
}

func newSeeder(a *admin.Service, c *config.Config, getenv func(string) string) *seeder {
	return &seeder{admin: a, config: c, getenv: getenv, by: admin.By{RequestID: id.Request(), Actor: eventlog.System()}}
}

// run gives the id of the org.
func (s *seeder) run(ctx context.Context) (orgID string, err error) {
	if orgID, err = s.admin.SetUp(ctx, s.by); err != nil {
		return "", err
	}
	if err := s.attributes(ctx); err != nil {
		return "", err
	}
	for i, name := range s.config.Seed.Groups {
		if _, err := s.admin.EnsureGroup(ctx, s.by, name); err != nil {
			return "", s.at(err, fmt.Sprintf("seed.groups[%d]", i))
		}
	}
	hooks, err := s.hooks(ctx)
	if err != nil {
		return "", err
	}
	return orgID, s.enrollment(ctx, hooks)
}

// at names the key and the line of a value that a rule refused. Errors of usher's
// own stay what they are.
func (s *seeder) at(err error, key string) error {
	f := fault.As(err)
	if f == nil {
		return err
	}
	return s.config.At(key, f.Error())
}

func (s *seeder) attributes(ctx context.Context) error {
	for i, a := range s.config.Seed.Attributes {
		if err := s.admin.PutAttributes(ctx, s.by, attribute(a)); err != nil {
			return s.at(err, fmt.Sprintf("seed.attributes[%d]", i))
		}
	}
	return nil
}

func attribute(a config.Attribute) profile.Attribute {
	if base, ok := profile.Base(a.Name); ok {
		// What the file does not say of a base attribute stays as it is.
		base.Sensitive = a.Sensitive
		if a.Permission != "" {
			base.Permission = a.Permission
		}
		if a.Pattern != "" {
			base.Pattern = a.Pattern
		}
		return base
	}
	out := profile.Attribute{
		Name: a.Name, Title: a.Title, Description: a.Description, Type: profile.Type(a.Type),
		Required: a.Required, Sensitive: a.Sensitive, MinLength: a.MinLength, MaxLength: a.MaxLength,
		Minimum: json.Number(a.Minimum), Maximum: json.Number(a.Maximum),
		Pattern: a.Pattern, Format: a.Format, Mutability: a.Mutability, Permission: a.Permission,
	}
	if out.Title == "" {
		out.Title = a.Name
	}
	values, choices := choices(a, out.Type)
	if out.Type == profile.Array {
		out.Items = &profile.Items{Type: profile.Type(a.Items), Enum: values, OneOf: choices}
	} else {
		out.Enum, out.OneOf = values, choices
	}
	return out
}

// choices turns the texts of the file into values of the attribute's type.
func choices(a config.Attribute, t profile.Type) (values []any, choices []profile.Choice) {
	if t == profile.Array {
		t = profile.Type(a.Items)
	}
	for i, text := range a.Enum {
		var v any = text
		if t == profile.Integer || t == profile.Number {
			v = json.Number(text)
		}
		values = append(values, v)
		if len(a.EnumTitles) == len(a.Enum) {
			choices = append(choices, profile.Choice{Const: v, Title: a.EnumTitles[i]})
		}
	}
	return values, choices
}

// hooks makes or changes the hooks that the file names, and gives the ids of all
// hooks by name.
func (s *seeder) hooks(ctx context.Context) (map[string]string, error) {
	all, err := s.admin.Hooks(ctx, hook.TypeRegistration)
	if err != nil {
		return nil, err
	}
	ids := make(map[string]string, len(all))
	for _, h := range all {
		ids[h.Name] = h.ID
	}
	for i, c := range s.config.Seed.InlineHooks {
		key := fmt.Sprintf("seed.inlineHooks[%d]", i)
		in, err := s.hook(c, key)
		if err != nil {
			return nil, err
		}
		hookID, ok := ids[c.Name]
		if !ok {
			h, err := s.admin.CreateHook(ctx, s.by, in)
			if err != nil {
				return nil, s.at(err, key)
			}
			ids[c.Name] = h.ID
		} else if _, err := s.admin.ReplaceHook(ctx, s.by, hookID, in); err != nil {
			return nil, s.at(err, key)
		}
	}
	return ids, nil
}

func (s *seeder) hook(c config.InlineHook, key string) (admin.HookInput, error) {
	in := admin.HookInput{
		Name: c.Name, Type: hook.TypeRegistration, Version: "1.0.0",
		Channel: admin.ChannelInput{Type: org.ChannelHTTP, Version: "1.0.0", URI: c.URL},
	}
	for _, h := range c.Headers {
		in.Channel.Headers = append(in.Channel.Headers, org.Header{Key: h.Key, Value: h.Value})
	}
	secret := c.AuthSecret
	if c.AuthSecretEnv != "" {
		if secret = s.getenv(c.AuthSecretEnv); secret == "" {
			return in, s.config.At(key+".authSecretEnv", "expected the environment variable "+c.AuthSecretEnv+" to hold the secret")
		}
	}
	if c.AuthHeader != "" || secret != "" {
		in.Channel.Auth = &admin.AuthInput{Type: org.AuthSchemeHeader, Key: c.AuthHeader, Value: &secret}
	}
	return in, nil
}

func (s *seeder) enrollment(ctx context.Context, hooks map[string]string) error {
	e := s.config.Seed.Enrollment
	if e == nil {
		return nil
	}
	p, err := s.admin.DefaultPolicy(ctx)
	if err != nil {
		return err
	}
	rule := p.Rule
	rule.UnknownUserAction = org.ActionDeny
	if e.SelfServiceRegistration {
		rule.UnknownUserAction = org.ActionRegister
	}
	rule.EmailVerification = e.EmailVerification
	if len(e.Attributes) > 0 {
		rule.Attributes = nil
	}
	for _, a := range e.Attributes {
		rule.Attributes = append(rule.Attributes, org.FormAttribute(a))
	}
	if rule.Triggers, err = s.triggers(e.RunFor); err != nil {
		return err
	}
	rule.HookID = ""
	if e.InlineHook != "" {
		if rule.HookID = hooks[e.InlineHook]; rule.HookID == "" {
			return s.config.At("seed.enrollment.inlineHook", "expected the name of an inline hook")
		}
	}
	rule.TargetGroupID = ""
	if e.TargetGroup != "" {
		g, err := s.admin.EnsureGroup(ctx, s.by, e.TargetGroup)
		if err != nil {
			return s.at(err, "seed.enrollment.targetGroup")
		}
		rule.TargetGroupID = g.ID
	}
	_, err = s.admin.PutRule(ctx, s.by, p.ID, rule)
	return s.at(err, "seed.enrollment")
}

func (s *seeder) triggers(runFor []string) (t org.Triggers, err error) {
	if len(runFor) == 0 {
		return org.Triggers{NewUser: true, ExistingUser: true}, nil
	}
	for i, when := range runFor {
		switch when {
		case "newUser":
			t.NewUser = true
		case "existingUser":
			t.ExistingUser = true
		default:
			return t, s.config.At(fmt.Sprintf("seed.enrollment.runFor[%d]", i), "expected newUser or existingUser")
		}
	}
	return t, nil
}

// SeedSchema is the user schema of a configuration file by itself, for checks
// without a database.
func SeedSchema(c *config.Config) (*profile.Schema, error) {
	list := make([]profile.Attribute, len(c.Seed.Attributes))
	for i, a := range c.Seed.Attributes {
		list[i] = attribute(a)
	}
	return profile.NewSchema(list...)
}
