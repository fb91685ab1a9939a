package directory

import (
	"context"
	"time"

	"github.com/usher-id/usher/internal/id"
	"github.com/usher-id/usher/internal/org"
)

// Life of the tokens that people are sent: Okta's activation links, and the reset
// links of its default password policy.
const (
	activationLife = 7 * 24 * time.Hour
	resetLife      = time.Hour
)

// sendToken makes a token for a user and mails it, or gives it. The tokens that
// the user had before end, and what was not sent yet is not sent.
func (s *Service) sendToken(ctx context.Context, tx *org.Tx, u *org.User, purpose string, mail bool) (org.Secret, error) {
	if err := forget(ctx, tx, u.ID); err != nil {
		return org.Secret{}, err
	}
	now, life, kind := s.Time(), activationLife, org.MailActivate
	if purpose == org.PurposeResetPassword {
		life, kind = resetLife, org.MailResetPassword
	}
	text := id.UserToken()
	err := tx.UserTokens.Create(ctx, &org.UserToken{
		Hash: org.HashToken(text), UserID: u.ID, Purpose: purpose, Created: now, Expires: now.Add(life),
	})
	if err != nil {
		return org.Secret{}, err
	}
	if !mail {
		return org.NewSecret(text), nil
	}
	return org.Secret{}, tx.Mails.Append(ctx, &org.Mail{
		ID: id.New(id.Mail), UserID: u.ID, Kind: kind, To: u.Email(), Token: org.NewSecret(text), Created: now,
	})
}

// forget ends the tokens of a user, sent or not.
func forget(ctx context.Context, tx *org.Tx, userID string) error {
	if err := tx.UserTokens.DeleteOfUser(ctx, userID); err != nil {
		return err
	}
	return tx.Mails.DeleteOfUser(ctx, userID)
}
