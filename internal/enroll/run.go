package enroll

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"golang.org/x/sync/errgroup"

	"github.com/usher-id/usher/hook"
	"github.com/usher-id/usher/internal/eventlog"
	"github.com/usher-id/usher/internal/extension"
	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/hookcall"
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
// Result; an error is one of usher's own, and then nobody was registered and
// nothing of finish was written. What was made of the hook's answer is recorded
// either way: the service was asked, whatever became of it.
//
// The answer counts by the state of the hook when it was asked; by its state at
// the commit the policy may have been closed.
//
// The caller's context must not end with the browser's connection: a hook that
// has said yes must be heard to the end.
func (a *Attempt) Run(ctx context.Context, finish Finish) (Result, error) {
	judgement, hash, err := a.askAndHash(ctx)
	var result Result
	if err == nil {
		result, err = a.end(ctx, judgement, hash, finish)
	}
	if err != nil {
		return Result{}, a.abandon(ctx, judgement, err)
	}
	return result, nil
}

func (a *Attempt) end(ctx context.Context, j *extension.Judgement, hash password.Hash, finish Finish) (Result, error) {
	p := a.storable()
	if j != nil {
		var allowed bool
		if p, allowed = j.Apply(p); !allowed {
			return a.refuse(ctx, j, refusal(j), finish)
		}
	}
	return a.create(ctx, j, p, hash, finish)
}

// abandon ends an attempt with an error of usher's own.
func (a *Attempt) abandon(ctx context.Context, j *extension.Judgement, err error) error {
	if j == nil {
		return err
	}
	why := "an error of usher's own, which is in its log."
	if f := fault.As(err); f != nil {
		why = f.Summary
		j.Call.Messages = []org.Message{{Text: why}}
	}
	if j.Allowed() { // a record that allows and names no user wants an explanation
		j.Call.Findings = append(j.Call.Findings, org.Finding{
			Severity: org.SeverityNote, Code: "NOT_REGISTERED", Read: "the hook allowed", Happens: "Nobody was registered: " + why,
		})
	}
	// The context may be what has ended.
	lost := a.service.Store.Update(context.WithoutCancel(ctx), func(ctx context.Context, tx *org.Tx) error {
		return a.recordCall(ctx, tx, j, nil)
	})
	if lost != nil {
		return errors.Join(err, fmt.Errorf("enroll: the record of the hook call: %w", lost))
	}
	return err
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
		if judgement.Call.Reason == string(hookcall.Overloaded) {
			// Nobody was asked, so nothing was judged: the form can be sent again.
			return judgement, password.Hash{}, fault.TryAgain(nil)
		}
		return judgement, password.Hash{}, nil
	}
	if errors.Is(err, password.ErrBusy) {
		err = fault.TryAgain(err)
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
	kind := fault.Denied
	if j.Decision == org.DecisionFailed {
		kind = fault.HookFailed
	}
	return fault.New(kind, "An inline hook refused the registration.", org.Causes(j.Messages)...)
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
		ID: id.New(id.User), Status: org.StatusActive, Password: hash,
		Created: now, Activated: now, StatusChanged: now, LastUpdated: now, PasswordChanged: now,
	}
	result := Result{User: u}
	err := a.service.Store.Update(ctx, func(ctx context.Context, tx *org.Tx) error {
		present, err := read(ctx, tx, a.set.clientID)
		if err != nil { // closed meanwhile?
			return err
		}
		u.Profile = present.schema.Storable(p) // without what was removed meanwhile
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
	var value *org.ValueTakenError
	switch {
	case errors.Is(err, org.ErrLoginTaken):
		return a.lost(ctx, j, "", finish)
	case errors.As(err, &value):
		return a.lost(ctx, j, value.Attribute, finish)
	case fault.Is(err, fault.Forbidden):
		return a.refuse(ctx, j, errClosed(), finish)
	}
	return result, err
}

// lost ends an attempt whose login or address ("") or other unique attribute was
// taken while the hook was asked. If what the person typed is taken, somebody was
// faster, and the person is told so; else the hook chose it, and its answer cannot
// be used.
func (a *Attempt) lost(ctx context.Context, j *extension.Judgement, attribute string, finish Finish) (Result, error) {
	var causes []fault.Cause
	err := a.service.Store.View(ctx, func(ctx context.Context, tx *org.Tx) (err error) {
		causes, err = a.checkFree(ctx, tx)
		return err
	})
	switch {
	case err != nil:
		return Result{}, err
	case len(causes) > 0:
		return a.refuse(ctx, j, invalid(causes), finish)
	case j != nil && len(j.Updates) > 0:
		j.Taken(attribute)
		return a.refuse(ctx, j, refusal(j), finish)
	}
	return Result{}, fault.TryAgain(nil) // whoever was faster is gone already
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
	if err := tx.Members.Add(ctx, everyone.ID, u.ID, now); err != nil {
		return err
	}
	if target := a.set.policy.Rule.TargetGroupID; target != "" && target != everyone.ID {
		g, err := tx.Groups.Get(ctx, target)
		if errors.Is(err, org.ErrNotFound) { // deleted while the hook was asked
			return tx.Events.Append(ctx, events...)
		}
		if err != nil {
			return err
		}
		if err := tx.Members.Add(ctx, g.ID, u.ID, now); err != nil {
			return err
		}
		events = append(events, eventlog.New(eventlog.GroupMemberAdded, now, o, success, eventlog.UserTarget(u), eventlog.GroupTarget(g)))
	}
	return tx.Events.Append(ctx, events...)
}

func (a *Attempt) origin(actor org.Actor) eventlog.Origin {
	return a.request.By(actor)
}

// reasonInactive says in the System Log that a hook was passed over because it is
// INACTIVE: deactivating one is how an owner lets people sign up without it.
const reasonInactive = "HOOK_INACTIVE"

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
			org.Outcome{Result: org.Failure, Reason: reasonInactive}, eventlog.HookTarget(h)))
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
