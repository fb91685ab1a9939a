package admin_test

import (
	"context"
	"testing"

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
