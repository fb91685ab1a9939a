package sqlstore

import (
	"context"
	"slices"

	"github.com/usher-id/usher/internal/org"
)

type policies struct{ *tx }

const (
	policyColumns = "id, source, name, description, system, status, priority, rule, created, last_updated"

	insertPolicy = "INSERT INTO policies (" + policyColumns + `)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (name) DO NOTHING`
	updatePolicy = `UPDATE policies SET source = $2, name = $3, description = $4, system = $5, status = $6,
		priority = $7, rule = $8, created = $9, last_updated = $10 WHERE id = $1`
	deletePolicy = "DELETE FROM policies WHERE id = $1"
	allPolicies  = "SELECT " + policyColumns + " FROM policies ORDER BY priority, id"
)

func (r policies) Create(ctx context.Context, p *org.Policy) error {
	if err := r.changeConfig(ctx); err != nil {
		return err
	}
	return r.insert(ctx, org.ErrNameTaken, insertPolicy, policyValues(p)...)
}

func (r policies) Update(ctx context.Context, p *org.Policy) error {
	if err := r.changeConfig(ctx); err != nil {
		return err
	}
	return r.change(ctx, org.ErrNameTaken, updatePolicy, policyValues(p)...)
}

func (r policies) Delete(ctx context.Context, id string) error {
	if err := r.changeConfig(ctx); err != nil {
		return err
	}
	return r.change(ctx, nil, deletePolicy, id)
}

// policyValues are what insertPolicy and updatePolicy take.
func policyValues(p *org.Policy) []any {
	rule := p.Rule
	rule.Created, rule.LastUpdated = micro(rule.Created), micro(rule.LastUpdated)
	return []any{
		p.ID, p.Source, p.Name, p.Description, p.System, p.Status, p.Priority, document{rule}, p.Created, p.LastUpdated,
	}
}

func scanPolicy(r row) (*org.Policy, error) {
	var p org.Policy
	return &p, r.Scan(&p.ID, &p.Source, &p.Name, &p.Description, &p.System, &p.Status, &p.Priority,
		from(&p.Rule), at(&p.Created), at(&p.LastUpdated))
}

// all gives what the cache has.
func (r policies) all(ctx context.Context) ([]*org.Policy, error) {
	return cached(ctx, r.tx, &r.store.policies, func() ([]*org.Policy, error) {
		return list(ctx, r.tx, scanPolicy, allPolicies)
	})
}

func (r policies) Get(ctx context.Context, id string) (*org.Policy, error) {
	return r.find(ctx, func(p *org.Policy) bool { return p.ID == id })
}

func (r policies) Default(ctx context.Context) (*org.Policy, error) {
	return r.find(ctx, func(p *org.Policy) bool { return p.System })
}

func (r policies) find(ctx context.Context, match func(*org.Policy) bool) (*org.Policy, error) {
	all, err := r.all(ctx)
	return first(all, err, match, copyPolicy)
}

func (r policies) List(ctx context.Context) ([]*org.Policy, error) {
	all, err := r.all(ctx)
	return copies(all, err, every, copyPolicy)
}

func copyPolicy(p *org.Policy) *org.Policy {
	c := *p
	c.Rule.Attributes = slices.Clone(p.Rule.Attributes)
	c.Rule.AllowedIdentifiers = slices.Clone(p.Rule.AllowedIdentifiers)
	c.Rule.EnrollAuthenticatorTypes = slices.Clone(p.Rule.EnrollAuthenticatorTypes)
	return &c
}
