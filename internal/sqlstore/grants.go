package sqlstore

import (
	"context"

	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/sqldb"
)

type grants struct{ *tx }

const (
	insertGrant = "INSERT INTO role_grants (id, user_id, role, created) VALUES ($1, $2, $3, $4) ON CONFLICT (user_id, role) DO NOTHING"
	deleteGrant = "DELETE FROM role_grants WHERE id = $1"
	grantsOf    = "SELECT id, user_id, role, created FROM role_grants WHERE user_id = $1 ORDER BY created, id"
	othersWith  = `SELECT COUNT(*) FROM role_grants JOIN users ON users.id = role_grants.user_id
		WHERE role = $1 AND user_id <> $2 AND status = $3`
)

func (r grants) Create(ctx context.Context, g *org.Grant) error {
	return r.insert(ctx, org.ErrGranted, insertGrant, g.ID, g.UserID, g.Role, g.Created)
}

func (r grants) Delete(ctx context.Context, id string) error {
	return r.change(ctx, nil, deleteGrant, id)
}

func scanGrant(r row) (*org.Grant, error) {
	var g org.Grant
	return &g, r.Scan(&g.ID, &g.UserID, &g.Role, at(&g.Created))
}

func (r grants) OfUser(ctx context.Context, userID string) ([]*org.Grant, error) {
	return list(ctx, r.tx, scanGrant, grantsOf, userID)
}

// Others takes the lock on the configuration, which orders the transactions.
func (r grants) Others(ctx context.Context, role, userID string) (int, error) {
	if r.mode != sqldb.View {
		if err := r.changeConfig(ctx); err != nil {
			return 0, err
		}
	}
	return one(ctx, r.tx, single[int], othersWith, role, userID, org.StatusActive)
}
