package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Mode is what a transaction is for.
type Mode int

// The modes.
const (
	View Mode = iota
	Update
	UpdateSoon
	migration // no other process migrates beside it
)

// Failure is what an error of a database means.
type Failure int

// The kinds of failure.
const (
	Internal  Failure = iota // a mistake of ours, or nothing that is known
	Busy                     // locked, full or away: later it may work
	GaveUp                   // this transaction lost against another and may run again
	NotUnique                // a unique index refused a row
)

// Dialect is what one kind of database writes differently.
type Dialect struct {
	Name     string // the folder of its migrations
	HasTable string // asks how many tables have the name $1
	// Lock are statements that a transaction begins with which lets nobody else
	// write a table until it ends. What it reads behind them is what there is then.
	Lock func(table string) []string
	// ForShare ends a SELECT whose rows nobody else may change until the transaction
	// ends; one that has begun before their last change is given up. Where there is
	// one writer at a time both are empty.
	ForShare string
	// HasMember and WithoutMember are expressions of a column with a JSON object and
	// of a parameter with the name of a member: whether it is there, and the object
	// without it, whose other members stay byte for byte as they are.
	HasMember, WithoutMember func(column, name string) string
}

// Engine is one kind of database.
type Engine interface {
	Dialect() Dialect
	Pool(Mode) *sql.DB
	// Begin waits for its turn and starts a transaction. Whoever began it calls
	// Rollback in the end, whatever happened.
	Begin(ctx context.Context, m Mode) (Transaction, error)
	// Prepare makes ready what is asked often.
	Prepare(ctx context.Context, hot []string) error
	Failure(err error) Failure
	Close() error
}

// Transaction is one that an engine has begun.
type Transaction interface {
	// plain is for what is asked once: migrations.
	plain() querier
	Query(ctx context.Context, s Statement) (*sql.Rows, error)
	// Exec runs statements until the first error, and gives the number of rows
	// that each one changed which ran.
	Exec(ctx context.Context, list []Statement) (changed []int64, err error)
	// Commit runs the last statements, and ends the transaction if they succeed.
	Commit(ctx context.Context, last []Statement) error
	// Rollback does nothing after a commit. Its error is that of neighbours which
	// shared a commit: what was read of them was never there.
	Rollback() error
}

// Statement is SQL with its arguments.
type Statement struct {
	Text string
	Args []any
}

// Open finds the engine of a URL and connects. Only to create it makes a
// database file that is not there.
func Open(ctx context.Context, url string, create bool) (Engine, error) {
	scheme, rest, found := strings.Cut(url, ":")
	switch {
	case url == "":
		return nil, errors.New("sqldb: no database is named")
	case scheme == "postgres" || scheme == "postgresql":
		return openPostgres(ctx, url)
	case scheme == "sqlite":
		return openSQLite(ctx, strings.TrimPrefix(rest, "//"), create)
	case found && strings.HasPrefix(rest, "//"):
		// The URL may hold a password and is not repeated.
		return nil, fmt.Errorf("sqldb: no database of the kind %q is known; use postgres://… or sqlite:path", scheme)
	}
	return openSQLite(ctx, url, create)
}

// Patience is how long a transaction waits for its turn or for a connection. It
// is as long as SQLite waits for another process, and as PostgreSQL lets a
// statement run.
const Patience = 5 * time.Second

// connection takes a connection of a pool, and gives up after [patience].
func connection(ctx context.Context, pool *sql.DB) (*sql.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, Patience)
	defer cancel()
	return pool.Conn(ctx)
}

// start starts a transaction on a connection. It is not bound to the context,
// as its statements are: a commit is never left half way, and the rollback of a
// cancelled one is over when the connection goes on.
func start(ctx context.Context, conn *sql.Conn, o *sql.TxOptions) (*sql.Tx, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return conn.BeginTx(context.WithoutCancel(ctx), o)
}
