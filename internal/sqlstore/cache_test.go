package sqlstore

import (
	"context"
	"testing"

	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/secretbox"
)

// nameOf reads the name of the one policy.
func nameOf(t *testing.T, s *Store) (name string) {
	t.Helper()
	err := s.View(t.Context(), func(ctx context.Context, tx *org.Tx) error {
		p, err := tx.Policies.Get(ctx, "rst1")
		if err == nil {
			name = p.Name
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return name
}

func TestCacheFollowsOtherProcesses(t *testing.T) {
	onEngines(t, func(t *testing.T, url string) {
		s := open(t, url)
		other := reopen(t, Options{URL: url, Keys: secretbox.Ephemeral()})
		p := &org.Policy{ID: "rst1", Source: "reg1", Name: "old"}
		if err := s.Update(t.Context(), func(ctx context.Context, tx *org.Tx) error { return tx.Policies.Create(ctx, p) }); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"old", "new", "newer"} {
			p.Name = name
			if err := s.Update(t.Context(), func(ctx context.Context, tx *org.Tx) error { return tx.Policies.Update(ctx, p) }); err != nil {
				t.Fatal(err)
			}
			if got := nameOf(t, other); got != name {
				t.Errorf("the other process reads %q, not %q", got, name)
			}
		}
		// The counter is what it follows, and nothing else is read again.
		run(t, s.engine, "UPDATE policies SET name = 'behind its back'")
		if got := nameOf(t, other); got != "newer" {
			t.Errorf("without a count the cache is read anew: %q", got)
		}
		run(t, s.engine, countConfigVersion)
		if got := nameOf(t, other); got != "behind its back" {
			t.Errorf("after a count: %q", got)
		}
	})
}

func TestCacheKeepsTheNewest(t *testing.T) {
	var c cache[string]
	if _, ok := c.get(1); ok {
		t.Error("something is in an empty cache")
	}
	c.put(2, "two")
	c.put(1, "one") // by a View that began before
	if got, ok := c.get(2); !ok || got != "two" {
		t.Errorf("version 2 is %q, %v", got, ok)
	}
	if got, ok := c.get(1); ok {
		t.Errorf("version 1 is %q", got)
	}
	c.put(3, "three")
	if got, ok := c.get(3); !ok || got != "three" {
		t.Errorf("version 3 is %q, %v", got, ok)
	}
}

func TestOldViewReadsOldConfiguration(t *testing.T) {
	onEngines(t, func(t *testing.T, url string) {
		s := open(t, url)
		p := &org.Policy{ID: "rst1", Source: "reg1", Name: "old"}
		if err := s.Update(t.Context(), func(ctx context.Context, tx *org.Tx) error { return tx.Policies.Create(ctx, p) }); err != nil {
			t.Fatal(err)
		}
		err := s.View(t.Context(), func(ctx context.Context, tx *org.Tx) error {
			if _, err := tx.Policies.Get(ctx, "rst1"); err != nil {
				return err
			}
			p.Name = "new"
			if err := s.Update(ctx, func(ctx context.Context, tx *org.Tx) error { return tx.Policies.Update(ctx, p) }); err != nil {
				return err
			}
			if got := nameOf(t, s); got != "new" { // and it is in the cache now
				t.Errorf("a new view reads %q", got)
			}
			got, err := tx.Policies.Get(ctx, "rst1")
			if err == nil && got.Name != "old" {
				t.Errorf("the old view reads %q", got.Name)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := nameOf(t, s); got != "new" {
			t.Errorf("after it, %q is read", got)
		}
	})
}
