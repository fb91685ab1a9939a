package eventlog

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/org"
)

// Limits of a query, as Okta documents them.
const (
	defaultLimit     = 100
	maxLimit         = 1000
	day              = 24 * time.Hour
	defaultRange     = 7 * day
	defaultRetention = 90 * day  // older events are not shown
	oldestSince      = 180 * day // and asking for much older ones is an error
	maxKeywords      = 10
	maxKeywordLength = 40 // characters
)

// scanBudget is how many events one page looks at. A filter that nothing passes
// then gives a short page with a link to the next one, and no request takes for
// ever.
const scanBudget = 50_000

// Query asks for events. There are two kinds of query in Okta's API:
//
//   - polling, ascending and without an end: it has always a next page, which
//     begins after the last event that was looked at, so that somebody who goes
//     on asking gets each event once;
//   - bounded, with an end, or descending: its last page has none.
//
// Events come in the order in which they were stored, which is that of published
// but for transactions that overlapped.
type Query struct {
	from     cursor
	polling  bool
	limit    int
	filter   *Filter // nil for all
	keywords []string
	budget   int
}

// Page is what a query found.
type Page struct {
	Events []org.Event
	Next   string // the after of the next page, "" when this is the last
}

// ParseQuery reads the parameters of GET /api/v1/logs. Those that it does not
// know are no error. Its faults are in Okta's words. keep is how old an event may
// be that is shown, 0 for Okta's 90 days; who keeps events for longer may also ask
// for older ones.
func ParseQuery(v url.Values, now time.Time, keep time.Duration) (Query, error) {
	keep = cmp.Or(keep, defaultRetention)
	p := parameters{values: v}
	q := Query{limit: p.limit(), keywords: p.keywords(), budget: scanBudget}
	q.from = cursor{descending: p.descending(), since: p.time("since"), until: p.time("until")}
	q.polling = q.from.until.IsZero() && !q.from.descending
	asked := q.from.since
	if after := v.Get("after"); after != "" {
		q.from = p.after(after, q.from)
		asked = time.Time{} // long ago, when it was checked
	}
	if p.problems != nil {
		return Query{}, p.fault()
	}
	if oldest := max(oldestSince, 2*keep); !asked.IsZero() && asked.Before(now.Add(-oldest)) {
		return Query{}, fault.New(fault.BadFilter,
			fmt.Sprintf("Invalid parameter: The since parameter is over %d days prior to the current day.", oldest/day))
	}
	if q.from.until.IsZero() && !q.polling {
		q.from.until = now
	}
	if q.from.since.IsZero() {
		end := q.from.until
		if end.IsZero() {
			end = now
		}
		q.from.since = end.Add(-defaultRange)
	}
	if oldest := now.Add(-keep); q.from.since.Before(oldest) {
		q.from.since = oldest
	}
	if text := v.Get("filter"); text != "" {
		var err error
		if q.filter, err = ParseFilter(text); err != nil {
			return Query{}, err
		}
	}
	return q, nil
}

// parameters reads them one by one and gathers what is wrong.
type parameters struct {
	values   url.Values
	problems []fault.Cause
}

func (p *parameters) wrong(name, text string) {
	p.problems = append(p.problems, fault.Cause{Field: name, Text: text})
}

// fault words the problems as Okta does: each one in the summary, and again as
// a cause.
func (p *parameters) fault() *fault.Error {
	texts := make([]string, len(p.problems))
	for i, c := range p.problems {
		texts[i] = "'" + c.Field + "': " + c.Text
	}
	return fault.New(fault.Invalid, "Api validation failed: "+strings.Join(texts, ". "), p.problems...)
}

func (p *parameters) time(name string) time.Time {
	text := p.values.Get(name)
	if text == "" {
		return time.Time{}
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		p.wrong(name, "The date format in your query is not recognized. Please enter dates using ISO8601 string format.")
		p.wrong(name, "must be a valid date-time or empty.")
	}
	return at.UTC()
}

func (p *parameters) limit() int {
	text := p.values.Get("limit")
	if text == "" {
		return defaultLimit
	}
	n, err := strconv.Atoi(text)
	switch {
	case err != nil:
		p.wrong("limit", "must be an integer.")
	case n < 0:
		p.wrong("limit", "must be greater than or equal to 0.")
	case n > maxLimit:
		p.wrong("limit", "must be less than or equal to 1000.")
	}
	return n
}

func (p *parameters) descending() bool {
	switch strings.ToUpper(p.values.Get("sortOrder")) {
	case "", "ASCENDING":
		return false
	case "DESCENDING":
		return true
	}
	p.wrong("sortOrder", "must be ASCENDING or DESCENDING.")
	return false
}

// keywords are the words of q, in lower case.
func (p *parameters) keywords() []string {
	words := strings.Fields(strings.ToLower(p.values.Get("q")))
	if len(words) > maxKeywords {
		p.wrong("q", "Freeform search cannot contain more than 10 items. Please use fewer items in your search or use an advanced filter to query by specific fields.")
	}
	for _, w := range words {
		if utf8.RuneCountInString(w) > maxKeywordLength {
			p.wrong("q", "Freeform search cannot contain items longer than 40 characters. Please shorten the items in your search or use an advanced filter to query by specific fields.")
			break
		}
	}
	return words
}

// after reads a cursor, which must be one of the same kind of query.
func (p *parameters) after(text string, query cursor) cursor {
	c, ok := parseCursor(text)
	polling := query.until.IsZero() && !query.descending
	if !ok || c.descending != query.descending || c.until.IsZero() != polling {
		p.wrong("after", "must be taken from the link to the next page.")
	}
	return c
}

// Run gives one page of a query. It reads one state of the store.
func (q Query) Run(ctx context.Context, store org.Store) (Page, error) {
	var page Page
	in := org.EventRange{Since: q.from.since, Until: q.from.until, After: q.from.sequence, Descending: q.from.descending}
	if q.filter != nil {
		in.Types = q.filter.Types()
	}
	err := store.View(ctx, func(ctx context.Context, tx *org.Tx) error {
		page = Page{}
		end, more, looked := q.from, false, 0
		err := tx.Events.Scan(ctx, in, func(e org.Event) bool {
			matches := q.matches(&e)
			if looked == q.budget || matches && len(page.Events) == q.limit {
				more = true
				return false
			}
			if matches {
				page.Events = append(page.Events, e)
			}
			looked++
			end.sequence = e.Sequence
			return true
		})
		// A page of no events leads nowhere, unless one polls.
		if q.polling || more && q.limit > 0 {
			page.Next = end.String()
		}
		return err
	})
	return page, err
}

func (q Query) matches(e *org.Event) bool {
	if q.filter != nil && !q.filter.Match(e) {
		return false
	}
	for _, word := range q.keywords {
		if !mentions(e, word) {
			return false
		}
	}
	return true
}
