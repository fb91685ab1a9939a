package storetest

import (
	"context"
	"errors"
	"time"

	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/password"
)

func createPasswordPolicy(p *org.PasswordPolicy) work {
	return func(ctx context.Context, tx *org.Tx) error { return tx.PasswordPolicies.Create(ctx, p) }
}

func updatePasswordPolicy(p *org.PasswordPolicy) work {
	return func(ctx context.Context, tx *org.Tx) error { return tx.PasswordPolicies.Update(ctx, p) }
}

func deletePasswordPolicy(id string) work {
	return func(ctx context.Context, tx *org.Tx) error { return tx.PasswordPolicies.Delete(ctx, id) }
}

func passwordPolicyOf(id, name string, priority int) *org.PasswordPolicy {
	return &org.PasswordPolicy{ID: id, Name: name, Status: org.StatusActive, Priority: priority, Provider: org.ProviderOkta}
}

// fullPasswordPolicy has a value other than zero in every property.
func fullPasswordPolicy(at func(int) time.Time) *org.PasswordPolicy {
	days := 0 // at once
	return &org.PasswordPolicy{
		ID: "00p1", Name: "Default", Description: "d <&>", System: true, Status: org.StatusInactive, Priority: 3,
		GroupIDs: []string{"00g2", "00g1"}, Provider: org.ProviderAny,
		Settings: org.PasswordSettings{
			Complexity: password.Rules{
				MinLength: 9, MinLowerCase: 1, MinUpperCase: 1, MinNumber: 1, MinSymbol: 1,
				ExcludeUsername: true, ExcludeFirstName: true, ExcludeLastName: true, ExcludeCommon: true,
			},
			Age:      org.PasswordAge{MaxDays: 90, WarnDays: 5, MinMinutes: 60, HistoryCount: 4},
			Lockout:  org.Lockout{MaxAttempts: 5, UnlockMinutes: 10, NotifyByEmail: true, ShowToPerson: true},
			Breached: org.BreachedProtection{ExpireAfterDays: &days, Logout: true, WorkflowID: "w"},
			Recovery: org.PasswordRecovery{
				Question: true, Email: true, SMS: true, Call: true, TokenMinutes: 30, AnswerMinLength: 4,
			},
			SkipUnlock: true,
		},
		Rules: []org.PasswordRule{
			{
				ID: "0pr1", Name: "r", System: true, Status: org.StatusActive, Priority: 1,
				IncludeUsers: []string{"00u2"}, ExcludeUsers: []string{"00u1"}, IncludeGroups: []string{"00g1"}, ExcludeGroups: []string{"00g2"},
				Change: org.ActionAllow, Reset: org.ActionDeny, Unlock: org.ActionAllow,
				Requirement: &org.ResetRequirement{
					PrimaryMethods: []string{"email", "otp"}, Constraints: []org.MethodConstraint{{Method: "otp", Authenticators: []string{"google_otp"}}},
					StepUp: true, StepUpMethods: []string{"security_question"}, AccessControl: "LEGACY",
				},
				Created: at(1), LastUpdated: at(2),
			},
			{ID: "0pr2"},
		},
		Created: at(3), LastUpdated: at(4),
	}
}

func passwordPolicyCases() []testCase {
	get := func(s *suite) (p *org.PasswordPolicy) {
		s.view(func(ctx context.Context, tx *org.Tx) (err error) {
			p, err = tx.PasswordPolicies.Get(ctx, "00p1")
			return err
		})
		return p
	}
	list := func(s *suite) (all []*org.PasswordPolicy) {
		s.view(func(ctx context.Context, tx *org.Tx) (err error) {
			all, err = tx.PasswordPolicies.List(ctx)
			if all == nil {
				s.Error("the list is nil")
			}
			return err
		})
		return all
	}
	return []testCase{
		{"what is written is read", func(s *suite) {
			s.update(createPasswordPolicy(fullPasswordPolicy(moment)))
			equal(s, "policy", get(s), fullPasswordPolicy(stored))
		}},
		{"none is not found", func(s *suite) {
			s.missing("by id", func(ctx context.Context, tx *org.Tx) error {
				_, err := tx.PasswordPolicies.Get(ctx, "00p1")
				return err
			})
			s.refused(org.ErrNotFound, updatePasswordPolicy(passwordPolicyOf("00p1", "a", 1)))
			s.refused(org.ErrNotFound, deletePasswordPolicy("00p1"))
		}},
		{"names are taken once", func(s *suite) {
			s.update(createPasswordPolicy(passwordPolicyOf("00p1", "a", 1)))
			s.refused(org.ErrNameTaken, createPasswordPolicy(passwordPolicyOf("00p2", "a", 1)))
			s.update(createPasswordPolicy(passwordPolicyOf("00p2", "A", 1)))
			s.refused(org.ErrNameTaken, updatePasswordPolicy(passwordPolicyOf("00p2", "a", 1)))
		}},
		{"there is one default", func(s *suite) {
			s.update(createPasswordPolicy(fullPasswordPolicy(moment)))
			second := fullPasswordPolicy(moment)
			second.ID, second.Name = "00p2", "Second"
			if err := s.tryUpdate(createPasswordPolicy(second)); err == nil {
				s.Error("there are two default policies")
			}
		}},
		{"update replaces everything, also what the cache has", func(s *suite) {
			s.update(createPasswordPolicy(passwordPolicyOf("00p1", "a", 1)))
			equal(s, "before", get(s).Name, "a")
			s.update(updatePasswordPolicy(fullPasswordPolicy(moment)))
			equal(s, "policy", get(s), fullPasswordPolicy(stored))
		}},
		{"what is deleted is gone", func(s *suite) {
			s.update(createPasswordPolicy(fullPasswordPolicy(moment)))
			equal(s, "before", len(list(s)), 1)
			s.update(func(ctx context.Context, tx *org.Tx) error {
				if err := tx.PasswordPolicies.Delete(ctx, "00p1"); err != nil {
					return err
				}
				if _, err := tx.PasswordPolicies.Get(ctx, "00p1"); !errors.Is(err, org.ErrNotFound) {
					s.Errorf("inside: %v", err)
				}
				return nil
			})
			equal(s, "after", len(list(s)), 0)
		}},
		{"list goes by priority", func(s *suite) {
			for _, p := range []*org.PasswordPolicy{passwordPolicyOf("00p1", "c", 3), passwordPolicyOf("00p3", "b", 2), passwordPolicyOf("00p2", "a", 2)} {
				s.update(createPasswordPolicy(p))
			}
			var names []string
			for _, p := range list(s) {
				names = append(names, p.Name)
			}
			equal(s, "names", names, []string{"a", "b", "c"})
		}},
		{"what is handed out is the caller's own", func(s *suite) {
			s.update(createPasswordPolicy(fullPasswordPolicy(moment)))
			for range 2 {
				for _, p := range append(list(s), get(s)) {
					equal(s, "policy", p, fullPasswordPolicy(stored))
					p.GroupIDs[0], *p.Settings.Breached.ExpireAfterDays = "changed", 9
					p.Rules[0].ExcludeUsers[0], p.Rules[0].Requirement.PrimaryMethods[0] = "changed", "changed"
					p.Rules[0].Requirement.StepUpMethods[0], p.Rules[1].Name = "changed", "changed"
					p.Rules[0].IncludeUsers[0], p.Rules[0].IncludeGroups[0], p.Rules[0].ExcludeGroups[0] = "changed", "changed", "changed"
					p.Rules[0].Requirement.Constraints[0].Authenticators[0] = "changed"
				}
			}
		}},
	}
}
