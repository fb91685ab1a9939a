package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
)

// mode is what a transaction is for.
type mode int

const (
	view mode = iota
	update
	updateSoon
	migration // no other process migrates beside it
)

// failure is what an error of a database means.
type failure int

const (
	internal  failure = iota // a mistake of ours, or nothing that is known
	busy                     // locked, full or away: later it may work
	gaveUp                   // this transaction lost against another and may run again
	notUnique                // a unique index refused a row
)

// dialect is what one kind of database writes differently.
type dialect struct {
	name     string // the folder of its migrations
	hasTable string // asks how many tables have the name $1
}

// engine is one kind of database.
type engine interface {
	dialect() dialect
	pool(mode) *sql.DB
	// begin waits for its turn and starts a transaction. Whoever began it calls
	// rollback in the end, whatever happened.
	begin(ctx context.Context, m mode) (transaction, error)
	// prepare makes ready what is asked often.
	prepare(ctx context.Context) error
	failure(err error) failure
	close() error
}

// transaction is one that an engine has begun.
type transaction interface {
	// plain is for what is asked once: migrations.
	plain() querier
	query(ctx context.Context, s statement) (*sql.Rows, error)
	// exec runs statements until the first error, and gives the number of rows
	// that each one changed which ran.
	exec(ctx context.Context, list []statement) (changed []int64, err error)
	// commit runs the last statements, and ends the transaction if they succeed.
	commit(ctx context.Context, last []statement) error
	// rollback does nothing after a commit. Its error is that of neighbours which
	// shared a commit: what was read of them was never there.
	rollback() error
}

// statement is SQL with its arguments.
type statement struct {
	text string
	args []any
}

// openEngine finds the engine of a URL and connects. Only to create it makes a
// database file that is not there.
func openEngine(ctx context.Context, url string, create bool) (engine, error) {
	scheme, rest, found := strings.Cut(url, ":")
	switch {
	case url == "":
		return nil, errors.New("sqlstore: no database is named")
	case scheme == "postgres" || scheme == "postgresql":
		return openPostgres(ctx, url)
	case scheme == "sqlite":
		return openSQLite(ctx, strings.TrimPrefix(rest, "//"), create)
	case found && strings.HasPrefix(rest, "//"):
		// The URL may hold a password and is not repeated.
		return nil, fmt.Errorf("sqlstore: no database of the kind %q is known; use postgres://… or sqlite:path", scheme)
	}
	return openSQLite(ctx, url, create)
}

// connection takes a connection of a pool, and gives up after [patience].
func connection(ctx context.Context, pool *sql.DB) (*sql.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
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
