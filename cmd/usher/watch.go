package main

import (
	"bufio"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/usher-id/usher/hook"
	"github.com/usher-id/usher/internal/admin"
	"github.com/usher-id/usher/internal/eventlog"
	"github.com/usher-id/usher/internal/id"
	"github.com/usher-id/usher/internal/org"
)

const (
	showEvery  = 150 * time.Millisecond
	probeEvery = 200 * time.Millisecond
	probeLimit = 150 * time.Millisecond
)

// watch shows each call as its record appears, and judges the last submission
// again when asked to.
func (t *trial) watch(ctx context.Context) {
	again := make(chan string)
	if t.Watch {
		go t.readLines(ctx, again)
		go t.probe(ctx, again)
	}
	ticker := time.NewTicker(showEvery)
	defer ticker.Stop()
	_, seen := t.unseen(ctx, nil) // what was before is not shown
	for {
		select {
		case <-ctx.Done():
			return
		case why := <-again:
			t.judgeAgain(ctx, why)
		case <-ticker.C:
		}
		if t.JSON {
			continue // scripts read the log
		}
		var calls []*org.HookCall
		if calls, seen = t.unseen(ctx, seen); ctx.Err() != nil {
			return
		}
		for _, c := range calls {
			show(t.out, c)
		}
	}
}

// longestCall is more than two tries of a hook can take with everything around
// them. A record appears when its call has ended and stands where it began, so a
// slow one comes among others that were there before.
const longestCall = time.Minute

// unseen gives the records that are not among those seen, in the order in which
// their calls ended, and what has been seen from now on.
func (t *trial) unseen(ctx context.Context, seen map[string]bool) (calls []*org.HookCall, now map[string]bool) {
	since := time.Now().Add(-longestCall)
	var list []*org.HookCall
	for limit := 100; ; limit *= 4 {
		list = t.recent(ctx, true, limit)
		if len(list) < limit || list[limit-1].Started.Before(since) {
			break
		}
	}
	now = make(map[string]bool, len(list))
	for _, c := range list {
		now[c.ID] = true
		if !seen[c.ID] && c.Started.After(since) {
			calls = append(calls, c)
		}
	}
	slices.SortStableFunc(calls, func(a, b *org.HookCall) int {
		return a.Started.Add(a.Duration).Compare(b.Started.Add(b.Duration))
	})
	return calls, now
}

// newest is the id of the record of the latest call.
func (t *trial) newest(ctx context.Context) string {
	if list := t.recent(ctx, true, 1); len(list) > 0 {
		return list[0].ID
	}
	return ""
}

func (t *trial) recent(ctx context.Context, previews bool, limit int) (list []*org.HookCall) {
	err := t.server.Store.View(ctx, func(ctx context.Context, tx *org.Tx) (err error) {
		list, err = tx.Calls.Recent(ctx, "", previews, limit)
		return err
	})
	if err != nil && ctx.Err() == nil {
		fmt.Fprintln(t.err, "usher: the records of calls:", err)
	}
	return list
}

// judgeAgain sends the last submission once more and stores nobody.
func (t *trial) judgeAgain(ctx context.Context, why string) {
	list := t.recent(ctx, false, 1)
	if len(list) == 0 {
		fmt.Fprintf(t.words(), "\n%s: there is no submission yet to judge again.\n", why)
		return
	}
	fmt.Fprintf(t.words(), "\n%s: the last submission again, as a dry run.\n", why)
	before := t.newest(ctx)
	_, err := t.server.Admin.PreviewHook(ctx, admin.By{RequestID: id.Request(), Actor: eventlog.System()}, list[0].HookID, anew(list[0].Request))
	// How a call went is in its record, which is shown like any other.
	if err != nil && ctx.Err() == nil && t.newest(ctx) == before {
		fmt.Fprintln(t.words(), "It could not be sent:", err)
	}
}

// anew is a request as a call of its own: a service that drops what it has
// answered before, as Okta advises, would answer from memory.
func anew(request string) []byte {
	o := new(hook.Object)
	if err := o.UnmarshalJSON([]byte(request)); err != nil {
		return []byte(request)
	}
	o.Set("eventId", id.Event())
	return []byte(o.String())
}

func (t *trial) readLines(ctx context.Context, again chan<- string) {
	lines := bufio.NewScanner(t.in)
	for lines.Scan() {
		select {
		case again <- "Enter":
		case <-ctx.Done():
			return
		}
	}
}

// probe looks whether something listens where the service should.
func (t *trial) probe(ctx context.Context, again chan<- string) {
	ticker := time.NewTicker(probeEvery)
	defer ticker.Stop()
	returns(ctx, ticker.C, func() bool { return t.server.Reachable(ctx, t.hook.address, probeLimit) }, again)
}

// returns tells when something listens again after it did not: the service was
// restarted with a change.
func returns(ctx context.Context, tick <-chan time.Time, listens func() bool, again chan<- string) {
	away := false
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick:
		}
		now := listens()
		if now && away {
			select {
			case again <- "The service is back":
			case <-ctx.Done():
				return
			}
		}
		away = !now
	}
}
