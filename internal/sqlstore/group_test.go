package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/profile"
	"github.com/usher-id/usher/internal/sqldb"
)

func TestWritersShareACommit(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]int{1: 1, 2: 1, 10: 1, sqldb.MaxGroup: 1, sqldb.MaxGroup + 1: 2} {
		s := newLedger(t)
		var calls []call
		for i := range n {
			calls = append(calls, call{work: func(ctx context.Context, tx *org.Tx) error {
				return tx.Events.Append(ctx, org.Event{UUID: fmt.Sprint(i)})
			}})
		}
		if err := errors.Join(s.together(t, calls...)...); err != nil {
			t.Fatal(err)
		}
		if got := s.commits(t); got != want {
			t.Errorf("%d commits for %d writers, want %d", got, n, want)
		}
		next := 0 // they come in the order of their arrival
		err := s.View(t.Context(), func(ctx context.Context, tx *org.Tx) error {
			return tx.Events.Scan(ctx, org.EventRange{}, func(e org.Event) bool {
				if e.UUID != fmt.Sprint(next) {
					t.Errorf("event %s is number %d", e.UUID, next)
				}
				next++
				return true
			})
		})
		if err != nil || next != n {
			t.Errorf("%d events, %v", next, err)
		}
	}
}

// failures are the ways in which a closure ends that undo what it wrote.
func failures() map[string]work {
	mine := errors.New("mine")
	after := func(end work) work {
		return func(ctx context.Context, tx *org.Tx) error {
			return errors.Join(set("lost")(ctx, tx), end(ctx, tx))
		}
	}
	return map[string]work{
		"error": after(func(context.Context, *org.Tx) error { return mine }),
		"panic": after(func(context.Context, *org.Tx) error { panic(mine) }),
		"mistake": after(func(ctx context.Context, tx *org.Tx) error {
			return tx.Settings.(settings).nonsense(ctx)
		}),
		"an error that nobody minds": after(func(ctx context.Context, tx *org.Tx) error {
			_ = tx.Settings.(settings).nonsense(ctx)
			return nil
		}),
		"an event that cannot be written": after(func(ctx context.Context, tx *org.Tx) error {
			return tx.Events.Append(ctx, org.Event{UUID: "\x00"})
		}),
	}
}

func TestFailureIsNoNeighbours(t *testing.T) {
	t.Parallel()
	for name, lost := range failures() {
		for at := range 3 {
			s := newLedger(t)
			calls := []call{{work: set("a")}, {work: set("b")}, {work: set("c")}}
			keys := []string{"a", "b", "c"}
			calls[at].work = lost
			errs := s.together(t, calls...)
			if errs[at] == nil {
				t.Errorf("%s at %d: no error", name, at)
			}
			errs[at] = nil
			if err := errors.Join(errs...); err != nil {
				t.Errorf("%s at %d: a neighbour got %v", name, at, err)
			}
			want := slices.Delete(slices.Clone(keys), at, at+1)
			if got := s.has(t, append(keys, "lost")...); !slices.Equal(got, want) {
				t.Errorf("%s at %d: written %v, want %v", name, at, got, want)
			}
			if got := s.commits(t); got != 1 {
				t.Errorf("%s at %d: %d commits", name, at, got)
			}
		}
	}
}

// long is an INSERT that takes some time. Interrupted, it would end the
// transaction of all.
const long = `INSERT INTO settings (key, value)
	WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 30000) SELECT 'lost', MAX(i) FROM n`

func TestCancellationIsNoNeighbours(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(context.CancelFunc, work) work{
		"before the end": func(cancel context.CancelFunc, write work) work {
			return func(ctx context.Context, tx *org.Tx) error { defer cancel(); return write(ctx, tx) }
		},
		"before a statement": func(cancel context.CancelFunc, write work) work {
			return func(ctx context.Context, tx *org.Tx) error { cancel(); return write(ctx, tx) }
		},
		"in a statement": func(cancel context.CancelFunc, write work) work {
			return func(ctx context.Context, tx *org.Tx) error {
				time.AfterFunc(time.Millisecond, cancel)
				_, err := tx.Settings.(settings).exec(ctx, long)
				<-ctx.Done()
				return err
			}
		},
	} {
		for at := range 3 {
			s := newLedger(t)
			ctx, cancel := context.WithCancel(t.Context())
			ran := 0
			once := func(key string) work {
				return func(ctx context.Context, tx *org.Tx) error { ran++; return set(key)(ctx, tx) }
			}
			calls := []call{{work: once("a")}, {work: once("b")}, {work: once("c")}}
			calls[at] = call{ctx: ctx, work: end(cancel, set("lost"))}
			errs := s.together(t, calls...)
			if !errors.Is(errs[at], context.Canceled) {
				t.Errorf("%s at %d: %v", name, at, errs[at])
			}
			errs[at] = nil
			if err := errors.Join(errs...); err != nil {
				t.Errorf("%s at %d: a neighbour got %v", name, at, err)
			}
			if ran != 2 {
				t.Errorf("%s at %d: neighbours ran %d times", name, at, ran)
			}
			keys := []string{"a", "b", "c"}
			if got := s.has(t, append(keys, "lost")...); !slices.Equal(got, slices.Delete(keys, at, at+1)) {
				t.Errorf("%s at %d: written %v", name, at, got)
			}
		}
	}
}

func TestFailedCommitFailsAll(t *testing.T) {
	t.Parallel()
	s := newLedger(t)
	visit := org.Interaction{ID: "int1", Hash: "h1"}
	policy := &org.Policy{ID: "rst1", Source: "reg1", Name: "old"}
	if err := s.Update(t.Context(), func(ctx context.Context, tx *org.Tx) error { return tx.Policies.Create(ctx, policy) }); err != nil {
		t.Fatal(err)
	}
	change := func(name string) work {
		return func(ctx context.Context, tx *org.Tx) error {
			p := *policy
			p.Name = name
			return tx.Policies.Update(ctx, &p)
		}
	}
	s.refuseCommits(t, true)
	for i, err := range s.together(t,
		call{work: func(ctx context.Context, tx *org.Tx) error { return tx.Interactions.Swap(ctx, &visit) }},
		call{work: change("lost")},
		call{work: func(ctx context.Context, tx *org.Tx) error {
			p, err := tx.Policies.Get(ctx, "rst1")
			if err == nil && p.Name != "lost" {
				t.Errorf("in the group the policy is %q", p.Name)
			}
			return err
		}},
		call{work: func(context.Context, *org.Tx) error { return errors.New("for what a neighbour wrote") }},
		call{soon: true, work: set("a")},
	) {
		if !fault.Is(err, fault.Busy) || !errors.Is(err, sqldb.ErrNotCommitted) {
			t.Errorf("writer %d got %v", i, err)
		}
	}
	if visit.Version != 0 {
		t.Errorf("a version in hand stayed %d", visit.Version)
	}
	s.refuseCommits(t, false)
	if got := s.has(t, "a"); len(got) != 0 {
		t.Errorf("written: %v", got)
	}
	// The next change has the number of the lost one, and nothing that was read.
	if err := s.Update(t.Context(), change("new")); err != nil {
		t.Fatal(err)
	}
	if got := nameOf(t, s.Store); got != "new" {
		t.Errorf("the policy is %q", got)
	}
}

func TestLostGroupRunsAgain(t *testing.T) {
	t.Parallel()
	s := newLedger(t)
	ran := 0
	errs := s.together(t,
		call{work: func(ctx context.Context, tx *org.Tx) error {
			ran++
			return set("a")(ctx, tx)
		}},
		call{work: func(_ context.Context, tx *org.Tx) error {
			// What SQLite does when the disk is full, or fails.
			_, err := tx.Settings.(settings).begun.Exec(t.Context(), []sqldb.Statement{{Text: "ROLLBACK"}})
			return errors.Join(err, errors.New("mine"))
		}},
		call{work: set("c")},
	)
	if errs[0] != nil || errs[2] != nil || errs[1] == nil || errs[1].Error() != "mine" {
		t.Errorf("errors %v", errs)
	}
	if ran != 2 {
		t.Errorf("the neighbour ran %d times", ran)
	}
	if got := s.has(t, "a", "c"); len(got) != 2 {
		t.Errorf("written: %v", got)
	}
}

// TestLoserFindsTheWinner: who is told that a login is taken looks for whoever
// has it.
func TestLoserFindsTheWinner(t *testing.T) {
	t.Parallel()
	s := newLedger(t)
	create := func(id string) work {
		return func(ctx context.Context, tx *org.Tx) error {
			return tx.Users.Create(ctx, &org.User{ID: id, Profile: profile.Profile{}.Set(profile.Login, "ada")})
		}
	}
	taken := func() (taken bool) {
		err := s.View(t.Context(), func(ctx context.Context, tx *org.Tx) (err error) {
			taken, err = tx.Users.Taken(ctx, "ada")
			return err
		})
		if err != nil {
			t.Error(err)
		}
		return taken
	}
	errs := s.together(t,
		call{work: create("00u1")},
		call{work: create("00u2"), after: func() {
			if !taken() {
				t.Error("nobody has the login")
			}
		}},
		call{work: func(ctx context.Context, tx *org.Tx) error {
			_, err := tx.Settings.(settings).exec(ctx, long) // some time until the commit
			return err
		}})
	if errs[0] != nil || !errors.Is(errs[1], org.ErrLoginTaken) || errs[2] != nil {
		t.Errorf("errors %v", errs)
	}
}

func TestGroupWaitsForTheDiskIfOneDoes(t *testing.T) {
	t.Parallel()
	const full, normal = "2", "1"
	for name, c := range map[string]struct {
		soon    []bool
		want    []string // synchronous, in each closure
		commits int
	}{
		"nobody":                {[]bool{true, true, true}, []string{normal, normal, normal}, 1},
		"the first":             {[]bool{false, true, true}, []string{full, full, full}, 1},
		"one who came too late": {[]bool{true, true, false, true}, []string{normal, normal, full, full}, 2},
		"all":                   {[]bool{false, false}, []string{full, full}, 1},
	} {
		s := newLedger(t)
		got := make([]string, len(c.soon))
		var calls []call
		for i, soon := range c.soon {
			calls = append(calls, call{soon: soon, work: func(ctx context.Context, tx *org.Tx) (err error) {
				got[i], err = one(ctx, tx.Settings.(settings).tx, single[string], "PRAGMA synchronous")
				return errors.Join(err, set(fmt.Sprint(i))(ctx, tx))
			}})
		}
		if err := errors.Join(s.together(t, calls...)...); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, c.want) || s.commits(t) != c.commits {
			t.Errorf("%s waits for the disk: %v in %d commits, want %v in %d", name, got, s.commits(t), c.want, c.commits)
		}
	}
}

func TestGroupBeginsForThoseWhoWait(t *testing.T) {
	t.Parallel()
	s := newLedger(t)
	var got string
	errs := s.together(t,
		call{work: func(context.Context, *org.Tx) error { return errors.New("mine") }}, // and the next one begins
		call{soon: true, work: func(ctx context.Context, tx *org.Tx) (err error) {
			got, err = one(ctx, tx.Settings.(settings).tx, single[string], "PRAGMA synchronous")
			return errors.Join(err, set("a")(ctx, tx))
		}},
		call{work: set("b")},
	)
	if errs[1] != nil || errs[2] != nil || got != "2" || s.commits(t) != 1 {
		t.Errorf("synchronous=%s in %d commits, errors %v", got, s.commits(t), errs)
	}
}

func TestWhoeverLeavesTheLineIsForgotten(t *testing.T) {
	t.Parallel()
	s := newLedger(t)
	ctx, cancel := context.WithCancel(t.Context())
	errs := s.together(t,
		call{work: func(ctx context.Context, tx *org.Tx) error {
			cancel()
			for s.waiting() == 2 {
				runtime.Gosched()
			}
			return set("a")(ctx, tx)
		}},
		call{ctx: ctx, work: set("b")},
		call{work: set("c")},
	)
	if errs[0] != nil || !errors.Is(errs[1], context.Canceled) || errs[2] != nil {
		t.Errorf("errors %v", errs)
	}
	if got := s.has(t, "a", "b", "c"); !slices.Equal(got, []string{"a", "c"}) {
		t.Errorf("written: %v", got)
	}
}
