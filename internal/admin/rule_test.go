package admin_test

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/usher-id/usher/hook"
	"github.com/usher-id/usher/internal/admin"
	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/org"
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

// enrollmentInput is what a client must say of a rule.
func enrollmentInput() *admin.EnrollmentInput {
	return &admin.EnrollmentInput{
		Access: org.ActionAllow, UnknownUserAction: org.ActionRegister,
		Attributes: []org.FormAttribute{{Name: "firstName"}, {Name: "lastName"}, {Name: "email"}},
	}
}

// What a client leaves out is as on a new rule, but for name and triggers.
func TestReplaceRule(t *testing.T) {
	onEngines(t, func(o *office) {
		before := o.policy()
		in := admin.RuleInput{Name: "Mine", Type: admin.TypeProfileEnrollment, Enrollment: enrollmentInput()}
		in.Enrollment.Triggers = &[]string{hook.RequestProgressiveProfile, hook.RequestProgressiveProfile}
		in.Enrollment.UISchemaID, in.Enrollment.EnrollAuthenticatorTypes = "uis1", []string{"password"}
		in.Enrollment.AllowedIdentifiers = []string{"login", "email"}
		p, err := o.ReplaceRule(o.Context(), o.by, before.ID, before.Rule.ID, in)
		if err != nil {
			o.Fatal(err)
		}
		if r := p.Rule; r.Name != "Mine" || r.UISchemaID != "uis1" || r.Triggers != (org.Triggers{ExistingUser: true}) || len(r.AllowedIdentifiers) != 2 {
			o.Errorf("rule is %+v", r)
		}
		less := admin.RuleInput{Enrollment: enrollmentInput()}
		for range 2 {
			if p, err = o.ReplaceRule(o.Context(), o.by, before.ID, before.Rule.ID, less); err != nil {
				o.Fatal(err)
			}
		}
		want := org.Rule{
			ID: before.Rule.ID, Name: "Mine", Access: org.ActionAllow, UnknownUserAction: org.ActionRegister, Triggers: org.Triggers{ExistingUser: true},
			Attributes: less.Enrollment.Attributes, ProgressiveProfilingAction: org.Disabled, AllowedIdentifiers: []string{"login"},
			Created: before.Rule.Created, LastUpdated: p.Rule.LastUpdated,
		}
		if !reflect.DeepEqual(p.Rule, want) || !reflect.DeepEqual(o.policy().Rule, want) {
			o.Errorf("rule is\n%+v, want\n%+v", p.Rule, want)
		}
		o.wantEvents("policy.rule.update "+before.Rule.ID, "policy.rule.update "+before.Rule.ID)

		_, err = o.ReplaceRule(o.Context(), o.by, before.ID, "rulnone", less)
		refused(o.T, err, fault.NotFound)
		_, err = o.ReplaceRule(o.Context(), o.by, "rstnone", before.Rule.ID, less)
		refused(o.T, err, fault.NotFound)
	})
}

func TestReplaceRuleRefuses(t *testing.T) {
	onEngines(t, func(o *office) {
		const at = "actions.profileEnrollment"
		before := o.policy()
		for name, c := range map[string]struct {
			change func(*admin.RuleInput)
			causes []string
		}{
			"no enrollment": {func(in *admin.RuleInput) { in.Enrollment = nil }, []string{
				at + ": The field cannot be left blank", at + ".access: must be ALLOW or DENY", at + ".unknownUserAction: must be REGISTER or DENY",
				at + ".profileAttributes: 'login' is required by the user schema and must be on the form",
				at + ".profileAttributes: 'firstName' is required by the user schema and must be on the form",
				at + ".profileAttributes: 'lastName' is required by the user schema and must be on the form",
				at + ".profileAttributes: 'email' is required by the user schema and must be on the form",
			}},
			"another type":   {func(in *admin.RuleInput) { in.Type = "PASSWORD" }, []string{"type: must be PROFILE_ENROLLMENT"}},
			"a bad name":     {func(in *admin.RuleInput) { in.Name = "\a" }, []string{"name: must not have control characters"}},
			"no access":      {func(in *admin.RuleInput) { in.Enrollment.Access = org.ActionDeny }, []string{at + ".access: cannot be set to DENY"}},
			"two hooks":      {func(in *admin.RuleInput) { in.Enrollment.HookIDs = []string{o.hook("one").ID, "cal2"} }, []string{at + ".preRegistrationInlineHooks: must have at most one element"}},
			"a blank hook":   {func(in *admin.RuleInput) { in.Enrollment.HookIDs = []string{""} }, []string{at + ".preRegistrationInlineHooks: The field cannot be left blank"}},
			"two groups":     {func(in *admin.RuleInput) { in.Enrollment.TargetGroupIDs = []string{"", "b"} }, []string{at + ".targetGroupIds: must have at most one element", at + ".targetGroupIds: The field cannot be left blank"}},
			"no triggers":    {func(in *admin.RuleInput) { in.Enrollment.Triggers = &[]string{} }, []string{at + ".usherHookTriggers: The field cannot be left blank"}},
			"a bad trigger":  {func(in *admin.RuleInput) { in.Enrollment.Triggers = &[]string{"always"} }, []string{at + ".usherHookTriggers[0]: must be self.service.registration or progressive.profile"}},
			"authenticators": {func(in *admin.RuleInput) { in.Enrollment.EnrollAuthenticatorTypes = []string{"sms"} }, []string{at + ".enrollAuthenticatorTypes[0]: must be password"}},
			"identifiers":    {func(in *admin.RuleInput) { in.Enrollment.AllowedIdentifiers = []string{"a b"} }, []string{at + ".allowedIdentifiers[0]: must be the name of an attribute"}},
			"a long label": {func(in *admin.RuleInput) { in.Enrollment.Attributes[0].Label = strings.Repeat("x", 256) }, []string{
				at + ".profileAttributes[0].label: must have at most 255 characters",
			}},
		} {
			o.Run(name, func(t *testing.T) {
				in := admin.RuleInput{Enrollment: enrollmentInput()}
				c.change(&in)
				_, err := o.ReplaceRule(t.Context(), o.by, before.ID, before.Rule.ID, in)
				refused(t, err, fault.Invalid, c.causes...)
				if !reflect.DeepEqual(o.policy(), before) {
					t.Error("a rule that was refused was stored")
				}
			})
		}
	})
}

// Okta's access of DENY can be had by older rules alone, which may keep it.
func TestRuleKeepsDeny(t *testing.T) {
	onEngines(t, func(o *office) {
		p := o.policy()
		p.Rule.Access = org.ActionDeny
		if err := o.Store.Update(o.Context(), func(ctx context.Context, tx *org.Tx) error { return tx.Policies.Update(ctx, p) }); err != nil {
			o.Fatal(err)
		}
		p.Rule.UnknownUserAction = org.ActionRegister
		if p, err := o.PutRule(o.Context(), o.by, p.ID, p.Rule); err != nil || p.SelfServiceRegistration() {
			o.Errorf("policy is %+v (%v)", p, err)
		}
	})
}
