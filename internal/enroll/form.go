package enroll

import (
	"context"
	"errors"
	"slices"

	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/password"
	"github.com/usher-id/usher/internal/profile"
)

// Password is the name of the form's password field, where messages about it
// are shown.
const Password = "password"

// Form is what a door draws: the fields of the policy, in its order, with what
// the user schema says of each.
type Form struct {
	PolicyID string
	Fields   []FormField
	// Password is what the password has to meet, which is asked for below them.
	Password password.Rules
}

// FormField is one field. Attribute has the limits, choices and type; of a name
// that the schema does not know it is a plain text.
type FormField struct {
	Label     string
	Required  bool
	Attribute profile.Attribute
}

// Names lists the fields.
func (f *Form) Names() []string {
	names := make([]string, len(f.Fields))
	for i, field := range f.Fields {
		names[i] = field.Attribute.Name
	}
	return names
}

// errClosed is what everybody gets where a policy lets nobody sign up.
func errClosed() *fault.Error {
	return fault.New(fault.Forbidden, "Sign-up is not available.")
}

// setup is what one registration reads of the org.
type setup struct {
	clientID string // of the app that somebody signs up for, or ""
	policy   *org.Policy
	schema   *profile.Schema
	settings org.PasswordSettings // of those who sign up by the policy
	hook     *org.InlineHook      // nil when none runs for new users
}

func (s *setup) form() *Form {
	f := &Form{PolicyID: s.policy.ID, Password: s.settings.Complexity}
	for _, a := range s.policy.Rule.Attributes {
		field := FormField{Label: a.Label, Required: a.Required}
		attribute, ok := s.schema.Attribute(a.Name)
		if !ok {
			attribute = profile.FormOnly(a.Name)
		}
		field.Attribute = attribute
		if field.Label == "" {
			field.Label = attribute.Title
		}
		// What no user can be without is asked for, whatever the policy says.
		field.Required = field.Required || attribute.Required
		f.Fields = append(f.Fields, field)
	}
	// So is what has become required since the policy was made: nobody could sign up.
	for _, attribute := range s.schema.Attributes() {
		if attribute.Required && attribute.Default == nil && !f.asks(attribute.Name) {
			f.Fields = append(f.Fields, FormField{Label: attribute.Title, Required: true, Attribute: attribute})
		}
	}
	return f
}

// asks tells whether an attribute can be entered: of login and address one is
// enough.
func (f *Form) asks(name string) bool {
	names := f.Names()
	return slices.Contains(names, name) || slices.Contains(names, profile.Twin(name))
}

// Form gives the sign-up form of an app, by the id of its client, or that of the
// org for "". It is a Forbidden fault where nobody may sign up.
func (s *Service) Form(ctx context.Context, clientID string) (*Form, error) {
	set, err := s.setup(ctx, clientID)
	if err != nil {
		return nil, err
	}
	return set.form(), nil
}

// Open tells whether people may sign up for an app, or for the org ("").
func (s *Service) Open(ctx context.Context, clientID string) (bool, error) {
	_, err := s.setup(ctx, clientID)
	if fault.Is(err, fault.Forbidden) {
		return false, nil
	}
	return err == nil, err
}

func (s *Service) setup(ctx context.Context, clientID string) (*setup, error) {
	set := new(setup)
	err := s.Store.View(ctx, func(ctx context.Context, tx *org.Tx) (err error) {
		set, err = read(ctx, tx, clientID)
		return err
	})
	return set, err
}

// read reads the set-up and refuses where the policy does. It runs before and
// again at the commit: a button that is not drawn refuses nobody (Zitadel,
// CVE-2024-49757).
func read(ctx context.Context, tx *org.Tx, clientID string) (*setup, error) {
	set := &setup{clientID: clientID}
	var err error
	if set.policy, err = policyOf(ctx, tx, clientID); errors.Is(err, org.ErrNotFound) {
		return nil, errClosed()
	} else if err != nil {
		return nil, err
	}
	if !set.policy.SelfServiceRegistration() {
		return nil, errClosed()
	}
	if set.schema, err = tx.Schemas.Get(ctx); err != nil {
		return nil, err
	}
	rule := set.policy.Rule
	if set.settings, err = org.PasswordSettingsForNew(ctx, tx, rule.TargetGroupID); err != nil {
		return nil, err
	}
	if rule.HookID == "" || !rule.Triggers.NewUser {
		return set, nil
	}
	if set.hook, err = tx.Hooks.Get(ctx, rule.HookID); errors.Is(err, org.ErrNotFound) {
		return set, nil // deleting a hook detaches it; between the two nobody is held up
	}
	return set, err
}

// policyOf gives the policy by which people sign up for an app. An app that is
// unknown or inactive has none (ErrNotFound): nobody gets in by another policy
// than the one that was meant.
func policyOf(ctx context.Context, tx *org.Tx, clientID string) (*org.Policy, error) {
	if clientID == "" {
		return tx.Policies.Default(ctx)
	}
	app, err := tx.Apps.ByClientID(ctx, clientID)
	switch {
	case err != nil:
		return nil, err
	case app.Status != org.StatusActive:
		return nil, org.ErrNotFound
	case app.PolicyID == "":
		return tx.Policies.Default(ctx)
	}
	return tx.Policies.Get(ctx, app.PolicyID)
}
