package admin

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/usher-id/usher/internal/edit"
	"github.com/usher-id/usher/internal/eventlog"
	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/id"
	"github.com/usher-id/usher/internal/org"
)

const (
	tokenObject   = "apiToken"
	tokenResource = "ApiToken"
)

// TokenInput is what is said of an API token that is made. Without UserID and
// Role it is as whoever makes it: of the same user, or with the same role.
type TokenInput struct {
	Name    string
	UserID  string    // whose rights it has
	Role    string    // whose rights it has if it is nobody's
	Expires time.Time // whether or not it is used; zero is never
}

// CreateToken makes an API token and gives its text, which is shown this once
// and nowhere stored. Who is no super administrator makes tokens of one's own:
// they are never stronger, and end with their owner and with the token that made
// them: whoever has got hold of one that ends does not so get one that does not.
func (s *Service) CreateToken(ctx context.Context, by By, in TokenInput) (text string, t *org.Token, err error) {
	owned := by.Actor.ID != by.TokenID
	if in.UserID == "" && in.Role == "" {
		if by.TokenID != "" && owned {
			in.UserID = by.Actor.ID
		} else {
			in.Role = cmp.Or(by.Role, org.RoleSuperAdmin)
		}
	}
	ones := owned && in.UserID == by.Actor.ID
	if !almighty(by) && !ones {
		return "", nil, fault.New(fault.Forbidden, "")
	}
	now := s.Time()
	text = id.APIToken()
	t = &org.Token{
		ID: id.New(id.Token), Name: in.Name, UserID: in.UserID, Role: in.Role, Hash: org.HashToken(text),
		Created: now, LastUpdated: now, Expires: in.Expires.UTC().Truncate(time.Microsecond),
	}
	err = s.Change(ctx, func(ctx context.Context, tx *org.Tx) error {
		if err := endsInTime(ctx, tx, by, t); err != nil {
			return err
		}
		if err := s.checkToken(ctx, tx, t); err != nil {
			return err
		}
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

// almighty tells whether somebody may use all tokens and know what is sensitive: a
// super administrator, and usher itself.
func almighty(by By) bool { return by.Role == "" || by.Role == org.RoleSuperAdmin }

// endsInTime makes a token of somebody below a super administrator end with the
// one that makes it, if that has a date. One that is to end later is refused.
func endsInTime(ctx context.Context, tx *org.Tx, by By, t *org.Token) error {
	if almighty(by) || by.TokenID == "" {
		return nil
	}
	maker, err := tx.Tokens.Get(ctx, by.TokenID)
	switch {
	case errors.Is(err, org.ErrNotFound): // it has ended meanwhile
		return fault.New(fault.BadToken, "")
	case err != nil || maker.Expires.IsZero():
		return err
	case t.Expires.IsZero():
		t.Expires = maker.Expires
	case t.Expires.After(maker.Expires):
		return fault.Field(tokenObject, "expires", "must not be after the end of the token of the request")
	}
	return nil
}

func (s *Service) checkToken(ctx context.Context, tx *org.Tx, t *org.Token) error {
	var found edit.Problems
	found.Add("name", edit.NameProblem(t.Name))
	found.AddUnless(t.Expires.IsZero() || t.Expires.After(t.Created), "expires", "must be in the future")
	if t.UserID == "" {
		found.OneOf("role", t.Role, org.Roles()...)
		return found.Fault(tokenObject)
	}
	found.AddUnless(t.Role == "", "role", "a token of a user has the role of the user")
	_, role, err := rights(ctx, tx, t)
	if err != nil {
		return err
	}
	found.AddUnless(role != "", "userId", "must be an active user who has a role")
	return found.Fault(tokenObject)
}

// rights gives the owner of a token, nil for none, and the role that it acts
// with: "" when its owner is no administrator who may sign in.
func rights(ctx context.Context, tx *org.Tx, t *org.Token) (owner *org.User, role string, err error) {
	if t.UserID == "" {
		return nil, t.Role, nil
	}
	owner, err = tx.Users.Get(ctx, t.UserID)
	if errors.Is(err, org.ErrNotFound) || err == nil && !owner.StaysIn() {
		return owner, "", nil
	}
	if err != nil {
		return nil, "", err
	}
	grants, err := tx.Grants.OfUser(ctx, owner.ID)
	return owner, org.Strongest(grants), err
}

// Bearer is who has an API token that is good.
type Bearer struct {
	Token *org.Token
	Owner *org.User // nil for nobody's
	Role  string    // with whose rights it acts
}

// Actor is the owner, or the token itself where there is none.
func (b *Bearer) Actor() org.Actor {
	if b.Owner != nil {
		return eventlog.Person(b.Owner)
	}
	return eventlog.APIToken(b.Token)
}

// Authenticate gives the bearer of the text of a token, or a BadToken fault for
// one that is unknown, has ended, or whose owner is no active administrator any
// more.
func (s *Service) Authenticate(ctx context.Context, text string) (*Bearer, error) {
	var b Bearer
	err := s.Store.View(ctx, func(ctx context.Context, tx *org.Tx) (err error) {
		if b.Token, err = tx.Tokens.ByHash(ctx, org.HashToken(text)); err != nil {
			return err
		}
		b.Owner, b.Role, err = rights(ctx, tx, b.Token)
		return err
	})
	now := s.Time()
	if errors.Is(err, org.ErrNotFound) || err == nil && (b.Role == "" || !now.Before(b.Token.Ends())) {
		return nil, fault.New(fault.BadToken, "")
	}
	if err != nil {
		return nil, err
	}
	if minute := now.Truncate(time.Minute); minute.After(b.Token.LastUsed) {
		// A database that cannot be written to now can still be read, and the next
		// request notes the same.
		_ = s.Store.UpdateSoon(ctx, func(ctx context.Context, tx *org.Tx) error { return tx.Tokens.Touch(ctx, b.Token.ID, minute) })
	}
	return &b, nil
}

// ownToken tells whether somebody may see and end a token: a super administrator
// every one, the others their own and the one in their hands.
func ownToken(by By, t *org.Token) bool {
	return almighty(by) || t.ID == by.TokenID || t.UserID != "" && t.UserID == by.Actor.ID
}

// Tokens lists the tokens that somebody may see, in the order of their making.
func (s *Service) Tokens(ctx context.Context, by By) (list []*org.Token, err error) {
	err = s.Store.View(ctx, func(ctx context.Context, tx *org.Tx) (err error) {
		list, err = tx.Tokens.List(ctx, "")
		return err
	})
	return slices.DeleteFunc(list, func(t *org.Token) bool { return !ownToken(by, t) }), err
}

// Token gives one token. One that somebody may not see is not there.
func (s *Service) Token(ctx context.Context, by By, tokenID string) (*org.Token, error) {
	return edit.View(ctx, &s.Editor, tokenID, tokenResource, func(ctx context.Context, tx *org.Tx) (*org.Token, error) {
		return tokenOf(ctx, tx, by, tokenID)
	})
}

func tokenOf(ctx context.Context, tx *org.Tx, by By, tokenID string) (*org.Token, error) {
	t, err := tx.Tokens.Get(ctx, tokenID)
	if err == nil && !ownToken(by, t) {
		return nil, org.ErrNotFound
	}
	return t, err
}

// RenameToken changes what can be changed of a token: its name.
func (s *Service) RenameToken(ctx context.Context, by By, tokenID, name string) (*org.Token, error) {
	if problem := edit.NameProblem(name); problem != "" {
		return nil, fault.Field(tokenObject, "name", problem)
	}
	var t *org.Token
	err := s.Change(ctx, func(ctx context.Context, tx *org.Tx) (err error) {
		if t, err = tokenOf(ctx, tx, by, tokenID); err != nil {
			return err
		}
		if err := edit.Expected(ctx, t.Revision()); err != nil {
			return err
		}
		if t.Name == name {
			return edit.ErrUnchanged
		}
		t.Name, t.LastUpdated = name, s.Advance(t.LastUpdated)
		if err := tx.Tokens.Update(ctx, t); err != nil {
			return err
		}
		return tx.Events.Append(ctx, s.Event(eventlog.TokenUpdated, by, eventlog.TokenTarget(t)))
	})
	if err != nil {
		return nil, edit.Missing(err, tokenID, tokenResource)
	}
	return t, nil
}

// RevokeToken ends a token for good.
func (s *Service) RevokeToken(ctx context.Context, by By, tokenID string) error {
	err := s.Change(ctx, func(ctx context.Context, tx *org.Tx) error {
		t, err := tokenOf(ctx, tx, by, tokenID)
		if err != nil {
			return err
		}
		if err := edit.Expected(ctx, t.Revision()); err != nil {
			return err
		}
		if err := tx.Tokens.Delete(ctx, tokenID); err != nil {
			return err
		}
		return tx.Events.Append(ctx, s.Event(eventlog.TokenRevoked, by, eventlog.TokenTarget(t)))
	})
	return edit.Missing(err, tokenID, tokenResource)
}
