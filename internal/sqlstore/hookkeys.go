package sqlstore

import (
	"context"

	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/secretbox"
)

// hookKeys are a part of the configuration, since the hooks that the cache keeps
// have their keys with them.
type hookKeys struct{ *tx }

const (
	hookKeyColumns = "id, key_id, name, private_key, created, last_updated"

	insertHookKey = "INSERT INTO hook_keys (" + hookKeyColumns + ") VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (name) DO NOTHING"
	renameHookKey = "UPDATE hook_keys SET name = $2, last_updated = $3 WHERE id = $1"
	deleteHookKey = "DELETE FROM hook_keys WHERE id = $1"
	hookKeyByID   = "SELECT " + hookKeyColumns + " FROM hook_keys WHERE id = $1"
	allHookKeys   = "SELECT " + hookKeyColumns + " FROM hook_keys ORDER BY created, id"
)

func privateKeyOf(id string) secretbox.Where {
	return secretbox.Where{Table: "hook_keys", Row: id, Column: "private_key"}
}

func (r hookKeys) Create(ctx context.Context, k *org.HookKey) error {
	private, err := r.seal(privateKeyOf(k.ID), k.Private.Reveal())
	if err != nil {
		return err
	}
	if err := r.changeConfig(ctx); err != nil {
		return err
	}
	return r.insert(ctx, org.ErrNameTaken, insertHookKey, k.ID, k.KeyID, k.Name, private, k.Created, k.LastUpdated)
}

func (r hookKeys) Rename(ctx context.Context, k *org.HookKey) error {
	if err := r.changeConfig(ctx); err != nil {
		return err
	}
	return r.change(ctx, org.ErrNameTaken, renameHookKey, k.ID, k.Name, k.LastUpdated)
}

func (r hookKeys) Delete(ctx context.Context, id string) error {
	if err := r.changeConfig(ctx); err != nil {
		return err
	}
	return r.change(ctx, nil, deleteHookKey, id)
}

func (r hookKeys) Get(ctx context.Context, id string) (*org.HookKey, error) {
	return one(ctx, r.tx, r.scan, hookKeyByID, id)
}

func (r hookKeys) List(ctx context.Context) ([]*org.HookKey, error) {
	return list(ctx, r.tx, r.scan, allHookKeys)
}

func (r hookKeys) scan(columns row) (*org.HookKey, error) {
	var (
		k       org.HookKey
		private string
	)
	if err := columns.Scan(&k.ID, &k.KeyID, &k.Name, &private, at(&k.Created), at(&k.LastUpdated)); err != nil {
		return nil, err
	}
	private, err := r.open(privateKeyOf(k.ID), private)
	if err != nil {
		return nil, err
	}
	k.Private = org.NewSecret(private)
	return &k, nil
}
