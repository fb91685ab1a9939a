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

// TypePassword is the type of the policies that say which passwords people have.
const TypePassword = "PASSWORD"

// ensurePasswordPolicy makes the default policy unless there is one. It is a step
// of its own, since orgs were set up before there were password policies.
func (s *Service) ensurePasswordPolicy(ctx context.Context, by By) error {
	return s.Change(ctx, func(ctx context.Context, tx *org.Tx) error {
		all, err := tx.PasswordPolicies.List(ctx)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(all, func(p *org.PasswordPolicy) bool { return p.System }) {
			return edit.ErrUnchanged
		}
		everyone, err := tx.Groups.ByName(ctx, org.Everyone)
		if err != nil {
			return err
		}
		p := s.defaultPasswordPolicy(everyone.ID)
		if err := tx.PasswordPolicies.Create(ctx, p); err != nil {
			return edit.MadeMeanwhile(err)
		}
		return tx.Events.Append(ctx, s.Event(eventlog.PolicyCreated, by, eventlog.PasswordPolicyTarget(p)))
	})
}

// defaultPasswordPolicy is the system policy, in the words of a recorded one. Its
// name must contain "Default", by which Terraform finds it.
func (s *Service) defaultPasswordPolicy(everyoneID string) *org.PasswordPolicy {
	now := s.Time()
	return &org.PasswordPolicy{
		ID: id.New(id.PasswordPolicy), Name: "Default Policy",
		Description: "The default policy applies in all situations if no other policy applies.",
		System:      true, Status: org.StatusActive, Priority: 1, GroupIDs: []string{everyoneID}, Provider: org.ProviderOkta,
		Settings: org.DefaultPasswordSettings(),
		Rules: []org.PasswordRule{{
			ID: id.New(id.PasswordRule), Name: "Default Rule", System: true, Status: org.StatusActive, Priority: 1,
			Change: org.ActionAllow, Reset: org.ActionAllow, Unlock: org.ActionDeny,
			Created: now, LastUpdated: now,
		}},
		Created: now, LastUpdated: now,
	}
}

// PasswordPolicies lists the password policies by priority, the default one last.
func (s *Service) PasswordPolicies(ctx context.Context) (list []*org.PasswordPolicy, err error) {
	err = s.Store.View(ctx, func(ctx context.Context, tx *org.Tx) (err error) {
		list, err = tx.PasswordPolicies.List(ctx)
		return err
	})
	return list, err
}

// PasswordPolicy gives one password policy.
func (s *Service) PasswordPolicy(ctx context.Context, policyID string) (*org.PasswordPolicy, error) {
	return edit.View(ctx, &s.Editor, policyID, policyResource, func(ctx context.Context, tx *org.Tx) (*org.PasswordPolicy, error) {
		return tx.PasswordPolicies.Get(ctx, policyID)
	})
}

// CreatePasswordPolicy makes a policy, which counts at once. Without a priority it
// comes behind the others, and in front of the default one.
func (s *Service) CreatePasswordPolicy(ctx context.Context, by By, in PasswordPolicyInput) (p *org.PasswordPolicy, err error) {
	if in.Status == "" {
		in.Status = org.StatusActive
	}
	settings, found := in.check()
	found.OneOf("status", in.Status, org.StatusActive, org.StatusInactive)
	if err := found.Fault(policyObject); err != nil {
		return nil, err
	}
	err = s.Change(ctx, func(ctx context.Context, tx *org.Tx) (err error) {
		now := s.Time()
		p = &org.PasswordPolicy{
			ID: id.New(id.PasswordPolicy), Name: in.Name, Description: in.Description, Status: in.Status, Priority: maxPolicies + 1,
			Provider: in.Provider, Settings: settings, Rules: []org.PasswordRule{}, Created: now, LastUpdated: now,
		}
		if p.GroupIDs, err = in.groups(ctx, tx); err != nil {
			return err
		}
		if err := tx.PasswordPolicies.Create(ctx, p); err != nil {
			return nameTaken(err)
		}
		if err := checkPasswordGroups(ctx, tx, p.GroupIDs); err != nil {
			return err
		}
		if err := arrangePasswordPolicies(ctx, tx, p, in.Priority); err != nil {
			return err
		}
		return tx.Events.Append(ctx, s.Event(eventlog.PolicyCreated, by, eventlog.PasswordPolicyTarget(p)))
	})
	if err != nil {
		return nil, err
	}
	return p, nil
}

// groups are those that an input names, or else Everyone.
func (in *PasswordPolicyInput) groups(ctx context.Context, tx *org.Tx) ([]string, error) {
	if in.GroupIDs != nil {
		return in.GroupIDs, nil
	}
	everyone, err := tx.Groups.ByName(ctx, org.Everyone)
	if err != nil {
		return nil, err
	}
	return []string{everyone.ID}, nil
}

// checkPasswordGroups looks for the groups of a policy that was just written: none
// of them can go away before the commit.
func checkPasswordGroups(ctx context.Context, tx *org.Tx, groupIDs []string) error {
	var found edit.Problems
	if err := missingGroups(ctx, tx, groupIDs, "conditions.people.groups.include", &found); err != nil {
		return err
	}
	return found.Fault(policyObject)
}

// missingGroups adds a problem for each group that there is not.
func missingGroups(ctx context.Context, tx *org.Tx, groupIDs []string, property string, found *edit.Problems) error {
	for i, groupID := range groupIDs {
		_, err := tx.Groups.Get(ctx, groupID)
		if err != nil && !errors.Is(err, org.ErrNotFound) {
			return err
		}
		found.AddUnless(err == nil, fmt.Sprintf("%s[%d]", property, i), "no such group")
	}
	return nil
}

// arrangePasswordPolicies moves a policy to a priority (0 leaves it where it is)
// and numbers all of them from 1 on, the default one last. It comes after the
// first write of a transaction, so that no other adds or removes one.
func arrangePasswordPolicies(ctx context.Context, tx *org.Tx, moved *org.PasswordPolicy, priority int) error {
	all, err := tx.PasswordPolicies.List(ctx)
	if err != nil {
		return err
	}
	if len(all) > maxPolicies {
		return fault.Field(policyObject, "", fmt.Sprintf("An organization can have %d password policies.", maxPolicies))
	}
	all = arrange(all, func(p *org.PasswordPolicy) place { return place{p.ID, p.System} }, moved.ID, priority)
	for i, p := range all {
		if p.ID == moved.ID {
			moved.Priority = i + 1
		}
		if p.Priority == i+1 {
			continue
		}
		p.Priority = i + 1
		if err := tx.PasswordPolicies.Update(ctx, p); err != nil {
			return err
		}
	}
	return nil
}

// place is what decides where a policy or a rule comes.
type place struct {
	id     string
	system bool
}

// arrange moves one of a list to a priority, counted from 1, or to the end where
// the list is shorter; 0 leaves it where it is. Those of the system are the last,
// whatever is asked.
func arrange[T any](list []T, of func(T) place, movedID string, priority int) []T {
	ours := slices.DeleteFunc(slices.Clone(list), func(v T) bool { return of(v).system })
	systems := slices.DeleteFunc(slices.Clone(list), func(v T) bool { return !of(v).system })
	if i := slices.IndexFunc(ours, func(v T) bool { return of(v).id == movedID }); i >= 0 && priority > 0 {
		moved := ours[i]
		ours = slices.Delete(ours, i, i+1)
		ours = slices.Insert(ours, min(priority-1, len(ours)), moved)
	}
	return append(ours, systems...)
}

// ReplacePasswordPolicy changes what a client can change of a policy. Its status
// and its rules stay; of the default one also its name and whom it is for, and it
// stays the last.
func (s *Service) ReplacePasswordPolicy(ctx context.Context, by By, policyID string, in PasswordPolicyInput) (*org.PasswordPolicy, error) {
	settings, found := in.check()
	if err := found.Fault(policyObject); err != nil {
		return nil, err
	}
	return s.changePasswordPolicy(ctx, by, policyID, eventlog.PolicyUpdated, in.Priority, func(ctx context.Context, tx *org.Tx, p *org.PasswordPolicy) (err error) {
		p.Description, p.Settings = in.Description, settings
		switch {
		case !p.System:
			p.Name, p.Provider = in.Name, in.Provider
			p.GroupIDs, err = in.groups(ctx, tx)
			return err
		case in.Name != p.Name:
			return fault.Field(policyObject, "name", "the name of the default policy cannot be changed") // Terraform finds it by its name
		case in.Priority != 0 && in.Priority != p.Priority:
			return fault.New(fault.FixedPriority, "")
		}
		return nil
	})
}

// ActivatePasswordPolicy makes a policy active; one that is already stays as it is.
func (s *Service) ActivatePasswordPolicy(ctx context.Context, by By, policyID string) error {
	_, err := s.changePasswordPolicy(ctx, by, policyID, eventlog.PolicyActivated, 0, func(_ context.Context, _ *org.Tx, p *org.PasswordPolicy) error {
		p.Status = org.StatusActive
		return nil
	})
	return err
}

// DeactivatePasswordPolicy makes a policy inactive, but for the default one: it
// counts for nobody.
func (s *Service) DeactivatePasswordPolicy(ctx context.Context, by By, policyID string) error {
	_, err := s.changePasswordPolicy(ctx, by, policyID, eventlog.PolicyDeactivated, 0, func(_ context.Context, _ *org.Tx, p *org.PasswordPolicy) error {
		if p.System {
			return fault.New(fault.Forbidden, "")
		}
		p.Status = org.StatusInactive
		return nil
	})
	return err
}

// changePasswordPolicy changes a policy that exists, and moves it to a priority
// unless that is 0. A change that changes nothing is neither written nor told of.
func (s *Service) changePasswordPolicy(ctx context.Context, by By, policyID string, t eventlog.Type, priority int, set func(context.Context, *org.Tx, *org.PasswordPolicy) error) (p *org.PasswordPolicy, err error) {
	err = s.Change(ctx, func(ctx context.Context, tx *org.Tx) (err error) {
		if p, err = tx.PasswordPolicies.Get(ctx, policyID); err != nil {
			return edit.Missing(err, policyID, policyResource)
		}
		old := p.Clone()
		if err := edit.Expected(ctx, old.Revision()); err != nil {
			return err
		}
		if err := set(ctx, tx, p); err != nil {
			return err
		}
		if reflect.DeepEqual(p, old) && (priority == 0 || priority == p.Priority) {
			return edit.ErrUnchanged
		}
		p.LastUpdated = s.Advance(old.LastUpdated)
		if err := tx.PasswordPolicies.Update(ctx, p); err != nil {
			return nameTaken(err)
		}
		if !slices.Equal(p.GroupIDs, old.GroupIDs) {
			if err := checkPasswordGroups(ctx, tx, p.GroupIDs); err != nil {
				return err
			}
		}
		if err := arrangePasswordPolicies(ctx, tx, p, priority); err != nil {
			return err
		}
		return tx.Events.Append(ctx, s.Event(t, by, eventlog.PasswordPolicyTarget(p)))
	})
	if err != nil {
		return nil, err
	}
	return p, nil
}

// DeletePasswordPolicy removes a policy with its rules, but for the default one.
func (s *Service) DeletePasswordPolicy(ctx context.Context, by By, policyID string) error {
	return s.Change(ctx, func(ctx context.Context, tx *org.Tx) error {
		p, err := tx.PasswordPolicies.Get(ctx, policyID)
		if err != nil {
			return edit.Missing(err, policyID, policyResource)
		}
		if p.System {
			return fault.New(fault.Forbidden, "")
		}
		if err := edit.Expected(ctx, p.Revision()); err != nil {
			return err
		}
		if err := tx.PasswordPolicies.Delete(ctx, policyID); err != nil {
			return err
		}
		if err := arrangePasswordPolicies(ctx, tx, p, 0); err != nil {
			return err
		}
		return tx.Events.Append(ctx, s.Event(eventlog.PolicyDeleted, by, eventlog.PasswordPolicyTarget(p)))
	})
}
