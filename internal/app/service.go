package app

import (
	"context"
	"errors"
	"reflect"
	"slices"

	"github.com/usher-id/usher/internal/edit"
	"github.com/usher-id/usher/internal/eventlog"
	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/id"
	"github.com/usher-id/usher/internal/org"
)

// resource is what Okta calls an app in the summary of a missing one.
const resource = "AppInstance"

// Service reads and changes apps. All fields are required.
type Service struct {
	edit.Editor
	OrgID string
}

// By is who reads or changes, and with which rights.
type By = edit.By

// Instance is an app with what its org adds to it.
type Instance struct {
	*org.App
	SigningKey       string // id of the key that signs its tokens
	EnrollmentPolicy string // id of the one that people sign up by
	AccessPolicy     string
	// Secret is that of the client, in the answer to a call that made it or named
	// it; else it is empty.
	Secret org.Secret
}

// App gives one app.
func (s *Service) App(ctx context.Context, appID string) (*Instance, error) {
	return edit.View(ctx, &s.Editor, appID, resource, func(ctx context.Context, tx *org.Tx) (*Instance, error) {
		a, err := tx.Apps.Get(ctx, appID)
		if err != nil {
			return nil, err
		}
		return s.instance(ctx, tx, a)
	})
}

func (s *Service) instance(ctx context.Context, tx *org.Tx, a *org.App) (*Instance, error) {
	list, err := s.instances(ctx, tx, []*org.App{a})
	if err != nil {
		return nil, err
	}
	return list[0], nil
}

func (s *Service) instances(ctx context.Context, tx *org.Tx, apps []*org.App) ([]*Instance, error) {
	list := make([]*Instance, len(apps))
	if len(apps) == 0 {
		return list, nil
	}
	key, err := tx.SigningKeys.Active(ctx)
	if err != nil {
		return nil, err
	}
	byDefault, err := tx.Policies.Default(ctx)
	if err != nil {
		return nil, err
	}
	for i, a := range apps {
		list[i] = &Instance{App: a, SigningKey: key.ID, EnrollmentPolicy: a.PolicyID, AccessPolicy: s.accessPolicy()}
		if a.PolicyID == "" {
			list[i].EnrollmentPolicy = byDefault.ID
		}
	}
	return list, nil
}

// Create makes an app, and a secret unless the client has another way to say who
// it is. Whether it is active is not said by its status, but in the call.
func (s *Service) Create(ctx context.Context, by By, in Input, activate bool) (made *Instance, err error) {
	now := s.Time()
	a := &org.App{ID: id.New(id.App), ClientID: in.ClientID, Name: in.Name, Status: org.StatusInactive, Created: now, LastUpdated: now, Version: 1}
	if activate {
		a.Status = org.StatusActive
	}
	if a.ClientID == "" {
		a.ClientID = a.ID
	}
	in.complete(nil)
	if err := in.check(nil); err != nil {
		return nil, err
	}
	in.apply(a, now)
	secret := takeSecret(a, in, now)
	key, err := s.newSigningKey(ctx)
	if err != nil {
		return nil, err
	}
	err = s.Change(ctx, func(ctx context.Context, tx *org.Tx) error {
		if err := tx.Apps.Create(ctx, a); err != nil {
			return err
		}
		if err := keepSigningKey(ctx, tx, key); err != nil {
			return err
		}
		if made, err = s.instance(ctx, tx, a); err != nil {
			return err
		}
		return tx.Events.Append(ctx, s.Event(eventlog.AppCreated, by, eventlog.AppTarget(a)))
	})
	if errors.Is(err, org.ErrNameTaken) {
		return nil, fault.Field("credentials", clientIDProperty, edit.Taken)
	}
	if err != nil {
		return nil, err
	}
	made.Secret = secret
	return made, nil
}

// Replace changes what a client says of an app. Name, sign-on mode and client id
// stay as they are, and so does the secret when none is named.
func (s *Service) Replace(ctx context.Context, by By, appID string, in Input) (*Instance, error) {
	var secret org.Secret
	changed, err := s.change(ctx, by, appID, eventlog.AppUpdated, func(_ context.Context, _ *org.Tx, a *org.App) (targets []org.Target, err error) {
		in := in // completed by the app as it is in this try
		in.complete(a)
		if err := in.check(a); err != nil {
			return nil, err
		}
		now := s.Time()
		in.apply(a, now)
		secret = takeSecret(a, in, now)
		return nil, nil
	})
	if err != nil {
		return nil, err
	}
	changed.Secret = secret
	return changed, nil
}

// Activate opens an app; one that is active stays as it is.
func (s *Service) Activate(ctx context.Context, by By, appID string) error {
	return s.setStatus(ctx, by, appID, eventlog.AppActivated, org.StatusActive)
}

// Deactivate closes an app to everybody; one that is inactive stays as it is.
func (s *Service) Deactivate(ctx context.Context, by By, appID string) error {
	return s.setStatus(ctx, by, appID, eventlog.AppDeactivated, org.StatusInactive)
}

func (s *Service) setStatus(ctx context.Context, by By, appID string, t eventlog.Type, status string) error {
	_, err := s.change(ctx, by, appID, t, func(_ context.Context, _ *org.Tx, a *org.App) ([]org.Target, error) {
		a.Status = status
		return nil, nil
	})
	return err
}

// setter changes an app in a transaction, and says what else the change is about.
// It may run twice.
type setter = func(ctx context.Context, tx *org.Tx, a *org.App) (targets []org.Target, err error)

// change changes an app that exists. A change that changes nothing is neither
// written nor told of.
func (s *Service) change(ctx context.Context, by By, appID string, t eventlog.Type, set setter) (changed *Instance, err error) {
	err = s.Change(ctx, func(ctx context.Context, tx *org.Tx) error {
		old, err := tx.Apps.Get(ctx, appID)
		if err != nil {
			return err
		}
		if err := edit.Expected(ctx, old.Revision()); err != nil {
			return err
		}
		changedApp := *old
		a := &changedApp
		a.Keys, a.Secrets = slices.Clone(old.Keys), slices.Clone(old.Secrets)
		targets, err := set(ctx, tx, a)
		if err != nil {
			return err
		}
		same := reflect.DeepEqual(a, old)
		if !same {
			a.LastUpdated = s.Advance(old.LastUpdated)
			if err := tx.Apps.Update(ctx, a); err != nil {
				return err
			}
		}
		if changed, err = s.instance(ctx, tx, a); err != nil {
			return err
		}
		if same {
			return edit.ErrUnchanged
		}
		return tx.Events.Append(ctx, s.Event(t, by, append([]org.Target{eventlog.AppTarget(a)}, targets...)...))
	})
	if err != nil {
		return nil, edit.Missing(err, appID, resource)
	}
	return changed, nil
}

// Delete removes an inactive app with its assignments.
func (s *Service) Delete(ctx context.Context, by By, appID string) error {
	err := s.Change(ctx, func(ctx context.Context, tx *org.Tx) error {
		a, err := tx.Apps.Get(ctx, appID)
		if err != nil {
			return err
		}
		if err := edit.Expected(ctx, a.Revision()); err != nil {
			return err
		}
		if a.Status == org.StatusActive {
			return fault.New(fault.StillActive, "", fault.Cause{Text: "The app is active. Deactivate it first."})
		}
		if err := tx.Apps.Delete(ctx, appID); err != nil {
			return err
		}
		return tx.Events.Append(ctx, s.Event(eventlog.AppDeleted, by, eventlog.AppTarget(a)))
	})
	return edit.Missing(err, appID, resource)
}
