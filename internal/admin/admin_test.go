package admin_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/usher-id/usher/hook"
	"github.com/usher-id/usher/internal/admin"
	"github.com/usher-id/usher/internal/edit"
	"github.com/usher-id/usher/internal/eventlog"
	"github.com/usher-id/usher/internal/extension"
	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/hookcall"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/safedial"
	"github.com/usher-id/usher/internal/secretbox"
	"github.com/usher-id/usher/internal/sqlstore"
	"github.com/usher-id/usher/internal/storetest"
)

// office is a Service with an org that is set up, and what tests look at.
type office struct {
	*testing.T
	*admin.Service
	by     admin.By
	answer hookcall.Result // of the service that a Preview calls
	called []hookcall.Request
}

// onEngines runs a test on each database, in a new org. Every transaction runs
// twice, as a store may do, and the first run is lost.
func onEngines(t *testing.T, test func(*office)) {
	t.Helper()
	t.Parallel()
	for _, e := range storetest.Engines() {
		t.Run(e.Name, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t, twice{openStore(t, e.Open(t))})
			if _, err := o.SetUp(t.Context(), o.by); err != nil {
				t.Fatal(err)
			}
			test(o)
		})
	}
}

func openStore(t *testing.T, url string) *sqlstore.Store {
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

func newOffice(t *testing.T, store org.Store) *office {
	t.Helper()
	urls, err := safedial.NewPolicy(safedial.Config{AllowHosts: []safedial.HostPort{{Host: "hook", Port: 3000}}, AllowHTTP: true})
	if err != nil {
		t.Fatal(err)
	}
	o := &office{T: t, by: admin.By{RequestID: "req1", IP: "192.0.2.7", Actor: eventlog.System()}}
	// Noon, and a millisecond later at every look.
	clock := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	var mu sync.Mutex
	now := func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		clock = clock.Add(time.Millisecond)
		return clock
	}
	o.Service = &admin.Service{Editor: edit.Editor{Store: store, Now: now}, URLs: urls, Sender: extension.NewRunner(o), Caller: o}
	return o
}

// Call is the service that a Preview calls.
func (o *office) Call(ctx context.Context, r hookcall.Request) hookcall.Result {
	if ctx.Err() != nil {
		return hookcall.Result{Failure: hookcall.Timeout, Detail: "the call was given up"}
	}
	o.called = append(o.called, r)
	return o.answer
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

// input is a hook that breaks no rule.
func input(name string) admin.HookInput {
	secret := "hush hush"
	return admin.HookInput{
		Name: name, Type: hook.TypeRegistration, Version: "1.0.0",
		Channel: admin.ChannelInput{
			Type: "HTTP", Version: "1.0.0", URI: "https://hooks.example.com/registration?code=1", Method: "POST",
			Headers: []org.Header{{Key: "X-Two", Value: "2"}, {Key: "x-one", Value: "1"}},
			Auth:    &admin.AuthInput{Type: "HEADER", Key: "authorization", Value: &secret},
		},
	}
}

// hook makes a hook.
func (o *office) hook(name string) *org.InlineHook {
	o.Helper()
	h, err := o.CreateHook(o.Context(), o.by, input(name))
	if err != nil {
		o.Fatal(err)
	}
	return h
}

// attach puts a hook into the default policy.
func (o *office) attach(hookID string) *org.Policy {
	o.Helper()
	p, err := o.DefaultPolicy(o.Context())
	if err != nil {
		o.Fatal(err)
	}
	p.Rule.HookID = hookID
	if p, err = o.PutRule(o.Context(), o.by, p.ID, p.Rule); err != nil {
		o.Fatal(err)
	}
	return p
}

// events are the types of the events so far but for those of the set-up, each
// with the id of its first target.
func (o *office) events() []string {
	o.Helper()
	var list []string
	err := o.Store.View(o.Context(), func(ctx context.Context, tx *org.Tx) error {
		list = nil
		return tx.Events.Scan(ctx, org.EventRange{}, func(e org.Event) bool {
			if e.Transaction != "req1" || e.Client.IP != "192.0.2.7" || e.Outcome.Result != org.Success {
				o.Errorf("event %+v does not tell who did it", e)
			}
			list = append(list, strings.TrimSpace(e.Type+" "+first(e.Targets).ID))
			return true
		})
	})
	if err != nil {
		o.Fatal(err)
	}
	const ofSetUp = 3
	return list[ofSetUp:]
}

func first(targets []org.Target) org.Target {
	if len(targets) == 0 {
		return org.Target{}
	}
	return targets[0]
}

func (o *office) wantEvents(want ...string) {
	o.Helper()
	if got := o.events(); !slices.Equal(got, want) {
		o.Errorf("events are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
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
