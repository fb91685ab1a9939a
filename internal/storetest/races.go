package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/usher-id/usher/internal/org"
)

// racers is how many want the same thing at once.
const racers = 64

func raceCases() []testCase {
	return []testCase{
		{"one login for sixty-four people in variants", func(s *suite) {
			variants := []string{"straße@example.com", "STRASSE@example.com", " Strasse@Example.com", "ＳＴＲＡẞＥ@example.com"}
			errs := race(racers, func(i int) error {
				v := variants[i%len(variants)]
				return s.store.Update(s.Context(), createUser(person(s, fmt.Sprintf("00u%02d", i), v, v)))
			})
			equal(s, "winners", count(errs, nil), 1)
			equal(s, "told that it is taken", count(errs, org.ErrLoginTaken), racers-1)
			s.view(func(ctx context.Context, tx *org.Tx) error {
				all, err := Everybody(ctx, tx)
				equal(s, "users", len(all), 1)
				return err
			})
		}},
		{"one address for people with their own logins", func(s *suite) {
			errs := race(racers, func(i int) error {
				return s.store.Update(s.Context(), createUser(person(s, fmt.Sprintf("00u%02d", i), fmt.Sprint("login", i), "shared@example.com")))
			})
			equal(s, "winners", count(errs, nil), 1)
			equal(s, "told that it is taken", count(errs, org.ErrLoginTaken), racers-1)
		}},
		{"two names crossed", func(s *suite) {
			// Whoever takes the two in another order waits for the other one for ever.
			names := []string{"a@example.com", "b@example.com"}
			errs := race(racers, func(i int) error {
				return s.store.Update(s.Context(), createUser(person(s, fmt.Sprintf("00u%02d", i), names[i%2], names[1-i%2])))
			})
			equal(s, "winners", count(errs, nil), 1)
			equal(s, "told that it is taken", count(errs, org.ErrLoginTaken), racers-1)
		}},
		{"one step of a visit", func(s *suite) {
			visit := org.Interaction{ID: "int1", Hash: "h1", State: org.StateForm}
			s.update(swap(&visit))
			errs := race(racers, func(int) error {
				mine := visit
				mine.State = org.StateCalling
				return s.store.UpdateSoon(s.Context(), swap(&mine))
			})
			equal(s, "winners", count(errs, nil), 1)
			equal(s, "told of the conflict", count(errs, org.ErrConflict), racers-1)
		}},
		{"one beginning of a visit", func(s *suite) {
			errs := race(racers, func(i int) error {
				return s.store.Update(s.Context(), swap(&org.Interaction{ID: fmt.Sprint("int", i), Hash: "h1"}))
			})
			equal(s, "winners", count(errs, nil), 1)
			equal(s, "told of the conflict", count(errs, org.ErrConflict), racers-1)
		}},
		{"one change of a hook", func(s *suite) {
			h := hookOf("cal1", "h")
			s.update(createHook(h))
			errs := race(16, func(i int) error {
				mine := *h
				mine.APIVersion = fmt.Sprint(i)
				return s.store.Update(s.Context(), updateHook(&mine))
			})
			equal(s, "winners", count(errs, nil), 1)
			equal(s, "told of the conflict", count(errs, org.ErrConflict), 15)
		}},
		{"two that want what the other has both end", func(s *suite) {
			// A deadlock where writers run at once: one is given up and runs again.
			s.update(put("a", "0"))
			s.update(put("b", "0"))
			keys := []string{"a", "b"}
			var met sync.WaitGroup
			met.Add(2)
			errs := race(2, func(i int) error {
				arrive := sync.OnceFunc(met.Done)
				return s.store.Update(s.Context(), func(ctx context.Context, tx *org.Tx) error {
					if err := tx.Settings.Put(ctx, keys[i], "1"); err != nil {
						return err
					}
					arrive()
					briefly(&met)
					return tx.Settings.Put(ctx, keys[1-i], "1")
				})
			})
			equal(s, "errors", errs, make([]error, 2))
		}},
		{"whoever reads events on and on misses none", func(s *suite) {
			const writers, each = 16, 15
			done := make(chan []error)
			go func() {
				done <- race(writers, func(i int) error {
					for n := range each {
						err := s.store.Update(s.Context(), func(ctx context.Context, tx *org.Tx) error {
							err := tx.Events.Append(ctx, org.Event{UUID: fmt.Sprintf("%d.%d", i, n)}, org.Event{UUID: fmt.Sprintf("%d.%d+", i, n)})
							if err != nil {
								return err
							}
							return tx.Settings.Put(ctx, fmt.Sprint(i), fmt.Sprint(n)) // some time until the commit
						})
						if err != nil {
							return err
						}
					}
					return nil
				})
			}()
			var (
				seen  []string
				after int64
				errs  []error
			)
			for running := true; running; {
				select {
				case errs = <-done:
					running = false // and one last look
				default:
				}
				s.view(func(ctx context.Context, tx *org.Tx) error {
					return tx.Events.Scan(ctx, org.EventRange{After: after}, func(e org.Event) bool {
						if e.Sequence <= after {
							s.Errorf("sequence %d after %d", e.Sequence, after)
						}
						after = e.Sequence
						seen = append(seen, e.UUID)
						return true
					})
				})
			}
			equal(s, "errors", errors.Join(errs...), nil)
			equal(s, "events seen", len(seen), writers*each*2)
			for i := 0; i+1 < len(seen); i += 2 { // those of one transaction stand together
				equal(s, "pair", seen[i+1], seen[i]+"+")
			}
			for i := range writers { // those of one writer in their order
				mine := slices.DeleteFunc(slices.Clone(seen), func(id string) bool { return !strings.HasPrefix(id, fmt.Sprint(i, ".")) })
				equal(s, "of one writer", len(mine), each*2)
			}
		}},
	}
}

// briefly waits for a group, or not where its members come one after the other.
func briefly(group *sync.WaitGroup) {
	all := make(chan struct{})
	go func() {
		group.Wait()
		close(all)
	}()
	select {
	case <-all:
	case <-time.After(200 * time.Millisecond):
	}
}
