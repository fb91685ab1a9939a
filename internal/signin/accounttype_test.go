package signin_test

import (
	"context"
	"testing"

	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/profile"
)

// TestAccountIsShownByTheUsersType: what is hidden or sensitive in the person's own
// type is so on the page, though the default type lets everybody see it.
func TestAccountIsShownByTheUsersType(t *testing.T) {
	onEngines(t, func(s *stage) {
		badge := profile.Attribute{Name: "badge", Title: "Badge", Type: profile.String}
		score := profile.Attribute{Name: "score", Title: "Score", Type: profile.String}
		open, err := profile.NewSchema(badge, score)
		if err != nil {
			s.Fatal(err)
		}
		badge.Sensitive, score.Permission = true, profile.Hide
		closed, err := profile.NewSchema(badge, score)
		if err != nil {
			s.Fatal(err)
		}
		s.update(func(ctx context.Context, tx *org.Tx) error {
			if err := tx.UserTypes.Create(ctx, &org.UserType{ID: "oty1", Name: "contractor", DisplayName: "Contractor"}); err != nil {
				return err
			}
			if err := tx.Schemas.Put(ctx, "oty1", closed); err != nil {
				return err
			}
			return tx.Schemas.Put(ctx, "", open)
		})
		u := s.user("00u1", "ada@example.com", func(u *org.User) {
			u.TypeID, u.Profile = "oty1", u.Profile.Set("badge", "B-77").Set("score", "7")
		})
		account, err := s.signin.Account(s.Context(), u)
		if err != nil {
			s.Fatal(err)
		}
		var masked int
		for _, e := range account.Entries {
			if e.Attribute.Name == "score" || e.Attribute.Name == "badge" && e.Value != nil {
				s.Errorf("entry is %+v", e)
			}
			if e.Masked {
				masked++
			}
		}
		if masked != 1 {
			s.Errorf("%d values are masked, want that of the badge", masked)
		}
	})
}
