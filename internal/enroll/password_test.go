package enroll_test

import (
	"context"
	"testing"

	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/password"
)

// A password policy counts for the next form and the next submission, with those
// of the group that people join by signing up.
func TestPasswordPolicy(t *testing.T) {
	onEngines(t, func(t *testing.T, url string) {
		const begin = "password: Password requirements were not met. Password requirements: at least "
		w := newWorld(t, url, func(w *world) { w.policy.Rule.TargetGroupID = w.group.ID })
		put := func(id string, priority int, system bool, rules password.Rules, groups ...string) {
			p := &org.PasswordPolicy{
				ID: id, Name: id, System: system, Status: org.StatusActive, Priority: priority, Provider: org.ProviderOkta, GroupIDs: groups,
				Settings: org.PasswordSettings{Complexity: rules},
			}
			w.update(func(ctx context.Context, tx *org.Tx) error { return tx.PasswordPolicies.Create(ctx, p) })
		}
		expect := func(what string, rules password.Rules, text, want string) {
			t.Helper()
			form, err := w.enroll.Form(t.Context(), "")
			if err != nil || form.Password != rules {
				t.Errorf("%s: the form asks for %+v (%v), want %+v", what, form.Password, err, rules)
			}
			_, err = w.prepare(passwordOf(person("ana@example.com"), text))
			if want == "" {
				if err != nil {
					t.Errorf("%s: %v", what, err)
				}
				return
			}
			if f := fault.As(err); f == nil || f.Kind != fault.Invalid {
				t.Fatalf("%s: %v", what, err)
			} else {
				equal(t, what, words(f), []string{want})
			}
		}
		expect("no policy", password.DefaultRules(), "12345678", "")
		strict := password.Rules{MinLength: 12, MinUpperCase: 1, ExcludeFirstName: true}
		put("00pDefault", 9, true, strict)
		expect("the default policy", strict, "mireille", begin+"12 characters, an uppercase letter, does not include your first name.")
		other := password.Rules{MinLength: 5}
		put("00pOthers", 1, false, other, "00gOthers")
		expect("a policy for others", strict, "12345", begin+"12 characters, an uppercase letter, does not include your first name.")
		put("00pMembers", 2, false, other, w.group.ID)
		expect("a policy for the group", other, "12345", "")
		expect("a policy for the group", other, "1234", begin+"5 characters.")
		put("00pEveryone", 0, false, strict, "00gEveryone")
		expect("a policy for everyone before it", strict, "12345", begin+"12 characters, an uppercase letter, does not include your first name.")
	})
}
