package app_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/usher-id/usher/internal/admin"
	"github.com/usher-id/usher/internal/app"
	"github.com/usher-id/usher/internal/edit"
	"github.com/usher-id/usher/internal/eventlog"
	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/profile"
	"github.com/usher-id/usher/internal/secretbox"
	"github.com/usher-id/usher/internal/sqlstore"
	"github.com/usher-id/usher/internal/storetest"
)

// shop is a Service with an org that is set up.
type shop struct {
	*testing.T
	*app.Service
	admin *admin.Service
	by    app.By
	setUp int // events of it
}

// onEngines runs a test on each database, in a new org. Every transaction runs
// twice, as a store may do, and the first run is lost.
func onEngines(t *testing.T, test func(*shop)) {
	t.Helper()
	t.Parallel()
	for _, e := range storetest.Engines() {
		t.Run(e.Name, func(t *testing.T) {
			t.Parallel()
			test(newShop(t, twice{openStore(t, e.Open(t))}))
		})
	}
}

// newOrg is a shop on SQLite.
func newOrg(t *testing.T) *shop {
	t.Helper()
	t.Parallel()
	return newShop(t, twice{openStore(t, storetest.Engines()[0].Open(t))})
}

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

func newShop(t *testing.T, store org.Store) *shop {
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
	editor := edit.Editor{Store: store, Now: now}
	s := &shop{T: t, admin: &admin.Service{Editor: editor}, by: app.By{RequestID: "req1", IP: "192.0.2.7", Actor: eventlog.System()}}
	orgID, err := s.admin.SetUp(t.Context(), s.by)
	if err != nil {
		t.Fatal(err)
	}
	s.Service = &app.Service{Editor: editor, OrgID: orgID}
	s.setUp = len(s.events())
	return s
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

// web is what is said of a web app that breaks no rule.
func web(change ...func(*app.Input)) app.Input {
	in := app.Input{Name: "oidc_client", SignOnMode: "OPENID_CONNECT", Label: "Shop"}
	o := &in.Settings.OAuth
	o.ApplicationType, o.GrantTypes, o.ResponseTypes = "web", []string{"authorization_code"}, []string{"code"}
	o.RedirectURIs = []string{"https://shop.example.com/callback"}
	for _, f := range change {
		f(&in)
	}
	return in
}

// make makes an active app.
func (s *shop) make(in app.Input) *app.Instance {
	s.Helper()
	made, err := s.Create(s.Context(), s.by, in, true)
	if err != nil {
		s.Fatal(err)
	}
	return made
}

// stored gives an app as it is stored.
func (s *shop) stored(appID string) *app.Instance {
	s.Helper()
	a, err := s.App(s.Context(), appID)
	if err != nil {
		s.Fatal(err)
	}
	return a
}

// replace replaces an app, which must go well.
func (s *shop) replace(appID string, in app.Input) *app.Instance {
	s.Helper()
	changed, err := s.Replace(s.Context(), s.by, appID, in)
	if err != nil {
		s.Fatal(err)
	}
	return changed
}

// update writes behind the back of the service.
func (s *shop) update(write func(context.Context, *org.Tx) error) {
	s.Helper()
	if err := s.Store.Update(s.Context(), write); err != nil {
		s.Fatal(err)
	}
}

// person makes a user who is in groups.
func (s *shop) person(userID string, values map[string]string, groups ...string) {
	s.Helper()
	u := &org.User{ID: userID, Status: org.StatusActive, Profile: u(userID, values)}
	s.update(func(ctx context.Context, tx *org.Tx) error {
		if err := tx.Users.Create(ctx, u); err != nil {
			return err
		}
		for _, g := range groups {
			if err := tx.Members.Add(ctx, g, userID, s.Now()); err != nil {
				return err
			}
		}
		return nil
	})
}

func u(userID string, values map[string]string) (p profile.Profile) {
	p = p.Set(profile.Login, userID+"@example.com").Set(profile.Email, "mail."+userID+"@example.com")
	for name, value := range values {
		p = p.Set(name, value)
	}
	return p
}

// group makes a group.
func (s *shop) group(groupID string) {
	s.Helper()
	s.update(func(ctx context.Context, tx *org.Tx) error {
		return tx.Groups.Create(ctx, &org.Group{ID: groupID, Name: groupID})
	})
}

// events are the types of the events since the set-up, each with the id of its
// first target.
func (s *shop) events() (list []string) {
	s.Helper()
	err := s.Store.View(s.Context(), func(ctx context.Context, tx *org.Tx) error {
		list = nil
		return tx.Events.Scan(ctx, org.EventRange{}, func(e org.Event) bool {
			target := ""
			if len(e.Targets) > 0 {
				target = e.Targets[0].ID
			}
			list = append(list, strings.TrimSpace(e.Type+" "+target))
			return true
		})
	})
	if err != nil {
		s.Fatal(err)
	}
	return list[s.setUp:]
}

func (s *shop) wantEvents(want ...string) {
	s.Helper()
	if got := s.events(); !slices.Equal(got, want) {
		s.Errorf("events are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// causes are those of a fault of a kind.
func causes(t *testing.T, err error, kind fault.Kind) (list []string) {
	t.Helper()
	f := fault.As(err)
	if f == nil || f.Kind != kind {
		t.Fatalf("error is %v, want a fault of kind %d", err, kind)
	}
	for _, c := range f.Causes {
		list = append(list, strings.TrimPrefix(c.Field+": "+c.Text, ": "))
	}
	return list
}

// refused checks that an error is a fault of a kind with these causes.
func refused(t *testing.T, err error, kind fault.Kind, want ...string) {
	t.Helper()
	if got := causes(t, err, kind); !slices.Equal(got, want) {
		t.Errorf("causes are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
