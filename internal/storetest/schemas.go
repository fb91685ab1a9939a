package storetest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/profile"
)

// schemaWith makes the base schema with one attribute more.
func schemaWith(t testing.TB, name string) *profile.Schema {
	t.Helper()
	s, err := profile.NewSchema(profile.Attribute{Name: name, Title: "T", Type: profile.String})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func putSchema(schema *profile.Schema) work {
	return func(ctx context.Context, tx *org.Tx) error { return tx.Schemas.Put(ctx, "", schema) }
}

// attribute expects whether the schema of the default type has an attribute.
func (s *suite) attribute(name string, want bool) work { return s.attributeOf("", name, want) }

// attributeOf is attribute for users of any type.
func (s *suite) attributeOf(typeID, name string, want bool) work {
	s.Helper()
	return func(ctx context.Context, tx *org.Tx) error {
		schema, err := tx.Schemas.Of(ctx, typeID)
		if err != nil {
			return err
		}
		if _, ok := schema.Attribute(name); ok != want {
			s.Errorf("schema has %q: %v", name, ok)
		}
		return nil
	}
}

func schemaCases() []testCase {
	return []testCase{
		{"an org without one has the base schema", func(s *suite) {
			s.view(s.attribute(profile.Login, true))
		}},
		{"the last one counts", func(s *suite) {
			s.update(putSchema(schemaWith(s, "a")))
			s.view(s.attribute("a", true))
			s.update(putSchema(schemaWith(s, "b")))
			s.view(s.attribute("a", false))
			s.view(s.attribute("b", true))
		}},
		{"a change is seen inside at once, and outside when it is made", func(s *suite) {
			s.view(s.attribute("a", false))
			s.update(func(ctx context.Context, tx *org.Tx) error {
				if err := s.attribute("a", false)(ctx, tx); err != nil {
					return err
				}
				if err := tx.Schemas.Put(ctx, "", schemaWith(s, "a")); err != nil {
					return err
				}
				s.view(s.attribute("a", false))
				return s.attribute("a", true)(ctx, tx)
			})
			s.view(s.attribute("a", true))
		}},
		{"a change that is undone is seen by nobody", func(s *suite) {
			s.refused(errLost, func(ctx context.Context, tx *org.Tx) error {
				if err := tx.Schemas.Put(ctx, "", schemaWith(s, "a")); err != nil {
					return err
				}
				if err := s.attribute("a", true)(ctx, tx); err != nil {
					return err
				}
				return fmt.Errorf("mine: %w", errLost)
			})
			s.view(s.attribute("a", false))
			s.update(putSchema(schemaWith(s, "b")))
			s.view(s.attribute("a", false))
		}},
	}
}

// typeOf makes a user type.
func typeOf(id, name string) *org.UserType {
	return &org.UserType{ID: id, Name: name, DisplayName: name, Created: stored(1)}
}

func createType(t *org.UserType) work {
	return func(ctx context.Context, tx *org.Tx) error { return tx.UserTypes.Create(ctx, t) }
}

// types gives all user types.
func (s *suite) types() (all []*org.UserType) {
	s.Helper()
	s.view(func(ctx context.Context, tx *org.Tx) (err error) {
		all, err = tx.UserTypes.List(ctx)
		return err
	})
	return all
}

func userTypeCases() []testCase {
	full := func(at func(int) time.Time) *org.UserType {
		return &org.UserType{
			ID: "oty1", Name: org.DefaultUserType, DisplayName: "User <&>", Description: "d", CreatedBy: "00u1", UpdatedBy: "00u2",
			Created: at(1), LastUpdated: at(2), SchemaUpdated: at(3),
		}
	}
	return []testCase{
		{"what is written is read, and is the caller's own", func(s *suite) {
			equal(s, "none", s.types(), []*org.UserType{})
			s.update(createType(full(moment)))
			for range 2 {
				s.view(func(ctx context.Context, tx *org.Tx) error {
					byID, err := tx.UserTypes.Get(ctx, "oty1")
					if err != nil {
						return err
					}
					byDefault, err := tx.UserTypes.Default(ctx)
					if err != nil {
						return err
					}
					for _, t := range append(s.types(), byID, byDefault) {
						equal(s, "type", t, full(stored))
						t.Name, t.DisplayName = "changed", "changed"
					}
					return nil
				})
			}
		}},
		{"none is not found", func(s *suite) {
			s.missing("by id", func(ctx context.Context, tx *org.Tx) error {
				_, err := tx.UserTypes.Get(ctx, "oty1")
				return err
			})
			s.update(createType(typeOf("oty1", "not the default")))
			s.missing("default", func(ctx context.Context, tx *org.Tx) error {
				_, err := tx.UserTypes.Default(ctx)
				return err
			})
			s.refused(org.ErrNotFound, func(ctx context.Context, tx *org.Tx) error { return tx.UserTypes.Update(ctx, typeOf("oty2", "x")) })
			s.refused(org.ErrNotFound, func(ctx context.Context, tx *org.Tx) error { return tx.UserTypes.Delete(ctx, "oty2") })
		}},
		{"names are taken once", func(s *suite) {
			s.update(createType(typeOf("oty1", "a")))
			s.refused(org.ErrNameTaken, createType(typeOf("oty2", "a")))
			s.update(createType(typeOf("oty2", "A")))
			s.refused(org.ErrNameTaken, func(ctx context.Context, tx *org.Tx) error { return tx.UserTypes.Update(ctx, typeOf("oty2", "a")) })
		}},
		{"update replaces everything", func(s *suite) {
			s.update(createType(typeOf("oty1", "a")))
			_ = s.types() // into the cache
			s.update(func(ctx context.Context, tx *org.Tx) error { return tx.UserTypes.Update(ctx, full(moment)) })
			equal(s, "types", s.types(), []*org.UserType{full(stored)})
		}},
		{"each has a schema of its own, which goes with it", func(s *suite) {
			s.update(createType(typeOf("oty1", "a")))
			s.update(func(ctx context.Context, tx *org.Tx) error {
				if err := tx.Schemas.Put(ctx, "oty1", schemaWith(s, "a")); err != nil {
					return err
				}
				return tx.Schemas.Put(ctx, "", schemaWith(s, "b"))
			})
			s.view(s.attribute("b", true))
			s.view(s.attributeOf("oty1", "a", true))
			s.view(s.attributeOf("oty1", "b", false))
			s.update(func(ctx context.Context, tx *org.Tx) error { return tx.UserTypes.Delete(ctx, "oty1") })
			s.view(s.attributeOf("oty1", "a", false))
			s.view(s.attributeOf("oty1", profile.Login, true))
			s.view(s.attribute("b", true))
			equal(s, "types", s.types(), []*org.UserType{})
		}},
		{"one is in use while there are users of it", func(s *suite) {
			used := func(want bool) work {
				return func(ctx context.Context, tx *org.Tx) error {
					got, err := tx.UserTypes.InUse(ctx, "oty1")
					equal(s, "in use", got, want)
					return err
				}
			}
			s.update(createUser(person(s, "00u1", "ada@example.com", "ada@example.com")))
			s.view(used(false))
			u := person(s, "00u2", "bob@example.com", "bob@example.com")
			u.TypeID = "oty1"
			s.update(createUser(u))
			s.view(used(true))
			s.update(func(ctx context.Context, tx *org.Tx) error { return tx.Users.Delete(ctx, "00u2") })
			s.view(used(false))
		}},
	}
}
