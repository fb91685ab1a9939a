package sqlstore

import (
	"database/sql"
	"fmt"

	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/secretbox"
)

// seal makes what a column keeps of a secret, bound to its place: moved to
// another row or column it does not open.
func (t *tx) seal(place secretbox.Where, plain string) (string, error) {
	sealed, err := t.store.keys.Seal(place, []byte(plain))
	if err != nil {
		return "", t.fail(fmt.Errorf("sqlstore: %s %s: %w", place.Table, place.Row, err))
	}
	return sealed, nil
}

// open is the way back.
func (t *tx) open(place secretbox.Where, sealed string) (string, error) {
	plain, err := t.store.keys.Open(place, sealed)
	if err != nil {
		return "", fmt.Errorf("%s %s: %w", place.Table, place.Row, err)
	}
	return string(plain), nil
}

// What both kinds of hooks keep sealed of a channel: the secret header's value, and
// the further headers whole, since services take keys in them too.
const (
	columnAuth    = "auth_value"
	columnHeaders = "headers"
)

// sealChannel refuses in headers the same texts as in any other document.
func (t *tx) sealChannel(table, id string, c org.Channel) (headers string, key sql.NullString, auth string, err error) {
	headers, err = encode(c.Headers)
	if err == nil && escapesBadText(headers) {
		err = badText()
	}
	if err != nil {
		return "", key, "", t.fail(err)
	}
	if headers, err = t.seal(secretbox.Where{Table: table, Row: id, Column: columnHeaders}, headers); err != nil {
		return "", key, "", err
	}
	if c.Auth != nil {
		key = sql.NullString{String: c.Auth.Key, Valid: true}
		auth, err = t.seal(secretbox.Where{Table: table, Row: id, Column: columnAuth}, c.Auth.Value.Reveal())
	}
	return headers, key, auth, err
}

// openChannel is the way back.
func (t *tx) openChannel(table, id string, c *org.Channel, headers string, key sql.NullString, auth string) error {
	plain, err := t.open(secretbox.Where{Table: table, Row: id, Column: columnHeaders}, headers)
	if err != nil {
		return err
	}
	if err := from(&c.Headers).Scan(plain); err != nil || !key.Valid {
		return err
	}
	secret, err := t.open(secretbox.Where{Table: table, Row: id, Column: columnAuth}, auth)
	c.Auth = &org.HeaderAuth{Key: key.String, Value: org.NewSecret(secret)}
	return err
}
