package sqlstore

import (
	"context"
	"slices"

	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/profile"
)

// uniqueValues are the values that users have of attributes which must be unique,
// by name of the attribute, over all types: they are one namespace.
type uniqueValues struct{ *tx }

const (
	deleteValue   = "DELETE FROM user_unique_values WHERE attribute = $1 AND value_key = $2"
	releaseValues = "DELETE FROM user_unique_values WHERE attribute = $1 AND user_id IN (SELECT id FROM users WHERE type_id = $2)"
	valuesOfUser  = "SELECT attribute, value_key FROM user_unique_values WHERE user_id = $1"
	valueIsTaken  = "SELECT COUNT(*) FROM user_unique_values WHERE attribute = $1 AND value_key = $2 AND user_id <> $3"

	// valuesAtOnce is how many users one statement reads and writes.
	valuesAtOnce = 500
)

func scanUniqueValue(r row) (v profile.UniqueValue, err error) {
	return v, r.Scan(&v.Attribute, &v.Key)
}

// claim makes the unique values of a user those of its profile, or ends the
// transaction with the error that one is taken.
func (r uniqueValues) claim(ctx context.Context, u *org.User, hadSome bool) error {
	all, err := schemas(r).all(ctx)
	if err != nil {
		return err
	}
	want, had, err := r.difference(ctx, all, u, hadSome)
	if err != nil {
		return err
	}
	for _, v := range had {
		if err := r.hold(deleteValue, v.Attribute, v.Key); err != nil {
			return err
		}
	}
	for _, v := range want {
		if err := r.hold(insertValues(1), v.Attribute, v.Key, u.ID); err != nil {
			return err
		}
	}
	if len(want) == 0 {
		return nil
	}
	changed, err := r.send(ctx)
	if err != nil {
		return err
	}
	if i := slices.Index(changed[len(changed)-len(want):], 0); i >= 0 {
		return r.fail(&org.ValueTakenError{Attribute: want[i].Attribute})
	}
	return nil
}

// difference gives the values that a user has and had not, and the reverse.
// Nothing is asked where no schema has a unique attribute.
func (r uniqueValues) difference(ctx context.Context, all map[string]*profile.Schema, u *org.User, hadSome bool) (add, drop []profile.UniqueValue, err error) {
	unique := false
	for _, s := range all {
		unique = unique || s.HasUnique()
	}
	if !unique {
		return nil, nil, nil
	}
	if s := all[schemaKey(u.TypeID)]; s != nil {
		add = s.UniqueValues(u.Profile)
	}
	if !hadSome {
		return add, nil, nil
	}
	had, err := list(ctx, r.tx, scanUniqueValue, valuesOfUser, u.ID)
	if err != nil {
		return nil, nil, err
	}
	drop = slices.DeleteFunc(slices.Clone(had), func(v profile.UniqueValue) bool { return slices.Contains(add, v) })
	add = slices.DeleteFunc(add, func(v profile.UniqueValue) bool { return slices.Contains(had, v) })
	return add, drop, nil
}

// reserve takes down the values of attributes that have become unique, of all
// users of a type.
func (r uniqueValues) reserve(ctx context.Context, typeID string, s *profile.Schema, attributes []string) error {
	if len(attributes) == 0 {
		return nil
	}
	duplicates := map[string]int{}
	for after := ""; ; {
		page, err := schemas(r).Profiles(ctx, typeID, after, valuesAtOnce)
		if err != nil {
			return err
		}
		rows := map[string][]any{}
		for _, p := range page {
			for _, v := range s.UniqueValues(p.Profile) {
				if slices.Contains(attributes, v.Attribute) {
					rows[v.Attribute] = append(rows[v.Attribute], v.Attribute, v.Key, p.UserID)
				}
			}
			after = p.UserID
		}
		for name, args := range rows {
			n := len(args) / 3
			inserted, err := r.exec(ctx, insertValues(n), args...)
			if err != nil {
				return err
			}
			duplicates[name] += n - int(inserted)
		}
		if len(page) < valuesAtOnce {
			break
		}
	}
	for _, name := range attributes {
		if n := duplicates[name]; n > 0 {
			return r.fail(&org.DuplicatesError{Attribute: name, Users: n})
		}
	}
	return nil
}

// insertValues is the statement for n values.
func insertValues(n int) string {
	return "INSERT INTO user_unique_values (attribute, value_key, user_id) VALUES " + rowsOf(n, 3) + " ON CONFLICT (attribute, value_key) DO NOTHING"
}
