package web_test

import (
	"fmt"
	"net/http/httptest"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/web"
)

// clock is a clock that a test moves.
type clock struct{ at time.Time }

func (c *clock) now() time.Time          { return c.at }
func (c *clock) advance(d time.Duration) { c.at = c.at.Add(d) }

func start() *clock { return &clock{time.Date(2026, 11, 24, 12, 0, 0, 500_000_000, time.UTC)} }

func TestAllow(t *testing.T) {
	t.Parallel()
	c := start()
	l := web.NewLimiter(web.Rate{Events: 3, Per: time.Minute}, web.Rate{}, web.DefaultKeys, c.now)
	allowed := func(key string) (n int) {
		for l.Allow(key) {
			n++
		}
		return n
	}
	if n := allowed("a"); n != 3 {
		t.Errorf("%d at once, want 3", n)
	}
	if n := allowed("b"); n != 3 {
		t.Errorf("another key: %d at once, want 3", n)
	}
	c.advance(20 * time.Second)
	if n := allowed("a"); n != 1 {
		t.Errorf("after a third of the time: %d, want 1", n)
	}
	c.advance(time.Hour)
	if n := allowed("a"); n != 3 {
		t.Errorf("after an hour: %d, want 3", n)
	}
}

func TestNoLimit(t *testing.T) {
	t.Parallel()
	l := web.NewLimiter(web.Rate{}, web.Rate{}, 1, start().now)
	w := httptest.NewRecorder()
	for i := range 1000 {
		if err := l.Admit(w, strconv.Itoa(i)); err != nil {
			t.Fatal(err)
		}
	}
	if len(w.Header()) != 0 {
		t.Errorf("headers are %v", w.Header())
	}
}

func TestAdmit(t *testing.T) {
	t.Parallel()
	c := start()
	l := web.NewLimiter(web.Rate{Events: 2, Per: time.Minute}, web.Rate{}, web.DefaultKeys, c.now)
	for i, want := range []struct {
		ok                            bool
		remaining, reset, date, retry string
	}{
		// One event takes 30 s to come back; noon is 1795521600.
		{true, "1", "1795521631", "", ""},
		{true, "0", "1795521661", "", ""},
		{false, "0", "1795521631", "Tue, 24 Nov 2026 12:00:00 GMT", "31"},
	} {
		w := httptest.NewRecorder()
		err := l.Admit(w, "token")
		if (err == nil) != want.ok || err != nil && !fault.Is(err, fault.RateLimited) {
			t.Fatalf("request %d: %v", i+1, err)
		}
		for name, value := range map[string]string{
			"X-Rate-Limit-Limit": "2", "X-Rate-Limit-Remaining": want.remaining, "X-Rate-Limit-Reset": want.reset,
			"Date": want.date, "Retry-After": want.retry,
		} {
			if got := w.Header().Get(name); got != value || len(w.Header().Values(name)) > 1 {
				t.Errorf("request %d: %s is %q, want %q", i+1, name, w.Header().Values(name), value)
			}
		}
	}
	// A client that waits as Okta's SDKs do, reset less Date and a second more, is
	// let in.
	c.advance(32 * time.Second)
	if !l.Allow("token") {
		t.Error("refused after the reset")
	}
}

// Many keys must not make the limiter forget who used up their rate, nor let
// everybody in.
func TestAFloodOfKeysGainsNothing(t *testing.T) {
	t.Parallel()
	c := start()
	l := web.NewLimiter(web.Rate{Events: 1, Per: time.Minute}, web.Rate{Events: 5, Per: time.Minute}, 10, c.now)
	if !l.Allow("victim") || l.Allow("victim") {
		t.Fatal("one event was to be let through")
	}
	passed := 0
	for i := range 1000 {
		if l.Allow(fmt.Sprint("flood", i)) {
			passed++
		}
	}
	if passed != 9+5 {
		t.Errorf("%d keys passed, want the 9 that are remembered and 5 that share a rate", passed)
	}
	if l.Allow("victim") {
		t.Error("the flood gave the first key its rate back")
	}
	c.advance(59 * time.Second)
	l.Allow("flood0") // used again, so that it is not the oldest
	c.advance(time.Second)
	passed = 0
	for i := range 1000 {
		if l.Allow(fmt.Sprint("later", i)) {
			passed++
		}
	}
	// The nine silent keys gave way; the shared rate is whole again too.
	if passed != 9+5 {
		t.Errorf("a minute later %d keys passed, want 14", passed)
	}
}

func TestWithoutASharedRateTheFloodHasThatOfOneKey(t *testing.T) {
	t.Parallel()
	l := web.NewLimiter(web.Rate{Events: 2, Per: time.Minute}, web.Rate{}, 1, start().now)
	passed := 0
	for i := range 100 {
		if l.Allow(strconv.Itoa(i)) {
			passed++
		}
	}
	if passed != 1+2 {
		t.Errorf("%d passed, want 3", passed)
	}
}

func TestLimiterIsExactUnderARace(t *testing.T) {
	t.Parallel()
	l := web.NewLimiter(web.Rate{Events: 50, Per: time.Hour}, web.Rate{}, 10, start().now)
	var passed atomic.Int64
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 100 {
				if l.Allow("one") {
					passed.Add(1)
				}
			}
		})
	}
	group.Wait()
	if n := passed.Load(); n != 50 {
		t.Errorf("%d passed, want 50", n)
	}
}

func TestAddressKey(t *testing.T) {
	t.Parallel()
	for ip, want := range map[string]string{
		"192.0.2.7":            "192.0.2.7",
		"2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64",
		"2001:db8:1:2::1":      "2001:db8:1:2::/64",
		"::ffff:192.0.2.7":     "::ffff:192.0.2.7",
		"":                     "",
		"nonsense":             "nonsense",
	} {
		if got := web.AddressKey(ip); got != want {
			t.Errorf("%q: %q, want %q", ip, got, want)
		}
	}
}
