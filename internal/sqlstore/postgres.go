package sqlstore

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
		return nil, fmt.Errorf("sqlstore: %w", err)
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
		config.ConnectTimeout = patience
	}
	size := max(8, 4*runtime.GOMAXPROCS(0))
	e := &postgresEngine{db: stdlib.OpenDB(*config)}
	e.db.SetMaxOpenConns(size)
	e.db.SetMaxIdleConns(size)
	e.db.SetConnMaxLifetime(30 * time.Minute)
	e.db.SetConnMaxIdleTime(5 * time.Minute)

	var encoding string
	if err := e.db.QueryRowContext(ctx, "SHOW server_encoding").Scan(&encoding); err != nil {
		return nil, errors.Join(fmt.Errorf("sqlstore: open: %w", err), e.close())
	}
	if encoding != "UTF8" {
		return nil, errors.Join(fmt.Errorf("sqlstore: the database has the encoding %s and needs UTF8", encoding), e.close())
	}
	return e, nil
}

func (e *postgresEngine) dialect() dialect {
	return dialect{"postgres", "SELECT COUNT(*) FROM pg_catalog.pg_tables WHERE schemaname = current_schema() AND tablename = $1"}
}

func (e *postgresEngine) pool(mode) *sql.DB { return e.db }

func (e *postgresEngine) begin(ctx context.Context, m mode) (transaction, error) {
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
	case view:
		t.first = []statement{{text: begin + " READ ONLY"}}
	case update:
		t.first = []statement{{text: begin}}
	case updateSoon:
		t.first = []statement{{text: begin}, {text: "SET LOCAL synchronous_commit TO OFF"}}
	case migration:
		// An index of a large table takes its time, and so does waiting for
		// whoever makes it.
		t.first = []statement{
			{text: "BEGIN ISOLATION LEVEL READ COMMITTED"}, // what others migrate while it waits must be seen
			{text: "SET LOCAL statement_timeout = 0"}, {text: "SET LOCAL lock_timeout = 0"},
			{"SELECT pg_advisory_xact_lock($1)", []any{int64(migrationLock)}},
		}
		_, err = t.exec(ctx, nil)
	}
	if err = cmp.Or(err, ctx.Err()); err != nil {
		return nil, errors.Join(err, t.rollback())
	}
	return t, nil
}

// prepare has nothing to do: pgx prepares and keeps every statement by itself.
func (e *postgresEngine) prepare(context.Context) error { return nil }

func (e *postgresEngine) failure(err error) failure {
	var p *pgconn.PgError
	if errors.As(err, &p) {
		return failureOfState(p.Code)
	}
	var network net.Error
	if errors.As(err, &network) || pgconn.SafeToRetry(err) ||
		errors.Is(err, driver.ErrBadConn) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return busy
	}
	return internal
}

// failureOfState sorts SQLSTATE codes (PostgreSQL manual, appendix A).
func failureOfState(code string) failure {
	switch code {
	case "40001", "40P01": // serialization_failure, deadlock_detected
		return gaveUp
	case "23503": // foreign_key_violation: what it names was there when it was read, and was deleted meanwhile
		return gaveUp
	case "23505": // unique_violation
		return notUnique
	case "55P03", "25P03": // lock_not_available, idle_in_transaction_session_timeout
		return busy
	}
	if len(code) == 5 {
		switch code[:2] {
		case "08", "53", "57": // connection exception, insufficient resources, operator intervention
			return busy
		}
	}
	return internal
}

func (e *postgresEngine) close() error { return e.db.Close() }

// postgresTx sends statements together: a round trip to the server costs more
// than most of what is asked there, and whoever appends events lets nobody else
// do so until the commit. For that reason it is not a sql.Tx, whose BEGIN and
// COMMIT travel alone. A connection that is given back in a transaction, since
// the ROLLBACK failed, is not used again by the driver.
type postgresTx struct {
	conn  *sql.Conn
	first []statement // BEGIN and its like, until they were sent
	ended bool
}

func (t *postgresTx) plain() querier { return t.conn }

func (t *postgresTx) query(ctx context.Context, s statement) (*sql.Rows, error) {
	if t.first != nil {
		if _, err := t.exec(ctx, nil); err != nil {
			return nil, err
		}
	}
	return t.conn.QueryContext(ctx, s.text, s.args...)
}

func (t *postgresTx) exec(ctx context.Context, list []statement) ([]int64, error) {
	var batch pgx.Batch
	for _, s := range slices.Concat(t.first, list) {
		batch.Queue(s.text, s.args...)
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

func (t *postgresTx) commit(ctx context.Context, last []statement) error {
	if t.first == nil || len(last) > 0 { // else nothing was asked
		// A commit is never left half way.
		_, err := t.exec(context.WithoutCancel(ctx), append(last, statement{text: "COMMIT"}))
		if err != nil {
			return err
		}
	}
	t.ended = true
	return t.conn.Close()
}

func (t *postgresTx) rollback() error {
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
