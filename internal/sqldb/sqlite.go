package sqldb

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// sqliteEngine is a database file in WAL mode. One connection writes, and those
// who want to write queue for it in Go: SQLite has one writer anyway, and lets
// waiting ones retry in no order, which starved some for seconds. Several
// connections read, and cannot do anything else.
type sqliteEngine struct {
	writer, reader *sql.DB
	line           line
	// normal tells that the writer does not wait for the disk. It belongs to whoever
	// has the turn to write.
	normal     bool
	statements map[*sql.DB]map[string]*sql.Stmt
}

func openSQLite(ctx context.Context, path string, create bool) (*sqliteEngine, error) {
	path, err := databaseFile(path, create)
	if err != nil {
		return nil, err
	}
	e := &sqliteEngine{}
	if e.writer, err = openPool(sqliteURL(path, url.Values{
		"_txlock": {"immediate"},
		"_pragma": {
			"journal_mode(WAL)", "synchronous(FULL)", "busy_timeout(5000)", "foreign_keys(1)",
			"cache_size(-16000)", "journal_size_limit(67108864)", "trusted_schema(0)",
			"temp_store(MEMORY)", // a savepoint keeps the pages that it changed, and would write them to a file
			"secure_delete(1)",   // what was erased is not in the file any more
		},
	}), 1); err != nil {
		return nil, err
	}
	if e.reader, err = openPool(sqliteURL(path, url.Values{
		"mode":    {"ro"},
		"_pragma": {"query_only(1)", "busy_timeout(5000)", "cache_size(-16000)", "trusted_schema(0)"},
	}), max(4, 2*runtime.GOMAXPROCS(0))); err != nil {
		return nil, errors.Join(err, e.writer.Close())
	}
	// The writer comes first: it makes the files that readers map.
	for _, pool := range []*sql.DB{e.writer, e.reader} {
		if err := e.patiently(ctx, func() error { return pool.PingContext(ctx) }); err != nil {
			return nil, errors.Join(fmt.Errorf("sqldb: open %s: %w", path, err), e.Close())
		}
	}
	return e, nil
}

func openPool(dsn string, size int) (*sql.DB, error) {
	pool, err := sql.Open("sqlite", dsn)
	if err != nil {
		return nil, fmt.Errorf("sqldb: open: %w", err)
	}
	pool.SetMaxOpenConns(size)
	pool.SetMaxIdleConns(size)
	return pool, nil
}

// databaseFile makes a path absolute. A file that it creates is its owner's
// only: password hashes are in it. SQLite gives the files beside it the same
// permissions.
func databaseFile(path string, create bool) (string, error) {
	if path == "" || path == ":memory:" {
		return "", errors.New("sqldb: SQLite needs the path of a file")
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return "", fmt.Errorf("sqldb: %w", err)
	}
	if !create {
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return "", fmt.Errorf("%w: there is no file %s; run \"usher migrate\"", ErrUnmigrated, path)
		}
		return path, nil
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return "", fmt.Errorf("sqldb: %w", err)
	}
	return path, f.Close()
}

// sqliteURL makes a DSN of an absolute path. The driver runs parts of the query
// as SQL, so that the path must not be able to add to it.
func sqliteURL(path string, query url.Values) string {
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // C:/…
	}
	return "file://" + (&url.URL{Path: path}).EscapedPath() + "?" + query.Encode()
}

// patiently repeats what SQLite may refuse at once, whatever the busy timeout:
// the switch of a new file to WAL while other processes come and go (seen once
// in 480 starts, twelve at a time).
func (e *sqliteEngine) patiently(ctx context.Context, do func() error) error {
	giveUp := time.Now().Add(Patience)
	for {
		err := do()
		if err == nil || e.Failure(err) != Busy || time.Now().After(giveUp) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(5 * time.Millisecond):
		}
	}
}

func (e *sqliteEngine) Dialect() Dialect {
	path := func(name string) string { return `'$."' || ` + name + ` || '"'` }
	return Dialect{
		Name:          "sqlite",
		HasTable:      "SELECT COUNT(*) FROM sqlite_schema WHERE type = 'table' AND name = $1",
		Lock:          func(string) []string { return nil },
		HasMember:     func(column, name string) string { return "json_type(" + column + ", " + path(name) + ") IS NOT NULL" },
		WithoutMember: func(column, name string) string { return "json_remove(" + column + ", " + path(name) + ")" },
	}
}

func (e *sqliteEngine) Pool(m Mode) *sql.DB {
	if m == View {
		return e.reader
	}
	return e.writer
}

func (e *sqliteEngine) Begin(ctx context.Context, m Mode) (Transaction, error) {
	if m != View {
		return e.join(ctx, m)
	}
	conn, err := connection(ctx, e.reader)
	if err != nil {
		return nil, err
	}
	t, err := start(ctx, conn, nil)
	if err != nil {
		_ = conn.Close()
		return nil, err
	}
	return &sqliteTx{conn: conn, tx: t, statements: e.statements[e.reader]}, nil
}

// waitForDisk says whether the writer's next commits are on disk when they
// return. A connection that refuses is thrown away; the next one waits.
func (e *sqliteEngine) waitForDisk(ctx context.Context, conn *sql.Conn, wait bool) error {
	if wait != e.normal {
		return nil // as it is
	}
	pragma := "PRAGMA synchronous=NORMAL"
	if wait {
		pragma = "PRAGMA synchronous=FULL"
	}
	if _, err := conn.ExecContext(ctx, pragma); err != nil {
		_ = conn.Raw(func(any) error { return driver.ErrBadConn })
		e.normal = false
		return err
	}
	e.normal = !wait
	return nil
}

// prepare saves the parsing of the hot statements, two thirds of the time of a
// read by key. A statement can only be prepared outside of a transaction, since
// the one connection of the writer is busy inside.
func (e *sqliteEngine) Prepare(ctx context.Context, hot []string) error {
	e.statements = map[*sql.DB]map[string]*sql.Stmt{e.writer: {}, e.reader: {}}
	for pool, prepared := range e.statements {
		for _, query := range append(slices.Clone(hot), savepoint, release) {
			st, err := pool.PrepareContext(ctx, query)
			if err != nil {
				return fmt.Errorf("sqldb: prepare: %w", err)
			}
			prepared[query] = st
		}
	}
	return nil
}

func (e *sqliteEngine) Failure(err error) Failure {
	switch {
	case errors.Is(err, errGroupLost):
		return GaveUp
	case errors.Is(err, ErrNotCommitted):
		return Busy
	}
	var s *sqlite.Error
	if !errors.As(err, &s) {
		return Internal
	}
	switch s.Code() {
	case sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY:
		return NotUnique
	}
	switch s.Code() & 0xff { // the rest is detail
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR,
		sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_NOMEM:
		return Busy
	}
	return Internal
}

func (e *sqliteEngine) Close() error { return errors.Join(e.reader.Close(), e.writer.Close()) }

// sqliteTx is a transaction of a connection that nobody shares.
type sqliteTx struct {
	conn       *sql.Conn
	tx         *sql.Tx
	statements map[string]*sql.Stmt
}

func (t *sqliteTx) plain() querier { return t.tx }

func (t *sqliteTx) Query(ctx context.Context, s Statement) (*sql.Rows, error) {
	if prepared := t.statements[s.Text]; prepared != nil {
		return t.tx.StmtContext(ctx, prepared).QueryContext(ctx, s.Args...)
	}
	return t.tx.QueryContext(ctx, s.Text, s.Args...)
}

func (t *sqliteTx) Exec(ctx context.Context, list []Statement) (changed []int64, err error) {
	for _, s := range list {
		var result sql.Result
		if prepared := t.statements[s.Text]; prepared != nil {
			result, err = t.tx.StmtContext(ctx, prepared).ExecContext(ctx, s.Args...)
		} else {
			result, err = t.tx.ExecContext(ctx, s.Text, s.Args...)
		}
		if err != nil {
			return changed, err
		}
		n, err := result.RowsAffected()
		if err != nil {
			return changed, err
		}
		changed = append(changed, n)
	}
	return changed, nil
}

func (t *sqliteTx) Commit(ctx context.Context, last []Statement) error {
	if _, err := t.Exec(ctx, last); err != nil {
		return err
	}
	err := t.tx.Commit()
	_ = t.conn.Close()
	return err
}

func (t *sqliteTx) Rollback() error {
	_ = t.tx.Rollback()
	_ = t.conn.Close()
	return nil
}
