package admin

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/usher-id/usher/internal/edit"
	"github.com/usher-id/usher/internal/eventlog"
	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/id"
	"github.com/usher-id/usher/internal/org"
)

// TokenInput is what is said of an API token that is made.
type TokenInput struct {
	Name string
	Role string        // with whose rights it acts, "" for a super administrator
	Life time.Duration // 0 never ends
}

// CreateToken makes an API token and gives its text, which is shown this once
// and nowhere stored.
func (s *Service) CreateToken(ctx context.Context, by By, in TokenInput) (text string, t *org.Token, err error) {
	in.Role = cmp.Or(in.Role, org.RoleSuperAdmin)
	var found edit.Problems
	found.Add("name", edit.NameProblem(in.Name))
	found.OneOf("role", in.Role, org.Roles()...)
	found.AddUnless(in.Life >= 0, "expires", "must not be negative")
	if err := found.Fault("apiToken"); err != nil {
		return "", nil, err
	}
	now := s.Time()
	text = id.APIToken()
	t = &org.Token{ID: id.New(id.Token), Name: in.Name, Role: in.Role, Hash: org.HashToken(text), Created: now, LastUpdated: now}
	if in.Life > 0 {
		t.Expires = now.Add(in.Life)
	}
	err = s.Change(ctx, func(ctx context.Context, tx *org.Tx) error {
		if err := tx.Tokens.Create(ctx, t); err != nil {
			return err
		}
		return tx.Events.Append(ctx, s.Event(eventlog.TokenCreated, by, eventlog.TokenTarget(t)))
	})
	if err != nil {
		return "", nil, err
	}
	return text, t, nil
}

// Authenticate gives the token of a text and the role that it acts with, or a
// BadToken fault for one that is unknown or has ended.
func (s *Service) Authenticate(ctx context.Context, text string) (t *org.Token, role string, err error) {
	err = s.Store.View(ctx, func(ctx context.Context, tx *org.Tx) (err error) {
		t, err = tx.Tokens.ByHash(ctx, org.HashToken(text))
		return err
	})
	now := s.Time()
	if errors.Is(err, org.ErrNotFound) || err == nil && !t.Expires.IsZero() && !now.Before(t.Expires) {
		return nil, "", fault.New(fault.BadToken, "")
	}
	if err != nil {
		return nil, "", err
	}
	if minute := now.Truncate(time.Minute); minute.After(t.LastUsed) {
		// A database that cannot be written to now can still be read, and the next
		// request notes the same.
		_ = s.Store.UpdateSoon(ctx, func(ctx context.Context, tx *org.Tx) error { return tx.Tokens.Touch(ctx, t.ID, minute) })
	}
	return t, t.Role, nil
}
