package server

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

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

// run gives the id of the org. Whatever can be judged without the database is
// judged before the first write, so that a file with a mistake changes nothing.
func (s *seeder) run(ctx context.Context) (orgID string, err error) {
	if _, err := SeedSchema(s.config); err != nil {
		return "", err
	}
	hooks := make([]admin.HookInput, len(s.config.Seed.InlineHooks))
	for i := range hooks {
		if hooks[i], err = s.hook(i); err != nil {
			return "", err
		}
	}
	triggers, err := s.triggers()
	if err != nil {
		return "", err
	}
	if orgID, err = s.admin.SetUp(ctx, s.by); err != nil {
		return "", err
	}
	if err := s.attributes(ctx); err != nil {
		return "", err
	}
	for i, name := range s.config.Seed.Groups {
		if _, err := s.admin.EnsureGroup(ctx, s.by, name); err != nil {
			return "", at(s.config, err, fmt.Sprintf("seed.groups[%d]", i))
		}
	}
	for i, in := range hooks {
		if err := s.putHook(ctx, in); err != nil {
			return "", at(s.config, err, hookKey(i), "channel.config.authScheme.key", "authHeader",
				"channel.config.authScheme.value", "authSecret", "channel.config.uri", "url", "channel.config.headers", "headers")
		}
	}
	return orgID, s.enrollment(ctx, triggers)
}

// at names the key and the line of each value that a rule refused. names are the
// properties of the API as the file calls them. Errors of usher's own stay what
// they are.
func at(c *config.Config, err error, key string, names ...string) error {
	f := fault.As(err)
	if f == nil {
		return err
	}
	if len(f.Causes) == 0 {
		return c.At(key, f.Summary)
	}
	inFile := strings.NewReplacer(names...)
	var all []error
	for _, cause := range f.Causes {
		place, text := key, cause.Text
		if property := inFile.Replace(cause.Field); property != cause.Field {
			place += "." + property
		} else if cause.Field != "" {
			text = cause.Field + ": " + text
		}
		all = append(all, c.At(place, text))
	}
	return errors.Join(all...)
}

func (s *seeder) attributes(ctx context.Context) error {
	for i := range s.config.Seed.Attributes {
		a, err := attribute(s.config, i)
		if err != nil {
			return err
		}
		if err := s.admin.PutAttributes(ctx, s.by, a); err != nil {
			return at(s.config, err, attributeKey(i), a.Name+".", "")
		}
	}
	return nil
}

func attributeKey(i int) string { return fmt.Sprintf("seed.attributes[%d]", i) }

// attribute is one of the file as the schema knows it.
func attribute(c *config.Config, i int) (profile.Attribute, error) {
	a := c.Seed.Attributes[i]
	if slices.ContainsFunc(c.Seed.Attributes[:i], func(b config.Attribute) bool { return a.Name == b.Name }) {
		return profile.Attribute{}, c.At(attributeKey(i)+".name", "the attribute occurs twice")
	}
	out := profile.Attribute{Name: a.Name, Title: a.Name}
	if base, ok := profile.Base(a.Name); ok {
		out = base // what the file does not say of it stays as it is
	}
	out.Type, out.Sensitive = profile.Type(a.Type), a.Sensitive
	out.Required = out.Required || a.Required
	for _, text := range []struct {
		to   *string
		from string
	}{
		{&out.Title, a.Title}, {&out.Description, a.Description}, {&out.Pattern, a.Pattern}, {&out.Format, a.Format},
		{&out.Mutability, a.Mutability}, {&out.Permission, a.Permission},
		{(*string)(&out.Minimum), a.Minimum}, {(*string)(&out.Maximum), a.Maximum},
	} {
		*text.to = cmp.Or(text.from, *text.to)
	}
	out.MinLength, out.MaxLength = cmp.Or(a.MinLength, out.MinLength), cmp.Or(a.MaxLength, out.MaxLength)
	if n := len(a.EnumTitles); n > 0 && n != len(a.Enum) {
		return out, c.At(attributeKey(i)+".enumTitles", "expected a label for each value of enum")
	}
	if out.Type == profile.Array || a.Items != "" {
		out.Items = &profile.Items{Type: profile.Type(a.Items)}
		out.Items.Enum, out.Items.OneOf = choices(a, out.Items.Type)
	} else {
		out.Enum, out.OneOf = choices(a, out.Type)
	}
	return out, nil
}

// choices turns the texts of the file into values of a type.
func choices(a config.Attribute, t profile.Type) (values []any, choices []profile.Choice) {
	for i, text := range a.Enum {
		var v any = text
		if t == profile.Integer || t == profile.Number {
			v = json.Number(text)
		}
		values = append(values, v)
		if len(a.EnumTitles) > 0 {
			choices = append(choices, profile.Choice{Const: v, Title: a.EnumTitles[i]})
		}
	}
	return values, choices
}

func hookKey(i int) string { return fmt.Sprintf("seed.inlineHooks[%d]", i) }

// hook is one of the file as a client of the API would send it.
func (s *seeder) hook(i int) (admin.HookInput, error) {
	c := s.config.Seed.InlineHooks[i]
	if slices.ContainsFunc(s.config.Seed.InlineHooks[:i], func(h config.InlineHook) bool { return c.Name == h.Name }) {
		return admin.HookInput{}, s.config.At(hookKey(i)+".name", "the hook occurs twice")
	}
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
			return in, s.config.At(hookKey(i)+".authSecretEnv", "expected the environment variable "+c.AuthSecretEnv+" to hold the secret")
		}
	}
	if c.AuthHeader != "" || secret != "" {
		in.Channel.Auth = &admin.AuthInput{Type: org.AuthSchemeHeader, Key: c.AuthHeader, Value: &secret}
	}
	return in, nil
}

// putHook makes the hook, or changes the one of that name.
func (s *seeder) putHook(ctx context.Context, in admin.HookInput) error {
	hookID, err := s.hookID(ctx, in.Name)
	if err != nil {
		return err
	}
	if hookID == "" {
		_, err = s.admin.CreateHook(ctx, s.by, in)
		if err == nil {
			return nil
		}
		// Replicas start at the same moment with the same file: another may have
		// made it meanwhile.
		var lookUp error
		if hookID, lookUp = s.hookID(ctx, in.Name); lookUp != nil || hookID == "" {
			return errors.Join(err, lookUp)
		}
	}
	_, err = s.admin.ReplaceHook(ctx, s.by, hookID, in)
	return err
}

// hookID is the id of the hook of a name, or "".
func (s *seeder) hookID(ctx context.Context, name string) (string, error) {
	all, err := s.admin.Hooks(ctx, hook.TypeRegistration)
	if i := slices.IndexFunc(all, func(h *org.InlineHook) bool { return h.Name == name }); i >= 0 {
		return all[i].ID, err
	}
	return "", err
}

func (s *seeder) enrollment(ctx context.Context, triggers org.Triggers) error {
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
	rule.Triggers = triggers
	rule.HookID = ""
	if e.InlineHook != "" {
		if rule.HookID, err = s.hookID(ctx, e.InlineHook); err != nil {
			return err
		}
		if rule.HookID == "" {
			return s.config.At("seed.enrollment.inlineHook", "expected the name of an inline hook")
		}
	}
	rule.TargetGroupID = ""
	if e.TargetGroup != "" {
		g, err := s.admin.EnsureGroup(ctx, s.by, e.TargetGroup)
		if err != nil {
			return at(s.config, err, "seed.enrollment.targetGroup")
		}
		rule.TargetGroupID = g.ID
	}
	_, err = s.admin.PutRule(ctx, s.by, p.ID, rule)
	return at(s.config, err, "seed.enrollment",
		"actions.profileEnrollment.profileAttributes", "attributes", "actions.profileEnrollment.preRegistrationInlineHooks", "inlineHook")
}

// triggers is when the hook of the file runs.
func (s *seeder) triggers() (t org.Triggers, err error) {
	e := s.config.Seed.Enrollment
	if e == nil || len(e.RunFor) == 0 {
		return org.Triggers{NewUser: true, ExistingUser: true}, nil
	}
	for i, when := range e.RunFor {
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
	schema, err := profile.NewSchema()
	for i := range c.Seed.Attributes {
		if err != nil {
			return nil, err
		}
		var a profile.Attribute
		if a, err = attribute(c, i); err != nil {
			return nil, err
		}
		schema, err = schema.With(a)
		err = at(c, err, attributeKey(i), a.Name+".", "")
	}
	return schema, err
}
