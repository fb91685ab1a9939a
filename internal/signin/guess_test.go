package signin_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/password"
	"github.com/usher-id/usher/internal/signin"
)

const ada = "ada@example.com"

// policy stores the only password policy of the org.
func (s *stage) policy(change func(*org.PasswordSettings)) {
	s.Helper()
	p := &org.PasswordPolicy{ID: "00pDefault", Name: "Default", System: true, Status: org.StatusActive, Settings: org.DefaultPasswordSettings()}
	change(&p.Settings)
	s.update(func(ctx context.Context, tx *org.Tx) error {
		if err := tx.PasswordPolicies.Delete(ctx, p.ID); err != nil && !errors.Is(err, org.ErrNotFound) {
			return err
		}
		return tx.PasswordPolicies.Create(ctx, p)
	})
}

// guess gives n wrong passwords and wants them refused alike.
func (s *stage) guess(n int) {
	s.Helper()
	for range n {
		s.refused("wrong", "Unable to sign in")
	}
}

// refused wants a password of ada refused in these words.
func (s *stage) refused(secret, words string) {
	s.Helper()
	handle, err := s.try(ada, secret)
	if f := fault.As(err); handle != "" || f == nil || f.Kind != fault.Unauthenticated || f.Summary != words || len(f.Causes) > 0 {
		s.Errorf("%s: %q, %v, want %q", secret, handle, err, words)
	}
}

// types are the types of the events so far, each with its reason.
func (s *stage) types() (list []string) {
	s.Helper()
	for _, e := range s.events() {
		list = append(list, e.Type+" "+e.Outcome.Reason)
	}
	return list
}

func (s *stage) last(n int, want ...string) {
	s.Helper()
	got := s.types()
	if got = got[max(0, len(got)-n):]; !slices.Equal(got, want) {
		s.Errorf("the last events are %q, want %q", got, want)
	}
}

func (s *stage) status(want string) {
	s.Helper()
	if u := s.get("00uAda"); u.Status != want {
		s.Errorf("status %s, want %s", u.Status, want)
	}
}

func TestLockout(t *testing.T) {
	onEngines(t, func(s *stage) {
		s.policy(func(p *org.PasswordSettings) { p.Lockout = org.Lockout{MaxAttempts: 3, UnlockMinutes: 15} })
		s.user("00uAda", ada)
		inBefore := s.in(ada)
		s.part("the right password forgets the wrong ones", func(s *stage) {
			for range 3 {
				s.guess(2)
				s.in(ada)
			}
			s.status(org.StatusActive)
		})
		s.part("the last wrong one locks, and nobody is told", func(s *stage) {
			s.guess(3)
			s.status(org.StatusLockedOut)
			s.last(2, "user.session.start INVALID_CREDENTIALS", "user.account.lock LOCKED_OUT")
			if u := s.get("00uAda"); !u.StatusChanged.Equal(s.now()) || !u.LastUpdated.Equal(s.now()) {
				s.Errorf("locked at %v, changed at %v", u.StatusChanged, u.LastUpdated)
			}
			s.refused(right, "Unable to sign in")
			s.last(1, "user.session.start LOCKED_OUT")
		})
		s.part("who is in stays in", func(s *stage) { s.who(inBefore, "00uAda") })
		s.part("more wrong ones do not prolong it", func(s *stage) {
			s.after(14 * time.Minute)
			s.guess(5)
			s.after(time.Minute)
			s.in(ada)
			s.status(org.StatusActive)
			s.last(2, "user.account.unlock ", "user.session.start ")
			if u := s.get("00uAda"); u.Account.FailedSignIns != 0 || !u.Account.LastFailure.IsZero() {
				s.Errorf("account %+v", u.Account)
			}
		})
		s.part("after the time a wrong one is the first again", func(s *stage) {
			s.guess(3)
			s.after(15 * time.Minute)
			s.guess(2)
			s.last(3, "user.session.start INVALID_CREDENTIALS", "user.account.unlock ", "user.session.start INVALID_CREDENTIALS")
			s.status(org.StatusActive)
			s.guess(1)
			s.status(org.StatusLockedOut)
		})
		s.part("nobody else is locked", func(s *stage) {
			s.user("00uBob", "bob@example.com")
			s.in("bob@example.com")
			_, _ = s.try("nobody@example.com", "wrong")
		})
	})
}

// Each row changes one setting of the lockout.
func TestLockoutSettings(t *testing.T) {
	onEngines(t, func(s *stage) {
		for name, row := range map[string]struct {
			set   func(*org.Lockout)
			wrong int
			wait  time.Duration
			words string // for the right password then; "" lets in
		}{
			"as they are":              {func(*org.Lockout) {}, 3, 15*time.Minute - time.Second, "Unable to sign in"},
			"one less":                 {func(*org.Lockout) {}, 2, 0, ""},
			"maxAttempts":              {func(l *org.Lockout) { l.MaxAttempts = 2 }, 2, 0, "Unable to sign in"},
			"maxAttempts 0, no limit":  {func(l *org.Lockout) { l.MaxAttempts = 0 }, 30, 0, ""},
			"autoUnlockMinutes":        {func(l *org.Lockout) { l.UnlockMinutes = 1 }, 3, time.Minute, ""},
			"autoUnlockMinutes 0":      {func(l *org.Lockout) { l.UnlockMinutes = 0 }, 3, 365 * 24 * time.Hour, "Unable to sign in"},
			"showLockoutFailures":      {func(l *org.Lockout) { l.ShowToPerson = true }, 3, 0, "Your account is locked. Please contact your administrator."},
			"showLockoutFailures, not": {func(l *org.Lockout) { l.ShowToPerson = true }, 2, 0, ""},
		} {
			s.part(name, func(s *stage) {
				s.policy(func(p *org.PasswordSettings) {
					p.Lockout = org.Lockout{MaxAttempts: 3, UnlockMinutes: 15}
					row.set(&p.Lockout)
				})
				s.user("00uAda", ada)
				s.guess(row.wrong)
				s.after(row.wait)
				if row.words == "" {
					s.in(ada)
				} else {
					s.refused(right, row.words)
				}
				s.update(func(ctx context.Context, tx *org.Tx) error { return org.DeleteUser(ctx, tx, "00uAda") })
			})
		}
		s.part("who guesses on is told, too, where it is shown", func(s *stage) {
			s.policy(func(p *org.PasswordSettings) { p.Lockout = org.Lockout{MaxAttempts: 1, ShowToPerson: true} })
			s.user("00uAda", ada)
			s.guess(1)
			s.refused("wrong", "Your account is locked. Please contact your administrator.")
		})
	})
}

// Many guesses at once are no better than one after the other: once as many wrong
// ones are counted as may be, the right one is too late.
func TestGuessesAtOnce(t *testing.T) {
	onEngines(t, func(s *stage) {
		s.policy(func(p *org.PasswordSettings) { p.Lockout = org.Lockout{MaxAttempts: 3, UnlockMinutes: 15} })
		s.user("00uAda", ada)
		s.part("the right one waits for them", func(s *stage) {
			// It is verified, and before that is written the others are counted.
			s.hasher.afterVerify = func() {
				s.hasher.afterVerify = nil
				s.guess(3)
			}
			s.refused(right, "Unable to sign in")
			s.status(org.StatusLockedOut)
		})
		s.after(15 * time.Minute)
		var running sync.WaitGroup
		var in atomic.Int32
		for range 12 {
			running.Go(func() {
				if handle, _ := s.try(ada, "wrong"); handle != "" {
					in.Add(1)
				}
			})
		}
		running.Wait()
		locks := 0
		for _, t := range s.types() {
			if t == "user.account.lock LOCKED_OUT" {
				locks++
			}
		}
		if u := s.get("00uAda"); in.Load() != 0 || u.Account.FailedSignIns != 3 || locks != 2 {
			s.Errorf("%d let in, %d counted, locked %d times", in.Load(), u.Account.FailedSignIns, locks)
		}
	})
}

// A password that cannot be used cannot be guessed, either.
func TestGuessesOfAnExpiredPassword(t *testing.T) {
	onEngines(t, func(s *stage) {
		s.policy(func(p *org.PasswordSettings) { p.Lockout = org.Lockout{MaxAttempts: 3, UnlockMinutes: 15} })
		s.user("00uAda", ada, func(u *org.User) { u.Status = org.StatusPasswordExpired })
		const expired = "Your password has expired. Please contact your administrator."
		s.refused(right, expired)
		s.guess(3)
		s.refused(right, "Unable to sign in")
		s.status(org.StatusPasswordExpired)
		s.after(15 * time.Minute)
		s.refused(right, expired)
	})
}

func TestPasswordAge(t *testing.T) {
	onEngines(t, func(s *stage) {
		changed := s.now()
		s.user("00uAda", ada, func(u *org.User) { u.PasswordChanged = changed })
		s.policy(func(p *org.PasswordSettings) { p.Age.MaxDays = 2 })
		s.after(48*time.Hour - time.Second)
		handle := s.in(ada)
		s.after(time.Second)
		s.guess(1)
		s.status(org.StatusActive) // whoever does not know it ends nothing
		const expired = "Your password has expired. Please contact your administrator."
		s.refused(right, expired)
		s.status(org.StatusPasswordExpired)
		s.last(2, "user.account.expire_password ", "user.session.start PASSWORD_EXPIRED")
		s.who(handle, "")
		s.refused(right, expired)
		if u := s.get("00uAda"); !u.LastLogin.Before(s.now()) {
			s.Error("a sign-in that was refused counts as one")
		}
	})
}

// The settings of the policy for the person's group count.
func TestPolicyOfAGroup(t *testing.T) {
	onEngines(t, func(s *stage) {
		s.user("00uAda", ada)
		s.user("00uBob", "bob@example.com")
		s.update(func(ctx context.Context, tx *org.Tx) error {
			if err := tx.Groups.Create(ctx, &org.Group{ID: "00gStaff", Name: "Staff"}); err != nil {
				return err
			}
			if err := tx.Members.Add(ctx, "00gStaff", "00uAda", time.Time{}); err != nil {
				return err
			}
			p := &org.PasswordPolicy{ID: "00pStaff", Name: "Staff", Status: org.StatusActive, Provider: org.ProviderOkta, GroupIDs: []string{"00gStaff"}}
			p.Settings = org.DefaultPasswordSettings()
			p.Settings.Lockout.MaxAttempts = 1
			return tx.PasswordPolicies.Create(ctx, p)
		})
		s.guess(1)
		s.status(org.StatusLockedOut)
		_, _ = s.try("bob@example.com", "wrong")
		s.in("bob@example.com")
	})
}

// Somebody who was imported signs in by the hash of the other system once, and by
// usher's from then on.
func TestImportedPassword(t *testing.T) {
	onEngines(t, func(s *stage) {
		for name, in := range map[string]password.Import{
			"SHA-256": {Algorithm: "SHA-256", Salt: "c29tZXNhbHQ=", SaltOrder: "PREFIX", Value: "oT8+g3cfon2qdfaBCSlESGA2JuxCD3uznprCwz+EyFI="},
			"PBKDF2":  {Algorithm: "PBKDF2", DigestAlgorithm: "SHA256_HMAC", IterationCount: 4096, Salt: "c29tZXNhbHQ=", Value: "1WbUopQ4lxQfNOQtoJiGEz00TS5d2XHjvKNOMfS4GzM="},
			"SCRYPT":  {Algorithm: "SCRYPT", WorkFactor: 1024, Salt: "c29tZXNhbHQ=", Value: "LDEtjhBnnOi9IYHFbm6fzaNCyK6YU/CdwaSnJ7w1yhc="},
		} {
			const theirs = "correct horse ✓"
			hash, err := password.ParseImport(in)
			if err != nil {
				s.Fatal(err)
			}
			login := name + "@example.com"
			u := s.user("00u"+name, login, func(u *org.User) {
				u.Password = hash
				u.Account.Provider = org.Provider{Type: org.ProviderImport, Name: org.ProviderImport}
			})
			if _, err := s.try(login, "wrong"); err == nil || s.get(u.ID).Provider().Type != org.ProviderImport {
				s.Errorf("%s: a wrong password: %v", name, err)
			}
			for range 2 {
				if handle, err := s.signin.WithPassword(s.Context(), login, password.NewSecret(theirs), signin.Request{}); handle == "" || err != nil {
					s.Errorf("%s: not let in: %v", name, err)
				}
				if u := s.get(u.ID); u.Password.Encoded()[:4] != "$2a$" || u.Provider().Type != org.ProviderOkta {
					s.Errorf("%s: the hash is %.12s…, of %v", name, u.Password.Encoded(), u.Provider())
				}
			}
		}
	})
}
