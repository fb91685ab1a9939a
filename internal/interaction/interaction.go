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
	visitLimit = time.Hour
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
	visit, err := s.load(ctx, handle)
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
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*s.AttemptLimit)
	defer cancel()
	waited := false
	for {
		visit, err := s.load(ctx, handle)
		if err != nil {
			return Outcome{}, err
		}
		switch {
		case visit.State == org.StateDone:
			return s.settled(ctx, visit, sub)
		case visit.State == org.StateCalling && s.Now().Before(visit.Deadline):
			waited = true
			if err := sleep(ctx, pollEvery); err != nil {
				return Outcome{}, fault.New(fault.Busy, "The service is busy. Please try again in a moment.").With(err)
			}
			continue
		case waited && len(visit.Messages) > 0:
			return Outcome{Refusal: refusal(visit.Messages)}, nil
		}
		out, err := s.attempt(ctx, visit, sub)
		if errors.Is(err, org.ErrConflict) {
			continue // another submission of this visit was faster
		}
		return out, err
	}
}

// load gives the visit of a handle, one that is not stored as a new one.
func (s *Service) load(ctx context.Context, handle string) (*org.Interaction, error) {
	hash := org.HashToken(handle)
	var visit *org.Interaction
	err := s.Store.View(ctx, func(ctx context.Context, tx *org.Tx) (err error) {
		visit, err = tx.Interactions.ByHash(ctx, hash)
		return err
	})
	if !errors.Is(err, org.ErrNotFound) {
		return visit, err
	}
	now := s.Now().UTC()
	return &org.Interaction{
		ID: id.New("idx"), Hash: hash, State: org.StateForm, Created: now, Expires: now.Add(visitLimit),
	}, nil
}

func (s *Service) expired(visit *org.Interaction) bool { return !s.Now().Before(visit.Expires) }

// attempt checks a submission, takes the visit, and runs it.
func (s *Service) attempt(ctx context.Context, visit *org.Interaction, sub enroll.Submission) (Outcome, error) {
	a, err := s.Enroll.Prepare(ctx, sub)
	if err != nil {
		return s.unlessDone(ctx, visit, sub, err)
	}
	visit.State, visit.Messages = org.StateCalling, nil
	visit.Deadline = s.Now().UTC().Add(s.AttemptLimit)
	if err := s.swap(ctx, visit); err != nil {
		return Outcome{}, err
	}
	var out Outcome
	result, err := a.Run(ctx, func(ctx context.Context, tx *org.Tx, r enroll.Result) (err error) {
		if out, err = s.finish(ctx, tx, *visit, r, sub); errors.Is(err, org.ErrConflict) {
			err = errOvertaken
		}
		return err
	})
	if err != nil {
		s.release(ctx, visit)
		return Outcome{}, err
	}
	out.Refusal = result.Refusal
	return out, nil
}

// errOvertaken is the end of an attempt that took longer than it may: its visit
// belongs to a later one, and nothing of it was written.
var errOvertaken = fault.New(fault.Busy, "The service is busy. Please try again in a moment.")

// unlessDone gives the error of a submission, unless its visit has just made
// the user whose login the submission is refused for: then it was a second
// click.
func (s *Service) unlessDone(ctx context.Context, visit *org.Interaction, sub enroll.Submission, err error) (Outcome, error) {
	if visit.Version == 0 && !fault.Is(err, fault.Invalid) {
		return Outcome{}, err
	}
	var now *org.Interaction
	lookup := s.Store.View(ctx, func(ctx context.Context, tx *org.Tx) (err error) {
		now, err = tx.Interactions.ByHash(ctx, visit.Hash)
		return err
	})
	if lookup == nil && now.State == org.StateDone {
		return s.settled(ctx, now, sub)
	}
	if lookup == nil && now.Version != visit.Version {
		return Outcome{}, org.ErrConflict // look again
	}
	return Outcome{}, err
}

// finish writes how an attempt ended, in its own transaction.
func (s *Service) finish(ctx context.Context, tx *org.Tx, visit org.Interaction, r enroll.Result, sub enroll.Submission) (out Outcome, err error) {
	if r.User != nil {
		visit.State, visit.UserID = org.StateDone, r.User.ID
		visit.Deadline = s.Now().UTC().Add(settleLimit)
		if out.Session, err = s.SignIn.Start(ctx, tx, r.User, signin.Request(sub.Request)); err != nil {
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

// settled answers a submission of a visit that has made its user already.
func (s *Service) settled(ctx context.Context, visit *org.Interaction, sub enroll.Submission) (out Outcome, err error) {
	if !s.Now().Before(visit.Deadline) {
		return Outcome{}, nil // no session: the person signs in
	}
	err = s.Store.Update(ctx, func(ctx context.Context, tx *org.Tx) error {
		u, err := tx.Users.Get(ctx, visit.UserID)
		if err != nil {
			return err
		}
		out.Session, err = s.SignIn.Start(ctx, tx, u, signin.Request(sub.Request))
		return err
	})
	return out, err
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
	causes := make([]fault.Cause, len(messages))
	for i, m := range messages {
		causes[i] = fault.Cause{Field: m.Field, Text: m.Text}
	}
	return fault.New(fault.Denied, "The registration was refused.", causes...)
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
