package interaction

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/usher-id/usher/internal/enroll"
	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/id"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/signin"
)

const (
	visitLimit = time.Hour // from the last submission on
	// settleLimit is how long after its end a visit still signs its own browser
	// in: as long as a second click may be under way. Later the handle is worth
	// nothing.
	settleLimit = time.Minute
	// pollEvery is how often a second submission looks whether the first has
	// ended, which may be on another replica.
	pollEvery = 50 * time.Millisecond
)

// Service keeps visits.
type Service struct {
	Store  org.Store
	Enroll *enroll.Service
	SignIn *signin.Service
	Now    func() time.Time
	Log    *slog.Logger
	// AttemptLimit is the longest that one submission may take: two tries of the
	// hook, and the wait for a hash. Past it an attempt is void.
	AttemptLimit time.Duration
	// SubmitLimit is the longest that Submit may take, the wait for an attempt
	// under way included: the browser must get its answer before the server hangs
	// up. It is not less than AttemptLimit.
	SubmitLimit time.Duration
}

// Outcome is where a submission led.
type Outcome struct {
	// Session is the handle of the new session; "" unless somebody was signed in.
	Session string
	// Refusal has the words for the person; nil unless refused.
	Refusal *fault.Error
}

// Begin gives the handle for a visit: the browser's own while its visit is under
// way, else a new one.
func (s *Service) Begin(ctx context.Context, handle string) (string, error) {
	if handle == "" {
		return id.Handle(), nil
	}
	var visit *org.Interaction
	err := s.Store.View(ctx, func(ctx context.Context, tx *org.Tx) (err error) {
		visit, err = s.read(ctx, tx, org.HashToken(handle))
		return err
	})
	if err != nil {
		return "", err
	}
	if visit.State == org.StateDone || s.expired(visit) {
		return id.Handle(), nil
	}
	return handle, nil
}

// Submit takes a submission of a visit. Its error is a fault with the words for
// the person, or one of usher's own; either way the form can be sent again.
func (s *Service) Submit(ctx context.Context, handle string, sub enroll.Submission) (Outcome, error) {
	// The work goes on when the browser hangs up: a hook that has said yes is
	// heard to the end, and the next submission gets the result.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.SubmitLimit)
	defer cancel()
	hash, waited := org.HashToken(handle), false
	for {
		visit, a, err := s.look(ctx, hash, waited, sub)
		switch {
		case visit == nil:
			return Outcome{}, err
		case visit.State == org.StateDone:
			return s.settled(ctx, visit, sub)
		case s.underWay(visit):
			waited = true
			if err := sleep(ctx, pollEvery); err != nil {
				return Outcome{}, fault.TryAgain(err)
			}
			continue
		case waited && len(visit.Messages) > 0:
			return Outcome{Refusal: refusal(visit.Messages)}, nil
		case err != nil:
			return Outcome{}, err // a bad submission
		case waited && !s.roomFor(ctx):
			return Outcome{}, fault.TryAgain(errNoRoom)
		}
		out, err := s.attempt(ctx, visit, a, sub)
		if errors.Is(err, org.ErrConflict) {
			continue // another submission of this visit was faster
		}
		return out, err
	}
}

// errNoRoom is the end of a submission that has waited too long to be judged
// itself: a hook must not be asked and then not be heard to the end.
var errNoRoom = errors.New("interaction: no time is left for an attempt")

// roomFor tells whether a whole attempt is over before the context is.
func (s *Service) roomFor(ctx context.Context) bool {
	end, _ := ctx.Deadline()
	return time.Until(end) >= s.AttemptLimit
}

// underWay tells whether a submission of the visit is being judged.
func (s *Service) underWay(visit *org.Interaction) bool {
	return visit.State == org.StateCalling && s.Now().Before(visit.Deadline)
}

// look reads the visit and, where it is this submission's turn, checks the
// submission, in one state of the org: a second click cannot find the login taken
// and its own visit not yet done. A bad submission gives the visit and an error,
// an error of usher's own no visit.
func (s *Service) look(ctx context.Context, hash string, waited bool, sub enroll.Submission) (visit *org.Interaction, a *enroll.Attempt, bad error) {
	err := s.Store.View(ctx, func(ctx context.Context, tx *org.Tx) (err error) {
		a, bad = nil, nil
		if visit, err = s.read(ctx, tx, hash); err != nil {
			return err
		}
		if visit.State == org.StateDone || s.underWay(visit) || waited && len(visit.Messages) > 0 {
			return nil
		}
		if a, err = s.Enroll.Prepare(ctx, tx, sub); fault.As(err) != nil {
			bad, err = err, nil
		}
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	return visit, a, bad
}

// read gives the visit of a handle's hash, one that is not stored as a new one.
func (s *Service) read(ctx context.Context, tx *org.Tx, hash string) (*org.Interaction, error) {
	visit, err := tx.Interactions.ByHash(ctx, hash)
	if !errors.Is(err, org.ErrNotFound) {
		return visit, err
	}
	now := s.Now().UTC()
	return &org.Interaction{
		ID: id.New("idx"), Hash: hash, State: org.StateForm, Created: now, Expires: now.Add(visitLimit),
	}, nil
}

func (s *Service) expired(visit *org.Interaction) bool { return !s.Now().Before(visit.Expires) }

// attempt takes the visit for a submission that was checked, and runs it.
func (s *Service) attempt(ctx context.Context, visit *org.Interaction, a *enroll.Attempt, sub enroll.Submission) (Outcome, error) {
	now := s.Now().UTC()
	visit.State, visit.Messages = org.StateCalling, nil
	visit.Deadline, visit.Expires = now.Add(s.AttemptLimit), now.Add(visitLimit)
	if err := s.swap(ctx, visit); err != nil {
		return Outcome{}, err
	}
	var out Outcome
	result, err := a.Run(ctx, func(ctx context.Context, tx *org.Tx, r enroll.Result) (err error) {
		if out, err = s.finish(ctx, tx, *visit, r, sub); errors.Is(err, org.ErrConflict) {
			err = fault.TryAgain(errOvertaken)
		}
		return err
	})
	switch {
	case errors.Is(err, errOvertaken):
		return Outcome{}, err
	case err != nil:
		s.release(ctx, visit)
		return Outcome{}, err
	case result.Refusal != nil && result.Refusal.Kind == fault.Forbidden:
		return Outcome{}, result.Refusal // closed meanwhile: there is no form to send again
	}
	out.Refusal = result.Refusal
	return out, nil
}

// errOvertaken is the end of an attempt that took longer than it may: its visit
// belongs to a later one.
var errOvertaken = errors.New("interaction: the attempt was overtaken")

// finish writes how an attempt ended, in its own transaction.
func (s *Service) finish(ctx context.Context, tx *org.Tx, visit org.Interaction, r enroll.Result, sub enroll.Submission) (out Outcome, err error) {
	if r.User != nil {
		visit.State, visit.UserID = org.StateDone, r.User.ID
		visit.Deadline = s.Now().UTC().Add(settleLimit)
		if out.Session, err = s.SignIn.Start(ctx, tx, r.User, sub.Request); err != nil {
			return out, err
		}
	} else {
		visit.State = org.StateForm
		for _, c := range r.Refusal.Causes {
			visit.Messages = append(visit.Messages, org.Message{Field: c.Field, Text: c.Text})
		}
	}
	return out, tx.Interactions.Swap(ctx, &visit)
}

// settled answers a submission of a visit that has made its user already: with a
// session, if it has the password of that user, as every second click has. The
// handle alone proves nothing, since somebody may have put it into the browser of
// the person who signed up with it (Keycloak, CVE-2026-7507).
func (s *Service) settled(ctx context.Context, visit *org.Interaction, sub enroll.Submission) (Outcome, error) {
	if !s.Now().Before(visit.Deadline) {
		return Outcome{}, nil // the person signs in
	}
	var u *org.User
	err := s.Store.View(ctx, func(ctx context.Context, tx *org.Tx) (err error) {
		u, err = tx.Users.Get(ctx, visit.UserID)
		return err
	})
	if errors.Is(err, org.ErrNotFound) {
		return Outcome{}, nil // deleted already
	}
	if err != nil {
		return Outcome{}, err
	}
	handle, err := s.SignIn.WithPassword(ctx, u.Login(), sub.Password, sub.Request)
	if fault.Is(err, fault.Unauthenticated) {
		return Outcome{}, nil
	}
	return Outcome{Session: handle}, err
}

// release gives a visit back after an error of usher's own. If even that fails,
// the attempt's deadline does it.
func (s *Service) release(ctx context.Context, visit *org.Interaction) {
	visit.State = org.StateForm
	if err := s.swap(ctx, visit); err != nil {
		s.Log.Warn("a visit could not be given back; its deadline will", "err", err)
	}
}

// swap stores a visit. A power cut may lose it: then the form is sent again.
func (s *Service) swap(ctx context.Context, visit *org.Interaction) error {
	next := *visit
	err := s.Store.UpdateSoon(ctx, func(ctx context.Context, tx *org.Tx) error {
		next = *visit
		return tx.Interactions.Swap(ctx, &next)
	})
	if err == nil {
		*visit = next
	}
	return err
}

func refusal(messages []org.Message) *fault.Error {
	return fault.New(fault.Denied, "The registration was refused.", org.Causes(messages)...)
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
