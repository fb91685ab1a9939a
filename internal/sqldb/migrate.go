package sqldb

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"
	"time"
)

// Why [Check] or [Migrate] refuses a database.
var (
	ErrUnmigrated = errors.New("sqldb: the database is older than this program")
	ErrNewer      = errors.New("sqldb: the database is newer than this program")
	ErrChanged    = errors.New("sqldb: a migration is not the one that was applied")
)

// Migration is one step of the schema.
type Migration struct {
	Version int    // from 1 on, without gaps
	Name    string // what it does
	sum     string // SHA-256 of its text
	text    string
}

// Migrate brings a database to the schema of this version, step by step, and
// gives the steps that it took. They are files, migrations/ENGINE/0001_name.sql. It makes the file of an SQLite database. Any
// number of processes may do so at once: each step is a transaction that no
// other process migrates beside, and what one has done the next ones find done.
//
// There is no way back: an older program refuses a newer schema.
func Migrate(ctx context.Context, url string, steps fs.FS) (_ []Migration, err error) {
	e, err := Open(ctx, url, true)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, e.Close()) }()
	embedded, err := migrations(steps, e.Dialect().Name)
	if err != nil {
		return nil, err
	}
	return migrate(ctx, e, embedded)
}

// Check tells whether a database has taken all steps. The error is
// [ErrUnmigrated], [ErrNewer] or [ErrChanged] when it has not.
func Check(ctx context.Context, e Engine, steps fs.FS) error {
	embedded, err := migrations(steps, e.Dialect().Name)
	if err != nil {
		return err
	}
	done, err := applied(ctx, e, e.Pool(View))
	if err != nil {
		return err
	}
	pending, err := compare(embedded, done)
	switch {
	case err != nil:
		return err
	case len(pending) > 0:
		return fmt.Errorf("%w: the schema is at version %d, this program needs %d; run \"usher migrate\"",
			ErrUnmigrated, len(done), len(embedded))
	}
	return nil
}

// Version is the version of the schema in a database.
func Version(ctx context.Context, e Engine) (int, error) {
	done, err := applied(ctx, e, e.Pool(View))
	return len(done), err
}

func migrate(ctx context.Context, e Engine, embedded []Migration) ([]Migration, error) {
	var took []Migration
	for {
		m, err := step(ctx, e, embedded)
		if err != nil || m == nil {
			return took, err
		}
		took = append(took, *m)
	}
}

// step applies the first migration that is missing, or none.
func step(ctx context.Context, e Engine, embedded []Migration) (*Migration, error) {
	begun, err := e.Begin(ctx, migration)
	if err != nil {
		return nil, fmt.Errorf("sqldb: migrate: %w", err)
	}
	defer func() { _ = begun.Rollback() }() // does nothing after the commit
	t := begun.plain()
	done, err := applied(ctx, e, t)
	if err != nil {
		return nil, err
	}
	pending, err := compare(embedded, done)
	if err != nil || len(pending) == 0 {
		return nil, err
	}
	m := pending[0]
	if len(done) == 0 {
		if _, err := t.ExecContext(ctx, versionTable); err != nil {
			return nil, fmt.Errorf("sqldb: migrate: %w", err)
		}
	}
	if _, err := t.ExecContext(ctx, m.text); err != nil {
		return nil, fmt.Errorf("sqldb: migration %d, %s: %w", m.Version, m.Name, err)
	}
	_, err = t.ExecContext(ctx, "INSERT INTO schema_version (version, name, sha256, applied_at) VALUES ($1, $2, $3, $4)",
		m.Version, m.Name, m.sum, time.Now().UnixMicro())
	if err == nil {
		err = begun.Commit(ctx, nil)
	}
	if err != nil {
		return nil, fmt.Errorf("sqldb: migration %d, %s: %w", m.Version, m.Name, err)
	}
	return &m, nil
}

const versionTable = `CREATE TABLE IF NOT EXISTS schema_version (
	version    BIGINT PRIMARY KEY,
	name       TEXT NOT NULL,
	sha256     TEXT NOT NULL,
	applied_at BIGINT NOT NULL
)`

// migrations reads the steps of an engine, in their order.
func migrations(in fs.FS, engine string) ([]Migration, error) {
	files, err := fs.Glob(in, path.Join("migrations", engine, "*.sql"))
	if err != nil {
		return nil, fmt.Errorf("sqldb: %w", err)
	}
	var all []Migration
	for i, file := range files { // Glob sorts them
		text, err := fs.ReadFile(in, file)
		if err != nil {
			return nil, fmt.Errorf("sqldb: %w", err)
		}
		number, name, _ := strings.Cut(strings.TrimSuffix(path.Base(file), ".sql"), "_")
		if n, err := strconv.Atoi(number); err != nil || n != i+1 {
			return nil, fmt.Errorf("sqldb: %s should be number %d", file, i+1)
		}
		// A checkout may have changed the ends of lines.
		clean := strings.ReplaceAll(string(text), "\r\n", "\n")
		sum := sha256.Sum256([]byte(clean))
		all = append(all, Migration{
			Version: i + 1, Name: strings.ReplaceAll(name, "_", " "), sum: hex.EncodeToString(sum[:]), text: clean,
		})
	}
	return all, nil
}

// querier is a pool, a connection or a transaction.
type querier interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// applied gives the steps that a database has taken.
func applied(ctx context.Context, e Engine, db querier) ([]Migration, error) {
	var tables int
	if err := db.QueryRowContext(ctx, e.Dialect().HasTable, "schema_version").Scan(&tables); err != nil {
		return nil, fmt.Errorf("sqldb: schema version: %w", err)
	}
	if tables == 0 {
		return nil, nil
	}
	rows, err := db.QueryContext(ctx, "SELECT version, name, sha256 FROM schema_version ORDER BY version")
	if err != nil {
		return nil, fmt.Errorf("sqldb: schema version: %w", err)
	}
	defer rows.Close()
	var done []Migration
	for rows.Next() {
		var m Migration
		if err := rows.Scan(&m.Version, &m.Name, &m.sum); err != nil {
			return nil, fmt.Errorf("sqldb: schema version: %w", err)
		}
		done = append(done, m)
	}
	return done, rows.Err()
}

// compare gives the steps that are missing, when those that were taken are the
// first of ours.
func compare(embedded, done []Migration) (pending []Migration, err error) {
	for i, m := range done {
		switch {
		case i >= len(embedded):
			return nil, fmt.Errorf("%w: it has migration %d, %s; update usher", ErrNewer, m.Version, m.Name)
		case m.Version != embedded[i].Version || m.sum != embedded[i].sum:
			return nil, fmt.Errorf("%w: number %d, %s", ErrChanged, m.Version, m.Name)
		}
	}
	return embedded[len(done):], nil
}
