package admin

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"fmt"
	"strings"

	"github.com/usher-id/usher/internal/edit"
	"github.com/usher-id/usher/internal/eventlog"
	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/id"
	"github.com/usher-id/usher/internal/org"
)

const (
	hookKeyObject   = "hookKey"
	hookKeyResource = "HookKey"
	hookKeyBits     = 2048
	maxHookKeys     = 50 // of Okta's reference
)

// HookKey is a hook key, and whether an inline hook signs with it.
type HookKey struct {
	*org.HookKey
	Used bool
}

// Public is the half that a service's authorization server is given.
func (k HookKey) Public() (*rsa.PublicKey, error) {
	parsed, err := x509.ParsePKCS8PrivateKey([]byte(k.Private.Reveal()))
	if err != nil {
		return nil, fmt.Errorf("admin: hook key %s cannot be read", k.ID) // not %w: it was made of the key
	}
	private, ok := parsed.(*rsa.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("admin: hook key %s is a %T", k.ID, parsed)
	}
	return &private.PublicKey, nil
}

// HookKeys lists all keys.
func (s *Service) HookKeys(ctx context.Context) (list []HookKey, err error) {
	err = s.Store.View(ctx, func(ctx context.Context, tx *org.Tx) error {
		all, err := tx.HookKeys.List(ctx)
		if err != nil {
			return err
		}
		list = make([]HookKey, len(all))
		for i, k := range all {
			if list[i], err = withUse(ctx, tx, k); err != nil {
				return err
			}
		}
		return nil
	})
	return list, err
}

// HookKey gives one key.
func (s *Service) HookKey(ctx context.Context, hookKeyID string) (HookKey, error) {
	return edit.View(ctx, &s.Editor, hookKeyID, hookKeyResource, func(ctx context.Context, tx *org.Tx) (HookKey, error) {
		k, err := tx.HookKeys.Get(ctx, hookKeyID)
		if err != nil {
			return HookKey{}, err
		}
		return withUse(ctx, tx, k)
	})
}

// HookKeyByUUID gives the key of a UUID, by which its public half is known.
func (s *Service) HookKeyByUUID(ctx context.Context, keyID string) (HookKey, error) {
	all, err := s.HookKeys(ctx)
	if err != nil {
		return HookKey{}, err
	}
	for _, k := range all {
		if k.KeyID == keyID {
			return k, nil
		}
	}
	return HookKey{}, fault.Missing(keyID, hookKeyResource)
}

// CreateHookKey makes a key pair.
func (s *Service) CreateHookKey(ctx context.Context, by By, name string) (HookKey, error) {
	if err := edit.CheckName(name); err != nil {
		return HookKey{}, err
	}
	private, err := newPrivateKey()
	if err != nil {
		return HookKey{}, err
	}
	now := s.Time()
	k := &org.HookKey{ID: id.New(id.HookKey), KeyID: id.UUID(), Name: name, Private: private, Created: now, LastUpdated: now}
	err = s.Change(ctx, func(ctx context.Context, tx *org.Tx) error {
		if err := tx.HookKeys.Create(ctx, k); err != nil {
			return err
		}
		all, err := tx.HookKeys.List(ctx)
		if err != nil {
			return err
		}
		if len(all) > maxHookKeys {
			return fault.Field(hookKeyObject, "", fmt.Sprintf("An organization can have %d hook keys.", maxHookKeys))
		}
		return tx.Events.Append(ctx, s.Event(eventlog.HookKeyCreated, by, eventlog.HookKeyTarget(k)))
	})
	if err != nil {
		return HookKey{}, nameTaken(err)
	}
	return HookKey{HookKey: k}, nil
}

func newPrivateKey() (org.Secret, error) {
	key, err := rsa.GenerateKey(rand.Reader, hookKeyBits)
	if err != nil {
		return org.Secret{}, fmt.Errorf("admin: hook key: %w", err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return org.Secret{}, fmt.Errorf("admin: hook key: %w", err)
	}
	return org.NewSecret(string(der)), nil
}

// RenameHookKey gives a key another name, which is all that can be changed of it.
func (s *Service) RenameHookKey(ctx context.Context, by By, hookKeyID, name string) (k HookKey, err error) {
	if err := edit.CheckName(name); err != nil {
		return HookKey{}, err
	}
	err = s.Change(ctx, func(ctx context.Context, tx *org.Tx) error {
		old, err := tx.HookKeys.Get(ctx, hookKeyID)
		if err != nil {
			return err
		}
		if err := edit.Expected(ctx, old.Revision()); err != nil {
			return err
		}
		if k, err = withUse(ctx, tx, old); err != nil {
			return err
		}
		if k.Name == name {
			return edit.ErrUnchanged
		}
		k.Name, k.LastUpdated = name, s.Advance(k.LastUpdated)
		if err := tx.HookKeys.Rename(ctx, k.HookKey); err != nil {
			return err
		}
		return tx.Events.Append(ctx, s.Event(eventlog.HookKeyUpdated, by, eventlog.HookKeyTarget(k.HookKey)))
	})
	return k, nameTaken(edit.Missing(err, hookKeyID, hookKeyResource))
}

// DeleteHookKey removes a key that no hook signs with.
func (s *Service) DeleteHookKey(ctx context.Context, by By, hookKeyID string) error {
	err := s.Change(ctx, func(ctx context.Context, tx *org.Tx) error {
		k, err := tx.HookKeys.Get(ctx, hookKeyID)
		if err != nil {
			return err
		}
		if err := edit.Expected(ctx, k.Revision()); err != nil {
			return err
		}
		// Before the look at the hooks: from the first write on none can take it up.
		if err := tx.HookKeys.Delete(ctx, hookKeyID); err != nil {
			return err
		}
		users, err := signers(ctx, tx, hookKeyID)
		if err != nil {
			return err
		}
		if len(users) > 0 {
			return fault.Field(hookKeyObject, "", "The hook key is used by: "+strings.Join(users, ", ")+". Give these inline hooks another key first.")
		}
		return tx.Events.Append(ctx, s.Event(eventlog.HookKeyDeleted, by, eventlog.HookKeyTarget(k)))
	})
	return edit.Missing(err, hookKeyID, hookKeyResource)
}

func withUse(ctx context.Context, tx *org.Tx, k *org.HookKey) (HookKey, error) {
	users, err := signers(ctx, tx, k.ID)
	return HookKey{HookKey: k, Used: len(users) > 0}, err
}

// signers are the names of the hooks that sign with a key.
func signers(ctx context.Context, tx *org.Tx, hookKeyID string) (names []string, err error) {
	hooks, err := tx.Hooks.List(ctx, "")
	for _, h := range hooks {
		if h.SignsWith(hookKeyID) {
			names = append(names, h.Name)
		}
	}
	return names, err
}
