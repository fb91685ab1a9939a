package main

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/usher-id/usher/internal/config"
)

// configFile writes a configuration whose database and keys lie beside it.
func configFile(t *testing.T, more string) string {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "usher.yaml")
	text := "listen: 127.0.0.1:0\ndatabase: sqlite:" + filepath.Join(dir, "usher.db") + "\nkeyFile: " + filepath.Join(dir, "usher.key") + "\n" + more
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// An operator's first day: migrate, serve, make a token, use it, stop.
func TestServe(t *testing.T) {
	t.Parallel()
	file := configFile(t, "password: {hash: bcrypt, bcryptCost: 4}\nseed: {enrollment: {selfServiceRegistration: true}}\n")
	for _, want := range []string{"applied 0001 first schema\n", "nothing to apply: the database is up to date\n"} {
		if out, err := output(t, "migrate", "--config", file); err != nil || !strings.Contains(out, want) {
			t.Errorf("migrate prints %q, %v", out, err)
		}
	}
	if _, err := output(t, "serve", "--config", file); err == nil || !strings.Contains(err.Error(), "usher.yaml:4: password: ") {
		t.Errorf("a cheap hash: %v", err)
	}
	c := start(t, "serve", "--config", file, "--unsafe-hash", "--no-migrate", "--ready-delay", "0s")
	line := c.err.waitFor(t, "usher is ready", 1)
	var entry struct{ Msg, URL, Listen, Version string }
	if err := json.Unmarshal([]byte(line), &entry); err != nil || entry.URL != "http://"+entry.Listen || entry.Version == "" {
		t.Fatalf("it logs %s: %v", line, err)
	}
	token, err := output(t, "token", "create", "--config", file, "--name", "terraform", "--expires", "1h")
	if err != nil {
		t.Fatal(err)
	}
	if body := api(t, http.MethodGet, ready{URL: entry.URL, AdminToken: strings.TrimSpace(token)}, "/api/v1/inlineHooks"); string(body) != "[]" {
		t.Errorf("hooks %s", body)
	}
	if status, page := signUp(t, entry.URL, "ada@example.com"); status != http.StatusSeeOther {
		t.Errorf("status %d: %s", status, page)
	}
	if err := c.stop(); err != nil {
		t.Error(err)
	}
	if c.out.String() != "" {
		t.Errorf("it prints %q", c.out)
	}
}

func TestCommandsRefused(t *testing.T) {
	t.Parallel()
	good, listed := configFile(t, ""), configFile(t, "log: [debug]\n")
	for name, tt := range map[string]struct {
		args []string
		want string
	}{
		"serve, no file":            {[]string{"serve", "--config", "none.yaml"}, "none.yaml"},
		"serve, a bad file":         {[]string{"serve", "--config", listed}, "usher.yaml:4: log: expected"},
		"serve, not migrated":       {[]string{"serve", "--config", good, "--no-migrate"}, "the database: "},
		"migrate, a bad file":       {[]string{"migrate", "--config", listed}, "usher.yaml:4: log: expected"},
		"token, a bad file":         {[]string{"token", "create", "--config", listed, "--name", "a"}, "usher.yaml:4: log: expected"},
		"token, not migrated":       {[]string{"token", "create", "--config", good, "--name", "a"}, "the database: "},
		"token, no name":            {[]string{"token", "create", "--config", good}, "missing flags: --name"},
		"token, nothing for a name": {[]string{"token", "create", "--config", migratedFile(t), "--name", " "}, "name: The field cannot be left blank"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if out, err := output(t, tt.args...); err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(out, "00") {
				t.Errorf("it prints %q, the error is %v", out, err)
			}
		})
	}
}

// migratedFile is the file of a database that is migrated.
func migratedFile(t *testing.T) string {
	t.Helper()
	file := configFile(t, "")
	if _, err := output(t, "migrate", "--config", file); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestLogger(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		log  config.Log
		want string
	}{
		{config.Log{Level: "info", Format: "json"}, `"msg":"second"`},
		{config.Log{Level: "debug", Format: "text"}, "msg=first"},
		{config.Log{Level: "error", Format: "text"}, ""},
	} {
		out := newScreen()
		l := logger(tt.log, terminal{err: out})
		l.Debug("first")
		l.Info("second")
		if text := out.String(); !strings.Contains(text, tt.want) || tt.want == "" && text != "" {
			t.Errorf("%+v writes %q", tt.log, text)
		}
	}
}
