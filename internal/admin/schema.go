package admin

import (
	"context"
	"slices"
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
}

// Schema gives the schema of an id, or of [DefaultType].
func (s *Service) Schema(ctx context.Context, schemaID string) (*UserSchema, error) {
	return edit.View(ctx, &s.Editor, schemaID, schemaResource, func(ctx context.Context, tx *org.Tx) (*UserSchema, error) {
		t, err := typeOfSchema(ctx, tx, schemaID)
		if err != nil {
			return nil, err
		}
		schema, err := tx.Schemas.Of(ctx, t.Key())
		return &UserSchema{t, schema}, err
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

// changeSchema puts another schema in the place of one. Where an attribute becomes
// sensitive, the records of all hook calls so far are deleted, since they were
// redacted by the schema as it was.
func (s *Service) changeSchema(ctx context.Context, by By, schemaID string, change func(*profile.Schema) (*profile.Schema, error)) (*UserSchema, error) {
	var result *UserSchema
	err := s.Change(ctx, func(ctx context.Context, tx *org.Tx) error {
		t, err := typeOfSchema(ctx, tx, schemaID)
		if err != nil {
			return err
		}
		old, err := tx.Schemas.Of(ctx, t.Key())
		if err != nil {
			return err
		}
		if err := edit.Expected(ctx, t.SchemaRevision()); err != nil {
			return err
		}
		schema, err := change(old)
		if err != nil {
			return err
		}
		result = &UserSchema{t, schema}
		changes := old.Changes(schema)
		if len(changes) == 0 {
			return edit.ErrUnchanged
		}
		if err := mayChange(by, changes); err != nil {
			return err
		}
		t.SchemaUpdated = s.Advance(t.SchemaUpdated)
		if err := tx.UserTypes.Update(ctx, t); err != nil {
			return err
		}
		if err := tx.Schemas.Put(ctx, t.Key(), schema); err != nil {
			return err
		}
		if slices.ContainsFunc(changes, profile.Change.Hides) {
			const noBodies = 0
			if _, err := tx.Calls.Prune(ctx, s.Time(), noBodies); err != nil {
				return err
			}
		}
		return tx.Events.Append(ctx, s.schemaEvent(by, t, changes))
	})
	if err != nil {
		return nil, edit.Missing(err, schemaID, schemaResource)
	}
	return result, nil
}

// mayChange lets nobody below a super administrator say which values are
// sensitive (Okta help, "Hide sensitive attributes"). To remove such an attribute
// is to say so as well: it could be made again without the mark.
func mayChange(by By, changes []profile.Change) error {
	super := by.Role == "" || by.Role == org.RoleSuperAdmin
	if !super && slices.ContainsFunc(changes, profile.Change.MarksSensitive) {
		return fault.New(fault.Forbidden, "")
	}
	return nil
}

func (s *Service) schemaEvent(by By, t *org.UserType, changes []profile.Change) org.Event {
	names := make([]string, len(changes))
	for i, c := range changes {
		names[i] = c.Name()
	}
	e := s.Event(eventlog.SchemaUpdated, by, eventlog.SchemaTarget(t), eventlog.UserTypeTarget(t))
	e.Debug = map[string]string{"usher.properties": strings.Join(names, ",")}
	return e
}
