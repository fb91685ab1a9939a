package directory

import (
	"context"
	"reflect"

	"github.com/usher-id/usher/internal/edit"
	"github.com/usher-id/usher/internal/eventlog"
	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/org"
)

// setter changes u, which is before as it is stored, and tells of what events. It
// writes nothing else when it tells of none.
type setter func(ctx context.Context, tx *org.Tx, before, u *org.User) ([]eventlog.Type, error)

// try gives what a change would make of a user, and makes nothing.
func (s *Service) try(ctx context.Context, by By, key string, set setter) (*org.User, error) {
	return edit.View(ctx, &s.Editor, key, userResource, func(ctx context.Context, tx *org.Tx) (*org.User, error) {
		before, err := s.editable(ctx, tx, by, key)
		if err != nil {
			return nil, err
		}
		u := *before
		_, err = set(ctx, tx, before, &u)
		return &u, err
	})
}

// change makes a change of one user, in one transaction with the events of it.
// Without an event there was none. Sessions end with the status that allows them.
func (s *Service) change(ctx context.Context, by By, key string, set setter) (*Person, error) {
	var person *Person
	err := s.Change(ctx, func(ctx context.Context, tx *org.Tx) error {
		before, err := s.editable(ctx, tx, by, key)
		if err != nil {
			return err
		}
		if err := edit.Expected(ctx, before.Revision()); err != nil {
			return err
		}
		changed := *before
		u := &changed
		types, err := set(ctx, tx, before, u)
		if err != nil {
			return err
		}
		if len(types) > 0 {
			err = s.store(ctx, tx, before, u)
		}
		if err != nil {
			return err
		}
		if person, err = see(ctx, tx, by, u); err != nil {
			return err
		}
		if len(types) == 0 {
			return edit.ErrUnchanged
		}
		events := make([]org.Event, len(types))
		for i, t := range types {
			events[i] = s.Event(t, by, eventlog.UserTarget(u))
		}
		return tx.Events.Append(ctx, events...)
	})
	if err != nil {
		return nil, edit.Missing(err, key, userResource)
	}
	return person, nil
}

// store writes what differs.
func (s *Service) store(ctx context.Context, tx *org.Tx, before, u *org.User) error {
	if reflect.DeepEqual(before, u) {
		return nil
	}
	u.LastUpdated = s.Advance(before.LastUpdated)
	if u.Status == before.Status {
		return tx.Users.Update(ctx, u)
	}
	u.StatusChanged = u.LastUpdated
	if err := tx.Users.Update(ctx, u); err != nil {
		return err
	}
	if !u.CanSignIn() {
		_, err := tx.Sessions.DeleteOfUser(ctx, u.ID)
		return err
	}
	return nil
}

// editable gives a user whom somebody may change: nobody but a super administrator
// changes another administrator, whose rights would be theirs who set the password,
// or the address that a link to set it is mailed to.
func (s *Service) editable(ctx context.Context, tx *org.Tx, by By, key string) (*org.User, error) {
	u, err := find(ctx, tx, by, key)
	if err != nil {
		return nil, err
	}
	if u.Created.IsZero() { // it stands for a token; see owner
		return nil, fault.New(fault.Forbidden, "")
	}
	if almighty(by) || by.Actor.ID == u.ID {
		return u, nil
	}
	grants, err := tx.Grants.OfUser(ctx, u.ID)
	if err != nil {
		return nil, err
	}
	if len(grants) > 0 {
		return nil, fault.New(fault.Forbidden, "")
	}
	return u, nil
}
