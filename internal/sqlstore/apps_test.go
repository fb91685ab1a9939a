package sqlstore

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"testing"

	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/secretbox"
)

// Neither the text of a client's secret nor what is kept of it can be read in the
// database, nor the key that tokens are signed with.
func TestSecretsOfAppsAreSealed(t *testing.T) {
	onEngines(t, func(t *testing.T, url string) {
		s := open(t, url)
		const text, private = "a secret of a client", "a pr1vate key"
		digest := org.DigestOf(text)
		app := &org.App{ID: "0oa1", ClientID: "the-client", Secrets: []org.ClientSecret{{Credential: org.Credential{ID: "ocs1", Status: org.StatusActive}, Digest: digest}}}
		err := s.Update(t.Context(), func(ctx context.Context, tx *org.Tx) error {
			if err := tx.Apps.Create(ctx, app); err != nil {
				return err
			}
			return tx.SigningKeys.Create(ctx, &org.SigningKey{ID: "the-kid", Status: org.StatusActive, Private: org.NewSecret(private)})
		})
		if err != nil {
			t.Fatal(err)
		}
		all := everything(t, s, url)
		if !bytes.Contains(all, []byte("the-client")) || !bytes.Contains(all, []byte("the-kid")) {
			t.Fatal("this looks for secrets in the wrong place")
		}
		for _, form := range []string{text, private, digest.Mark(), string(digest.Sum), base64.StdEncoding.EncodeToString(digest.Sum), base64.StdEncoding.EncodeToString(digest.Salt)} {
			if bytes.Contains(all, []byte(form)) {
				t.Errorf("the database holds %q", form)
			}
		}
		read := func(s *Store) (known bool, err error) {
			err = s.View(t.Context(), func(ctx context.Context, tx *org.Tx) error {
				a, err := tx.Apps.Get(ctx, "0oa1")
				if err == nil {
					known = a.HasSecret(text)
				}
				return err
			})
			return known, err
		}
		if known, err := read(s); !known || err != nil {
			t.Errorf("known: %v, %v", known, err)
		}
		other := reopen(t, Options{URL: url, Keys: secretbox.Ephemeral()})
		if _, err := read(other); !errors.Is(err, secretbox.ErrUnknownKey) {
			t.Errorf("with other keys: %v", err)
		}
	})
}
