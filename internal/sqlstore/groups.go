package sqlstore

import (
	"context"

	"github.com/usher-id/usher/internal/org"
)

type groups struct{ *tx }

const (
	groupColumns = "id, name, description, built_in, created, last_updated"

	insertGroup = "INSERT INTO user_groups (" + groupColumns + ") VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (name) DO NOTHING"
	groupByID   = "SELECT " + groupColumns + " FROM user_groups WHERE id = $1"
	groupByName = "SELECT " + groupColumns + " FROM user_groups WHERE name = $1"
	addMember   = "INSERT INTO group_members (group_id, user_id) VALUES ($1, $2) ON CONFLICT (user_id, group_id) DO NOTHING"
	groupsOf    = "SELECT " + groupColumns + ` FROM user_groups
		WHERE id IN (SELECT group_id FROM group_members WHERE user_id = $1) ORDER BY name`
)

func (r groups) Create(ctx context.Context, g *org.Group) error {
	return r.insert(ctx, org.ErrNameTaken, insertGroup, g.ID, g.Name, g.Description, g.BuiltIn, g.Created, g.LastUpdated)
}

func scanGroup(r row) (*org.Group, error) {
	var g org.Group
	return &g, r.Scan(&g.ID, &g.Name, &g.Description, &g.BuiltIn, at(&g.Created), at(&g.LastUpdated))
}

func (r groups) Get(ctx context.Context, id string) (*org.Group, error) {
	return one(ctx, r.tx, scanGroup, groupByID, id)
}

func (r groups) ByName(ctx context.Context, name string) (*org.Group, error) {
	return one(ctx, r.tx, scanGroup, groupByName, name)
}

func (r groups) AddMember(_ context.Context, groupID, userID string) error {
	return r.hold(addMember, groupID, userID)
}

func (r groups) OfUser(ctx context.Context, userID string) ([]*org.Group, error) {
	if _, err := r.send(ctx); err != nil {
		return nil, err
	}
	return list(ctx, r.tx, scanGroup, groupsOf, userID)
}
