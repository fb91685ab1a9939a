package directory_test

import (
	"context"
	"errors"
	"testing"

	"github.com/usher-id/usher/internal/admin"
	"github.com/usher-id/usher/internal/directory"
	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/org"
)

// admin makes a person with a role.
func (h *house) admin(login, role string) (*org.User, *org.Grant) {
	h.Helper()
	u := h.person(login)
	g, err := h.GrantRole(h.Context(), h.by, u.ID, role)
	if err != nil {
		h.Fatal(err)
	}
	return u, g
}

// as is who makes requests as a person.
func (h *house) as(u *org.User, role string) directory.By {
	by := h.by
	by.Actor.ID, by.TokenID, by.Role = u.ID, "00T1", role
	return by
}

func TestRoles(t *testing.T) {
	inHouse(t, func(h *house) {
		ada, grant := h.admin("ada@example.com", org.RoleHelpDesk)
		if len(grant.ID) != 24 || grant.UserID != ada.ID || grant.Role != org.RoleHelpDesk || grant.Created.IsZero() {
			h.Errorf("grant is %+v", grant)
		}
		if got, err := h.Grant(h.Context(), h.by, "ada@example.com", grant.ID); err != nil || *got != *grant {
			h.Errorf("grant is %+v (%v)", got, err)
		}
		_, err := h.GrantRole(h.Context(), h.by, ada.ID, org.RoleHelpDesk)
		refused(h.T, err, fault.AlreadyAssigned)
		for _, role := range []string{"APP_ADMIN", "USER_ADMIN", "CUSTOM", "", "help_desk_admin"} {
			_, err := h.GrantRole(h.Context(), h.by, ada.ID, role)
			refused(h.T, err, fault.Invalid, "type: must be SUPER_ADMIN, ORG_ADMIN, HELP_DESK_ADMIN or READ_ONLY_ADMIN")
		}
		_, other := h.admin("eve@example.com", org.RoleHelpDesk)
		refused(h.T, h.RevokeRole(h.Context(), h.by, ada.ID, other.ID), fault.NotFound) // another's
		if err := h.RevokeRole(h.Context(), h.by, ada.ID, grant.ID); err != nil {
			h.Error(err)
		}
		refused(h.T, h.RevokeRole(h.Context(), h.by, ada.ID, grant.ID), fault.NotFound)
		h.wantEvents("user.account.privilege.grant "+ada.ID, "user.account.privilege.grant "+other.UserID, "user.account.privilege.revoke "+ada.ID)
	})
}

// Roles are a super administrator's to give and to take, one's own included.
func TestRolesAreForSuperAdministrators(t *testing.T) {
	inHouse(t, func(h *house) {
		ada, grant := h.admin("ada@example.com", org.RoleReadOnly)
		for _, role := range []string{org.RoleOrgAdmin, org.RoleHelpDesk, org.RoleReadOnly} {
			_, err := h.GrantRole(h.Context(), h.as(ada, role), ada.ID, org.RoleSuperAdmin)
			refused(h.T, err, fault.Forbidden)
			refused(h.T, h.RevokeRole(h.Context(), h.as(ada, role), ada.ID, grant.ID), fault.Forbidden)
		}
		if _, err := h.GrantRole(h.Context(), h.as(ada, org.RoleSuperAdmin), ada.ID, org.RoleSuperAdmin); err != nil {
			h.Error(err)
		}
	})
}

// An org does not lose its last super administrator, in whatever way, nor when
// the last two go at once.
func TestLastSuperAdministratorStays(t *testing.T) {
	inHouse(t, func(h *house) {
		const last = ": This is the last super administrator. Make somebody else one first."
		for name, leave := range map[string]func(u *org.User, g *org.Grant) error{
			"revoke":     func(u *org.User, g *org.Grant) error { return h.RevokeRole(h.Context(), h.by, u.ID, g.ID) },
			"deactivate": func(u *org.User, _ *org.Grant) error { return h.DeactivateUser(h.Context(), h.by, u.ID) },
			"suspend":    func(u *org.User, _ *org.Grant) error { return h.SuspendUser(h.Context(), h.by, u.ID) },
			"delete":     func(u *org.User, _ *org.Grant) error { return h.DeleteUser(h.Context(), h.by, u.ID) },
			"expire": func(u *org.User, _ *org.Grant) error {
				_, err := h.ExpirePassword(h.Context(), h.by, u.ID)
				return err
			},
			"reset": func(u *org.User, _ *org.Grant) error {
				_, err := h.ResetPassword(h.Context(), h.by, u.ID, false)
				return err
			},
		} {
			ada, adas := h.admin("ada-"+name+"@example.com", org.RoleSuperAdmin)
			h.admin("eve-"+name+"@example.com", org.RoleOrgAdmin) // who is none
			refused(h.T, leave(ada, adas), fault.Invalid, last)

			eve, eves := h.admin("zoe-"+name+"@example.com", org.RoleSuperAdmin)
			errs := atOnce(2, func(i int) error {
				if i == 0 {
					return leave(ada, adas)
				}
				return leave(eve, eves)
			})
			went := 0
			for _, err := range errs {
				if err == nil {
					went++
				} else {
					refused(h.T, err, fault.Invalid, last)
				}
			}
			if went != 1 {
				h.Errorf("%s: %d of two went: %v", name, went, errors.Join(errs...))
			}
			h.noSuperAdministrators()
		}
	})
}

// noSuperAdministrators clears the org of them for the next test.
func (h *house) noSuperAdministrators() {
	h.Helper()
	everyone := h.everyone()
	h.write(func(ctx context.Context, tx *org.Tx) error {
		people, err := tx.Members.Users(ctx, everyone.ID, "", 100)
		if err != nil {
			return err
		}
		for _, u := range people {
			grants, err := tx.Grants.OfUser(ctx, u.ID)
			if err != nil {
				return err
			}
			for _, g := range grants {
				if err := tx.Grants.Delete(ctx, g.ID); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// Tokens and roles end with their owner's account, and do not come back with it.
func TestDeactivationRevokesRights(t *testing.T) {
	inHouse(t, func(h *house) {
		ada, _ := h.admin("ada@example.com", org.RoleReadOnly)
		a := &admin.Service{Editor: h.Editor}
		text, token, err := a.CreateToken(h.Context(), h.by, admin.TokenInput{Name: "ci", UserID: ada.ID})
		if err != nil {
			h.Fatal(err)
		}
		good := func(want bool) {
			h.Helper()
			if _, err := a.Authenticate(h.Context(), text); (err == nil) != want {
				h.Errorf("the token gave %v", err)
			}
		}
		good(true)
		for _, step := range []struct {
			call func(context.Context, directory.By, string) error
			good bool
		}{
			{h.SuspendUser, false}, {h.UnsuspendUser, true}, {h.DeactivateUser, false},
		} {
			if err := step.call(h.Context(), h.by, ada.ID); err != nil {
				h.Fatal(err)
			}
			good(step.good)
		}
		h.write(func(ctx context.Context, tx *org.Tx) error {
			u, err := tx.Users.Get(ctx, ada.ID)
			if err == nil {
				u.Status = org.StatusActive
				err = tx.Users.Update(ctx, u)
			}
			return err
		})
		good(false)
		if grants, err := h.Grants(h.Context(), h.by, ada.ID); err != nil || len(grants) != 0 {
			h.Errorf("roles came back: %v (%v)", grants, err)
		}
		h.wantEvents("user.account.privilege.grant "+ada.ID, "system.api_token.create "+token.ID, "user.lifecycle.suspend "+ada.ID,
			"user.lifecycle.unsuspend "+ada.ID, "system.api_token.revoke "+token.ID,
			"user.account.privilege.revoke "+ada.ID, "user.lifecycle.deactivate "+ada.ID)
	})
}
