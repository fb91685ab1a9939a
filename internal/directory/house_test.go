package directory_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/usher-id/usher/internal/admin"
	"github.com/usher-id/usher/internal/directory"
	"github.com/usher-id/usher/internal/edit"
	"github.com/usher-id/usher/internal/eventlog"
	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/id"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/profile"
	"github.com/usher-id/usher/internal/secretbox"
	"github.com/usher-id/usher/internal/sqlstore"
	"github.com/usher-id/usher/internal/storetest"
)

// house is a directory with an org that is set up.
type house struct {
	*testing.T
	*directory.Service
	by    directory.By
	setUp int // events of it
}

// inHouse runs a test on each database, in a new org. Every transaction runs
// twice, as a store may do, and the first run is lost.
func inHouse(t *testing.T, test func(*house)) {
	t.Helper()
	t.Parallel()
	for _, e := range storetest.Engines() {
		t.Run(e.Name, func(t *testing.T) {
			t.Parallel()
			test(newHouse(t, e.Open(t)))
		})
	}
}

// openStore opens a new database.
func openStore(t *testing.T, url string) org.Store {
	t.Helper()
	options := sqlstore.Options{URL: url, Keys: secretbox.Ephemeral()}
	if _, err := sqlstore.Migrate(t.Context(), options); err != nil {
		t.Fatal(err)
	}
	store, err := sqlstore.Open(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	return store
}

func newHouse(t *testing.T, url string) *house {
	t.Helper()
	// Noon, and a millisecond later at every look.
	clock := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	var mu sync.Mutex
	now := func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		clock = clock.Add(time.Millisecond)
		return clock
	}
	editor := edit.Editor{Store: twice{openStore(t, url)}, Now: now}
	h := &house{
		T: t, Service: &directory.Service{Editor: editor},
		by: directory.By{RequestID: "req1", IP: "192.0.2.7", Actor: eventlog.System()},
	}
	if _, err := (&admin.Service{Editor: editor}).SetUp(t.Context(), h.by); err != nil {
		t.Fatal(err)
	}
	h.setUp = len(h.events())
	return h
}

// twice is a store that runs every write twice, as PostgreSQL may ask for.
type twice struct{ org.Store }

func (s twice) Update(ctx context.Context, write func(context.Context, *org.Tx) error) error {
	errLost := errors.New("this run is lost")
	err := s.Store.Update(ctx, func(ctx context.Context, tx *org.Tx) error {
		if err := write(ctx, tx); err != nil {
			return err
		}
		return errLost
	})
	if !errors.Is(err, errLost) {
		return err
	}
	return s.Store.Update(ctx, write)
}

func (h *house) write(work func(context.Context, *org.Tx) error) {
	h.Helper()
	if err := h.Store.Update(h.Context(), work); err != nil {
		h.Fatal(err)
	}
}

func (h *house) read(work func(context.Context, *org.Tx) error) {
	h.Helper()
	if err := h.Store.View(h.Context(), work); err != nil {
		h.Fatal(err)
	}
}

// person makes an active user, in Everyone.
func (h *house) person(login string) *org.User {
	h.Helper()
	now := h.Time()
	u := &org.User{ID: id.New(id.User), Status: org.StatusActive, Profile: profile.Profile{}.Set(profile.Login, login), Created: now, LastUpdated: now}
	u.Account.PasswordHook = true
	everyone := h.everyone()
	h.write(func(ctx context.Context, tx *org.Tx) error {
		if err := tx.Users.Create(ctx, u); err != nil {
			return err
		}
		return tx.Members.Add(ctx, everyone.ID, u.ID, now)
	})
	return u
}

// events are the types of the events so far, each with the id of its first target.
func (h *house) events() (list []string) {
	h.Helper()
	h.read(func(ctx context.Context, tx *org.Tx) error {
		list = nil
		return tx.Events.Scan(ctx, org.EventRange{}, func(e org.Event) bool {
			if e.Transaction != "req1" || e.Client.IP != "192.0.2.7" {
				h.Errorf("event %+v does not tell who did it", e)
			}
			line := e.Type
			if len(e.Targets) > 0 {
				line += " " + e.Targets[0].ID
			}
			list = append(list, line)
			return true
		})
	})
	return list
}

func (h *house) wantEvents(want ...string) {
	h.Helper()
	if got := h.events()[h.setUp:]; !slices.Equal(got, want) {
		h.Errorf("events are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// refused checks that an error is a fault of a kind with these causes.
func refused(t *testing.T, err error, kind fault.Kind, causes ...string) {
	t.Helper()
	f := fault.As(err)
	if f == nil || f.Kind != kind {
		t.Fatalf("error is %v, want a fault of kind %d", err, kind)
	}
	var got []string
	for _, c := range f.Causes {
		got = append(got, c.Field+": "+c.Text)
	}
	if !slices.Equal(got, causes) {
		t.Errorf("causes are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(causes, "\n"))
	}
}

// atOnce runs n things at once and gives their errors.
func atOnce(n int, run func(i int) error) []error {
	errs := make([]error, n)
	start := make(chan struct{})
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			<-start
			errs[i] = run(i)
		})
	}
	close(start)
	all.Wait()
	return errs
}
