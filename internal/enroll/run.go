package enroll

import (
	"context"
	"errors"
	"net/http"

	"golang.org/x/sync/errgroup"

	"github.com/usher-id/usher/hook"
	"github.com/usher-id/usher/internal/eventlog"
	"github.com/usher-id/usher/internal/extension"
	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/id"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/password"
	"github.com/usher-id/usher/internal/profile"
)

// Result is how an attempt ended.
type Result struct {
	User    *org.User    // who was registered, or nil
	Refusal *fault.Error // the words for the person, or nil
}

// Finish adds to the transaction in which an attempt ends: the state of the
// visit, a session. Like every transaction it may run twice.
type Finish func(ctx context.Context, tx *org.Tx, r Result) error

// errRefused ends the work beside the hook call.
var errRefused = errors.New("enroll: the hook refused")

// Run asks the hook, hashes the password meanwhile, and commits. A refusal is a
// Result; an error is one of usher's own, and then nothing was written.
//
// The caller's context must not end with the browser's connection: a hook that
// has said yes must be heard to the end.
func (a *Attempt) Run(ctx context.Context, finish Finish) (Result, error) {
	judgement, hash, err := a.askAndHash(ctx)
	if err != nil {
		return Result{}, err
	}
	p, allowed := a.set.schema.Storable(a.profile), true
	if judgement != nil {
		if allowed = judgement.Allowed(); allowed {
			p, allowed = judgement.Apply(p)
		}
	}
	if !allowed {
		return a.refuse(ctx, judgement, refusal(judgement), finish)
	}
	return a.create(ctx, judgement, p, hash, finish)
}

// askAndHash does both at once: a hook's latency and the hash's cost overlap.
func (a *Attempt) askAndHash(ctx context.Context) (judgement *extension.Judgement, hash password.Hash, err error) {
	g, working := errgroup.WithContext(ctx)
	g.Go(func() (err error) {
		hash, err = a.service.Hasher.Hash(working, a.password)
		return err
	})
	g.Go(func() (err error) {
		if a.set.hook == nil || a.set.hook.Status != org.StatusActive {
			return nil
		}
		// Not the group's context: a hash that fails must not hang up on a
		// service that is deciding.
		if judgement, err = a.service.Hooks.Registration(ctx, a.set.hook, a.question()); err != nil {
			return err
		}
		if !judgement.Allowed() {
			return errRefused
		}
		return nil
	})
	err = g.Wait()
	if judgement != nil && !judgement.Allowed() {
		return judgement, password.Hash{}, nil
	}
	if errors.Is(err, password.ErrBusy) {
		err = fault.New(fault.Busy, "The service is busy. Please try again in a moment.").With(err)
	}
	return judgement, hash, err
}

func (a *Attempt) question() extension.Registration {
	names := a.form.Names()
	return extension.Registration{
		RequestType: hook.RequestSelfServiceRegistration,
		Source:      a.set.policy.Source,
		Request: hook.RequestContext{
			Method:    http.MethodPost,
			IPAddress: a.request.IP,
			ID:        a.request.ID,
			URL:       hook.RequestURL{Value: Path},
		},
		Disclosed: a.set.schema.Disclose(a.profile, names),
		Form:      names,
		Schema:    a.set.schema,
	}
}

// refusal is a judgement as the fault that a door draws.
func refusal(j *extension.Judgement) *fault.Error {
	causes := make([]fault.Cause, len(j.Messages))
	for i, m := range j.Messages {
		causes[i] = fault.Cause{Field: m.Field, Text: m.Text}
	}
	kind := fault.Denied
	if j.Decision == org.DecisionFailed {
		kind = fault.HookFailed
	}
	return fault.New(kind, "An inline hook refused the registration.", causes...)
}

// refuse writes that nobody was registered.
func (a *Attempt) refuse(ctx context.Context, j *extension.Judgement, why *fault.Error, finish Finish) (Result, error) {
	result := Result{Refusal: why}
	err := a.service.Store.Update(ctx, func(ctx context.Context, tx *org.Tx) error {
		if err := a.recordCall(ctx, tx, j, nil); err != nil {
			return err
		}
		return finish(ctx, tx, result)
	})
	return result, err
}

// create writes the user, and everything that tells of it, or nothing.
func (a *Attempt) create(ctx context.Context, j *extension.Judgement, p profile.Profile, hash password.Hash, finish Finish) (Result, error) {
	now := a.service.Now().UTC()
	u := &org.User{
		ID: id.New(id.User), Status: org.StatusActive, Profile: p, Password: hash,
		Created: now, Activated: now, StatusChanged: now, LastUpdated: now, PasswordChanged: now,
	}
	result := Result{User: u}
	err := a.service.Store.Update(ctx, func(ctx context.Context, tx *org.Tx) error {
		if _, err := read(ctx, tx); err != nil { // closed meanwhile?
			return err
		}
		if err := tx.Users.Create(ctx, u); err != nil {
			return err
		}
		if err := a.recordCall(ctx, tx, j, u); err != nil {
			return err
		}
		if err := a.welcome(ctx, tx, u); err != nil {
			return err
		}
		return finish(ctx, tx, result)
	})
	switch {
	case errors.Is(err, org.ErrLoginTaken):
		return a.lost(ctx, j, p, finish)
	case fault.Is(err, fault.Forbidden):
		return a.refuse(ctx, j, errClosed(), finish)
	case err != nil:
		return Result{}, err
	}
	return result, nil
}

// lost ends an attempt whose login was taken while the hook was asked. If the
// hook chose the login, its answer could not be used; else somebody was faster,
// and the person is told so.
func (a *Attempt) lost(ctx context.Context, j *extension.Judgement, p profile.Profile, finish Finish) (Result, error) {
	if j != nil && (p.Text(profile.Login) != a.profile.Text(profile.Login) || p.Text(profile.Email) != a.profile.Text(profile.Email)) {
		j.Taken()
		return a.refuse(ctx, j, refusal(j), finish)
	}
	return a.refuse(ctx, j, invalid([]fault.Cause{a.takenCause()}), finish)
}

// welcome puts a new user into the groups and writes the events.
func (a *Attempt) welcome(ctx context.Context, tx *org.Tx, u *org.User) error {
	o := a.origin(eventlog.Person(u))
	now := u.Created
	success := org.Outcome{Result: org.Success}
	events := []org.Event{
		eventlog.New(eventlog.UserCreated, now, o, success, eventlog.UserTarget(u)),
		eventlog.New(eventlog.UserActivated, now, o, success, eventlog.UserTarget(u)),
	}
	everyone, err := tx.Groups.ByName(ctx, org.Everyone)
	if err != nil {
		return err
	}
	if err := tx.Groups.AddMember(ctx, everyone.ID, u.ID); err != nil {
		return err
	}
	if target := a.set.policy.Rule.TargetGroupID; target != "" && target != everyone.ID {
		g, err := tx.Groups.Get(ctx, target)
		if err != nil {
			return err
		}
		if err := tx.Groups.AddMember(ctx, g.ID, u.ID); err != nil {
			return err
		}
		events = append(events, eventlog.New(eventlog.GroupMemberAdded, now, o, success, eventlog.UserTarget(u), eventlog.GroupTarget(g)))
	}
	return tx.Events.Append(ctx, events...)
}

func (a *Attempt) origin(actor org.Actor) eventlog.Origin {
	return eventlog.Origin{RequestID: a.request.ID, IP: a.request.IP, UserAgent: a.request.UserAgent, Actor: actor}
}

// recordCall writes the event and the record of the hook call, or that an
// inactive hook was passed over.
func (a *Attempt) recordCall(ctx context.Context, tx *org.Tx, j *extension.Judgement, u *org.User) error {
	h := a.set.hook
	if h == nil {
		return nil
	}
	o := a.origin(eventlog.Unknown(a.profile.Text(profile.Login)))
	now := a.service.Now().UTC()
	if j == nil {
		return tx.Events.Append(ctx, eventlog.New(eventlog.HookExecuted, now, o,
			org.Outcome{Result: org.Failure, Reason: "HOOK_INACTIVE"}, eventlog.HookTarget(h)))
	}
	c := j.Call
	c.PolicyID = a.set.policy.ID
	c.LoginKey = profile.FoldLogin(a.profile.Text(profile.Login))
	if u != nil {
		c.UserID = u.ID
	}
	if err := tx.Events.Append(ctx, eventlog.HookCalled(&c, now, o, h)); err != nil {
		return err
	}
	return tx.Calls.Append(ctx, &c)
}
