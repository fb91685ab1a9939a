package app

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/usher-id/usher/internal/edit"
	"github.com/usher-id/usher/internal/eventlog"
	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/org"
)

// Scopes of assignments.
const (
	ScopeUser  = "USER"  // to the user
	ScopeGroup = "GROUP" // to a group of the user's
)

// Names of the other two in the summary of a missing one.
const (
	groupResource = "UserGroup"
	userResource  = "User"
)

// MayUse tells whether an app is open to a user: because it is to everybody, or is
// assigned to the user or to one of the user's groups. An inactive app is open to
// nobody. Whether the user may sign in at all is not its matter.
func MayUse(ctx context.Context, tx *org.Tx, a *org.App, userID string) (bool, error) {
	if a.Status != org.StatusActive || a.Settings.ImplicitAssignment {
		return a.Status == org.StatusActive, nil
	}
	_, _, err := assigned(ctx, tx, a.ID, userID)
	if errors.Is(err, org.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// assigned gives how a user has an app: by an assignment of the user's own, by the
// first of the user's groups, or both. It gives ErrNotFound when neither is so.
func assigned(ctx context.Context, tx *org.Tx, appID, userID string) (own *org.AppUser, by *org.AppGroup, err error) {
	own, err = tx.AppUsers.Get(ctx, appID, userID)
	none := errors.Is(err, org.ErrNotFound)
	if err != nil && !none {
		return nil, nil, err
	}
	groups, err := tx.AppGroups.OfUser(ctx, appID, userID)
	if err != nil {
		return nil, nil, err
	}
	switch {
	case len(groups) > 0:
		by = groups[0]
	case none:
		return nil, nil, org.ErrNotFound
	}
	return own, by, nil
}

// GroupInput is what a client says of an app that it assigns to a group.
type GroupInput struct {
	Priority *int           // nil for as it is, or behind the others
	Profile  map[string]any // claims, null for none
}

// AssignGroup assigns an app to a group, or changes the assignment.
func (s *Service) AssignGroup(ctx context.Context, by By, appID, groupID string, in GroupInput) (made *org.AppGroup, err error) {
	claims, found := checkClaims(in.Profile)
	found.AddUnless(in.Priority == nil || *in.Priority >= 0, "priority", "must not be negative")
	if err := found.Fault("appGroup"); err != nil {
		return nil, err
	}
	err = s.Change(ctx, func(ctx context.Context, tx *org.Tx) error {
		a, err := tx.Apps.Get(ctx, appID)
		if err != nil {
			return edit.Missing(err, appID, resource)
		}
		g, err := tx.Groups.Get(ctx, groupID)
		if err != nil {
			return edit.Missing(err, groupID, groupResource)
		}
		all, err := tx.AppGroups.List(ctx, appID, "", 0)
		if err != nil {
			return err
		}
		made = &org.AppGroup{AppID: appID, GroupID: groupID, Profile: claims}
		event := eventlog.AppGroupAdded
		for _, old := range all {
			if old.GroupID == groupID {
				event = eventlog.AppGroupUpdated
				made.Priority, made.LastUpdated = old.Priority, old.LastUpdated
				break
			}
			made.Priority = max(made.Priority, old.Priority+1)
		}
		if in.Priority != nil {
			made.Priority = *in.Priority
		}
		if slices.ContainsFunc(all, func(old *org.AppGroup) bool { return sameAppGroup(old, made) }) {
			return edit.ErrUnchanged
		}
		made.LastUpdated = s.Time()
		if err := tx.AppGroups.Put(ctx, made); err != nil {
			return err
		}
		return tx.Events.Append(ctx, s.Event(event, by, eventlog.AppTarget(a), eventlog.GroupTarget(g)))
	})
	if err != nil {
		return nil, err
	}
	return made, nil
}

func sameAppGroup(a, b *org.AppGroup) bool {
	return a.GroupID == b.GroupID && a.Priority == b.Priority && maps.Equal(a.Profile, b.Profile)
}

// Group gives one assignment of an app to a group.
func (s *Service) Group(ctx context.Context, appID, groupID string) (*org.AppGroup, error) {
	return edit.View(ctx, &s.Editor, groupID, groupResource, func(ctx context.Context, tx *org.Tx) (*org.AppGroup, error) {
		if _, err := tx.Apps.Get(ctx, appID); err != nil {
			return nil, edit.Missing(err, appID, resource)
		}
		return tx.AppGroups.Get(ctx, appID, groupID)
	})
}

// Groups gives a page of the groups of an app, by their ids, and the cursor of the
// next page.
func (s *Service) Groups(ctx context.Context, appID, after string, limit int) (page []*org.AppGroup, next string, err error) {
	page, err = edit.View(ctx, &s.Editor, appID, resource, func(ctx context.Context, tx *org.Tx) ([]*org.AppGroup, error) {
		if _, err := tx.Apps.Get(ctx, appID); err != nil {
			return nil, err
		}
		return tx.AppGroups.List(ctx, appID, after, limit+1)
	})
	if len(page) > limit {
		page = page[:limit]
		next = page[limit-1].GroupID
	}
	return page, next, err
}

// UnassignGroup takes an app away from a group.
func (s *Service) UnassignGroup(ctx context.Context, by By, appID, groupID string) error {
	err := s.Change(ctx, func(ctx context.Context, tx *org.Tx) error {
		a, err := tx.Apps.Get(ctx, appID)
		if err != nil {
			return edit.Missing(err, appID, resource)
		}
		if err := tx.AppGroups.Delete(ctx, appID, groupID); err != nil {
			return err
		}
		g, err := tx.Groups.Get(ctx, groupID)
		if err != nil {
			return err
		}
		return tx.Events.Append(ctx, s.Event(eventlog.AppGroupRemoved, by, eventlog.AppTarget(a), eventlog.GroupTarget(g)))
	})
	return edit.Missing(err, groupID, groupResource)
}

// OfGroup gives a page of the apps that are assigned to a group.
func (s *Service) OfGroup(ctx context.Context, groupID, after string, limit int) (page []*Instance, next string, err error) {
	page, err = edit.View(ctx, &s.Editor, groupID, groupResource, func(ctx context.Context, tx *org.Tx) ([]*Instance, error) {
		if _, err := tx.Groups.Get(ctx, groupID); err != nil {
			return nil, err
		}
		apps, err := tx.Apps.List(ctx, org.AppQuery{GroupID: groupID, After: after, Limit: limit + 1})
		if err != nil {
			return nil, err
		}
		return s.instances(ctx, tx, apps)
	})
	page, next = cut(page, limit)
	return page, next, err
}

// Assignment is a user who has an app.
type Assignment struct {
	AppID, UserID string
	Scope         string // ScopeUser or ScopeGroup
	UserName      string
	Profile       []Claim
	Created       time.Time
	LastUpdated   time.Time
}

// UserInput is what a client says of an app that it assigns to a user.
type UserInput struct {
	UserID   string
	UserName string         // "" for as it is, or by the template of the app
	Profile  map[string]any // claims that are not as the user's profile has them; nil for as it is
	// Had refuses a user who does not have the app yet.
	Had bool
}

// AssignUser assigns an app to a user, or changes the assignment. A user who has the
// app by a group has it by an assignment of the own from then on, too.
func (s *Service) AssignUser(ctx context.Context, by By, appID string, in UserInput) (made *Assignment, err error) {
	claims, found := checkClaims(in.Profile)
	found.Add("credentials.userName", edit.TextProblem(in.UserName, edit.MaxName))
	found.AddUnless(in.UserID != "", "id", edit.Blank)
	if err := found.Fault("appUser"); err != nil {
		return nil, err
	}
	err = s.Change(ctx, func(ctx context.Context, tx *org.Tx) error {
		a, u, err := appAndUser(ctx, tx, appID, in.UserID)
		if err != nil {
			return err
		}
		own, through, err := assigned(ctx, tx, appID, u.ID)
		switch {
		case errors.Is(err, org.ErrNotFound) && in.Had:
			return fault.Missing(u.ID, userResource)
		case err != nil && !errors.Is(err, org.ErrNotFound):
			return err
		}
		next := in.over(own, org.AppUser{AppID: appID, UserID: u.ID, UserName: in.UserName, Profile: claims, Created: s.Time()})
		if made, err = assignment(ctx, tx, a, holder{u, next, through}); err != nil {
			return err
		}
		event := eventlog.AppUserAdded
		switch {
		case next == own:
			return edit.ErrUnchanged
		case own != nil:
			event = eventlog.AppUserUpdated
		}
		if err := tx.AppUsers.Put(ctx, next); err != nil {
			return err
		}
		return tx.Events.Append(ctx, s.Event(event, by, eventlog.AppTarget(a), eventlog.UserTarget(u)))
	})
	if err != nil {
		return nil, err
	}
	return made, nil
}

// appAndUser gives an app and a user that there are.
func appAndUser(ctx context.Context, tx *org.Tx, appID, userID string) (*org.App, *org.User, error) {
	a, err := tx.Apps.Get(ctx, appID)
	if err != nil {
		return nil, nil, edit.Missing(err, appID, resource)
	}
	u, err := tx.Users.Get(ctx, userID)
	return a, u, edit.Missing(err, userID, userResource)
}

// over gives an assignment as it becomes by what is said: own itself when nothing
// changes. own is nil when there is none.
func (in *UserInput) over(own *org.AppUser, said org.AppUser) *org.AppUser {
	said.LastUpdated = said.Created
	if own == nil {
		return &said
	}
	said.Created, said.UserName = own.Created, cmp.Or(in.UserName, own.UserName)
	if in.Profile == nil {
		said.Profile = own.Profile
	}
	if said.UserName == own.UserName && maps.Equal(said.Profile, own.Profile) {
		return own
	}
	return &said
}

// assignment puts together what is shown of a user who has an app.
func assignment(ctx context.Context, tx *org.Tx, a *org.App, h holder) (*Assignment, error) {
	schema, err := tx.Schemas.Of(ctx, h.user.TypeID)
	if err != nil {
		return nil, err
	}
	out := &Assignment{AppID: a.ID, UserID: h.user.ID, Scope: ScopeGroup, UserName: userName(a.Settings.UserName, h.user)}
	var over []map[string]string
	if by := h.by; by != nil {
		over = append(over, by.Profile)
		out.Created, out.LastUpdated = by.LastUpdated, by.LastUpdated
	}
	if own := h.own; own != nil {
		over = append(over, own.Profile)
		out.Scope, out.UserName = ScopeUser, cmp.Or(own.UserName, out.UserName)
		out.Created, out.LastUpdated = own.Created, own.LastUpdated
	}
	out.Profile = claimsOf(schema, h.user, over...)
	return out, nil
}

// User gives one user who has an app.
func (s *Service) User(ctx context.Context, appID, userID string) (*Assignment, error) {
	return edit.View(ctx, &s.Editor, userID, userResource, func(ctx context.Context, tx *org.Tx) (*Assignment, error) {
		a, u, err := appAndUser(ctx, tx, appID, userID)
		if err != nil {
			return nil, err
		}
		own, by, err := assigned(ctx, tx, appID, userID)
		if err != nil {
			return nil, err
		}
		return assignment(ctx, tx, a, holder{u, own, by})
	})
}

// UnassignUser takes an app away from a user, who keeps it when a group has it.
func (s *Service) UnassignUser(ctx context.Context, by By, appID, userID string) error {
	err := s.Change(ctx, func(ctx context.Context, tx *org.Tx) error {
		a, err := tx.Apps.Get(ctx, appID)
		if err != nil {
			return edit.Missing(err, appID, resource)
		}
		if err := tx.AppUsers.Delete(ctx, appID, userID); err != nil {
			return err
		}
		u, err := tx.Users.Get(ctx, userID)
		if err != nil {
			return err
		}
		return tx.Events.Append(ctx, s.Event(eventlog.AppUserRemoved, by, eventlog.AppTarget(a), eventlog.UserTarget(u)))
	})
	return edit.Missing(err, userID, userResource)
}

// Users gives a page of the users who have an app, by their ids, and the cursor of
// the next page. Each group is read only as far as the page goes.
func (s *Service) Users(ctx context.Context, appID, after string, limit int) (page []*Assignment, next string, err error) {
	page, err = edit.View(ctx, &s.Editor, appID, resource, func(ctx context.Context, tx *org.Tx) ([]*Assignment, error) {
		a, err := tx.Apps.Get(ctx, appID)
		if err != nil {
			return nil, err
		}
		holders, err := holdersOf(ctx, tx, appID, after, limit+1)
		if err != nil {
			return nil, err
		}
		list := make([]*Assignment, len(holders))
		for i, h := range holders {
			if list[i], err = assignment(ctx, tx, a, h); err != nil {
				return nil, err
			}
		}
		return list, nil
	})
	if len(page) > limit {
		page = page[:limit]
		next = page[limit-1].UserID
	}
	return page, next, err
}

// holder is a user who has an app, and how.
type holder struct {
	user *org.User
	own  *org.AppUser
	by   *org.AppGroup
}

// holdersOf gives up to limit users who have an app, with ids above after. Of each
// way to have it the first ones are enough: who is not among them comes later.
func holdersOf(ctx context.Context, tx *org.Tx, appID, after string, limit int) ([]holder, error) {
	groups, err := tx.AppGroups.List(ctx, appID, "", 0)
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(groups, func(a, b *org.AppGroup) int { return cmp.Compare(a.Priority, b.Priority) })
	found := map[string]*holder{}
	for _, g := range groups {
		members, err := tx.Members.Users(ctx, g.GroupID, after, limit)
		if err != nil {
			return nil, err
		}
		for _, u := range members {
			if found[u.ID] == nil { // else a group that comes first has them
				found[u.ID] = &holder{user: u, by: g}
			}
		}
	}
	own, err := tx.AppUsers.List(ctx, appID, after, limit)
	if err != nil {
		return nil, err
	}
	for _, o := range own {
		h := found[o.UserID]
		if h == nil {
			u, err := tx.Users.Get(ctx, o.UserID)
			if err != nil {
				return nil, err
			}
			h = &holder{user: u}
			found[o.UserID] = h
		}
		h.own = o
	}
	list := []holder{}
	for _, id := range slices.Sorted(maps.Keys(found)) {
		if len(list) < limit {
			list = append(list, *found[id])
		}
	}
	return list, nil
}

// checkClaims judges the profile of an assignment, and gives it without what is
// null.
func checkClaims(in map[string]any) (claims map[string]string, found edit.Problems) {
	claims = map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(in)) {
		text, isText := in[name].(string)
		switch {
		case !slices.Contains(claimNames(), name):
			found.Add("profile", "Property name '"+name+"' is not defined in profile")
		case isText:
			found.Add("profile."+name, edit.TextProblem(text, maxClaim))
			claims[name] = text
		case in[name] != nil:
			found.Add("profile."+name, "must be a string")
		}
	}
	return claims, found
}

// maxClaim is the length of the value of a claim, in characters.
const maxClaim = 1024
