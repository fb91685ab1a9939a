package credential

import (
	"context"
	"time"

	"github.com/usher-id/usher/internal/eventlog"
	"github.com/usher-id/usher/internal/org"
)

// Locked tells whether wrong passwords keep everybody out of an account, also who
// has the right one. A lock ends by the policy of now: an owner who sets a time
// opens what is locked for longer.
func Locked(u *org.User, l org.Lockout, now time.Time) bool {
	if u.Status == org.StatusLockedOut {
		return l.Locked(u.StatusChanged, now)
	}
	// Who is not ACTIVE keeps the status; a password must not be guessed there, either.
	return spent(u, l) && l.Locked(u.Account.LastFailure, now)
}

// spent tells whether there were as many wrong passwords as there may be.
func spent(u *org.User, l org.Lockout) bool {
	return l.MaxAttempts > 0 && u.Account.FailedSignIns >= l.MaxAttempts
}

// reasonLocked is Okta's word for an account that is locked.
const reasonLocked = "LOCKED_OUT"

// Wrong counts a wrong password, and locks the account when it was the last that
// the policy allows. It writes the user and the event of the lock. While an account
// is locked nothing counts, so that whoever goes on guessing does not prolong it.
func Wrong(ctx context.Context, tx *org.Tx, u *org.User, l org.Lockout, now time.Time, r eventlog.Request) error {
	if l.MaxAttempts == 0 || Locked(u, l, now) {
		return nil
	}
	events := open(u, l, now, r)
	u.Account.FailedSignIns++
	u.Account.LastFailure = now
	if spent(u, l) && u.CanSignIn() {
		move(u, org.StatusLockedOut, now)
		events = append(events, eventlog.New(eventlog.UserLocked, now, r.By(eventlog.Person(u)),
			org.Outcome{Result: org.Failure, Reason: reasonLocked}, eventlog.UserTarget(u)))
	}
	if err := tx.Users.Update(ctx, u); err != nil {
		return err
	}
	return tx.Events.Append(ctx, events...)
}

// Right forgets the wrong passwords of somebody who has given the right one, and
// opens an account whose lock has ended. It gives the events of that; the caller
// writes the user.
func Right(u *org.User, l org.Lockout, now time.Time, r eventlog.Request) []org.Event {
	events := open(u, l, now, r)
	u.Account.FailedSignIns, u.Account.LastFailure = 0, time.Time{}
	return events
}

// open ends a lock whose time is over.
func open(u *org.User, l org.Lockout, now time.Time, r eventlog.Request) []org.Event {
	if spent(u, l) { // and not Locked
		u.Account.FailedSignIns = 0
	}
	if u.Status != org.StatusLockedOut {
		return nil
	}
	u.Account.FailedSignIns = 0
	move(u, org.StatusActive, now)
	return []org.Event{eventlog.New(eventlog.UserReopened, now, r.By(eventlog.System()), org.Outcome{Result: org.Success}, eventlog.UserTarget(u))}
}

// Expire ends a password that is as old as the policy lets it become. It gives the
// event of it, or none; the caller writes the user.
func Expire(u *org.User, a org.PasswordAge, now time.Time, r eventlog.Request) []org.Event {
	if !u.CanSignIn() || !a.Expired(u.PasswordChanged, now) {
		return nil
	}
	move(u, org.StatusPasswordExpired, now)
	return []org.Event{eventlog.New(eventlog.PasswordExpired, now, r.By(eventlog.System()), org.Outcome{Result: org.Success}, eventlog.UserTarget(u))}
}

func move(u *org.User, status string, now time.Time) {
	u.Status, u.StatusChanged, u.LastUpdated = status, now, now
}
