package org_test

import (
	"context"
	"testing"
	"time"

	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/secretbox"
	"github.com/usher-id/usher/internal/sqlstore"
	"github.com/usher-id/usher/internal/storetest"
)

func newStore(t *testing.T) org.Store {
	t.Helper()
	options := sqlstore.Options{URL: storetest.Engines()[0].Open(t), Keys: secretbox.Ephemeral()}
	if _, err := sqlstore.Migrate(t.Context(), options); err != nil {
		t.Fatal(err)
	}
	store, err := sqlstore.Open(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	return store
}

// TestPasswordSettings: of the policies that are for somebody the first one
// counts. Each asks for another length.
func TestPasswordSettings(t *testing.T) {
	t.Parallel()
	policy := func(priority, length int, change func(*org.PasswordPolicy), groups ...string) *org.PasswordPolicy {
		p := &org.PasswordPolicy{
			ID: string(rune('a' + priority)), Name: string(rune('a' + priority)), Status: org.StatusActive, Priority: priority,
			GroupIDs: groups, Provider: org.ProviderOkta,
		}
		p.Settings.Complexity.MinLength = length
		if change != nil {
			change(p)
		}
		return p
	}
	system := func(priority int) *org.PasswordPolicy {
		return policy(priority, 10, func(p *org.PasswordPolicy) { p.System = true })
	}
	for name, c := range map[string]struct {
		policies []*org.PasswordPolicy
		user     int // minLength for a member of Everyone and 00gStaff
		newcomer int // for somebody who joins 00gGuests
	}{
		"none":                     {nil, 8, 8},
		"the default one":          {[]*org.PasswordPolicy{system(1)}, 10, 10},
		"for everyone":             {[]*org.PasswordPolicy{policy(1, 12, nil, "00gEveryone"), system(2)}, 12, 12},
		"for some":                 {[]*org.PasswordPolicy{policy(1, 12, nil, "00gStaff"), policy(2, 14, nil, "00gGuests", "00gOthers"), system(3)}, 12, 14},
		"the first one":            {[]*org.PasswordPolicy{policy(1, 12, nil, "00gStaff", "00gGuests"), policy(2, 14, nil, "00gEveryone"), system(3)}, 12, 12},
		"for nobody":               {[]*org.PasswordPolicy{policy(1, 12, nil), policy(2, 14, nil, "00gOthers"), system(3)}, 10, 10},
		"inactive":                 {[]*org.PasswordPolicy{policy(1, 12, func(p *org.PasswordPolicy) { p.Status = org.StatusInactive }, "00gEveryone"), system(2)}, 10, 10},
		"of a directory server":    {[]*org.PasswordPolicy{policy(1, 12, func(p *org.PasswordPolicy) { p.Provider = org.ProviderLDAP }, "00gEveryone"), system(2)}, 10, 10},
		"whatever the provider is": {[]*org.PasswordPolicy{policy(1, 12, func(p *org.PasswordPolicy) { p.Provider = org.ProviderAny }, "00gEveryone"), system(2)}, 12, 12},
	} {
		store := newStore(t)
		var ofUser, ofNewcomer org.PasswordSettings
		err := store.Update(t.Context(), func(ctx context.Context, tx *org.Tx) error {
			u := &org.User{ID: "00uAda"}
			u.Profile = u.Profile.Set("login", "ada")
			if err := tx.Users.Create(ctx, u); err != nil {
				return err
			}
			for _, g := range []*org.Group{{ID: "00gEveryone", Name: org.Everyone, BuiltIn: true}, {ID: "00gStaff", Name: "Staff"}, {ID: "00gGuests", Name: "Guests"}} {
				if err := tx.Groups.Create(ctx, g); err != nil {
					return err
				}
			}
			for _, id := range []string{"00gEveryone", "00gStaff"} {
				if err := tx.Members.Add(ctx, id, u.ID, time.Time{}); err != nil {
					return err
				}
			}
			for _, p := range c.policies {
				if err := tx.PasswordPolicies.Create(ctx, p); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		err = store.View(t.Context(), func(ctx context.Context, tx *org.Tx) (err error) {
			if ofUser, err = org.PasswordSettingsOf(ctx, tx, "00uAda"); err != nil {
				return err
			}
			ofNewcomer, err = org.PasswordSettingsForNew(ctx, tx, "00gGuests")
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if user, newcomer := ofUser.Complexity.MinLength, ofNewcomer.Complexity.MinLength; user != c.user || newcomer != c.newcomer {
			t.Errorf("%s: %d characters for the user, want %d, and %d for somebody new, want %d", name, user, c.user, newcomer, c.newcomer)
		}
	}
}

func TestPasswordAge(t *testing.T) {
	t.Parallel()
	changed := time.Date(2026, 3, 28, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		days int
		at   time.Time
		want bool
	}{
		{0, changed.AddDate(99, 0, 0), false},
		{2, changed.Add(48*time.Hour - time.Second), false},
		{2, changed.Add(48 * time.Hour), true},
	} {
		if got := (org.PasswordAge{MaxDays: c.days}).Expired(changed, c.at); got != c.want {
			t.Errorf("%d days, at %v: %v", c.days, c.at, got)
		}
	}
}

func TestLocked(t *testing.T) {
	t.Parallel()
	since := time.Date(2026, 3, 28, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		minutes int
		at      time.Time
		want    bool
	}{
		{0, since.AddDate(99, 0, 0), true},
		{15, since.Add(15*time.Minute - time.Second), true},
		{15, since.Add(15 * time.Minute), false},
	} {
		if got := (org.Lockout{UnlockMinutes: c.minutes}).Locked(since, c.at); got != c.want {
			t.Errorf("%d minutes, at %v: %v", c.minutes, c.at, got)
		}
	}
}
