package admin

import (
	"cmp"
	"context"
	"fmt"
	"reflect"
	"slices"

	"github.com/usher-id/usher/internal/edit"
	"github.com/usher-id/usher/internal/eventlog"
	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/id"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/profile"
)

// TypeProfileEnrollment is the type of the policies that people sign up by.
const TypeProfileEnrollment = "PROFILE_ENROLLMENT"

const (
	policyObject   = "policy" // in the summary of a validation error
	policyResource = "Policy" // in that of a missing one
	// maxPolicies is Okta's limit of profile enrollment policies.
	maxPolicies    = 500
	maxDescription = 1024
)

// PolicyInput is what a client says of a profile enrollment policy.
type PolicyInput struct {
	Type        string // must be TypeProfileEnrollment
	Name        string
	Description string
	// Status is looked at when a policy is made, "" for org.StatusActive: Terraform
	// asks for an inactive one in no other way. Later the lifecycle calls change it.
	Status string
}

// Policies lists the profile enrollment policies by priority, the default one
// last.
func (s *Service) Policies(ctx context.Context) (list []*org.Policy, err error) {
	err = s.Store.View(ctx, func(ctx context.Context, tx *org.Tx) (err error) {
		list, err = tx.Policies.List(ctx)
		return err
	})
	return list, err
}

// Policy gives one profile enrollment policy.
func (s *Service) Policy(ctx context.Context, policyID string) (*org.Policy, error) {
	return edit.View(ctx, &s.Editor, policyID, policyResource, func(ctx context.Context, tx *org.Tx) (*org.Policy, error) {
		return tx.Policies.Get(ctx, policyID)
	})
}

// DefaultPolicy gives the policy by which people sign up where no other is named.
func (s *Service) DefaultPolicy(ctx context.Context) (p *org.Policy, err error) {
	err = s.Store.View(ctx, func(ctx context.Context, tx *org.Tx) (err error) {
		p, err = tx.Policies.Default(ctx)
		return err
	})
	return p, err
}

// CreatePolicy makes a policy with its one rule, by which people may sign up
// where an app has the policy.
func (s *Service) CreatePolicy(ctx context.Context, by By, in PolicyInput) (p *org.Policy, err error) {
	found := in.problems()
	if in.Status == "" {
		in.Status = org.StatusActive
	}
	found.OneOf("status", in.Status, org.StatusActive, org.StatusInactive)
	if err := found.Fault(policyObject); err != nil {
		return nil, err
	}
	err = s.Change(ctx, func(ctx context.Context, tx *org.Tx) error {
		all, err := tx.Policies.List(ctx)
		if err != nil {
			return err
		}
		if len(all) >= maxPolicies {
			return fault.Field(policyObject, "", fmt.Sprintf("An organization can have %d profile enrollment policies.", maxPolicies))
		}
		schema, err := tx.Schemas.Get(ctx)
		if err != nil {
			return err
		}
		now := s.Time()
		p = &org.Policy{
			ID: id.New(id.Policy), Source: id.New(id.Source), Name: in.Name, Description: in.Description, Status: in.Status,
			Priority: len(all), // before the default one
			Rule:     newRule(schema), Created: now, LastUpdated: now,
		}
		p.Rule.Created, p.Rule.LastUpdated = now, now
		if err := tx.Policies.Create(ctx, p); err != nil {
			return nameTaken(err)
		}
		if err := renumber(ctx, tx); err != nil {
			return err
		}
		return tx.Events.Append(ctx, s.Event(eventlog.PolicyCreated, by, eventlog.PolicyTarget(p)))
	})
	if err != nil {
		return nil, err
	}
	return p, nil
}

// newRule is the rule of a new policy as a real org made it, with the fields
// without which nobody could sign up: what Okta documents, and what else the
// schema asks of every user.
func newRule(schema *profile.Schema) org.Rule {
	rule := org.Rule{
		ID: id.New(id.Rule), Name: ruleName, Access: org.ActionAllow, UnknownUserAction: org.ActionRegister,
		EmailVerification: true, Triggers: org.Triggers{NewUser: true, ExistingUser: true}, Attributes: firstForm(),
		ProgressiveProfilingAction: org.Enabled, AllowedIdentifiers: []string{profile.Login},
	}
	for _, a := range schema.Attributes() {
		onForm := func(f org.FormAttribute) bool { return f.Name == a.Name }
		if a.Required && a.Name != profile.Login && !slices.ContainsFunc(rule.Attributes, onForm) {
			rule.Attributes = append(rule.Attributes, org.FormAttribute{Name: a.Name, Label: a.Title, Required: true})
		}
	}
	return rule
}

// ReplacePolicy changes name and description of a policy.
func (s *Service) ReplacePolicy(ctx context.Context, by By, policyID string, in PolicyInput) (*org.Policy, error) {
	found := in.problems()
	if err := found.Fault(policyObject); err != nil {
		return nil, err
	}
	return s.changePolicy(ctx, by, policyID, eventlog.PolicyUpdated, func(p *org.Policy) error {
		if p.System && in.Name != p.Name {
			return fault.Field(policyObject, "name", "the name of the default policy cannot be changed") // Terraform finds it by its name
		}
		p.Name, p.Description = in.Name, in.Description
		return nil
	})
}

func (in PolicyInput) problems() (found edit.Problems) {
	found.OneOf("type", in.Type, TypeProfileEnrollment)
	found.Add("name", edit.NameProblem(in.Name))
	found.Add("description", edit.TextProblem(in.Description, maxDescription))
	return found
}

// ActivatePolicy makes a policy active; one that is already stays as it is.
func (s *Service) ActivatePolicy(ctx context.Context, by By, policyID string) error {
	_, err := s.changePolicy(ctx, by, policyID, eventlog.PolicyActivated, func(p *org.Policy) error {
		p.Status = org.StatusActive
		return nil
	})
	return err
}

// DeactivatePolicy makes a policy inactive, but for the default one: nobody can
// sign up by it.
func (s *Service) DeactivatePolicy(ctx context.Context, by By, policyID string) error {
	_, err := s.changePolicy(ctx, by, policyID, eventlog.PolicyDeactivated, func(p *org.Policy) error {
		if p.System {
			return fault.New(fault.Forbidden, "")
		}
		p.Status = org.StatusInactive
		return nil
	})
	return err
}

// changePolicy changes a policy that exists. A change that changes nothing is
// neither written nor told of: Terraform says in a PUT what it then says by a
// lifecycle call.
func (s *Service) changePolicy(ctx context.Context, by By, policyID string, t eventlog.Type, set func(*org.Policy) error) (p *org.Policy, err error) {
	err = s.Change(ctx, func(ctx context.Context, tx *org.Tx) (err error) {
		if p, err = tx.Policies.Get(ctx, policyID); err != nil {
			return edit.Missing(err, policyID, policyResource)
		}
		old := *p
		if err := edit.Expected(ctx, old.Revision()); err != nil {
			return err
		}
		if err := set(p); err != nil {
			return err
		}
		if reflect.DeepEqual(*p, old) {
			return edit.ErrUnchanged
		}
		p.LastUpdated = s.Advance(old.LastUpdated)
		if err := tx.Policies.Update(ctx, p); err != nil {
			return nameTaken(err)
		}
		return tx.Events.Append(ctx, s.Event(t, by, eventlog.PolicyTarget(p)))
	})
	if err != nil {
		return nil, err
	}
	return p, nil
}

// DeletePolicy removes a policy with its rule, but for the default one.
func (s *Service) DeletePolicy(ctx context.Context, by By, policyID string) error {
	return s.Change(ctx, func(ctx context.Context, tx *org.Tx) error {
		p, err := tx.Policies.Get(ctx, policyID)
		if err != nil {
			return edit.Missing(err, policyID, policyResource)
		}
		if p.System {
			return fault.New(fault.Forbidden, "")
		}
		if err := edit.Expected(ctx, p.Revision()); err != nil {
			return err
		}
		if err := tx.Policies.Delete(ctx, policyID); err != nil {
			return err
		}
		if err := renumber(ctx, tx); err != nil {
			return err
		}
		return tx.Events.Append(ctx, s.Event(eventlog.PolicyDeleted, by, eventlog.PolicyTarget(p)))
	})
}

// renumber numbers the policies from 1 on, the default one last. It comes after
// the first write of a transaction, so that no other adds or removes one.
func renumber(ctx context.Context, tx *org.Tx) error {
	all, err := tx.Policies.List(ctx)
	if err != nil {
		return err
	}
	slices.SortStableFunc(all, func(p, q *org.Policy) int { return cmp.Compare(last(p), last(q)) })
	for i, p := range all {
		if p.Priority == i+1 {
			continue
		}
		p.Priority = i + 1
		if err := tx.Policies.Update(ctx, p); err != nil {
			return err
		}
	}
	return nil
}

func last(p *org.Policy) int {
	if p.System {
		return 1
	}
	return 0
}
