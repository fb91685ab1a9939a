package sqlstore

import (
	"context"
	"errors"

	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/profile"
)

// schemas keeps one schema, that of the default user type.
type schemas struct{ *tx }

const (
	defaultSchema = "default"

	readSchema  = "SELECT document FROM user_schemas WHERE id = $1"
	writeSchema = "INSERT INTO user_schemas (id, document) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET document = excluded.document"
)

// Get gives out what the cache has, since a schema does not change.
func (r schemas) Get(ctx context.Context) (*profile.Schema, error) {
	return cached(ctx, r.tx, &r.store.schema, func() (*profile.Schema, error) {
		text, err := one(ctx, r.tx, single[string], readSchema, defaultSchema)
		if errors.Is(err, org.ErrNotFound) {
			return profile.NewSchema()
		}
		if err != nil {
			return nil, err
		}
		return profile.DecodeSchema(text)
	})
}

func (r schemas) Put(ctx context.Context, s *profile.Schema) error {
	text, err := s.Encode()
	if err != nil {
		return r.fail(err)
	}
	if err := r.changeConfig(ctx); err != nil {
		return err
	}
	_, err = r.exec(ctx, writeSchema, defaultSchema, jsonText(text))
	return err
}
