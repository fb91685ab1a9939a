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

// migrated makes the database of a configuration file.
func migrated(t *testing.T) (file string) {
	t.Helper()
	dir := t.TempDir()
	file = filepath.Join(dir, "usher.yaml")
	text := "database: sqlite:" + filepath.Join(dir, "usher.db") + "\nkeyFile: " + filepath.Join(dir, "usher.key") + "\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := output(t, "migrate", "--config", file); err != nil {
		t.Fatal(err)
	}
	return file
}

// opened is the administration of that database, with its org set up.
func opened(t *testing.T, file string) *admin.Service {
	t.Helper()
	settings, err := config.Load(file, noEnv)
	if err != nil {
		t.Fatal(err)
	}
	store, err := server.OpenStore(t.Context(), settings, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	a := &admin.Service{Editor: edit.Editor{Store: store, Now: time.Now}}
	if _, err := a.SetUp(t.Context(), admin.By{}); err != nil {
		t.Fatal(err)
	}
	return a
}

// A token of a person is named by the login, and is good as long as the person is
// an administrator.
func TestTokenOfUser(t *testing.T) {
	file := migrated(t)
	a := opened(t, file)
	write := func(work func(context.Context, *org.Tx) error) {
		t.Helper()
		if err := a.Store.Update(t.Context(), work); err != nil {
			t.Fatal(err)
		}
	}
	create := func() (string, error) {
		return output(t, "token", "create", "--config", file, "--name", "ci", "--user", "ADA@example.com")
	}
	ada := &org.User{ID: id.New(id.User), Status: org.StatusActive, Profile: profile.Profile{}.Set(profile.Login, "ada@example.com")}
	write(func(ctx context.Context, tx *org.Tx) error { return tx.Users.Create(ctx, ada) })
	if _, err := create(); err == nil || !strings.Contains(err.Error(), "userId: must be an active user who has a role") {
		t.Errorf("of nobody who administrates: %v", err)
	}
	grant := &org.Grant{ID: id.Grant(), UserID: ada.ID, Role: org.RoleHelpDesk}
	write(func(ctx context.Context, tx *org.Tx) error { return tx.Grants.Create(ctx, grant) })
	made, err := create()
	if err != nil {
		t.Fatal(err)
	}
	made = strings.TrimSpace(made)
	if b, err := a.Authenticate(t.Context(), made); err != nil || b.Owner.ID != ada.ID || b.Role != org.RoleHelpDesk {
		t.Errorf("bearer is %+v (%v)", b, err)
	}
	if list, err := output(t, "token", "list", "--config", file); err != nil || !strings.Contains(list, ada.ID) || strings.Contains(list, made) {
		t.Errorf("the list is %s (%v)", list, err)
	}
	write(func(ctx context.Context, tx *org.Tx) error { return tx.Grants.Delete(ctx, grant.ID) })
	if _, err := a.Authenticate(t.Context(), made); err == nil {
		t.Error("the token is good without the role")
	}
}
