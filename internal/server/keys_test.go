package server

import (
	"context"
	"os"
	"strings"
	"testing"

	"github.com/usher-id/usher/internal/config"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/sqlstore"
)

// keysOf migrates the database and opens it, as a first start does.
func keysOf(t *testing.T, c *config.Config) (org.Store, error) {
	t.Helper()
	if _, err := sqlstore.Migrate(t.Context(), sqlstore.Options{URL: c.Database}); err != nil {
		t.Fatal(err)
	}
	return OpenStore(t.Context(), c, options().Log)
}

func TestKeysAreMadeAtTheFirstStart(t *testing.T) {
	t.Parallel()
	c := load(t, "seed:\n  inlineHooks: [{name: gate, url: 'https://hooks.example.com/', authHeader: authorization, authSecret: hush}]\n")
	s := open(t, c)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(c.KeyFile)
	if err != nil {
		t.Fatal(err)
	}
	if mode := info.Mode().Perm(); mode != 0o600 {
		t.Errorf("the mode is %o", mode)
	}
	before := read(t, c.KeyFile)
	s = open(t, c)
	defer s.Close()
	if read(t, c.KeyFile) != before {
		t.Error("the second start has changed the keys")
	}
	hooks := view(t, s.Store, func(ctx context.Context, tx *org.Tx) ([]*org.InlineHook, error) { return tx.Hooks.List(ctx, "") })
	if got := hooks[0].Channel.Auth.Value.Reveal(); got != "hush" {
		t.Errorf("the secret is %q", got)
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// A file that is not mounted must not be replaced: what is sealed would be lost.
func TestKeysOfAnOrgAreNotMadeAnew(t *testing.T) {
	t.Parallel()
	c := load(t, "\n") // no hook: what is sealed later counts as much
	s := open(t, c)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(c.KeyFile); err != nil {
		t.Fatal(err)
	}
	for name, open := range map[string]func() error{
		"serve": func() error { _, err := Open(t.Context(), c, options()); return err },
		"token": func() error { _, err := OpenStore(t.Context(), c, options().Log); return err },
	} {
		err := open()
		if err == nil || !strings.Contains(err.Error(), "keyFile: expected the file "+c.KeyFile+", which this database was set up with") {
			t.Errorf("%s: the error is %v", name, err)
		}
		if _, err := os.Stat(c.KeyFile); err == nil {
			t.Errorf("%s: there are new keys", name)
		}
	}
}

func TestKeysThatDoNotFit(t *testing.T) {
	t.Parallel()
	const sealed = "seed:\n  inlineHooks: [{name: gate, url: 'https://hooks.example.com/', authHeader: authorization, authSecret: hush}]\n"
	c, other := load(t, sealed), load(t, "\n")
	for _, c := range []*config.Config{c, other} {
		if err := open(t, c).Close(); err != nil {
			t.Fatal(err)
		}
	}
	for _, step := range []struct {
		name  string
		spoil func() error
		want  string
	}{
		{"of another database", func() error { return os.WriteFile(c.KeyFile, []byte(read(t, other.KeyFile)), 0o600) },
			"keyFile: expected the keys that this database was set up with: "},
		{"none in the file", func() error { return os.WriteFile(c.KeyFile, []byte("# lost\n"), 0o600) }, "it holds no key"},
		{"open to everyone", func() error { return os.Chmod(c.KeyFile, 0o644) }, "chmod 600"},
	} {
		if err := step.spoil(); err != nil {
			t.Fatal(err)
		}
		s, err := Open(t.Context(), c, options())
		if err == nil {
			s.Close()
			t.Fatalf("%s: the server opens", step.name)
		}
		if !strings.Contains(err.Error(), "usher.yaml:") || !strings.Contains(err.Error(), step.want) {
			t.Errorf("%s: the error is %q", step.name, err)
		}
	}
}

// A mistyped path of a database leaves no keys behind.
func TestNoKeysWithoutADatabase(t *testing.T) {
	t.Parallel()
	c := load(t, "\n")
	if _, err := OpenStore(t.Context(), c, options().Log); err == nil || !strings.Contains(err.Error(), "the database: ") {
		t.Errorf("the error is %v", err)
	}
	if _, err := os.Stat(c.KeyFile); err == nil {
		t.Error("there are keys")
	}
	c.KeyFile += "/of/nowhere"
	if _, err := keysOf(t, c); err == nil || !strings.Contains(err.Error(), "keyFile: ") {
		t.Errorf("the error is %v", err)
	}
}
