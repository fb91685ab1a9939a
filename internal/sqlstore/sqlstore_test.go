package sqlstore

import (
	"context"
	"strings"
	"testing"

	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/secretbox"
	"github.com/usher-id/usher/internal/storetest"
)

// open opens a migrated store for the length of a test.
func open(t testing.TB, url string) *Store {
	t.Helper()
	o := Options{URL: url, Keys: secretbox.Ephemeral()}
	if _, err := Migrate(t.Context(), o); err != nil {
		t.Fatalf("migrate: %v", err)
	}
	return reopen(t, o)
}

// reopen opens a store as it is.
func reopen(t testing.TB, o Options) *Store {
	t.Helper()
	s, err := Open(t.Context(), o)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return s
}

// onEngines runs a test on each engine, with the URL of a new database.
func onEngines(t *testing.T, test func(t *testing.T, url string)) {
	t.Helper()
	for _, e := range storetest.Engines() {
		t.Run(e.Name, func(t *testing.T) {
			t.Parallel()
			test(t, e.Open(t))
		})
	}
}

func TestStore(t *testing.T) {
	for _, e := range storetest.Engines() {
		t.Run(e.Name, func(t *testing.T) {
			t.Parallel()
			storetest.Run(t, func(t testing.TB) org.Store { return open(t, patient(e.Open(t))) })
		})
	}
}

// patient lets a server wait longer than its users should: the suite makes
// locks meet on purpose, and on a loaded machine.
func patient(url string) string {
	if strings.HasPrefix(url, "postgres") {
		return url + "&lock_timeout=30000&statement_timeout=30000"
	}
	return url
}

// put writes the setting a.
func put(value string) func(context.Context, *org.Tx) error {
	return func(ctx context.Context, tx *org.Tx) error { return tx.Settings.Put(ctx, "a", value) }
}
