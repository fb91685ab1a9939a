package admin_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/usher-id/usher/internal/admin"
	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/storetest"
)

// Several administrators, on several machines, at the same moment.
func TestHooksAtOnce(t *testing.T) {
	t.Parallel()
	for _, e := range storetest.Engines() {
		t.Run(e.Name, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t, openStore(t, e.Open(t)))
			if _, err := o.SetUp(t.Context(), o.by); err != nil {
				t.Fatal(err)
			}
			h := o.hook("hook")
			errs := atOnce(12, func(i int) (err error) {
				switch i % 3 {
				case 0:
					_, err = o.ActivateHook(t.Context(), o.by, h.ID)
				case 1:
					_, err = o.DeactivateHook(t.Context(), o.by, h.ID)
				default:
					_, err = o.ReplaceHook(t.Context(), o.by, h.ID, input(fmt.Sprint("hook ", i)))
				}
				return err
			})
			for _, err := range errs {
				if err != nil && !fault.Is(err, fault.Busy) {
					t.Error(err)
				}
			}
			h, err := o.Hook(t.Context(), h.ID)
			if err != nil {
				t.Fatal(err)
			}
			// One event for each version of the hook: no change was lost or told twice.
			if n := len(o.events()); int64(n) != h.Version {
				t.Errorf("%d events for version %d", n, h.Version)
			}
		})
	}
}

// between is a store that lets somebody else in before the first write of the
// rule, or of the end of the hook: the moment at which PostgreSQL has no lock yet.
type between struct {
	org.Store
	once  *sync.Once
	other func()
}

func (s between) Update(ctx context.Context, write func(context.Context, *org.Tx) error) error {
	return s.Store.Update(ctx, func(ctx context.Context, tx *org.Tx) error {
		watched := *tx
		watched.Policies, watched.Hooks = policiesBetween{tx.Policies, s}, hooksBetween{tx.Hooks, s}
		return write(ctx, &watched)
	})
}

type policiesBetween struct {
	org.Policies
	s between
}

func (r policiesBetween) Update(ctx context.Context, p *org.Policy) error {
	r.s.once.Do(r.s.other)
	return r.Policies.Update(ctx, p)
}

type hooksBetween struct {
	org.Hooks
	s between
}

func (r hooksBetween) Delete(ctx context.Context, id string) error {
	r.s.once.Do(r.s.other)
	return r.Hooks.Delete(ctx, id)
}

// A rule takes a hook up while another administrator deletes it.
func TestNoRuleNamesADeletedHook(t *testing.T) {
	onEngines(t, func(o *office) {
		o.Store = o.Store.(twice).Store
		for _, name := range []string{"the hook goes while the rule is changed", "the rule is changed while the hook goes"} {
			o.Run(name, func(t *testing.T) {
				h := o.hook(name)
				p := o.attach(h.ID)
				if _, err := o.DeactivateHook(t.Context(), o.by, h.ID); err != nil {
					t.Fatal(err)
				}
				put := func(ctx context.Context, s *admin.Service) error {
					rule := p.Rule
					rule.TargetGroupID, rule.Attributes = "", append([]org.FormAttribute{{Name: "city"}}, rule.Attributes...)
					_, err := s.PutRule(ctx, o.by, p.ID, rule)
					return err
				}
				remove := func(ctx context.Context, s *admin.Service) error { return s.DeleteHook(ctx, o.by, h.ID) }
				one, other := put, remove
				if strings.HasPrefix(name, "the rule") {
					one, other = remove, put
				}
				slow := *o.Service
				slow.Store = between{o.Store, new(sync.Once), func() {
					// On SQLite nobody gets in, and the other one has to give up.
					ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
					defer cancel()
					if err := other(ctx, o.Service); err != nil && !fault.Is(err, fault.Busy) {
						t.Error(err)
					}
				}}
				if err := one(t.Context(), &slow); err != nil && !fault.Is(err, fault.Invalid) {
					t.Error(err)
				}
				named := o.policy().Rule.HookID
				if named == "" {
					return
				}
				if _, err := o.Hook(t.Context(), named); err != nil {
					t.Errorf("the rule names a hook that is gone: %v", err)
				}
			})
		}
	})
}
