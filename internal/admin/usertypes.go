package admin

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/usher-id/usher/internal/edit"
	"github.com/usher-id/usher/internal/eventlog"
	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/id"
	"github.com/usher-id/usher/internal/org"
)

const (
	typeObject   = "userType" // in the summary of a validation error
	typeResource = "UserType" // in that of a missing one
	// maxTypes is Okta's limit, nine besides the default one.
	maxTypes = 10
)

// typeName is the rule of Okta's User Types API; the upper bound is ours.
var typeName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]{0,127}$`)

// UserTypeInput is what a client says of a user type; nil is nothing.
type UserTypeInput struct {
	Name, DisplayName, Description *string
}

// UserTypes lists the user types, in the order of their creation.
func (s *Service) UserTypes(ctx context.Context) (list []*org.UserType, err error) {
	err = s.Store.View(ctx, func(ctx context.Context, tx *org.Tx) (err error) {
		list, err = tx.UserTypes.List(ctx)
		return err
	})
	return list, err
}

// UserType gives the type of an id, or of [DefaultType].
func (s *Service) UserType(ctx context.Context, typeID string) (*org.UserType, error) {
	return edit.View(ctx, &s.Editor, typeID, typeResource, func(ctx context.Context, tx *org.Tx) (*org.UserType, error) {
		return findType(ctx, tx, typeID)
	})
}

func findType(ctx context.Context, tx *org.Tx, typeID string) (*org.UserType, error) {
	if typeID == DefaultType {
		return tx.UserTypes.Default(ctx)
	}
	return tx.UserTypes.Get(ctx, typeID)
}

// CreateUserType makes a type. Its schema is the base schema.
func (s *Service) CreateUserType(ctx context.Context, by By, in UserTypeInput) (*org.UserType, error) {
	now := s.Time()
	t := &org.UserType{
		ID: id.New(id.UserType), Name: deref(in.Name), DisplayName: deref(in.DisplayName), Description: deref(in.Description),
		CreatedBy: by.Actor.ID, UpdatedBy: by.Actor.ID, Created: now, LastUpdated: now, SchemaUpdated: now,
	}
	if err := checkType(t); err != nil {
		return nil, err
	}
	err := s.Change(ctx, func(ctx context.Context, tx *org.Tx) error {
		if err := tx.UserTypes.Create(ctx, t); err != nil {
			return err
		}
		all, err := tx.UserTypes.List(ctx)
		if err != nil {
			return err
		}
		if len(all) > maxTypes {
			return fault.Field(typeObject, "", fmt.Sprintf("An organization can have %d user types besides the default one.", maxTypes-1))
		}
		// Names that differ by case alone would pass for one another.
		if slices.ContainsFunc(all, func(o *org.UserType) bool { return o.ID != t.ID && strings.EqualFold(o.Name, t.Name) }) {
			return org.ErrNameTaken
		}
		return tx.Events.Append(ctx, s.Event(eventlog.UserTypeCreated, by, eventlog.UserTypeTarget(t), eventlog.SchemaTarget(t)))
	})
	if err != nil {
		return nil, nameTaken(err)
	}
	return t, nil
}

func checkType(t *org.UserType) error {
	var found edit.Problems
	switch {
	case t.Name == "":
		found.Add("name", edit.Blank)
	case !typeName.MatchString(t.Name):
		found.Add("name", "must begin with a letter and have letters, digits and underscores only, at most 128")
	}
	found.Add("displayName", edit.NameProblem(t.DisplayName))
	found.Add("description", edit.TextProblem(t.Description, maxDescription))
	return found.Fault(typeObject)
}

// ReplaceUserType sets display name and description; what is not said of them is
// empty.
func (s *Service) ReplaceUserType(ctx context.Context, by By, typeID string, in UserTypeInput) (*org.UserType, error) {
	in.DisplayName, in.Description = cmp.Or(in.DisplayName, new(string)), cmp.Or(in.Description, new(string))
	return s.UpdateUserType(ctx, by, typeID, in)
}

// UpdateUserType sets what is said of display name and description. The name can
// be said again; another one is refused.
func (s *Service) UpdateUserType(ctx context.Context, by By, typeID string, in UserTypeInput) (*org.UserType, error) {
	var t *org.UserType
	err := s.Change(ctx, func(ctx context.Context, tx *org.Tx) error {
		old, err := findType(ctx, tx, typeID)
		if err != nil {
			return err
		}
		if err := edit.Expected(ctx, old.Revision()); err != nil {
			return err
		}
		if in.Name != nil && *in.Name != old.Name {
			return fault.Field(typeObject, "name", "cannot be changed")
		}
		changed := *old
		t = &changed
		t.DisplayName, t.Description = deref(cmp.Or(in.DisplayName, &old.DisplayName)), deref(cmp.Or(in.Description, &old.Description))
		if err := checkType(t); err != nil {
			return err
		}
		if *t == *old {
			return edit.ErrUnchanged
		}
		t.UpdatedBy, t.LastUpdated = by.Actor.ID, s.Advance(old.LastUpdated)
		if err := tx.UserTypes.Update(ctx, t); err != nil {
			return err
		}
		return tx.Events.Append(ctx, s.typeEvent(by, t, "updated"))
	})
	if err != nil {
		return nil, edit.Missing(err, typeID, typeResource)
	}
	return t, nil
}

// DeleteUserType removes a type that nobody is of, with its schema.
func (s *Service) DeleteUserType(ctx context.Context, by By, typeID string) error {
	err := s.Change(ctx, func(ctx context.Context, tx *org.Tx) error {
		t, err := findType(ctx, tx, typeID)
		if err != nil {
			return err
		}
		if err := edit.Expected(ctx, t.Revision()); err != nil {
			return err
		}
		if t.Default() {
			return fault.New(fault.TypeInUse, "", fault.Cause{Text: "It is the default user type."})
		}
		if err := tx.UserTypes.Delete(ctx, t.ID); err != nil {
			return err
		}
		used, err := tx.UserTypes.InUse(ctx, t.ID)
		if err != nil {
			return err
		}
		if used {
			return fault.New(fault.TypeInUse, "", fault.Cause{Text: "There are users of this type."})
		}
		return tx.Events.Append(ctx, s.typeEvent(by, t, "deleted"))
	})
	return edit.Missing(err, typeID, typeResource)
}

// typeEvent tells of a change for which Okta's catalogue has no type of its own.
func (s *Service) typeEvent(by By, t *org.UserType, what string) org.Event {
	e := s.Event(eventlog.SchemaUpdated, by, eventlog.UserTypeTarget(t), eventlog.SchemaTarget(t))
	e.Debug = map[string]string{"usher.userType": what}
	return e
}

// ensureDefaultType makes the default type unless it is there: an org that an
// earlier version set up has none.
func (s *Service) ensureDefaultType(ctx context.Context, tx *org.Tx, by By) error {
	_, err := tx.UserTypes.Default(ctx)
	if !errors.Is(err, org.ErrNotFound) {
		return err
	}
	now := s.Time()
	return edit.MadeMeanwhile(tx.UserTypes.Create(ctx, &org.UserType{
		ID: id.New(id.UserType), Name: org.DefaultUserType, DisplayName: "User",
		Description: "Okta user profile template with default permission settings",
		CreatedBy:   by.Actor.ID, UpdatedBy: by.Actor.ID, Created: now, LastUpdated: now, SchemaUpdated: now,
	}))
}

func deref(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}
