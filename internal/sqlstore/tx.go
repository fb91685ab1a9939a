package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/sqldb"
)

// tx is one run of a transaction. The roles of org.Tx are this one under
// different names.
type tx struct {
	store *Store
	mode  sqldb.Mode
	begun sqldb.Transaction
	// err is the first failure. Nothing is done after it, as PostgreSQL would
	// have it, so that code which goes on shows its mistake on SQLite too.
	err error
	// undo puts back what roles changed in the caller's values.
	undo   []func()
	config configState
	// held are statements that are not sent yet; see hold.
	held []sqldb.Statement
	// appended are events that are not written yet; see events.
	appended []org.Event
	// asked tells that something was asked or written already.
	asked bool
}

// roles gives the transaction its parts.
func (t *tx) roles() *org.Tx {
	return &org.Tx{
		Users:            users{t},
		UserTokens:       userTokens{t},
		Mails:            mails{t},
		Groups:           groups{t},
		Members:          members{t},
		Grants:           grants{t},
		UserTypes:        userTypes{t},
		Schemas:          schemas{t},
		Policies:         policies{t},
		PasswordPolicies: passwordPolicies{t},
		TrustedOrigins:   trustedOrigins{t},
		Apps:             apps{t},
		AppGroups:        appGroups{t},
		AppUsers:         appUsers{t},
		SigningKeys:      signingKeys{t},
		Hooks:            hooks{t},
		HookKeys:         hookKeys{t},
		EventHooks:       eventHooks{t},
		Events:           events{t},
		Calls:            calls{t},
		Tokens:           tokens{t},
		Sessions:         sessions{t},
		Interactions:     interactions{t},
		Settings:         settings{t},
	}
}

// run runs the closure and commits, or rolls back.
func (t *tx) run(ctx context.Context, work func(context.Context, *org.Tx) error) (err error) {
	s := t.store
	if t.begun, err = s.engine.Begin(ctx, t.mode); err != nil {
		t.err = err
		return s.explain(ctx, err)
	}
	defer func() { // also when work panics
		if lost := t.begun.Rollback(); lost != nil {
			t.err = lost
			err = s.explain(ctx, lost)
		}
	}()
	if err := work(ctx, t.roles()); err != nil {
		return err
	}
	switch {
	case t.err != nil:
		return fmt.Errorf("sqlstore: the transaction went on after an error: %w", t.err)
	case ctx.Err() != nil:
		return s.explain(ctx, ctx.Err())
	}
	if err := (events{t}).write(); err != nil {
		return err
	}
	if err := t.begun.Commit(ctx, t.held); err != nil {
		t.err = err
		return s.explain(ctx, err)
	}
	t.config.keep()
	return nil
}

// fail notes an error that ends the transaction, and gives it back.
func (t *tx) fail(err error) error {
	if t.err == nil {
		t.err = err
	}
	return err
}

var errViewWrites = errors.New("sqlstore: a View cannot write")

// exec runs a statement that writes and gives the number of rows that it
// changed.
func (t *tx) exec(ctx context.Context, query string, args ...any) (int64, error) {
	if err := t.hold(query, args...); err != nil {
		return 0, err
	}
	changed, err := t.send(ctx)
	if err != nil {
		return 0, err
	}
	return changed[len(changed)-1], nil
}

// hold is exec for writes whose result nobody looks at, so that PostgreSQL gets
// several at once. They run before the next write and before the transaction
// ends, and an error comes then; whoever reads what they write calls send first.
func (t *tx) hold(query string, args ...any) error {
	if t.mode == sqldb.View {
		return t.fail(errViewWrites)
	}
	args, err := t.bind(args)
	if err != nil {
		return err
	}
	t.held = append(t.held, sqldb.Statement{Text: query, Args: args})
	return nil
}

// send runs what was held back, and gives the number of rows that each changed.
func (t *tx) send(ctx context.Context) ([]int64, error) {
	if t.err != nil || len(t.held) == 0 {
		return nil, t.err
	}
	list := t.held
	t.held, t.asked = nil, true
	changed, err := t.begun.Exec(ctx, list)
	if err == nil {
		return changed, nil
	}
	explained := t.store.explain(ctx, err)
	if len(changed) < len(list)-1 && errors.Is(explained, errNotUnique) {
		explained = fmt.Errorf("sqlstore: %w", err) // not of the write that somebody asks about
	}
	return changed, t.fail(explained)
}

// query asks for rows.
func (t *tx) query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	args, err := t.bind(args)
	if err != nil {
		return nil, err
	}
	t.asked = true
	rows, err := t.begun.Query(ctx, sqldb.Statement{Text: query, Args: args})
	if err != nil {
		return nil, t.fail(t.store.explain(ctx, err))
	}
	return rows, nil
}

// bind makes columns of arguments; see column.
func (t *tx) bind(args []any) ([]any, error) {
	if t.err != nil {
		return nil, t.err
	}
	bound := make([]any, len(args))
	for i, arg := range args {
		v, err := column(arg)
		if err != nil {
			return nil, t.fail(err)
		}
		bound[i] = v
	}
	return bound, nil
}

// row is what a scan function reads from.
type row interface{ Scan(dest ...any) error }

// list gives all rows of an answer, never nil.
func list[T any](ctx context.Context, t *tx, scan func(row) (T, error), query string, args ...any) ([]T, error) {
	rows, err := t.query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	all := []T{}
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, t.fail(t.store.explain(ctx, err))
		}
		all = append(all, v)
	}
	if err := rows.Err(); err != nil {
		return nil, t.fail(t.store.explain(ctx, err))
	}
	return all, nil
}

// one gives the first row of an answer, or ErrNotFound.
func one[T any](ctx context.Context, t *tx, scan func(row) (T, error), query string, args ...any) (T, error) {
	var none T
	all, err := list(ctx, t, scan, query, args...)
	if err != nil {
		return none, err
	}
	if len(all) == 0 {
		return none, org.ErrNotFound
	}
	return all[0], nil
}

// single scans an answer of one column.
func single[T any](r row) (v T, err error) {
	err = r.Scan(&v)
	return v, err
}

// insert runs an INSERT … ON CONFLICT DO NOTHING of one row, and ends the
// transaction with taken when there was a conflict.
func (t *tx) insert(ctx context.Context, taken error, query string, args ...any) error {
	if err := t.hold(query, args...); err != nil {
		return err
	}
	return t.inserted(ctx, 1, taken)
}

// inserted sends what was held back, and treats the last n as insert does.
func (t *tx) inserted(ctx context.Context, n int, taken error) error {
	if n == 0 {
		return nil
	}
	changed, err := t.send(ctx)
	if err != nil {
		return err
	}
	if slices.Contains(changed[len(changed)-n:], 0) {
		return t.fail(taken)
	}
	return nil
}

// change runs an UPDATE or DELETE of one row: none is ErrNotFound, and a unique
// index that refuses is taken.
func (t *tx) change(ctx context.Context, taken error, query string, args ...any) error {
	n, err := t.exec(ctx, query, args...)
	switch {
	case taken != nil && errors.Is(err, errNotUnique):
		t.err = taken
		return taken
	case err != nil:
		return err
	case n == 0:
		return org.ErrNotFound
	}
	return nil
}

// conflict makes ErrConflict of an update that found no row of the version, of a
// thing that is there.
func (t *tx) conflict(ctx context.Context, err error, exists, id string) error {
	if !errors.Is(err, org.ErrNotFound) {
		return err
	}
	n, err := one(ctx, t, single[int], exists, id)
	switch {
	case err != nil:
		return err
	case n > 0:
		return t.fail(org.ErrConflict)
	}
	return org.ErrNotFound
}
