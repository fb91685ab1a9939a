package admin

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/usher-id/usher/hook"
	"github.com/usher-id/usher/internal/edit"
	"github.com/usher-id/usher/internal/eventlog"
	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/id"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/profile"
)

// schemaResource is the summary's name of a schema that is not there.
const schemaResource = "UserSchema"

// DefaultType stands for the id of the default user type, and of its schema.
const DefaultType = "default"

// UserSchema is the schema that users of a type have.
type UserSchema struct {
	Type   *org.UserType
	Schema *profile.Schema
	// Violators is how many users have values that a change of the schema, just
	// made, forbids.
	Violators int
}

// Schema gives the schema of an id, or of [DefaultType].
func (s *Service) Schema(ctx context.Context, schemaID string) (*UserSchema, error) {
	return edit.View(ctx, &s.Editor, schemaID, schemaResource, func(ctx context.Context, tx *org.Tx) (*UserSchema, error) {
		t, err := typeOfSchema(ctx, tx, schemaID)
		if err != nil {
			return nil, err
		}
		schema, err := tx.Schemas.Of(ctx, t.Key())
		return &UserSchema{Type: t, Schema: schema}, err
	})
}

func typeOfSchema(ctx context.Context, tx *org.Tx, schemaID string) (*org.UserType, error) {
	if schemaID == DefaultType {
		return tx.UserTypes.Default(ctx)
	}
	rest, ok := strings.CutPrefix(schemaID, id.Schema)
	if !ok {
		return nil, org.ErrNotFound
	}
	return tx.UserTypes.Get(ctx, id.UserType+rest)
}

// EditSchema changes a schema by two parts of a document of Okta's Schemas API,
// nil for none; see [profile.Schema.Edit].
func (s *Service) EditSchema(ctx context.Context, by By, schemaID string, base, custom *hook.Object) (*UserSchema, error) {
	return s.changeSchema(ctx, by, schemaID, func(old *profile.Schema) (*profile.Schema, error) { return old.Edit(base, custom) })
}

// PutAttributes changes the schema of the default type: attributes that are named
// are added or changed, the others stay.
func (s *Service) PutAttributes(ctx context.Context, by By, changes ...profile.Attribute) error {
	_, err := s.changeSchema(ctx, by, DefaultType, func(old *profile.Schema) (*profile.Schema, error) { return old.With(changes...) })
	return err
}

// schemaChange is a change of a schema before it is made.
type schemaChange struct {
	UserSchema
	old     *profile.Schema
	changes []profile.Change
}

// changeSchema puts another schema in the place of one. Where an attribute becomes
// sensitive, the records of all hook calls so far are deleted, since they were
// redacted by the schema as it was. Users whose values the new rules forbid keep
// them and are counted: it takes as long as reading all users, and is done before
// the transaction, which lets nobody else write users.
func (s *Service) changeSchema(ctx context.Context, by By, schemaID string, change func(*profile.Schema) (*profile.Schema, error)) (*UserSchema, error) {
	read := func(ctx context.Context, tx *org.Tx) (*schemaChange, error) {
		return foreseeSchema(ctx, tx, by, schemaID, change)
	}
	c, err := edit.View(ctx, &s.Editor, schemaID, schemaResource, read)
	if err != nil {
		return nil, err
	}
	if len(c.changes) == 0 {
		return &c.UserSchema, nil
	}
	violators, err := s.countViolators(ctx, c)
	if err != nil {
		return nil, err
	}
	err = s.Change(ctx, func(ctx context.Context, tx *org.Tx) (err error) {
		if err := tx.Schemas.Hold(ctx); err != nil {
			return err
		}
		if c, err = read(ctx, tx); err != nil {
			return err
		}
		if len(c.changes) == 0 {
			return edit.ErrUnchanged
		}
		return s.putSchema(ctx, tx, by, c, violators)
	})
	if err != nil {
		return nil, edit.Missing(duplicates(err), schemaID, schemaResource)
	}
	c.Violators = violators
	return &c.UserSchema, nil
}

// foreseeSchema reads a schema and says what is to become of it.
func foreseeSchema(ctx context.Context, tx *org.Tx, by By, schemaID string, change func(*profile.Schema) (*profile.Schema, error)) (*schemaChange, error) {
	t, err := typeOfSchema(ctx, tx, schemaID)
	if err != nil {
		return nil, err
	}
	if err := edit.Expected(ctx, t.SchemaRevision()); err != nil {
		return nil, err
	}
	old, err := tx.Schemas.Of(ctx, t.Key())
	if err != nil {
		return nil, err
	}
	schema, err := change(old)
	if err != nil {
		return nil, err
	}
	c := &schemaChange{UserSchema{Type: t, Schema: schema}, old, old.Changes(schema)}
	if err := mayChange(by, c.changes); err != nil {
		return nil, err
	}
	return c, stillAsked(ctx, tx, c)
}

func (s *Service) putSchema(ctx context.Context, tx *org.Tx, by By, c *schemaChange, violators int) error {
	c.Type.SchemaUpdated = s.Advance(c.Type.SchemaUpdated)
	if err := tx.UserTypes.Update(ctx, c.Type); err != nil {
		return err
	}
	if err := tx.Schemas.Put(ctx, c.Type.Key(), c.Schema); err != nil {
		return err
	}
	if slices.ContainsFunc(c.changes, profile.Change.Hides) {
		const noBodies = 0
		if _, err := tx.Calls.Prune(ctx, s.Time(), noBodies); err != nil {
			return err
		}
	}
	names := make([]string, len(c.changes))
	for i, c := range c.changes {
		names[i] = c.Name()
	}
	e := s.Event(eventlog.SchemaUpdated, by, eventlog.SchemaTarget(c.Type), eventlog.UserTypeTarget(c.Type))
	e.Debug = map[string]string{"usher.properties": strings.Join(names, ",")}
	if violators > 0 {
		e.Debug["usher.violators"] = strconv.Itoa(violators)
	}
	return tx.Events.Append(ctx, e)
}

// stillAsked refuses to remove a sensitive attribute for which a form asks: what
// is typed there would be that of a field outside the schema, which is sent to
// the hook.
func stillAsked(ctx context.Context, tx *org.Tx, c *schemaChange) error {
	var found edit.Problems
	for _, change := range c.changes {
		if change.After != nil || !change.Before.Sensitive {
			continue
		}
		policies, err := tx.Policies.List(ctx)
		if err != nil {
			return err
		}
		for _, p := range policies {
			asks := slices.ContainsFunc(p.Rule.Attributes, func(a org.FormAttribute) bool { return a.Name == change.Name() })
			found.AddUnless(!asks, profile.PropertyPath(*change.Before),
				"It is sensitive, and the form of the policy "+p.Name+" asks for it. Take it off the form first: what is typed there would be sent to the hook.")
		}
	}
	return found.Fault("schema")
}

// duplicates makes words of the store's error.
func duplicates(err error) error {
	var d *org.DuplicatesError
	if !errors.As(err, &d) {
		return err
	}
	verb := " users have a value that another user has."
	if d.Users == 1 {
		verb = " user has a value that another user has."
	}
	var found edit.Problems
	found.Add(profile.PropertyPath(profile.Attribute{Name: d.Attribute})+".unique", strconv.Itoa(d.Users)+verb)
	return found.Fault("schema")
}

// mayChange lets nobody below a super administrator say which values are
// sensitive (Okta help, "Hide sensitive attributes"), nor change or remove such an
// attribute: it could be made again without the mark, and a rule such as a pattern
// tells of values by who breaks it.
func mayChange(by By, changes []profile.Change) error {
	if !almighty(by) && slices.ContainsFunc(changes, profile.Change.Sensitive) {
		return fault.New(fault.Forbidden, "")
	}
	return nil
}
