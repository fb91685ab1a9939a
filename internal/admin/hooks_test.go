package admin_test

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/usher-id/usher/hook"
	"github.com/usher-id/usher/internal/admin"
	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/org"
)

func TestCreateHook(t *testing.T) {
	onEngines(t, func(o *office) {
		in := input("Only example.com ✓")
		in.Version = "1.0.2"
		in.Channel.URI = "https://HOOKS.example.com./registration?code=1"
		h, err := o.CreateHook(o.Context(), o.by, in)
		if err != nil {
			o.Fatal(err)
		}
		want := &org.InlineHook{
			ID: h.ID, Name: "Only example.com ✓", Type: hook.TypeRegistration, Status: org.StatusActive, APIVersion: "1.0.2",
			Channel: org.Channel{
				Type: "HTTP", Version: "1.0.0", URI: "https://hooks.example.com/registration?code=1", Method: "POST",
				Headers: []org.Header{{Key: "X-Two", Value: "2"}, {Key: "x-one", Value: "1"}},
				Auth:    &org.HeaderAuth{Key: "authorization", Value: org.NewSecret("hush hush")},
			},
			Created: h.Created, LastUpdated: h.Created, Version: 1,
		}
		stored, err := o.Hook(o.Context(), h.ID)
		if err != nil || !reflect.DeepEqual(h, want) || !reflect.DeepEqual(stored, want) {
			o.Errorf("hook is %+v, stored %+v (%v), want %+v", h, stored, err, want)
		}
		if len(h.ID) != 20 || !strings.HasPrefix(h.ID, "cal") {
			o.Errorf("id is %q", h.ID)
		}
		o.wantEvents("inline_hook.created " + h.ID)
	})
}

func TestHookRules(t *testing.T) {
	long := strings.Repeat("x", 256)
	empty := ""
	const (
		uri  = "channel.config.uri: "
		auth = "channel.config.authScheme"
	)
	cases := map[string]struct {
		change func(*admin.HookInput)
		causes []string // none for a hook that is allowed
	}{
		"the longest name":    {func(in *admin.HookInput) { in.Name = strings.Repeat("é", 255) }, nil},
		"no name":             {func(in *admin.HookInput) { in.Name = "" }, []string{"name: The field cannot be left blank"}},
		"blank name":          {func(in *admin.HookInput) { in.Name = " \u00a0" }, []string{"name: The field cannot be left blank"}},
		"name too long":       {func(in *admin.HookInput) { in.Name = long }, []string{"name: must have at most 255 characters"}},
		"name with an escape": {func(in *admin.HookInput) { in.Name = "a\x1b[2J" }, []string{"name: must not have control characters"}},
		"name not UTF-8":      {func(in *admin.HookInput) { in.Name = "a\xff" }, []string{"name: must not have control characters"}},
		"unknown type": {func(in *admin.HookInput) { in.Type = "com.okta.event_hook" },
			[]string{"type: must be one of " + strings.Join(hook.Types[:], ", ")}},
		"version":         {func(in *admin.HookInput) { in.Version = "1.0" }, []string{"version: must have the form 1.0.0"}},
		"channel version": {func(in *admin.HookInput) { in.Channel.Version = "v1.0.0" }, []string{"channel.version: must have the form 1.0.0"}},
		"channel type":    {func(in *admin.HookInput) { in.Channel.Type = "http" }, []string{"channel.type: must be HTTP or OAUTH"}},
		"method GET":      {func(in *admin.HookInput) { in.Channel.Method = "GET" }, []string{"channel.config.method: must be POST"}},
		"no method":       {func(in *admin.HookInput) { in.Channel.Method = "" }, nil},
		"no uri":          {func(in *admin.HookInput) { in.Channel.URI = "" }, []string{uri + "The field cannot be left blank"}},
		"plain http":      {func(in *admin.HookInput) { in.Channel.URI = "http://example.com/" }, []string{uri + "the scheme must be https"}},
		"listed http":     {func(in *admin.HookInput) { in.Channel.URI = "http://hook:3000/?a=b" }, nil},
		"uri with space":  {func(in *admin.HookInput) { in.Channel.URI = "https://example.com/a b" }, []string{uri + "the URL holds a space, a control character or a backslash"}},
		"uri too long":    {func(in *admin.HookInput) { in.Channel.URI = "https://example.com/" + strings.Repeat("a", 1024) }, []string{uri + "the URL is longer than 1,024 bytes"}},
		"private uri":     {func(in *admin.HookInput) { in.Channel.URI = "https://127.0.0.1/" }, []string{uri + "the address is not public"}},
		"no auth":         {func(in *admin.HookInput) { in.Channel.Auth = nil }, nil},
		"telephony without auth": {func(in *admin.HookInput) { in.Type, in.Channel.Auth = hook.TypeTelephony, nil },
			[]string{auth + ": The field cannot be left blank"}},
		"auth type in lower case": {func(in *admin.HookInput) { in.Channel.Auth.Type = "header" }, nil},
		"auth type":               {func(in *admin.HookInput) { in.Channel.Auth.Type = "BASIC" }, []string{auth + ".type: must be HEADER"}},
		"no secret":               {func(in *admin.HookInput) { in.Channel.Auth.Value = nil }, []string{auth + ".value: The field cannot be left blank"}},
		"empty secret":            {func(in *admin.HookInput) { in.Channel.Auth.Value = &empty }, []string{auth + ".value: The field cannot be left blank"}},
		"no auth key":             {func(in *admin.HookInput) { in.Channel.Auth.Key = "" }, []string{auth + ".key: The name is missing."}},
		"header with a space": {func(in *admin.HookInput) { in.Channel.Headers[1].Key = "Field 1" },
			[]string{"channel.config.headers[1].key: The name may hold letters, digits and !#$%&'*+-.^_`|~ only."}},
		"reserved header": {func(in *admin.HookInput) { in.Channel.Headers[0].Key = "accept" }, []string{"channel.config.headers[0].key: The name is reserved."}},
		"the secret's name twice": {func(in *admin.HookInput) { in.Channel.Headers[0].Key = "Authorization" },
			[]string{"channel.config.headers[0].key: The name is that of authScheme.key: the case of a header name makes no difference."}},
		"all at once": {func(in *admin.HookInput) { *in = admin.HookInput{} }, []string{
			"name: The field cannot be left blank",
			"type: must be one of " + strings.Join(hook.Types[:], ", "),
			"version: must have the form 1.0.0",
			"channel.type: must be HTTP or OAUTH",
			"channel.version: must have the form 1.0.0",
			uri + "The field cannot be left blank",
		}},
	}
	onEngines(t, func(o *office) {
		existing := o.hook("existing")
		allowed := 0
		for name, c := range cases {
			in := input("hook of " + name)
			c.change(&in)
			h, err := o.CreateHook(o.Context(), o.by, in)
			if c.causes == nil {
				allowed++
				if err != nil {
					o.Errorf("%s: %v", name, err)
				}
				continue
			}
			o.Run(name, func(t *testing.T) {
				refused(t, err, fault.Invalid, c.causes...)
				if h != nil {
					t.Error("there is a hook beside the error")
				}
			})
		}
		if list, err := o.Hooks(o.Context(), ""); err != nil || len(list) != 1+allowed {
			o.Errorf("%d hooks, want %d (%v)", len(list), 1+allowed, err)
		}

		// The same rules, with the type that it has.
		in := input("replaced")
		in.Type, in.Version = "ignored", "one"
		h, err := o.ReplaceHook(o.Context(), o.by, existing.ID, in)
		refused(o.T, err, fault.Invalid, "version: must have the form 1.0.0")
		if h != nil {
			o.Error("there is a hook beside the error")
		}
	})
}

func TestHooksByType(t *testing.T) {
	onEngines(t, func(o *office) {
		registration := o.hook("registration")
		in := input("telephony")
		in.Type = hook.TypeTelephony
		telephony, err := o.CreateHook(o.Context(), o.by, in)
		if err != nil {
			o.Fatal(err)
		}
		for hookType, want := range map[string][]string{
			"":                    {registration.ID, telephony.ID},
			hook.TypeRegistration: {registration.ID},
			hook.TypeTelephony:    {telephony.ID},
			hook.TypeSAML:         {},
		} {
			list, err := o.Hooks(o.Context(), hookType)
			got := []string{}
			for _, h := range list {
				got = append(got, h.ID)
			}
			if err != nil || !reflect.DeepEqual(got, want) {
				o.Errorf("hooks of type %q are %v, want %v (%v)", hookType, got, want, err)
			}
		}
		_, err = o.Hooks(o.Context(), "com.okta.none")
		refused(o.T, err, fault.Invalid, "type: must be one of "+strings.Join(hook.Types[:], ", "))
	})
}

func TestHookNameIsUnique(t *testing.T) {
	const taken = "name: An object with this field already exists in the current organization"
	onEngines(t, func(o *office) {
		o.hook("one")
		two := o.hook("two")
		_, err := o.CreateHook(o.Context(), o.by, input("one"))
		refused(o.T, err, fault.Invalid, taken)
		_, err = o.ReplaceHook(o.Context(), o.by, two.ID, input("one"))
		refused(o.T, err, fault.Invalid, taken)
	})
}

func TestNotMoreThanAHundredHooks(t *testing.T) {
	onEngines(t, func(o *office) {
		for i := range 100 {
			o.hook(fmt.Sprint("hook ", i))
		}
		_, err := o.CreateHook(o.Context(), o.by, input("one too many"))
		refused(o.T, err, fault.Invalid, ": An organization can have 100 inline hooks.")
		if list, err := o.Hooks(o.Context(), ""); err != nil || len(list) != 100 {
			o.Errorf("%d hooks (%v)", len(list), err)
		}
	})
}

func TestReplaceHook(t *testing.T) {
	onEngines(t, func(o *office) {
		h := o.hook("before")
		if _, err := o.DeactivateHook(o.Context(), o.by, h.ID); err != nil {
			o.Fatal(err)
		}
		in := input("after")
		in.Type = hook.TypeSAML // neither is the client's to change
		in.Version = "1.0.1"
		in.Channel.URI = "https://hooks.example.com/other"
		in.Channel.Headers = nil // left out is emptied
		in.Channel.Auth.Value = nil
		in.Channel.Auth.Key = "Authorization" // names of headers differ by more than case
		got, err := o.ReplaceHook(o.Context(), o.by, h.ID, in)
		if err != nil {
			o.Fatal(err)
		}
		want := *h
		want.Name, want.APIVersion, want.Status, want.Version, want.LastUpdated = "after", "1.0.1", org.StatusInactive, 3, got.LastUpdated
		want.Channel = org.Channel{
			Type: "HTTP", Version: "1.0.0", URI: "https://hooks.example.com/other", Method: "POST",
			Auth: &org.HeaderAuth{Key: "Authorization", Value: org.NewSecret("hush hush")},
		}
		stored, err := o.Hook(o.Context(), h.ID)
		if err != nil || !reflect.DeepEqual(got, &want) || !reflect.DeepEqual(stored, &want) {
			o.Errorf("hook is %+v, stored %+v (%v), want %+v", got, stored, err, want)
		}
		if !got.LastUpdated.After(h.LastUpdated) {
			o.Error("lastUpdated has not moved")
		}

		// The same once more is no change.
		again, err := o.ReplaceHook(o.Context(), o.by, h.ID, in)
		if err != nil || !reflect.DeepEqual(again, stored) {
			o.Errorf("hook is %+v (%v), want %+v", again, err, stored)
		}
		o.wantEvents("inline_hook.created "+h.ID, "inline_hook.deactivated "+h.ID, "inline_hook.updated "+h.ID)
	})
}

func TestLifecycleIsIdempotent(t *testing.T) {
	onEngines(t, func(o *office) {
		h := o.hook("hook")
		o.attach(h.ID)
		for _, step := range []struct {
			change func(context.Context, admin.By, string) (*org.InlineHook, error)
			status string
		}{
			{o.ActivateHook, org.StatusActive}, {o.DeactivateHook, org.StatusInactive}, {o.DeactivateHook, org.StatusInactive},
			{o.ActivateHook, org.StatusActive}, {o.ActivateHook, org.StatusActive},
		} {
			got, err := step.change(o.Context(), o.by, h.ID)
			if err != nil || got.Status != step.status {
				o.Fatalf("hook is %+v (%v), want status %s", got, err, step.status)
			}
		}
		o.wantEvents("inline_hook.created "+h.ID, "policy.rule.update "+o.policy().Rule.ID,
			"inline_hook.deactivated "+h.ID, "inline_hook.activated "+h.ID)
	})
}

func (o *office) policy() *org.Policy {
	o.Helper()
	p, err := o.DefaultPolicy(o.Context())
	if err != nil {
		o.Fatal(err)
	}
	return p
}

func TestDeleteHook(t *testing.T) {
	onEngines(t, func(o *office) {
		h := o.hook("hook")
		refused(o.T, o.DeleteHook(o.Context(), o.by, h.ID), fault.Invalid, ": The inline hook is active. Deactivate it first.")
		p := o.attach(h.ID)
		refused(o.T, o.DeleteHook(o.Context(), o.by, h.ID), fault.Invalid,
			": The inline hook is active and used by: Default Policy. Deactivate it first.")
		if _, err := o.DeactivateHook(o.Context(), o.by, h.ID); err != nil {
			o.Fatal(err)
		}
		if err := o.DeleteHook(o.Context(), o.by, h.ID); err != nil {
			o.Fatal(err)
		}
		if detached := o.policy(); detached.Rule.HookID != "" || !detached.Rule.LastUpdated.After(p.Rule.LastUpdated) {
			o.Errorf("policy is %+v", detached)
		}
		o.wantEvents("inline_hook.created "+h.ID, "policy.rule.update "+p.Rule.ID,
			"inline_hook.deactivated "+h.ID, "inline_hook.deleted "+h.ID, "policy.rule.update "+p.Rule.ID)
		refused(o.T, o.DeleteHook(o.Context(), o.by, h.ID), fault.NotFound)
	})
}

func TestUnknownHook(t *testing.T) {
	onEngines(t, func(o *office) {
		ctx, noHook := o.Context(), "calnone"
		for name, call := range map[string]func() (*org.InlineHook, error){
			"get":        func() (*org.InlineHook, error) { return o.Hook(ctx, noHook) },
			"replace":    func() (*org.InlineHook, error) { return o.ReplaceHook(ctx, o.by, noHook, input("x")) },
			"activate":   func() (*org.InlineHook, error) { return o.ActivateHook(ctx, o.by, noHook) },
			"deactivate": func() (*org.InlineHook, error) { return o.DeactivateHook(ctx, o.by, noHook) },
			"delete":     func() (*org.InlineHook, error) { return nil, o.DeleteHook(ctx, o.by, noHook) },
			"preview": func() (*org.InlineHook, error) {
				_, err := o.PreviewHook(ctx, o.by, noHook, nil)
				return nil, err
			},
		} {
			h, err := call()
			if f := fault.As(err); h != nil || f == nil || f.Kind != fault.NotFound || f.Summary != "Not found: Resource not found: calnone (InlineHook)" {
				o.Errorf("%s: %+v, error %v", name, h, err)
			}
		}
	})
}
