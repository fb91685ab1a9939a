package sqlstore

import (
	"context"
	"database/sql"
	"slices"

	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/secretbox"
)

type hooks struct{ *tx }

const (
	hookColumns = `id, name, type, status, api_version, channel_type, channel_version, uri, method, headers,
		auth_key, auth_value, oauth, client_secret, created, last_updated, version`

	insertHook = "INSERT INTO hooks (" + hookColumns + `)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17) ON CONFLICT (name) DO NOTHING`
	updateHook = `UPDATE hooks SET name = $2, type = $3, status = $4, api_version = $5, channel_type = $6,
		channel_version = $7, uri = $8, method = $9, headers = $10, auth_key = $11, auth_value = $12,
		oauth = $13, client_secret = $14, created = $15, last_updated = $16, version = version + 1
		WHERE id = $1 AND version = $17`
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
	if err := r.change(ctx, org.ErrNameTaken, updateHook, values...); err != nil {
		return r.conflict(ctx, err, hookExists, h.ID)
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
	headers, key, auth, err := r.sealChannel("hooks", h.ID, h.Channel)
	if err != nil {
		return nil, err
	}
	c := h.Channel
	oauth, secret, err := r.oauthValues(h.ID, c.OAuth)
	if err != nil {
		return nil, err
	}
	return []any{
		h.ID, h.Name, h.Type, h.Status, h.APIVersion, c.Type, c.Version, c.URI, c.Method, headers,
		key, auth, oauth, secret, h.Created, h.LastUpdated, h.Version,
	}, nil
}

// oauthJSON is a hook's OAuth as the column has it, "" without one.
type oauthJSON struct {
	AuthType string `json:"authType"`
	ClientID string `json:"clientId"`
	TokenURL string `json:"tokenUrl"`
	Scope    string `json:"scope"`
	KeyID    string `json:"hookKeyId,omitempty"`
}

func (r hooks) oauthValues(hookID string, o *org.OAuth) (text jsonText, secret string, err error) {
	if o == nil {
		return "", "", nil
	}
	stored := oauthJSON{AuthType: o.AuthType, ClientID: o.ClientID, TokenURL: o.TokenURL, Scope: o.Scope}
	if o.Key != nil {
		stored.KeyID = o.Key.ID
	}
	encoded, err := encode(stored)
	if err != nil {
		return "", "", r.fail(err)
	}
	secret, err = r.seal(secretAt(hookID), o.ClientSecret.Reveal())
	return jsonText(encoded), secret, err
}

// readOAuth makes of both columns what they were made of; of the key it gives the
// id.
func (r hooks) readOAuth(hookID, text, secret string) (*org.OAuth, error) {
	if text == "" {
		return nil, nil
	}
	var stored oauthJSON
	if err := from(&stored).Scan(text); err != nil {
		return nil, err
	}
	secret, err := r.open(secretAt(hookID), secret)
	if err != nil {
		return nil, err
	}
	o := &org.OAuth{AuthType: stored.AuthType, ClientID: stored.ClientID, TokenURL: stored.TokenURL, Scope: stored.Scope}
	if secret != "" {
		o.ClientSecret = org.NewSecret(secret)
	}
	if stored.KeyID != "" {
		o.Key = &org.HookKey{ID: stored.KeyID}
	}
	return o, nil
}

// secretAt is where the client secret is.
func secretAt(hookID string) secretbox.Where {
	return secretbox.Where{Table: "hooks", Row: hookID, Column: "client_secret"}
}

func (r hooks) scan(columns row) (*org.InlineHook, error) {
	var (
		h             org.InlineHook
		key           sql.NullString
		headers, auth string
		oauth, secret string
	)
	c := &h.Channel
	err := columns.Scan(&h.ID, &h.Name, &h.Type, &h.Status, &h.APIVersion, &c.Type, &c.Version, &c.URI, &c.Method,
		&headers, &key, &auth, &oauth, &secret, at(&h.Created), at(&h.LastUpdated), &h.Version)
	if err != nil {
		return nil, err
	}
	if err := r.openChannel("hooks", h.ID, c, headers, key, auth); err != nil {
		return nil, err
	}
	c.OAuth, err = r.readOAuth(h.ID, oauth, secret)
	return &h, err
}

// all gives what the cache has.
func (r hooks) all(ctx context.Context) ([]*org.InlineHook, error) {
	return cached(ctx, r.tx, &r.store.hooks, func() ([]*org.InlineHook, error) {
		all, err := list(ctx, r.tx, r.scan, allHooks)
		if err != nil {
			return nil, err
		}
		return all, r.addKeys(ctx, all)
	})
}

// addKeys gives the hooks that sign the keys to do it with.
func (r hooks) addKeys(ctx context.Context, all []*org.InlineHook) error {
	if !slices.ContainsFunc(all, func(h *org.InlineHook) bool { return h.Channel.OAuth != nil && h.Channel.OAuth.Key != nil }) {
		return nil
	}
	keys, err := hookKeys(r).List(ctx)
	for _, k := range keys {
		for _, h := range all {
			if h.SignsWith(k.ID) {
				h.Channel.OAuth.Key = k
			}
		}
	}
	return err
}

func (r hooks) Get(ctx context.Context, id string) (*org.InlineHook, error) {
	all, err := r.all(ctx)
	return first(all, err, func(h *org.InlineHook) bool { return h.ID == id }, copyHook)
}

func (r hooks) List(ctx context.Context, hookType string) ([]*org.InlineHook, error) {
	all, err := r.all(ctx)
	return copies(all, err, func(h *org.InlineHook) bool { return hookType == "" || h.Type == hookType }, copyHook)
}

func copyHook(h *org.InlineHook) *org.InlineHook {
	c := *h
	c.Channel.Headers = slices.Clone(h.Channel.Headers)
	if h.Channel.Auth != nil {
		auth := *h.Channel.Auth
		c.Channel.Auth = &auth
	}
	if h.Channel.OAuth != nil {
		oauth := *h.Channel.OAuth
		if oauth.Key != nil {
			key := *oauth.Key
			oauth.Key = &key
		}
		c.Channel.OAuth = &oauth
	}
	return &c
}
