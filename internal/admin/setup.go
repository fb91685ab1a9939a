package admin

import (
	"context"
	"errors"

	"github.com/usher-id/usher/internal/edit"
	"github.com/usher-id/usher/internal/eventlog"
	"github.com/usher-id/usher/internal/id"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/profile"
)

// settingOrgID is the setting that holds the id of the org.
const settingOrgID = "org.id"

// SetUp makes what every org has: its id, the default user type, the group
// Everyone, the default policy of passwords, and that of enrollment, by which
// nobody can sign up until somebody says so. It is safe to call at every start,
// of several processes at once: one of them makes it all, and the others find it.
// The id of the org comes back.
func (s *Service) SetUp(ctx context.Context, by By) (orgID string, err error) {
	err = s.Change(ctx, func(ctx context.Context, tx *org.Tx) (err error) {
		orgID, err = tx.Settings.Get(ctx, settingOrgID)
		if err == nil {
			return s.ensureDefaultType(ctx, tx, by)
		}
		if !errors.Is(err, org.ErrNotFound) {
			return err
		}
		orgID = id.New(id.Org)
		if err := tx.Settings.Put(ctx, settingOrgID, orgID); err != nil {
			return err
		}
		if err := s.ensureDefaultType(ctx, tx, by); err != nil {
			return err
		}
		if _, err := s.ensureGroup(ctx, tx, by, org.Everyone, true); err != nil {
			return err
		}
		p := s.defaultPolicy()
		if err := tx.Policies.Create(ctx, p); err != nil {
			return edit.MadeMeanwhile(err)
		}
		return tx.Events.Append(ctx, s.Event(eventlog.PolicyCreated, by, eventlog.PolicyTarget(p)))
	})
	if err != nil {
		return "", err
	}
	if err := s.ensurePasswordPolicy(ctx, by); err != nil {
		return "", err
	}
	return orgID, nil
}

// defaultPolicy is the system policy: deny and disabled, the safe pair of Okta's
// documentation. Its name must contain "Default", by which Terraform finds it.
func (s *Service) defaultPolicy() *org.Policy {
	now := s.Time()
	return &org.Policy{
		ID: id.New(id.Policy), Source: id.New(id.Source), Name: "Default Policy", System: true,
		Status: org.StatusActive, Priority: 1, Created: now, LastUpdated: now,
		Rule: org.Rule{
			ID: id.New(id.Rule), Name: ruleName, Access: org.ActionAllow, UnknownUserAction: org.ActionDeny,
			Triggers:                   org.Triggers{NewUser: true, ExistingUser: true},
			Attributes:                 firstForm(),
			ProgressiveProfilingAction: org.Disabled, AllowedIdentifiers: []string{profile.Login},
			Created: now, LastUpdated: now,
		},
	}
}

// ruleName is what Okta calls the one rule of a policy.
const ruleName = "Catch-all Rule"

// firstForm is the form of a new policy.
func firstForm() []org.FormAttribute {
	return []org.FormAttribute{
		{Name: profile.FirstName, Label: "First name", Required: true},
		{Name: profile.LastName, Label: "Last name", Required: true},
		{Name: profile.Email, Label: "Primary email", Required: true},
	}
}

// EnsureGroup makes a group unless there is one of that name.
func (s *Service) EnsureGroup(ctx context.Context, by By, name string) (g *org.Group, err error) {
	if err := edit.CheckName(name); err != nil {
		return nil, err
	}
	err = s.Change(ctx, func(ctx context.Context, tx *org.Tx) (err error) {
		g, err = s.ensureGroup(ctx, tx, by, name, false)
		return err
	})
	return g, err
}

func (s *Service) ensureGroup(ctx context.Context, tx *org.Tx, by By, name string, builtIn bool) (*org.Group, error) {
	g, err := tx.Groups.ByName(ctx, name)
	if !errors.Is(err, org.ErrNotFound) {
		return g, err
	}
	now := s.Time()
	g = &org.Group{ID: id.New(id.Group), Name: name, BuiltIn: builtIn, Created: now, LastUpdated: now, LastMembershipUpdated: now}
	if builtIn {
		g.Description = "All users in your organization"
	}
	if err := tx.Groups.Create(ctx, g); err != nil {
		return nil, edit.MadeMeanwhile(err)
	}
	return g, tx.Events.Append(ctx, s.Event(eventlog.GroupCreated, by, eventlog.GroupTarget(g)))
}
