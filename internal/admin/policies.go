package admin

import (
	"context"

	"github.com/usher-id/usher/internal/edit"
	"github.com/usher-id/usher/internal/org"
)

// TypeProfileEnrollment is the type of the policies that people sign up by.
const TypeProfileEnrollment = "PROFILE_ENROLLMENT"

const policyResource = "Policy" // in the summary of a missing one

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
