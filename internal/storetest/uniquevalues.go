package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/usher-id/usher/hook"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/profile"
)

// badges makes a schema with a text that is unique or not, and a plain one.
func badges(t testing.TB, unique bool) *profile.Schema {
	t.Helper()
	s, err := profile.NewSchema(
		profile.Attribute{Name: "badge", Title: "B", Type: profile.String, Unique: unique},
		profile.Attribute{Name: "note", Title: "N", Type: profile.String},
	)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// replaceSchema is a change as administrators make it.
func replaceSchema(typeID string, schema *profile.Schema) work {
	return func(ctx context.Context, tx *org.Tx) error {
		if err := tx.Schemas.Hold(ctx); err != nil {
			return err
		}
		return tx.Schemas.Put(ctx, typeID, schema)
	}
}

// wearer is a user of a type with a badge, "" for none.
func wearer(t testing.TB, id, typeID, badge string) *org.User {
	t.Helper()
	u := person(t, id, id+"@example.com", id+"@example.com")
	u.TypeID = typeID
	if badge != "" {
		u.Profile = u.Profile.Set("badge", badge)
	}
	return u
}

// badgeTaken expects that an update is refused for the badge.
func (s *suite) badgeTaken(write work) {
	s.Helper()
	var taken *org.ValueTakenError
	if err := s.tryUpdate(write); !errors.As(err, &taken) || taken.Attribute != "badge" {
		s.Errorf("update gave %v, want that the badge is taken", err)
	}
}

// badgeOf is the badge of a user as it is stored.
func (s *suite) badgeOf(id string) (badge string) {
	s.Helper()
	s.view(func(ctx context.Context, tx *org.Tx) error {
		u, err := tx.Users.Get(ctx, id)
		if err == nil {
			badge = u.Profile.Text("badge")
		}
		return err
	})
	return badge
}

func uniqueValueCases() []testCase {
	return slices.Concat(claimCases(), becomeUniqueCases(), removedValueCases(), uniqueRaceCases())
}

// What users have.
func claimCases() []testCase {
	return []testCase{
		{"a value is taken once, however it is written", func(s *suite) {
			s.update(replaceSchema("", badges(s, true)))
			s.update(createUser(wearer(s, "00u1", "", "A-1")))
			s.badgeTaken(createUser(wearer(s, "00u2", "", " a-1")))
			s.update(createUser(wearer(s, "00u2", "", "A-2")))
			s.update(createUser(wearer(s, "00u3", "", "")))
			s.update(createUser(wearer(s, "00u4", "", "")))
			s.badgeTaken(updateUser(wearer(s, "00u3", "", "a-2")))
			s.update(updateUser(wearer(s, "00u1", "", "a-1"))) // its own
		}},
		{"whoever gives a value up leaves it to others", func(s *suite) {
			s.update(replaceSchema("", badges(s, true)))
			s.update(createUser(wearer(s, "00u1", "", "A-1")))
			s.update(createUser(wearer(s, "00u2", "", "A-2")))
			s.update(updateUser(wearer(s, "00u1", "", "A-3")))
			s.update(updateUser(wearer(s, "00u2", "", "A-1")))
			s.update(func(ctx context.Context, tx *org.Tx) error { return tx.Users.Delete(ctx, "00u1") })
			s.update(createUser(wearer(s, "00u3", "", "A-3")))
			s.badgeTaken(createUser(wearer(s, "00u4", "", "A-1")))
		}},
		{"two can swap what nobody else gets between", func(s *suite) {
			s.update(replaceSchema("", badges(s, true)))
			s.update(createUser(wearer(s, "00u1", "", "A-1")))
			s.update(func(ctx context.Context, tx *org.Tx) error {
				for _, u := range []*org.User{wearer(s, "00u1", "", ""), wearer(s, "00u2", "", "A-1")} {
					write := tx.Users.Update
					if u.ID == "00u2" {
						write = tx.Users.Create
					}
					if err := write(ctx, u); err != nil {
						return err
					}
				}
				return nil
			})
			equal(s, "badge", s.badgeOf("00u2"), "A-1")
		}},
		{"types share the namespace where both say unique", func(s *suite) {
			s.update(replaceSchema("", badges(s, true)))
			s.update(replaceSchema("oty1", badges(s, true)))
			s.update(replaceSchema("oty2", badges(s, false)))
			s.update(createUser(wearer(s, "00u1", "", "A-1")))
			s.badgeTaken(createUser(wearer(s, "00u2", "oty1", "A-1")))
			s.update(createUser(wearer(s, "00u2", "oty2", "A-1")))
			s.badgeTaken(updateUser(wearer(s, "00u2", "oty1", "A-1")))
			s.update(updateUser(wearer(s, "00u1", "oty2", "A-1")))
			s.update(updateUser(wearer(s, "00u2", "oty1", "A-1")))
		}},
	}
}

// What a change of the schema does to those who are there.
func becomeUniqueCases() []testCase {
	return []testCase{
		{"what becomes unique holds for those who are there", func(s *suite) {
			s.update(replaceSchema("", badges(s, false)))
			s.update(func(ctx context.Context, tx *org.Tx) error {
				for i := range 1203 { // more than are read at once
					if err := tx.Users.Create(ctx, wearer(s, fmt.Sprintf("00u%04d", i), "", fmt.Sprint("A-", i))); err != nil {
						return err
					}
				}
				return nil
			})
			s.update(createUser(wearer(s, "00v1", "oty1", "A-7")))
			s.update(replaceSchema("", badges(s, true)))
			for _, badge := range []string{"a-0", "a-777", "a-1202"} {
				s.badgeTaken(createUser(wearer(s, "00v2", "", badge)))
			}
			s.update(replaceSchema("", badges(s, false)))
			s.update(createUser(wearer(s, "00v2", "", "A-777")))
		}},
		{"duplicates are counted, and keep it from becoming unique", func(s *suite) {
			s.update(replaceSchema("", badges(s, false)))
			for i, badge := range []string{"A-1", "a-1", "A-2", "", "A-1", ""} {
				s.update(createUser(wearer(s, fmt.Sprint("00u", i), "", badge)))
			}
			var duplicates *org.DuplicatesError
			err := s.tryUpdate(replaceSchema("", badges(s, true)))
			if !errors.As(err, &duplicates) || *duplicates != (org.DuplicatesError{Attribute: "badge", Users: 2}) {
				s.Fatalf("the change gave %v", err)
			}
			s.update(createUser(wearer(s, "00u9", "", "A-2"))) // nothing of it is there
			s.update(updateUser(wearer(s, "00u9", "", "")))
			s.update(updateUser(wearer(s, "00u1", "", "")))
			s.update(updateUser(wearer(s, "00u4", "", "")))
			s.update(replaceSchema("", badges(s, true)))
			s.badgeTaken(updateUser(wearer(s, "00u9", "", "A-2")))
		}},
		{"it is told which are taken", func(s *suite) {
			s.update(replaceSchema("", badges(s, true)))
			s.update(createUser(wearer(s, "00u1", "", "A-1")))
			for _, c := range []struct {
				typeID, badge, userID string
				want                  []string
			}{
				{"", "a-1", "", []string{"badge"}}, {"", "a-1", "00u2", []string{"badge"}}, {"", "a-1", "00u1", []string{}},
				{"", "A-2", "", []string{}}, {"", "", "", []string{}}, {"oty1", "A-1", "", []string{}},
			} {
				s.view(func(ctx context.Context, tx *org.Tx) error {
					got, err := tx.Schemas.Taken(ctx, c.typeID, wearer(s, "00u2", "", c.badge).Profile, c.userID)
					equal(s, fmt.Sprintf("%+v", c), got, c.want)
					return err
				})
			}
		}},
	}
}

func removedValueCases() []testCase {
	return []testCase{
		{"values of an attribute that is removed are gone, others stay byte for byte", func(s *suite) {
			const text = `{"zeta":1.50,"badge":"A-1","note":"ä\u2028 \"q\" \\ /","list":[1e2,{"badge":null}],"alpha":12345678901234567890}`
			kept := profileOf(s, `{"login":"ada@example.com","email":"ada@example.com",`+text[1:])
			want := profileOf(s, `{"login":"ada@example.com","email":"ada@example.com",`+text[1:]).Delete("badge")
			s.update(replaceSchema("", badges(s, true)))
			s.update(replaceSchema("oty1", badges(s, true)))
			s.update(createUser(&org.User{ID: "00u1", Profile: kept}))
			s.update(createUser(wearer(s, "00u2", "", "")))
			s.update(createUser(wearer(s, "00u3", "oty1", "A-3")))
			s.update(replaceSchema("", schemaWith(s, "note")))
			s.view(func(ctx context.Context, tx *org.Tx) error {
				u, err := tx.Users.Get(ctx, "00u1")
				if err != nil {
					return err
				}
				got, err := u.Profile.Encode()
				if err != nil {
					return err
				}
				encoded, err := want.Encode()
				equal(s, "profile", got, encoded)
				return err
			})
			equal(s, "badge of another type", s.badgeOf("00u3"), "A-3")
			// Made again, it is new: neither the value nor the claim of it comes back.
			s.update(replaceSchema("", badges(s, true)))
			equal(s, "badge", s.badgeOf("00u1"), "")
			s.update(createUser(wearer(s, "00u4", "", "A-1")))
			s.badgeTaken(createUser(wearer(s, "00u5", "", "A-3")))
		}},
		{"users are held before anything is asked, or not at all", func(s *suite) {
			if err := s.tryUpdate(func(ctx context.Context, tx *org.Tx) error {
				if _, err := tx.Schemas.Get(ctx); err != nil {
					return err
				}
				return tx.Schemas.Hold(ctx)
			}); err == nil || errors.Is(err, errLost) {
				s.Errorf("users are held late: %v", err)
			}
		}},
	}
}

func uniqueRaceCases() []testCase {
	return []testCase{
		{"of many who want one value, one gets it", func(s *suite) {
			s.update(replaceSchema("", badges(s, true)))
			errs := race(racers, func(i int) error {
				return s.store.Update(s.Context(), createUser(wearer(s, fmt.Sprint("00u", i), "", "A-1")))
			})
			equal(s, "winners", count(errs, nil), 1)
			for _, err := range errs {
				var taken *org.ValueTakenError
				if err != nil && !errors.As(err, &taken) {
					s.Errorf("a loser is told %v", err)
				}
			}
		}},
		{"nobody slips in while it becomes unique, or while it is removed", func(s *suite) {
			for round := range 8 {
				s.raceWithTheSchema(round, round%2 == 1)
			}
		}},
	}
}

// raceWithTheSchema changes the schema while users are written by it.
func (s *suite) raceWithTheSchema(round int, remove bool) {
	s.Helper()
	s.update(replaceSchema("", badges(s, false)))
	next := badges(s, true)
	if remove {
		next = schemaWith(s, "note")
	}
	var change error
	errs := race(9, func(i int) error {
		if i == 4 {
			change = s.store.Update(s.Context(), replaceSchema("", next))
			return change
		}
		return s.store.Update(s.Context(), writeByTheSchema(wearer(s, fmt.Sprint("00u", round, i), "", fmt.Sprint(round))))
	})
	written := count(errs, nil)
	if change == nil {
		written--
	}
	switch {
	case change == nil && remove: // removed: nobody has one
		for i := range 9 {
			if i != 4 && s.badgeOf(fmt.Sprint("00u", round, i)) != "" {
				s.Errorf("round %d: user %d has a value of what is not there", round, i)
			}
		}
	case change == nil && written > 1:
		s.Errorf("round %d: %d users have one unique value", round, written)
	case change != nil && written < 2:
		s.Errorf("round %d: %v, with %d users", round, change, written)
	}
}

// writeByTheSchema creates a user with the values that are in the schema.
func writeByTheSchema(u *org.User) work {
	return func(ctx context.Context, tx *org.Tx) error {
		schema, err := tx.Schemas.Of(ctx, u.TypeID)
		if err != nil {
			return err
		}
		mine := *u
		mine.Profile = schema.Storable(u.Profile)
		return tx.Users.Create(ctx, &mine)
	}
}

func profileOf(t testing.TB, text string) profile.Profile {
	t.Helper()
	o := &hook.Object{}
	if err := o.UnmarshalJSON([]byte(text)); err != nil {
		t.Fatal(err)
	}
	return profile.New(o)
}
