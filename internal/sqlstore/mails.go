package sqlstore

import (
	"context"
	"fmt"
	"time"

	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/secretbox"
)

type mails struct{ *tx }

const (
	mailColumns = "id, user_id, kind, content, created"

	insertMail    = "INSERT INTO mail (" + mailColumns + ") VALUES ($1, $2, $3, $4, $5)"
	oldestMails   = "SELECT " + mailColumns + " FROM mail ORDER BY created, id LIMIT $1"
	deleteMail    = "DELETE FROM mail WHERE id = $1"
	deleteMailsOf = "DELETE FROM mail WHERE user_id = $1"
	pruneMails    = "DELETE FROM mail WHERE created < $1"
)

// mailContent is what is sealed of a message: whoever reads the token can do
// what the person could.
type mailContent struct {
	To    string `json:"to"`
	Token string `json:"token,omitempty"`
}

func mailAt(id string) secretbox.Where {
	return secretbox.Where{Table: "mail", Row: id, Column: "content"}
}

func (r mails) Append(_ context.Context, m *org.Mail) error {
	text, err := encode(mailContent{To: m.To, Token: m.Token.Reveal()})
	if err != nil {
		return r.fail(err)
	}
	if escapesBadText(text) {
		return r.fail(badText())
	}
	sealed, err := r.store.keys.Seal(mailAt(m.ID), []byte(text))
	if err != nil {
		return r.fail(fmt.Errorf("sqlstore: mail %s: %w", m.ID, err))
	}
	return r.hold(insertMail, m.ID, m.UserID, m.Kind, sealed, m.Created)
}

func (r mails) scan(columns row) (*org.Mail, error) {
	var (
		m       org.Mail
		sealed  string
		content mailContent
	)
	if err := columns.Scan(&m.ID, &m.UserID, &m.Kind, &sealed, at(&m.Created)); err != nil {
		return nil, err
	}
	plain, err := r.store.keys.Open(mailAt(m.ID), sealed)
	if err != nil {
		return nil, fmt.Errorf("mail %s: %w", m.ID, err)
	}
	if err := from(&content).Scan(string(plain)); err != nil {
		return nil, err
	}
	m.To = content.To
	if content.Token != "" {
		m.Token = org.NewSecret(content.Token)
	}
	return &m, nil
}

func (r mails) List(ctx context.Context, limit int) ([]*org.Mail, error) {
	if _, err := r.send(ctx); err != nil {
		return nil, err
	}
	return list(ctx, r.tx, r.scan, oldestMails, limit)
}

func (r mails) Delete(_ context.Context, id string) error { return r.hold(deleteMail, id) }

func (r mails) DeleteOfUser(_ context.Context, userID string) error {
	return r.hold(deleteMailsOf, userID)
}

func (r mails) Prune(ctx context.Context, before time.Time) (int64, error) {
	return r.exec(ctx, pruneMails, before)
}
