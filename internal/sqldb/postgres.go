package sqldb

import (
	"cmp"
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"runtime"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

// migrationLock is the advisory lock of whoever migrates: "usher" in ASCII.
const migrationLock = 0x7573686572

// postgresEngine is a database on a PostgreSQL server, 15 or later.
type postgresEngine struct{ db *sql.DB }

func openPostgres(ctx context.Context, url string) (*postgresEngine, error) {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		// pgx leaves the password out, and much of the rest of what it says is it.
		return nil, fmt.Errorf("sqldb: %w", err)
	}
	// An operator may set others in the URL. Whatever hangs, hangs for seconds.
	for name, value := range map[string]string{
		"application_name":                    "usher",
		"statement_timeout":                   "5000",
		"lock_timeout":                        "2000",
		"idle_in_transaction_session_timeout": "10000",
	} {
		if _, ok := config.RuntimeParams[name]; !ok {
			config.RuntimeParams[name] = value
		}
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = Patience
	}
	size := max(8, 4*runtime.GOMAXPROCS(0))
	e := &postgresEngine{db: stdlib.OpenDB(*config)}
	e.db.SetMaxOpenConns(size)
	e.db.SetMaxIdleConns(size)
	e.db.SetConnMaxLifetime(30 * time.Minute)
	e.db.SetConnMaxIdleTime(5 * time.Minute)

	var encoding string
	if err := e.db.QueryRowContext(ctx, "SHOW server_encoding").Scan(&encoding); err != nil {
		return nil, errors.Join(fmt.Errorf("sqldb: open: %w", err), e.Close())
	}
	if encoding != "UTF8" {
		return nil, errors.Join(fmt.Errorf("sqldb: the database has the encoding %s and needs UTF8", encoding), e.Close())
	}
	return e, nil
}

func (e *postgresEngine) Dialect() Dialect {
	return Dialect{
		Name:     "postgres",
		HasTable: "SELECT COUNT(*) FROM pg_catalog.pg_tables WHERE schemaname = current_schema() AND tablename = $1",
		Lock: func(table string) []string {
			// Whoever waits for it runs out of patience first.
			return []string{"LOCK TABLE " + table + " IN SHARE ROW EXCLUSIVE MODE", "SET LOCAL statement_timeout TO '60s'"}
		},
		ForShare:  " FOR SHARE",
		HasMember: func(column, name string) string { return column + "::json -> " + name + " IS NOT NULL" },
		WithoutMember: func(column, name string) string {
			return `(SELECT '{' || COALESCE(string_agg(to_json(m.key)::text || ':' || m.value::text, ',' ORDER BY m.place), '') || '}'
				FROM json_each(` + column + `::json) WITH ORDINALITY AS m(key, value, place) WHERE m.key <> ` + name + ")"
		},
	}
}

func (e *postgresEngine) Pool(Mode) *sql.DB { return e.db }

func (e *postgresEngine) Begin(ctx context.Context, m Mode) (Transaction, error) {
	conn, err := connection(ctx, e.db)
	if err != nil {
		return nil, err
	}
	// Read committed would show each statement another state, and would let a row
	// be written back that somebody else has changed since it was read: a sign-in
	// could undo a suspension. So the first one to change a row wins, and the
	// other transaction runs again.
	const begin = "BEGIN ISOLATION LEVEL REPEATABLE READ"
	t := &postgresTx{conn: conn}
	switch m {
	case View:
		t.first = []Statement{{Text: begin + " READ ONLY"}}
	case Update:
		t.first = []Statement{{Text: begin}}
	case UpdateSoon:
		t.first = []Statement{{Text: begin}, {Text: "SET LOCAL synchronous_commit TO OFF"}}
	case migration:
		// An index of a large table takes its time, and so does waiting for
		// whoever makes it.
		t.first = []Statement{
			{Text: "BEGIN ISOLATION LEVEL READ COMMITTED"}, // what others migrate while it waits must be seen
			{Text: "SET LOCAL statement_timeout = 0"}, {Text: "SET LOCAL lock_timeout = 0"},
			{"SELECT pg_advisory_xact_lock($1)", []any{int64(migrationLock)}},
		}
		_, err = t.Exec(ctx, nil)
	}
	if err = cmp.Or(err, ctx.Err()); err != nil {
		return nil, errors.Join(err, t.Rollback())
	}
	return t, nil
}

// prepare has nothing to do: pgx prepares and keeps every statement by itself.
func (e *postgresEngine) Prepare(context.Context, []string) error { return nil }

func (e *postgresEngine) Failure(err error) Failure {
	var p *pgconn.PgError
	if errors.As(err, &p) {
		return failureOfState(p.Code)
	}
	var network net.Error
	if errors.As(err, &network) || pgconn.SafeToRetry(err) ||
		errors.Is(err, driver.ErrBadConn) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return Busy
	}
	return Internal
}

// failureOfState sorts SQLSTATE codes (PostgreSQL manual, appendix A).
func failureOfState(code string) Failure {
	switch code {
	case "40001", "40P01": // serialization_failure, deadlock_detected
		return GaveUp
	case "23503": // foreign_key_violation: what it names was there when it was read, and was deleted meanwhile
		return GaveUp
	case "23505": // unique_violation
		return NotUnique
	case "55P03", "25P03": // lock_not_available, idle_in_transaction_session_timeout
		return Busy
	}
	if len(code) == 5 {
		switch code[:2] {
		case "08", "53", "57": // connection exception, insufficient resources, operator intervention
			return Busy
		}
	}
	return Internal
}

func (e *postgresEngine) Close() error { return e.db.Close() }

// postgresTx sends statements together: a round trip to the server costs more
// than most of what is asked there, and whoever appends events lets nobody else
// do so until the commit. For that reason it is not a sql.Tx, whose BEGIN and
// COMMIT travel alone. A connection that is given back in a transaction, since
// the ROLLBACK failed, is not used again by the driver.
type postgresTx struct {
	conn  *sql.Conn
	first []Statement // BEGIN and its like, until they were sent
	ended bool
}

func (t *postgresTx) plain() querier { return t.conn }

func (t *postgresTx) Query(ctx context.Context, s Statement) (*sql.Rows, error) {
	if t.first != nil {
		if _, err := t.Exec(ctx, nil); err != nil {
			return nil, err
		}
	}
	return t.conn.QueryContext(ctx, s.Text, s.Args...)
}

func (t *postgresTx) Exec(ctx context.Context, list []Statement) ([]int64, error) {
	var batch pgx.Batch
	for _, s := range slices.Concat(t.first, list) {
		batch.Queue(s.Text, s.Args...)
	}
	skip := len(t.first)
	t.first = nil
	var changed []int64
	err := t.conn.Raw(func(driverConn any) (err error) {
		results := driverConn.(*stdlib.Conn).Conn().SendBatch(ctx, &batch)
		defer func() { err = cmp.Or(err, results.Close()) }()
		for i := range batch.Len() {
			tag, err := results.Exec()
			if err != nil {
				return err
			}
			if tag.String() == "ROLLBACK" { // so the server answers the COMMIT of what has failed
				return pgx.ErrTxCommitRollback
			}
			if i >= skip {
				changed = append(changed, tag.RowsAffected())
			}
		}
		return nil
	})
	return changed, err
}

func (t *postgresTx) Commit(ctx context.Context, last []Statement) error {
	if t.first == nil || len(last) > 0 { // else nothing was asked
		// A commit is never left half way.
		_, err := t.Exec(context.WithoutCancel(ctx), append(last, Statement{Text: "COMMIT"}))
		if err != nil {
			return err
		}
	}
	t.ended = true
	return t.conn.Close()
}

func (t *postgresTx) Rollback() error {
	if t.ended {
		return nil
	}
	t.ended = true
	if t.first == nil {
		_, _ = t.conn.ExecContext(context.Background(), "ROLLBACK")
	}
	_ = t.conn.Close()
	return nil
}
