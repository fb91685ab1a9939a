package hookcall

import (
	"context"
	"sync"
	"time"
)

// placeWait is how long a call waits for a place before the person gets the busy
// page: nothing was judged, so it is no timeout of the hook.
const placeWait = 250 * time.Millisecond

// bulkhead bounds the calls under way, of one hook and in all.
type bulkhead struct {
	perHook int
	all     chan struct{}

	mu    sync.Mutex
	hooks map[string]*lane
}

// lane is one hook's places, kept while somebody has or wants one.
type lane struct {
	places chan struct{}
	users  int
}

func newBulkhead(perHook, all int) *bulkhead {
	return &bulkhead{perHook: perHook, all: make(chan struct{}, all), hooks: map[string]*lane{}}
}

// enter takes a place for a call of a hook. If there is none in time, full says
// which limit was reached; else leave must be called.
func (b *bulkhead) enter(ctx context.Context, hook string) (leave func(), full string) {
	ctx, cancel := context.WithTimeout(ctx, placeWait)
	defer cancel()
	l := b.join(hook)
	// The hook's own places first: calls that queue for a slow hook must not
	// hold places that other hooks could use.
	if !take(ctx, l.places) {
		b.part(hook, l)
		return nil, "too many calls of this hook are under way"
	}
	if !take(ctx, b.all) {
		<-l.places
		b.part(hook, l)
		return nil, "too many hook calls are under way"
	}
	return func() {
		<-b.all
		<-l.places
		b.part(hook, l)
	}, ""
}

func take(ctx context.Context, places chan struct{}) bool {
	select {
	case places <- struct{}{}:
		return true
	default:
	}
	select {
	case places <- struct{}{}:
		return true
	case <-ctx.Done():
		return false
	}
}

func (b *bulkhead) join(hook string) *lane {
	b.mu.Lock()
	defer b.mu.Unlock()
	l := b.hooks[hook]
	if l == nil {
		l = &lane{places: make(chan struct{}, b.perHook)}
		b.hooks[hook] = l
	}
	l.users++
	return l
}

func (b *bulkhead) part(hook string, l *lane) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if l.users--; l.users == 0 {
		delete(b.hooks, hook)
	}
}
