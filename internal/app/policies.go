package app

import (
	"context"
	"errors"
	"time"

	"github.com/usher-id/usher/internal/edit"
	"github.com/usher-id/usher/internal/eventlog"
	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/id"
	"github.com/usher-id/usher/internal/org"
)

// AccessPolicy is how people sign in to apps. An org has one, which is the
// system's, for all of its apps: Terraform's provider looks for one that is the
// system's before it makes an app, and fails when there is none or are two.
type AccessPolicy struct {
	ID, RuleID string
	Created    time.Time // when the org was set up; it does not change since
}

// accessPolicy is the id of the org's access policy, which is nowhere stored: it
// follows from that of the org, as the id of a schema does from its user type's.
func (s *Service) accessPolicy() string { return id.Policy + s.OrgID[len(id.Org):] }

// AccessPolicy gives the org's access policy.
func (s *Service) AccessPolicy(ctx context.Context) (p AccessPolicy, err error) {
	p.ID, p.RuleID = s.accessPolicy(), id.Rule+s.OrgID[len(id.Org):]
	err = s.Store.View(ctx, func(ctx context.Context, tx *org.Tx) error {
		enrollment, err := tx.Policies.Default(ctx) // the other one of the set-up
		if err == nil {
			p.Created = enrollment.Created
		}
		return err
	})
	return p, err
}

// IsAccessPolicy tells whether an id is that of the org's access policy.
func (s *Service) IsAccessPolicy(policyID string) bool { return policyID == s.accessPolicy() }

// SetPolicy gives an app another policy in the place of the one of the same type.
func (s *Service) SetPolicy(ctx context.Context, by By, appID, policyID string) error {
	_, err := s.change(ctx, by, appID, eventlog.PolicyMapped, func(ctx context.Context, tx *org.Tx, a *org.App) ([]org.Target, error) {
		if s.IsAccessPolicy(policyID) {
			return nil, nil // every app has it
		}
		p, err := tx.Policies.Get(ctx, policyID)
		if errors.Is(err, org.ErrNotFound) {
			err = fault.Missing(policyID, "Policy")
		}
		if err != nil {
			return nil, err
		}
		a.PolicyID = policyID
		if p.System {
			a.PolicyID = ""
		}
		return []org.Target{eventlog.PolicyTarget(p)}, nil
	})
	return err
}

// OfPolicy gives a page of the apps that have a policy, with ids above after and in
// their order, and the cursor of the next page.
func (s *Service) OfPolicy(ctx context.Context, policyID, after string, limit int) (page []*Instance, next string, err error) {
	err = s.Store.View(ctx, func(ctx context.Context, tx *org.Tx) error {
		q := org.AppQuery{After: after, Limit: limit + 1}
		if !s.IsAccessPolicy(policyID) {
			p, err := tx.Policies.Get(ctx, policyID)
			if err != nil {
				return err
			}
			if q.Policy = &p.ID; p.System {
				q.Policy = new("")
			}
		}
		apps, err := tx.Apps.List(ctx, q)
		if err != nil {
			return err
		}
		page, err = s.instances(ctx, tx, apps)
		return err
	})
	page, next = cut(page, limit)
	return page, next, edit.Missing(err, policyID, "Policy")
}
