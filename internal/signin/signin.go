package signin

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/usher-id/usher/internal/eventlog"
	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/id"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/password"
)

// Life of a session (OWASP ASVS 5.0, 7.3).
const (
	idleLimit     = 2 * time.Hour
	absoluteLimit = 12 * time.Hour
	// touchEvery is how exactly the time of last use is kept: a write at every
	// request would cost more than it tells.
	touchEvery = time.Minute
)

// Hasher verifies passwords. password.Hasher is the one.
type Hasher interface {
	Hash(ctx context.Context, secret password.Secret) (password.Hash, error)
	Verify(ctx context.Context, hash password.Hash, secret password.Secret) (ok, rehash bool, err error)
	VerifyDummy(ctx context.Context, secret password.Secret) error
}

// Request is where a sign-in came from.
type Request = eventlog.Request

// Service signs people in.
type Service struct {
	Store  org.Store
	Hasher Hasher
	Now    func() time.Time
}

// errRefused is what everybody gets who cannot be let in, whatever the reason.
func errRefused() *fault.Error { return fault.New(fault.Unauthenticated, "Unable to sign in") }

// maxTries is how often a password is verified again because it was changed
// meanwhile, or its hash renewed by another sign-in of the person.
const maxTries = 3

// WithPassword signs a person in and gives the handle for the browser's cookie.
// Whoever cannot be let in gets one and the same Unauthenticated fault.
func (s *Service) WithPassword(ctx context.Context, login string, secret password.Secret, r Request) (handle string, err error) {
	err = org.ErrConflict
	for try := 0; try < maxTries && errors.Is(err, org.ErrConflict); try++ {
		handle, err = s.tryPassword(ctx, login, secret, r)
	}
	if errors.Is(err, org.ErrConflict) {
		err = errRefused()
	}
	if fault.Is(err, fault.Unauthenticated) {
		if lost := s.logRefused(ctx, login, r); lost != nil {
			return "", lost
		}
	}
	return handle, err
}

// reasonRefused is Okta's word for every refused password.
const reasonRefused = "INVALID_CREDENTIALS"

// maxLogged is how many bytes of a login that nobody has are logged.
const maxLogged = 100

// logRefused tells the System Log of a refused sign-in. It is one write whoever
// it was, so that the time of the answer tells nothing.
func (s *Service) logRefused(ctx context.Context, login string, r Request) error {
	o := r.By(eventlog.Unknown(strings.ToValidUTF8(login[:min(len(login), maxLogged)], "")))
	e := eventlog.New(eventlog.SessionStarted, s.Now().UTC(), o, org.Outcome{Result: org.Failure, Reason: reasonRefused})
	return s.Store.UpdateSoon(ctx, func(ctx context.Context, tx *org.Tx) error { return tx.Events.Append(ctx, e) })
}

func (s *Service) tryPassword(ctx context.Context, login string, secret password.Secret, r Request) (handle string, err error) {
	u, stale, err := s.verified(ctx, login, secret)
	if err != nil {
		return "", err
	}
	fresh := u.Password
	if stale {
		// The hash is not what today's settings make, and now the password is at
		// hand. When no slot is free it can wait for the next sign-in.
		if h, err := s.Hasher.Hash(ctx, secret); err == nil {
			fresh = h
		}
	}
	err = s.Store.Update(ctx, func(ctx context.Context, tx *org.Tx) error {
		current, err := tx.Users.Get(ctx, u.ID)
		if errors.Is(err, org.ErrNotFound) || err == nil && !current.CanSignIn() {
			return errRefused()
		}
		if err != nil {
			return err
		}
		if current.Password.Encoded() != u.Password.Encoded() {
			return org.ErrConflict
		}
		current.Password = fresh
		current.LastLogin = s.Now().UTC()
		if err := tx.Users.Update(ctx, current); err != nil {
			return err
		}
		handle, err = s.Start(ctx, tx, current, r)
		return err
	})
	if err != nil {
		return "", err
	}
	return handle, nil
}

// verified finds the user whose password it is, and tells whether the hash of it
// is stale.
func (s *Service) verified(ctx context.Context, login string, secret password.Secret) (u *org.User, stale bool, err error) {
	err = s.Store.View(ctx, func(ctx context.Context, tx *org.Tx) (err error) {
		u, err = tx.Users.ByLogin(ctx, login)
		return err
	})
	if err != nil && !errors.Is(err, org.ErrNotFound) {
		return nil, false, err
	}
	if err != nil || u.Password.Empty() {
		if err := s.Hasher.VerifyDummy(ctx, secret); err != nil {
			return nil, false, busy(err)
		}
		return nil, false, errRefused()
	}
	ok, stale, err := s.Hasher.Verify(ctx, u.Password, secret)
	if err != nil {
		return nil, false, busy(err)
	}
	if !ok || !u.CanSignIn() {
		return nil, false, errRefused()
	}
	return u, stale, nil
}

func busy(err error) error {
	if errors.Is(err, password.ErrBusy) {
		return fault.TryAgain(err)
	}
	return err
}

// Start begins a session in a transaction that is open, for somebody who has
// just proven who they are or was just registered. It gives the handle for the
// browser's cookie, which is nowhere stored.
func (s *Service) Start(ctx context.Context, tx *org.Tx, u *org.User, r Request) (handle string, err error) {
	now := s.Now().UTC()
	handle = id.Handle()
	session := &org.Session{
		ID: id.New(id.Session), Hash: org.HashToken(handle), UserID: u.ID,
		Created: now, LastUse: now, Expires: now.Add(absoluteLimit),
	}
	if err := tx.Sessions.Create(ctx, session); err != nil {
		return "", err
	}
	return handle, tx.Events.Append(ctx, eventlog.New(eventlog.SessionStarted, now, origin(u, r),
		org.Outcome{Result: org.Success}, eventlog.UserTarget(u)))
}

// Who gives the person whose session a handle is, or nil: for no session, one
// that has ended, and somebody who may not sign in any more.
func (s *Service) Who(ctx context.Context, handle string) (*org.User, error) {
	if handle == "" {
		return nil, nil
	}
	var u *org.User
	var session *org.Session
	err := s.Store.View(ctx, func(ctx context.Context, tx *org.Tx) (err error) {
		if session, err = tx.Sessions.ByHash(ctx, org.HashToken(handle)); err != nil {
			return err
		}
		u, err = tx.Users.Get(ctx, session.UserID)
		return err
	})
	if errors.Is(err, org.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	now := s.Now().UTC()
	if !u.CanSignIn() || !now.Before(session.Expires) || now.Sub(session.LastUse) >= idleLimit {
		return nil, nil
	}
	if now.Sub(session.LastUse) >= touchEvery {
		err = s.Store.UpdateSoon(ctx, func(ctx context.Context, tx *org.Tx) error {
			return tx.Sessions.Touch(ctx, session.ID, now)
		})
		// On a full disk, what needs no writing goes on.
		if err != nil && !fault.Is(err, fault.Busy) {
			return nil, err
		}
	}
	return u, nil
}

// SignOut ends the session of a handle. A handle without a session is no error.
func (s *Service) SignOut(ctx context.Context, handle string, r Request) error {
	return s.Store.Update(ctx, func(ctx context.Context, tx *org.Tx) error {
		session, err := tx.Sessions.ByHash(ctx, org.HashToken(handle))
		if errors.Is(err, org.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := tx.Sessions.Delete(ctx, session.ID); err != nil {
			return err
		}
		u, err := tx.Users.Get(ctx, session.UserID)
		if err != nil {
			return err
		}
		return tx.Events.Append(ctx, eventlog.New(eventlog.SessionEnded, s.Now().UTC(), origin(u, r),
			org.Outcome{Result: org.Success}, eventlog.UserTarget(u)))
	})
}

func origin(u *org.User, r Request) eventlog.Origin {
	return r.By(eventlog.Person(u))
}
