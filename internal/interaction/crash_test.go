package interaction_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/interaction"
	"github.com/usher-id/usher/internal/org"
)

// TestProcessKilled: an attempt whose process died is void when its deadline
// passes. Until then a submission to another process waits, then it is its turn.
func TestProcessKilled(t *testing.T) {
	onEngines(t, func(s *stage) {
		handle := s.begin()
		begin := time.Now()
		s.hook.does(func(ctx context.Context) string { // it dies here: nothing more is written
			<-ctx.Done()
			return allow
		})
		dead, die := context.WithCancel(s.Context())
		s.visits.Store, s.visits.Enroll.Store = dying{s.store, dead}, dying{s.store, dead}
		var running sync.WaitGroup
		first := s.visits
		running.Go(func() { _, _ = first.Submit(s.Context(), handle, person("a@example.com")) })
		<-time.After(2 * time.Second)
		die()

		s.hook.answers(allow, 0)
		s.restart(s.store)
		s.done(s.submit(handle, person("a@example.com")))
		if took := time.Since(begin); took < attemptLimit || took > attemptLimit+time.Second {
			s.Errorf("the second one had its turn after %v", took)
		}
		running.Wait()
		s.expect(counts{Asked: 2, Users: 1, Created: 1, Sessions: 1, Calls: 1})
	})
}

// dying is the store as a process sees it that is killed when the context ends.
type dying struct {
	org.Store
	alive context.Context
}

func (d dying) Update(ctx context.Context, write func(context.Context, *org.Tx) error) error {
	if d.alive.Err() != nil {
		return d.alive.Err()
	}
	return d.Store.Update(ctx, write)
}

func (d dying) UpdateSoon(ctx context.Context, write func(context.Context, *org.Tx) error) error {
	if d.alive.Err() != nil {
		return d.alive.Err()
	}
	return d.Store.UpdateSoon(ctx, write)
}

// TestOvertaken: an attempt that comes to its end after its deadline, when the
// visit belongs to another one, registers nobody. Its call is on record.
func TestOvertaken(t *testing.T) {
	eachEngine(t, func(t *testing.T, url string) {
		for _, row := range []struct{ name, late, second string }{
			{"with the same login", "a@example.com", "a@example.com"},
			{"with a login of its own", "late@example.com", "a@example.com"},
		} {
			t.Run(row.name, func(t *testing.T) {
				onStage(t, url, func(s *stage) {
					handle := s.begin()
					s.hook.answers(allow, attemptLimit+5*time.Second)
					var late answer
					var running sync.WaitGroup
					running.Go(func() { late.out, late.err = s.submit(handle, person(row.late)) })
					<-time.After(attemptLimit + time.Second)

					s.hook.answers(allow, 0)
					s.done(s.submit(handle, person(row.second)))
					done := s.visit(handle)
					running.Wait()

					if late.out != (interaction.Outcome{}) || !fault.Is(late.err, fault.Busy) {
						s.Errorf("the late one got %+v, %v", late.out, late.err)
					}
					if v := s.visit(handle); v.State != org.StateDone || v.UserID != done.UserID || v.Version != done.Version {
						s.Errorf("the late one has changed the visit to %+v", v)
					}
					s.expect(counts{Asked: 2, Users: 1, Created: 1, Sessions: 1, Calls: 2})
				})
			})
		}
	})
}

// TestLateButNotOvertaken: nobody else wanted the visit, so the work counts.
func TestLateButNotOvertaken(t *testing.T) {
	onEngines(t, func(s *stage) {
		s.hook.answers(allow, attemptLimit+5*time.Second)
		s.done(s.submit(s.begin(), person("a@example.com")))
	})
}

// TestStoreFails: whatever write fails, nothing is half written, and the form can
// be sent again at once.
func TestStoreFails(t *testing.T) {
	full, internal := fault.New(fault.Busy, "full"), errors.New("internal")
	eachEngine(t, func(t *testing.T, url string) {
		for _, row := range []struct {
			name   string
			answer string
			fault  writeFault
			asked  int // by the submission that fails
			calls  int
		}{
			{"the disk is full at the first note", allow, writeFault{soon: 1, err: full}, 0, 0},
			{"the disk is full at the end", allow, writeFault{update: 1, err: full}, 1, 1},
			{"an error at the end", allow, writeFault{update: 1, err: internal}, 1, 1},
			{"the disk is full at the end of a refusal", deny, writeFault{update: 1, err: full}, 1, 1},
			{"and the call cannot be recorded", allow, writeFault{update: 1, updates: 2, err: full}, 1, 0},
		} {
			t.Run(row.name, func(t *testing.T) {
				onStage(t, url, func(s *stage) {
					s.restart(&faulty{Store: s.store, writeFault: row.fault})
					s.hook.answers(row.answer, 0)
					handle := s.begin()
					out, err := s.submit(handle, person("a@example.com"))
					if out != (interaction.Outcome{}) || !errors.Is(err, row.fault.err) {
						s.Errorf("got %+v, %v", out, err)
					}
					s.expect(counts{Asked: row.asked, Calls: row.calls})

					s.hook.answers(allow, 0)
					begin := time.Now()
					s.done(s.submit(handle, person("a@example.com")))
					if took := time.Since(begin); took > time.Second {
						s.Errorf("the form could be sent again after %v", took)
					}
					s.expect(counts{Asked: row.asked + 1, Users: 1, Created: 1, Sessions: 1, Calls: row.calls + 1})
				})
			})
		}
		t.Run("the visit cannot be given back either", func(t *testing.T) {
			onStage(t, url, func(s *stage) {
				s.restart(&faulty{Store: s.store, writeFault: writeFault{update: 1, soon: 2, err: internal}})
				handle, begin := s.begin(), time.Now()
				if _, err := s.submit(handle, person("a@example.com")); !errors.Is(err, internal) {
					s.Errorf("got %v", err)
				}
				s.done(s.submit(handle, person("a@example.com"))) // after the deadline
				if took := time.Since(begin); took < attemptLimit {
					s.Errorf("void after %v", took)
				}
			})
		})
		t.Run("the answer to a commit is lost", func(t *testing.T) {
			onStage(t, url, func(s *stage) {
				s.restart(&faulty{Store: s.store, writeFault: writeFault{update: 1, err: full, committed: true}})
				handle := s.begin()
				if _, err := s.submit(handle, person("a@example.com")); !errors.Is(err, full) {
					s.Errorf("got %v", err)
				}
				s.done(s.submit(handle, person("a@example.com"))) // what was committed is found
				s.expect(counts{Asked: 1, Users: 1, Created: 1, Sessions: 2, Calls: 1})
			})
		})
		t.Run("it cannot be read", func(t *testing.T) {
			onStage(t, url, func(s *stage) {
				s.visits.Store = unreadable{s.store, internal}
				if out, err := s.submit(s.begin(), person("a@example.com")); out != (interaction.Outcome{}) || !errors.Is(err, internal) {
					s.Errorf("got %+v, %v", out, err)
				}
				if _, err := s.visits.Begin(s.Context(), "handle"); !errors.Is(err, internal) {
					s.Errorf("begin: %v", err)
				}
			})
		})
	})
}

// writeFault is which write fails: the update-th Update, and as many as updates
// says, or the soon-th UpdateSoon; before the commit, or after it.
type writeFault struct {
	update, updates, soon int32
	committed             bool
	err                   error
}

// faulty is a store that has a fault.
type faulty struct {
	org.Store
	writeFault
	seen, seenSoon atomic.Int32
}

func (f *faulty) Update(ctx context.Context, write func(context.Context, *org.Tx) error) error {
	n := f.seen.Add(1)
	return f.run(ctx, n >= f.update && n < f.update+max(f.updates, 1), f.Store.Update, write)
}

func (f *faulty) UpdateSoon(ctx context.Context, write func(context.Context, *org.Tx) error) error {
	return f.run(ctx, f.seenSoon.Add(1) == f.soon, f.Store.UpdateSoon, write)
}

type work = func(context.Context, *org.Tx) error

func (f *faulty) run(ctx context.Context, fails bool, run func(context.Context, work) error, write work) error {
	if !fails {
		return run(ctx, write)
	}
	err := run(ctx, func(ctx context.Context, tx *org.Tx) error {
		if err := write(ctx, tx); err != nil || f.committed {
			return err
		}
		return f.err
	})
	if err == nil {
		return f.err
	}
	return err
}

// unreadable is a store that cannot be read.
type unreadable struct {
	org.Store
	err error
}

func (u unreadable) View(context.Context, work) error { return u.err }
