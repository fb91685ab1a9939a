package sqlstore

import (
	"context"
	"time"

	"github.com/usher-id/usher/internal/org"
)

type userTokens struct{ *tx }

const (
	userTokenColumns = "hash, user_id, purpose, created, expires"

	insertUserToken    = "INSERT INTO user_tokens (" + userTokenColumns + ") VALUES ($1, $2, $3, $4, $5)"
	userTokenByHash    = "SELECT " + userTokenColumns + " FROM user_tokens WHERE hash = $1"
	deleteUserToken    = "DELETE FROM user_tokens WHERE hash = $1"
	deleteUserTokensOf = "DELETE FROM user_tokens WHERE user_id = $1"
	pruneUserTokens    = "DELETE FROM user_tokens WHERE expires < $1"
)

func (r userTokens) Create(_ context.Context, t *org.UserToken) error {
	return r.hold(insertUserToken, t.Hash, t.UserID, t.Purpose, t.Created, t.Expires)
}

func scanUserToken(r row) (*org.UserToken, error) {
	var t org.UserToken
	return &t, r.Scan(&t.Hash, &t.UserID, &t.Purpose, at(&t.Created), at(&t.Expires))
}

func (r userTokens) ByHash(ctx context.Context, hash string) (*org.UserToken, error) {
	if _, err := r.send(ctx); err != nil {
		return nil, err
	}
	return one(ctx, r.tx, scanUserToken, userTokenByHash, hash)
}

func (r userTokens) Take(ctx context.Context, hash string) (*org.UserToken, error) {
	t, err := r.ByHash(ctx, hash)
	if err != nil {
		return nil, err
	}
	return t, r.change(ctx, nil, deleteUserToken, hash)
}

func (r userTokens) DeleteOfUser(_ context.Context, userID string) error {
	return r.hold(deleteUserTokensOf, userID)
}

func (r userTokens) Prune(ctx context.Context, before time.Time) (int64, error) {
	return r.exec(ctx, pruneUserTokens, before)
}
