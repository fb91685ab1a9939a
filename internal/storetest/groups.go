package storetest

import (
	"context"

	"github.com/usher-id/usher/internal/org"
)

func createGroup(g *org.Group) work {
	return func(ctx context.Context, tx *org.Tx) error { return tx.Groups.Create(ctx, g) }
}

func groupCases() []testCase {
	return []testCase{
		{"what is written is read", func(s *suite) {
			s.update(createGroup(&org.Group{ID: "00g1", Name: org.Everyone, Description: "All", BuiltIn: true, Created: moment(1), LastUpdated: moment(2)}))
			want := &org.Group{ID: "00g1", Name: org.Everyone, Description: "All", BuiltIn: true, Created: stored(1), LastUpdated: stored(2)}
			s.view(func(ctx context.Context, tx *org.Tx) error {
				byID, err := tx.Groups.Get(ctx, "00g1")
				if err != nil {
					return err
				}
				equal(s, "by id", byID, want)
				byName, err := tx.Groups.ByName(ctx, org.Everyone)
				equal(s, "by name", byName, want)
				return err
			})
		}},
		{"names are exact and taken once", func(s *suite) {
			s.update(createGroup(&org.Group{ID: "00g1", Name: "Staff"}))
			s.refused(org.ErrNameTaken, createGroup(&org.Group{ID: "00g2", Name: "Staff"}))
			s.update(createGroup(&org.Group{ID: "00g2", Name: "staff"}))
			s.missing("in other letters", func(ctx context.Context, tx *org.Tx) error {
				_, err := tx.Groups.ByName(ctx, "STAFF")
				return err
			})
			s.missing("by id", func(ctx context.Context, tx *org.Tx) error {
				_, err := tx.Groups.Get(ctx, "00g3")
				return err
			})
		}},
		{"members are in once, and their groups go by name", func(s *suite) {
			s.update(func(ctx context.Context, tx *org.Tx) error {
				if err := tx.Users.Create(ctx, person(s, "00u1", "ada", "")); err != nil {
					return err
				}
				for _, name := range []string{"b", "a", "B"} {
					if err := tx.Groups.Create(ctx, &org.Group{ID: "00g" + name, Name: name}); err != nil {
						return err
					}
					for range 2 {
						if err := tx.Groups.AddMember(ctx, "00g"+name, "00u1"); err != nil {
							return err
						}
					}
				}
				return tx.Groups.Create(ctx, &org.Group{ID: "00gother", Name: "other"})
			})
			s.view(func(ctx context.Context, tx *org.Tx) error {
				groups, err := tx.Groups.OfUser(ctx, "00u1")
				var names []string
				for _, g := range groups {
					names = append(names, g.Name)
				}
				equal(s, "groups", names, []string{"B", "a", "b"})
				return err
			})
		}},
		{"nobody cannot be a member", func(s *suite) {
			s.update(createGroup(&org.Group{ID: "00g1", Name: "Staff"}))
			err := s.tryUpdate(func(ctx context.Context, tx *org.Tx) error { return tx.Groups.AddMember(ctx, "00g1", "00u1") })
			if err == nil {
				s.Error("a user that does not exist is a member")
			}
		}},
		{"a user in no group has an empty list and not nil", func(s *suite) {
			s.view(func(ctx context.Context, tx *org.Tx) error {
				groups, err := tx.Groups.OfUser(ctx, "00u1")
				equal(s, "groups", groups, []*org.Group{})
				return err
			})
		}},
	}
}
