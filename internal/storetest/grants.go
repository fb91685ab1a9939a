package storetest

import (
	"context"
	"errors"

	"github.com/usher-id/usher/internal/org"
)

func grant(g org.Grant) work {
	return func(ctx context.Context, tx *org.Tx) error { return tx.Grants.Create(ctx, &g) }
}

// grantsOf gives the grants of a user.
func (s *suite) grantsOf(userID string) (list []*org.Grant) {
	s.Helper()
	s.view(func(ctx context.Context, tx *org.Tx) (err error) {
		list, err = tx.Grants.OfUser(ctx, userID)
		return err
	})
	return list
}

func grantCases() []testCase {
	return []testCase{
		{"what is written is read, in the order of making", func(s *suite) {
			s.update(createUser(person(s, "00u1", "ada", "")))
			s.update(createUser(person(s, "00u2", "eve", "")))
			s.update(grant(org.Grant{ID: "g2", UserID: "00u1", Role: org.RoleReadOnly, Created: moment(2)}))
			s.update(grant(org.Grant{ID: "g1", UserID: "00u1", Role: org.RoleSuperAdmin, Created: moment(1)}))
			s.update(grant(org.Grant{ID: "g3", UserID: "00u2", Role: org.RoleSuperAdmin, Created: moment(1)}))
			equal(s, "grants", s.grantsOf("00u1"), []*org.Grant{
				{ID: "g1", UserID: "00u1", Role: org.RoleSuperAdmin, Created: stored(1)},
				{ID: "g2", UserID: "00u1", Role: org.RoleReadOnly, Created: stored(2)},
			})
			equal(s, "of nobody", s.grantsOf("00u3"), []*org.Grant{})
		}},
		{"a user has a role once", func(s *suite) {
			s.update(createUser(person(s, "00u1", "ada", "")))
			s.update(grant(org.Grant{ID: "g1", UserID: "00u1", Role: org.RoleReadOnly}))
			s.refused(org.ErrGranted, grant(org.Grant{ID: "g2", UserID: "00u1", Role: org.RoleReadOnly}))
			if err := s.tryUpdate(grant(org.Grant{ID: "g2", UserID: "00unobody", Role: org.RoleReadOnly})); err == nil {
				s.Error("nobody has a role")
			}
		}},
		{"what is taken away is gone, and goes with the user", func(s *suite) {
			s.update(createUser(person(s, "00u1", "ada", "")))
			s.update(grant(org.Grant{ID: "g1", UserID: "00u1", Role: org.RoleReadOnly}))
			s.update(grant(org.Grant{ID: "g2", UserID: "00u1", Role: org.RoleOrgAdmin}))
			remove := func(ctx context.Context, tx *org.Tx) error { return tx.Grants.Delete(ctx, "g1") }
			s.update(remove)
			s.refused(org.ErrNotFound, remove)
			equal(s, "left", len(s.grantsOf("00u1")), 1)
			s.update(func(ctx context.Context, tx *org.Tx) error { return tx.Users.Delete(ctx, "00u1") })
			equal(s, "left", s.grantsOf("00u1"), []*org.Grant{})
		}},
		{"others are those who are active", func(s *suite) {
			for id, status := range map[string]string{
				"00u1": org.StatusActive, "00u2": org.StatusActive, "00u3": org.StatusSuspended, "00u4": org.StatusDeprovisioned,
			} {
				u := person(s, id, id, "")
				u.Status = status
				s.update(createUser(u))
				s.update(grant(org.Grant{ID: "s" + id, UserID: id, Role: org.RoleSuperAdmin}))
				s.update(grant(org.Grant{ID: "r" + id, UserID: id, Role: org.RoleReadOnly}))
			}
			s.view(func(ctx context.Context, tx *org.Tx) error {
				for id, want := range map[string]int{"00u1": 1, "00u3": 2, "": 2} {
					n, err := tx.Grants.Others(ctx, org.RoleSuperAdmin, id)
					if err != nil {
						return err
					}
					equal(s, "without "+id, n, want)
				}
				return nil
			})
		}},
		{"of two who go if another stays, one stays", func(s *suite) {
			ids := []string{"00u1", "00u2"}
			for _, id := range ids {
				s.update(createUser(person(s, id, id, "")))
				s.update(grant(org.Grant{ID: "g" + id, UserID: id, Role: org.RoleSuperAdmin}))
			}
			errLast := errors.New("the last one")
			errs := race(len(ids), func(i int) error {
				return s.store.Update(s.Context(), func(ctx context.Context, tx *org.Tx) error {
					n, err := tx.Grants.Others(ctx, org.RoleSuperAdmin, ids[i])
					if err != nil {
						return err
					}
					if n == 0 {
						return errLast
					}
					return tx.Grants.Delete(ctx, "g"+ids[i])
				})
			})
			equal(s, "refusals", count(errs, errLast), 1)
			equal(s, "left", len(s.grantsOf(ids[0]))+len(s.grantsOf(ids[1])), 1)
		}},
	}
}
