package web

import (
	"container/list"
	"math"
	"net/http"
	"net/netip"
	"strconv"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/usher-id/usher/internal/fault"
)

// Rate is how much is let through: Events in Per, all of them at once if need
// be. No Events is no limit.
type Rate struct {
	Events int
	Per    time.Duration
}

func (r Rate) limiter() *rate.Limiter {
	return rate.NewLimiter(rate.Every(r.Per/time.Duration(r.Events)), r.Events)
}

// DefaultKeys is how many keys a [Limiter] remembers.
const DefaultKeys = 100_000

// Limiter counts by key: an address, a token. It remembers a limited number of
// keys. A key is forgotten only when it has been silent long enough to have its
// whole rate again; while there is none such, new keys share one coarser
// bucket, so that a flood of keys gains nothing.
type Limiter struct {
	each, shared Rate
	most         int
	now          func() time.Time

	mu      sync.Mutex
	buckets map[string]*list.Element // of *bucket
	byUse   *list.List               // the latest first
	coarse  *rate.Limiter
}

type bucket struct {
	key    string
	tokens *rate.Limiter
	used   time.Time
}

// NewLimiter makes a limiter of the rate of each key, and of the rate that all
// keys share which are beyond the most that it remembers. Without a shared rate
// they share that of one key: a flood is never let through.
func NewLimiter(each, shared Rate, most int, now func() time.Time) *Limiter {
	l := &Limiter{each: each, shared: shared, most: most, now: now, buckets: map[string]*list.Element{}, byUse: list.New()}
	if l.shared.Events <= 0 {
		l.shared = each
	}
	if l.shared.Events > 0 {
		l.coarse = l.shared.limiter()
	}
	return l
}

// Allow takes one event of a key, and tells whether there was one left.
func (l *Limiter) Allow(key string) bool {
	_, allowed := l.take(key)
	return allowed
}

// Admit takes one event of a key and sets the headers of Okta's rate limits. It
// gives a RateLimited fault when there was none left.
func (l *Limiter) Admit(w http.ResponseWriter, key string) error {
	left, allowed := l.take(key)
	h := w.Header()
	if left.limit > 0 {
		h.Set("X-Rate-Limit-Limit", strconv.Itoa(left.limit))
		h.Set("X-Rate-Limit-Remaining", strconv.Itoa(left.remaining))
		h.Set("X-Rate-Limit-Reset", strconv.FormatInt(left.reset.Unix(), 10))
	}
	if allowed {
		return nil
	}
	// Okta's SDKs wait for the reset less the Date of the answer.
	now := l.now()
	h.Set("Date", now.UTC().Format(http.TimeFormat))
	h.Set("Retry-After", strconv.FormatInt(left.reset.Unix()-now.Unix(), 10))
	return fault.New(fault.RateLimited, "")
}

// standing is what a key has left.
type standing struct {
	limit     int // 0 without a limit
	remaining int
	// reset is, to the second, when an event will be left again, or, while there
	// is one, all of them.
	reset time.Time
}

func (l *Limiter) take(key string) (standing, bool) {
	if l.each.Events <= 0 {
		return standing{}, true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	tokens, r := l.bucket(key, now)
	allowed := tokens.AllowN(now, 1)
	have := tokens.TokensAt(now)
	missing := float64(r.Events) - have
	if !allowed {
		missing = 1 - have
	}
	wait := time.Duration(missing / float64(r.Events) * float64(r.Per))
	reset := now.Add(wait).Truncate(time.Second)
	if reset.Before(now.Add(wait)) {
		reset = reset.Add(time.Second)
	}
	return standing{r.Events, max(0, int(math.Floor(have))), reset}, allowed
}

// bucket gives the bucket that decides about a key, and its rate.
func (l *Limiter) bucket(key string, now time.Time) (*rate.Limiter, Rate) {
	if e, ok := l.buckets[key]; ok {
		b := e.Value.(*bucket)
		b.used = now
		l.byUse.MoveToFront(e)
		return b.tokens, l.each
	}
	if len(l.buckets) >= l.most {
		oldest := l.byUse.Back()
		if oldest == nil || now.Sub(oldest.Value.(*bucket).used) < l.each.Per {
			return l.coarse, l.shared
		}
		delete(l.buckets, oldest.Value.(*bucket).key)
		l.byUse.Remove(oldest)
	}
	b := &bucket{key: key, tokens: l.each.limiter(), used: now}
	l.buckets[key] = l.byUse.PushFront(b)
	return b.tokens, l.each
}

// AddressKey is the key of a client's address. Whoever has one IPv6 address has
// its whole /64.
func AddressKey(ip string) string {
	a, err := netip.ParseAddr(ip)
	if err != nil || a.Is4() || a.Is4In6() {
		return ip
	}
	prefix, err := a.WithZone("").Prefix(64)
	if err != nil {
		return ip
	}
	return prefix.String()
}
