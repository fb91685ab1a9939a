package enroll_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/usher-id/usher/internal/enroll"
	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/password"
)

// racers is how many want one login at once.
const racers = 64

// variants of one login: letter case, a ligature, another normal form, space.
func variants() []string {
	return []string{
		"straße.office@example.com", "STRASSE.OFFICE@EXAMPLE.COM", "Strasse.oﬃce@example.com", "ｓtraße.Office@example.com", " straße.office@Example.com ",
	}
}

// TestRaceForOneLogin: of many who want one login at once exactly one gets it,
// the others are told so, and nothing of theirs is left but that they asked.
func TestRaceForOneLogin(t *testing.T) {
	all := variants()
	own := func(i int) string { return fmt.Sprintf("racer%d@example.com", i) }
	typed := func(i int) string { return all[i%len(all)] }
	setByHook := func(body string) string {
		for i := range racers {
			if strings.Contains(body, `"login":"`+own(i)+`"`) {
				login := strings.TrimSpace(typed(i))
				return set(`{"login":"` + login + `","email":"` + login + `"}`)
			}
		}
		return allow
	}
	onEngines(t, func(t *testing.T, url string) {
		for _, row := range []struct {
			name  string
			email func(i int) string
			hook  func(body string) string
			told  []fault.Kind // what losers are told
		}{
			{"all type it", typed, nil, []fault.Kind{fault.Invalid}},
			{"the hook gives it to all", own, setByHook, []fault.Kind{fault.HookFailed}},
			{"some type it, to some the hook gives it", func(i int) string {
				if i%2 == 0 {
					return own(i)
				}
				return typed(i)
			}, setByHook, []fault.Kind{fault.Invalid, fault.HookFailed}},
		} {
			t.Run(row.name, func(t *testing.T) {
				w := newWorld(t, url)
				made, err := w.hasher.Hasher.Hash(t.Context(), password.NewSecret(goodword))
				if err != nil {
					t.Fatal(err)
				}
				w.hasher.made = made
				if row.hook != nil {
					w.service.does(row.hook)
				}
				results, errs := w.race(row.email)

				var winners []*org.User
				for i, r := range results {
					if r.User != nil {
						winners = append(winners, r.User)
						continue
					}
					f := r.Refusal
					if errs[i] != nil {
						f = fault.As(errs[i])
					}
					if f == nil || !slices.Contains(row.told, f.Kind) {
						t.Errorf("racer %d is told %v, %v", i, r.Refusal, errs[i])
					}
				}
				users := w.users()
				if len(winners) != 1 || len(users) != 1 || users[0].ID != winners[0].ID {
					t.Fatalf("%d winners, %d users", len(winners), len(users))
				}
				w.checkRace(users[0])
			})
		}
	})
}

// race registers all racers at once.
func (w *world) race(email func(i int) string) ([]enroll.Result, []error) {
	return w.submitAll(func(i int) enroll.Submission { return person(email(i)) })
}

// submitAll registers by as many submissions at once.
func (w *world) submitAll(sub func(i int) enroll.Submission) ([]enroll.Result, []error) {
	results, errs := make([]enroll.Result, racers), make([]error, racers)
	start := make(chan struct{})
	var running sync.WaitGroup
	for i := range racers {
		running.Go(func() {
			<-start
			results[i], errs[i] = w.register(sub(i))
		})
	}
	close(start)
	running.Wait()
	return results, errs
}

func (w *world) checkRace(winner *org.User) {
	w.Helper()
	calls, made := w.calls(), 0
	for _, c := range calls {
		if c.UserID == winner.ID {
			made++
		} else if c.UserID != "" {
			w.Errorf("a record is of user %s", c.UserID)
		}
	}
	if asked := len(w.service.bodies()); asked != len(calls) || made != 1 {
		w.Errorf("%d questions, %d records, of the winner %d", asked, len(calls), made)
	}
	events := map[string]int{}
	for _, e := range w.eventTypes() {
		events[e]++
	}
	if events["user.lifecycle.create"] != 1 || events["user.lifecycle.activate"] != 1 || events["inline_hook.response.processed"] != len(calls) || len(events) != 3 {
		w.Errorf("events %v of %d calls", events, len(calls))
	}
}
