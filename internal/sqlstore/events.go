package sqlstore

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/sqldb"
)

// events are numbered in the order in which their transactions commit. On SQLite
// that is so by itself. On PostgreSQL a trigger of the table lets one transaction
// at a time append, until its end. So events are kept and written last, all by
// one statement: nobody waits for anything but another's commit.
type events struct{ *tx }

const (
	pruneEvents = "DELETE FROM events WHERE published < $1"

	// eventsAtOnce is how many events one statement writes; a sign-up has four.
	eventsAtOnce = 64
	// eventBatch is how many events are read before any is given out, so that
	// whoever gets them may ask the transaction for more.
	eventBatch = 256
)

// eventRecord is what the table has no column of its own for.
type eventRecord struct {
	Severity    string
	Display     string
	Actor       org.Actor
	Client      org.Client
	Outcome     org.Outcome
	Targets     []org.Target
	Transaction string
	TokenID     string `json:",omitempty"`
	Debug       map[string]string
}

func (r events) Append(_ context.Context, events ...org.Event) error {
	if r.mode == sqldb.View {
		return r.fail(errViewWrites)
	}
	r.appended = append(r.appended, events...)
	return r.err
}

// insertEvents is the statement for n events.
func insertEvents(n int) string {
	return "INSERT INTO events (uuid, published, type, record) VALUES " + rowsOf(n, 4)
}

// write makes statements of the events that were appended; they are held back.
func (r events) write() error {
	for batch := range slices.Chunk(r.appended, eventsAtOnce) {
		args := make([]any, 0, 4*len(batch))
		for _, e := range batch {
			args = append(args, e.UUID, e.Published, e.Type, record{eventRecord{
				e.Severity, e.Display, e.Actor, e.Client, e.Outcome, e.Targets, e.Transaction, e.TokenID, e.Debug,
			}})
		}
		if err := r.hold(insertEvents(len(batch)), args...); err != nil {
			return err
		}
	}
	r.appended = nil
	return nil
}

func scanEvent(r row) (org.Event, error) {
	var (
		e org.Event
		d eventRecord
	)
	err := r.Scan(&e.Sequence, &e.UUID, at(&e.Published), &e.Type, from(&d))
	e.Severity, e.Display, e.Actor, e.Client = d.Severity, d.Display, d.Actor, d.Client
	e.Outcome, e.Targets, e.Transaction, e.TokenID, e.Debug = d.Outcome, d.Targets, d.Transaction, d.TokenID, d.Debug
	return e, err
}

func (r events) Scan(ctx context.Context, in org.EventRange, yield func(org.Event) bool) error {
	if err := r.write(); err != nil {
		return err
	}
	if _, err := r.send(ctx); err != nil {
		return err
	}
	for {
		query, args := eventQuery(in)
		batch, err := list(ctx, r.tx, scanEvent, query, args...)
		if err != nil {
			return err
		}
		for _, e := range batch {
			if !yield(e) {
				return nil
			}
			in.After = e.Sequence
		}
		if len(batch) < eventBatch {
			return nil
		}
	}
}

// eventQuery asks for the next batch of a range.
func eventQuery(in org.EventRange) (query string, args []any) {
	var where []string
	add := func(condition string, arg any) {
		args = append(args, arg)
		where = append(where, condition+" $"+strconv.Itoa(len(args)))
	}
	order := "ASC"
	if in.Descending {
		order = "DESC"
		add("sequence <", cmp.Or(in.After, math.MaxInt64))
	} else {
		add("sequence >", in.After)
	}
	if !in.Since.IsZero() {
		add("published >=", in.Since)
	}
	if !in.Until.IsZero() {
		add("published <", in.Until)
	}
	if len(in.Types) > 0 {
		where = append(where, "type IN ("+placeholders(len(args)+1, len(in.Types))+")")
		for _, t := range in.Types {
			args = append(args, t)
		}
	}
	query = "SELECT sequence, uuid, published, type, record FROM events WHERE " + strings.Join(where, " AND ")
	return query + " ORDER BY sequence " + order + " LIMIT " + strconv.Itoa(eventBatch), args
}

func (r events) Prune(ctx context.Context, before time.Time) (int64, error) {
	if err := r.write(); err != nil {
		return 0, err
	}
	return r.exec(ctx, pruneEvents, before)
}
