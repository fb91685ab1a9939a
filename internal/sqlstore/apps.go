package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/profile"
	"github.com/usher-id/usher/internal/secretbox"
)

type apps struct{ *tx }

const (
	appColumns = `id, client_id, name, label, label_key, status, policy_id, document, secrets,
		created, last_updated, version`
	readAppColumns = "id, client_id, name, label, status, COALESCE(policy_id, ''), document, secrets, created, last_updated, version"

	insertApp = "INSERT INTO apps (" + appColumns + `)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT (client_id) DO NOTHING`
	updateApp = `UPDATE apps SET client_id = $2, name = $3, label = $4, label_key = $5, status = $6, policy_id = $7,
		document = $8, secrets = $9, created = $10, last_updated = $11, version = version + 1 WHERE id = $1 AND version = $12`
	deleteApp   = "DELETE FROM apps WHERE id = $1"
	appByID     = "SELECT " + readAppColumns + " FROM apps WHERE id = $1"
	appByClient = "SELECT " + readAppColumns + " FROM apps WHERE client_id = $1"
	appExists   = "SELECT COUNT(*) FROM apps WHERE id = $1"
)

// appDocument is what is kept of an app that nobody looks for.
type appDocument struct {
	Settings org.AppSettings
	Keys     []org.ClientKey
}

func (r apps) Create(ctx context.Context, a *org.App) error {
	values, err := r.values(a)
	if err != nil {
		return err
	}
	return r.insert(ctx, org.ErrNameTaken, insertApp, values...)
}

func (r apps) Update(ctx context.Context, a *org.App) error {
	values, err := r.values(a)
	if err != nil {
		return err
	}
	if err := r.change(ctx, nil, updateApp, values...); err != nil {
		return r.conflict(ctx, err, appExists, a.ID)
	}
	r.countUp(&a.Version)
	return nil
}

func (r apps) Delete(ctx context.Context, id string) error { return r.change(ctx, nil, deleteApp, id) }

// values are what insertApp and updateApp take.
func (r apps) values(a *org.App) ([]any, error) {
	d := appDocument{Settings: a.Settings, Keys: slices.Clone(a.Keys)}
	for i := range d.Keys {
		cutTimes(&d.Keys[i].Credential)
	}
	kept := slices.Clone(a.Secrets)
	for i := range kept {
		cutTimes(&kept[i].Credential)
	}
	text, err := encode(kept)
	if err != nil {
		return nil, r.fail(err)
	}
	secrets, err := r.seal(appSecretsAt(a.ID), text)
	if err != nil {
		return nil, err
	}
	policy := sql.NullString{String: a.PolicyID, Valid: a.PolicyID != ""}
	return []any{
		a.ID, a.ClientID, a.Name, a.Label, profile.FoldLogin(a.Label), a.Status, policy, document{d}, secrets,
		a.Created, a.LastUpdated, a.Version,
	}, nil
}

func cutTimes(c *org.Credential) { c.Created, c.LastUpdated = micro(c.Created), micro(c.LastUpdated) }

func appSecretsAt(appID string) secretbox.Where {
	return secretbox.Where{Table: "apps", Row: appID, Column: "secrets"}
}

func (r apps) scan(columns row) (*org.App, error) {
	var (
		a       org.App
		d       appDocument
		secrets string
	)
	err := columns.Scan(&a.ID, &a.ClientID, &a.Name, &a.Label, &a.Status, &a.PolicyID, from(&d), &secrets,
		at(&a.Created), at(&a.LastUpdated), &a.Version)
	if err != nil {
		return nil, err
	}
	a.Settings, a.Keys = d.Settings, d.Keys
	plain, err := r.open(appSecretsAt(a.ID), secrets)
	if err != nil {
		return nil, err
	}
	return &a, from(&a.Secrets).Scan(plain)
}

func (r apps) Get(ctx context.Context, id string) (*org.App, error) {
	return one(ctx, r.tx, r.scan, appByID, id)
}

func (r apps) ByClientID(ctx context.Context, clientID string) (*org.App, error) {
	return one(ctx, r.tx, r.scan, appByClient, clientID)
}

func (r apps) List(ctx context.Context, q org.AppQuery) ([]*org.App, error) {
	query, args := appsOf(q)
	return list(ctx, r.tx, r.scan, query, args...)
}

// appsOf is the text of a query, with what is asked alone, so that the databases
// see which index serves it.
func appsOf(q org.AppQuery) (query string, args []any) {
	where := []string{"id > $1"}
	args = []any{q.After, q.Limit}
	add := func(condition string, value any) {
		args = append(args, value)
		where = append(where, strings.ReplaceAll(condition, "$n", fmt.Sprintf("$%d", len(args))))
	}
	if q.Prefix != "" {
		const begins = "substr(label_key, 1, length($n)) = $n OR substr(name, 1, length($n)) = $n"
		add("("+begins+")", profile.FoldLogin(q.Prefix))
	}
	switch {
	case q.Policy == nil:
	case *q.Policy == "":
		where = append(where, "policy_id IS NULL")
	default:
		add("policy_id = $n", *q.Policy)
	}
	if q.GroupID != "" {
		add("id IN (SELECT app_id FROM app_groups WHERE group_id = $n)", q.GroupID)
	}
	return "SELECT " + readAppColumns + " FROM apps WHERE " + strings.Join(where, " AND ") + " ORDER BY id LIMIT $2", args
}
