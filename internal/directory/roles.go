package directory

import (
	"context"
	"errors"

	"github.com/usher-id/usher/internal/edit"
	"github.com/usher-id/usher/internal/eventlog"
	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/id"
	"github.com/usher-id/usher/internal/org"
)

const grantResource = "RoleAssignment" // in the summary of a missing one

// Grants gives the roles of a user, in the order in which they were given.
func (s *Service) Grants(ctx context.Context, by By, key string) ([]*org.Grant, error) {
	return edit.View(ctx, &s.Editor, key, userResource, func(ctx context.Context, tx *org.Tx) ([]*org.Grant, error) {
		u, err := find(ctx, tx, by, key)
		if err != nil {
			return nil, err
		}
		return tx.Grants.OfUser(ctx, u.ID)
	})
}

// Grant gives one role of a user.
func (s *Service) Grant(ctx context.Context, by By, key, grantID string) (*org.Grant, error) {
	grants, err := s.Grants(ctx, by, key)
	if err != nil {
		return nil, err
	}
	for _, g := range grants {
		if g.ID == grantID {
			return g, nil
		}
	}
	return nil, fault.Missing(grantID, grantResource)
}

// GrantRole gives a user a role. Okta's other roles are refused and not taken for
// one of these: Terraform would set out to mend the difference for ever.
func (s *Service) GrantRole(ctx context.Context, by By, key, role string) (*org.Grant, error) {
	var found edit.Problems
	found.OneOf("type", role, org.Roles()...)
	if err := found.Fault("role"); err != nil {
		return nil, err
	}
	var g *org.Grant
	err := s.changeRole(ctx, by, key, func(ctx context.Context, tx *org.Tx, u *org.User) (_ eventlog.Type, _ string, err error) {
		if u.Status == org.StatusDeprovisioned {
			return "", "", fault.New(fault.WrongStatus, "")
		}
		g = &org.Grant{ID: id.Grant(), UserID: u.ID, Role: role, Created: s.Time()}
		err = tx.Grants.Create(ctx, g)
		if errors.Is(err, org.ErrGranted) {
			err = fault.New(fault.AlreadyAssigned, "")
		}
		return eventlog.RoleGranted, role, err
	})
	if err != nil {
		return nil, err
	}
	return g, nil
}

// RevokeRole takes a role from a user. The last super administrator stays one.
func (s *Service) RevokeRole(ctx context.Context, by By, key, grantID string) error {
	return s.changeRole(ctx, by, key, func(ctx context.Context, tx *org.Tx, u *org.User) (eventlog.Type, string, error) {
		grants, err := tx.Grants.OfUser(ctx, u.ID)
		if err != nil {
			return "", "", err
		}
		for _, g := range grants {
			if g.ID != grantID {
				continue
			}
			if g.Role == org.RoleSuperAdmin {
				if err := notTheLast(ctx, tx, u); err != nil {
					return "", "", err
				}
			}
			return eventlog.RoleRevoked, g.Role, tx.Grants.Delete(ctx, grantID)
		}
		return "", "", fault.Missing(grantID, grantResource)
	})
}

// changeRole changes the roles of a user, which only a super administrator does.
func (s *Service) changeRole(ctx context.Context, by By, key string,
	set func(ctx context.Context, tx *org.Tx, u *org.User) (t eventlog.Type, role string, err error),
) error {
	if !almighty(by) {
		return fault.New(fault.Forbidden, "")
	}
	err := s.Change(ctx, func(ctx context.Context, tx *org.Tx) error {
		u, err := s.editable(ctx, tx, by, key)
		if err != nil {
			return err
		}
		t, role, err := set(ctx, tx, u)
		if err != nil {
			return err
		}
		return s.tellRole(ctx, tx, by, t, u, role)
	})
	return edit.Missing(err, key, userResource)
}

func (s *Service) tellRole(ctx context.Context, tx *org.Tx, by By, t eventlog.Type, u *org.User, role string) error {
	e := s.Event(t, by, eventlog.UserTarget(u))
	e.Debug = map[string]string{"privilege": role}
	return tx.Events.Append(ctx, e)
}

// revokeRights ends the roles and the API tokens of a user for good: one who is
// activated again is given new ones.
func (s *Service) revokeRights(ctx context.Context, tx *org.Tx, by By, u *org.User) error {
	tokens, err := tx.Tokens.List(ctx, u.ID)
	if err != nil {
		return err
	}
	for _, t := range tokens {
		if err := tx.Tokens.Delete(ctx, t.ID); err != nil {
			return err
		}
		if err := tx.Events.Append(ctx, s.Event(eventlog.TokenRevoked, by, eventlog.TokenTarget(t))); err != nil {
			return err
		}
	}
	grants, err := tx.Grants.OfUser(ctx, u.ID)
	if err != nil {
		return err
	}
	for _, g := range grants {
		if err := tx.Grants.Delete(ctx, g.ID); err != nil {
			return err
		}
		if err := s.tellRole(ctx, tx, by, eventlog.RoleRevoked, u, g.Role); err != nil {
			return err
		}
	}
	return nil
}
