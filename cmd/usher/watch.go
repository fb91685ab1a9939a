package main

import (
	"bufio"
	"context"
	"fmt"
	"time"

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
	last := t.newest(ctx)
	for {
		select {
		case <-ctx.Done():
			return
		case why := <-again:
			t.judgeAgain(ctx, why)
		case <-ticker.C:
		}
		last = t.showSince(ctx, last)
	}
}

// newest is the id of the last record: what was before is not shown.
func (t *trial) newest(ctx context.Context) string {
	if list := t.recent(ctx, true, 1); len(list) > 0 {
		return list[0].ID
	}
	return ""
}

func (t *trial) showSince(ctx context.Context, last string) string {
	list := t.recent(ctx, true, 50)
	n := 0
	for n < len(list) && list[n].ID != last {
		n++
	}
	if t.JSON {
		n = 0 // scripts read the log
	}
	for i := n - 1; i >= 0; i-- {
		show(t.out, list[i])
	}
	if len(list) > 0 {
		return list[0].ID
	}
	return last
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
	_, err := t.server.Admin.PreviewHook(ctx, admin.By{RequestID: id.Request(), Actor: eventlog.System()}, list[0].HookID, []byte(list[0].Request))
	// How a call went is in its record, which is shown like any other.
	if err != nil && ctx.Err() == nil && t.newest(ctx) == before {
		fmt.Fprintln(t.words(), "It could not be sent:", err)
	}
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
