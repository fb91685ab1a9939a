package admin

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"

	"github.com/usher-id/usher/hook"
	"github.com/usher-id/usher/internal/edit"
	"github.com/usher-id/usher/internal/eventlog"
	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/profile"
)

const (
	ruleObject   = "policyRule" // in the summary of a validation error
	ruleResource = "PolicyRule" // in that of a missing one
	// enrollment is where the properties of a rule are.
	enrollment = "actions.profileEnrollment"
	// maxFormAttributes is Okta's limit of a profile enrollment form.
	maxFormAttributes = 10
)

// RuleInput is what a client says of the rule of a policy.
type RuleInput struct {
	Name       string // "" keeps the name
	Type       string // "" or TypeProfileEnrollment
	Enrollment *EnrollmentInput
}

// EnrollmentInput is how people sign up, with the properties of Okta's Policies
// API. Those of org.Rule that a client leaves out have their zero value here.
type EnrollmentInput struct {
	Access                     string
	UnknownUserAction          string
	EmailVerification          bool
	HookIDs                    []string
	Triggers                   *[]string // request types; nil keeps the triggers
	Attributes                 []org.FormAttribute
	ProgressiveProfilingAction string // "" is org.Disabled
	TargetGroupIDs             []string
	AllowedIdentifiers         []string // none is the login
	EnrollAuthenticatorTypes   []string
	UISchemaID                 string
}

// Rule gives the policy that has a rule.
func (s *Service) Rule(ctx context.Context, policyID, ruleID string) (*org.Policy, error) {
	p, err := s.Policy(ctx, policyID)
	if err == nil && p.Rule.ID != ruleID {
		return nil, fault.Missing(ruleID, ruleResource)
	}
	return p, err
}

// ReplaceRule replaces the rule of a policy.
func (s *Service) ReplaceRule(ctx context.Context, by By, policyID, ruleID string, in RuleInput) (*org.Policy, error) {
	return s.changeRule(ctx, by, policyID, func(old org.Rule) (org.Rule, edit.Problems, error) {
		if ruleID != old.ID {
			return org.Rule{}, nil, fault.Missing(ruleID, ruleResource)
		}
		rule, problems := in.rule(old)
		return rule, problems, nil
	})
}

// PutRule is ReplaceRule by a rule whose ID, Name and times are not looked at.
func (s *Service) PutRule(ctx context.Context, by By, policyID string, rule org.Rule) (*org.Policy, error) {
	if len(rule.AllowedIdentifiers) == 0 {
		rule.AllowedIdentifiers = []string{profile.Login}
	}
	return s.changeRule(ctx, by, policyID, func(old org.Rule) (org.Rule, edit.Problems, error) {
		changed := rule
		changed.ID, changed.Name, changed.Created, changed.LastUpdated = old.ID, old.Name, old.Created, old.LastUpdated
		return changed, nil, nil
	})
}

// changeRule changes the rule of a policy to what set makes of it, along with
// the problems of what cannot be said in a rule.
func (s *Service) changeRule(ctx context.Context, by By, policyID string, set func(old org.Rule) (org.Rule, edit.Problems, error)) (p *org.Policy, err error) {
	err = s.Change(ctx, func(ctx context.Context, tx *org.Tx) (err error) {
		if p, err = tx.Policies.Get(ctx, policyID); err != nil {
			return edit.Missing(err, policyID, policyResource)
		}
		old := p.Rule
		rule, found, err := set(old)
		if err != nil {
			return err
		}
		if err := edit.Expected(ctx, old.Revision()); err != nil {
			return err
		}
		unchanged := reflect.DeepEqual(rule, old)
		if !unchanged {
			p.Rule = rule
			p.Rule.LastUpdated = s.Advance(old.LastUpdated)
			if err := tx.Policies.Update(ctx, p); err != nil {
				return err
			}
		}
		// An old rule is checked too: the schema may have left it behind. And a new
		// one when it is written already, since from the first write on no other
		// change of the configuration is committed: the hook cannot go away between
		// the check and the commit.
		if err := checkRule(ctx, tx, rule, old, &found); err != nil {
			return err
		}
		if unchanged {
			return edit.ErrUnchanged
		}
		return tx.Events.Append(ctx, s.Event(eventlog.RuleUpdated, by, eventlog.RuleTarget(p), eventlog.PolicyTarget(p)))
	})
	if err != nil {
		return nil, err
	}
	return p, nil
}

// rule is what a client says as a rule in place of another. What it leaves out
// has the value of a new rule, but for the triggers, which Okta's clients do not
// know: they stay.
func (in RuleInput) rule(old org.Rule) (rule org.Rule, found edit.Problems) {
	rule = org.Rule{ID: old.ID, Name: old.Name, Triggers: old.Triggers, Created: old.Created, LastUpdated: old.LastUpdated}
	if in.Type != "" {
		found.OneOf("type", in.Type, TypeProfileEnrollment)
	}
	if in.Name != "" {
		rule.Name = in.Name
		found.Add("name", edit.NameProblem(in.Name))
	}
	e := in.Enrollment
	if e == nil {
		found.Add(enrollment, edit.Blank)
		e = new(EnrollmentInput)
	}
	rule.Access, rule.UnknownUserAction, rule.EmailVerification = e.Access, e.UnknownUserAction, e.EmailVerification
	rule.HookID = single(e.HookIDs, "preRegistrationInlineHooks", &found)
	rule.TargetGroupID = single(e.TargetGroupIDs, "targetGroupIds", &found)
	if e.Triggers != nil {
		rule.Triggers = triggers(*e.Triggers, &found)
	}
	rule.Attributes, rule.UISchemaID = e.Attributes, e.UISchemaID
	rule.ProgressiveProfilingAction = e.ProgressiveProfilingAction
	if rule.ProgressiveProfilingAction == "" {
		rule.ProgressiveProfilingAction = org.Disabled
	}
	rule.AllowedIdentifiers = e.AllowedIdentifiers
	if len(rule.AllowedIdentifiers) == 0 {
		rule.AllowedIdentifiers = []string{profile.Login}
	}
	if len(e.EnrollAuthenticatorTypes) > 0 { // else nil, as the store gives it back
		rule.EnrollAuthenticatorTypes = e.EnrollAuthenticatorTypes
	}
	return rule, found
}

// single is the one element of a list that Okta limits to one.
func single(ids []string, property string, found *edit.Problems) string {
	if len(ids) == 0 {
		return ""
	}
	found.AddUnless(len(ids) == 1, enrollment+"."+property, "must have at most one element")
	found.AddUnless(ids[0] != "", enrollment+"."+property, edit.Blank)
	return ids[0]
}

// triggers are those of a list of request types.
func triggers(names []string, found *edit.Problems) (t org.Triggers) {
	const property = enrollment + ".usherHookTriggers"
	found.AddUnless(len(names) > 0, property, edit.Blank)
	for i, name := range names {
		switch name {
		case hook.RequestSelfServiceRegistration:
			t.NewUser = true
		case hook.RequestProgressiveProfile:
			t.ExistingUser = true
		default:
			found.OneOf(fmt.Sprintf("%s[%d]", property, i), name, hook.RequestSelfServiceRegistration, hook.RequestProgressiveProfile)
		}
	}
	return t
}

// checkRule checks a rule against the schema, the hooks and the groups that it
// names.
func checkRule(ctx context.Context, tx *org.Tx, rule, old org.Rule, found *edit.Problems) error {
	schema, err := tx.Schemas.Get(ctx)
	if err != nil {
		return err
	}
	found.OneOf(enrollment+".access", rule.Access, org.ActionAllow, org.ActionDeny)
	found.AddUnless(rule.Access != org.ActionDeny || old.Access == org.ActionDeny, enrollment+".access", "cannot be set to DENY")
	found.OneOf(enrollment+".unknownUserAction", rule.UnknownUserAction, org.ActionRegister, org.ActionDeny)
	found.OneOf(enrollment+".progressiveProfilingAction", rule.ProgressiveProfilingAction, org.Enabled, org.Disabled)
	for i, t := range rule.EnrollAuthenticatorTypes {
		found.OneOf(fmt.Sprintf("%s.enrollAuthenticatorTypes[%d]", enrollment, i), t, "password")
	}
	for i, name := range rule.AllowedIdentifiers {
		found.AddUnless(profile.FormName(name), fmt.Sprintf("%s.allowedIdentifiers[%d]", enrollment, i), "must be the name of an attribute")
	}
	found.Add(enrollment+".uiSchemaId", edit.TextProblem(rule.UISchemaID, edit.MaxName))
	checkForm(rule, schema, found)

	problem, err := ruleHookProblem(ctx, tx, rule, old)
	if err != nil {
		return err
	}
	found.Add(enrollment+".preRegistrationInlineHooks", problem)
	if rule.TargetGroupID != "" {
		_, err := tx.Groups.Get(ctx, rule.TargetGroupID)
		if err != nil && !errors.Is(err, org.ErrNotFound) {
			return err
		}
		found.AddUnless(err == nil, enrollment+".targetGroupIds", "no such group")
	}
	return found.Fault(ruleObject)
}

// ruleHookProblem says why a rule cannot have its hook, or "".
func ruleHookProblem(ctx context.Context, tx *org.Tx, rule, old org.Rule) (string, error) {
	if rule.HookID == "" {
		return "", nil
	}
	h, err := tx.Hooks.Get(ctx, rule.HookID)
	switch {
	case errors.Is(err, org.ErrNotFound):
		return "no such inline hook", nil
	case err != nil:
		return "", err
	case h.Type != hook.TypeRegistration:
		return "the inline hook is not of type " + hook.TypeRegistration, nil
	case h.Status != org.StatusActive && rule.HookID != old.HookID:
		// One that was deactivated while it was attached is no reason to refuse
		// what else is changed.
		return "the inline hook is not active", nil
	}
	return "", nil
}

// checkForm checks the fields: a person must be able to sign up by them.
func checkForm(rule org.Rule, schema *profile.Schema, found *edit.Problems) {
	const property = enrollment + ".profileAttributes"
	found.AddUnless(len(rule.Attributes) <= maxFormAttributes, property, fmt.Sprintf("at most %d attributes", maxFormAttributes))
	var names []string
	for i, a := range rule.Attributes {
		at := fmt.Sprintf("%s[%d]", property, i)
		switch {
		case a.Name == "":
			found.Add(at+".name", edit.Blank)
		case slices.Contains(names, a.Name):
			found.Add(at+".name", "'"+a.Name+"' occurs twice")
		case !profile.FormName(a.Name):
			found.Add(at+".name", "'"+a.Name+"' cannot be a field of the form")
		}
		found.Add(at+".label", edit.TextProblem(a.Label, edit.MaxName))
		names = append(names, a.Name)
	}
	for _, a := range schema.Attributes() {
		// Of login and address one is enough: it is both.
		reachable := slices.Contains(names, a.Name) ||
			a.Name == profile.Login && slices.Contains(names, profile.Email) ||
			a.Name == profile.Email && slices.Contains(names, profile.Login)
		found.AddUnless(reachable || !a.Required, property, "'"+a.Name+"' is required by the user schema and must be on the form")
	}
}
