package enroll_test

import (
	"context"
	"testing"

	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/profile"
)

// ownPolicy makes an app with a policy of its own, by which the hook is not asked.
func (w *world) ownPolicy(change ...func(*org.App, *org.Policy)) (*org.App, *org.Policy) {
	w.Helper()
	own := *w.policy
	own.ID, own.Source, own.Name, own.System = "rst2", "reg2", "Shop", false
	own.Rule.HookID = ""
	own.Rule.Attributes = fields(profile.Email, profile.LastName, profile.FirstName, "costCentre")
	app := &org.App{ID: "0oa1", ClientID: "shop", Name: org.AppOIDC, Label: "Shop", Status: org.StatusActive, PolicyID: own.ID}
	for _, f := range change {
		f(app, &own)
	}
	w.update(func(ctx context.Context, tx *org.Tx) error {
		if err := tx.Policies.Create(ctx, &own); err != nil {
			return err
		}
		return tx.Apps.Create(ctx, app)
	})
	return app, &own
}

// Who signs up for an app does so by the app's policy; who names no app, by the
// default one.
func TestAppsHaveTheirPolicies(t *testing.T) {
	onEngines(t, func(t *testing.T, url string) {
		w := newWorld(t, url)
		app, own := w.ownPolicy()
		for client, want := range map[string]struct {
			policy string
			fields []string
		}{
			"":           {w.policy.ID, []string{"firstName", "lastName", "email"}},
			app.ClientID: {own.ID, []string{"email", "lastName", "firstName", "costCentre"}},
		} {
			f, err := w.enroll.Form(t.Context(), client)
			if err != nil {
				t.Fatalf("%q: %v", client, err)
			}
			equal(t, "policy", []string{f.PolicyID}, []string{want.policy})
			equal(t, "fields", f.Names(), want.fields)
		}
		sub := with(person("shop@example.com"), "costCentre", "R-220")
		sub.ClientID = app.ClientID
		if r, err := w.register(sub); err != nil || r.User == nil || r.User.Profile.Text("costCentre") != "R-220" {
			t.Fatalf("got %+v, %v", r, err)
		}
		w.expect(counts{Hashed: 1, Users: 1, Events: 2})
		if r, err := w.register(with(person("org@example.com"), "costCentre", "R-220")); err != nil || r.User.Profile.Text("costCentre") != "" {
			t.Fatalf("got %+v, %v", r, err)
		}
		w.expect(counts{Asked: 1, Hashed: 2, Users: 2, Calls: 1, Events: 5})

		w.update(func(ctx context.Context, tx *org.Tx) error { return tx.Policies.Delete(ctx, own.ID) })
		if f, err := w.enroll.Form(t.Context(), app.ClientID); err != nil || f.PolicyID != w.policy.ID {
			t.Errorf("an app without policy has %+v (%v)", f, err)
		}
	})
}

// Nobody gets in by another policy than that of the app, nor by one that is
// closed meanwhile.
func TestAppsThatLetNobodyIn(t *testing.T) {
	onEngines(t, func(t *testing.T, url string) {
		for name, c := range map[string]struct {
			client string
			change func(*org.App, *org.Policy)
		}{
			"an app that is none":     {"till", nil},
			"the id of another thing": {"rst2", nil},
			"an inactive app":         {"shop", func(a *org.App, _ *org.Policy) { a.Status = org.StatusInactive }},
			"an inactive policy":      {"shop", func(_ *org.App, p *org.Policy) { p.Status = org.StatusInactive }},
			"a closed policy":         {"shop", func(_ *org.App, p *org.Policy) { p.Rule.UnknownUserAction = org.ActionDeny }},
		} {
			t.Run(name, func(t *testing.T) {
				w := newWorld(t, url)
				if c.change == nil {
					c.change = func(*org.App, *org.Policy) {}
				}
				app, own := w.ownPolicy(c.change)
				if open, err := w.enroll.Open(t.Context(), c.client); open || err != nil {
					t.Errorf("open: %v, %v", open, err)
				}
				sub := person("a@example.com")
				sub.ClientID = c.client
				if r, err := w.register(sub); !fault.Is(err, fault.Forbidden) {
					t.Errorf("registration: %+v, %v", r, err)
				}
				w.expect(counts{})
				w.update(func(ctx context.Context, tx *org.Tx) error { // for the next one to make
					if err := tx.Apps.Delete(ctx, app.ID); err != nil {
						return err
					}
					return tx.Policies.Delete(ctx, own.ID)
				})
			})
		}
	})
}
