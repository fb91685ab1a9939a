package edit

import (
	"context"
	"errors"
	"time"

	"github.com/usher-id/usher/internal/eventlog"
	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/org"
)

// Editor makes changes. Both fields are required.
type Editor struct {
	Store org.Store
	Now   func() time.Time
}

// By is who makes a change, from where and with which rights.
type By = eventlog.Origin

// Time is the time of a change, in whole microseconds, which both databases keep.
func (e *Editor) Time() time.Time { return e.Now().UTC().Truncate(time.Microsecond) }

// Event makes the event of a change that was made.
func (e *Editor) Event(t eventlog.Type, by By, targets ...org.Target) org.Event {
	return eventlog.New(t, e.Time(), by, org.Outcome{Result: org.Success}, targets...)
}

// ErrUnchanged ends a change that has nothing to write.
var ErrUnchanged = errors.New("edit: nothing to change")

// maxTries is how often a change is made anew that somebody else's came before.
const maxTries = 8

// Change makes a change. One that ends with ErrUnchanged has gone well. One that
// ends with org.ErrConflict has read what is not so any more, and is made anew of
// what is so now; that the last of two writers wins is what clients of Okta's API
// expect.
func (e *Editor) Change(ctx context.Context, write func(context.Context, *org.Tx) error) error {
	var err error
	for range maxTries {
		err = e.Store.Update(ctx, write)
		switch {
		case errors.Is(err, ErrUnchanged):
			return nil
		case !errors.Is(err, org.ErrConflict):
			return err
		}
	}
	return fault.New(fault.Busy, "This is being changed by others. Please try again in a moment.").With(err)
}

// View gives what read finds in one state of the store. ErrNotFound becomes the
// fault of the resource.
func View[T any](ctx context.Context, e *Editor, id, resource string, read func(context.Context, *org.Tx) (T, error)) (v T, err error) {
	err = e.Store.View(ctx, func(ctx context.Context, tx *org.Tx) (err error) {
		v, err = read(ctx, tx)
		return err
	})
	return v, Missing(err, id, resource)
}

// Missing turns the store's ErrNotFound into the fault of a resource.
func Missing(err error, id, resource string) error {
	if errors.Is(err, org.ErrNotFound) {
		return fault.Missing(id, resource)
	}
	return err
}

// MadeMeanwhile makes a conflict of a name that was free when it was looked for:
// another process took it, and whoever looks again finds it.
func MadeMeanwhile(err error) error {
	if errors.Is(err, org.ErrNameTaken) {
		return org.ErrConflict
	}
	return err
}
