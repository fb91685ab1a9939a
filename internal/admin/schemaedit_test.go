package admin_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/usher-id/usher/hook"
	"github.com/usher-id/usher/internal/admin"
	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/profile"
)

// edit changes custom properties of the default type, as whoever has that role.
func (o *office) edit(role, custom string) (*admin.UserSchema, error) {
	o.Helper()
	properties := &hook.Object{}
	if err := properties.UnmarshalJSON([]byte(custom)); err != nil {
		o.Fatal(err)
	}
	by := o.by
	by.Role = role
	return o.EditSchema(o.Context(), by, admin.DefaultType, nil, properties)
}

// edited is edit that succeeds.
func (o *office) edited(custom string) *admin.UserSchema {
	o.Helper()
	s, err := o.edit("", custom)
	if err != nil {
		o.Fatal(err)
	}
	return s
}

// holder stores a user with further values, given as JSON.
func (o *office) holder(id, values string) {
	o.Helper()
	p := &hook.Object{}
	if err := p.UnmarshalJSON([]byte(values)); err != nil {
		o.Fatal(err)
	}
	for _, name := range []string{profile.Login, profile.Email, profile.FirstName, profile.LastName} {
		p.Set(name, id+"@example.com")
	}
	u := &org.User{ID: id, Status: org.StatusActive, Profile: profile.New(p)}
	if err := o.Store.Update(o.Context(), func(ctx context.Context, tx *org.Tx) error { return tx.Users.Create(ctx, u) }); err != nil {
		o.Fatal(err)
	}
}

func TestUniqueNeedsUniqueValues(t *testing.T) {
	onEngines(t, func(o *office) {
		o.edited(`{"badge":{"title":"Badge","type":"string"},"desk":{"title":"Desk","type":"string"}}`)
		for i, badge := range []string{"A-1", "a-1", "A-1", "A-2"} {
			o.holder(fmt.Sprint("00u", i), `{"badge":"`+badge+`","desk":"`+badge[:1]+fmt.Sprint(i/2)+`"}`)
		}
		_, err := o.edit("", `{"badge":{"unique":true},"other":{"title":"O","type":"string"}}`)
		refused(o.T, err, fault.Invalid, "definitions.custom.properties.badge.unique: 2 users have a value that another user has.")
		_, err = o.edit("", `{"desk":{"unique":true}}`)
		refused(o.T, err, fault.Invalid, "definitions.custom.properties.desk.unique: 2 users have a value that another user has.")
		if a, _ := o.attribute("badge"); a.Unique {
			o.Error("the attribute is unique all the same")
		}
		if _, ok := o.attribute("other"); ok {
			o.Error("half of the change was made")
		}
	})
}

func TestViolatorsAreCountedAndListed(t *testing.T) {
	onEngines(t, func(o *office) {
		o.edited(`{"badge":{"title":"Badge","type":"string"},"ssn":{"title":"SSN","type":"string","sensitive":true},"size":{"title":"S","type":"number"}}`)
		o.holder("00u1", `{"badge":"long","ssn":"secret","size":1}`)
		o.holder("00u2", `{"badge":"longer","size":5}`)
		o.holder("00u3", `{}`)
		for _, c := range []struct {
			change string
			want   int
		}{
			{`{"badge":{"title":"Number","permissions":[{"principal":"SELF","action":"HIDE"}]}}`, 0}, // no rule of values
			{`{"badge":{"maxLength":5}}`, 1},
			{`{"badge":{"maxLength":null}}`, 0},
			{`{"badge":{"pattern":"[a-z]"},"size":{"maximum":4}}`, 2},
			{`{"new":{"title":"New","type":"string","maxLength":1}}`, 0},
			{`{"needed":{"title":"Needed","type":"string","required":true},"badge":{"pattern":null}}`, 3},
			{`{"needed":{"required":false},"ssn":{"minLength":9},"size":null}`, 1},
		} {
			if got := o.edited(c.change).Violators; got != c.want {
				o.Errorf("%s: %d users are counted, want %d", c.change, got, c.want)
			}
		}
		o.edited(`{"badge":{"enum":["short"]},"ssn":{"maxLength":1,"minLength":null}}`)
		var all []admin.UserViolations
		for after, pages := "", 0; ; pages++ {
			page, next, err := o.Violations(o.Context(), o.by, admin.DefaultType, after, 1)
			if err != nil || pages > 2 {
				o.Fatal(pages, err)
			}
			all = append(all, page...)
			if after = next; next == "" {
				break
			}
		}
		got := fmt.Sprint(all)
		want := "[{00u1 [{badge Choose one of the listed values. CHOICE} {ssn Use at most 1 character. LENGTH}]} {00u2 [{badge Choose one of the listed values. CHOICE}]}]"
		if got != want {
			o.Errorf("violations are\n%s\nwant\n%s", got, want)
		}
		if _, _, err := o.Violations(o.Context(), o.by, "oscnone", "", 1); !fault.Is(err, fault.NotFound) {
			o.Errorf("of no schema: %v", err)
		}
	})
}

// A rule such as a pattern, and a list of who breaks it, would tell a sensitive
// value by and by.
func TestSensitiveValuesAreNotGuessedByRules(t *testing.T) {
	onEngines(t, func(o *office) {
		o.edited(`{"badge":{"title":"Badge","type":"string"},"ssn":{"title":"SSN","type":"string","sensitive":true}}`)
		o.holder("00u1", `{"badge":"long","ssn":"123"}`)
		o.holder("00u2", `{"ssn":"456"}`)
		for _, role := range []string{org.RoleOrgAdmin, org.RoleHelpDesk, org.RoleReadOnly} {
			for _, keyword := range []string{`"pattern":"1.*"`, `"maxLength":1`, `"minLength":9`, `"enum":["1"]`, `"title":"T"`, `"unique":true`} {
				_, err := o.edit(role, `{"ssn":{`+keyword+`}}`)
				refused(o.T, err, fault.Forbidden)
			}
		}
		o.edited(`{"ssn":{"pattern":"1.*"}}`)
		changed, err := o.edit(org.RoleOrgAdmin, `{"badge":{"maxLength":3},"ssn":{"pattern":"1.*"}}`) // which it is already
		if err != nil || changed.Violators != 1 {
			o.Errorf("%+v, %v", changed, err)
		}
		for role, want := range map[string]string{
			"":                 "[{00u1 [{badge Use at most 3 characters. LENGTH}]} {00u2 [{ssn This value does not match the required pattern. PATTERN}]}]",
			org.RoleSuperAdmin: "[{00u1 [{badge Use at most 3 characters. LENGTH}]} {00u2 [{ssn This value does not match the required pattern. PATTERN}]}]",
			org.RoleOrgAdmin:   "[{00u1 [{badge Use at most 3 characters. LENGTH}]}]",
			org.RoleReadOnly:   "[{00u1 [{badge Use at most 3 characters. LENGTH}]}]",
		} {
			by := o.by
			by.Role = role
			found, _, err := o.Violations(o.Context(), by, admin.DefaultType, "", 200)
			if got := fmt.Sprint(found); err != nil || got != want {
				o.Errorf("%q is told\n%s\nwant\n%s (%v)", role, got, want, err)
			}
		}
	})
}

// More users than are read at once.
func TestViolationsOfMany(t *testing.T) {
	t.Parallel()
	o := newOffice(t, openStore(t, "sqlite:"+t.TempDir()+"/many.db"))
	if _, err := o.SetUp(t.Context(), o.by); err != nil {
		t.Fatal(err)
	}
	o.edited(`{"badge":{"title":"Badge","type":"string"}}`)
	const many = 1203
	err := o.Store.Update(t.Context(), func(ctx context.Context, tx *org.Tx) error {
		for i := range many {
			name := fmt.Sprintf("%04d@example.com", i)
			p := profile.Profile{}.Set(profile.Login, name).Set(profile.Email, name).Set(profile.FirstName, "a").Set(profile.LastName, "b").Set("badge", fmt.Sprint(i%2))
			if err := tx.Users.Create(ctx, &org.User{ID: fmt.Sprintf("00u%04d", i), Profile: p}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := o.edited(`{"badge":{"pattern":"1"}}`).Violators; got != many/2+1 {
		t.Errorf("%d users are counted", got)
	}
	var ids []string
	for after := ""; ; {
		page, next, err := o.Violations(t.Context(), o.by, admin.DefaultType, after, 200)
		if err != nil {
			t.Fatal(err)
		}
		for _, u := range page {
			ids = append(ids, u.UserID)
		}
		if after = next; next == "" {
			break
		}
	}
	if len(ids) != many/2+1 || !slices.IsSorted(ids) || len(slices.Compact(ids)) != len(ids) {
		t.Errorf("%d users are listed", len(ids))
	}
}

// What is typed into a field outside the schema goes to the hook, so a sensitive
// attribute does not become one unnoticed.
func TestSensitiveAttributeOnAFormIsNotRemoved(t *testing.T) {
	onEngines(t, func(o *office) {
		o.edited(`{"ssn":{"title":"SSN","type":"string","sensitive":true},"badge":{"title":"Badge","type":"string"}}`)
		p := o.policy()
		plain := p.Rule.Attributes
		p.Rule.Attributes = append(slices.Clone(plain), org.FormAttribute{Name: "ssn"}, org.FormAttribute{Name: "badge"})
		if _, err := o.PutRule(o.Context(), o.by, p.ID, p.Rule); err != nil {
			o.Fatal(err)
		}
		const asked = "definitions.custom.properties.ssn: It is sensitive, and the form of the policy Default Policy asks for it. " +
			"Take it off the form first: what is typed there would be sent to the hook."
		_, err := o.edit("", `{"ssn":null,"badge":null}`)
		refused(o.T, err, fault.Invalid, asked)
		o.edited(`{"badge":null}`)

		p.Rule.Attributes = plain
		if _, err := o.PutRule(o.Context(), o.by, p.ID, p.Rule); err != nil {
			o.Fatal(err)
		}
		for _, role := range []string{org.RoleOrgAdmin, org.RoleHelpDesk, org.RoleReadOnly} {
			if _, err := o.edit(role, `{"ssn":null}`); !fault.Is(err, fault.Forbidden) {
				o.Errorf("%s: %v", role, err)
			}
		}
		if _, err := o.edit(org.RoleSuperAdmin, `{"ssn":null}`); err != nil {
			o.Error(err)
		}
		if _, ok := o.attribute("ssn"); ok {
			o.Error("it is there")
		}
	})
}

func TestUserTypeInUseIsNotDeleted(t *testing.T) {
	onEngines(t, func(o *office) {
		name, display := "contractor", "Contractor"
		made, err := o.CreateUserType(o.Context(), o.by, admin.UserTypeInput{Name: &name, DisplayName: &display})
		if err != nil {
			o.Fatal(err)
		}
		o.holder("00u1", `{}`)
		ofType := func(typeID string) {
			err := o.Store.Update(o.Context(), func(ctx context.Context, tx *org.Tx) error {
				u, err := tx.Users.Get(ctx, "00u1")
				if err != nil {
					return err
				}
				u.TypeID = typeID
				return tx.Users.Update(ctx, u)
			})
			if err != nil {
				o.Fatal(err)
			}
		}
		ofType(made.ID)
		refused(o.T, o.DeleteUserType(o.Context(), o.by, made.ID), fault.TypeInUse, ": There are users of this type.")
		if t, err := o.UserType(o.Context(), made.ID); err != nil || t.DisplayName != display {
			o.Errorf("the type is %+v, %v", t, err)
		}
		ofType("")
		if err := o.DeleteUserType(o.Context(), o.by, made.ID); err != nil {
			o.Error(err)
		}
		o.wantEvents("directory.non_default_user_profile.create "+made.ID, "directory.user_profile.update "+made.ID)
	})
}

// An org that a version without user types has set up gets its default one.
func TestSetUpAgainMakesTheDefaultType(t *testing.T) {
	onEngines(t, func(o *office) {
		before, err := o.UserType(o.Context(), admin.DefaultType)
		if err != nil {
			o.Fatal(err)
		}
		err = o.Store.Update(o.Context(), func(ctx context.Context, tx *org.Tx) error { return tx.UserTypes.Delete(ctx, before.ID) })
		if err != nil {
			o.Fatal(err)
		}
		for range 2 {
			if _, err := o.SetUp(o.Context(), o.by); err != nil {
				o.Fatal(err)
			}
		}
		all, err := o.UserTypes(o.Context())
		if err != nil || len(all) != 1 || !all[0].Default() {
			o.Errorf("types are %v, %v", all, err)
		}
	})
}

// Administrators and processes work at the same time.
func TestSchemaChangesAtOnce(t *testing.T) {
	onEngines(t, func(o *office) {
		errs := atOnce(8, func(i int) error {
			_, err := o.edit("", fmt.Sprintf(`{"a%d":{"title":"A","type":"string","unique":%t}}`, i, i%2 == 0))
			return err
		})
		for i, err := range errs {
			if err != nil && !fault.Is(err, fault.Busy) {
				o.Error(err)
			}
			if _, ok := o.attribute(fmt.Sprint("a", i)); ok != (err == nil) {
				o.Errorf("attribute %d is there: %v, though the change ended with %v", i, ok, err)
			}
		}
	})
}
