package edit

import (
	"context"
	"time"

	"github.com/usher-id/usher/internal/fault"
)

type expectedKey struct{}

// Expect makes changes with the context conditional: they are refused unless what
// they change is still in the state of one of the revisions (If-Match). None is
// no condition.
func Expect(ctx context.Context, revisions ...string) context.Context {
	if len(revisions) == 0 {
		return ctx
	}
	return context.WithValue(ctx, expectedKey{}, revisions)
}

// Expected refuses a change of a thing whose revision is not one that the client
// has seen. Whoever changes a thing that has revisions asks in the transaction
// that has read it, so that nothing comes between.
func Expected(ctx context.Context, revision string) error {
	expected, conditional := ctx.Value(expectedKey{}).([]string)
	if !conditional {
		return nil
	}
	for _, r := range expected {
		if r == revision || r == "*" {
			return nil
		}
	}
	return fault.New(fault.Changed, "")
}

// Advance gives a time of change that differs from that of the last one, also
// when both come within one tick of the clock.
func (e *Editor) Advance(last time.Time) time.Time {
	now := e.Time()
	if !now.After(last) {
		now = last.Add(time.Microsecond)
	}
	return now
}
