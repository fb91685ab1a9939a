package sqlstore

import (
	"context"

	"github.com/usher-id/usher/internal/org"
)

type appGroups struct{ *tx }

const (
	appGroupColumns = "app_id, group_id, priority, profile, last_updated"

	putAppGroup = "INSERT INTO app_groups (" + appGroupColumns + `) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (app_id, group_id) DO UPDATE SET priority = excluded.priority, profile = excluded.profile,
		last_updated = excluded.last_updated`
	appGroup       = "SELECT " + appGroupColumns + " FROM app_groups WHERE app_id = $1 AND group_id = $2"
	deleteAppGroup = "DELETE FROM app_groups WHERE app_id = $1 AND group_id = $2"
	allAppGroups   = "SELECT " + appGroupColumns + " FROM app_groups WHERE app_id = $1 AND group_id > $2 ORDER BY group_id"
	someAppGroups  = allAppGroups + " LIMIT $3"
	appGroupsOf    = "SELECT " + appGroupColumns + ` FROM app_groups WHERE app_id = $1
		AND group_id IN (SELECT group_id FROM group_members WHERE user_id = $2) ORDER BY priority, group_id`
)

func (r appGroups) Put(ctx context.Context, g *org.AppGroup) error {
	_, err := r.exec(ctx, putAppGroup, g.AppID, g.GroupID, g.Priority, document{g.Profile}, g.LastUpdated)
	return err
}

func scanAppGroup(r row) (*org.AppGroup, error) {
	var g org.AppGroup
	return &g, r.Scan(&g.AppID, &g.GroupID, &g.Priority, from(&g.Profile), at(&g.LastUpdated))
}

func (r appGroups) Get(ctx context.Context, appID, groupID string) (*org.AppGroup, error) {
	return one(ctx, r.tx, scanAppGroup, appGroup, appID, groupID)
}

func (r appGroups) Delete(ctx context.Context, appID, groupID string) error {
	return r.change(ctx, nil, deleteAppGroup, appID, groupID)
}

func (r appGroups) List(ctx context.Context, appID, after string, limit int) ([]*org.AppGroup, error) {
	if limit == 0 {
		return list(ctx, r.tx, scanAppGroup, allAppGroups, appID, after)
	}
	return list(ctx, r.tx, scanAppGroup, someAppGroups, appID, after, limit)
}

func (r appGroups) OfUser(ctx context.Context, appID, userID string) ([]*org.AppGroup, error) {
	if _, err := r.send(ctx); err != nil { // memberships are held back
		return nil, err
	}
	return list(ctx, r.tx, scanAppGroup, appGroupsOf, appID, userID)
}

type appUsers struct{ *tx }

const (
	appUserColumns = "app_id, user_id, user_name, profile, created, last_updated"

	putAppUser = "INSERT INTO app_users (" + appUserColumns + `) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (app_id, user_id) DO UPDATE SET user_name = excluded.user_name, profile = excluded.profile,
		last_updated = excluded.last_updated`
	appUser       = "SELECT " + appUserColumns + " FROM app_users WHERE app_id = $1 AND user_id = $2"
	deleteAppUser = "DELETE FROM app_users WHERE app_id = $1 AND user_id = $2"
	someAppUsers  = "SELECT " + appUserColumns + " FROM app_users WHERE app_id = $1 AND user_id > $2 ORDER BY user_id LIMIT $3"
)

func (r appUsers) Put(ctx context.Context, u *org.AppUser) error {
	_, err := r.exec(ctx, putAppUser, u.AppID, u.UserID, u.UserName, document{u.Profile}, u.Created, u.LastUpdated)
	return err
}

func scanAppUser(r row) (*org.AppUser, error) {
	var u org.AppUser
	return &u, r.Scan(&u.AppID, &u.UserID, &u.UserName, from(&u.Profile), at(&u.Created), at(&u.LastUpdated))
}

func (r appUsers) Get(ctx context.Context, appID, userID string) (*org.AppUser, error) {
	return one(ctx, r.tx, scanAppUser, appUser, appID, userID)
}

func (r appUsers) Delete(ctx context.Context, appID, userID string) error {
	return r.change(ctx, nil, deleteAppUser, appID, userID)
}

func (r appUsers) List(ctx context.Context, appID, after string, limit int) ([]*org.AppUser, error) {
	return list(ctx, r.tx, scanAppUser, someAppUsers, appID, after, limit)
}
