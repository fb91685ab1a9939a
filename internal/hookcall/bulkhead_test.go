package hookcall_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/usher-id/usher/internal/hookcall"
)

// TestBulkhead: a slow hook fills its own places and not those of others, and
// what waits too long was not judged.
func TestBulkhead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, dial := inMemory(t, hanging(""))
		o := options(t, dial, public)
		o.MaxPerHook, o.MaxInFlight = 2, 3
		caller := newCaller(t, o)
		results := make(chan hookcall.Result)
		call := func(hook string) {
			results <- caller.Call(t.Context(), hookcall.Request{HookID: hook, URL: hookURL, Once: true})
		}
		// In this order: three of one hook, then two of another, of which the
		// last finds the whole server full.
		for _, hook := range []string{"a", "a", "a", "b", "b"} {
			go call(hook)
			synctest.Wait()
		}
		want := []struct {
			failure hookcall.Kind
			detail  string
			took    time.Duration
		}{
			{hookcall.Overloaded, "too many calls of this hook are under way", 250 * time.Millisecond},
			{hookcall.Overloaded, "too many hook calls are under way", 250 * time.Millisecond},
			{hookcall.Timeout, "", 3 * time.Second},
			{hookcall.Timeout, "", 3 * time.Second},
			{hookcall.Timeout, "", 3 * time.Second},
		}
		counts := map[string]int{}
		for range want {
			got := <-results
			if got.Failure == hookcall.Timeout {
				got.Detail = ""
			} else if len(got.Attempts) != 0 || got.Answered {
				t.Errorf("an overloaded call made %d attempts", len(got.Attempts))
			}
			counts[string(got.Failure)+got.Detail+got.Duration.String()]++
		}
		for _, w := range want {
			counts[string(w.failure)+w.detail+w.took.String()]--
		}
		for k, n := range counts {
			if n != 0 {
				t.Errorf("%s: %+d", k, n)
			}
		}
	})
}

// TestBulkheadWait: a place that comes free in time is taken, and the wait
// counts into the time of the call.
func TestBulkheadWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, dial := inMemory(t, func(p *peer) {
			if p.next() == 1 {
				<-time.After(200 * time.Millisecond)
				p.send(answer(200, ok))
			}
			p.hang()
		})
		o := options(t, dial, public)
		o.MaxPerHook = 1
		caller := newCaller(t, o)
		first := make(chan hookcall.Result)
		go func() { first <- caller.Call(t.Context(), hookcall.Request{URL: hookURL}) }()
		synctest.Wait()
		second := make(chan hookcall.Result)
		go func() { second <- caller.Call(t.Context(), hookcall.Request{URL: hookURL}) }()
		if got := <-first; got.Failure != "" {
			t.Errorf("first: %q", got.Failure)
		}
		got := <-second
		if got.Failure != hookcall.Timeout || len(got.Attempts) != 2 || got.Duration != 6*time.Second {
			t.Errorf("second: %q, %d attempts, %v", got.Failure, len(got.Attempts), got.Duration)
		}
	})
}
