package credential

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/password"
	"github.com/usher-id/usher/internal/profile"
)

// Checker knows the rules of passwords. password.Hasher is the one.
type Checker interface {
	Check(secret password.Secret, r password.Rules, o password.Owner) error
}

// Hasher also makes and verifies hashes. password.Hasher is the one.
type Hasher interface {
	Checker
	Hash(ctx context.Context, secret password.Secret) (password.Hash, error)
	Verify(ctx context.Context, hash password.Hash, secret password.Secret) (ok, rehash bool, err error)
}

// property is where the causes of a refusal are.
const property = "password"

// Check judges a password that a person is about to get, as far as it does not
// depend on earlier ones. It is cheap.
func Check(c Checker, s org.PasswordSettings, p profile.Profile, secret password.Secret) error {
	err := c.Check(secret, s.Complexity, password.Owner{
		Login: p.Text(profile.Login), FirstName: p.Text(profile.FirstName), LastName: p.Text(profile.LastName),
	})
	var unmet *password.RequirementsError
	if errors.As(err, &unmet) {
		return weak(unmet.Message())
	}
	return err
}

func weak(text string) error {
	return fault.New(fault.WeakPassword, "", fault.Cause{Field: property, Text: text})
}

// Input is a password that replaces another one.
type Input struct {
	User     *org.User
	Settings org.PasswordSettings // for the user, read with it
	// Old must be the present password; nil where an administrator sets one.
	Old *password.Secret
	New password.Secret
	// History and MinAge ask for what holds for the person, and not for an
	// administrator unless the call is strict.
	History, MinAge bool
}

// Change is a password that may be set, with its hash.
type Change struct {
	fresh   password.Hash
	since   time.Time // when the one that Old was compared with was set
	guarded bool      // there was an Old
	keep    int       // of the earlier hashes
	now     time.Time
}

// ErrWrongPassword is an Old that is not the present password.
var ErrWrongPassword = errors.New("credential: the old password is wrong")

// Prepare judges a password and hashes it. It takes as long as several hashes, and
// must not be called in a transaction. Errors are faults of kind WeakPassword and
// Busy, and ErrWrongPassword.
func Prepare(ctx context.Context, h Hasher, in Input, now time.Time) (*Change, error) {
	u := in.User
	if in.Old != nil {
		ok, err := is(ctx, h, u.Password, *in.Old)
		if err != nil {
			return nil, err
		}
		if !ok {
			return nil, ErrWrongPassword
		}
	}
	if err := Check(h, in.Settings, u.Profile, in.New); err != nil {
		return nil, err
	}
	age := in.Settings.Age
	if wait := time.Duration(age.MinMinutes) * time.Minute; in.MinAge && now.Before(u.PasswordChanged.Add(wait)) {
		return nil, weak(fmt.Sprintf("%s At least %d minute(s) must have elapsed since you last changed your password.", password.NotMet, age.MinMinutes))
	}
	if in.History {
		if err := unused(ctx, h, in); err != nil {
			return nil, err
		}
	}
	fresh, err := h.Hash(ctx, in.New)
	if err != nil {
		return nil, busy(err)
	}
	return &Change{fresh: fresh, since: u.PasswordChanged, guarded: in.Old != nil, keep: age.HistoryCount - 1, now: now}, nil
}

// unused refuses what was one of the last passwords. Okta counts the present one
// among them.
func unused(ctx context.Context, h Hasher, in Input) error {
	count := in.Settings.Age.HistoryCount
	last := slices.Concat([]password.Hash{in.User.Password}, in.User.Account.Earlier)
	for _, hash := range last[:min(count, len(last))] {
		used, err := is(ctx, h, hash, in.New)
		if err != nil {
			return err
		}
		if used {
			return weak(fmt.Sprintf("%s Your password cannot be any of your last %d passwords.", password.NotMet, count))
		}
	}
	return nil
}

// is tells whether a hash is of a password. The zero hash is of none.
func is(ctx context.Context, h Hasher, hash password.Hash, secret password.Secret) (bool, error) {
	if hash.Empty() {
		return false, nil
	}
	ok, _, err := h.Verify(ctx, hash, secret)
	return ok, busy(err)
}

func busy(err error) error {
	if errors.Is(err, password.ErrBusy) {
		return fault.TryAgain(err)
	}
	return err
}

// Apply sets the password of a user as it is now, which the caller writes in the
// same transaction. It gives ErrWrongPassword where somebody else changed the
// password since it was compared: that change wins.
func (c *Change) Apply(u *org.User) error {
	if c.guarded && !u.PasswordChanged.Equal(c.since) {
		return ErrWrongPassword
	}
	if c.keep > 0 && !u.Password.Empty() {
		earlier := slices.Concat([]password.Hash{u.Password}, u.Account.Earlier)
		u.Account.Earlier = earlier[:min(c.keep, len(earlier))]
	} else {
		u.Account.Earlier = nil
	}
	u.Password, u.PasswordChanged = c.fresh, c.now
	u.Account.FailedSignIns, u.Account.LastFailure = 0, time.Time{}
	u.Account.PasswordHook = false
	return nil
}
