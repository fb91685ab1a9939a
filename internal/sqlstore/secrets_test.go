package sqlstore

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/secretbox"
	"github.com/usher-id/usher/internal/sqldb"
)

const (
	canary  = "Basic c4nary-in-a-header"
	further = "a k3y-in-another"
	mailed  = "t0ken-in-a-mail"

	clientSecret = "cli3nt-s3cret"
	privateKey   = "pr1vate-half"
)

func hookWithSecret(id string) *org.InlineHook {
	return &org.InlineHook{ID: id, Name: id, Channel: org.Channel{
		Headers: []org.Header{{Key: "X-Key", Value: further}},
		Auth:    &org.HeaderAuth{Key: "Authorization", Value: org.NewSecret(canary)},
		OAuth:   &org.OAuth{ClientSecret: org.NewSecret(clientSecret)},
	}}
}

func createHooks(t *testing.T, s *Store, ids ...string) {
	t.Helper()
	err := s.Update(t.Context(), func(ctx context.Context, tx *org.Tx) error {
		key := &org.HookKey{ID: "HKY" + ids[0], KeyID: ids[0], Name: ids[0], Private: org.NewSecret(privateKey)}
		if err := tx.HookKeys.Create(ctx, key); err != nil {
			return err
		}
		told := &org.EventHook{ID: "who" + ids[0], Name: ids[0], Channel: hookWithSecret("").Channel}
		if err := tx.EventHooks.Create(ctx, told); err != nil {
			return err
		}
		for _, id := range ids {
			if err := tx.Hooks.Create(ctx, hookWithSecret(id)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func appendMail(t *testing.T, s *Store, id string) {
	t.Helper()
	err := s.Update(t.Context(), func(ctx context.Context, tx *org.Tx) error {
		u := &org.User{ID: "00u" + id}
		u.Profile = u.Profile.Set("login", id)
		if err := tx.Users.Create(ctx, u); err != nil {
			return err
		}
		return tx.Mails.Append(ctx, &org.Mail{ID: id, UserID: u.ID, Kind: "mail-kind", Token: org.NewSecret(mailed)})
	})
	if err != nil {
		t.Fatal(err)
	}
}

func getHook(t *testing.T, s *Store, id string) (h *org.InlineHook, err error) {
	t.Helper()
	err = s.View(t.Context(), func(ctx context.Context, tx *org.Tx) (err error) {
		h, err = tx.Hooks.Get(ctx, id)
		return err
	})
	return h, err
}

// everything gives the bytes of the database.
func everything(t *testing.T, s *Store, url string) []byte {
	t.Helper()
	var all bytes.Buffer
	if path, ok := strings.CutPrefix(url, "sqlite:"); ok {
		files, err := filepath.Glob(path + "*")
		if err != nil || len(files) < 2 { // with the log beside it
			t.Fatalf("files %q, %v", files, err)
		}
		for _, file := range files {
			content, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			all.Write(content)
		}
		return all.Bytes()
	}
	rows, err := s.engine.Pool(sqldb.View).QueryContext(t.Context(),
		"SELECT h::text FROM hooks AS h UNION ALL SELECT k::text FROM hook_keys AS k UNION ALL SELECT e::text FROM event_hooks AS e UNION ALL SELECT m::text FROM mail AS m UNION ALL SELECT a::text FROM apps AS a UNION ALL SELECT s::text FROM signing_keys AS s")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			t.Fatal(err)
		}
		all.WriteString(text)
	}
	return all.Bytes()
}

func TestSecretsAreSealed(t *testing.T) {
	onEngines(t, func(t *testing.T, url string) {
		s := open(t, url)
		createHooks(t, s, "cal1", "cal2")
		appendMail(t, s, "eml1")
		all := everything(t, s, url)
		if !bytes.Contains(all, []byte("Authorization")) || !bytes.Contains(all, []byte("mail-kind")) {
			t.Fatal("this looks for secrets in the wrong place")
		}
		for name, form := range map[string]string{
			"plain":  canary,
			"part":   "c4nary",
			"header": "k3y",
			"mail":   "t0ken",
			"client": clientSecret,
			"key":    privateKey,
			"hex":    hex.EncodeToString([]byte(canary)),
			"base64": base64.StdEncoding.EncodeToString([]byte(canary)),
		} {
			if bytes.Contains(all, []byte(form)) {
				t.Errorf("the database holds the secret, %s", name)
			}
		}
		h, err := getHook(t, s, "cal2")
		if err != nil || h.Channel.Auth.Value.Reveal() != canary || h.Channel.Headers[0].Value != further {
			t.Errorf("opened: %v", err)
		}
	})
}

func TestSecretsStayWhereTheyWere(t *testing.T) {
	onEngines(t, func(t *testing.T, url string) {
		s := open(t, url)
		createHooks(t, s, "cal1", "cal2")
		for _, column := range []string{"auth_value", "headers", "client_secret"} {
			before := reopen(t, Options{URL: url, Keys: s.keys})
			if _, err := getHook(t, before, "cal1"); err != nil {
				t.Fatal(err)
			}
			run(t, s.engine, "CREATE TABLE kept AS SELECT "+column+" AS sealed FROM hooks WHERE id = 'cal1'")
			run(t, s.engine, "UPDATE hooks SET "+column+" = (SELECT h."+column+" FROM hooks AS h WHERE h.id = 'cal2') WHERE id = 'cal1'")
			after := reopen(t, Options{URL: url, Keys: s.keys})
			if _, err := getHook(t, after, "cal1"); !errors.Is(err, secretbox.ErrNotSealed) {
				t.Errorf("%s that was moved: %v", column, err)
			}
			run(t, s.engine, "UPDATE hooks SET "+column+" = (SELECT sealed FROM kept) WHERE id = 'cal1'")
			run(t, s.engine, "DROP TABLE kept")
		}
		other := reopen(t, Options{URL: url, Keys: secretbox.Ephemeral()})
		if _, err := getHook(t, other, "cal2"); !errors.Is(err, secretbox.ErrUnknownKey) {
			t.Errorf("with other keys: %v", err)
		}
	})
}

func TestErasedBytesAreGone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "usher.db")
	s := open(t, path)
	update := func(write func(context.Context, *org.Tx) error) {
		t.Helper()
		if err := s.Update(t.Context(), write); err != nil {
			t.Fatal(err)
		}
		run(t, s.engine, "PRAGMA wal_checkpoint(TRUNCATE)")
	}
	contains := func() bool {
		t.Helper()
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return bytes.Contains(content, []byte("ada-lovelace"))
	}
	update(func(ctx context.Context, tx *org.Tx) error {
		return tx.Calls.Append(ctx, &org.HookCall{ID: "hkc1", LoginKey: "ada-lovelace", Request: strings.Repeat("ada-lovelace ", 2000)})
	})
	if !contains() {
		t.Fatal("this looks for what was erased in the wrong place")
	}
	update(func(ctx context.Context, tx *org.Tx) error {
		_, err := tx.Calls.Erase(ctx, "", "ada-lovelace")
		return err
	})
	if contains() {
		t.Error("the file still holds what was erased")
	}
}
