package sqlstore

import (
	"context"
	"errors"
	"fmt"

	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/profile"
	"github.com/usher-id/usher/internal/sqldb"
)

// schemas are stored by the id of their user type, that of the default one by a
// word.
type schemas struct{ *tx }

const (
	defaultSchema = "default"

	allSchemas   = "SELECT id, document FROM user_schemas"
	writeSchema  = "INSERT INTO user_schemas (id, document) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET document = excluded.document"
	deleteSchema = "DELETE FROM user_schemas WHERE id = $1"

	// The index of types leaves out the default one, that most are of.
	profilesOfType    = "SELECT id, profile FROM users WHERE type_id = $3 AND type_id <> '' AND id > $1 ORDER BY id LIMIT $2"
	profilesOfDefault = "SELECT id, profile FROM users WHERE type_id = '' AND id > $1 ORDER BY id LIMIT $2"
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

func (r schemas) Hold(ctx context.Context) error {
	if r.asked || len(r.held) > 0 {
		// What was read before may have been changed meanwhile, and is not read anew.
		return r.fail(errHeldLate)
	}
	r.asked = true
	for _, lock := range r.store.engine.Dialect().Lock("users") {
		if _, err := r.exec(ctx, lock); err != nil {
			return err
		}
	}
	return nil
}

var errHeldLate = errors.New("sqlstore: users must be held before anything is asked")

func (r schemas) Put(ctx context.Context, typeID string, s *profile.Schema) error {
	old, err := r.Of(ctx, typeID)
	if err != nil {
		return err
	}
	text, err := s.Encode()
	if err != nil {
		return r.fail(err)
	}
	if err := r.changeConfig(ctx); err != nil {
		return err
	}
	if _, err = r.exec(ctx, writeSchema, schemaKey(typeID), jsonText(text)); err != nil {
		return err
	}
	var become []string
	for _, c := range old.Changes(s) {
		name := c.Name()
		if c.After == nil {
			if _, err := r.exec(ctx, takeMember(r.store.engine.Dialect()), typeID, name); err != nil {
				return err
			}
		}
		was, is := old.Unique(name), s.Unique(name)
		if was && !is {
			if _, err := r.exec(ctx, releaseValues, name, typeID); err != nil {
				return err
			}
		}
		if is && !was {
			become = append(become, name)
		}
	}
	return uniqueValues(r).reserve(ctx, typeID, s, become)
}

// takeMember takes the member $2 out of the profiles of users of the type $1.
func takeMember(d sqldb.Dialect) string {
	return "UPDATE users SET profile = " + d.WithoutMember("profile", "$2") + " WHERE type_id = $1 AND " + d.HasMember("profile", "$2")
}

func (r schemas) Taken(ctx context.Context, typeID string, p profile.Profile, userID string) ([]string, error) {
	s, err := r.Of(ctx, typeID)
	if err != nil {
		return nil, err
	}
	taken := []string{}
	for _, v := range s.UniqueValues(p) {
		n, err := one(ctx, r.tx, single[int], valueIsTaken, v.Attribute, v.Key, userID)
		if err != nil {
			return nil, err
		}
		if n > 0 {
			taken = append(taken, v.Attribute)
		}
	}
	return taken, nil
}

func scanProfile(r row) (p org.UserProfile, err error) {
	var text string
	if err := r.Scan(&p.UserID, &text); err != nil {
		return p, err
	}
	if p.Profile, err = profile.Decode(text); err != nil {
		return p, fmt.Errorf("user %s: %w", p.UserID, err)
	}
	return p, nil
}

func (r schemas) Profiles(ctx context.Context, typeID, after string, limit int) ([]org.UserProfile, error) {
	if typeID == "" {
		return list(ctx, r.tx, scanProfile, profilesOfDefault, after, limit)
	}
	return list(ctx, r.tx, scanProfile, profilesOfType, after, limit, typeID)
}
