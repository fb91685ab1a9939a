package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/secretbox"
)

type hooks struct{ *tx }

const (
	hookColumns = `id, name, type, status, api_version, channel_type, channel_version, uri, method, headers,
		auth_key, auth_value, created, last_updated, version`

	insertHook = "INSERT INTO hooks (" + hookColumns + `)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) ON CONFLICT (name) DO NOTHING`
	updateHook = `UPDATE hooks SET name = $2, type = $3, status = $4, api_version = $5, channel_type = $6,
		channel_version = $7, uri = $8, method = $9, headers = $10, auth_key = $11, auth_value = $12,
		created = $13, last_updated = $14, version = version + 1 WHERE id = $1 AND version = $15`
	deleteHook = "DELETE FROM hooks WHERE id = $1"
	allHooks   = "SELECT " + hookColumns + " FROM hooks ORDER BY created, id"
	hookExists = "SELECT COUNT(*) FROM hooks WHERE id = $1"
)

func (r hooks) Create(ctx context.Context, h *org.InlineHook) error {
	values, err := r.values(h)
	if err != nil {
		return err
	}
	if err := r.changeConfig(ctx); err != nil {
		return err
	}
	return r.insert(ctx, org.ErrNameTaken, insertHook, values...)
}

func (r hooks) Update(ctx context.Context, h *org.InlineHook) error {
	values, err := r.values(h)
	if err != nil {
		return err
	}
	if err := r.changeConfig(ctx); err != nil {
		return err
	}
	err = r.change(ctx, org.ErrNameTaken, updateHook, values...)
	if errors.Is(err, org.ErrNotFound) {
		n, err := one(ctx, r.tx, single[int], hookExists, h.ID)
		switch {
		case err != nil:
			return err
		case n > 0:
			return r.fail(org.ErrConflict)
		}
		return org.ErrNotFound
	}
	if err != nil {
		return err
	}
	r.countUp(&h.Version)
	return nil
}

// countUp counts a version up in the caller's value, until a rollback.
func (t *tx) countUp(version *int64) {
	before := *version
	t.undo = append(t.undo, func() { *version = before })
	*version++
}

func (r hooks) Delete(ctx context.Context, id string) error {
	if err := r.changeConfig(ctx); err != nil {
		return err
	}
	return r.change(ctx, nil, deleteHook, id)
}

// values are what insertHook and updateHook take.
func (r hooks) values(h *org.InlineHook) ([]any, error) {
	headers, err := r.sealHeaders(h)
	if err != nil {
		return nil, r.fail(err)
	}
	var (
		key  sql.NullString
		auth string
	)
	if a := h.Channel.Auth; a != nil {
		key = sql.NullString{String: a.Key, Valid: true}
		if auth, err = r.seal(h.ID, columnAuth, a.Value.Reveal()); err != nil {
			return nil, r.fail(err)
		}
	}
	c := h.Channel
	return []any{
		h.ID, h.Name, h.Type, h.Status, h.APIVersion, c.Type, c.Version, c.URI, c.Method, headers,
		key, auth, h.Created, h.LastUpdated, h.Version,
	}, nil
}

// The columns that are sealed: the secret header's value, and the further headers
// whole, since services take keys in them too.
const (
	columnAuth    = "auth_value"
	columnHeaders = "headers"
)

func sealedAt(hookID, column string) secretbox.Where {
	return secretbox.Where{Table: "hooks", Row: hookID, Column: column}
}

func (r hooks) seal(hookID, column, plain string) (string, error) {
	sealed, err := r.store.keys.Seal(sealedAt(hookID, column), []byte(plain))
	if err != nil {
		return "", fmt.Errorf("sqlstore: hook %s: %w", hookID, err)
	}
	return sealed, nil
}

func (r hooks) open(hookID, column, sealed string) (string, error) {
	plain, err := r.store.keys.Open(sealedAt(hookID, column), sealed)
	if err != nil {
		return "", fmt.Errorf("hook %s: %w", hookID, err)
	}
	return string(plain), nil
}

// sealHeaders refuses the same texts as any other document.
func (r hooks) sealHeaders(h *org.InlineHook) (string, error) {
	text, err := encode(h.Channel.Headers)
	if err != nil {
		return "", err
	}
	if escapesBadText(text) {
		return "", badText()
	}
	return r.seal(h.ID, columnHeaders, text)
}

func (r hooks) scan(columns row) (*org.InlineHook, error) {
	var (
		h             org.InlineHook
		key           sql.NullString
		headers, auth string
	)
	c := &h.Channel
	err := columns.Scan(&h.ID, &h.Name, &h.Type, &h.Status, &h.APIVersion, &c.Type, &c.Version, &c.URI, &c.Method,
		&headers, &key, &auth, at(&h.Created), at(&h.LastUpdated), &h.Version)
	if err != nil {
		return nil, err
	}
	if headers, err = r.open(h.ID, columnHeaders, headers); err != nil {
		return nil, err
	}
	if err := from(&c.Headers).Scan(headers); err != nil {
		return nil, err
	}
	if key.Valid {
		secret, err := r.open(h.ID, columnAuth, auth)
		if err != nil {
			return nil, err
		}
		c.Auth = &org.HeaderAuth{Key: key.String, Value: org.NewSecret(secret)}
	}
	return &h, nil
}

// all gives what the cache has.
func (r hooks) all(ctx context.Context) ([]*org.InlineHook, error) {
	return cached(ctx, r.tx, &r.store.hooks, func() ([]*org.InlineHook, error) {
		return list(ctx, r.tx, r.scan, allHooks)
	})
}

func (r hooks) Get(ctx context.Context, id string) (*org.InlineHook, error) {
	all, err := r.all(ctx)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(all, func(h *org.InlineHook) bool { return h.ID == id })
	if i < 0 {
		return nil, org.ErrNotFound
	}
	return copyHook(all[i]), nil
}

func (r hooks) List(ctx context.Context, hookType string) ([]*org.InlineHook, error) {
	all, err := r.all(ctx)
	if err != nil {
		return nil, err
	}
	copies := []*org.InlineHook{}
	for _, h := range all {
		if hookType == "" || h.Type == hookType {
			copies = append(copies, copyHook(h))
		}
	}
	return copies, nil
}

func copyHook(h *org.InlineHook) *org.InlineHook {
	c := *h
	c.Channel.Headers = slices.Clone(h.Channel.Headers)
	if h.Channel.Auth != nil {
		auth := *h.Channel.Auth
		c.Channel.Auth = &auth
	}
	return &c
}
