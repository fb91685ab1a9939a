package directory

import (
	"context"

	"github.com/usher-id/usher/internal/credential"
	"github.com/usher-id/usher/internal/edit"
	"github.com/usher-id/usher/internal/eventlog"
	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/id"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/password"
)

// ActivateUser lets a user in who has a password, and sends a token to choose one
// to a user who has none. Without mail the token comes back; it is empty for one
// who needs none.
func (s *Service) ActivateUser(ctx context.Context, by By, key string, mail bool) (token org.Secret, err error) {
	_, err = s.change(ctx, by, key, func(ctx context.Context, tx *org.Tx, _, u *org.User) (_ []eventlog.Type, err error) {
		token = org.Secret{}
		if u.Status, err = u.After(org.CallActivate); err != nil {
			return nil, err
		}
		u.Activated = s.Time()
		if u.Status == org.StatusProvisioned {
			token, err = s.sendToken(ctx, tx, u, org.PurposeActivate, mail)
		}
		return []eventlog.Type{eventlog.UserActivated}, err
	})
	return token, err
}

// ReactivateUser sends a token again to a user who has not used the first one.
func (s *Service) ReactivateUser(ctx context.Context, by By, key string, mail bool) (token org.Secret, err error) {
	return s.withToken(ctx, by, key, org.CallReactivate, org.PurposeActivate, eventlog.UserReactivated, mail)
}

// ResetPassword keeps a user out until another password is chosen, for which a
// token is sent or given.
func (s *Service) ResetPassword(ctx context.Context, by By, key string, mail bool) (token org.Secret, err error) {
	return s.withToken(ctx, by, key, org.CallResetPassword, org.PurposeResetPassword, eventlog.PasswordReset, mail)
}

// ForgotPassword sends or gives a token to choose another password to a user who
// may go on with the old one.
func (s *Service) ForgotPassword(ctx context.Context, by By, key string, mail bool) (token org.Secret, err error) {
	return s.withToken(ctx, by, key, org.CallForgotPassword, org.PurposeResetPassword, eventlog.PasswordReset, mail)
}

func (s *Service) withToken(ctx context.Context, by By, key string, c org.UserCall, purpose string, t eventlog.Type, mail bool) (token org.Secret, err error) {
	_, err = s.change(ctx, by, key, func(ctx context.Context, tx *org.Tx, before, u *org.User) (_ []eventlog.Type, err error) {
		if u.External() { // whose password is not kept here
			return nil, fault.New(fault.WrongStatus, "")
		}
		if u.Status, err = u.After(c); err != nil {
			return nil, err
		}
		if err := notOut(ctx, tx, before, u); err != nil {
			return nil, err
		}
		token, err = s.sendToken(ctx, tx, u, purpose, mail)
		return []eventlog.Type{t}, err
	})
	return token, err
}

// SuspendUser keeps a user out for a time.
func (s *Service) SuspendUser(ctx context.Context, by By, key string) error {
	return s.move(ctx, by, key, org.CallSuspend, eventlog.UserSuspended)
}

// UnsuspendUser lets a suspended user in again.
func (s *Service) UnsuspendUser(ctx context.Context, by By, key string) error {
	return s.move(ctx, by, key, org.CallUnsuspend, eventlog.UserUnsuspended)
}

// UnlockUser lets a user in again who was locked out for wrong passwords.
func (s *Service) UnlockUser(ctx context.Context, by By, key string) error {
	return s.move(ctx, by, key, org.CallUnlock, eventlog.UserUnlocked)
}

// DeactivateUser keeps a user out; one who is out already stays so.
func (s *Service) DeactivateUser(ctx context.Context, by By, key string) error {
	return s.move(ctx, by, key, org.CallDeactivate, eventlog.UserDeactivated)
}

// ResetFactors takes a user's factors away. The password is none, and there are
// no others.
func (s *Service) ResetFactors(ctx context.Context, by By, key string) error {
	return s.move(ctx, by, key, org.CallResetFactors, "")
}

// move makes a call that only changes the status.
func (s *Service) move(ctx context.Context, by By, key string, c org.UserCall, t eventlog.Type) error {
	_, err := s.change(ctx, by, key, func(ctx context.Context, tx *org.Tx, before, u *org.User) (_ []eventlog.Type, err error) {
		if u.Status, err = u.After(c); err != nil || u.Status == before.Status {
			return nil, err
		}
		switch c {
		case org.CallUnlock:
			u.Account.FailedSignIns = 0
		case org.CallSuspend:
			err = s.leave(ctx, tx, before)
		case org.CallDeactivate:
			if err = s.leave(ctx, tx, before); err == nil {
				err = s.revokeRights(ctx, tx, by, before)
			}
		}
		return []eventlog.Type{t}, err
	})
	return err
}

// leave is what goes with a user who is kept out.
func (s *Service) leave(ctx context.Context, tx *org.Tx, u *org.User) error {
	if err := notTheLast(ctx, tx, u); err != nil {
		return err
	}
	return forget(ctx, tx, u.ID)
}

// notOut refuses a change of status that keeps the last super administrator out, who
// could get in. One who could not is not more out than before, and a token to choose
// another password may be the way back.
func notOut(ctx context.Context, tx *org.Tx, before, u *org.User) error {
	if !before.StaysIn() || u.StaysIn() {
		return nil
	}
	return notTheLast(ctx, tx, before)
}

// notTheLast refuses what takes the last super administrator away: one is there who
// has the role, also with an account that is locked or waits for a password, which
// is mended more easily than an org without any. Others count only while they are
// ACTIVE and can do the mending.
func notTheLast(ctx context.Context, tx *org.Tx, u *org.User) error {
	switch u.Status {
	case org.StatusStaged, org.StatusSuspended, org.StatusDeprovisioned:
		return nil
	}
	grants, err := tx.Grants.OfUser(ctx, u.ID)
	if err != nil {
		return err
	}
	for _, g := range grants {
		if g.Role != org.RoleSuperAdmin {
			continue
		}
		others, err := tx.Grants.Others(ctx, org.RoleSuperAdmin, u.ID)
		if err != nil {
			return err
		}
		if others == 0 {
			return fault.New(fault.Invalid, "Api validation failed: "+userObject,
				fault.Cause{Text: "This is the last super administrator. Make somebody else one first."})
		}
	}
	return nil
}

// ExpirePassword makes a user choose another password at the next sign-in.
func (s *Service) ExpirePassword(ctx context.Context, by By, key string) (*Person, error) {
	return s.change(ctx, by, key, func(ctx context.Context, tx *org.Tx, before, u *org.User) (_ []eventlog.Type, err error) {
		if !u.HasPassword() {
			return nil, fault.New(fault.WrongStatus, "")
		}
		if u.Status, err = u.After(org.CallExpirePassword); err != nil || u.Status == before.Status {
			return nil, err
		}
		return []eventlog.Type{eventlog.PasswordExpired}, notOut(ctx, tx, before, u)
	})
}

// TempPassword gives a user a password for one sign-in, at which another one must
// be chosen. Complexity does not count: nobody keeps it.
func (s *Service) TempPassword(ctx context.Context, by By, key string) (temp password.Secret, err error) {
	var change *credential.Change
	var settings org.PasswordSettings
	set := func(ctx context.Context, tx *org.Tx, before, u *org.User) (_ []eventlog.Type, err error) {
		if u.External() {
			return nil, fault.New(fault.WrongStatus, "")
		}
		if u.Status, err = u.After(org.CallTempPassword); err != nil {
			return nil, err
		}
		if err := notOut(ctx, tx, before, u); err != nil {
			return nil, err
		}
		if change == nil {
			settings, err = org.PasswordSettingsOf(ctx, tx, u.ID)
			return nil, err
		}
		if _, err := (secrets{password: change}).apply(u, s.Time()); err != nil {
			return nil, err
		}
		return []eventlog.Type{eventlog.PasswordReset, eventlog.PasswordExpired}, forget(ctx, tx, u.ID)
	}
	// What is refused is refused before a password is hashed.
	u, err := s.try(ctx, by, key, set)
	if err != nil {
		return password.Secret{}, err
	}
	temp, settings.Complexity = password.NewSecret(id.TempPassword()), password.Rules{}
	if change, err = credential.Prepare(ctx, s.Hasher, credential.Input{User: u, Settings: settings, New: temp}, s.Time()); err != nil {
		return password.Secret{}, err
	}
	if _, err = s.change(ctx, by, key, set); err != nil {
		return password.Secret{}, err
	}
	return temp, nil
}

// DeleteUser keeps a user out, and erases one who is out already, with all that
// records hold of the person.
func (s *Service) DeleteUser(ctx context.Context, by By, key string) error {
	var out bool
	err := s.Change(ctx, func(ctx context.Context, tx *org.Tx) error {
		u, err := s.editable(ctx, tx, by, key)
		if err != nil {
			return err
		}
		if out = u.Status == org.StatusDeprovisioned; !out {
			return edit.ErrUnchanged
		}
		if err := edit.Expected(ctx, u.Revision()); err != nil {
			return err
		}
		if err := org.DeleteUser(ctx, tx, u.ID); err != nil {
			return err
		}
		return tx.Events.Append(ctx, s.Event(eventlog.UserDeletionStarted, by, eventlog.UserTarget(u)),
			s.Event(eventlog.UserDeleted, by, eventlog.UserTarget(u)))
	})
	if err != nil || out {
		return edit.Missing(err, key, userResource)
	}
	return s.DeactivateUser(ctx, by, key)
}

// ClearSessions ends all sessions of a user.
func (s *Service) ClearSessions(ctx context.Context, by By, key string) error {
	_, err := s.change(ctx, by, key, func(ctx context.Context, tx *org.Tx, _, u *org.User) ([]eventlog.Type, error) {
		n, err := tx.Sessions.DeleteOfUser(ctx, u.ID)
		if err != nil || n == 0 {
			return nil, err
		}
		return []eventlog.Type{eventlog.SessionsCleared}, nil
	})
	return err
}
