package admin

import (
	"context"
	"slices"

	"github.com/usher-id/usher/internal/edit"
	"github.com/usher-id/usher/internal/eventlog"
	"github.com/usher-id/usher/internal/id"
	"github.com/usher-id/usher/internal/org"
)

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
			ExcludeUsers: []string{}, Change: org.ActionAllow, Reset: org.ActionAllow, Unlock: org.ActionDeny,
			Created: now, LastUpdated: now,
		}},
		Created: now, LastUpdated: now,
	}
}
