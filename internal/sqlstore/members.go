package sqlstore

import (
	"context"
	"time"

	"github.com/usher-id/usher/internal/org"
)

type members struct{ *tx }

const (
	addMember = `INSERT INTO group_members (group_id, user_id, added) VALUES ($1, $2, $3)
		ON CONFLICT (user_id, group_id) DO NOTHING`
	removeMember = "DELETE FROM group_members WHERE group_id = $1 AND user_id = $2"
	noteRemoval  = "UPDATE user_groups SET last_membership_updated = $2 WHERE id = $1 AND last_membership_updated < $2"
	isMember     = "SELECT COUNT(*) FROM group_members WHERE group_id = $1 AND user_id = $2"
	groupsOf     = "SELECT " + groupColumns + ` FROM user_groups
		WHERE id IN (SELECT group_id FROM group_members WHERE user_id = $1) ORDER BY name`
	usersIn = "SELECT " + userColumns + ` FROM group_members JOIN users ON users.id = user_id
		WHERE group_id = $1 AND user_id > $2 ORDER BY user_id LIMIT $3`
)

func (r members) Add(_ context.Context, groupID, userID string, at time.Time) error {
	return r.hold(addMember, groupID, userID, at)
}

func (r members) Remove(ctx context.Context, groupID, userID string, at time.Time) error {
	if err := r.change(ctx, nil, removeMember, groupID, userID); err != nil {
		return err
	}
	return r.hold(noteRemoval, groupID, at)
}

func (r members) Has(ctx context.Context, groupID, userID string) (bool, error) {
	if _, err := r.send(ctx); err != nil {
		return false, err
	}
	n, err := one(ctx, r.tx, single[int], isMember, groupID, userID)
	return n > 0, err
}

func (r members) Groups(ctx context.Context, userID string) ([]*org.Group, error) {
	if _, err := r.send(ctx); err != nil {
		return nil, err
	}
	return list(ctx, r.tx, scanGroup, groupsOf, userID)
}

func (r members) Users(ctx context.Context, groupID, after string, limit int) ([]*org.User, error) {
	if _, err := r.send(ctx); err != nil {
		return nil, err
	}
	return list(ctx, r.tx, scanUser, usersIn, groupID, after, limit)
}
