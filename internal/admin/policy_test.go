package admin_test

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"testing"

	"github.com/usher-id/usher/hook"
	"github.com/usher-id/usher/internal/admin"
	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/profile"
)

func TestPutRule(t *testing.T) {
	onEngines(t, func(o *office) {
		h := o.hook("hook")
		g, err := o.EnsureGroup(o.Context(), o.by, "Customers")
		if err != nil {
			o.Fatal(err)
		}
		before := o.policy()
		rule := org.Rule{
			ID: "rulother", Name: "Another", // neither is changed
			Access: org.ActionAllow, UnknownUserAction: org.ActionRegister, HookID: h.ID,
			Triggers: org.Triggers{NewUser: true}, TargetGroupID: g.ID, ProgressiveProfilingAction: org.Enabled,
			Attributes: []org.FormAttribute{
				{Name: "email", Label: "Your address", Required: true}, {Name: "lastName"}, {Name: "firstName"},
				{Name: "favouriteColour", Label: "Not in the schema"},
			},
		}
		p, err := o.PutRule(o.Context(), o.by, before.ID, rule)
		if err != nil {
			o.Fatal(err)
		}
		want := *before
		want.Rule = rule
		want.Rule.ID, want.Rule.Name = before.Rule.ID, before.Rule.Name
		want.Rule.Created, want.Rule.LastUpdated = before.Rule.Created, p.Rule.LastUpdated
		want.Rule.AllowedIdentifiers = []string{"login"}
		if stored := o.policy(); !reflect.DeepEqual(p, &want) || !reflect.DeepEqual(stored, &want) {
			o.Errorf("policy is\n%+v, stored\n%+v, want\n%+v", p, stored, want)
		}
		if !p.SelfServiceRegistration() || !p.Rule.LastUpdated.After(before.Rule.LastUpdated) {
			o.Errorf("policy is %+v", p)
		}
		if again, err := o.PutRule(o.Context(), o.by, p.ID, rule); err != nil || !reflect.DeepEqual(again, p) {
			o.Errorf("the same once more gives %+v (%v)", again, err)
		}
		o.wantEvents("inline_hook.created "+h.ID, "group.lifecycle.create "+g.ID, "policy.rule.update "+p.Rule.ID)

		_, err = o.PutRule(o.Context(), o.by, "rstnone", rule)
		refused(o.T, err, fault.NotFound)
	})
}

func TestRuleRules(t *testing.T) {
	onEngines(t, func(o *office) {
		telephony := input("telephony")
		telephony.Type = hook.TypeTelephony
		wrongType, err := o.CreateHook(o.Context(), o.by, telephony)
		if err != nil {
			o.Fatal(err)
		}
		inactive := o.hook("inactive")
		if _, err := o.DeactivateHook(o.Context(), o.by, inactive.ID); err != nil {
			o.Fatal(err)
		}
		field := func(names ...string) (list []org.FormAttribute) {
			for _, name := range append([]string{"email", "firstName", "lastName"}, names...) {
				list = append(list, org.FormAttribute{Name: name})
			}
			return list
		}
		many := make([]string, 8)
		for i := range many {
			many[i] = fmt.Sprint("field", i)
		}
		for name, c := range map[string]struct {
			change func(*org.Rule)
			causes []string // none for a rule that is allowed
		}{
			"login in place of email": {func(r *org.Rule) {
				r.Attributes = field()[1:]
				r.Attributes = append(r.Attributes, org.FormAttribute{Name: "login"})
			}, nil},
			"ten fields":           {func(r *org.Rule) { r.Attributes = field(many[:7]...) }, nil},
			"eleven fields":        {func(r *org.Rule) { r.Attributes = field(many...) }, []string{"actions.profileEnrollment.profileAttributes: at most 10 attributes"}},
			"a field twice":        {func(r *org.Rule) { r.Attributes = field("city", "city") }, []string{"actions.profileEnrollment.profileAttributes[4].name: 'city' occurs twice"}},
			"a field without name": {func(r *org.Rule) { r.Attributes = field("") }, []string{"actions.profileEnrollment.profileAttributes[3].name: The field cannot be left blank"}},
			"the password":         {func(r *org.Rule) { r.Attributes = field("passWord") }, []string{"actions.profileEnrollment.profileAttributes[3].name: 'passWord' cannot be a field of the form"}},
			"a reserved name":      {func(r *org.Rule) { r.Attributes = field("status") }, []string{"actions.profileEnrollment.profileAttributes[3].name: 'status' cannot be a field of the form"}},
			"a name that is none":  {func(r *org.Rule) { r.Attributes = field("a.b") }, []string{"actions.profileEnrollment.profileAttributes[3].name: 'a.b' cannot be a field of the form"}},
			"what every user has": {func(r *org.Rule) { r.Attributes = field()[2:] }, []string{
				"actions.profileEnrollment.profileAttributes: 'login' is required by the user schema and must be on the form",
				"actions.profileEnrollment.profileAttributes: 'firstName' is required by the user schema and must be on the form",
				"actions.profileEnrollment.profileAttributes: 'email' is required by the user schema and must be on the form",
			}},
			"mail":           {func(r *org.Rule) { r.EmailVerification = true }, nil},
			"access":         {func(r *org.Rule) { r.Access = "allow" }, []string{"actions.profileEnrollment.access: must be ALLOW or DENY"}},
			"unknown users":  {func(r *org.Rule) { r.UnknownUserAction = "ALLOW" }, []string{"actions.profileEnrollment.unknownUserAction: must be REGISTER or DENY"}},
			"progressive":    {func(r *org.Rule) { r.ProgressiveProfilingAction = "" }, []string{"actions.profileEnrollment.progressiveProfilingAction: must be ENABLED or DISABLED"}},
			"unknown hook":   {func(r *org.Rule) { r.HookID = "calnone" }, []string{"actions.profileEnrollment.preRegistrationInlineHooks: no such inline hook"}},
			"telephony hook": {func(r *org.Rule) { r.HookID = wrongType.ID }, []string{"actions.profileEnrollment.preRegistrationInlineHooks: the inline hook is not of type com.okta.user.pre-registration"}},
			"inactive hook":  {func(r *org.Rule) { r.HookID = inactive.ID }, []string{"actions.profileEnrollment.preRegistrationInlineHooks: the inline hook is not active"}},
			"unknown group":  {func(r *org.Rule) { r.TargetGroupID = "00gnone" }, []string{"actions.profileEnrollment.targetGroupIds: no such group"}},
		} {
			o.Run(name, func(t *testing.T) {
				before := o.policy()
				rule := before.Rule
				c.change(&rule)
				p, err := o.PutRule(t.Context(), o.by, before.ID, rule)
				if c.causes == nil {
					if err != nil {
						t.Error(err)
					}
					return
				}
				refused(t, err, fault.Invalid, c.causes...)
				if p != nil || !reflect.DeepEqual(o.policy(), before) {
					t.Error("a rule that was refused was stored")
				}
			})
		}
	})
}

// A hook that was deactivated while it was attached does not keep the rest of the
// rule from being changed.
func TestRuleKeepsAnInactiveHook(t *testing.T) {
	onEngines(t, func(o *office) {
		h := o.hook("hook")
		p := o.attach(h.ID)
		if _, err := o.DeactivateHook(o.Context(), o.by, h.ID); err != nil {
			o.Fatal(err)
		}
		p.Rule.UnknownUserAction = org.ActionRegister
		if _, err := o.PutRule(o.Context(), o.by, p.ID, p.Rule); err != nil {
			o.Error(err)
		}
	})
}

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
