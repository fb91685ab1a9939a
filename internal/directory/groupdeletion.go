package directory

import (
	"context"
	"slices"

	"github.com/usher-id/usher/internal/edit"
	"github.com/usher-id/usher/internal/eventlog"
	"github.com/usher-id/usher/internal/org"
)

// DeleteGroup removes a group, and takes it out of what names it: enrollment
// policies that put new users into it, password policies that are for it, apps
// that are assigned to it. Terraform destroys a group and what names it side by
// side, in either order.
func (s *Service) DeleteGroup(ctx context.Context, by By, groupID string) error {
	err := s.Change(ctx, func(ctx context.Context, tx *org.Tx) error {
		g, err := tx.Groups.Get(ctx, groupID)
		if err != nil {
			return err
		}
		if err := edit.Expected(ctx, g.Revision()); err != nil {
			return err
		}
		if g.BuiltIn {
			return fixed("cannot be deleted")
		}
		d := deletion{s, by, g, nil}
		// The store takes the assignments along.
		if err := d.unassign(ctx, tx); err != nil {
			return err
		}
		if err := tx.Groups.Delete(ctx, groupID); err != nil {
			return err
		}
		// After the first write: from there on no policy can take the group up.
		if err := d.detach(ctx, tx); err != nil {
			return err
		}
		if err := d.detachPasswords(ctx, tx); err != nil {
			return err
		}
		return tx.Events.Append(ctx, append(d.events, s.Event(eventlog.GroupDeleted, by, eventlog.GroupTarget(g)))...)
	})
	return edit.Missing(err, groupID, groupResource)
}

// deletion is that of a group, with the events of what lost it.
type deletion struct {
	*Service
	by     By
	group  *org.Group
	events []org.Event
}

func (d *deletion) unassign(ctx context.Context, tx *org.Tx) error {
	const all = 1 << 30
	apps, err := tx.Apps.List(ctx, org.AppQuery{GroupID: d.group.ID, Limit: all})
	for _, a := range apps {
		d.events = append(d.events, d.Event(eventlog.AppGroupRemoved, d.by, eventlog.AppTarget(a), eventlog.GroupTarget(d.group)))
	}
	return err
}

func (d *deletion) detach(ctx context.Context, tx *org.Tx) error {
	policies, err := tx.Policies.List(ctx)
	if err != nil {
		return err
	}
	for _, p := range policies {
		if p.Rule.TargetGroupID != d.group.ID {
			continue
		}
		p.Rule.TargetGroupID = ""
		p.LastUpdated = d.Advance(p.LastUpdated)
		p.Rule.LastUpdated = p.LastUpdated
		if err := tx.Policies.Update(ctx, p); err != nil {
			return err
		}
		d.events = append(d.events, d.Event(eventlog.RuleUpdated, d.by, eventlog.RuleTarget(p), eventlog.PolicyTarget(p)))
	}
	return nil
}

func (d *deletion) detachPasswords(ctx context.Context, tx *org.Tx) error {
	policies, err := tx.PasswordPolicies.List(ctx)
	if err != nil {
		return err
	}
	for _, p := range policies {
		i := slices.Index(p.GroupIDs, d.group.ID)
		if i < 0 {
			continue
		}
		p.GroupIDs = slices.Delete(slices.Clone(p.GroupIDs), i, i+1)
		p.LastUpdated = d.Advance(p.LastUpdated)
		if err := tx.PasswordPolicies.Update(ctx, p); err != nil {
			return err
		}
		d.events = append(d.events, d.Event(eventlog.PolicyUpdated, d.by, eventlog.PasswordPolicyTarget(p)))
	}
	return nil
}
