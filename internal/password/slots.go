package password

import (
	"context"
	"errors"
	"runtime"
	"runtime/debug"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"
)

// ErrBusy means that too many hashes are waiting, or that this one waited too
// long. Nothing was judged: the same request may succeed a moment later.
var ErrBusy = errors.New("password: all hash slots are busy")

const (
	// slotMemory is what one argon2id hash takes in practice: its 19 MiB, and as
	// much again that the collector has not freed yet.
	slotMemory = 40 << 20

	queuePerSlot = 64
	maxWait      = 2 * time.Second
)

// DefaultSlots returns how many hashes this process should run at once: one for
// each core that Go uses, fewer when GOMEMLIMIT leaves less than 40 MiB for each.
// Without that limit the cores decide; a process in a small container sets it.
func DefaultSlots() int {
	// A negative value reads the limit and changes nothing.
	return slotsFor(runtime.GOMAXPROCS(0), debug.SetMemoryLimit(-1))
}

func slotsFor(cores int, budget int64) int {
	return int(max(1, min(int64(cores), budget/slotMemory)))
}

// slots admits a few callers at a time, in the order in which they came.
type slots struct {
	free    *semaphore.Weighted // hands a freed slot to whoever waits longest
	waiting atomic.Int64
	limit   int64 // of waiting
}

func newSlots(n int) *slots {
	return &slots{free: semaphore.NewWeighted(int64(n)), limit: queuePerSlot * int64(n)}
}

// acquire returns when a slot is free, and the function that frees it again.
// The error is ErrBusy or the context's cause.
func (s *slots) acquire(ctx context.Context) (release func(), err error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	release = func() { s.free.Release(1) }
	if s.free.TryAcquire(1) {
		return release, nil
	}
	defer s.waiting.Add(-1)
	if s.waiting.Add(1) > s.limit {
		return nil, ErrBusy
	}
	ctx, cancel := context.WithTimeoutCause(ctx, maxWait, ErrBusy)
	defer cancel()
	if s.free.Acquire(ctx, 1) != nil {
		return nil, context.Cause(ctx)
	}
	return release, nil
}
