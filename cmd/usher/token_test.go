package main

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/usher-id/usher/internal/admin"
	"github.com/usher-id/usher/internal/config"
	"github.com/usher-id/usher/internal/edit"
	"github.com/usher-id/usher/internal/id"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/profile"
	"github.com/usher-id/usher/internal/server"
)

// A token of a person is named by the login, and is good as long as the person is
// an administrator.
func TestTokenOfUser(t *testing.T) {
	file := filepath.Join(t.TempDir(), "usher.yaml")
	text := "database: sqlite:" + filepath.Join(filepath.Dir(file), "usher.db") + "\nkeyFile: " + filepath.Join(filepath.Dir(file), "usher.key") + "\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := output(t, "migrate", "--config", file); err != nil {
		t.Fatal(err)
	}
	create := func() (string, error) {
		return output(t, "token", "create", "--config", file, "--name", "ci", "--user", "ADA@example.com")
	}
	ada := &org.User{ID: id.New(id.User), Status: org.StatusActive, Profile: profile.Profile{}.Set(profile.Login, "ada@example.com")}
	update := func(work func(context.Context, *org.Tx) error) *admin.Service {
		settings, err := config.Load(file, noEnv)
		if err != nil {
			t.Fatal(err)
		}
		store, err := server.OpenStore(t.Context(), settings, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { store.Close() })
		if err := store.Update(t.Context(), work); err != nil {
			t.Fatal(err)
		}
		return &admin.Service{Editor: edit.Editor{Store: store, Now: time.Now}}
	}
	tokens := update(func(ctx context.Context, tx *org.Tx) error { return tx.Users.Create(ctx, ada) })
	if _, err := tokens.SetUp(t.Context(), admin.By{}); err != nil {
		t.Fatal(err)
	}
	if _, err := create(); err == nil || !strings.Contains(err.Error(), "userId: must be an active user who has a role") {
		t.Errorf("of nobody who administrates: %v", err)
	}
	tokens = update(func(ctx context.Context, tx *org.Tx) error {
		return tx.Grants.Create(ctx, &org.Grant{ID: id.Grant(), UserID: ada.ID, Role: org.RoleHelpDesk})
	})
	made, err := create()
	if err != nil {
		t.Fatal(err)
	}
	if b, err := tokens.Authenticate(t.Context(), strings.TrimSpace(made)); err != nil || b.Owner.ID != ada.ID || b.Role != org.RoleHelpDesk {
		t.Errorf("bearer is %+v (%v)", b, err)
	}
	if list, err := output(t, "token", "list", "--config", file); err != nil || !strings.Contains(list, ada.ID) || strings.Contains(list, strings.TrimSpace(made)) {
		t.Errorf("the list is %s (%v)", list, err)
	}
}
