package signin

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/usher-id/usher/internal/credential"
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

// maxTries is how often a password is verified again because it was changed
// meanwhile, or its hash renewed by another sign-in of the person.
const maxTries = 3

// WithPassword signs a person in and gives the handle for the browser's cookie.
// Whoever cannot be let in gets an Unauthenticated fault, and one and the same
// unless the password policy says otherwise or the password was the right one.
func (s *Service) WithPassword(ctx context.Context, login string, secret password.Secret, r Request) (handle string, err error) {
	err = org.ErrConflict
	for try := 0; try < maxTries && errors.Is(err, org.ErrConflict); try++ {
		handle, err = s.tryPassword(ctx, login, secret, r)
	}
	if errors.Is(err, org.ErrConflict) {
		err = refuse(reasonRefused)
	}
	var refused *refusedError
	if !errors.As(err, &refused) {
		return handle, err
	}
	if err := s.noteRefused(ctx, login, refused, r); err != nil {
		return "", err
	}
	return "", fault.New(fault.Unauthenticated, refused.words)
}

// refusedError is somebody who is not let in.
type refusedError struct {
	reason string // Okta's word, for the System Log
	words  string // for the person
	// guessed is the id of the user whose password it was not, or "".
	guessed string
}

func (e *refusedError) Error() string { return "signin: " + e.reason }

// Why somebody is not let in. The first stands for every reason that is nobody's
// business.
const (
	reasonRefused = "INVALID_CREDENTIALS"
	reasonLocked  = "LOCKED_OUT"
	reasonExpired = "PASSWORD_EXPIRED"
)

const wordsRefused = "Unable to sign in"

// refuse refuses in the words that everybody gets, whatever the reason.
func refuse(reason string) *refusedError { return &refusedError{reason: reason, words: wordsRefused} }

// refuseLocked tells of the lock where the policy wants it told.
func refuseLocked(l org.Lockout) *refusedError {
	if l.ShowToPerson {
		return &refusedError{reason: reasonLocked, words: "Your account is locked. Please contact your administrator."}
	}
	return refuse(reasonLocked)
}

// refuseExpired tells whoever has given the right password that it is too old:
// the person would look for a mistake in the typing.
func refuseExpired() *refusedError {
	return &refusedError{reason: reasonExpired, words: "Your password has expired. Please contact your administrator."}
}

// maxLogged is how many bytes of a login that nobody has are logged.
const maxLogged = 100

// noteRefused tells the System Log of a refused sign-in, and counts a wrong
// password. It is one transaction whoever it was, so that the time of the answer
// tells little.
func (s *Service) noteRefused(ctx context.Context, login string, refused *refusedError, r Request) error {
	o := r.By(eventlog.Unknown(strings.ToValidUTF8(login[:min(len(login), maxLogged)], "")))
	now := s.Now().UTC()
	e := eventlog.New(eventlog.SessionStarted, now, o, org.Outcome{Result: org.Failure, Reason: refused.reason})
	return s.Store.UpdateSoon(ctx, func(ctx context.Context, tx *org.Tx) error {
		u, err := tx.Users.Get(ctx, refused.guessed)
		if err != nil && !errors.Is(err, org.ErrNotFound) {
			return err
		}
		if err := tx.Events.Append(ctx, e); err != nil || u == nil {
			return err
		}
		settings, err := org.PasswordSettingsOf(ctx, tx, u.ID)
		if err != nil {
			return err
		}
		return credential.Wrong(ctx, tx, u, settings.Lockout, now, r)
	})
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
	var refused *refusedError
	err = s.Store.Update(ctx, func(ctx context.Context, tx *org.Tx) error {
		handle, refused = "", nil
		current, err := tx.Users.Get(ctx, u.ID)
		if errors.Is(err, org.ErrNotFound) {
			return refuse(reasonRefused)
		}
		if err != nil {
			return err
		}
		if current.Password.Encoded() != u.Password.Encoded() {
			return org.ErrConflict
		}
		handle, refused, err = s.letIn(ctx, tx, current, fresh, r)
		return err
	})
	if err != nil {
		return "", err
	}
	if refused != nil { // a password whose end is written
		return "", refused
	}
	return handle, nil
}

// letIn begins a session for somebody who has given the right password, unless the
// account was locked while it was verified. Guesses that are made at once are so
// no better than one after the other: of those that are not the first to be
// counted, none gets in.
func (s *Service) letIn(ctx context.Context, tx *org.Tx, u *org.User, fresh password.Hash, r Request) (handle string, refused *refusedError, err error) {
	settings, err := org.PasswordSettingsOf(ctx, tx, u.ID)
	if err != nil {
		return "", nil, err
	}
	now := s.Now().UTC()
	if err := barred(u, settings, now); err != nil {
		return "", nil, err
	}
	events := credential.Right(u, settings.Lockout, now, r)
	expired := credential.Expire(u, settings.Age, now, r)
	if u.Password.Encoded() != fresh.Encoded() && u.Account.Provider.Type == org.ProviderImport {
		u.Account.Provider = org.Provider{} // from now on it is usher that knows the password
	}
	u.Password = fresh
	if expired == nil {
		u.LastLogin = now
	}
	if err := tx.Users.Update(ctx, u); err != nil {
		return "", nil, err
	}
	if err := tx.Events.Append(ctx, append(events, expired...)...); err != nil {
		return "", nil, err
	}
	if expired != nil {
		return "", refuseExpired(), nil
	}
	handle, err = s.Start(ctx, tx, u, r)
	return handle, nil, err
}

// barred refuses somebody who has given the right password and is not let in.
func barred(u *org.User, s org.PasswordSettings, now time.Time) error {
	switch {
	case credential.Locked(u, s.Lockout, now):
		return refuseLocked(s.Lockout)
	case u.Status == org.StatusPasswordExpired:
		return refuseExpired()
	case !u.CanSignIn() && u.Status != org.StatusLockedOut: // a lock that has ended
		return refuse(reasonRefused)
	}
	return nil
}

// verified finds the user whose password it is, and tells whether the hash of it
// is stale.
func (s *Service) verified(ctx context.Context, login string, secret password.Secret) (u *org.User, stale bool, err error) {
	var settings org.PasswordSettings
	err = s.Store.View(ctx, func(ctx context.Context, tx *org.Tx) (err error) {
		if u, err = tx.Users.ByLogin(ctx, login); err != nil {
			return err
		}
		settings, err = org.PasswordSettingsOf(ctx, tx, u.ID)
		return err
	})
	if err != nil && !errors.Is(err, org.ErrNotFound) {
		return nil, false, err
	}
	if err != nil || u.Password.Empty() {
		if err := s.Hasher.VerifyDummy(ctx, secret); err != nil {
			return nil, false, busy(err)
		}
		return nil, false, refuse(reasonRefused)
	}
	ok, stale, err := s.Hasher.Verify(ctx, u.Password, secret)
	switch {
	case err != nil:
		return nil, false, busy(err)
	case ok:
		return u, stale, barred(u, settings, s.Now())
	case credential.Locked(u, settings.Lockout, s.Now()):
		return nil, false, refuseLocked(settings.Lockout)
	}
	refused := refuse(reasonRefused)
	refused.guessed = u.ID
	return nil, false, refused
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
	if !u.StaysIn() || !now.Before(session.Expires) || now.Sub(session.LastUse) >= idleLimit {
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
