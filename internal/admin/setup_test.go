package admin_test

import (
	"context"
	"strings"
	"testing"

	"github.com/usher-id/usher/internal/admin"
	"github.com/usher-id/usher/internal/eventlog"
	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/storetest"
)

func TestSetUp(t *testing.T) {
	onEngines(t, func(o *office) {
		before := o.policy()
		orgID, err := o.SetUp(o.Context(), o.by)
		if err != nil || !strings.HasPrefix(orgID, "00o") || len(orgID) != 20 {
			o.Errorf("the org is %q (%v)", orgID, err)
		}
		again, err := o.SetUp(o.Context(), o.by)
		if err != nil || again != orgID {
			o.Errorf("the org is %q at the next start (%v), was %q", again, err, orgID)
		}
		o.wantEvents()

		p := o.policy()
		if p.ID != before.ID || !strings.HasPrefix(p.Source, "reg") || !p.System || !strings.Contains(p.Name, "Default") {
			o.Errorf("the default policy is %+v", p)
		}
		if p.SelfServiceRegistration() {
			o.Error("anybody can sign up before somebody has said so")
		}
	})
}

// Several processes start on one new database.
func TestSetUpAtOnce(t *testing.T) {
	t.Parallel()
	for _, e := range storetest.Engines() {
		t.Run(e.Name, func(t *testing.T) {
			t.Parallel()
			const processes = 4
			url := e.Open(t)
			offices := make([]*office, processes)
			for i := range offices {
				offices[i] = newOffice(t, openStore(t, url))
			}
			orgs, groups := make([]string, processes), make([]string, processes)
			for _, err := range atOnce(processes, func(i int) (err error) {
				o := offices[i]
				if orgs[i], err = o.SetUp(t.Context(), o.by); err != nil {
					return err
				}
				g, err := o.EnsureGroup(t.Context(), o.by, "Customers")
				if err == nil {
					groups[i] = g.ID
				}
				return err
			}) {
				if err != nil {
					t.Fatal(err)
				}
			}
			for i := range processes {
				if orgs[i] != orgs[0] || groups[i] != groups[0] {
					t.Errorf("the orgs are %v, the groups %v", orgs, groups)
				}
			}
			if created := strings.Join(offices[0].events(), "\n"); created != "group.lifecycle.create "+groups[0] {
				t.Errorf("after the set-up there are the events\n%s", created)
			}
		})
	}
}

func TestEnsureGroup(t *testing.T) {
	onEngines(t, func(o *office) {
		g, err := o.EnsureGroup(o.Context(), o.by, "Customers")
		if err != nil {
			o.Fatal(err)
		}
		again, err := o.EnsureGroup(o.Context(), o.by, "Customers")
		if err != nil || again.ID != g.ID {
			o.Errorf("group is %+v (%v), want %+v", again, err, g)
		}
		everyone, err := o.EnsureGroup(o.Context(), o.by, org.Everyone)
		if err != nil || !everyone.BuiltIn {
			o.Errorf("group is %+v (%v)", everyone, err)
		}
		_, err = o.EnsureGroup(o.Context(), o.by, "")
		refused(o.T, err, fault.Invalid, "name: The field cannot be left blank")
		o.wantEvents("group.lifecycle.create " + g.ID)
	})
}

// What made the change is told by whom it was made for.
func TestEventsTellWho(t *testing.T) {
	onEngines(t, func(o *office) {
		_, token, err := o.CreateToken(o.Context(), o.by, admin.TokenInput{Name: "terraform"})
		if err != nil {
			o.Fatal(err)
		}
		o.by.Actor, o.by.UserAgent = eventlog.APIToken(token), "okta-terraform/6.12.0"
		o.hook("hook")
		var last org.Event
		err = o.Store.View(o.Context(), func(ctx context.Context, tx *org.Tx) error {
			return tx.Events.Scan(ctx, org.EventRange{Descending: true}, func(e org.Event) bool {
				last = e
				return false
			})
		})
		if err != nil || last.Actor.ID != token.ID || last.Client.UserAgent != "okta-terraform/6.12.0" || last.Severity != "INFO" {
			o.Errorf("event is %+v (%v)", last, err)
		}
	})
}
