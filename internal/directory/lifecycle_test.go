package directory_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/usher-id/usher/internal/directory"
	"github.com/usher-id/usher/internal/edit"
	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/password"
)

func expect(ctx context.Context, revision string) context.Context { return edit.Expect(ctx, revision) }

// The token is in the mail, and what is kept of it is a hash.
func TestTokensAreSent(t *testing.T) {
	w := newWorld(t)
	p, err := w.CreateUser(t.Context(), by(""), named(t, "ada"), directory.Creation{Activate: true})
	w.ok(err)
	w.sent(p.User.ID, org.MailActivate, org.PurposeActivate, 7*24*time.Hour)
	none, err := w.ReactivateUser(t.Context(), by(""), p.User.ID, true)
	w.ok(err)
	w.sent(p.User.ID, org.MailActivate, org.PurposeActivate, 7*24*time.Hour)
	if !none.Empty() {
		t.Error("the token is in the answer too")
	}
	_, err = w.ResetPassword(t.Context(), by(""), p.User.ID, true)
	w.ok(err)
	w.sent(p.User.ID, org.MailResetPassword, org.PurposeResetPassword, time.Hour)
}

// sent expects one mail, with a good token.
func (w *world) sent(userID, kind, purpose string, life time.Duration) {
	w.Helper()
	sent := w.mails()
	if len(sent) != 1 {
		w.Fatalf("%d mails", len(sent))
	}
	m := *sent[0]
	kept := w.token(m.Token.Reveal())
	m.ID, m.Token = "", org.Secret{}
	if want := (org.Mail{UserID: userID, Kind: kind, To: "ada@work.example", Created: noon}); m != want {
		w.Errorf("mail is %+v", m)
	}
	if kept == nil {
		w.Fatal("the token is not kept")
	}
	kept.Hash = ""
	if want := (org.UserToken{UserID: userID, Purpose: purpose, Created: noon, Expires: noon.Add(life)}); *kept != want {
		w.Errorf("token is %+v", kept)
	}
}

// A token in the answer is not mailed, and ends the one before.
func TestTokensAreGiven(t *testing.T) {
	w := newWorld(t)
	p, err := w.CreateUser(t.Context(), by(""), named(t, "ada"), directory.Creation{Activate: true})
	w.ok(err)
	mailed := w.mails()[0].Token
	activation, err := w.ReactivateUser(t.Context(), by(""), p.User.ID, false)
	w.ok(err)
	reset, err := w.ResetPassword(t.Context(), by(""), p.User.ID, false)
	w.ok(err)
	if len(w.mails()) != 0 || w.token(mailed.Reveal()) != nil || w.token(activation.Reveal()) != nil {
		t.Error("an earlier token is good still, or on its way")
	}
	if w.token(reset.Reveal()) == nil {
		t.Error("the token is not kept")
	}
	// Whoever has a password needs no token any more.
	_, err = w.UpdateUser(t.Context(), by(""), p.User.ID, withPassword(directory.UserInput{}), directory.Update{})
	w.ok(err)
	if w.token(reset.Reveal()) != nil {
		t.Error("a token outlives the password that it was for")
	}
}

func TestTokensEndWithTheUser(t *testing.T) {
	w := newWorld(t)
	for name, end := range map[string]func(context.Context, directory.By, string) error{
		"deactivated": w.DeactivateUser, "deleted": w.DeleteUser,
		"temporary": func(ctx context.Context, by directory.By, key string) error {
			_, err := w.TempPassword(ctx, by, key)
			return err
		},
	} {
		p, err := w.CreateUser(t.Context(), by(""), named(t, name), directory.Creation{})
		w.ok(err)
		token, err := w.ActivateUser(t.Context(), by(""), p.User.ID, false)
		w.ok(err)
		if token.Empty() || w.token(token.Reveal()) == nil {
			t.Fatalf("%s: no token", name)
		}
		w.ok(end(t.Context(), by(""), p.User.ID))
		if w.token(token.Reveal()) != nil {
			t.Errorf("%s: the token is good still", name)
		}
	}
}

// calls are all that changes a user, for tests of who may.
func (w *world) calls() map[string]func(context.Context, directory.By, string) error {
	token := func(call func(context.Context, directory.By, string, bool) (org.Secret, error)) func(context.Context, directory.By, string) error {
		return func(ctx context.Context, by directory.By, key string) error {
			_, err := call(ctx, by, key, true)
			return err
		}
	}
	return map[string]func(context.Context, directory.By, string) error{
		"activate": token(w.ActivateUser), "reactivate": token(w.ReactivateUser), "reset password": token(w.ResetPassword),
		"forgot password": token(w.ForgotPassword), "suspend": w.SuspendUser, "unsuspend": w.UnsuspendUser,
		"unlock": w.UnlockUser, "deactivate": w.DeactivateUser, "reset factors": w.ResetFactors, "delete": w.DeleteUser,
		"clear sessions": w.ClearSessions,
		"expire password": func(ctx context.Context, by directory.By, key string) error {
			_, err := w.ExpirePassword(ctx, by, key)
			return err
		},
		"temporary password": func(ctx context.Context, by directory.By, key string) error {
			_, err := w.TempPassword(ctx, by, key)
			return err
		},
		"change password": func(ctx context.Context, by directory.By, key string) error {
			_, err := w.ChangePassword(ctx, by, key, directory.PasswordChange{Old: *secret(first), New: *secret("battery staple")})
			return err
		},
		"change recovery question": func(ctx context.Context, by directory.By, key string) error {
			_, err := w.ChangeRecoveryQuestion(ctx, by, key, *secret(first), directory.RecoveryInput{Question: "Who?", Answer: org.NewSecret("Adam")})
			return err
		},
		"update": func(ctx context.Context, by directory.By, key string) error {
			_, err := w.UpdateUser(ctx, by, key, directory.UserInput{Profile: object(w, `{"email":"mine@example.com"}`)}, directory.Update{})
			return err
		},
	}
}

// Who could set the password or the address of an administrator would have the
// rights of one.
func TestAdministratorsAreChangedBySuperAdministrators(t *testing.T) {
	w := newWorld(t)
	ada, eve := w.person("ada"), w.person("eve")
	w.grant(ada, org.RoleReadOnly)
	w.grant(eve, org.RoleSuperAdmin)
	for name, call := range w.calls() {
		for _, userID := range []string{ada, eve} {
			for _, role := range []string{org.RoleOrgAdmin, org.RoleHelpDesk, org.RoleReadOnly} {
				if err := call(t.Context(), by(role), userID); !fault.Is(err, fault.Forbidden) {
					t.Errorf("%s by %s: %v", name, role, err)
				}
			}
		}
	}
	w.told()
	self := directory.By{Actor: org.Actor{ID: ada}, Role: org.RoleReadOnly}
	w.ok(w.calls()["change password"](t.Context(), self, directory.Me))
	w.ok(w.calls()["suspend"](t.Context(), by(org.RoleSuperAdmin), ada))
	w.told("user.account.update_password", "user.lifecycle.suspend")
}

func TestTheLastSuperAdministratorStays(t *testing.T) {
	w := newWorld(t)
	const last = "This is the last super administrator. Make somebody else one first."
	ada, eve := w.person("ada"), w.person("eve")
	w.grant(ada, org.RoleSuperAdmin)
	w.grant(ada, org.RoleReadOnly)
	calls := w.calls()
	calls["revoke"] = func(ctx context.Context, by directory.By, key string) error {
		grants, err := w.Grants(ctx, by, key)
		w.ok(err)
		return w.RevokeRole(ctx, by, key, grants[slices.IndexFunc(grants, func(g *org.Grant) bool { return g.Role == org.RoleSuperAdmin })].ID)
	}
	for _, other := range []string{"", org.StatusLockedOut, org.StatusPasswordExpired, org.StatusSuspended} { // who mend nothing
		if other != "" {
			w.become(eve, other)
			if other == org.StatusLockedOut {
				w.grant(eve, org.RoleSuperAdmin)
			}
		}
		hashes := w.hashes.made
		for status, names := range map[string][]string{
			org.StatusActive:          {"suspend", "expire password", "reset password", "temporary password"},
			org.StatusLockedOut:       {"reset password", "temporary password"},
			org.StatusPasswordExpired: nil,
			org.StatusRecovery:        nil,
			org.StatusProvisioned:     nil,
		} {
			w.become(ada, status)
			for _, name := range append(names, "revoke", "deactivate", "delete") {
				for _, role := range []string{"", org.RoleSuperAdmin} {
					if f := fault.As(calls[name](t.Context(), by(role), ada)); f == nil || f.Kind != fault.Invalid || f.Causes[0].Text != last {
						t.Errorf("%s of %s: %v", name, status, f)
					}
				}
			}
		}
		if w.hashes.made != hashes {
			t.Error("a password was hashed for nothing")
		}
	}
	w.told()
	// What is the way back stays.
	w.become(ada, org.StatusPasswordExpired)
	w.ok(calls["reset password"](t.Context(), by(""), ada))
	w.become(ada, org.StatusActive)
	w.ok(calls["forgot password"](t.Context(), by(""), ada))
	w.told("user.account.reset_password", "user.account.reset_password")

	w.become(eve, org.StatusActive)
	w.ok(w.SuspendUser(t.Context(), by(""), ada))
	w.refused(w.SuspendUser(t.Context(), by(""), eve), fault.Invalid, last)
	w.told("user.lifecycle.suspend")
}

func TestSessionsEndWithTheStatus(t *testing.T) {
	w := newWorld(t)
	calls := w.calls()
	for name, ends := range map[string]bool{
		"suspend": true, "deactivate": true, "delete": true, "expire password": true, "reset password": true,
		"temporary password": true, "clear sessions": true,
		"forgot password": false, "reset factors": false, "change recovery question": false, "change password": false,
	} {
		userID := w.person(name[:3] + name[len(name)-3:])
		w.signIn(userID)
		w.ok(calls[name](t.Context(), by(""), userID))
		if w.signedIn(userID) == ends {
			t.Errorf("%s: signed in is %v", name, !ends)
		}
	}
	// Sessions outlive a lock, and nothing that comes after it but the unlocking.
	locked := w.person("locked")
	w.signIn(locked)
	w.become(locked, org.StatusLockedOut)
	w.ok(w.DeactivateUser(t.Context(), by(""), locked))
	if w.signedIn(locked) {
		t.Error("a locked user was deactivated, and the session goes on")
	}
	userID := w.person("setter")
	w.signIn(userID)
	_, err := w.UpdateUser(t.Context(), by(""), userID, withPassword(directory.UserInput{}), directory.Update{})
	w.ok(err)
	if w.signedIn(userID) {
		t.Error("a password was set, and the session goes on")
	}
	w.signIn(userID)
	_, err = w.ChangePassword(t.Context(), by(""), userID, directory.PasswordChange{Old: *secret(first), New: *secret("battery staple"), RevokeSessions: true})
	w.ok(err)
	if w.signedIn(userID) {
		t.Error("sessions were to be revoked")
	}
	w.told("user.account.update_password", "user.account.update_password")
	w.signIn(userID)
	w.ok(w.ClearSessions(t.Context(), by(""), userID))
	w.ok(w.ClearSessions(t.Context(), by(""), userID)) // there is none
	w.told("user.session.clear")
}

func TestUnlockForgetsFailures(t *testing.T) {
	w := newWorld(t)
	ada := w.person("ada")
	for range 2 {
		_, err := w.ChangePassword(t.Context(), by(""), ada, directory.PasswordChange{Old: *secret("wrong"), New: *secret("battery staple")})
		w.refused(err, fault.NotProven, "Old Password is not correct")
	}
	err := w.calls()["change recovery question"](t.Context(), by(""), ada)
	w.ok(err)
	fresh := w.told("user.account.update_password", "user.account.update_password", "user.account.update_profile")
	if e := fresh[0]; e.Outcome != (org.Outcome{Result: org.Failure, Reason: "INVALID_CREDENTIALS"}) || e.Targets[0].ID != ada {
		t.Errorf("event is %+v", e)
	}
	if a := w.get(ada).Account; a.FailedSignIns != 2 || a.LastFailure != noon {
		t.Errorf("%d failures, last %v", a.FailedSignIns, a.LastFailure)
	}
	w.become(ada, org.StatusLockedOut)
	w.refused(w.calls()["change password"](t.Context(), by(""), ada), fault.WrongStatus)
	w.ok(w.UnlockUser(t.Context(), by(""), ada))
	if u := w.get(ada); u.Account.FailedSignIns != 0 || u.Status != org.StatusActive {
		t.Errorf("%d failures, status %s", u.Account.FailedSignIns, u.Status)
	}
	w.told("user.account.unlock_by_admin")
}

// A password cannot be guessed by these calls in any status, either.
func TestCallsThatAskForThePasswordAreLocked(t *testing.T) {
	w := newWorld(t)
	calls := w.calls()
	for _, status := range []string{org.StatusActive, org.StatusPasswordExpired, org.StatusRecovery, org.StatusStaged} {
		userID := w.person("u" + status[:4])
		w.become(userID, status)
		for range org.DefaultPasswordSettings().Lockout.MaxAttempts {
			_, err := w.ChangePassword(t.Context(), by(""), userID, directory.PasswordChange{Old: *secret("wrong"), New: *secret("battery staple")})
			w.refused(err, fault.NotProven)
		}
		w.refused(calls["change password"](t.Context(), by(""), userID), fault.WrongStatus)
		w.refused(calls["change recovery question"](t.Context(), by(""), userID), fault.WrongStatus)
	}
}

func TestTemporaryPassword(t *testing.T) {
	w := newWorld(t)
	ada := w.person("ada")
	temp, err := w.TempPassword(t.Context(), by(""), ada)
	w.ok(err)
	u := w.get(ada)
	if ok, _, err := w.hashes.Verify(t.Context(), u.Password, temp); !ok || err != nil || len(temp.Reveal()) != 16 {
		t.Errorf("verified %v, %v", ok, err)
	}
	if len(u.Account.Earlier) != 1 || u.Status != org.StatusPasswordExpired {
		t.Errorf("%d earlier ones, status %s", len(u.Account.Earlier), u.Status)
	}
	_, err = w.ChangePassword(t.Context(), by(""), ada, directory.PasswordChange{Old: temp, New: *secret(first)})
	w.refused(err, fault.WeakPassword) // it was the one before
	_, err = w.ChangePassword(t.Context(), by(""), ada, directory.PasswordChange{Old: temp, New: *secret("battery staple")})
	w.ok(err)
	if u := w.get(ada); u.Status != org.StatusActive {
		t.Errorf("status is %s", u.Status)
	}
}

// Answers are compared without case, and kept as a hash.
func TestRecoveryQuestion(t *testing.T) {
	w := newWorld(t)
	ada := w.person("ada")
	w.ok(w.calls()["change recovery question"](t.Context(), by(""), ada))
	r := w.get(ada).Account.Recovery
	ok, _, err := w.hashes.Verify(t.Context(), r.Answer, password.NewSecret(org.HashToken("adam")))
	if r.Question != "Who?" || !ok || err != nil {
		t.Errorf("question %q, verified %v, %v", r.Question, ok, err)
	}
	_, err = w.ChangeRecoveryQuestion(t.Context(), by(""), ada, *secret(first), directory.RecoveryInput{Question: "Who?", Answer: org.NewSecret("x")})
	w.refused(err, fault.Invalid, "recovery_question.answer: must have 4 to 100 characters")
	p, err := w.CreateUser(t.Context(), by(""), named(t, "eve"), directory.Creation{})
	w.ok(err)
	w.refused(w.calls()["change recovery question"](t.Context(), by(""), p.User.ID), fault.WrongStatus) // no password
}

func TestDeletedUsersAreErased(t *testing.T) {
	w := newWorld(t)
	ada := w.person("ada")
	w.update(func(ctx context.Context, tx *org.Tx) error {
		for _, c := range []*org.HookCall{
			{ID: "hkc1", UserID: ada, Request: `{"by":"id"}`, Started: noon},
			{ID: "hkc2", LoginKey: "ada@example.com", Request: `{"by":"login"}`, Started: noon},
			{ID: "hkc3", LoginKey: "ada@work.example", Request: `{"by":"address"}`, Started: noon},
			{ID: "hkc4", LoginKey: "eve@example.com", Request: `{"by":"another"}`, Started: noon},
		} {
			if err := tx.Calls.Append(ctx, c); err != nil {
				return err
			}
		}
		return nil
	})
	w.ok(w.DeleteUser(t.Context(), by(""), ada))
	if u := w.get(ada); u.Status != org.StatusDeprovisioned {
		t.Fatalf("status is %s", u.Status)
	}
	w.ok(w.DeleteUser(t.Context(), by(""), ada))
	w.view(func(ctx context.Context, tx *org.Tx) error {
		calls, err := tx.Calls.Recent(ctx, "", true, 10)
		for _, c := range calls {
			if (c.Request == "") == (c.ID == "hkc4") {
				t.Errorf("%s holds %q", c.ID, c.Request)
			}
		}
		return err
	})
	_, err := w.User(t.Context(), by(""), ada)
	w.refused(err, fault.NotFound)
	w.refused(w.DeleteUser(t.Context(), by(""), ada), fault.NotFound)
	w.told("user.lifecycle.deactivate", "user.lifecycle.delete.initiated", "user.lifecycle.delete.completed")
	w.person("ada") // the login is free again
}

func TestUsersAreFound(t *testing.T) {
	w := newWorld(t)
	ada, adam := w.person("ada"), w.person("adam")
	for key, want := range map[string]string{
		ada: ada, "ada@example.com": ada, " ADA@Example.com": ada, "ada": ada, "Adam": adam,
		"ada@work.example": "", "ad": "", "": "", "a%": "", "00u": "", "me": "00Tsomebody",
	} {
		p, err := w.User(t.Context(), by(org.RoleReadOnly), key)
		switch {
		case want == "":
			w.refused(err, fault.NotFound)
		case err != nil || p.User.ID != want:
			t.Errorf("%q: %v", key, err)
		}
	}
	in := named(t, "ada")
	in.Profile.Set("login", "ada@example.org")
	in.Profile.Set("email", "ada@example.org")
	_, err := w.CreateUser(t.Context(), by(""), in, directory.Creation{})
	w.ok(err)
	_, err = w.User(t.Context(), by(""), "ada") // two have it
	w.refused(err, fault.NotFound)
	mine := directory.By{Actor: org.Actor{ID: adam}, Role: org.RoleReadOnly}
	p, err := w.User(t.Context(), mine, directory.Me)
	if err != nil || p.User.ID != adam {
		t.Errorf("me: %v", err)
	}
	w.refused(w.SuspendUser(t.Context(), by(org.RoleSuperAdmin), directory.Me), fault.Forbidden) // nobody's token
}

// Each call does what the table of package org says, in every status.
func TestCallsKeepToTheTable(t *testing.T) {
	w := newWorld(t)
	names := map[string]org.UserCall{
		"activate": org.CallActivate, "reactivate": org.CallReactivate, "deactivate": org.CallDeactivate,
		"suspend": org.CallSuspend, "unsuspend": org.CallUnsuspend, "unlock": org.CallUnlock,
		"expire password": org.CallExpirePassword, "temporary password": org.CallTempPassword,
		"reset password": org.CallResetPassword, "reset factors": org.CallResetFactors, "update": org.CallUpdate,
		"change password": org.CallChangePassword, "change recovery question": org.CallChangeRecoveryQuestion,
		"forgot password": org.CallForgotPassword,
	}
	ada := w.person("ada")
	stored := w.get(ada)
	calls := w.calls()
	for name, c := range names {
		for _, status := range org.UserStatuses() {
			stored.Status = status
			w.update(func(ctx context.Context, tx *org.Tx) error { return tx.Users.Update(ctx, stored) })
			want, refused := stored.After(c)
			err := calls[name](t.Context(), by(""), ada)
			if refused != nil {
				want = status
			}
			if got := w.get(ada).Status; got != want || (err == nil) != (refused == nil) || refused != nil && err.Error() != refused.Error() {
				t.Errorf("%s of %s: %s, %v; want %s, %v", name, status, got, err, want, refused)
			}
		}
	}
}
