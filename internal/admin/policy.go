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
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/profile"
)

// maxFormAttributes is Okta's limit of a profile enrollment form.
const maxFormAttributes = 10

// DefaultPolicy gives the policy by which people sign up.
func (s *Service) DefaultPolicy(ctx context.Context) (p *org.Policy, err error) {
	err = s.Store.View(ctx, func(ctx context.Context, tx *org.Tx) (err error) {
		p, err = tx.Policies.Default(ctx)
		return err
	})
	return p, err
}

// PutRule replaces the rule of a policy. Rule.ID, Name and times are kept, and
// without identifiers people are known by their login.
func (s *Service) PutRule(ctx context.Context, by By, policyID string, rule org.Rule) (p *org.Policy, err error) {
	if len(rule.AllowedIdentifiers) == 0 {
		rule.AllowedIdentifiers = []string{profile.Login}
	}
	err = s.Change(ctx, func(ctx context.Context, tx *org.Tx) (err error) {
		if p, err = tx.Policies.Get(ctx, policyID); err != nil {
			return err
		}
		old := p.Rule
		rule.ID, rule.Name, rule.Created, rule.LastUpdated = old.ID, old.Name, old.Created, old.LastUpdated
		unchanged := reflect.DeepEqual(rule, old)
		if !unchanged {
			p.Rule, p.LastUpdated = rule, s.Time()
			p.Rule.LastUpdated = p.LastUpdated
			if err := tx.Policies.Update(ctx, p); err != nil {
				return err
			}
		}
		// An old rule is checked too: the schema may have left it behind. And a new
		// one when it is written already, since from the first write on no other
		// change of the configuration is committed: the hook cannot go away between
		// the check and the commit.
		if err := checkRule(ctx, tx, rule, old); err != nil {
			return err
		}
		if unchanged {
			return edit.ErrUnchanged
		}
		return tx.Events.Append(ctx, s.Event(eventlog.RuleUpdated, by, eventlog.RuleTarget(p), eventlog.PolicyTarget(p)))
	})
	if err != nil {
		return nil, edit.Missing(err, policyID, "Policy")
	}
	return p, nil
}

// checkRule checks a rule against the schema, the hooks and the groups that it
// names.
func checkRule(ctx context.Context, tx *org.Tx, rule, old org.Rule) error {
	schema, err := tx.Schemas.Get(ctx)
	if err != nil {
		return err
	}
	var found edit.Problems
	found.OneOf("access", rule.Access, org.ActionAllow, org.ActionDeny)
	found.OneOf("unknownUserAction", rule.UnknownUserAction, org.ActionRegister, org.ActionDeny)
	found.OneOf("progressiveProfilingAction", rule.ProgressiveProfilingAction, org.Enabled, org.Disabled)
	found.AddUnless(!rule.EmailVerification, "activationRequirements.emailVerification", "must be false: this version sends no mail")
	checkForm(rule, schema, &found)

	problem, err := ruleHookProblem(ctx, tx, rule, old)
	if err != nil {
		return err
	}
	found.Add("preRegistrationInlineHooks", problem)
	if rule.TargetGroupID != "" {
		_, err := tx.Groups.Get(ctx, rule.TargetGroupID)
		if err != nil && !errors.Is(err, org.ErrNotFound) {
			return err
		}
		found.AddUnless(err == nil, "targetGroupIds", "no such group")
	}
	return found.Fault("policyRule")
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
	const property = "profileAttributes"
	found.AddUnless(len(rule.Attributes) <= maxFormAttributes, property, fmt.Sprintf("at most %d attributes", maxFormAttributes))
	var names []string
	for i, a := range rule.Attributes {
		at := fmt.Sprintf("%s[%d].name", property, i)
		switch {
		case a.Name == "":
			found.Add(at, edit.Blank)
		case slices.Contains(names, a.Name):
			found.Add(at, "'"+a.Name+"' occurs twice")
		case !profile.FormName(a.Name):
			found.Add(at, "'"+a.Name+"' cannot be a field of the form")
		}
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

// PutAttributes changes the user schema: attributes that are named are added or
// changed, the others stay. Where one becomes sensitive, the records of all hook
// calls so far are deleted, since they were redacted by the schema as it was.
func (s *Service) PutAttributes(ctx context.Context, by By, changes ...profile.Attribute) error {
	return s.Change(ctx, func(ctx context.Context, tx *org.Tx) error {
		old, err := tx.Schemas.Get(ctx)
		if err != nil {
			return err
		}
		schema, err := old.With(changes...)
		if err != nil {
			return err
		}
		same, err := sameSchema(old, schema)
		if err != nil {
			return err
		}
		if same {
			return edit.ErrUnchanged
		}
		if err := tx.Schemas.Put(ctx, schema); err != nil {
			return err
		}
		if slices.ContainsFunc(changes, func(a profile.Attribute) bool { return a.Sensitive && !old.Sensitive(a.Name) }) {
			const noBodies = 0
			if _, err := tx.Calls.Prune(ctx, s.Time(), noBodies); err != nil {
				return err
			}
		}
		return tx.Events.Append(ctx, s.Event(eventlog.SchemaUpdated, by))
	})
}

func sameSchema(a, b *profile.Schema) (bool, error) {
	x, err := a.Encode()
	if err != nil {
		return false, err
	}
	y, err := b.Encode()
	return x == y, err
}
