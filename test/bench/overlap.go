package main

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync/atomic"
	"time"
)

// slowHook is the delay of a hook service that is about as slow as a costly
// hash, where doing one after the other would show most.
const slowHook = 300 * time.Millisecond

type overlapScenario struct {
	hash       string
	bcryptCost int
}

func (s overlapScenario) String() string {
	if s.hash == "bcrypt" {
		return fmt.Sprintf("slow-hook/bcrypt-%d", s.bcryptCost)
	}
	return "slow-hook/" + s.hash
}

func (b *bench) overlapScenarios() (list []overlapScenario) {
	for _, s := range []overlapScenario{{"argon2id", 12}, {"bcrypt", 12}} {
		if b.selected(s.String()) {
			list = append(list, s)
		}
	}
	return list
}

// overlap registers one person after the other with a slow hook and a costly
// hash, in turns with each alone.
func (b *bench) overlap(ctx context.Context, s overlapScenario) (row overlapRow, err error) {
	b.announce(s.String())
	const samples = 15
	row.Scenario = s.String()
	hook, err := b.self(ctx, roleHook, "-delay", slowHook.String())
	if err != nil {
		return row, err
	}
	defer hook.stop()
	ask := newClient(hook.url)
	defer ask.close()
	jobs := []func() error{func() error {
		a, err := ask.post("/", "", "{}")
		if err == nil && a.status != http.StatusOK {
			err = a.unexpected()
		}
		return err
	}}
	for _, url := range []string{"", hook.url} {
		database, drop, err := b.newDatabase(ctx, sqlite)
		if err != nil {
			return row, err
		}
		defer drop()
		set := cheap(database, url)
		set.hash, set.bcryptCost = s.hash, s.bcryptCost
		usher, err := b.startUsher(ctx, set)
		if err != nil {
			return row, err
		}
		defer usher.stop()
		if _, err := usher.openVisits(ctx, samples, 1); err != nil {
			return row, err
		}
		c := newClient(usher.url)
		defer c.close()
		jobs = append(jobs, func() error { return usher.register(c) })
	}
	took := make([][]time.Duration, len(jobs))
	for range samples {
		for i, job := range jobs {
			if err := ctx.Err(); err != nil {
				return row, err
			}
			begin := time.Now()
			if err := job(); err != nil {
				row.Problem = err.Error()
				return row, nil
			}
			took[i] = append(took[i], time.Since(begin))
		}
	}
	row.Count = samples
	row.Hook, row.Hash, row.Both = ms(median(took[0])), ms(median(took[1])), ms(median(took[2]))
	row.Ratio = row.Both / max(row.Hook, row.Hash)
	return row, nil
}

const (
	hangingScenario = "hanging-hook"
	// hangingPeople is how many wait at once.
	hangingPeople  = 32
	hangingTimeout = 3 * time.Second // of one attempt; there are two
)

// hanging lets the hook hang for some people, and looks at how they and others
// fare. The others sign up through the same hook, which answers them at once.
func (b *bench) hanging(ctx context.Context) (*hangingRow, error) {
	b.announce(hangingScenario)
	hook, err := b.self(ctx, roleHook)
	if err != nil {
		return nil, err
	}
	defer hook.stop()
	database, drop, err := b.newDatabase(ctx, sqlite)
	if err != nil {
		return nil, err
	}
	defer drop()
	set := cheap(database, hook.url)
	set.hookTimeout = hangingTimeout
	usher, err := b.startUsher(ctx, set)
	if err != nil {
		return nil, err
	}
	defer usher.stop()

	warmUp, before, meanwhile, after := newBystander(usher), newBystander(usher), newBystander(usher), newBystander(usher)
	warmUp.live(ctx, time.After(b.window))
	before.live(ctx, time.After(b.window))
	answered := make(chan time.Time)
	var stuck *window
	go func() {
		defer close(answered)
		var begun atomic.Int64
		stuck = drive(ctx, usher.url, hangingPeople, time.Minute, func(c *client) error {
			if begun.Add(1) > hangingPeople {
				return errEnough // once each
			}
			return usher.registerHanging(c)
		})
	}()
	meanwhile.live(ctx, answered)
	<-answered
	after.live(ctx, time.After(b.window))
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return hangingResult(stuck, before, meanwhile, after), nil
}

// registerHanging wants the form back, with the words for a hook that failed.
func (s *server) registerHanging(c *client) error {
	visit, err := openVisit(c)
	if err != nil {
		return err
	}
	a, err := c.post("/signup", visit, signUpForm(hangingName+s.nextAddress()))
	if err == nil && a.status != http.StatusUnprocessableEntity {
		err = a.unexpected()
	}
	return err
}

// bystander is somebody for whom the hook does not hang.
type bystander struct {
	server  *server
	what    []string
	did     map[string][]time.Duration
	failure error
}

func newBystander(s *server) *bystander {
	return &bystander{server: s, what: []string{"page", "sign-up", "sign-in"}, did: map[string][]time.Duration{}}
}

// live opens the page, signs up and signs in, over and over, until something
// comes out of the channel.
func (y *bystander) live(ctx context.Context, until <-chan time.Time) {
	c := newClient(y.server.url)
	defer c.close()
	for y.failure == nil {
		select {
		case <-until:
			return
		case <-ctx.Done():
			return
		default:
		}
		var visit string
		address := y.server.nextAddress()
		steps := []func() error{
			func() (err error) { visit, err = openVisit(c); return err },
			func() error { return signUp(c, visit, address) },
			func() error { return signIn(c, address) },
		}
		for i, step := range steps {
			begin := time.Now()
			if y.failure = step(); y.failure != nil {
				y.failure = fmt.Errorf("%s: %w", y.what[i], y.failure)
				return
			}
			y.did[y.what[i]] = append(y.did[y.what[i]], time.Since(begin))
		}
	}
}

func (y *bystander) p50(what string) float64 {
	return ms(percentile(slices.Sorted(slices.Values(y.did[what])), 50))
}

func hangingResult(stuck *window, before, meanwhile, after *bystander) *hangingRow {
	row := &hangingRow{
		Scenario: hangingScenario, People: hangingPeople, Answered: len(stuck.latencies),
		P50: p50(stuck), Max: ms(percentile(stuck.latencies, 100)),
		Limit: ms(2*hangingTimeout + 200*time.Millisecond),
	}
	for _, what := range meanwhile.what {
		o := bystanderRow{
			What: what, Count: len(meanwhile.did[what]), Meanwhile: meanwhile.p50(what),
			Alone: (before.p50(what) + after.p50(what)) / 2,
		}
		o.Ratio = o.Meanwhile / o.Alone
		row.Others = append(row.Others, o)
	}
	if row.Answered != row.People {
		row.Problem = fmt.Sprintf("%d of %d were answered", row.Answered, row.People)
	}
	for _, err := range []error{stuck.failure, before.failure, meanwhile.failure, after.failure} {
		if err != nil {
			row.Problem = err.Error()
		}
	}
	return row
}

func p50(w *window) float64 { return ms(percentile(w.latencies, 50)) }
