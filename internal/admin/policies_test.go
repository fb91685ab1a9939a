package admin_test

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/usher-id/usher/internal/admin"
	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/profile"
)

func policyInput(name string) admin.PolicyInput {
	return admin.PolicyInput{Type: admin.TypeProfileEnrollment, Name: name}
}

func (o *office) createPolicy(name string) *org.Policy {
	o.Helper()
	p, err := o.CreatePolicy(o.Context(), o.by, policyInput(name))
	if err != nil {
		o.Fatal(err)
	}
	return p
}

// wantPolicies checks all policies by their priorities, which count from 1.
func (o *office) wantPolicies(names ...string) {
	o.Helper()
	all, err := o.Policies(o.Context())
	if err != nil {
		o.Fatal(err)
	}
	var got []string
	for i, p := range all {
		if got = append(got, p.Name); p.Priority != i+1 {
			o.Errorf("%s has priority %d as number %d", p.Name, p.Priority, i+1)
		}
	}
	if !slices.Equal(got, names) {
		o.Errorf("policies are %q, want %q", got, names)
	}
}

func TestPolicies(t *testing.T) {
	onEngines(t, func(o *office) {
		a, b, c := o.createPolicy("a"), o.createPolicy("b"), o.createPolicy("c")
		o.wantPolicies("a", "b", "c", "Default Policy")
		if stored, err := o.Policy(o.Context(), b.ID); err != nil || !reflect.DeepEqual(stored, b) {
			o.Errorf("stored is\n%+v, made was\n%+v (%v)", stored, b, err)
		}
		if a.Source == b.Source || a.Rule.ID == b.Rule.ID || !strings.HasPrefix(a.Source, "reg") {
			o.Errorf("policies are\n%+v\n%+v", a, b)
		}
		if err := o.DeletePolicy(o.Context(), o.by, b.ID); err != nil {
			o.Fatal(err)
		}
		o.wantPolicies("a", "c", "Default Policy")
		d := o.createPolicy("b") // the name is free again
		o.wantPolicies("a", "c", "b", "Default Policy")
		o.wantEvents("policy.lifecycle.create "+a.ID, "policy.lifecycle.create "+b.ID, "policy.lifecycle.create "+c.ID,
			"policy.lifecycle.delete "+b.ID, "policy.lifecycle.create "+d.ID)
	})
}

// A new policy is one that somebody can sign up by, whatever the schema asks.
func TestNewRuleHasWhatTheSchemaRequires(t *testing.T) {
	onEngines(t, func(o *office) {
		required := badge()
		required.Required = true
		if err := o.PutAttributes(o.Context(), o.by, required); err != nil {
			o.Fatal(err)
		}
		p := o.createPolicy("Customers")
		want := []org.FormAttribute{
			{Name: profile.FirstName, Label: "First name", Required: true}, {Name: profile.LastName, Label: "Last name", Required: true},
			{Name: profile.Email, Label: "Primary email", Required: true}, {Name: "badge", Label: "Badge", Required: true},
		}
		if !slices.Equal(p.Rule.Attributes, want) || !p.SelfServiceRegistration() {
			o.Errorf("policy is %+v", p)
		}
		if _, err := o.PutRule(o.Context(), o.by, p.ID, p.Rule); err != nil {
			o.Errorf("its own rule is refused: %v", err)
		}
	})
}

func TestPolicyRules(t *testing.T) {
	onEngines(t, func(o *office) {
		o.createPolicy("Taken")
		long := strings.Repeat("é", 256)
		for name, c := range map[string]struct {
			in     admin.PolicyInput
			causes []string
		}{
			"everything": {admin.PolicyInput{Type: "PASSWORD", Name: " ", Description: strings.Repeat("x", 1025), Status: "active"}, []string{
				"type: must be PROFILE_ENROLLMENT", "name: The field cannot be left blank",
				"description: must have at most 1024 characters", "status: must be ACTIVE or INACTIVE",
			}},
			"long name":  {policyInput(long), []string{"name: must have at most 255 characters"}},
			"taken name": {policyInput("Taken"), []string{"name: An object with this field already exists in the current organization"}},
		} {
			o.Run(name, func(t *testing.T) {
				_, err := o.CreatePolicy(t.Context(), o.by, c.in)
				refused(t, err, fault.Invalid, c.causes...)
			})
		}
		o.wantPolicies("Taken", "Default Policy")
	})
}

func TestNoMoreThan500Policies(t *testing.T) {
	onEngines(t, func(o *office) {
		err := o.Store.Update(o.Context(), func(ctx context.Context, tx *org.Tx) error {
			for i := range 498 {
				n := fmt.Sprint(i)
				p := &org.Policy{ID: "rst" + n, Source: "reg" + n, Name: "policy " + n, Status: org.StatusActive, Priority: i + 1}
				if err := tx.Policies.Create(ctx, p); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			o.Fatal(err)
		}
		o.createPolicy("the last one")
		_, err = o.CreatePolicy(o.Context(), o.by, policyInput("one too many"))
		refused(o.T, err, fault.Invalid, ": An organization can have 500 profile enrollment policies.")
	})
}

func TestPolicyLifecycle(t *testing.T) {
	onEngines(t, func(o *office) {
		p := o.createPolicy("Customers")
		for range 2 {
			if err := o.DeactivatePolicy(o.Context(), o.by, p.ID); err != nil {
				o.Fatal(err)
			}
		}
		if stored, err := o.Policy(o.Context(), p.ID); err != nil || stored.Status != org.StatusInactive || stored.SelfServiceRegistration() {
			o.Errorf("policy is %+v (%v)", stored, err)
		}
		for range 2 {
			if err := o.ActivatePolicy(o.Context(), o.by, p.ID); err != nil {
				o.Fatal(err)
			}
		}
		o.wantEvents("policy.lifecycle.create "+p.ID, "policy.lifecycle.deactivate "+p.ID, "policy.lifecycle.activate "+p.ID)

		inactive := policyInput("Partners")
		inactive.Status = org.StatusInactive
		if q, err := o.CreatePolicy(o.Context(), o.by, inactive); err != nil || q.Status != org.StatusInactive {
			o.Errorf("policy is %+v (%v)", q, err)
		}
	})
}

func TestDefaultPolicyStays(t *testing.T) {
	onEngines(t, func(o *office) {
		before := o.policy()
		refused(o.T, o.DeletePolicy(o.Context(), o.by, before.ID), fault.Forbidden)
		refused(o.T, o.DeactivatePolicy(o.Context(), o.by, before.ID), fault.Forbidden)
		_, err := o.ReplacePolicy(o.Context(), o.by, before.ID, policyInput("Customers"))
		refused(o.T, err, fault.Invalid, "name: the name of the default policy cannot be changed")
		if !reflect.DeepEqual(o.policy(), before) {
			o.Errorf("policy is %+v", o.policy())
		}
		o.wantEvents()
	})
}

// Whoever makes policies at once gets each its own place, and a name goes once.
func TestPoliciesAtOnce(t *testing.T) {
	onEngines(t, func(o *office) {
		errs := atOnce(8, func(i int) error {
			_, err := o.CreatePolicy(o.Context(), o.by, policyInput(fmt.Sprint("policy ", i/2)))
			return err
		})
		var taken int
		for _, err := range errs {
			if err != nil {
				refused(o.T, err, fault.Invalid, "name: An object with this field already exists in the current organization")
				taken++
			}
		}
		all, err := o.Policies(o.Context())
		if err != nil || len(all) != 5 || taken != 4 {
			o.Fatalf("%d policies, %d names taken (%v)", len(all), taken, err)
		}
		for i, p := range all {
			if p.Priority != i+1 || p.System != (i == 4) {
				o.Errorf("number %d is %+v", i+1, p)
			}
		}
	})
}
