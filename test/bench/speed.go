package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"
)

// speedScenario is one line of the table of speed.
type speedScenario struct {
	database string
	hook     bool
	clients  int
}

func (s speedScenario) String() string {
	hook := "plain"
	if s.hook {
		hook = "hook"
	}
	return fmt.Sprintf("%s/%s/c=%d", s.database, hook, s.clients)
}

func (b *bench) speedScenarios() (list []speedScenario) {
	for _, database := range []string{sqlite, postgres} {
		for _, hook := range []bool{false, true} {
			for _, clients := range []int{1, 8, 32} {
				if s := (speedScenario{database, hook, clients}); b.selected(s.String()) {
					list = append(list, s)
				}
			}
		}
	}
	return list
}

func (b *bench) needsPostgres(speed []speedScenario, users []usersScenario) bool {
	return slices.ContainsFunc(speed, func(s speedScenario) bool { return s.database == postgres }) ||
		slices.Contains(users, usersScenario{postgres})
}

// contender is a server with the windows in which it was measured.
type contender struct {
	*server
	expected float64 // registrations a second
	windows  []*window
	cpu      []time.Duration // of one registration, by window
	pages    []float64       // a second
	made     int             // registrations in all, warming up included
}

// speed measures the floors and usher in turns, each with a database of its own.
func (b *bench) speed(ctx context.Context, s speedScenario) (row speedRow, err error) {
	b.announce(s.String())
	var hookURL string
	if s.hook {
		hook, err := b.self(ctx, roleHook)
		if err != nil {
			return row, err
		}
		defer hook.stop()
		hookURL = hook.url
	}
	var rivals [3]*contender
	for i, begin := range []func(string) (*server, error){
		func(database string) (*server, error) { return b.startFloor(ctx, database, hookURL, false) },
		func(database string) (*server, error) { return b.startFloor(ctx, database, hookURL, true) },
		func(database string) (*server, error) { return b.startUsher(ctx, cheap(database, hookURL)) },
	} {
		database, drop, err := b.newDatabase(ctx, s.database)
		if err != nil {
			return row, err
		}
		defer drop()
		server, err := begin(database)
		if err != nil {
			return row, err
		}
		defer server.stop()
		rivals[i] = &contender{server: server}
		if err := rivals[i].warmUp(ctx, s.clients); err != nil {
			return row, err
		}
	}
	for round := range b.rounds {
		for i := range rivals {
			r := rivals[(round+i)%len(rivals)] // nobody always profits from another's rest
			if err := r.measure(ctx, s.clients, b.window); err != nil {
				return row, err
			}
		}
	}
	row = speedRow{
		Scenario: s.String(), Database: s.database, Hook: s.hook, Clients: s.clients,
		Floor: rivals[0].figures(), FloorHash: rivals[1].figures(), Usher: rivals[2].figures(),
	}
	row.Ratio = row.Usher.PerSecond / row.Floor.PerSecond
	row.RatioHash = row.Usher.PerSecond / row.FloorHash.PerSecond
	if s.hook {
		row.Problem = checkAsked(hookURL, rivals[0].made+rivals[1].made+rivals[2].made)
	}
	return row, nil
}

// warmUp fills caches and pools, and finds out how fast the server is.
func (r *contender) warmUp(ctx context.Context, clients int) error {
	if _, err := r.openVisits(ctx, 100+40*clients, clients); err != nil {
		return err
	}
	w := drive(ctx, r.url, clients, time.Second, r.register)
	if w.failure != nil {
		return fmt.Errorf("%s: %w\n%s", r.name, w.failure, r.tail())
	}
	r.expected = w.rate()
	r.made += len(w.latencies)
	return ctx.Err()
}

func (r *contender) measure(ctx context.Context, clients int, d time.Duration) error {
	// Half as many again as should be needed: a window that runs out of visits
	// ends early, and then the next one has more.
	visits, err := r.openVisits(ctx, 2*clients+int(1.5*r.expected*d.Seconds()), clients)
	if err != nil {
		return err
	}
	before := usageOf(r.pid)
	w := drive(ctx, r.url, clients, d, r.register)
	used := usageOf(r.pid).cpu - before.cpu
	if err := ctx.Err(); err != nil {
		return err
	}
	r.windows = append(r.windows, w)
	r.expected = max(r.expected, w.rate())
	r.made += len(w.latencies)
	if n := len(w.latencies); n > 0 {
		r.cpu = append(r.cpu, used/time.Duration(n))
	}
	if r.paged {
		r.pages = append(r.pages, visits.rate())
	}
	return nil
}

// figures takes the medians of the windows.
func (r *contender) figures() figures {
	var (
		f        figures
		p50, p99 []time.Duration
	)
	for _, w := range r.windows {
		f.Windows = append(f.Windows, w.rate())
		p50 = append(p50, percentile(w.latencies, 50))
		p99 = append(p99, percentile(w.latencies, 99))
		f.Count += len(w.latencies)
		f.Failures += w.failures
		if f.Failure == "" && w.failure != nil {
			f.Failure = w.failure.Error()
		}
	}
	f.PerSecond, f.PagesPerSecond = median(f.Windows), median(r.pages)
	f.P50, f.P99, f.CPU = ms(median(p50)), ms(median(p99)), ms(median(r.cpu))
	f.PeakMiB = float64(usageOf(r.pid).peak) / (1 << 20)
	return f
}

// checkAsked makes sure that nobody was fast by not asking the hook.
func checkAsked(hookURL string, registrations int) string {
	c := newClient(hookURL)
	defer c.close()
	a, err := c.get("/count")
	if err != nil {
		return err.Error()
	}
	if asked := string(a.body); asked != strconv.Itoa(registrations) {
		return fmt.Sprintf("the hook was asked %s times for %d registrations", asked, registrations)
	}
	return ""
}
