package interaction_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/usher-id/usher/internal/enroll"
	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/id"
	"github.com/usher-id/usher/internal/interaction"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/storetest"
)

func TestBegin(t *testing.T) {
	onEngines(t, func(s *stage) {
		handle := s.begin()
		if other := s.begin(); other == handle {
			s.Error("two browsers have one handle")
		}
		again := func(want bool) {
			s.Helper()
			got, err := s.visits.Begin(s.Context(), handle)
			if err != nil || got == "" || (got == handle) != want {
				s.Errorf("again: %q, %v; the same: %v", got, err, want)
			}
		}
		again(true) // one handle for the life of a visit, however often the page is loaded
		if v := s.visit(handle); v != nil {
			s.Errorf("looking at the form has written %+v", v)
		}
		s.hook.answers(deny, 0)
		_, _ = s.submit(handle, person("a@example.com"))
		again(true)
		<-time.After(time.Hour - time.Second)
		again(true)
		<-time.After(time.Second)
		again(false) // expired

		handle = s.begin()
		s.hook.answers(allow, 0)
		s.done(s.submit(handle, person("a@example.com")))
		again(false) // the next sign-up is another visit
	})
}

// TestVisitHoldsNothing: neither what was typed nor the handle is stored with a
// visit.
func TestVisitHoldsNothing(t *testing.T) {
	onEngines(t, func(s *stage) {
		handle := s.begin()
		s.hook.answers(deny, 0)
		_, _ = s.submit(handle, person("a@example.com"))
		v := s.visit(handle)
		text := fmt.Sprintf("%+v", *v)
		for _, secret := range []string{handle, right, "a@example.com", "Okonkwo"} {
			if strings.Contains(text, secret) {
				s.Errorf("%s is in %s", secret, text)
			}
		}
		if v.State != org.StateForm || len(v.Messages) != 1 || v.Messages[0] != (org.Message{Field: "email", Text: "Not you."}) {
			s.Errorf("visit %s", text)
		}
	})
}

// TestDoubleSubmit: of two clicks the second waits and gets the first one's end.
// The hook is asked once.
func TestDoubleSubmit(t *testing.T) {
	good := person("a@example.com")
	rows := []struct {
		name   string
		answer string
		second enroll.Submission
		want   counts
		check  func(s *stage, first, second answer)
	}{
		{"both get a session", allow, good, counts{Asked: 1, Users: 1, Created: 1, Sessions: 2, Calls: 1}, func(s *stage, first, second answer) {
			if s.done(first.out, first.err) == s.done(second.out, second.err) {
				s.Error("two sessions have one handle")
			}
		}},
		{"both get the refusal", deny, good, counts{Asked: 1, Calls: 1}, func(s *stage, first, second answer) {
			s.refused(first.out, first.err, "Not you.")
			s.refused(second.out, second.err, "Not you.")
		}},
		{"a second tab with another password gets no session", allow, passwordOf(person("b@example.com"), "another one 4107"),
			counts{Asked: 1, Users: 1, Created: 1, Sessions: 1, Calls: 1}, func(s *stage, first, second answer) {
				s.done(first.out, first.err)
				s.noSession(second.out, second.err)
			}},
		{"an empty form gets no session", allow, enroll.Submission{}, counts{Asked: 1, Users: 1, Created: 1, Sessions: 1, Calls: 1}, func(s *stage, first, second answer) {
			s.done(first.out, first.err)
			s.noSession(second.out, second.err)
		}},
	}
	eachEngine(t, func(t *testing.T, url string) {
		for _, row := range rows {
			t.Run(row.name, func(t *testing.T) {
				onStage(t, url, func(s *stage) {
					s.hook.answers(row.answer, 2*time.Second)
					handle := s.begin()
					var first, second answer
					var running sync.WaitGroup
					running.Go(func() { first.out, first.err = s.submit(handle, good) })
					<-time.After(time.Second) // the hook is being asked
					if v := s.visit(handle); v == nil || v.State != org.StateCalling || !v.Deadline.Equal(v.Expires.Add(attemptLimit-time.Hour)) {
						s.Errorf("meanwhile the visit is %+v", v)
					}
					running.Go(func() { second.out, second.err = s.submit(handle, row.second) })
					running.Wait()
					row.check(s, first, second)
					s.expect(row.want)
				})
			})
		}
	})
}

// TestAfterTheEnd: the back button and a reload make no second user, and who
// sends the same form again soon enough is signed in.
func TestAfterTheEnd(t *testing.T) {
	eachEngine(t, func(t *testing.T, url string) {
		good := person("a@example.com")
		for _, row := range []struct {
			name  string
			after time.Duration
			sub   enroll.Submission
			then  func(s *stage)
			in    bool
		}{
			{"the same again at once", 0, good, nil, true},
			{"the same again within a minute", time.Minute - time.Second, good, nil, true},
			{"the same again later", time.Minute, good, nil, false},
			{"with another password", 0, passwordOf(good, "another one 4107"), nil, false},
			{"without a password", 0, passwordOf(good, ""), nil, false},
			{"an empty form", 0, enroll.Submission{}, nil, false},
			{"somebody else's form", 0, passwordOf(person("b@example.com"), "another one 4107"), nil, false},
			{"the person was suspended", 0, good, func(s *stage) {
				s.eachUser(func(ctx context.Context, tx *org.Tx, u *org.User) error {
					u.Status = org.StatusSuspended
					return tx.Users.Update(ctx, u)
				})
			}, false},
			{"the person was deleted", 0, good, func(s *stage) {
				s.eachUser(func(ctx context.Context, tx *org.Tx, u *org.User) error { return org.DeleteUser(ctx, tx, u.ID) })
			}, false},
		} {
			t.Run(row.name, func(t *testing.T) {
				onStage(t, url, func(s *stage) {
					handle := s.begin()
					first := s.done(s.submit(handle, good))
					<-time.After(row.after)
					if row.then != nil {
						row.then(s)
					}
					out, err := s.submit(handle, row.sub)
					if !row.in {
						s.noSession(out, err)
					} else if s.done(out, err) == first {
						s.Error("a session handle was given twice")
					}
					if n := s.hook.asked.Load(); n != 1 {
						s.Errorf("the hook was asked %d times", n)
					}
				})
			})
		}
	})
}

func (s *stage) eachUser(change func(context.Context, *org.Tx, *org.User) error) {
	s.Helper()
	s.update(func(ctx context.Context, tx *org.Tx) error {
		all, err := storetest.Everybody(ctx, tx)
		for _, u := range all {
			if err := change(ctx, tx, u); err != nil {
				return err
			}
		}
		return err
	})
}

// TestRefusedAndSentAgain: a refusal is the end of one submission, not of the
// visit.
func TestRefusedAndSentAgain(t *testing.T) {
	onEngines(t, func(s *stage) {
		handle := s.begin()
		s.hook.answers(deny, 0)
		for range 2 {
			out, err := s.submit(handle, person("a@example.com"))
			s.refused(out, err, "Not you.")
			if v := s.visit(handle); len(v.Messages) != 1 || v.State != org.StateForm {
				s.Errorf("the visit is %+v", v)
			}
		}
		_, err := s.submit(handle, passwordOf(person("a@example.com"), "short"))
		if !fault.Is(err, fault.Invalid) {
			s.Errorf("a bad form: %v", err)
		}
		s.hook.answers(allow, 0)
		s.done(s.submit(handle, person("a@example.com")))
		s.expect(counts{Asked: 3, Users: 1, Created: 1, Sessions: 1, Calls: 3})
	})
}

// TestSecondClickWhileTheFirstEnds: the first click ends before the second one
// has read the visit, or after that and before it has taken it.
func TestSecondClickWhileTheFirstEnds(t *testing.T) {
	eachEngine(t, func(t *testing.T, url string) {
		for _, moment := range []string{"before it reads", "before it takes the visit"} {
			t.Run(moment, func(t *testing.T) {
				onStage(t, url, func(s *stage) {
					handle := s.begin()
					first := s.visits
					s.restart(&between{Store: s.store, take: moment != "before it reads", do: func() {
						s.done(first.Submit(s.Context(), handle, person("a@example.com")))
					}})
					s.done(s.submit(handle, person("a@example.com")))
					s.expect(counts{Asked: 1, Users: 1, Created: 1, Sessions: 2, Calls: 1})
				})
			})
		}
	})
}

// between is a store that does something before the first View, or before the
// first UpdateSoon, which is how a visit is taken.
type between struct {
	org.Store
	take bool
	do   func() // may come back here
	did  atomic.Bool
}

func (b *between) once(now bool) {
	if now && b.did.CompareAndSwap(false, true) {
		b.do()
	}
}

func (b *between) View(ctx context.Context, read func(context.Context, *org.Tx) error) error {
	b.once(!b.take)
	return b.Store.View(ctx, read)
}

func (b *between) UpdateSoon(ctx context.Context, write func(context.Context, *org.Tx) error) error {
	b.once(b.take)
	return b.Store.UpdateSoon(ctx, write)
}

// TestSweepSparesVisitsUnderWay: a visit expires an hour after its last
// submission, so that none is swept away while the hook is asked.
func TestSweepSparesVisitsUnderWay(t *testing.T) {
	onEngines(t, func(s *stage) {
		handle := s.begin()
		s.hook.answers(deny, 0)
		_, _ = s.submit(handle, person("a@example.com"))
		<-time.After(time.Hour - time.Second)
		s.hook.does(func(context.Context) string {
			<-time.After(2 * time.Second)
			s.update(func(ctx context.Context, tx *org.Tx) error {
				_, err := tx.Interactions.Prune(ctx, time.Now())
				return err
			})
			return allow
		})
		s.done(s.submit(handle, person("a@example.com")))
	})
}

// TestTwoBrowsers: different visits that want one login; one wins at the commit.
func TestTwoBrowsers(t *testing.T) {
	onEngines(t, func(s *stage) {
		s.hook.answers(allow, time.Second)
		answers := s.together([]string{s.begin(), s.begin()}, person("a@example.com"), person("A@EXAMPLE.COM"))
		if answers[0].out.Session == "" {
			answers[0], answers[1] = answers[1], answers[0]
		}
		s.done(answers[0].out, answers[0].err)
		s.refused(answers[1].out, answers[1].err, "A user with this Primary email already exists")
		s.expect(counts{Asked: 2, Users: 1, Created: 1, Sessions: 1, Calls: 2})
	})
}

// TestRaces sends sixty-four at once: from one browser, from as many, and from
// both kinds. Whoever is told that the server is busy sends the form again.
func TestRaces(t *testing.T) {
	const racers = 64
	eachEngine(t, func(t *testing.T, url string) {
		variants := []string{"a@example.com", "A@Example.com", "ａ@example.com", " a@EXAMPLE.COM"}
		for _, browsers := range []int{1, 8, racers} {
			t.Run(fmt.Sprintf("%d browsers", browsers), func(t *testing.T) {
				onStage(t, url, func(s *stage) {
					s.hook.answers(allow, time.Second)
					handles, subs := make([]string, browsers), make([]enroll.Submission, racers)
					for i := range handles {
						handles[i] = s.begin()
					}
					for i := range subs {
						subs[i] = person(variants[i%len(variants)])
					}
					in := 0
					for i, a := range s.together(handles, subs...) {
						for tries := 0; fault.Is(a.err, fault.Busy) && tries < 10; tries++ {
							a.out, a.err = s.submit(handles[i%browsers], subs[i])
						}
						switch {
						case a.out.Session != "":
							s.done(a.out, a.err)
							in++
						case a.err != nil && !fault.Is(a.err, fault.Invalid), a.err == nil && a.out.Refusal == nil:
							s.Errorf("racer %d got %+v, %v", i, a.out, a.err)
						}
					}
					if in != racers/browsers {
						s.Errorf("%d are in, want %d", in, racers/browsers)
					}
					asked := int(s.hook.asked.Load())
					s.expect(counts{Asked: asked, Users: 1, Created: 1, Sessions: in, Calls: asked})
					if browsers == 1 && asked != 1 {
						s.Errorf("the hook was asked %d times for one visit", asked)
					}
				})
			})
		}
	})
}

// TestAdvisoryFixation: a handle that somebody else has put into a browser, or
// made up, is worth nothing to them (Keycloak, CVE-2026-7507).
func TestAdvisoryFixation(t *testing.T) {
	onEngines(t, func(s *stage) {
		planted := s.begin()
		s.hook.answers(allow, time.Second)
		var victim answer
		var running sync.WaitGroup
		running.Go(func() { victim.out, victim.err = s.submit(planted, person("victim@example.com")) })
		<-time.After(time.Second / 2)
		attacks := []enroll.Submission{
			{}, passwordOf(person("victim@example.com"), "a guess 4107"), passwordOf(person("attacker@example.com"), "my own 4107"),
		}
		for _, sub := range attacks { // while the victim waits, and after
			s.noSession(s.submit(planted, sub))
			s.noSession(s.submit(planted, sub))
		}
		running.Wait()
		s.done(victim.out, victim.err)
		s.expect(counts{Asked: 1, Users: 1, Created: 1, Sessions: 1, Calls: 1})

		for _, handle := range []string{"", "made up", id.Handle(), org.HashToken(planted), victim.out.Session, "\x00\xff"} {
			for _, sub := range []enroll.Submission{{}, person("victim@example.com"), passwordOf(person("victim@example.com"), "a guess 4107")} {
				out, err := s.submit(handle, sub)
				if out != (interaction.Outcome{}) || !fault.Is(err, fault.Invalid) {
					s.Errorf("handle %.10q got %+v, %v", handle, out, err)
				}
			}
			if v := s.visit(handle); v != nil {
				s.Errorf("a bad form has written %+v", v)
			}
		}
		s.expect(counts{Asked: 1, Users: 1, Created: 1, Sessions: 1, Calls: 1})
	})
}

// TestClosedMeanwhile: who finds the sign-up closed at the commit is told so, and
// the visit is free.
func TestClosedMeanwhile(t *testing.T) {
	onEngines(t, func(s *stage) {
		s.hook.does(func(context.Context) string {
			s.update(func(ctx context.Context, tx *org.Tx) error {
				p, err := tx.Policies.Default(ctx)
				if err != nil {
					return err
				}
				closed := *p
				closed.Rule.UnknownUserAction = org.ActionDeny
				return tx.Policies.Update(ctx, &closed)
			})
			return allow
		})
		handle := s.begin()
		if out, err := s.submit(handle, person("a@example.com")); out != (interaction.Outcome{}) || !fault.Is(err, fault.Forbidden) {
			s.Errorf("got %+v, %v", out, err)
		}
		if v := s.visit(handle); v.State != org.StateForm {
			s.Errorf("the visit is %+v", v)
		}
		s.expect(counts{Asked: 1, Calls: 1})
	})
}

// TestBrowserGone: the work goes on when the browser hangs up, and its next
// submission gets the result.
func TestBrowserGone(t *testing.T) {
	onEngines(t, func(s *stage) {
		s.hook.does(func(ctx context.Context) string {
			<-time.After(3 * time.Second)
			if ctx.Err() != nil {
				s.Error("the question was given up with the browser")
			}
			return allow
		})
		handle := s.begin()
		ctx, hangUp := context.WithCancel(s.Context())
		var running sync.WaitGroup
		running.Go(func() { _, _ = s.visits.Submit(ctx, handle, person("a@example.com")) })
		<-time.After(time.Second)
		hangUp()
		s.done(s.submit(handle, person("a@example.com")))
		running.Wait()
		s.expect(counts{Asked: 1, Users: 1, Created: 1, Sessions: 2, Calls: 1})
	})
}

// TestWaitIsBounded: whoever waits for an attempt that does not end is told to
// try again.
func TestWaitIsBounded(t *testing.T) {
	onEngines(t, func(s *stage) {
		handle := s.begin()
		s.update(func(ctx context.Context, tx *org.Tx) error {
			return tx.Interactions.Swap(ctx, &org.Interaction{
				ID: id.New("idx"), Hash: org.HashToken(handle), State: org.StateCalling,
				Created: time.Now(), Expires: time.Now().Add(time.Hour), Deadline: time.Now().Add(time.Hour),
			})
		})
		begin := time.Now()
		_, err := s.submit(handle, person("a@example.com"))
		if took := time.Since(begin); !fault.Is(err, fault.Busy) || !errors.Is(err, context.DeadlineExceeded) || took != submitLimit {
			s.Errorf("after %v: %v", took, err)
		}
		s.expect(counts{})
	})
}

// TestNoAttemptWithoutRoom: who has waited so long that the hook could not be
// heard to the end is told to try again, and the hook is not asked.
func TestNoAttemptWithoutRoom(t *testing.T) {
	onEngines(t, func(s *stage) {
		s.visits.SubmitLimit = attemptLimit + time.Second
		handle := id.Handle()
		s.update(func(ctx context.Context, tx *org.Tx) error {
			return tx.Interactions.Swap(ctx, &org.Interaction{ // of a process that is gone
				ID: id.New("idx"), Hash: org.HashToken(handle), State: org.StateCalling,
				Created: time.Now(), Expires: time.Now().Add(time.Hour), Deadline: time.Now().Add(attemptLimit),
			})
		})
		begin := time.Now()
		if _, err := s.submit(handle, person("a@example.com")); !fault.Is(err, fault.Busy) {
			s.Errorf("got %v", err)
		}
		if took := time.Since(begin); took < attemptLimit || took > s.visits.SubmitLimit {
			s.Errorf("it took %v", took)
		}
		s.expect(counts{})

		if out, err := s.submit(handle, person("a@example.com")); err != nil || out.Session == "" {
			s.Errorf("sent again: %+v, %v", out, err)
		}
	})
}
