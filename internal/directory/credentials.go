package directory

import (
	"context"
	"errors"

	"github.com/usher-id/usher/internal/credential"
	"github.com/usher-id/usher/internal/edit"
	"github.com/usher-id/usher/internal/eventlog"
	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/password"
)

// PasswordChange is a password in place of one that is known.
type PasswordChange struct {
	Old, New       password.Secret
	Strict         bool // asks for the least age of a password
	RevokeSessions bool
}

// ChangePassword gives a user another password, for the old one. A wrong one counts
// as one at the sign-in.
func (s *Service) ChangePassword(ctx context.Context, by By, key string, in PasswordChange) (*Person, error) {
	var found edit.Problems
	found.AddUnless(!in.Old.Empty(), "oldPassword", edit.Blank)
	found.AddUnless(!in.New.Empty(), "newPassword", edit.Blank)
	if err := found.Fault("password"); err != nil {
		return nil, err
	}
	u, settings, err := s.withPassword(ctx, by, key, org.CallChangePassword)
	if err != nil {
		return nil, err
	}
	change, err := credential.Prepare(ctx, s.Hasher, credential.Input{
		User: u, Settings: settings, Old: &in.Old, New: in.New, History: true, MinAge: in.Strict,
	}, s.Time())
	if err == nil {
		var p *Person
		p, err = s.change(ctx, by, key, func(ctx context.Context, tx *org.Tx, _, u *org.User) (_ []eventlog.Type, err error) {
			if u.Status, err = u.After(org.CallChangePassword); err != nil {
				return nil, err
			}
			if _, err := (secrets{password: change}).apply(u, s.Time()); err != nil {
				return nil, err
			}
			if in.RevokeSessions {
				if _, err := tx.Sessions.DeleteOfUser(ctx, u.ID); err != nil {
					return nil, err
				}
			}
			return []eventlog.Type{eventlog.PasswordUpdated}, forget(ctx, tx, u.ID)
		})
		if err == nil {
			return p, nil
		}
	}
	if errors.Is(err, credential.ErrWrongPassword) {
		err = s.failed(ctx, by, u.ID)
	}
	return nil, err
}

// ChangeRecoveryQuestion gives a user another recovery question, for the password.
func (s *Service) ChangeRecoveryQuestion(ctx context.Context, by By, key string, secret password.Secret, in RecoveryInput) (*Person, error) {
	u, settings, err := s.withPassword(ctx, by, key, org.CallChangeRecoveryQuestion)
	if err != nil {
		return nil, err
	}
	found, err := s.check(&CredentialsInput{Recovery: &in}, u, settings)
	if err != nil {
		return nil, err
	}
	found.AddUnless(!secret.Empty(), "password", edit.Blank)
	if err := refusal(found, userObject); err != nil {
		return nil, err
	}
	switch ok, _, err := s.Hasher.Verify(ctx, u.Password, secret); {
	case err != nil:
		return nil, busy(err)
	case !ok:
		return nil, s.failed(ctx, by, u.ID)
	}
	recovery, err := s.recovery(ctx, &in)
	if err != nil {
		return nil, err
	}
	return s.change(ctx, by, key, func(_ context.Context, _ *org.Tx, before, changed *org.User) ([]eventlog.Type, error) {
		if _, err := changed.After(org.CallChangeRecoveryQuestion); err != nil {
			return nil, err
		}
		if before.Password.Encoded() != u.Password.Encoded() { // since it was verified
			return nil, notProven()
		}
		changed.Account.Recovery = *recovery
		return []eventlog.Type{eventlog.UserProfileUpdated}, nil
	})
}

// withPassword gives a user who has a password here and whose status allows a call,
// with what holds for the password.
func (s *Service) withPassword(ctx context.Context, by By, key string, c org.UserCall) (u *org.User, settings org.PasswordSettings, err error) {
	u, err = s.try(ctx, by, key, func(ctx context.Context, tx *org.Tx, before, _ *org.User) (_ []eventlog.Type, err error) {
		if before.Password.Empty() {
			return nil, fault.New(fault.WrongStatus, "")
		}
		if _, err := before.After(c); err != nil {
			return nil, err
		}
		if settings, err = org.PasswordSettingsOf(ctx, tx, before.ID); err != nil {
			return nil, err
		}
		if credential.Locked(before, settings.Lockout, s.Time()) {
			return nil, fault.New(fault.WrongStatus, "")
		}
		return nil, nil
	})
	return u, settings, err
}

func notProven() error {
	return fault.New(fault.NotProven, "", fault.Cause{Text: "Old Password is not correct"})
}

// reasonWrong is Okta's word for a wrong password.
const reasonWrong = "INVALID_CREDENTIALS"

// failed counts a wrong password as the sign-in does, and gives the fault of it.
func (s *Service) failed(ctx context.Context, by By, userID string) error {
	err := s.Change(ctx, func(ctx context.Context, tx *org.Tx) error {
		u, err := tx.Users.Get(ctx, userID)
		if err != nil {
			return err
		}
		settings, err := org.PasswordSettingsOf(ctx, tx, u.ID)
		if err != nil {
			return err
		}
		r := eventlog.Request{ID: by.RequestID, IP: by.IP, UserAgent: by.UserAgent}
		if err := credential.Wrong(ctx, tx, u, settings.Lockout, s.Time(), r); err != nil {
			return err
		}
		return tx.Events.Append(ctx, eventlog.New(eventlog.PasswordUpdated, s.Time(), by,
			org.Outcome{Result: org.Failure, Reason: reasonWrong}, eventlog.UserTarget(u)))
	})
	if err != nil && !errors.Is(err, org.ErrNotFound) {
		return err
	}
	return notProven()
}
