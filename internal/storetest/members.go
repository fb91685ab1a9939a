package storetest

import (
	"context"
	"strconv"
	"time"

	"github.com/usher-id/usher/internal/org"
)

func addMember(groupID, userID string, second int) work {
	return func(ctx context.Context, tx *org.Tx) error {
		return tx.Members.Add(ctx, groupID, userID, moment(second))
	}
}

func removeMember(groupID, userID string, second int) work {
	return func(ctx context.Context, tx *org.Tx) error {
		return tx.Members.Remove(ctx, groupID, userID, moment(second))
	}
}

// groupsOf are the names of a user's groups.
func (s *suite) groupsOf(userID string) (names []string) {
	s.Helper()
	s.view(func(ctx context.Context, tx *org.Tx) error {
		groups, err := tx.Members.Groups(ctx, userID)
		if groups == nil {
			s.Error("the list is nil")
		}
		names = []string{}
		for _, g := range groups {
			names = append(names, g.Name)
		}
		return err
	})
	return names
}

// usersIn are the ids of the users of a page.
func (s *suite) usersIn(groupID, after string, limit int) (ids []string) {
	s.Helper()
	s.view(func(ctx context.Context, tx *org.Tx) error {
		users, err := tx.Members.Users(ctx, groupID, after, limit)
		if users == nil {
			s.Error("the list is nil")
		}
		ids = []string{}
		for _, u := range users {
			ids = append(ids, u.ID)
		}
		return err
	})
	return ids
}

// isMember expects whether a user is in a group.
func isMember(s *suite, groupID, userID string, want bool) work {
	s.Helper()
	return func(ctx context.Context, tx *org.Tx) error {
		got, err := tx.Members.Has(ctx, groupID, userID)
		if got != want {
			s.Errorf("%s in %s: %v", userID, groupID, got)
		}
		return err
	}
}

func memberCases() []testCase {
	return []testCase{
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
						if err := tx.Members.Add(ctx, "00g"+name, "00u1", time.Time{}); err != nil {
							return err
						}
					}
				}
				return tx.Groups.Create(ctx, &org.Group{ID: "00gother", Name: "other"})
			})
			equal(s, "groups", s.groupsOf("00u1"), []string{"B", "a", "b"})
			equal(s, "of nobody", s.groupsOf("00u2"), []string{})
		}},
		{"nobody cannot be a member", func(s *suite) {
			s.update(createGroup(&org.Group{ID: "00g1", Name: "Staff"}))
			if err := s.tryUpdate(addMember("00g1", "00u1", 1)); err == nil {
				s.Error("a user that does not exist is a member")
			}
		}},
		{"users go by id, page by page", func(s *suite) {
			s.update(createGroup(&org.Group{ID: "00g1", Name: "a"}))
			s.update(createGroup(&org.Group{ID: "00g2", Name: "b"}))
			for i, id := range []string{"00ub", "00uB", "00ua", "00uA"} {
				s.update(createUser(person(s, id, "login"+strconv.Itoa(i), "")))
				s.update(addMember("00g1", id, i))
			}
			s.update(addMember("00g2", "00ua", 1))
			equal(s, "first page", s.usersIn("00g1", "", 3), []string{"00uA", "00uB", "00ua"})
			equal(s, "second page", s.usersIn("00g1", "00ua", 3), []string{"00ub"})
			equal(s, "the end", s.usersIn("00g1", "00ub", 3), []string{})
			equal(s, "another group", s.usersIn("00g2", "", 3), []string{"00ua"})
			equal(s, "no group", s.usersIn("00g3", "", 3), []string{})
		}},
		{"who leaves is out, once, and seen at once", func(s *suite) {
			s.update(createGroup(&org.Group{ID: "00g1", Name: "a"}))
			s.update(createUser(person(s, "00u1", "ada", "")))
			s.update(func(ctx context.Context, tx *org.Tx) error {
				for _, step := range []work{
					addMember("00g1", "00u1", 1), isMember(s, "00g1", "00u1", true),
					removeMember("00g1", "00u1", 2), isMember(s, "00g1", "00u1", false),
				} {
					if err := step(ctx, tx); err != nil {
						return err
					}
				}
				return nil
			})
			equal(s, "groups", s.groupsOf("00u1"), []string{})
			s.refused(org.ErrNotFound, removeMember("00g1", "00u1", 3))
			s.refused(org.ErrNotFound, removeMember("00g9", "00u1", 3))
		}},
		{"a group knows when its members last changed", func(s *suite) {
			s.update(createGroup(&org.Group{ID: "00g1", Name: "a", LastMembershipUpdated: moment(1)}))
			s.update(createUser(person(s, "00u1", "ada", "")))
			s.update(createUser(person(s, "00u2", "eve", "")))
			for _, step := range []struct {
				write work
				want  int
			}{
				{addMember("00g1", "00u1", 5), 5}, {addMember("00g1", "00u1", 6), 5}, {addMember("00g1", "00u2", 4), 5},
				{removeMember("00g1", "00u2", 7), 7}, {removeMember("00g1", "00u1", 8), 8}, {addMember("00g1", "00u1", 9), 9},
			} {
				s.update(step.write)
				equal(s, "last change", s.staff().LastMembershipUpdated, stored(step.want))
			}
			equal(s, "the group's own", s.staff().LastUpdated, time.Time{})
		}},
		{"people join a group at the same time and wait for nobody", func(s *suite) {
			s.update(createGroup(&org.Group{ID: "00g1", Name: "a"}))
			const n = 8
			errs := race(n, func(i int) error {
				id := "00u" + strconv.Itoa(i)
				return s.store.Update(s.Context(), func(ctx context.Context, tx *org.Tx) error {
					if err := tx.Users.Create(ctx, person(s, id, id, "")); err != nil {
						return err
					}
					return tx.Members.Add(ctx, "00g1", id, moment(i))
				})
			})
			for _, err := range errs {
				if err != nil {
					s.Error(err)
				}
			}
			equal(s, "members", len(s.usersIn("00g1", "", n+1)), n)
		}},
	}
}
