package admin_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/usher-id/usher/internal/admin"
	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/org"
)

func (o *office) passwordPolicies() (all []*org.PasswordPolicy) {
	o.Helper()
	err := o.Store.View(o.Context(), func(ctx context.Context, tx *org.Tx) (err error) {
		all, err = tx.PasswordPolicies.List(ctx)
		return err
	})
	if err != nil {
		o.Fatal(err)
	}
	return all
}

// An org that was set up before there were password policies gets one, once.
func TestDefaultPasswordPolicyOfAnOldOrg(t *testing.T) {
	onEngines(t, func(o *office) {
		old := o.passwordPolicies()
		err := o.Store.Update(o.Context(), func(ctx context.Context, tx *org.Tx) error { return tx.PasswordPolicies.Delete(ctx, old[0].ID) })
		if err != nil || len(old) != 1 {
			o.Fatalf("%d policies, %v", len(old), err)
		}
		for range 2 {
			if _, err := o.SetUp(o.Context(), o.by); err != nil {
				o.Fatal(err)
			}
		}
		all := o.passwordPolicies()
		if len(all) != 1 || !all[0].System || all[0].Settings != org.DefaultPasswordSettings() || len(all[0].Rules) != 1 {
			o.Fatalf("policies are %+v", all)
		}
		o.wantEvents("policy.lifecycle.create " + all[0].ID)
	})
}

// However many make, move and delete policies at once, each has a place of its own,
// and the default one is the last.
func TestPasswordPoliciesAtOnce(t *testing.T) {
	onEngines(t, func(o *office) {
		in := func(name string, priority int) admin.PasswordPolicyInput {
			in := admin.PasswordPolicyInput{Type: admin.TypePassword, Name: name, Priority: priority}
			in.Settings.PasswordSettings = org.DefaultPasswordSettings()
			in.Settings.Question, in.Settings.Email, in.Settings.SMS, in.Settings.Call = org.StatusInactive, org.StatusActive, org.StatusInactive, org.StatusInactive
			return in
		}
		for i, err := range atOnce(6, func(i int) error {
			name := fmt.Sprint("policy ", i)
			p, err := o.CreatePasswordPolicy(o.Context(), o.by, in(name, i%3))
			if err != nil {
				return err
			}
			if i%2 == 0 {
				return o.DeletePasswordPolicy(o.Context(), o.by, p.ID)
			}
			_, err = o.ReplacePasswordPolicy(o.Context(), o.by, p.ID, in(name+" renamed", 1+i%2))
			return err
		}) {
			if err != nil && !fault.Is(err, fault.Busy) {
				o.Errorf("%d: %v", i, err)
			}
		}
		all := o.passwordPolicies()
		for i, p := range all {
			if p.Priority != i+1 || p.System != (i == len(all)-1) {
				o.Errorf("%d of %d: %s has priority %d", i, len(all), p.Name, p.Priority)
			}
		}
	})
}

func TestArrange(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		list, moved string
		priority    int
		want        string
	}{
		{"abS", "a", 0, "abS"},
		{"abS", "b", 1, "baS"},
		{"abcS", "a", 2, "bacS"},
		{"abcS", "a", 99, "bcaS"},
		{"abcS", "c", 3, "abcS"},
		{"Sab", "a", 0, "abS"}, // the system's is the last, wherever it was
		{"abS", "S", 1, "abS"},
		{"abS", "gone", 1, "abS"},
	} {
		if got := admin.Arrange(c.list, c.moved, c.priority); got != c.want {
			t.Errorf("%s, %s to %d: %s, want %s", c.list, c.moved, c.priority, got, c.want)
		}
	}
}
