package sqlstore

import (
	"context"
	"time"

	"github.com/usher-id/usher/internal/org"
)

type tokens struct{ *tx }

const (
	tokenColumns = "id, name, hash, user_id, role, created, last_updated, last_used, expires"

	insertToken = "INSERT INTO tokens (" + tokenColumns + ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
	tokenByHash = "SELECT " + tokenColumns + " FROM tokens WHERE hash = $1"
	tokenByID   = "SELECT " + tokenColumns + " FROM tokens WHERE id = $1"
	updateToken = "UPDATE tokens SET name = $2, last_updated = $3 WHERE id = $1"
	touchToken  = "UPDATE tokens SET last_used = $2 WHERE id = $1 AND last_used < $2"
	allTokens   = "SELECT " + tokenColumns + " FROM tokens ORDER BY created, id"
	tokensOf    = "SELECT " + tokenColumns + " FROM tokens WHERE user_id = $1 AND user_id <> '' ORDER BY created, id"
	deleteToken = "DELETE FROM tokens WHERE id = $1"
)

func (r tokens) Create(ctx context.Context, t *org.Token) error {
	_, err := r.exec(ctx, insertToken, t.ID, t.Name, t.Hash, t.UserID, t.Role, t.Created, t.LastUpdated, t.LastUsed, t.Expires)
	return err
}

func scanToken(r row) (*org.Token, error) {
	var t org.Token
	return &t, r.Scan(&t.ID, &t.Name, &t.Hash, &t.UserID, &t.Role, at(&t.Created), at(&t.LastUpdated), at(&t.LastUsed), at(&t.Expires))
}

func (r tokens) Get(ctx context.Context, id string) (*org.Token, error) {
	return one(ctx, r.tx, scanToken, tokenByID, id)
}

func (r tokens) ByHash(ctx context.Context, hash string) (*org.Token, error) {
	return one(ctx, r.tx, scanToken, tokenByHash, hash)
}

func (r tokens) Touch(ctx context.Context, id string, at time.Time) error {
	_, err := r.exec(ctx, touchToken, id, at)
	return err
}

func (r tokens) Update(ctx context.Context, t *org.Token) error {
	return r.change(ctx, nil, updateToken, t.ID, t.Name, t.LastUpdated)
}

func (r tokens) List(ctx context.Context, userID string) ([]*org.Token, error) {
	if userID != "" {
		return list(ctx, r.tx, scanToken, tokensOf, userID)
	}
	return list(ctx, r.tx, scanToken, allTokens)
}

func (r tokens) Delete(ctx context.Context, id string) error {
	return r.change(ctx, nil, deleteToken, id)
}
