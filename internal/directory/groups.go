package directory

import (
	"context"
	"errors"

	"github.com/usher-id/usher/internal/edit"
	"github.com/usher-id/usher/internal/eventlog"
	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/id"
	"github.com/usher-id/usher/internal/org"
)

const (
	groupObject   = "group"     // in the summary of a validation error
	groupResource = "UserGroup" // in that of a missing one
	// maxGroupDescription is the length of Okta's column, in characters.
	maxGroupDescription = 1024
)

// GroupInput is what a client says of a group.
type GroupInput struct {
	Name        string
	Description string
}

func (in GroupInput) problems() (found edit.Problems) {
	found.Add("name", edit.NameProblem(in.Name))
	found.Add("description", edit.TextProblem(in.Description, maxGroupDescription))
	return found
}

// Group gives one group.
func (s *Service) Group(ctx context.Context, groupID string) (*org.Group, error) {
	return edit.View(ctx, &s.Editor, groupID, groupResource, func(ctx context.Context, tx *org.Tx) (*org.Group, error) {
		return tx.Groups.Get(ctx, groupID)
	})
}

// CreateGroup makes a group that nobody is in.
func (s *Service) CreateGroup(ctx context.Context, by By, in GroupInput) (*org.Group, error) {
	found := in.problems()
	if err := found.Fault(groupObject); err != nil {
		return nil, err
	}
	now := s.Time()
	g := &org.Group{
		ID: id.New(id.Group), Name: in.Name, Description: in.Description,
		Created: now, LastUpdated: now, LastMembershipUpdated: now,
	}
	err := s.Change(ctx, func(ctx context.Context, tx *org.Tx) error {
		if err := tx.Groups.Create(ctx, g); err != nil {
			return err
		}
		return tx.Events.Append(ctx, s.Event(eventlog.GroupCreated, by, eventlog.GroupTarget(g)))
	})
	if err != nil {
		return nil, groupNameTaken(err)
	}
	return g, nil
}

func groupNameTaken(err error) error {
	if errors.Is(err, org.ErrNameTaken) {
		return fault.Field("name", "name", edit.Taken)
	}
	return err
}

// ReplaceGroup changes name and description of a group.
func (s *Service) ReplaceGroup(ctx context.Context, by By, groupID string, in GroupInput) (*org.Group, error) {
	found := in.problems()
	if err := found.Fault(groupObject); err != nil {
		return nil, err
	}
	var g *org.Group
	err := s.Change(ctx, func(ctx context.Context, tx *org.Tx) (err error) {
		if g, err = tx.Groups.Get(ctx, groupID); err != nil {
			return err
		}
		if err := edit.Expected(ctx, g.Revision()); err != nil {
			return err
		}
		if g.Name == in.Name && g.Description == in.Description {
			return edit.ErrUnchanged
		}
		if g.BuiltIn {
			return fixed("cannot be changed")
		}
		g.Name, g.Description, g.LastUpdated = in.Name, in.Description, s.Advance(g.LastUpdated)
		if err := tx.Groups.Update(ctx, g); err != nil {
			return err
		}
		return tx.Events.Append(ctx, s.Event(eventlog.GroupUpdated, by, eventlog.GroupTarget(g)))
	})
	if err != nil {
		return nil, edit.Missing(groupNameTaken(err), groupID, groupResource)
	}
	return g, nil
}

// fixed is the refusal of what would be done to the group that every user is in.
func fixed(text string) error {
	return fault.Field(groupObject, "", "The group "+org.Everyone+" "+text+".")
}
