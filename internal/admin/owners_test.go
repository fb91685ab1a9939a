package admin_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/usher-id/usher/internal/admin"
	"github.com/usher-id/usher/internal/eventlog"
	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/profile"
)

func (o *office) write(work func(context.Context, *org.Tx) error) {
	o.Helper()
	if err := o.Store.Update(o.Context(), work); err != nil {
		o.Fatal(err)
	}
}

// person makes an active user with roles.
func (o *office) person(login string, roles ...string) *org.User {
	o.Helper()
	u := &org.User{ID: "00u" + login, Status: org.StatusActive, Profile: profile.Profile{}.Set(profile.Login, login)}
	o.write(func(ctx context.Context, tx *org.Tx) error { return tx.Users.Create(ctx, u) })
	for _, role := range roles {
		o.grant(u, role)
	}
	return u
}

func (o *office) grant(u *org.User, role string) {
	o.Helper()
	o.write(func(ctx context.Context, tx *org.Tx) error {
		return tx.Grants.Create(ctx, &org.Grant{ID: u.ID + role, UserID: u.ID, Role: role})
	})
}

func (o *office) revoke(u *org.User, role string) {
	o.Helper()
	o.write(func(ctx context.Context, tx *org.Tx) error { return tx.Grants.Delete(ctx, u.ID+role) })
}

func (o *office) status(u *org.User, status string) {
	o.Helper()
	u.Status = status
	o.write(func(ctx context.Context, tx *org.Tx) error { return tx.Users.Update(ctx, u) })
}

// token makes one, as usher itself.
func (o *office) token(in admin.TokenInput) (text string, t *org.Token) {
	o.Helper()
	in.Name = "token"
	text, t, err := o.CreateToken(o.Context(), o.by, in)
	if err != nil {
		o.Fatal(err)
	}
	return text, t
}

// bearing is who makes requests with a token.
func (o *office) bearing(text string) admin.By {
	o.Helper()
	b, err := o.Authenticate(o.Context(), text)
	if err != nil {
		o.Fatal(err)
	}
	by := o.by
	by.Actor, by.TokenID, by.Role = b.Actor(), b.Token.ID, b.Role
	return by
}

// The rights of a token are those that its owner has at the time.
func TestTokenOfUser(t *testing.T) {
	onEngines(t, func(o *office) {
		ada := o.person("ada", org.RoleReadOnly)
		text, _ := o.token(admin.TokenInput{UserID: ada.ID})
		acts := func(what, role string) {
			o.Helper()
			b, err := o.Authenticate(o.Context(), text)
			if role == "" {
				refused(o.T, err, fault.BadToken)
				return
			}
			if err != nil || b.Role != role || b.Owner.ID != ada.ID || b.Actor() != eventlog.Person(ada) {
				o.Errorf("%s: %+v (%v), want %s", what, b, err, role)
			}
		}
		acts("at first", org.RoleReadOnly)
		o.grant(ada, org.RoleOrgAdmin)
		acts("with two roles", org.RoleOrgAdmin)
		for _, status := range []string{
			org.StatusSuspended, org.StatusDeprovisioned, org.StatusStaged, org.StatusProvisioned, org.StatusRecovery,
			org.StatusPasswordExpired,
		} {
			o.status(ada, status)
			acts(status, "")
		}
		// Else a stranger with the login and ten wrong passwords would stop programs.
		o.status(ada, org.StatusLockedOut)
		acts("locked out", org.RoleOrgAdmin)
		o.status(ada, org.StatusActive)
		o.revoke(ada, org.RoleOrgAdmin)
		acts("with one left", org.RoleReadOnly)
		o.revoke(ada, org.RoleReadOnly)
		acts("without a role", "")
	})
}

func TestTokenGoesWithItsOwner(t *testing.T) {
	onEngines(t, func(o *office) {
		ada := o.person("ada", org.RoleReadOnly)
		text, token := o.token(admin.TokenInput{UserID: ada.ID})
		o.write(func(ctx context.Context, tx *org.Tx) error { return org.DeleteUser(ctx, tx, ada.ID) })
		_, err := o.Authenticate(o.Context(), text)
		refused(o.T, err, fault.BadToken)
		_, err = o.Token(o.Context(), o.by, token.ID)
		refused(o.T, err, fault.NotFound)
	})
}

func TestOwnerMustBeAnActiveAdministrator(t *testing.T) {
	onEngines(t, func(o *office) {
		ada, eve := o.person("ada"), o.person("eve", org.RoleSuperAdmin)
		o.status(eve, org.StatusSuspended)
		for _, userID := range []string{ada.ID, eve.ID, "00unobody"} {
			_, _, err := o.CreateToken(o.Context(), o.by, admin.TokenInput{Name: "x", UserID: userID})
			refused(o.T, err, fault.Invalid, "userId: must be an active user who has a role")
		}
		zoe := o.person("zoe", org.RoleHelpDesk)
		_, _, err := o.CreateToken(o.Context(), o.by, admin.TokenInput{Name: "x", UserID: zoe.ID, Role: org.RoleHelpDesk})
		refused(o.T, err, fault.Invalid, "role: a token of a user has the role of the user")
		o.wantEvents()
	})
}

// Nobody makes a token that may do more than they do, or that outlives them.
func TestWhoMakesWhichToken(t *testing.T) {
	onEngines(t, func(o *office) {
		ada := o.person("ada", org.RoleOrgAdmin)
		root := o.person("root", org.RoleSuperAdmin)
		for maker, c := range map[admin.TokenInput]map[admin.TokenInput]*org.Token{
			{UserID: ada.ID}: {
				{}: {UserID: ada.ID}, {UserID: ada.ID}: {UserID: ada.ID}, {UserID: root.ID}: nil,
				{Role: org.RoleReadOnly}: nil, {Role: org.RoleSuperAdmin}: nil, {UserID: "00unobody"}: nil,
			},
			{UserID: root.ID}: {
				{}: {UserID: root.ID}, {UserID: ada.ID}: {UserID: ada.ID}, {Role: org.RoleSuperAdmin}: {Role: org.RoleSuperAdmin},
			},
			{Role: org.RoleSuperAdmin}: {
				{}: {Role: org.RoleSuperAdmin}, {UserID: root.ID}: {UserID: root.ID}, {Role: org.RoleHelpDesk}: {Role: org.RoleHelpDesk},
			},
			{Role: org.RoleOrgAdmin}: {{}: nil, {Role: org.RoleReadOnly}: nil, {UserID: ada.ID}: nil},
			{Role: org.RoleReadOnly}: {{}: nil, {Role: org.RoleReadOnly}: nil},
			{Role: org.RoleHelpDesk}: {{}: nil, {Role: org.RoleHelpDesk}: nil},
		} {
			text, _ := o.token(maker)
			by := o.bearing(text)
			for in, want := range c {
				in.Name = "made"
				_, got, err := o.CreateToken(o.Context(), by, in)
				switch {
				case want == nil:
					refused(o.T, err, fault.Forbidden)
				case err != nil || got.UserID != want.UserID || got.Role != want.Role:
					o.Errorf("%+v makes of %+v %+v (%v)", maker, in, got, err)
				}
			}
		}
	})
}

// Else one that ends would be as good as one that does not.
func TestTokensEndWithTheirMaker(t *testing.T) {
	onEngines(t, func(o *office) {
		ada, root := o.person("ada", org.RoleOrgAdmin), o.person("root", org.RoleSuperAdmin)
		end := o.Time().Add(time.Hour)
		for _, c := range []struct {
			maker  *org.User
			expiry time.Time // of the maker's token
			asked  time.Time
			want   time.Time
			causes []string
		}{
			{ada, end, time.Time{}, end, nil},
			{ada, end, end, end, nil},
			{ada, end, end.Add(-time.Minute), end.Add(-time.Minute), nil},
			{ada, end, end.Add(time.Second), end, []string{"expires: must not be after the end of the token of the request"}},
			{ada, time.Time{}, time.Time{}, time.Time{}, nil},
			{ada, time.Time{}, end, end, nil},
			{root, end, time.Time{}, time.Time{}, nil},
			{root, end, end.Add(time.Hour), end.Add(time.Hour), nil},
		} {
			text, _ := o.token(admin.TokenInput{UserID: c.maker.ID, Expires: c.expiry})
			_, made, err := o.CreateToken(o.Context(), o.bearing(text), admin.TokenInput{Name: "made", Expires: c.asked})
			if c.causes != nil {
				refused(o.T, err, fault.Invalid, c.causes...)
			} else if err != nil || !made.Expires.Equal(c.want) {
				o.Errorf("%s with a token until %v makes one until %v: %+v (%v)", c.maker.ID, c.expiry, c.asked, made, err)
			}
		}
		text, token := o.token(admin.TokenInput{UserID: ada.ID})
		by := o.bearing(text)
		if err := o.RevokeToken(o.Context(), by, token.ID); err != nil {
			o.Fatal(err)
		}
		_, _, err := o.CreateToken(o.Context(), by, admin.TokenInput{Name: "late"})
		refused(o.T, err, fault.BadToken)
	})
}

// Who is no super administrator knows and ends tokens of one's own alone.
func TestTokensOfOthersAreNotThere(t *testing.T) {
	onEngines(t, func(o *office) {
		ada, eve := o.person("ada", org.RoleOrgAdmin), o.person("eve", org.RoleOrgAdmin)
		text, first := o.token(admin.TokenInput{UserID: ada.ID})
		_, second := o.token(admin.TokenInput{UserID: ada.ID})
		_, others := o.token(admin.TokenInput{UserID: eve.ID})
		_, nobodys := o.token(admin.TokenInput{})
		list := func(by admin.By) (ids []string) {
			tokens, err := o.Tokens(o.Context(), by)
			if err != nil {
				o.Fatal(err)
			}
			for _, t := range tokens {
				ids = append(ids, t.ID)
			}
			return ids
		}
		by := o.bearing(text)
		if ids := list(by); !slices.Equal(ids, []string{first.ID, second.ID}) {
			o.Errorf("ada sees %v", ids)
		}
		if ids := list(o.by); len(ids) != 4 {
			o.Errorf("usher sees %v", ids)
		}
		for _, id := range []string{others.ID, nobodys.ID, "00Tnone"} {
			_, err := o.Token(o.Context(), by, id)
			refused(o.T, err, fault.NotFound)
			_, err = o.RenameToken(o.Context(), by, id, "mine")
			refused(o.T, err, fault.NotFound)
			refused(o.T, o.RevokeToken(o.Context(), by, id), fault.NotFound)
		}
		for _, id := range []string{second.ID, first.ID} {
			if _, err := o.RenameToken(o.Context(), by, id, "mine"); err != nil {
				o.Error(err)
			}
			if err := o.RevokeToken(o.Context(), by, id); err != nil {
				o.Error(err)
			}
		}
		_, err := o.Authenticate(o.Context(), text)
		refused(o.T, err, fault.BadToken)

		// One that nobody owns has nothing but itself.
		text, lone := o.token(admin.TokenInput{Role: org.RoleOrgAdmin})
		if ids := list(o.bearing(text)); !slices.Equal(ids, []string{lone.ID}) {
			o.Errorf("a token of nobody sees %v", ids)
		}
	})
}

// The log names the owner as the one who did it, and the token that was used.
func TestEventsNameTheOwner(t *testing.T) {
	onEngines(t, func(o *office) {
		ada := o.person("ada", org.RoleOrgAdmin)
		text, token := o.token(admin.TokenInput{UserID: ada.ID})
		by := o.bearing(text)
		if _, err := o.RenameToken(o.Context(), by, token.ID, "renamed"); err != nil {
			o.Fatal(err)
		}
		var last org.Event
		err := o.Store.View(o.Context(), func(ctx context.Context, tx *org.Tx) error {
			return tx.Events.Scan(ctx, org.EventRange{Descending: true}, func(e org.Event) bool {
				last = e
				return false
			})
		})
		if err != nil || last.Type != "system.api_token.update" || last.Actor != eventlog.Person(ada) || last.TokenID != token.ID {
			o.Errorf("event is %+v (%v)", last, err)
		}
	})
}
