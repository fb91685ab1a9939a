package directory

import (
	"context"
	"errors"
	"strings"

	"github.com/usher-id/usher/hook"
	"github.com/usher-id/usher/internal/edit"
	"github.com/usher-id/usher/internal/filter"
	"github.com/usher-id/usher/internal/id"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/profile"
)

const userResource = "User" // in the summary of a missing one

// Me stands for the user whose token it is.
const Me = "me"

// Person is a user as somebody sees it.
type Person struct {
	User *org.User
	Type *org.UserType
	// Visible are the values of the profile that may be seen, in the order of the
	// schema.
	Visible *hook.Object
}

// User gives a user by id, by login, by the part of a login before its @ if only
// one has it, or as [Me].
func (s *Service) User(ctx context.Context, by By, key string) (*Person, error) {
	return edit.View(ctx, &s.Editor, key, userResource, func(ctx context.Context, tx *org.Tx) (*Person, error) {
		u, err := find(ctx, tx, by, key)
		if err != nil {
			return nil, err
		}
		return see(ctx, tx, by, u)
	})
}

// see gives of a user what a role may see.
func see(ctx context.Context, tx *org.Tx, by By, u *org.User) (*Person, error) {
	schema, err := tx.Schemas.Of(ctx, u.TypeID)
	if err != nil {
		return nil, err
	}
	t, err := typeOf(ctx, tx, u.TypeID)
	if err != nil {
		return nil, err
	}
	return &Person{User: u, Type: t, Visible: schema.Readable(u.Profile, almighty(by))}, nil
}

// typeOf gives the type that users of a key are of.
func typeOf(ctx context.Context, tx *org.Tx, key string) (*org.UserType, error) {
	if key == "" {
		return tx.UserTypes.Default(ctx)
	}
	return tx.UserTypes.Get(ctx, key)
}

// find gives a user by what clients name one by, or org.ErrNotFound.
func find(ctx context.Context, tx *org.Tx, by By, key string) (*org.User, error) {
	if key == Me {
		return owner(ctx, tx, by)
	}
	if strings.HasPrefix(key, id.User) {
		u, err := tx.Users.Get(ctx, key)
		if !errors.Is(err, org.ErrNotFound) {
			return u, err
		}
	}
	u, err := tx.Users.ByLogin(ctx, key)
	if errors.Is(err, org.ErrNotFound) && !strings.Contains(key, "@") {
		return byShortLogin(ctx, tx, key)
	}
	return u, err
}

// byShortLogin gives the one user whose login is a text and then an @ and
// something, or org.ErrNotFound, also when several have such a login.
func byShortLogin(ctx context.Context, tx *org.Tx, short string) (*org.User, error) {
	prefix := org.UserCondition{Column: org.ByLogin, Operator: filter.StartsWith, Values: []any{profile.FoldLogin(short) + "@"}}
	var found []*org.User
	err := tx.Users.Scan(ctx, org.UserQuery{Where: []org.UserCondition{prefix}, Batch: 2}, func(u *org.User, _ org.UserPosition) bool {
		found = append(found, u)
		return len(found) < 2
	})
	if err == nil && len(found) != 1 {
		err = org.ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	return found[0], nil
}

// owner is who makes the request. A token that nobody owns was made at the
// command line; clients ask whose it is before anything else (Terraform's
// provider at every start), and get what stands for a user: it is not stored, and
// nothing can be changed of it.
func owner(ctx context.Context, tx *org.Tx, by By) (*org.User, error) {
	u, err := tx.Users.Get(ctx, by.Actor.ID)
	if !errors.Is(err, org.ErrNotFound) {
		return u, err
	}
	p := profile.New(hook.NewObject(
		hook.Member{Name: profile.FirstName, Value: by.Actor.DisplayName},
		hook.Member{Name: profile.LastName, Value: "API token"},
		hook.Member{Name: profile.Login, Value: by.Actor.AlternateID},
	))
	return &org.User{ID: by.Actor.ID, Status: org.StatusActive, Profile: p}, nil
}
