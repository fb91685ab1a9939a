package sqlstore

import (
	"context"

	"github.com/usher-id/usher/internal/profile"
)

// schemas are stored by the id of their user type, that of the default one by a
// word.
type schemas struct{ *tx }

const (
	defaultSchema = "default"

	allSchemas   = "SELECT id, document FROM user_schemas"
	writeSchema  = "INSERT INTO user_schemas (id, document) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET document = excluded.document"
	deleteSchema = "DELETE FROM user_schemas WHERE id = $1"
)

// schemaKey is the key of the schema of users with that type.
func schemaKey(typeID string) string {
	if typeID == "" {
		return defaultSchema
	}
	return typeID
}

// storedSchema is one row.
type storedSchema struct{ key, document string }

func scanSchema(r row) (s storedSchema, err error) { return s, r.Scan(&s.key, &s.document) }

// all gives what the cache has, since a schema does not change.
func (r schemas) all(ctx context.Context) (map[string]*profile.Schema, error) {
	return cached(ctx, r.tx, &r.store.schemas, func() (map[string]*profile.Schema, error) {
		rows, err := list(ctx, r.tx, scanSchema, allSchemas)
		if err != nil {
			return nil, err
		}
		all := make(map[string]*profile.Schema, len(rows))
		for _, row := range rows {
			if all[row.key], err = profile.DecodeSchema(row.document); err != nil {
				return nil, r.fail(err)
			}
		}
		if all[defaultSchema] == nil {
			all[defaultSchema], err = profile.NewSchema()
		}
		return all, err
	})
}

func (r schemas) Get(ctx context.Context) (*profile.Schema, error) { return r.Of(ctx, "") }

func (r schemas) Of(ctx context.Context, typeID string) (*profile.Schema, error) {
	all, err := r.all(ctx)
	if err != nil {
		return nil, err
	}
	if s := all[schemaKey(typeID)]; s != nil {
		return s, nil
	}
	return profile.NewSchema()
}

func (r schemas) Put(ctx context.Context, typeID string, s *profile.Schema) error {
	text, err := s.Encode()
	if err != nil {
		return r.fail(err)
	}
	if err := r.changeConfig(ctx); err != nil {
		return err
	}
	_, err = r.exec(ctx, writeSchema, schemaKey(typeID), jsonText(text))
	return err
}
