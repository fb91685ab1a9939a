package signin_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/password"
	"github.com/usher-id/usher/internal/profile"
	"github.com/usher-id/usher/internal/secretbox"
	"github.com/usher-id/usher/internal/signin"
	"github.com/usher-id/usher/internal/sqlstore"
	"github.com/usher-id/usher/internal/storetest"
)

const right = "correct horse 4107"

// stage is an org with a store, a clock that tests move, and a hasher that
// counts.
type stage struct {
	*testing.T
	url    string
	store  org.Store
	signin *signin.Service
	hasher *hasher
	*clock
}

// clock is moved by hand.
type clock struct {
	mu      sync.Mutex
	instant time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.instant
}

// after moves the clock.
func (c *clock) after(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.instant = c.instant.Add(d)
}

// onEngines runs a test on each engine.
func onEngines(t *testing.T, test func(s *stage)) {
	t.Helper()
	t.Parallel()
	for _, e := range storetest.Engines() {
		t.Run(e.Name, func(t *testing.T) {
			t.Parallel()
			test(newStage(t, e.Open(t)))
		})
	}
}

func newStage(t *testing.T, url string) *stage {
	t.Helper()
	o := sqlstore.Options{URL: url, Keys: secretbox.Ephemeral()}
	if _, err := sqlstore.Migrate(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	store, err := sqlstore.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	s := &stage{
		T: t, url: url, store: store, hasher: &hasher{Hasher: hasherOf(t, password.MinBcryptCost)},
		clock: &clock{instant: time.Date(2026, 3, 9, 8, 14, 5, 0, time.UTC)},
	}
	s.signin = &signin.Service{Store: store, Hasher: s.hasher, Now: s.now}
	return s
}

// part is a subtest on the same stage.
func (s *stage) part(name string, test func(s *stage)) {
	s.Helper()
	s.Run(name, func(t *testing.T) {
		part := *s
		part.T = t
		test(&part)
	})
}

func hasherOf(t testing.TB, cost int) *password.Hasher {
	t.Helper()
	h, err := password.NewHasher(password.Params{Algorithm: password.Bcrypt, BcryptCost: cost}, 0)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func (s *stage) update(write func(context.Context, *org.Tx) error) {
	s.Helper()
	if err := s.store.Update(s.Context(), write); err != nil {
		s.Fatal(err)
	}
}

// user stores somebody who has the right password, changed as the test needs.
func (s *stage) user(id, login string, change ...func(*org.User)) *org.User {
	s.Helper()
	u := &org.User{
		ID: id, Status: org.StatusActive, Password: s.hash(password.MinBcryptCost), Created: s.now(),
		Profile: profile.Profile{}.Set(profile.Login, login).Set(profile.Email, login),
	}
	for _, f := range change {
		f(u)
	}
	s.update(func(ctx context.Context, tx *org.Tx) error { return tx.Users.Create(ctx, u) })
	return u
}

// hash is one of the right password.
func (s *stage) hash(cost int) password.Hash {
	s.Helper()
	h, err := hasherOf(s, cost).Hash(s.Context(), password.NewSecret(right))
	if err != nil {
		s.Fatal(err)
	}
	return h
}

func (s *stage) get(id string) (u *org.User) {
	s.Helper()
	err := s.store.View(s.Context(), func(ctx context.Context, tx *org.Tx) (err error) {
		u, err = tx.Users.Get(ctx, id)
		return err
	})
	if err != nil {
		s.Fatal(err)
	}
	return u
}

// change stores a change of somebody.
func (s *stage) change(id string, change func(*org.User)) {
	s.Helper()
	s.update(func(ctx context.Context, tx *org.Tx) error {
		u, err := tx.Users.Get(ctx, id)
		if err != nil {
			return err
		}
		change(u)
		return tx.Users.Update(ctx, u)
	})
}

func (s *stage) try(login, secret string) (string, error) {
	return s.signin.WithPassword(s.Context(), login, password.NewSecret(secret), signin.Request{ID: "req1", IP: "203.0.113.24", UserAgent: "test"})
}

// in signs somebody in who must be let in.
func (s *stage) in(login string) string {
	s.Helper()
	handle, err := s.try(login, right)
	if err != nil || handle == "" {
		s.Fatalf("%s is not let in: %q, %v", login, handle, err)
	}
	return handle
}

// who expects whose session a handle is, "" for nobody's.
func (s *stage) who(handle, want string) {
	s.Helper()
	u, err := s.signin.Who(s.Context(), handle)
	if err != nil {
		s.Fatal(err)
	}
	got := ""
	if u != nil {
		got = u.ID
	}
	if got != want {
		s.Errorf("the session is of %q, want %q", got, want)
	}
}

func (s *stage) session(handle string) (session *org.Session, err error) {
	err = s.store.View(s.Context(), func(ctx context.Context, tx *org.Tx) (err error) {
		session, err = tx.Sessions.ByHash(ctx, org.HashToken(handle))
		return err
	})
	return session, err
}

func (s *stage) events() (all []org.Event) {
	s.Helper()
	err := s.store.View(s.Context(), func(ctx context.Context, tx *org.Tx) error {
		all = nil
		return tx.Events.Scan(ctx, org.EventRange{}, func(e org.Event) bool {
			all = append(all, e)
			return true
		})
	})
	if err != nil {
		s.Fatal(err)
	}
	return all
}

// hasher counts the work, and runs what a test puts behind a verification or in
// place of a hash.
type hasher struct {
	*password.Hasher
	verified, dummies, hashed atomic.Int32
	afterVerify               func()
	fails                     error
}

func (h *hasher) Verify(ctx context.Context, hash password.Hash, secret password.Secret) (ok, rehash bool, err error) {
	h.verified.Add(1)
	ok, rehash, err = h.Hasher.Verify(ctx, hash, secret)
	if h.afterVerify != nil {
		h.afterVerify()
	}
	return ok, rehash, err
}

func (h *hasher) VerifyDummy(ctx context.Context, secret password.Secret) error {
	h.dummies.Add(1)
	return h.Hasher.VerifyDummy(ctx, secret)
}

func (h *hasher) Hash(ctx context.Context, secret password.Secret) (password.Hash, error) {
	h.hashed.Add(1)
	if h.fails != nil {
		return password.Hash{}, h.fails
	}
	return h.Hasher.Hash(ctx, secret)
}
