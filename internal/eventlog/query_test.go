package eventlog_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/usher-id/usher/internal/eventlog"
	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/secretbox"
	"github.com/usher-id/usher/internal/sqlstore"
)

func openStore(t *testing.T) *sqlstore.Store {
	t.Helper()
	o := sqlstore.Options{URL: "sqlite:" + filepath.Join(t.TempDir(), "usher.db"), Keys: secretbox.Ephemeral()}
	if _, err := sqlstore.Migrate(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	s, err := sqlstore.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// write stores events that are named by their transaction.
func write(t *testing.T, s org.Store, events ...org.Event) {
	t.Helper()
	err := s.Update(t.Context(), func(ctx context.Context, tx *org.Tx) error { return tx.Events.Append(ctx, events...) })
	if err != nil {
		t.Fatal(err)
	}
}

func named(name string, typ eventlog.Type, published time.Time) org.Event {
	return eventlog.New(typ, published, eventlog.Origin{RequestID: name, Actor: eventlog.System()}, org.Outcome{Result: org.Success})
}

// ask gives the names of the events of a page, and the next cursor.
func ask(t *testing.T, s org.Store, now time.Time, query string) (names []string, next string) {
	t.Helper()
	values, err := url.ParseQuery(query)
	if err != nil {
		t.Fatal(err)
	}
	q, err := eventlog.ParseQuery(values, now, 0)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	page, err := q.Run(t.Context(), s)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	for _, e := range page.Events {
		names = append(names, e.Transaction)
	}
	return names, page.Next
}

// follow reads all pages of a bounded query.
func follow(t *testing.T, s org.Store, now time.Time, query string) (names []string, pages int) {
	t.Helper()
	next := ""
	for {
		page, more := ask(t, s, now, query+"&after="+next)
		names, pages = append(names, page...), pages+1
		if more == "" {
			return names, pages
		}
		if next = more; pages > 1000 {
			t.Fatalf("%s: no end", query)
		}
		now = now.Add(time.Hour) // a slow reader loses nothing to defaults that move
	}
}

const stamp = "2006-01-02T15:04:05.999999Z"

func TestPagesNeitherSkipNorRepeat(t *testing.T) {
	t.Parallel()
	s := openStore(t)
	var all, created []string
	for i := range 25 {
		typ := eventlog.UserActivated
		name := fmt.Sprintf("n%02d", i)
		if i%3 == 0 {
			typ = eventlog.UserCreated
			created = append(created, name)
		}
		all = append(all, name)
		// Published out of order, and some at once.
		write(t, s, named(name, typ, noon.Add(time.Duration(i%5)*time.Second)))
	}
	backwards := slices.Clone(all)
	slices.Reverse(backwards)
	end := "&until=" + noon.Add(time.Minute).Format(stamp)
	for _, c := range []struct {
		query string
		want  []string
	}{
		{"since=" + noon.Format(stamp) + end, all},
		{end, all},
		{"sortOrder=DESCENDING", backwards},
		{"sortOrder=descending" + end, backwards},
		{"filter=" + url.QueryEscape(`eventType eq "user.lifecycle.create"`) + end, created},
		{"filter=" + url.QueryEscape(`eventType ew ".create"`) + end, created},
		{"filter=" + url.QueryEscape(`transaction.id eq "n24"`) + "&sortOrder=DESCENDING", []string{"n24"}},
		{"filter=" + url.QueryEscape(`transaction.id eq "nobody"`) + end, nil},
		{"q=n1+ACTIVATE" + end, []string{"n10", "n11", "n13", "n14", "n16", "n17", "n19"}},
		{"since=" + noon.Add(4*time.Second).Format(stamp) + end, []string{"n04", "n09", "n14", "n19", "n24"}},
		{"until=" + noon.Add(time.Second).Format(stamp), []string{"n00", "n05", "n10", "n15", "n20"}}, // before it
		{"until=" + noon.Format(stamp), nil},
	} {
		for _, limit := range []int{1, 2, 5, 24, 25, 26, 1000} {
			got, pages := follow(t, s, noon.Add(30*time.Second), c.query+"&limit="+strconv.Itoa(limit))
			if !slices.Equal(got, c.want) {
				t.Errorf("%s, limit %d: %v, want %v", c.query, limit, got, c.want)
			}
			if want := max(1, (len(c.want)+limit-1)/limit); pages != want {
				t.Errorf("%s, limit %d: %d pages, want %d", c.query, limit, pages, want)
			}
		}
	}
}

// Polling has always a next page; following it gives each event once, those
// that are stored meanwhile too.
func TestPolling(t *testing.T) {
	t.Parallel()
	s := openStore(t)
	write(t, s, named("long ago", eventlog.UserCreated, noon.Add(-8*24*time.Hour)))
	now := noon
	poll := func(query, after string) ([]string, string) {
		names, next := ask(t, s, now, query+"&after="+after)
		if next == "" {
			t.Fatalf("%s: polling has no next page", query)
		}
		return names, next
	}
	names, next := poll("", "")
	if names != nil {
		t.Errorf("events of before the last 7 days: %v", names)
	}
	again, _ := poll("", next)
	if again != nil {
		t.Errorf("the next page has another beginning than the first: %v", again)
	}
	write(t, s, named("a", eventlog.UserCreated, now), named("b", eventlog.UserActivated, now), named("c", eventlog.UserCreated, now))
	names, next = poll("limit=2", next)
	if !slices.Equal(names, []string{"a", "b"}) {
		t.Errorf("page is %v", names)
	}
	now = now.Add(30 * 24 * time.Hour) // a reader who was away for a month
	if names, next = poll("limit=2", next); !slices.Equal(names, []string{"c"}) {
		t.Errorf("page is %v", names)
	}
	// Published before what was read already, stored after it.
	write(t, s, named("d", eventlog.UserCreated, noon.Add(-time.Second)))
	if names, next = poll("", next); !slices.Equal(names, []string{"d"}) {
		t.Errorf("page is %v", names)
	}
	if names, _ = poll("", next); names != nil {
		t.Errorf("page is %v", names)
	}
	if names, after := poll("limit=0", next); names != nil || after != next {
		t.Errorf("no events were asked for: %v, the cursor went from %s to %s", names, next, after)
	}
}

// A filter that lets nothing through must not make every poll read all again.
func TestPollingGoesOnOverWhatIsFilteredOut(t *testing.T) {
	t.Parallel()
	s := openStore(t)
	query := "filter=" + url.QueryEscape(`transaction.id eq "none"`)
	_, first := ask(t, s, noon, query)
	write(t, s, named("a", eventlog.UserCreated, noon))
	_, second := ask(t, s, noon, query+"&after="+first)
	if first == second {
		t.Error("the cursor did not move")
	}
}

func TestOldEvents(t *testing.T) {
	t.Parallel()
	s := openStore(t)
	const day = 24 * time.Hour
	write(t, s, named("old", eventlog.UserCreated, noon.Add(-91*day)), named("kept", eventlog.UserCreated, noon.Add(-89*day)), named("week", eventlog.UserCreated, noon.Add(-6*day)))
	for query, want := range map[string][]string{
		"since=" + noon.Add(-179*day).Format(stamp): {"kept", "week"},
		"": {"week"},
		"until=" + noon.Add(-88*day).Format(stamp):                      {"kept"},
		"until=" + noon.Add(-90*day).Format(stamp):                      nil,
		"since=&until=&sortOrder=&filter=&limit=&after=&q=&unknown=x":   {"week"},
		"since=" + url.QueryEscape("2026-11-18T13:00:00.124+01:00"):     nil,
		"since=" + url.QueryEscape("2026-11-18T13:00:00+01:00"):         {"week"},
		"since=" + noon.Add(day).Format(stamp) + "&sortOrder=ASCENDING": nil,
	} {
		if got, _ := ask(t, s, noon, query); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", query, got, want)
		}
	}
	// Whoever has polled for half a year with the same since goes on.
	_, next := ask(t, s, noon, "since="+noon.Format(stamp))
	late := noon.Add(200 * day)
	write(t, s, named("late", eventlog.UserCreated, late))
	if got, _ := ask(t, s, late, "since="+noon.Format(stamp)+"&after="+next); !slices.Equal(got, []string{"late"}) {
		t.Errorf("polling goes on with %v", got)
	}
}

// A page looks at so many events and no more; a filter that lets few through
// gives short pages then, and still all of them.
func TestWorkOfAPageIsBounded(t *testing.T) {
	t.Parallel()
	s := openStore(t)
	for i := range 10 {
		write(t, s, named(strconv.Itoa(i), eventlog.UserCreated, noon))
	}
	var got []string
	values := url.Values{"filter": {`transaction.id eq "1" or transaction.id eq "8"`}, "sortOrder": {"DESCENDING"}}
	for page := 1; page < 10; page++ {
		q, err := eventlog.ParseQuery(values, noon.Add(time.Second), 0)
		if err != nil {
			t.Fatal(err)
		}
		p, err := q.WithBudget(3).Run(t.Context(), s)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range p.Events {
			got = append(got, e.Transaction)
		}
		if p.Next == "" {
			if page != 4 || !slices.Equal(got, []string{"8", "1"}) {
				t.Errorf("%d pages: %v", page, got)
			}
			return
		}
		values.Set("after", p.Next)
	}
	t.Errorf("no end: %v", got)
}

// Who keeps the log for longer sees more of it, and may ask for more.
func TestRetention(t *testing.T) {
	t.Parallel()
	s := openStore(t)
	const day = 24 * time.Hour
	for _, age := range []int{1, 29, 31, 89, 91, 199, 201} {
		write(t, s, named(strconv.Itoa(age), eventlog.UserCreated, noon.Add(-time.Duration(age)*day)))
	}
	for keep, want := range map[time.Duration][]string{
		0:         {"1", "29", "31", "89"},
		30 * day:  {"1", "29"},
		200 * day: {"1", "29", "31", "89", "91", "199"},
	} {
		query := url.Values{"since": {noon.Add(-170 * day).Format(time.RFC3339)}}
		if keep > oldestSince/2 {
			query.Set("since", noon.Add(-2*keep+time.Hour).Format(time.RFC3339))
		}
		q, err := eventlog.ParseQuery(query, noon, keep)
		if err != nil {
			t.Fatalf("%v: %v", keep, err)
		}
		page, err := q.Run(t.Context(), s)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, e := range page.Events {
			got = append(got, e.Transaction)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%v: %v, want %v", keep, got, want)
		}
	}
	tooOld := url.Values{"since": {noon.Add(-401 * day).Format(time.RFC3339)}}
	_, err := eventlog.ParseQuery(tooOld, noon, 200*day)
	if f := fault.As(err); f == nil || f.Summary != "Invalid parameter: The since parameter is over 400 days prior to the current day." {
		t.Errorf("error is %v", err)
	}
}

// oldestSince is how far back everybody may ask.
const oldestSince = 180 * 24 * time.Hour

func TestLimitOfZeroHasNoNextPage(t *testing.T) {
	t.Parallel()
	s := openStore(t)
	write(t, s, named("a", eventlog.UserCreated, noon))
	if names, next := ask(t, s, noon.Add(time.Second), "limit=0&sortOrder=DESCENDING"); names != nil || next != "" {
		t.Errorf("page is %v, next %q", names, next)
	}
}

func TestQueryErrors(t *testing.T) {
	t.Parallel()
	const (
		date1 = "The date format in your query is not recognized. Please enter dates using ISO8601 string format."
		date2 = "must be a valid date-time or empty."
		after = "Api validation failed: 'after': must be taken from the link to the next page."
		long  = "Api validation failed: 'q': Freeform search cannot contain items longer than 40 characters. Please shorten the items in your search or use an advanced filter to query by specific fields."
	)
	forty := strings.Repeat("é", 40)
	for query, want := range map[string]struct {
		kind    fault.Kind
		summary string
		causes  []fault.Cause
	}{
		// Okta's own examples (System Log API reference, "Errors").
		"until=yesterday": {fault.Invalid, "Api validation failed: 'until': " + date1 + ". 'until': " + date2,
			[]fault.Cause{{Field: "until", Text: date1}, {Field: "until", Text: date2}}},
		"since=2026-01-01T00:00:00Z": {fault.BadFilter, "Invalid parameter: The since parameter is over 180 days prior to the current day.", nil},
		"q=" + forty + "x":           {fault.Invalid, long, nil},

		"since=2026-11-24":                       {fault.Invalid, "Api validation failed: 'since': " + date1 + ". 'since': " + date2, nil},
		"q=1+2+3+4+5+6+7+8+9+10+11":              {fault.Invalid, "Api validation failed: 'q': Freeform search cannot contain more than 10 items. Please use fewer items in your search or use an advanced filter to query by specific fields.", nil},
		"limit=1001":                             {fault.Invalid, "Api validation failed: 'limit': must be less than or equal to 1000.", nil},
		"limit=-1":                               {fault.Invalid, "Api validation failed: 'limit': must be greater than or equal to 0.", nil},
		"limit=many":                             {fault.Invalid, "Api validation failed: 'limit': must be an integer.", nil},
		"limit=99999999999999999999":             {fault.Invalid, "Api validation failed: 'limit': must be an integer.", nil},
		"sortOrder=UP":                           {fault.Invalid, "Api validation failed: 'sortOrder': must be ASCENDING or DESCENDING.", nil},
		"limit=x&sortOrder=UP":                   {fault.Invalid, "Api validation failed: 'limit': must be an integer.. 'sortOrder': must be ASCENDING or DESCENDING.", nil},
		"filter=x":                               {fault.BadFilter, "Invalid filter 'x': End of input at position 1 but expected an attribute operator", nil},
		"after=x":                                {fault.Invalid, after, nil},
		"after=" + cursor("1:false:1:0:0 "):      {fault.Invalid, after, nil},
		"after=" + cursor("1:false:01:0:0"):      {fault.Invalid, after, nil},
		"after=" + cursor("1:false:-1:0:0"):      {fault.Invalid, after, nil},
		"after=" + cursor("1:false:+1:0:0"):      {fault.Invalid, after, nil},
		"after=" + cursor("2:false:1:0:0"):       {fault.Invalid, after, nil},
		"after=" + cursor("1:true:1:0:5"):        {fault.Invalid, after, nil}, // of a descending query
		"after=" + cursor("1:false:1:0:5"):       {fault.Invalid, after, nil}, // of a bounded query
		"after=" + cursor("1:false:1:0:0") + "=": {fault.Invalid, after, nil},
		"until=2026-11-24T12:00:00Z&after=" + cursor("1:false:1:0:0"): {fault.Invalid, after, nil}, // of polling
	} {
		values, err := url.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		_, err = eventlog.ParseQuery(values, noon, 0)
		f := fault.As(err)
		if f == nil || f.Kind != want.kind || f.Summary != want.summary || want.causes != nil && !slices.Equal(f.Causes, want.causes) {
			t.Errorf("%s:\n%v, want\n%+v", query, err, want)
		}
	}
	for _, query := range []string{"after=" + cursor("1:false:1:0:0"), "q=" + forty, "limit=1000", "limit=0"} {
		values, _ := url.ParseQuery(query)
		if _, err := eventlog.ParseQuery(values, noon, 0); err != nil {
			t.Errorf("%s: %v", query, err)
		}
	}
}

func cursor(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }

func TestRunGivesTheErrorOfTheStore(t *testing.T) {
	t.Parallel()
	q, err := eventlog.ParseQuery(nil, noon, 0)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := q.Run(ctx, openStore(t)); err == nil {
		t.Error("no error")
	}
}
