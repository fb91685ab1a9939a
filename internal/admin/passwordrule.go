package admin

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"

	"github.com/usher-id/usher/internal/edit"
	"github.com/usher-id/usher/internal/eventlog"
	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/id"
	"github.com/usher-id/usher/internal/org"
)

const (
	// maxPasswordRules is more than anybody needs, and little to read at each
	// sign-up.
	maxPasswordRules = 100
	// connectionAnywhere is the only place in the network that usher knows.
	connectionAnywhere = "ANYWHERE"
)

// PasswordRuleInput is what a client says of a rule of a password policy.
type PasswordRuleInput struct {
	Type                         string // TypePassword, or "" for it
	Name                         string
	Status                       string // looked at when a rule is made, "" for org.StatusActive
	Priority                     int    // 0 says nothing
	IncludeUsers, ExcludeUsers   []string
	IncludeGroups, ExcludeGroups []string
	Connection                   string // "" for ANYWHERE
	Zones                        []string
	Change, Reset, Unlock        string // org.ActionAllow or org.ActionDeny
	Requirement                  *org.ResetRequirement
}

// CreatePasswordRule adds a rule to a policy. Without a priority it comes behind
// the others.
func (s *Service) CreatePasswordRule(ctx context.Context, by By, policyID string, in PasswordRuleInput) (*org.PasswordRule, error) {
	found := in.check()
	if in.Status == "" {
		in.Status = org.StatusActive
	}
	found.OneOf("status", in.Status, org.StatusActive, org.StatusInactive)
	if err := found.Fault(ruleObject); err != nil {
		return nil, err
	}
	return s.changePasswordRules(ctx, by, policyID, eventlog.RuleCreated, func(p *org.PasswordPolicy) (string, error) {
		if len(p.Rules) >= maxPasswordRules {
			return "", fault.Field(ruleObject, "", fmt.Sprintf("A password policy can have %d rules.", maxPasswordRules))
		}
		now := s.Time()
		r := org.PasswordRule{ID: id.New(id.PasswordRule), Status: in.Status, Created: now, LastUpdated: now}
		in.apply(&r)
		p.Rules = append(p.Rules, r)
		p.Rules = arrange(p.Rules, rulePlace, r.ID, in.Priority)
		return r.ID, nil
	})
}

// ReplacePasswordRule changes what a client can change of a rule. Its status
// stays; the rule of the system is for everybody, and stays the last.
func (s *Service) ReplacePasswordRule(ctx context.Context, by By, policyID, ruleID string, in PasswordRuleInput) (*org.PasswordRule, error) {
	found := in.check()
	if err := found.Fault(ruleObject); err != nil {
		return nil, err
	}
	return s.changePasswordRule(ctx, by, policyID, ruleID, eventlog.RuleUpdated, func(p *org.PasswordPolicy, r *org.PasswordRule) error {
		if r.System {
			if in.Priority != 0 && in.Priority != r.Priority {
				return fault.New(fault.FixedPriority, "")
			}
			in.IncludeUsers, in.ExcludeUsers, in.IncludeGroups, in.ExcludeGroups = nil, nil, nil, nil
		}
		in.apply(r)
		p.Rules = arrange(p.Rules, rulePlace, ruleID, in.Priority)
		return nil
	})
}

func rulePlace(r org.PasswordRule) place { return place{r.ID, r.System} }

// ActivatePasswordRule makes a rule active; one that is already stays as it is.
func (s *Service) ActivatePasswordRule(ctx context.Context, by By, policyID, ruleID string) error {
	_, err := s.changePasswordRule(ctx, by, policyID, ruleID, eventlog.RuleActivated, func(_ *org.PasswordPolicy, r *org.PasswordRule) error {
		r.Status = org.StatusActive
		return nil
	})
	return err
}

// DeactivatePasswordRule makes a rule inactive, but for that of the system.
func (s *Service) DeactivatePasswordRule(ctx context.Context, by By, policyID, ruleID string) error {
	_, err := s.changePasswordRule(ctx, by, policyID, ruleID, eventlog.RuleDeactivated, func(_ *org.PasswordPolicy, r *org.PasswordRule) error {
		if r.System {
			return fault.New(fault.Forbidden, "")
		}
		r.Status = org.StatusInactive
		return nil
	})
	return err
}

// DeletePasswordRule removes a rule, but for that of the system.
func (s *Service) DeletePasswordRule(ctx context.Context, by By, policyID, ruleID string) error {
	_, err := s.changePasswordRule(ctx, by, policyID, ruleID, eventlog.RuleDeleted, func(p *org.PasswordPolicy, r *org.PasswordRule) error {
		if r.System {
			return fault.New(fault.Forbidden, "")
		}
		p.Rules = slices.DeleteFunc(p.Rules, func(r org.PasswordRule) bool { return r.ID == ruleID })
		return nil
	})
	return err
}

// PasswordRule gives one rule of a policy.
func (s *Service) PasswordRule(ctx context.Context, policyID, ruleID string) (*org.PasswordRule, error) {
	p, err := s.PasswordPolicy(ctx, policyID)
	if err != nil {
		return nil, err
	}
	if r := p.Rule(ruleID); r != nil {
		return r, nil
	}
	return nil, fault.Missing(ruleID, ruleResource)
}

// changePasswordRule changes one rule of a policy.
func (s *Service) changePasswordRule(ctx context.Context, by By, policyID, ruleID string, t eventlog.Type, set func(*org.PasswordPolicy, *org.PasswordRule) error) (*org.PasswordRule, error) {
	return s.changePasswordRules(ctx, by, policyID, t, func(p *org.PasswordPolicy) (string, error) {
		r := p.Rule(ruleID)
		if r == nil {
			return "", fault.Missing(ruleID, ruleResource)
		}
		if err := edit.Expected(ctx, r.Revision()); err != nil {
			return "", err
		}
		return ruleID, set(p, r)
	})
}

// changePasswordRules changes the rules of a policy, of which set names one. That
// one is given back as it is then, or as it was when it is gone.
func (s *Service) changePasswordRules(ctx context.Context, by By, policyID string, t eventlog.Type, set func(*org.PasswordPolicy) (ruleID string, err error)) (r *org.PasswordRule, err error) {
	err = s.Change(ctx, func(ctx context.Context, tx *org.Tx) error {
		p, err := tx.PasswordPolicies.Get(ctx, policyID)
		if err != nil {
			return edit.Missing(err, policyID, policyResource)
		}
		old := p.Clone()
		ruleID, err := set(p)
		if err != nil {
			return err
		}
		for i := range p.Rules {
			p.Rules[i].Priority = i + 1
		}
		if r = p.Rule(ruleID); r == nil {
			r = old.Rule(ruleID)
		}
		if reflect.DeepEqual(p, old) {
			return edit.ErrUnchanged
		}
		if had := old.Rule(ruleID); had != nil {
			r.LastUpdated = s.Advance(had.LastUpdated)
		}
		if err := checkRuleNames(p, r); err != nil {
			return err
		}
		if err := tx.PasswordPolicies.Update(ctx, p); err != nil {
			return err
		}
		if err := checkRulePeople(ctx, tx, r, old.Rule(ruleID)); err != nil {
			return err
		}
		return tx.Events.Append(ctx, s.Event(t, by, eventlog.PasswordRuleTarget(r), eventlog.PasswordPolicyTarget(p)))
	})
	if err != nil {
		return nil, err
	}
	return r, nil
}

func checkRuleNames(p *org.PasswordPolicy, r *org.PasswordRule) error {
	for _, other := range p.Rules {
		if other.ID != r.ID && other.Name == r.Name {
			return fault.Field("name", "name", edit.Taken)
		}
	}
	return nil
}

// checkRulePeople looks for the users and groups that a rule names, unless it
// named the same before: somebody who was deleted since is no reason to refuse
// what else is changed.
func checkRulePeople(ctx context.Context, tx *org.Tx, r, old *org.PasswordRule) error {
	if old == nil {
		old = new(org.PasswordRule)
	}
	var found edit.Problems
	for _, list := range []struct {
		property string
		ids, had []string
		missing  func(context.Context, *org.Tx, []string, string, *edit.Problems) error
	}{
		{"users.include", r.IncludeUsers, old.IncludeUsers, missingUsers},
		{"users.exclude", r.ExcludeUsers, old.ExcludeUsers, missingUsers},
		{"groups.include", r.IncludeGroups, old.IncludeGroups, missingGroups},
		{"groups.exclude", r.ExcludeGroups, old.ExcludeGroups, missingGroups},
	} {
		if slices.Equal(list.ids, list.had) {
			continue
		}
		if err := list.missing(ctx, tx, list.ids, "conditions.people."+list.property, &found); err != nil {
			return err
		}
	}
	return found.Fault(ruleObject)
}

// missingUsers adds a problem for each user that there is not.
func missingUsers(ctx context.Context, tx *org.Tx, userIDs []string, property string, found *edit.Problems) error {
	for i, userID := range userIDs {
		_, err := tx.Users.Get(ctx, userID)
		if err != nil && !errors.Is(err, org.ErrNotFound) {
			return err
		}
		found.AddUnless(err == nil, fmt.Sprintf("%s[%d]", property, i), "no such user")
	}
	return nil
}

// apply sets what an input says of a rule.
func (in *PasswordRuleInput) apply(r *org.PasswordRule) {
	r.Name = in.Name
	r.IncludeUsers, r.ExcludeUsers, r.IncludeGroups, r.ExcludeGroups = in.IncludeUsers, in.ExcludeUsers, in.IncludeGroups, in.ExcludeGroups
	r.Change, r.Reset, r.Unlock, r.Requirement = in.Change, in.Reset, in.Unlock, in.Requirement
}

func (in *PasswordRuleInput) check() (found edit.Problems) {
	if in.Type != "" {
		found.OneOf("type", in.Type, TypePassword)
	}
	found.Add("name", edit.NameProblem(in.Name))
	found.AddUnless(in.Priority >= 0, "priority", "must be a positive number")
	if in.Connection != "" && in.Connection != connectionAnywhere || len(in.Zones) > 0 {
		found.Add("conditions.network.connection", "must be "+connectionAnywhere+": this version knows no network zones")
	}
	for _, action := range []struct{ name, access string }{
		{"passwordChange", in.Change}, {"selfServicePasswordReset", in.Reset}, {"selfServiceUnlock", in.Unlock},
	} {
		found.OneOf("actions."+action.name+".access", action.access, org.ActionAllow, org.ActionDeny)
	}
	if in.Requirement != nil {
		checkRequirement(in.Requirement, &found)
	}
	return found
}

func checkRequirement(q *org.ResetRequirement, found *edit.Problems) {
	const property = "actions.selfServicePasswordReset.requirement."
	methods := []string{"push", "sms", "voice", "email", "otp"}
	for i, method := range q.PrimaryMethods {
		found.OneOf(fmt.Sprintf("%sprimary.methods[%d]", property, i), method, methods...)
	}
	for i, c := range q.Constraints {
		at := fmt.Sprintf("%sprimary.methodConstraints[%d].", property, i)
		found.OneOf(at+"method", c.Method, "otp")
		for j, key := range c.Authenticators {
			found.OneOf(fmt.Sprintf("%sallowedAuthenticators[%d].key", at, j), key, "google_otp")
		}
	}
	for i, method := range q.StepUpMethods {
		found.OneOf(fmt.Sprintf("%sstepUp.methods[%d]", property, i), method, "security_question")
	}
	found.OneOf(property+"accessControl", q.AccessControl, "LEGACY", "AUTH_POLICY")
}
