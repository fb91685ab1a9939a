package directory

import (
	"context"

	"github.com/usher-id/usher/internal/edit"
	"github.com/usher-id/usher/internal/eventlog"
	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/profile"
)

const userObject = "user" // in the summary of a validation error

// Update is how a user is changed.
type Update struct {
	Replace bool // the profile as a whole; what is nil in the input stays either way
	Strict  bool // judge a password as if the person had set it
}

// UpdateUser changes what is named of a user.
func (s *Service) UpdateUser(ctx context.Context, by By, key string, in UserInput, how Update) (*Person, error) {
	if how.Replace && in.Profile == nil && in.Credentials == nil {
		return nil, refusal(edit.Problems{{Field: "profile", Text: edit.Blank}}, userObject)
	}
	a := alteration{service: s, by: by, in: in, how: how}
	// Everything that can be refused is refused before the password is hashed.
	u, err := s.try(ctx, by, key, func(ctx context.Context, tx *org.Tx, before, u *org.User) ([]eventlog.Type, error) {
		return nil, a.draft(ctx, tx, before, u)
	})
	if err != nil {
		return nil, err
	}
	if a.secrets, err = s.ready(ctx, in.Credentials, u, a.settings, how.Strict); err != nil {
		return nil, weakness(err)
	}
	p, err := s.change(ctx, by, key, a.write)
	return p, lost(err)
}

// weakness makes of a weak password what the calls answer that set one with other
// things.
func weakness(err error) error {
	if f := fault.As(err); f != nil && f.Kind == fault.WeakPassword {
		return fault.New(fault.Invalid, "Api validation failed: password", f.Causes...)
	}
	return err
}

// alteration is an update of a user.
type alteration struct {
	service *Service
	by      By
	in      UserInput
	how     Update
	secrets secrets

	settings org.PasswordSettings
}

// draft changes the user as far as the input says, or says what is wrong with it.
func (a *alteration) draft(ctx context.Context, tx *org.Tx, before, u *org.User) (err error) {
	if err := a.allowed(u); err != nil {
		return err
	}
	if err := a.setType(ctx, tx, u); err != nil {
		return err
	}
	var found edit.Problems
	if a.in.Profile != nil || u.TypeID != before.TypeID {
		schema, err := a.schema(ctx, tx, before, u)
		if err != nil {
			return err
		}
		var violations []profile.Violation
		u.Profile, violations = schema.Write(before.Profile, a.in.Profile, profile.Writer{
			Replace: a.how.Replace && a.in.Profile != nil, Sensitive: almighty(a.by), All: u.TypeID != before.TypeID,
		})
		if err := wrongProfile(&found, violations); err != nil {
			return err
		}
	}
	if a.settings, err = org.PasswordSettingsOf(ctx, tx, u.ID); err != nil {
		return err
	}
	wrong, err := a.service.check(a.in.Credentials, u, a.settings)
	if err != nil {
		return err
	}
	if err := refusal(append(found, wrong...), userObject); err != nil {
		return err
	}
	return free(ctx, tx, u, before)
}

// setType changes the type of a user, which only a replacement can.
func (a *alteration) setType(ctx context.Context, tx *org.Tx, u *org.User) error {
	if a.in.TypeID == nil {
		return nil
	}
	key, err := typeKey(ctx, tx, *a.in.TypeID)
	if err != nil {
		return err
	}
	if key != u.TypeID && !a.how.Replace {
		return fault.Field("type", "type.id", "can only be changed by PUT")
	}
	u.TypeID = key
	return nil
}

// schema is the one that the profile is to follow. Nobody takes the secret of a
// value away who must not know it: a user who has a value that is sensitive in one
// type is not put below a super administrator into another where it is not, or
// where there is no such attribute, which could be made then.
func (a *alteration) schema(ctx context.Context, tx *org.Tx, before, u *org.User) (*profile.Schema, error) {
	schema, err := tx.Schemas.Of(ctx, u.TypeID)
	if err != nil || u.TypeID == before.TypeID || almighty(a.by) {
		return schema, err
	}
	old, err := tx.Schemas.Of(ctx, before.TypeID)
	if err != nil {
		return nil, err
	}
	if old.Reveals(schema, before.Profile) {
		return nil, fault.New(fault.Forbidden, "")
	}
	return schema, nil
}

// calls are what the input does.
func (a *alteration) calls() []org.UserCall {
	var calls []org.UserCall
	if a.in.Profile != nil || a.in.TypeID != nil || a.in.Credentials == nil {
		calls = append(calls, org.CallUpdate)
	}
	if p := a.in.Credentials.password(); p.Hash != nil || p.Hook != nil {
		calls = append(calls, org.CallImportPassword)
	} else if p.Value != nil {
		calls = append(calls, org.CallSetPassword)
	}
	if a.in.Credentials != nil && a.in.Credentials.Recovery != nil {
		calls = append(calls, org.CallSetRecoveryQuestion)
	}
	return calls
}

// allowed asks whether the status allows all of it.
func (a *alteration) allowed(u *org.User) error {
	for _, c := range a.calls() {
		if _, err := u.After(c); err != nil {
			return err
		}
	}
	return nil
}

func (a *alteration) write(ctx context.Context, tx *org.Tx, before, u *org.User) (types []eventlog.Type, err error) {
	if err := a.draft(ctx, tx, before, u); err != nil { // things may have changed since the first time
		return nil, err
	}
	if u.TypeID != before.TypeID {
		types = append(types, eventlog.UserTypeChanged)
	}
	if !same(before.Profile, u.Profile) || a.secrets.recovery != nil {
		types = append(types, eventlog.UserProfileUpdated)
	}
	hasPassword, err := a.secrets.apply(u, a.service.Time())
	if err != nil || !hasPassword {
		return types, err
	}
	call := org.CallSetPassword
	if a.secrets.imported != nil {
		call = org.CallImportPassword
	}
	if u.Status, err = u.After(call); err != nil {
		return nil, err
	}
	// Who got in by the old password, or can choose another one by a link, is out.
	if _, err := tx.Sessions.DeleteOfUser(ctx, u.ID); err != nil {
		return nil, err
	}
	return append(types, eventlog.PasswordUpdated), forget(ctx, tx, u.ID)
}

// same tells whether two profiles hold the same.
func same(a, b profile.Profile) bool {
	left, errLeft := a.Encode()
	right, errRight := b.Encode()
	return errLeft == nil && errRight == nil && left == right
}
