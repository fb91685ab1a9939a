package app

import (
	"cmp"
	"context"
	"slices"

	"github.com/usher-id/usher/internal/edit"
	"github.com/usher-id/usher/internal/eventlog"
	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/id"
	"github.com/usher-id/usher/internal/org"
)

// kind is one of the two kinds of credential: what Okta calls it in summaries, and
// how it words its refusals.
type kind struct {
	object                   string
	deleteActive, onlyActive string
	all                      func(a *org.App) []*org.Credential
	remove                   func(a *org.App, i int)
	// needed tells whether the client cannot do without an active one.
	needed func(a *org.App) bool
}

const (
	secretObject = "OAuth2ClientSecretMediated"
	keyObject    = "JsonWebKey"
)

func secretKind() kind {
	return kind{
		object:       secretObject,
		deleteActive: "You can't delete an active client secret. Deactivate the secret before deleting it.",
		onlyActive:   "You can't deactivate the only active client secret.",
		all: func(a *org.App) (all []*org.Credential) {
			for i := range a.Secrets {
				all = append(all, &a.Secrets[i].Credential)
			}
			return all
		},
		remove: func(a *org.App, i int) { a.Secrets = slices.Delete(a.Secrets, i, i+1) },
		needed: usesSecret,
	}
}

func keyKind() kind {
	return kind{
		object:       keyObject,
		deleteActive: "You can't delete an active JSON Web Key. Deactivate the key before deleting it.",
		onlyActive:   "Can't deactivate the only active JSON Web Key when the value for `token_endpoint_auth_method` is `private_key_jwt`.",
		all: func(a *org.App) (all []*org.Credential) {
			for i := range a.Keys {
				all = append(all, &a.Keys[i].Credential)
			}
			return all
		},
		remove: func(a *org.App, i int) { a.Keys = slices.Delete(a.Keys, i, i+1) },
		needed: func(a *org.App) bool {
			return a.Settings.OAuth.AuthMethod == methodPrivateKey && a.Settings.OAuth.JWKSURI == ""
		},
	}
}

// find gives the place of a credential, and itself.
func (k kind) find(a *org.App, credentialID string) (int, *org.Credential, error) {
	for i, c := range k.all(a) {
		if c.ID == credentialID {
			return i, c, nil
		}
	}
	return 0, nil, fault.Missing(credentialID, k.object)
}

func (k kind) refuse(text string) error { return fault.Field(k.object, "", text) }

// setStatus activates or deactivates a credential.
func (k kind) setStatus(ctx context.Context, s *Service, by By, appID, credentialID, status string) (at int, a *org.App, err error) {
	t := eventlog.CredentialActivated
	if status == org.StatusInactive {
		t = eventlog.CredentialDeactivated
	}
	changed, err := s.change(ctx, by, appID, t, func(_ context.Context, _ *org.Tx, a *org.App) ([]org.Target, error) {
		i, c, err := k.find(a, credentialID)
		if err != nil || c.Status == status {
			at = i
			return nil, err
		}
		others := slices.ContainsFunc(k.all(a), func(o *org.Credential) bool { return o != c && o.Status == org.StatusActive })
		if status == org.StatusInactive && !others && k.needed(a) {
			return nil, k.refuse(k.onlyActive)
		}
		at, c.Status, c.LastUpdated = i, status, s.Advance(c.LastUpdated)
		return []org.Target{eventlog.CredentialTarget(c.ID)}, nil
	})
	if err != nil {
		return 0, nil, err
	}
	return at, changed.App, nil
}

func (k kind) delete(ctx context.Context, s *Service, by By, appID, credentialID string) error {
	_, err := s.change(ctx, by, appID, eventlog.CredentialDeleted, func(_ context.Context, _ *org.Tx, a *org.App) ([]org.Target, error) {
		i, c, err := k.find(a, credentialID)
		if err != nil {
			return nil, err
		}
		if c.Status == org.StatusActive {
			return nil, k.refuse(k.deleteActive)
		}
		k.remove(a, i)
		return []org.Target{eventlog.CredentialTarget(credentialID)}, nil
	})
	return err
}

// Secret gives a secret of an app. Its text is not there any more.
func (s *Service) Secret(ctx context.Context, appID, secretID string) (*org.ClientSecret, error) {
	a, err := s.App(ctx, appID)
	if err != nil {
		return nil, err
	}
	i, _, err := secretKind().find(a.App, secretID)
	if err != nil {
		return nil, err
	}
	return &a.Secrets[i], nil
}

// maxSecrets lets a client go over from one secret to the next.
const maxSecrets = 2

// AddSecret gives an app one secret more: the text, or a new one for "". status is
// "" for active.
func (s *Service) AddSecret(ctx context.Context, by By, appID, text, status string) (*org.ClientSecret, org.Secret, error) {
	status = cmp.Or(status, org.StatusActive)
	var found edit.Problems
	found.OneOf("status", status, org.StatusActive, org.StatusInactive)
	if text == "" {
		text = id.Text(secretLength)
	}
	found.Add("client_secret", secretProblem(text))
	if len(found) > 0 {
		return nil, org.Secret{}, found.Fault(found[0].Field)
	}
	made := newSecret(text, status, s.Time())
	_, err := s.change(ctx, by, appID, eventlog.CredentialCreated, func(_ context.Context, _ *org.Tx, a *org.App) ([]org.Target, error) {
		switch {
		case !usesSecret(a):
			return nil, fault.Field("client_secret", "", "'client_secret' can't be used when 'token_endpoint_auth_method' is '"+a.Settings.OAuth.AuthMethod+"'.")
		case len(a.Secrets) >= maxSecrets:
			return nil, fault.Field(secretObject, "", "You've reached the maximum number of client secrets per client.")
		}
		a.Secrets = append(a.Secrets, made)
		return []org.Target{eventlog.CredentialTarget(made.ID)}, nil
	})
	return &made, org.NewSecret(text), err
}

// SetSecretStatus activates or deactivates a secret of an app.
func (s *Service) SetSecretStatus(ctx context.Context, by By, appID, secretID, status string) (*org.ClientSecret, error) {
	i, a, err := secretKind().setStatus(ctx, s, by, appID, secretID, status)
	if err != nil {
		return nil, err
	}
	return &a.Secrets[i], nil
}

// DeleteSecret removes an inactive secret of an app.
func (s *Service) DeleteSecret(ctx context.Context, by By, appID, secretID string) error {
	return secretKind().delete(ctx, s, by, appID, secretID)
}

// Key gives a key of an app.
func (s *Service) Key(ctx context.Context, appID, keyID string) (*org.ClientKey, error) {
	a, err := s.App(ctx, appID)
	if err != nil {
		return nil, err
	}
	i, _, err := keyKind().find(a.App, keyID)
	if err != nil {
		return nil, err
	}
	return &a.Keys[i], nil
}

// AddKey gives an app one key more.
func (s *Service) AddKey(ctx context.Context, by By, appID string, in KeyInput) (*org.ClientKey, error) {
	var found edit.Problems
	in.check(func(name string) string { return name }, &found)
	if err := found.Fault(keyObject); err != nil {
		return nil, err
	}
	made := in.key(s.Time())
	_, err := s.change(ctx, by, appID, eventlog.CredentialCreated, func(_ context.Context, _ *org.Tx, a *org.App) ([]org.Target, error) {
		names := []string{made.KID}
		for _, k := range a.Keys {
			names = append(names, k.KID)
		}
		problem := setProblem(names)
		if a.Settings.OAuth.JWKSURI != "" {
			problem = "The client has a jwks_uri, and keys of its own cannot be there together with it."
		}
		if problem != "" {
			return nil, fault.Field(keyObject, "", problem)
		}
		a.Keys = append(a.Keys, made)
		return []org.Target{eventlog.CredentialTarget(made.ID)}, nil
	})
	return &made, err
}

// SetKeyStatus activates or deactivates a key of an app.
func (s *Service) SetKeyStatus(ctx context.Context, by By, appID, keyID, status string) (*org.ClientKey, error) {
	i, a, err := keyKind().setStatus(ctx, s, by, appID, keyID, status)
	if err != nil {
		return nil, err
	}
	return &a.Keys[i], nil
}

// DeleteKey removes an inactive key of an app.
func (s *Service) DeleteKey(ctx context.Context, by By, appID, keyID string) error {
	return keyKind().delete(ctx, s, by, appID, keyID)
}
