package directory

import (
	"context"

	"github.com/usher-id/usher/internal/edit"
	"github.com/usher-id/usher/internal/eventlog"
	"github.com/usher-id/usher/internal/org"
)

// GroupUsers gives a page of the users in a group, those with ids above after, in
// the order of their ids, and the cursor of the next page, or "".
func (s *Service) GroupUsers(ctx context.Context, by By, groupID, after string, limit int) (page []*Person, next string, err error) {
	page, err = edit.View(ctx, &s.Editor, groupID, groupResource, func(ctx context.Context, tx *org.Tx) ([]*Person, error) {
		if _, err := tx.Groups.Get(ctx, groupID); err != nil {
			return nil, err
		}
		users, err := tx.Members.Users(ctx, groupID, after, limit+1)
		if err != nil {
			return nil, err
		}
		people := make([]*Person, len(users))
		for i, u := range users {
			if people[i], err = see(ctx, tx, by, u); err != nil {
				return nil, err
			}
		}
		return people, nil
	})
	if len(page) > limit {
		page = page[:limit]
		next = page[limit-1].User.ID
	}
	return page, next, err
}

// UserGroups gives the groups of a user, by name.
func (s *Service) UserGroups(ctx context.Context, by By, key string) ([]*org.Group, error) {
	return edit.View(ctx, &s.Editor, key, userResource, func(ctx context.Context, tx *org.Tx) ([]*org.Group, error) {
		u, err := find(ctx, tx, by, key)
		if err != nil {
			return nil, err
		}
		return tx.Members.Groups(ctx, u.ID)
	})
}

// AddToGroup puts a user into a group; one who is in it stays.
func (s *Service) AddToGroup(ctx context.Context, by By, groupID, userID string) error {
	return s.changeMember(ctx, by, groupID, userID, eventlog.GroupMemberAdded, func(ctx context.Context, tx *org.Tx, g *org.Group, in bool) error {
		switch {
		case in:
			return edit.ErrUnchanged
		case g.BuiltIn:
			return fixed("has every user in it")
		}
		return tx.Members.Add(ctx, groupID, userID, s.Time())
	})
}

// RemoveFromGroup takes a user out of a group; one who is not in it stays out.
func (s *Service) RemoveFromGroup(ctx context.Context, by By, groupID, userID string) error {
	return s.changeMember(ctx, by, groupID, userID, eventlog.GroupMemberRemoved, func(ctx context.Context, tx *org.Tx, g *org.Group, in bool) error {
		switch {
		case g.BuiltIn:
			return fixed("has every user in it")
		case !in:
			return edit.ErrUnchanged
		}
		return tx.Members.Remove(ctx, groupID, userID, s.Time())
	})
}

// changeMember makes a change of whether a user is in a group.
func (s *Service) changeMember(ctx context.Context, by By, groupID, userID string, t eventlog.Type,
	set func(ctx context.Context, tx *org.Tx, g *org.Group, in bool) error,
) error {
	return s.Change(ctx, func(ctx context.Context, tx *org.Tx) error {
		g, err := tx.Groups.Get(ctx, groupID)
		if err != nil {
			return edit.Missing(err, groupID, groupResource)
		}
		u, err := tx.Users.Get(ctx, userID)
		if err != nil {
			return edit.Missing(err, userID, userResource)
		}
		in, err := tx.Members.Has(ctx, groupID, userID)
		if err != nil {
			return err
		}
		if err := set(ctx, tx, g, in); err != nil {
			return err
		}
		return tx.Events.Append(ctx, s.Event(t, by, eventlog.UserTarget(u), eventlog.GroupTarget(g)))
	})
}
