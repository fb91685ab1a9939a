package sqlstore

import (
	"context"

	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/profile"
)

type groups struct{ *tx }

const (
	// Who comes is noted with the membership, who leaves with the group.
	groupColumns = `id, name, description, built_in, created, last_updated, last_membership_updated,
		COALESCE((SELECT MAX(added) FROM group_members WHERE group_id = user_groups.id), 0)`

	insertGroup = `INSERT INTO user_groups
		(id, name, description, built_in, created, last_updated, last_membership_updated, name_key)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (name) DO NOTHING`
	updateGroup = "UPDATE user_groups SET name = $2, description = $3, last_updated = $4, name_key = $5 WHERE id = $1"
	deleteGroup = "DELETE FROM user_groups WHERE id = $1"
	groupByID   = "SELECT " + groupColumns + " FROM user_groups WHERE id = $1"
	groupByName = "SELECT " + groupColumns + " FROM user_groups WHERE name = $1"
	groupsAfter = "SELECT " + groupColumns + " FROM user_groups WHERE id > $1 ORDER BY id LIMIT $2"
	groupsNamed = "SELECT " + groupColumns + ` FROM user_groups
		WHERE name_key >= $3 AND name_key < $4 AND id > $1 ORDER BY id LIMIT $2`
)

func (r groups) Create(ctx context.Context, g *org.Group) error {
	return r.insert(ctx, org.ErrNameTaken, insertGroup, g.ID, g.Name, g.Description, g.BuiltIn, g.Created, g.LastUpdated,
		g.LastMembershipUpdated, profile.FoldLogin(g.Name))
}

func (r groups) Update(ctx context.Context, g *org.Group) error {
	return r.change(ctx, org.ErrNameTaken, updateGroup, g.ID, g.Name, g.Description, g.LastUpdated, profile.FoldLogin(g.Name))
}

func (r groups) Delete(ctx context.Context, id string) error {
	if err := r.changeConfig(ctx); err != nil {
		return err
	}
	return r.change(ctx, nil, deleteGroup, id)
}

func scanGroup(r row) (*org.Group, error) {
	var g, joined org.Group
	err := r.Scan(&g.ID, &g.Name, &g.Description, &g.BuiltIn, at(&g.Created), at(&g.LastUpdated),
		at(&g.LastMembershipUpdated), at(&joined.LastMembershipUpdated))
	if joined.LastMembershipUpdated.After(g.LastMembershipUpdated) {
		g.LastMembershipUpdated = joined.LastMembershipUpdated
	}
	return &g, err
}

func (r groups) Get(ctx context.Context, id string) (*org.Group, error) {
	return one(ctx, r.tx, scanGroup, groupByID, id)
}

func (r groups) ByName(ctx context.Context, name string) (*org.Group, error) {
	return one(ctx, r.tx, scanGroup, groupByName, name)
}

func (r groups) List(ctx context.Context, q org.GroupQuery) ([]*org.Group, error) {
	if q.Prefix == "" {
		return list(ctx, r.tx, scanGroup, groupsAfter, q.After, q.Limit)
	}
	from := profile.FoldLogin(q.Prefix)
	const last = "\U0010FFFF" // the last character there is
	return list(ctx, r.tx, scanGroup, groupsNamed, q.After, q.Limit, from, from+last)
}
