package sqlstore

import (
	"context"
	"slices"

	"github.com/usher-id/usher/internal/org"
)

type passwordPolicies struct{ *tx }

const (
	passwordPolicyColumns = "id, name, system, priority, status, document, created, last_updated"

	insertPasswordPolicy = "INSERT INTO password_policies (" + passwordPolicyColumns + `)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (name) DO NOTHING`
	updatePasswordPolicy = `UPDATE password_policies SET name = $2, system = $3, priority = $4, status = $5, document = $6,
		created = $7, last_updated = $8 WHERE id = $1`
	deletePasswordPolicy = "DELETE FROM password_policies WHERE id = $1"
	allPasswordPolicies  = "SELECT " + passwordPolicyColumns + " FROM password_policies ORDER BY priority, id"
)

// passwordPolicy is what the document of a policy holds.
type passwordPolicy struct {
	Description string
	GroupIDs    []string
	Provider    string
	Settings    org.PasswordSettings
	Rules       []org.PasswordRule
}

func (r passwordPolicies) Create(ctx context.Context, p *org.PasswordPolicy) error {
	if err := r.changeConfig(ctx); err != nil {
		return err
	}
	return r.insert(ctx, org.ErrNameTaken, insertPasswordPolicy, passwordPolicyValues(p)...)
}

func (r passwordPolicies) Update(ctx context.Context, p *org.PasswordPolicy) error {
	if err := r.changeConfig(ctx); err != nil {
		return err
	}
	return r.change(ctx, org.ErrNameTaken, updatePasswordPolicy, passwordPolicyValues(p)...)
}

func (r passwordPolicies) Delete(ctx context.Context, id string) error {
	if err := r.changeConfig(ctx); err != nil {
		return err
	}
	return r.change(ctx, nil, deletePasswordPolicy, id)
}

// passwordPolicyValues are what insertPasswordPolicy and updatePasswordPolicy take.
func passwordPolicyValues(p *org.PasswordPolicy) []any {
	rules := slices.Clone(p.Rules)
	for i := range rules {
		rules[i].Created, rules[i].LastUpdated = micro(rules[i].Created), micro(rules[i].LastUpdated)
	}
	d := passwordPolicy{Description: p.Description, GroupIDs: p.GroupIDs, Provider: p.Provider, Settings: p.Settings, Rules: rules}
	return []any{p.ID, p.Name, p.System, p.Priority, p.Status, document{d}, p.Created, p.LastUpdated}
}

func scanPasswordPolicy(columns row) (*org.PasswordPolicy, error) {
	var (
		p org.PasswordPolicy
		d passwordPolicy
	)
	err := columns.Scan(&p.ID, &p.Name, &p.System, &p.Priority, &p.Status, from(&d), at(&p.Created), at(&p.LastUpdated))
	p.Description, p.GroupIDs, p.Provider, p.Settings, p.Rules = d.Description, d.GroupIDs, d.Provider, d.Settings, d.Rules
	return &p, err
}

// all gives what the cache has.
func (r passwordPolicies) all(ctx context.Context) ([]*org.PasswordPolicy, error) {
	return cached(ctx, r.tx, &r.store.passwordPolicies, func() ([]*org.PasswordPolicy, error) {
		return list(ctx, r.tx, scanPasswordPolicy, allPasswordPolicies)
	})
}

func (r passwordPolicies) Get(ctx context.Context, id string) (*org.PasswordPolicy, error) {
	all, err := r.all(ctx)
	return first(all, err, func(p *org.PasswordPolicy) bool { return p.ID == id }, (*org.PasswordPolicy).Clone)
}

func (r passwordPolicies) List(ctx context.Context) ([]*org.PasswordPolicy, error) {
	all, err := r.all(ctx)
	return copies(all, err, every, (*org.PasswordPolicy).Clone)
}
