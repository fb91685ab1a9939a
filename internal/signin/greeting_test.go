package signin_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/profile"
	"github.com/usher-id/usher/internal/signin"
)

// TestAccount: people are greeted by what they gave of a name, and see their
// groups and what is stored.
func TestAccount(t *testing.T) {
	onEngines(t, func(s *stage) {
		ada := s.user("00uAda", "ada@example.com")
		s.update(func(ctx context.Context, tx *org.Tx) error {
			for _, g := range []*org.Group{{ID: "00g3", Name: "Others"}, {ID: "00g2", Name: "Members"}, {ID: "00g1", Name: org.Everyone, BuiltIn: true}} {
				if err := tx.Groups.Create(ctx, g); err != nil {
					return err
				}
			}
			if err := tx.Members.Add(ctx, "00g2", ada.ID, time.Time{}); err != nil {
				return err
			}
			return tx.Members.Add(ctx, "00g1", ada.ID, time.Time{})
		})
		if a := s.account(ada); a.Login != "ada@example.com" || strings.Join(a.Groups, " ") != "Everyone Members" || len(a.Entries) != 2 {
			s.Errorf("account %+v", a)
		}
		nobody := profile.Profile{}.Set(profile.Login, "eve@example.com")
		for want, p := range map[string]profile.Profile{
			"eve@example.com": nobody,
			"Countess":        nobody.Set("displayName", "Countess"),
			"Eve":             nobody.Set("displayName", "Countess").Set(profile.FirstName, "Eve"),
		} {
			if a := s.account(&org.User{ID: "00uEve", Profile: p}); a.Name != want || len(a.Groups) != 0 {
				s.Errorf("greeted as %q, want %q; groups %v", a.Name, want, a.Groups)
			}
		}
	})
}

func (s *stage) account(u *org.User) *signin.Account {
	s.Helper()
	a, err := s.signin.Account(s.Context(), u)
	if err != nil {
		s.Fatal(err)
	}
	return a
}
