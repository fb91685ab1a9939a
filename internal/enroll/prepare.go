package enroll

import (
	"context"
	"slices"

	"github.com/usher-id/usher/internal/credential"
	"github.com/usher-id/usher/internal/eventlog"
	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/password"
	"github.com/usher-id/usher/internal/profile"
	"github.com/usher-id/usher/internal/redact"
)

// Submission is one form as it was sent. What is not a field of the policy's
// form is not read: a submission cannot set other attributes. It prints as
// [redacted], since some of it may be sensitive.
type Submission struct {
	redact.Hidden
	ClientID string              // of the app that the person signs up for; "" for the org alone
	Values   map[string][]string // by name of the field, as typed
	Password password.Secret
	Request  Request
}

// Request is where a submission came from.
type Request = eventlog.Request

// Path is what hook requests name as the URL of a registration, whichever page
// it came through: hook services look at it.
const Path = "/idp/idx/enroll/new"

// Attempt is a submission that keeps every rule that can be checked without
// asking anybody.
type Attempt struct {
	service  *Service
	set      *setup
	form     *Form
	request  Request
	profile  profile.Profile // as entered, also what is sensitive or not in the schema
	password password.Secret
}

// Prepare checks a submission against one state of the org, and writes nothing.
// Its error is a fault with a cause at every field that breaks a rule, or one of
// kind Forbidden where nobody may sign up.
func (s *Service) Prepare(ctx context.Context, tx *org.Tx, sub Submission) (*Attempt, error) {
	set, err := read(ctx, tx, sub.ClientID)
	if err != nil {
		return nil, err
	}
	a := &Attempt{service: s, set: set, form: set.form(), request: sub.Request, password: sub.Password}
	causes := a.enter(sub.Values)
	wrong, err := a.checkPassword()
	if causes = append(causes, wrong...); err == nil && len(causes) == 0 {
		causes, err = a.checkFree(ctx, tx)
	}
	if err != nil {
		return nil, err
	}
	if len(causes) > 0 {
		return nil, invalid(causes)
	}
	return a, nil
}

func invalid(causes []fault.Cause) *fault.Error {
	return fault.New(fault.Invalid, "We found some errors. Please review the form and make corrections.", causes...)
}

// enter reads the form's strings into a profile and checks it.
func (a *Attempt) enter(values map[string][]string) []fault.Cause {
	var causes []fault.Cause
	bad := map[string]bool{}
	for _, f := range a.form.Fields {
		name := f.Attribute.Name
		// A name that the schema does not know is text: it is shown, sent to the
		// hook and never stored.
		value, given, wrong := a.set.schema.Coerce(name, values[name])
		switch {
		case wrong != nil:
			causes, bad[name] = append(causes, fault.Cause{Field: name, Text: wrong.Text}), true
		case given:
			a.profile = a.profile.Set(name, value)
		case f.Required:
			causes, bad[name] = append(causes, fault.Cause{Field: name, Text: profile.Blank}), true
		}
	}
	a.fillTwin(profile.Login, profile.Email)
	a.fillTwin(profile.Email, profile.Login)
	for _, v := range a.set.schema.Check(a.storable()) {
		field := a.fieldOf(v.Attribute)
		if !bad[field] {
			causes, bad[field] = append(causes, fault.Cause{Field: field, Text: v.Text}), true
		}
	}
	return causes
}

// storable is what becomes of the form without a hook.
func (a *Attempt) storable() profile.Profile {
	return a.set.schema.WithDefaults(a.set.schema.Storable(a.profile))
}

// fillTwin sets the login from the address where only the address is asked for,
// and the reverse.
func (a *Attempt) fillTwin(missing, from string) {
	if slices.Contains(a.form.Names(), missing) {
		return
	}
	if v := a.profile.Text(from); v != "" {
		a.profile = a.profile.Set(missing, v)
	}
}

// fieldOf is the field at which a message about an attribute is shown: its own,
// or that of its twin, or none.
func (a *Attempt) fieldOf(attribute string) string {
	names := a.form.Names()
	if slices.Contains(names, attribute) {
		return attribute
	}
	twin := profile.Twin(attribute)
	if twin != "" && slices.Contains(names, twin) {
		return twin
	}
	return ""
}

func (a *Attempt) checkPassword() ([]fault.Cause, error) {
	if a.password.Empty() {
		return []fault.Cause{{Field: Password, Text: profile.Blank}}, nil
	}
	err := credential.Check(a.service.Hasher, a.set.settings, a.profile, a.password)
	if f := fault.As(err); f != nil && f.Kind == fault.WeakPassword {
		return f.Causes, nil // at Password
	}
	return nil, err
}

// checkFree asks whether login, address and other unique values are free, before
// the hook is asked: a known duplicate makes no call. The first two are of one
// namespace: a login that is somebody else's address is taken (Keycloak,
// CVE-2021-3754).
func (a *Attempt) checkFree(ctx context.Context, tx *org.Tx) ([]fault.Cause, error) {
	var causes []fault.Cause
	names := []string{profile.Login, profile.Email}
	if a.profile.Text(profile.Login) == a.profile.Text(profile.Email) {
		names = names[:1]
	}
	for _, name := range names {
		taken, err := tx.Users.Taken(ctx, a.profile.Text(name))
		if err != nil {
			return nil, err
		}
		if cause := a.takenCause(name); taken && !slices.Contains(causes, cause) {
			causes = append(causes, cause)
		}
	}
	taken, err := tx.Schemas.Taken(ctx, "", a.storable(), "")
	for _, name := range taken {
		causes = append(causes, a.takenCause(name))
	}
	return causes, err
}

// takenCause is in the words of Okta's Sign-In Widget
// (registration.error.notUniqueWithinOrg).
func (a *Attempt) takenCause(name string) fault.Cause {
	field, label := a.fieldOf(name), name
	for _, f := range a.form.Fields {
		if f.Attribute.Name == field {
			label = f.Label
		}
	}
	return fault.Cause{Field: field, Text: "A user with this " + label + " already exists"}
}
