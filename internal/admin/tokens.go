package admin

import (
	"context"
	"errors"
	"time"

	"github.com/usher-id/usher/internal/eventlog"
	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/id"
	"github.com/usher-id/usher/internal/org"
)

// CreateToken makes an API token and gives its text, which is shown this once
// and nowhere stored. A life of 0 never ends.
func (s *Service) CreateToken(ctx context.Context, by By, name string, life time.Duration) (text string, t *org.Token, err error) {
	if err := checkName(name); err != nil {
		return "", nil, err
	}
	if life < 0 {
		return "", nil, fault.Field("expires", "expires", "must not be negative")
	}
	now := s.now()
	text = id.APIToken()
	t = &org.Token{ID: id.New(id.Token), Name: name, Hash: org.HashToken(text), Created: now}
	if life > 0 {
		t.Expires = now.Add(life)
	}
	err = s.change(ctx, func(ctx context.Context, tx *org.Tx) error {
		if err := tx.Tokens.Create(ctx, t); err != nil {
			return err
		}
		return tx.Events.Append(ctx, s.event(eventlog.TokenCreated, by, eventlog.TokenTarget(t)))
	})
	if err != nil {
		return "", nil, err
	}
	return text, t, nil
}

// Authenticate gives the token of a text, or a BadToken fault for one that is
// unknown or has ended.
func (s *Service) Authenticate(ctx context.Context, text string) (t *org.Token, err error) {
	err = s.Store.View(ctx, func(ctx context.Context, tx *org.Tx) (err error) {
		t, err = tx.Tokens.ByHash(ctx, org.HashToken(text))
		return err
	})
	now := s.now()
	if errors.Is(err, org.ErrNotFound) || err == nil && !t.Expires.IsZero() && !now.Before(t.Expires) {
		return nil, fault.New(fault.BadToken, "")
	}
	if err != nil {
		return nil, err
	}
	if minute := now.Truncate(time.Minute); minute.After(t.LastUsed) {
		// A database that cannot be written to now can still be read, and the next
		// request notes the same.
		_ = s.Store.UpdateSoon(ctx, func(ctx context.Context, tx *org.Tx) error { return tx.Tokens.Touch(ctx, t.ID, minute) })
	}
	return t, nil
}
