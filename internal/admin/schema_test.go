package admin_test

import (
	"context"
	"slices"
	"testing"

	"github.com/usher-id/usher/internal/admin"
	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/profile"
)

func badge() profile.Attribute {
	return profile.Attribute{Name: "badge", Title: "Badge", Type: profile.Integer}
}

func (o *office) attribute(name string) (profile.Attribute, bool) {
	o.Helper()
	var schema *profile.Schema
	err := o.Store.View(o.Context(), func(ctx context.Context, tx *org.Tx) (err error) {
		schema, err = tx.Schemas.Get(ctx)
		return err
	})
	if err != nil {
		o.Fatal(err)
	}
	return schema.Attribute(name)
}

func TestPutAttributes(t *testing.T) {
	onEngines(t, func(o *office) {
		for range 2 { // the second time there is nothing to change
			if err := o.PutAttributes(o.Context(), o.by, badge()); err != nil {
				o.Fatal(err)
			}
		}
		if a, ok := o.attribute("badge"); !ok || a.Type != profile.Integer {
			o.Errorf("the attribute is %+v", a)
		}
		schema, err := o.Schema(o.Context(), admin.DefaultType)
		if err != nil {
			o.Fatal(err)
		}
		o.wantEvents("directory.user_profile.update " + schema.Type.SchemaID())

		text := badge()
		text.Type = profile.String
		refused(o.T, o.PutAttributes(o.Context(), o.by, text), fault.Invalid, "badge.type: The type of a property cannot be changed.")

		// A rule that says what it said is refused once the schema has left it
		// behind: nobody could sign up by it.
		required := badge()
		required.Required = true
		if err := o.PutAttributes(o.Context(), o.by, required); err != nil {
			o.Fatal(err)
		}
		p := o.policy()
		_, err = o.PutRule(o.Context(), o.by, p.ID, p.Rule)
		refused(o.T, err, fault.Invalid, "actions.profileEnrollment.profileAttributes: 'badge' is required by the user schema and must be on the form")
	})
}

// What was recorded before an attribute became sensitive holds its values.
func TestSensitiveAttributesForgetRecords(t *testing.T) {
	onEngines(t, func(o *office) {
		record := func(id string) {
			err := o.Store.Update(o.Context(), func(ctx context.Context, tx *org.Tx) error {
				return tx.Calls.Append(ctx, &org.HookCall{ID: id, Started: o.Now(), Request: `{"badge":4107}`})
			})
			if err != nil {
				o.Fatal(err)
			}
		}
		want := func(ids ...string) {
			o.Helper()
			var got []string
			err := o.Store.View(o.Context(), func(ctx context.Context, tx *org.Tx) error {
				calls, err := tx.Calls.Recent(ctx, "", true, 10)
				got = nil
				for _, c := range calls {
					got = append(got, c.ID)
				}
				return err
			})
			if err != nil || !slices.Equal(got, ids) {
				o.Errorf("records are %v, want %v (%v)", got, ids, err)
			}
		}
		put := func(a profile.Attribute) {
			o.Helper()
			if err := o.PutAttributes(o.Context(), o.by, a); err != nil {
				o.Fatal(err)
			}
		}
		record("before")
		put(badge())
		want("before")

		secret := badge()
		secret.Sensitive = true
		put(secret)
		want()

		record("after") // it was redacted
		secret.Title = "Number of the badge"
		put(secret)
		want("after")
	})
}
