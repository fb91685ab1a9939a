package storetest

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/org"
)

func transactionCases() []testCase {
	return []testCase{
		{"an error undoes everything and comes back as it is", errorsUndo},
		{"nothing is kept after an error, even when nobody minds it", errorsEnd},
		{"not found is an answer and no error", func(s *suite) {
			s.update(func(ctx context.Context, tx *org.Tx) error {
				if _, err := tx.Users.Get(ctx, "00u1"); !errors.Is(err, org.ErrNotFound) {
					s.Errorf("get gave %v", err)
				}
				return tx.Settings.Put(ctx, "a", "1")
			})
			s.setting("a", "1")
		}},
		{"a transaction sees what it wrote", func(s *suite) {
			s.update(func(ctx context.Context, tx *org.Tx) error {
				if err := tx.Settings.Put(ctx, "a", "1"); err != nil {
					return err
				}
				got, err := tx.Settings.Get(ctx, "a")
				equal(s, "inside", got, "1")
				return err
			})
		}},
		{"a transaction sees records and members that it wrote", seesWhatIsWrittenLate},
		{"an error of a write is an error of its transaction", func(s *suite) {
			s.update(createUser(person(s, "00u1", "ada", "")))
			for name, write := range map[string]work{
				"member": func(ctx context.Context, tx *org.Tx) error {
					return tx.Members.Add(ctx, "00gnone", "00u1", time.Time{})
				},
				"session": openSession(&org.Session{ID: "s1", Hash: "h1", UserID: "00unobody"}),
			} {
				for _, last := range []work{nil, put("b", "1")} { // is it the last write or not
					err := s.tryUpdate(func(ctx context.Context, tx *org.Tx) error {
						if err := put("a", "1")(ctx, tx); err != nil {
							return err
						}
						if err := write(ctx, tx); err != nil || last == nil {
							return err
						}
						return last(ctx, tx)
					})
					if err == nil || errors.Is(err, errLost) {
						s.Errorf("%s: update gave %v", name, err)
					}
				}
			}
			s.noSetting("a")
			s.noSetting("b")
		}},
		{"a view cannot write", viewsCannotWrite},
		{"a view reads one state", viewsAreSnapshots},
		{"a panic undoes everything and blocks nobody", panicsUndo},
		{"a context that is over undoes everything", cancellationUndoes},
		{"UpdateSoon writes like Update", func(s *suite) {
			if err := s.store.UpdateSoon(s.Context(), put("a", "1")); err != nil {
				s.Fatal(err)
			}
			s.setting("a", "1")
		}},
		{"many reads at once", func(s *suite) {
			s.update(put("a", "1"))
			for _, err := range race(100, func(int) error {
				return s.store.View(s.Context(), func(ctx context.Context, tx *org.Tx) error {
					_, err := tx.Settings.Get(ctx, "a")
					return err
				})
			}) {
				if err != nil {
					s.Error(err)
				}
			}
		}},
		{"fifty writers that read first lose nothing", fiftyWriters},
		{"what was read is not written back over another's change", keepsOthersChange},
		{"a store answers until it is closed", closing},
	}
}

func errorsUndo(s *suite) {
	mine := errors.New("mine")
	for name, run := range map[string]func(context.Context, work) error{"Update": s.store.Update, "UpdateSoon": s.store.UpdateSoon} {
		err := run(s.Context(), func(ctx context.Context, tx *org.Tx) error {
			if err := tx.Settings.Put(ctx, "a", "1"); err != nil {
				return err
			}
			if err := tx.Users.Create(ctx, person(s, "00u1", "ada", "")); err != nil {
				return err
			}
			return mine
		})
		if err != mine { //nolint:errorlint // not even wrapped
			s.Errorf("%s gave %v", name, err)
		}
	}
	s.noSetting("a")
	s.taken(false, "ada")
}

func errorsEnd(s *suite) {
	s.update(createUser(person(s, "00u1", "ada", "")))
	err := s.store.Update(s.Context(), func(ctx context.Context, tx *org.Tx) error {
		if err := tx.Settings.Put(ctx, "before", "1"); err != nil {
			return err
		}
		if err := tx.Users.Create(ctx, person(s, "00u2", "ada", "")); !errors.Is(err, org.ErrLoginTaken) {
			s.Errorf("create gave %v", err)
		}
		if err := tx.Settings.Put(ctx, "after", "1"); !errors.Is(err, org.ErrLoginTaken) {
			s.Errorf("the transaction goes on, with %v", err)
		}
		return nil
	})
	if !errors.Is(err, org.ErrLoginTaken) {
		s.Errorf("update gave %v", err)
	}
	s.noSetting("before")
	s.noSetting("after")
}

func openSession(session *org.Session) work {
	return func(ctx context.Context, tx *org.Tx) error { return tx.Sessions.Create(ctx, session) }
}

// seesWhatIsWrittenLate reads what a store may write together, later.
func seesWhatIsWrittenLate(s *suite) {
	s.update(func(ctx context.Context, tx *org.Tx) error {
		if err := tx.Users.Create(ctx, person(s, "00u1", "ada", "")); err != nil {
			return err
		}
		if err := tx.Groups.Create(ctx, &org.Group{ID: "00g1", Name: "Staff"}); err != nil {
			return err
		}
		if err := tx.Members.Add(ctx, "00g1", "00u1", time.Time{}); err != nil {
			return err
		}
		groups, err := tx.Members.Groups(ctx, "00u1")
		equal(s, "groups", len(groups), 1)
		if err != nil {
			return err
		}
		if err := openSession(&org.Session{ID: "s1", Hash: "h1", UserID: "00u1"})(ctx, tx); err != nil {
			return err
		}
		if _, err := tx.Sessions.ByHash(ctx, "h1"); err != nil {
			return fmt.Errorf("session: %w", err)
		}
		if err := tx.Calls.Append(ctx, &org.HookCall{ID: "c1", HookID: "cal1"}); err != nil {
			return err
		}
		if _, err := tx.Calls.Get(ctx, "c1"); err != nil {
			return fmt.Errorf("call: %w", err)
		}
		if err := tx.Calls.Append(ctx, &org.HookCall{ID: "c2", HookID: "cal1"}); err != nil {
			return err
		}
		calls, err := tx.Calls.Recent(ctx, "cal1", false, 10)
		equal(s, "calls", len(calls), 2)
		if err != nil {
			return err
		}
		// And what undoes it comes after it.
		if err := openSession(&org.Session{ID: "s2", Hash: "h2", UserID: "00u1"})(ctx, tx); err != nil {
			return err
		}
		_, err = tx.Sessions.DeleteOfUser(ctx, "00u1")
		return err
	})
	for _, hash := range []string{"h1", "h2"} {
		s.missing("session "+hash, func(ctx context.Context, tx *org.Tx) error {
			_, err := tx.Sessions.ByHash(ctx, hash)
			return err
		})
	}
}

func viewsAreSnapshots(s *suite) {
	s.update(put("a", "old"))
	s.view(func(ctx context.Context, tx *org.Tx) error {
		if _, err := tx.Settings.Get(ctx, "a"); err != nil {
			return err
		}
		s.update(func(ctx context.Context, tx *org.Tx) error {
			if err := tx.Settings.Put(ctx, "b", "new"); err != nil {
				return err
			}
			return tx.Settings.Put(ctx, "a", "new")
		})
		got, err := tx.Settings.Get(ctx, "a")
		equal(s, "in the old view", got, "old")
		if err != nil {
			return err
		}
		if _, err := tx.Settings.Get(ctx, "b"); !errors.Is(err, org.ErrNotFound) {
			s.Errorf("the view sees what came later: %v", err)
		}
		return nil
	})
	s.setting("a", "new")
}

func panicsUndo(s *suite) {
	for _, run := range []func(context.Context, work) error{s.store.Update, s.store.UpdateSoon, s.store.View} {
		func() {
			defer func() { equal(s, "recovered", recover(), any("boom")) }()
			_ = run(s.Context(), func(ctx context.Context, tx *org.Tx) error {
				_ = tx.Settings.Put(ctx, "a", "1")
				panic("boom")
			})
		}()
	}
	s.noSetting("a")
	s.update(put("a", "2"))
}

func cancellationUndoes(s *suite) {
	for name, run := range map[string]func(context.Context, work) error{
		"Update": s.store.Update, "UpdateSoon": s.store.UpdateSoon,
	} {
		ctx, cancel := context.WithCancel(s.Context())
		err := run(ctx, func(ctx context.Context, tx *org.Tx) error {
			if err := tx.Settings.Put(ctx, "a", "1"); err != nil {
				return err
			}
			cancel()
			return nil
		})
		if !errors.Is(err, context.Canceled) {
			s.Errorf("%s cancelled before the commit gave %v", name, err)
		}
		if err := run(ctx, put("a", "1")); !errors.Is(err, context.Canceled) {
			s.Errorf("%s after the cancellation gave %v", name, err)
		}
		ctx, cancel = context.WithCancel(s.Context())
		err = run(ctx, func(ctx context.Context, tx *org.Tx) error {
			cancel()
			return tx.Settings.Put(ctx, "a", "1")
		})
		if !errors.Is(err, context.Canceled) {
			s.Errorf("%s cancelled before a statement gave %v", name, err)
		}
	}
	ctx, cancel := context.WithCancel(s.Context())
	err := s.store.View(ctx, func(ctx context.Context, tx *org.Tx) error {
		cancel()
		_, err := tx.Settings.Get(ctx, "a")
		return err
	})
	if !errors.Is(err, context.Canceled) {
		s.Errorf("View gave %v", err)
	}
	s.noSetting("a")
	s.update(put("a", "2"))
}

func fiftyWriters(s *suite) {
	s.update(createUser(person(s, "00u1", "0", "")))
	for i, err := range race(50, func(i int) error {
		return s.store.Update(s.Context(), func(ctx context.Context, tx *org.Tx) error {
			if taken, err := tx.Users.Taken(ctx, fmt.Sprint("new", i)); err != nil || taken {
				return fmt.Errorf("taken: %v, %w", taken, err)
			}
			if err := tx.Users.Create(ctx, person(s, "00unew"+strconv.Itoa(i), fmt.Sprint("new", i), "")); err != nil {
				return err
			}
			return tx.Events.Append(ctx, org.Event{UUID: strconv.Itoa(i), Type: "user.lifecycle.create"})
		})
	}) {
		if err != nil {
			s.Errorf("writer %d: %v", i, err)
		}
	}
	s.view(func(ctx context.Context, tx *org.Tx) error {
		all, err := Everybody(ctx, tx)
		equal(s, "users", len(all), 51)
		return err
	})
}

// keepsOthersChange: a sign-in that notes its time must not undo a suspension
// that came between its reading and its writing.
func keepsOthersChange(s *suite) {
	s.update(createUser(person(s, "00u1", "ada", "")))
	change := func(ctx context.Context, tx *org.Tx, by func(*org.User)) error {
		u, err := tx.Users.Get(ctx, "00u1")
		if err != nil {
			return err
		}
		by(u)
		return tx.Users.Update(ctx, u)
	}
	suspended := make(chan error, 1)
	suspend := sync.OnceFunc(func() {
		go func() {
			suspended <- s.store.Update(s.Context(), func(ctx context.Context, tx *org.Tx) error {
				return change(ctx, tx, func(u *org.User) { u.Status = org.StatusSuspended })
			})
		}()
		// Where writers take turns it comes after this transaction.
		select {
		case err := <-suspended:
			suspended <- err
		case <-time.After(300 * time.Millisecond):
		}
	})
	err := s.store.Update(s.Context(), func(ctx context.Context, tx *org.Tx) error {
		return change(ctx, tx, func(u *org.User) {
			suspend()
			u.LastLogin = moment(7)
		})
	})
	if err != nil {
		s.Fatal(err)
	}
	if err := <-suspended; err != nil {
		s.Fatal(err)
	}
	s.view(func(ctx context.Context, tx *org.Tx) error {
		u, err := tx.Users.Get(ctx, "00u1")
		if err == nil {
			equal(s, "status", u.Status, org.StatusSuspended)
			equal(s, "last login", u.LastLogin, stored(7))
		}
		return err
	})
}

func viewsCannotWrite(s *suite) {
	for name, write := range map[string]work{
		"settings": put("a", "1"),
		"users":    createUser(person(s, "00u1", "ada", "")),
		"hooks":    func(ctx context.Context, tx *org.Tx) error { return tx.Hooks.Delete(ctx, "cal1") },
	} {
		err := s.store.View(s.Context(), write)
		if err == nil || errors.Is(err, org.ErrNotFound) || fault.As(err) != nil { // a mistake of ours, not a busy database
			s.Errorf("%s: writing in a view gave %v", name, err)
		}
	}
	s.noSetting("a")
}

func closing(s *suite) {
	if err := s.store.Ping(s.Context()); err != nil {
		s.Errorf("ping: %v", err)
	}
	if err := s.store.Close(); err != nil {
		s.Errorf("close: %v", err)
	}
	if err := s.store.Ping(s.Context()); err == nil {
		s.Error("a closed store answers")
	}
	if err := s.store.Update(s.Context(), put("a", "1")); err == nil {
		s.Error("a closed store writes")
	}
}
