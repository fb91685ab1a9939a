package sqlstore

import (
	"context"
	"time"

	"github.com/usher-id/usher/internal/org"
)

type sessions struct{ *tx }

const (
	sessionColumns = "id, hash, user_id, created, last_use, expires"

	insertSession    = "INSERT INTO sessions (" + sessionColumns + ") VALUES ($1, $2, $3, $4, $5, $6)"
	sessionByHash    = "SELECT " + sessionColumns + " FROM sessions WHERE hash = $1"
	touchSession     = "UPDATE sessions SET last_use = $2 WHERE id = $1 AND last_use < $2"
	deleteSession    = "DELETE FROM sessions WHERE id = $1"
	deleteSessionsOf = "DELETE FROM sessions WHERE user_id = $1"
	pruneSessions    = "DELETE FROM sessions WHERE expires < $1"
)

func (r sessions) Create(_ context.Context, s *org.Session) error {
	return r.hold(insertSession, s.ID, s.Hash, s.UserID, s.Created, s.LastUse, s.Expires)
}

func scanSession(r row) (*org.Session, error) {
	var s org.Session
	return &s, r.Scan(&s.ID, &s.Hash, &s.UserID, at(&s.Created), at(&s.LastUse), at(&s.Expires))
}

func (r sessions) ByHash(ctx context.Context, hash string) (*org.Session, error) {
	if _, err := r.send(ctx); err != nil {
		return nil, err
	}
	return one(ctx, r.tx, scanSession, sessionByHash, hash)
}

func (r sessions) Touch(ctx context.Context, id string, at time.Time) error {
	_, err := r.exec(ctx, touchSession, id, at)
	return err
}

func (r sessions) Delete(ctx context.Context, id string) error {
	_, err := r.exec(ctx, deleteSession, id)
	return err
}

func (r sessions) DeleteOfUser(ctx context.Context, userID string) (int64, error) {
	return r.exec(ctx, deleteSessionsOf, userID)
}

func (r sessions) Prune(ctx context.Context, before time.Time) (int64, error) {
	return r.exec(ctx, pruneSessions, before)
}
