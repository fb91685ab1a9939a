package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/secretbox"
	"github.com/usher-id/usher/internal/sqldb"
)

func TestPathsAreOnlyPaths(t *testing.T) {
	for _, name := range []string{
		"usher.db", "with space.db", "100%.db", "%41.db", "what?.db", "a#b.db", "grüße.db", "a&b=c.db",
		"x?_pragma=journal_mode(DELETE)&mode=memory", "x;DROP TABLE users", "'quoted\".db", "file:x.db", "postgres.db",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			path := filepath.Join(dir, name)
			o := Options{URL: "sqlite:" + path, Keys: secretbox.Ephemeral()}
			if _, err := Open(t.Context(), o); !errors.Is(err, sqldb.ErrUnmigrated) {
				t.Errorf("open of no file: %v", err)
			}
			if files, _ := os.ReadDir(dir); len(files) != 0 {
				t.Errorf("open made %v", files)
			}
			s := open(t, o.URL)
			if err := s.Update(t.Context(), put("1")); err != nil {
				t.Fatal(err)
			}
			files, err := os.ReadDir(dir)
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range files {
				if !strings.HasPrefix(f.Name(), name) {
					t.Errorf("there is a file %q", f.Name())
				}
				if info, err := f.Info(); err != nil || info.Mode().Perm() != 0o600 {
					t.Errorf("%s has the permissions %v, %v", f.Name(), info.Mode(), err)
				}
			}
		})
	}
}

func TestSQLiteURLs(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, url := range []string{"sqlite:one.db", "two.db", "sqlite://three.db"} {
		if err := open(t, url).Ping(t.Context()); err != nil {
			t.Errorf("%s: %v", url, err)
		}
	}
	files, err := filepath.Glob("*.db")
	if err != nil || fmt.Sprint(files) != "[one.db three.db two.db]" {
		t.Errorf("files %v, %v", files, err)
	}
}

func TestPragmas(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "usher.db"))
	for _, c := range []struct {
		mode         sqldb.Mode
		pragma, want string
	}{
		{sqldb.Update, "journal_mode", "wal"}, {sqldb.Update, "synchronous", "2"}, {sqldb.Update, "busy_timeout", "5000"},
		{sqldb.Update, "foreign_keys", "1"}, {sqldb.Update, "cache_size", "-16000"}, {sqldb.Update, "journal_size_limit", "67108864"},
		{sqldb.Update, "trusted_schema", "0"}, {sqldb.Update, "secure_delete", "1"}, {sqldb.Update, "temp_store", "2"},
		{sqldb.View, "journal_mode", "wal"}, {sqldb.View, "query_only", "1"}, {sqldb.View, "busy_timeout", "5000"}, {sqldb.View, "trusted_schema", "0"},
	} {
		var got string
		if err := s.engine.Pool(c.mode).QueryRowContext(t.Context(), "PRAGMA "+c.pragma).Scan(&got); err != nil || got != c.want {
			t.Errorf("mode %d: %s is %s, %v; want %s", c.mode, c.pragma, got, err, c.want)
		}
	}
	for _, statement := range []string{"DELETE FROM settings", "PRAGMA query_only(0); DELETE FROM settings"} {
		if _, err := s.engine.Pool(sqldb.View).ExecContext(t.Context(), statement); err == nil {
			t.Errorf("a reader can %s", statement)
		}
	}
}

func TestFullDatabaseIsBusy(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "usher.db"))
	large := func(ctx context.Context, tx *org.Tx) error {
		if err := tx.Settings.Put(ctx, "small", "1"); err != nil {
			return err
		}
		return tx.Settings.Put(ctx, "large", strings.Repeat("x", 1<<20))
	}
	run(t, s.engine, "PRAGMA max_page_count = 1") // no less than there are
	for name, update := range map[string]func(context.Context, func(context.Context, *org.Tx) error) error{
		"Update": s.Update, "UpdateSoon": s.UpdateSoon,
	} {
		if err := update(t.Context(), large); !fault.Is(err, fault.Busy) {
			t.Errorf("%s gave %v", name, err)
		}
	}
	err := s.View(t.Context(), func(ctx context.Context, tx *org.Tx) error {
		_, err := tx.Settings.Get(ctx, "small")
		return err
	})
	if !errors.Is(err, org.ErrNotFound) {
		t.Errorf("half of it was written: %v", err)
	}
	run(t, s.engine, "PRAGMA max_page_count = 100000")
	if err := s.Update(t.Context(), large); err != nil {
		t.Errorf("when there is room: %v", err)
	}
}

func TestWaitForTheTurnEnds(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "usher.db"))
	err := s.Update(t.Context(), func(ctx context.Context, tx *org.Tx) error {
		waiting, cancel := context.WithTimeout(ctx, 20*time.Millisecond)
		defer cancel()
		if err := s.Update(waiting, put("1")); !fault.Is(err, fault.Busy) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("with a deadline: %v", err)
		}
		waiting, cancel = context.WithCancel(ctx)
		time.AfterFunc(20*time.Millisecond, cancel)
		if err := s.Update(waiting, put("1")); !errors.Is(err, context.Canceled) || fault.As(err) != nil {
			t.Errorf("when the caller leaves: %v", err)
		}
		return tx.Settings.Put(ctx, "a", "2")
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Update(t.Context(), put("3")); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

func TestHotStatementsUseIndexes(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "usher.db"))
	for _, query := range append(hotStatements(), eraseCallsOfUser, eraseCallsOfLogin, recentCalls, recentCallsOfHook,
		pruneCalls, pruneEvents, pruneInteractions, pruneSessions, namesOfUser, deleteSessionsOf) {
		rows, err := s.engine.Pool(sqldb.Update).QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+query,
			make([]any, strings.Count(query, "$"))...)
		if err != nil {
			t.Fatalf("%s: %v", query, err)
		}
		for rows.Next() {
			var id, parent, unused int
			var detail string
			if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
				t.Fatal(err)
			}
			if strings.HasPrefix(detail, "SCAN") && !strings.Contains(detail, "USING INDEX") && !strings.HasSuffix(detail, "VALUES CLAUSE") || strings.Contains(detail, "TEMP B-TREE") {
				t.Errorf("%s\n%s", query, detail)
			}
		}
		rows.Close()
	}
}
