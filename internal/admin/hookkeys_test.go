package admin_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/usher-id/usher/internal/admin"
	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/org"
)

func (o *office) hookKey(name string) admin.HookKey {
	o.Helper()
	k, err := o.CreateHookKey(o.Context(), o.by, name)
	if err != nil {
		o.Fatal(err)
	}
	return k
}

func TestHookKeyNames(t *testing.T) {
	onEngines(t, func(o *office) {
		k := o.hookKey("first")
		const taken = "name: An object with this field already exists in the current organization"
		other := o.hookKey("second")
		for name, cause := range map[string]string{" ": "name: The field cannot be left blank", "first": taken} {
			_, err := o.CreateHookKey(o.Context(), o.by, name)
			refused(o.T, err, fault.Invalid, cause)
			_, err = o.RenameHookKey(o.Context(), o.by, other.ID, name)
			refused(o.T, err, fault.Invalid, cause)
		}
		o.wantEvents("system.hook.key.created "+k.ID, "system.hook.key.created "+other.ID)
	})
}

func TestHookKeyLife(t *testing.T) {
	onEngines(t, func(o *office) {
		k := o.hookKey("first")
		public, err := k.Public()
		if err != nil || public.N.BitLen() != 2048 || public.E != 65537 {
			o.Fatalf("the key is %v (%v)", public, err)
		}
		for range 2 { // the second changes nothing
			if renamed, err := o.RenameHookKey(o.Context(), o.by, k.ID, "renamed"); err != nil || !renamed.LastUpdated.After(k.LastUpdated) {
				o.Errorf("renamed: %+v, %v", renamed, err)
			}
		}
		found, err := o.HookKeyByUUID(o.Context(), k.KeyID)
		if err != nil || found.Name != "renamed" || found.Used {
			o.Fatalf("by UUID: %+v, %v", found, err)
		}
		if again, err := found.Public(); err != nil || !again.Equal(public) {
			o.Errorf("another key: %v", err)
		}
		if err := o.DeleteHookKey(o.Context(), o.by, k.ID); err != nil {
			o.Error(err)
		}
		for what, err := range map[string]error{
			"get": second(o.HookKey(o.Context(), k.ID)), "get by UUID": second(o.HookKeyByUUID(o.Context(), k.KeyID)),
			"rename": second(o.RenameHookKey(o.Context(), o.by, k.ID, "x")), "delete": o.DeleteHookKey(o.Context(), o.by, k.ID),
		} {
			if !fault.Is(err, fault.NotFound) {
				o.Errorf("%s of a deleted key: %v", what, err)
			}
		}
		o.wantEvents("system.hook.key.created "+k.ID, "system.hook.key.updated "+k.ID, "system.hook.key.deleted "+k.ID)
	})
}

func second[T any](_ T, err error) error { return err }

func TestHookKeyInUse(t *testing.T) {
	onEngines(t, func(o *office) {
		k := o.hookKey("key")
		h, err := o.CreateHook(o.Context(), o.by, signing(oauthInput("signing"), k.ID))
		if err != nil {
			o.Fatal(err)
		}
		if k, err := o.HookKey(o.Context(), k.ID); err != nil || !k.Used {
			o.Errorf("not in use: %+v, %v", k, err)
		}
		err = o.DeleteHookKey(o.Context(), o.by, k.ID)
		refused(o.T, err, fault.Invalid, ": The hook key is used by: signing. Give these inline hooks another key first.")
		if _, err := o.DeactivateHook(o.Context(), o.by, h.ID); err != nil {
			o.Fatal(err)
		}
		if err := o.DeleteHook(o.Context(), o.by, h.ID); err != nil {
			o.Fatal(err)
		}
		if err := o.DeleteHookKey(o.Context(), o.by, k.ID); err != nil {
			o.Errorf("a key that nobody uses any more: %v", err)
		}
	})
}

func TestHookKeyLimit(t *testing.T) {
	onEngines(t, func(o *office) {
		err := o.Store.Update(o.Context(), func(ctx context.Context, tx *org.Tx) error {
			for i := range 49 {
				name := fmt.Sprint(i)
				if err := tx.HookKeys.Create(ctx, &org.HookKey{ID: name, KeyID: name, Name: name}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			o.Fatal(err)
		}
		o.hookKey("the fiftieth")
		_, err = o.CreateHookKey(o.Context(), o.by, "one too many")
		refused(o.T, err, fault.Invalid, ": An organization can have 50 hook keys.")
		if all, err := o.HookKeys(o.Context()); err != nil || len(all) != 50 {
			o.Errorf("%d keys, %v", len(all), err)
		}
	})
}

// What is stored is read by usher alone, and a key that cannot be read shows
// nothing of itself.
func TestBrokenHookKey(t *testing.T) {
	t.Parallel()
	k := admin.HookKey{HookKey: &org.HookKey{ID: "HKY1", Private: org.NewSecret("canary")}}
	if _, err := k.Public(); err == nil || err.Error() != "admin: hook key HKY1 cannot be read" {
		t.Errorf("got %v", err)
	}
}
