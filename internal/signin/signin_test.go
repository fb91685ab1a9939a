package signin_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/id"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/password"
	"github.com/usher-id/usher/internal/profile"
	"github.com/usher-id/usher/internal/signin"
)

func TestWithPassword(t *testing.T) {
	onEngines(t, func(s *stage) {
		s.user("00uAda", "Ada@Example.com")
		s.user("00uStrasse", "straße@example.com")
		s.user("00uNick", "nick", func(u *org.User) { u.Profile = u.Profile.Set(profile.Email, "nick@example.com") })
		for login, want := range map[string]string{
			"Ada@Example.com": "00uAda", "ada@example.com": "00uAda", " ADA@EXAMPLE.COM ": "00uAda", "ａｄａ@example.com": "00uAda",
			"STRASSE@example.com": "00uStrasse", "NICK": "00uNick",
		} {
			handle := s.in(login)
			s.who(handle, want)
			s.after(time.Second)
			if handle == s.in(login) {
				s.Error("two sessions have one handle")
			}
			if u := s.get(want); !u.LastLogin.Equal(s.now()) {
				s.Errorf("%s was last here at %v", login, u.LastLogin)
			}
		}
		if n := s.hasher.hashed.Load(); n != 0 {
			s.Errorf("%d hashes were made anew that are current", n)
		}
	})
}

// TestRefusalsAreAlike: whoever cannot be let in learns nothing from the words,
// nor from the work.
func TestRefusalsAreAlike(t *testing.T) {
	onEngines(t, func(s *stage) {
		s.user("00uAda", "ada@example.com")
		s.user("00uNick", "nick", func(u *org.User) { u.Profile = u.Profile.Set(profile.Email, "nick@example.com") })
		s.user("00uNone", "none@example.com", func(u *org.User) { u.Password = password.Hash{} })
		for _, status := range []string{org.StatusInactive, org.StatusDeprovisioned, org.StatusSuspended, ""} {
			s.user("00u"+status, status+"@example.com", func(u *org.User) { u.Status = status })
		}
		_, want := s.try("ada@example.com", "wrong")
		if f := fault.As(want); f == nil || f.Kind != fault.Unauthenticated || f.Summary != "Unable to sign in" || len(f.Causes) > 0 {
			s.Fatalf("refused with %v", want)
		}
		for _, row := range []struct{ name, login, secret string }{
			{"wrong password", "ada@example.com", "wrong"},
			{"no password given", "ada@example.com", ""},
			{"the password in other letters", "ada@example.com", strings.ToUpper(right)},
			{"nobody", "bob@example.com", right},
			{"no login given", "", right},
			{"NUL", "ada@example.com\x00", right},
			{"not UTF-8", "ada\xff@example.com", right},
			{"an address that is not the login", "nick@example.com", right},
			{"somebody without a password", "none@example.com", right},
			{"somebody without a password, none given", "none@example.com", ""},
			{"INACTIVE", "INACTIVE@example.com", right},
			{"INACTIVE, wrong password", "INACTIVE@example.com", "wrong"},
			{"DEPROVISIONED", "DEPROVISIONED@example.com", right},
			{"SUSPENDED", "SUSPENDED@example.com", right},
			{"no status", "@example.com", right},
		} {
			before := s.hasher.verified.Load() + s.hasher.dummies.Load()
			handle, err := s.try(row.login, row.secret)
			if handle != "" || err == nil || err.Error() != want.Error() || !fault.Is(err, fault.Unauthenticated) {
				s.Errorf("%s: %q, %v", row.name, handle, err)
			}
			if n := s.hasher.verified.Load() + s.hasher.dummies.Load() - before; n != 1 {
				s.Errorf("%s: the work of %d verifications", row.name, n)
			}
		}
		if n := s.hasher.dummies.Load(); n != 7 {
			s.Errorf("%d dummies, want 7: for nobody, and for who has no password", n)
		}
		s.refusalsLogged(16) // the first one, to compare with, and one for each row
	})
}

// Nobody gets in, by the right password or a session that began before, whose
// status is not ACTIVE. A lock keeps out who signs in, not who is in.
func TestOnlyTheActiveGetIn(t *testing.T) {
	onEngines(t, func(s *stage) {
		for _, status := range org.UserStatuses() {
			userID, login := "00u"+status, status+"@example.com"
			s.user(userID, login)
			handle, err := s.try(login, right)
			if err != nil {
				s.Fatal(err)
			}
			s.change(userID, func(u *org.User) { u.Status, u.StatusChanged = status, s.signin.Now() })
			_, err = s.try(login, right)
			if status == org.StatusActive || status == org.StatusLockedOut {
				s.who(handle, userID)
			} else {
				s.who(handle, "")
			}
			if (err == nil) != (status == org.StatusActive) {
				s.Errorf("%s: sign-in gives %v", status, err)
			}
		}
	})
}

// refusalsLogged wants that many events of refused sign-ins, all alike, and no
// other.
func (s *stage) refusalsLogged(n int) {
	s.Helper()
	events := s.events()
	if len(events) != n {
		s.Errorf("%d events, want %d", len(events), n)
	}
	for _, e := range events {
		if e.Type != "user.session.start" || e.Outcome != (org.Outcome{Result: org.Failure, Reason: "INVALID_CREDENTIALS"}) ||
			e.Actor.ID != "unknown" || len(e.Targets) > 0 {
			s.Errorf("event %v", e)
		}
	}
}

// TestRefusedLoginIsCut: whatever is typed as a login, the log keeps little of it.
func TestRefusedLoginIsCut(t *testing.T) {
	onEngines(t, func(s *stage) {
		_, _ = s.try(strings.Repeat("ä", 30_000), "wrong")
		if events := s.events(); len(events) != 1 || len(events[0].Actor.AlternateID) > 100 || !utf8.ValidString(events[0].Actor.AlternateID) {
			s.Errorf("events %v", events)
		}
	})
}

// TestBusyIsAlike: a full queue for hashes tells nothing about logins either.
func TestBusyIsAlike(t *testing.T) {
	onEngines(t, func(s *stage) {
		s.user("00uAda", "ada@example.com")
		s.signin.Hasher = busyHasher{}
		for _, login := range []string{"ada@example.com", "nobody@example.com"} {
			if handle, err := s.try(login, right); handle != "" || !fault.Is(err, fault.Busy) || !errors.Is(err, password.ErrBusy) {
				s.Errorf("%s: %q, %v", login, handle, err)
			}
		}
		s.signin.Hasher = busyHasher{errors.New("internal")}
		for _, login := range []string{"ada@example.com", "nobody@example.com"} {
			if handle, err := s.try(login, right); handle != "" || err == nil || fault.As(err) != nil {
				s.Errorf("%s: %q, %v", login, handle, err)
			}
		}
	})
}

// busyHasher has no slot, or fails in another way.
type busyHasher struct{ err error }

func (b busyHasher) fails() error {
	if b.err != nil {
		return b.err
	}
	return password.ErrBusy
}

func (b busyHasher) Hash(context.Context, password.Secret) (password.Hash, error) {
	return password.Hash{}, b.fails()
}

func (b busyHasher) Verify(context.Context, password.Hash, password.Secret) (ok, rehash bool, err error) {
	return false, false, b.fails()
}

func (b busyHasher) VerifyDummy(context.Context, password.Secret) error { return b.fails() }

// TestBetweenVerifyAndStart: what changes while the hash is computed counts.
func TestBetweenVerifyAndStart(t *testing.T) {
	onEngines(t, func(s *stage) {
		for _, row := range []struct {
			name      string
			meanwhile func(login string)
			letIn     bool
		}{
			{"nothing", func(string) {}, true},
			{"deactivated", func(id string) { s.change(id, func(u *org.User) { u.Status = org.StatusInactive }) }, false},
			{"deleted", func(id string) {
				s.update(func(ctx context.Context, tx *org.Tx) error { return org.DeleteUser(ctx, tx, id) })
			}, false},
			{"another password", func(id string) {
				other, err := s.hasher.Hasher.Hash(s.Context(), password.NewSecret("another one 4107"))
				if err != nil {
					s.Fatal(err)
				}
				s.change(id, func(u *org.User) { u.Password = other })
			}, false},
			{"no password any more", func(id string) { s.change(id, func(u *org.User) { u.Password = password.Hash{} }) }, false},
			{"the hash of the same password renewed", func(id string) {
				s.change(id, func(u *org.User) { u.Password = s.hash(password.MinBcryptCost) })
			}, true},
		} {
			login := strings.ReplaceAll(row.name, " ", ".") + "@example.com"
			u := s.user(id.New(id.User), login)
			var once sync.Once
			s.hasher.afterVerify = func() { once.Do(func() { row.meanwhile(u.ID) }) }
			handle, err := s.try(login, right)
			s.hasher.afterVerify = nil
			if row.letIn != (err == nil) || row.letIn != (handle != "") || err != nil && !fault.Is(err, fault.Unauthenticated) {
				s.Errorf("%s: %q, %v", row.name, handle, err)
			}
		}
		u := s.user("00uEver", "ever@example.com")
		s.hasher.afterVerify = func() { s.change(u.ID, func(u *org.User) { u.Password = s.hash(password.MinBcryptCost) }) }
		if handle, err := s.try("ever@example.com", right); handle != "" || !fault.Is(err, fault.Unauthenticated) {
			s.Errorf("changed over and over: %q, %v", handle, err)
		}
	})
}

// TestStaleHash: a hash of other settings is made anew at the next sign-in.
func TestStaleHash(t *testing.T) {
	onEngines(t, func(s *stage) {
		stale := func(u *org.User) { u.Password = s.hash(password.MinBcryptCost + 1) }
		u := s.user("00uAda", "ada@example.com", stale)
		if _, err := s.try("ada@example.com", "wrong"); err == nil || s.get(u.ID).Password.Encoded() != u.Password.Encoded() {
			s.Error("a wrong password changed the hash")
		}
		s.hasher.fails = password.ErrBusy // it can wait
		s.in("ada@example.com")
		if s.get(u.ID).Password.Encoded() != u.Password.Encoded() {
			s.Error("a hash that failed changed the hash")
		}
		s.hasher.fails = nil
		s.in("ada@example.com")
		if got := s.get(u.ID).Password.Encoded(); !strings.HasPrefix(got, "$2a$04$") && !strings.HasPrefix(got, "$2b$04$") {
			s.Errorf("the hash is of other settings: %.7s", got)
		}
		s.in("ada@example.com") // and the new one opens

		s.user("00uBob", "bob@example.com", stale)
		var running sync.WaitGroup
		for range 8 {
			running.Go(func() {
				if _, err := s.try("bob@example.com", right); err != nil {
					s.Errorf("one of several at once: %v", err)
				}
			})
		}
		running.Wait()
	})
}

func TestEventsOfASession(t *testing.T) {
	onEngines(t, func(s *stage) {
		s.user("00uAda", "ada@example.com")
		handle := s.in("ada@example.com")
		r := signin.Request{ID: "req2", IP: "203.0.113.25", UserAgent: "other"}
		for range 2 { // the second one finds nothing to end
			if err := s.signin.SignOut(s.Context(), handle, r); err != nil {
				s.Fatal(err)
			}
		}
		events := s.events()
		if len(events) != 2 {
			s.Fatalf("events %+v", events)
		}
		for i, want := range []org.Event{
			{Type: "user.session.start", Transaction: "req1", Client: org.Client{IP: "203.0.113.24", UserAgent: "test"}},
			{Type: "user.session.end", Transaction: "req2", Client: org.Client{IP: "203.0.113.25", UserAgent: "other"}},
		} {
			e := events[i]
			if e.Type != want.Type || e.Transaction != want.Transaction || e.Client != want.Client ||
				e.Actor.ID != "00uAda" || e.Targets[0].ID != "00uAda" || e.Outcome.Result != org.Success || !e.Published.Equal(s.now()) {
				s.Errorf("event %+v", e)
			}
		}
	})
}

func TestLifeOfASession(t *testing.T) {
	onEngines(t, func(s *stage) {
		s.user("00uAda", "ada@example.com")
		s.part("it ends when nobody uses it", func(s *stage) {
			handle := s.in("ada@example.com")
			s.after(2*time.Hour - time.Second)
			s.who(handle, "00uAda")
			s.after(2*time.Hour - time.Second) // counted from the last use
			s.who(handle, "00uAda")
			s.after(2 * time.Hour)
			s.who(handle, "")
			s.who(handle, "") // asking did not revive it
		})
		s.part("it ends after twelve hours, used or not", func(s *stage) {
			handle := s.in("ada@example.com")
			for range 11 {
				s.after(time.Hour)
				s.who(handle, "00uAda")
			}
			s.after(time.Hour - time.Second)
			s.who(handle, "00uAda")
			s.after(time.Second)
			s.who(handle, "")
		})
		s.part("its use is noted once a minute", func(s *stage) {
			handle, begin := s.in("ada@example.com"), s.now()
			for _, step := range []struct {
				after time.Duration
				noted time.Duration
			}{{59 * time.Second, 0}, {time.Second, time.Minute}, {30 * time.Second, time.Minute}, {time.Hour, time.Hour + 90*time.Second}} {
				s.after(step.after)
				s.who(handle, "00uAda")
				if session, err := s.session(handle); err != nil || !session.LastUse.Equal(begin.Add(step.noted)) {
					s.Errorf("noted %v, %v; want %v", session, err, step.noted)
				}
			}
		})
		s.part("it ends with a sign-out, and only that one", func(s *stage) {
			one, other := s.in("ada@example.com"), s.in("ada@example.com")
			if err := s.signin.SignOut(s.Context(), one, signin.Request{}); err != nil {
				s.Fatal(err)
			}
			s.who(one, "")
			s.who(other, "00uAda")
		})
		s.part("it is nobody's whose status changes, until it changes back", func(s *stage) {
			handle := s.in("ada@example.com")
			s.change("00uAda", func(u *org.User) { u.Status = org.StatusSuspended })
			s.who(handle, "")
			s.change("00uAda", func(u *org.User) { u.Status = org.StatusActive })
			s.who(handle, "00uAda")
		})
		s.part("it ends with the person", func(s *stage) {
			handle := s.in("ada@example.com")
			s.update(func(ctx context.Context, tx *org.Tx) error { return org.DeleteUser(ctx, tx, "00uAda") })
			s.who(handle, "")
		})
		s.part("a handle that is none is nobody's", func(s *stage) {
			for _, handle := range []string{"", "x", id.Handle(), org.HashToken("x"), "\x00", "\xff", strings.Repeat("x", 1<<16)} {
				s.who(handle, "")
				if err := s.signin.SignOut(s.Context(), handle, signin.Request{}); err != nil {
					s.Errorf("sign-out of %.20q: %v", handle, err)
				}
			}
		})
	})
}

// TestHandleIsNowhereStored: a copy of the database signs nobody in.
func TestHandleIsNowhereStored(t *testing.T) {
	onEngines(t, func(s *stage) {
		s.user("00uAda", "ada@example.com")
		handle := s.in("ada@example.com")
		session, err := s.session(handle)
		if err != nil || session.Hash == handle || session.Hash != org.HashToken(handle) || strings.Contains(session.ID, handle) {
			s.Fatalf("session %+v, %v", session, err)
		}
		s.who(session.Hash, "") // what is stored is no handle
		path, ok := strings.CutPrefix(s.url, "sqlite:")
		if !ok {
			return
		}
		files, err := filepath.Glob(path + "*")
		if err != nil {
			s.Fatal(err)
		}
		found := false
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				s.Fatal(err)
			}
			if strings.Contains(string(text), handle) || strings.Contains(string(text), right) {
				s.Errorf("%s has the handle or the password", filepath.Base(file))
			}
			found = found || strings.Contains(string(text), session.Hash)
		}
		if !found {
			s.Error("not even the hash is in the files: they are not the database")
		}
	})
}

// TestStoreThatFails: on a full disk, people who are signed in go on; nobody gets
// in by an error.
func TestStoreThatFails(t *testing.T) {
	internal, full := errors.New("internal"), fault.New(fault.Busy, "full")
	onEngines(t, func(s *stage) {
		s.user("00uAda", "ada@example.com")
		handle := s.in("ada@example.com")
		s.after(time.Hour)
		s.signin.Store = readOnly{s.store, full}
		s.who(handle, "00uAda")
		if handle, err := s.try("ada@example.com", right); handle != "" || !fault.Is(err, fault.Busy) {
			s.Errorf("sign-in: %q, %v", handle, err)
		}
		if err := s.signin.SignOut(s.Context(), handle, signin.Request{}); !fault.Is(err, fault.Busy) {
			s.Errorf("sign-out: %v", err)
		}
		s.signin.Store = readOnly{s.store, internal}
		if u, err := s.signin.Who(s.Context(), handle); u != nil || !errors.Is(err, internal) {
			s.Errorf("who: %v, %v", u, err)
		}
		s.signin.Store = closed{s.store, internal}
		if u, err := s.signin.Who(s.Context(), handle); u != nil || !errors.Is(err, internal) {
			s.Errorf("who: %v, %v", u, err)
		}
		if handle, err := s.try("ada@example.com", right); handle != "" || !errors.Is(err, internal) {
			s.Errorf("sign-in: %q, %v", handle, err)
		}
		if _, err := s.signin.Account(s.Context(), s.get("00uAda")); !errors.Is(err, internal) {
			s.Errorf("account: %v", err)
		}
	})
}

// readOnly is a store that writes nothing.
type readOnly struct {
	org.Store
	err error
}

func (r readOnly) Update(context.Context, func(context.Context, *org.Tx) error) error { return r.err }
func (r readOnly) UpdateSoon(context.Context, func(context.Context, *org.Tx) error) error {
	return r.err
}

// closed is a store that cannot even be read.
type closed struct {
	org.Store
	err error
}

func (c closed) View(context.Context, func(context.Context, *org.Tx) error) error { return c.err }
