package password

import (
	"context"
	"errors"
	"math"
	"runtime"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestSlotsFor(t *testing.T) {
	t.Parallel()
	const mib = 1 << 20
	for _, c := range []struct {
		cores  int
		budget int64
		want   int
	}{
		{1, math.MaxInt64, 1},
		{8, math.MaxInt64, 8},
		{8, 1024 * mib, 8},
		{8, 120 * mib, 3},
		{8, 119 * mib, 2},
		{2, 64 * mib, 1},
		{8, 10 * mib, 1}, // a server that can hash nothing is of no use
		{8, 0, 1},
	} {
		if got := slotsFor(c.cores, c.budget); got != c.want {
			t.Errorf("slotsFor(%d, %d MiB) = %d, want %d", c.cores, c.budget/mib, got, c.want)
		}
	}
	if n := DefaultSlots(); n < 1 || n > runtime.GOMAXPROCS(0) {
		t.Errorf("DefaultSlots() = %d", n)
	}
}

// work is a hash function that costs no CPU: each call stands still until the test
// lets one finish.
type work struct {
	mu           sync.Mutex
	started      []string
	running, top int
	finish       chan struct{}
}

func (w *work) create(_ Params, secret string) (Hash, error) {
	w.mu.Lock()
	w.started = append(w.started, secret)
	w.running++
	w.top = max(w.top, w.running)
	w.mu.Unlock()
	<-w.finish
	w.mu.Lock()
	w.running--
	w.mu.Unlock()
	return Hash{}, nil
}

// blocked returns a Hasher with such a function; use it inside a bubble.
func blocked(t *testing.T, slots int) (*Hasher, *work) {
	t.Helper()
	h := newTestHasher(t, DefaultParams(), slots)
	w := &work{finish: make(chan struct{})}
	h.create = w.create
	return h, w
}

// start hashes in the background. By its return the call is running or waiting.
func start(ctx context.Context, h *Hasher, secret string) <-chan error {
	done := make(chan error, 1)
	go func() {
		_, err := h.Hash(ctx, NewSecret(secret))
		done <- err
	}()
	synctest.Wait()
	return done
}

func TestParallelHashesStayWithinSlots(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h, w := blocked(t, 3)
		results := make(chan error, 32)
		for range cap(results) {
			go func() {
				_, err := h.Hash(t.Context(), NewSecret(canary))
				results <- err
			}()
		}
		for range cap(results) {
			synctest.Wait()
			w.finish <- struct{}{}
			if err := <-results; err != nil {
				t.Error(err)
			}
		}
		if w.top != 3 || len(w.started) != 32 {
			t.Errorf("%d at once, %d in all; want 3, 32", w.top, len(w.started))
		}
	})
}

func TestQueueIsFIFO(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h, w := blocked(t, 1)
		order := []string{"first", "second", "third", "fourth", "fifth"}
		var calls []<-chan error
		for _, name := range order {
			calls = append(calls, start(t.Context(), h, name))
		}
		for _, done := range calls {
			w.finish <- struct{}{}
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		if !slices.Equal(w.started, order) {
			t.Errorf("order %v", w.started)
		}
	})
}

func TestFullQueueIsBusyAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h, w := blocked(t, 2)
		var calls []<-chan error
		for range 2 + 2*64 {
			calls = append(calls, start(t.Context(), h, canary))
		}
		begin := time.Now()
		if err := <-start(t.Context(), h, "one too many"); !errors.Is(err, ErrBusy) || time.Since(begin) != 0 {
			t.Errorf("one more: %v after %v", err, time.Since(begin))
		}
		// One leaves, so one may come.
		w.finish <- struct{}{}
		synctest.Wait()
		calls = append(calls, start(t.Context(), h, "last"))
		close(w.finish)
		for _, done := range calls {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		if slices.Contains(w.started, "one too many") || !slices.Contains(w.started, "last") {
			t.Errorf("started %v", w.started)
		}
	})
}

func TestWaitIsBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h, w := blocked(t, 1)
		running := start(t.Context(), h, "slow")
		begin := time.Now()
		if err := <-start(t.Context(), h, "waits"); !errors.Is(err, ErrBusy) || time.Since(begin) != 2*time.Second {
			t.Errorf("%v after %v, want ErrBusy after 2s", err, time.Since(begin))
		}
		// Whoever gave up left no trace: the slot and the queue are whole.
		close(w.finish)
		if err := <-running; err != nil {
			t.Error(err)
		}
		if err := <-start(t.Context(), h, "next"); err != nil {
			t.Error(err)
		}
		if want := []string{"slow", "next"}; !slices.Equal(w.started, want) || h.slots.waiting.Load() != 0 {
			t.Errorf("started %v, %d still wait", w.started, h.slots.waiting.Load())
		}
	})
}

func TestCancelledWaitCostsNoHash(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h, w := blocked(t, 1)
		denied := errors.New("denied by the hook")
		ctx, cancel := context.WithCancelCause(t.Context())
		deadline, stop := context.WithTimeout(t.Context(), time.Second)
		defer stop()

		running := start(t.Context(), h, "running")
		cancelled := start(ctx, h, "cancelled")
		late := start(deadline, h, "late")
		next := start(t.Context(), h, "next")

		cancel(denied)
		if err := <-cancelled; !errors.Is(err, denied) || errors.Is(err, ErrBusy) {
			t.Errorf("cancelled: %v", err)
		}
		// The caller's own deadline is not the server being busy.
		if err := <-late; !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, ErrBusy) {
			t.Errorf("late: %v", err)
		}
		close(w.finish)
		if err := errors.Join(<-running, <-next); err != nil {
			t.Error(err)
		}
		if want := []string{"running", "next"}; !slices.Equal(w.started, want) {
			t.Errorf("started %v, want %v", w.started, want)
		}
	})
}

// TestEveryKindOfWorkTakesASlot: sign-ups, sign-ins and unknown logins share one
// bound.
func TestEveryKindOfWorkTakesASlot(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h, w := blocked(t, 1)
		h.match = func(digest, string) bool {
			t.Error("verified without a slot")
			return false
		}
		running := start(t.Context(), h, canary)
		if _, _, err := h.Verify(t.Context(), newHash(argonText("m=19456,t=2,p=1")), NewSecret(canary)); !errors.Is(err, ErrBusy) {
			t.Errorf("Verify: %v", err)
		}
		if err := h.VerifyDummy(t.Context(), NewSecret(canary)); !errors.Is(err, ErrBusy) {
			t.Errorf("VerifyDummy: %v", err)
		}
		close(w.finish)
		if err := <-running; err != nil {
			t.Error(err)
		}
	})
}

// TestPanicFreesTheSlot: net/http recovers a handler's panic and goes on serving.
func TestPanicFreesTheSlot(t *testing.T) {
	t.Parallel()
	h := newTestHasher(t, DefaultParams(), 1)
	h.create = func(Params, string) (Hash, error) { panic("out of luck") }
	func() {
		defer func() { _ = recover() }()
		_, _ = h.Hash(t.Context(), NewSecret(canary))
	}()
	h.match = func(digest, string) bool { return false }
	if err := h.VerifyDummy(t.Context(), NewSecret(canary)); err != nil {
		t.Errorf("the slot is gone: %v", err)
	}
}
