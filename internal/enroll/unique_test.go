package enroll_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/usher-id/usher/internal/enroll"
	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/password"
	"github.com/usher-id/usher/internal/profile"
)

// withCard gives the org an attribute that must be unique, on the form or not.
func withCard(t *testing.T, url string, onForm bool) *world {
	t.Helper()
	w := newWorld(t, url, form(fields(profile.FirstName, profile.LastName, profile.Email)...))
	w.update(func(ctx context.Context, tx *org.Tx) error {
		schema, err := profile.NewSchema(profile.Attribute{Name: "card", Title: "Card", Type: profile.String, Unique: true})
		if err != nil {
			return err
		}
		if err := tx.Schemas.Put(ctx, "", schema); err != nil {
			return err
		}
		if onForm {
			w.policy.Rule.Attributes = append(w.policy.Rule.Attributes, org.FormAttribute{Name: "card", Label: "Number of the card"})
		}
		return tx.Policies.Update(ctx, w.policy)
	})
	return w
}

func TestUniqueValueIsTaken(t *testing.T) {
	onEngines(t, func(t *testing.T, url string) {
		w := withCard(t, url, true)
		w.registered(with(person("ada@example.com"), "card", "A-1"))
		asked := len(w.service.bodies())

		_, err := w.register(with(person("eve@example.com"), "card", " a-1"))
		f := fault.As(err)
		if f == nil || f.Kind != fault.Invalid || len(f.Causes) != 1 || f.Causes[0] != (fault.Cause{Field: "card", Text: "A user with this Number of the card already exists"}) {
			t.Errorf("typed: %v", err)
		}
		if len(w.service.bodies()) != asked {
			t.Error("the hook was asked about a known duplicate")
		}

		w.service.answers(set(`{"card":"A-1"}`))
		r, err := w.register(person("eve@example.com"))
		if err != nil || r.Refusal == nil || r.Refusal.Kind != fault.HookFailed {
			t.Errorf("set by the hook: %+v, %v", r, err)
		}
		c := w.calls()[0]
		const reason = "ATTRIBUTE_INVALID: commands[0].value.card: the value of card belongs to another user"
		if c.Decision != org.DecisionFailed || c.Detail != reason || c.Findings[0].Repair == "" {
			t.Errorf("the record is %s, %+v", c.Detail, c.Findings)
		}
		w.service.answers(set(`{"card":"A-2"}`))
		if u := w.registered(with(person("eve@example.com"), "card", "A-3")); u.Profile.Text("card") != "A-2" {
			t.Errorf("card is %q", u.Profile.Text("card"))
		}
		w.service.answers(allow)
		w.registered(with(person("bob@example.com"), "card", "A-3")) // which nobody has
	})
}

// Of many who want one value at once exactly one gets it.
func TestRaceForOneValue(t *testing.T) {
	onEngines(t, func(t *testing.T, url string) {
		for name, byHook := range map[string]bool{"all type it": false, "the hook gives it to all": true} {
			t.Run(name, func(t *testing.T) {
				w := withCard(t, url, !byHook)
				made, err := w.hasher.Hasher.Hash(t.Context(), password.NewSecret(goodword))
				if err != nil {
					t.Fatal(err)
				}
				w.hasher.made = made
				told := fault.Invalid
				if byHook {
					told = fault.HookFailed
					w.service.answers(set(`{"card":"A-1"}`))
				}
				results, errs := w.submitAll(func(i int) enroll.Submission {
					sub := person(fmt.Sprintf("racer%d@example.com", i))
					if !byHook {
						sub = with(sub, "card", "A-1")
					}
					return sub
				})
				winners := 0
				for i, r := range results {
					f := r.Refusal
					if errs[i] != nil {
						f = fault.As(errs[i])
					}
					switch {
					case r.User != nil:
						winners++
					case f == nil || f.Kind != told && f.Kind != fault.Busy:
						t.Errorf("racer %d is told %v, %v", i, r.Refusal, errs[i])
					}
				}
				if winners != 1 || len(w.users()) != 1 {
					t.Errorf("%d won, %d users are stored", winners, len(w.users()))
				}
			})
		}
	})
}

// Whoever says nothing of an attribute with a default has it.
func TestDefaultValues(t *testing.T) {
	onEngines(t, func(t *testing.T, url string) {
		w := newWorld(t, url)
		w.update(func(ctx context.Context, tx *org.Tx) error {
			schema, err := profile.NewSchema(
				profile.Attribute{Name: "plan", Title: "Plan", Type: profile.String, Required: true, Default: "free"},
				profile.Attribute{Name: "team", Title: "Team", Type: profile.String, Required: true},
			)
			if err != nil {
				return err
			}
			return tx.Schemas.Put(ctx, "", schema)
		})
		form, err := w.enroll.Form(t.Context(), "")
		if err != nil {
			t.Fatal(err)
		}
		// The plan is not asked for; the team is, although the policy says nothing of it.
		equal(t, "fields", form.Names(), []string{"firstName", "lastName", "email", "team"})
		sub := with(person("ada@example.com"), "team", "red")
		if u := w.registered(sub); u.Profile.Text("plan") != "free" || u.Profile.Text("team") != "red" {
			t.Errorf("plan %q, team %q", u.Profile.Text("plan"), u.Profile.Text("team"))
		}
		w.service.answers(set(`{"plan":"paid"}`))
		if u := w.registered(with(sub, profile.Email, "eve@example.com")); u.Profile.Text("plan") != "paid" {
			t.Errorf("plan is %q, where the hook set another one", u.Profile.Text("plan"))
		}
	})
}
