package sqlstore

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"log/slog"
	"slices"

	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/profile"
	"github.com/usher-id/usher/internal/secretbox"
	"github.com/usher-id/usher/internal/sqldb"
)

// Sealer seals secrets before they reach the database. A sealed text opens only
// at the place that it was sealed for. [secretbox.Keyring] is one.
type Sealer interface {
	Seal(at secretbox.Where, secret []byte) (string, error)
	Open(at secretbox.Where, sealed string) ([]byte, error)
}

// Options says which database to open.
type Options struct {
	// URL is "postgres://…", or "sqlite:" and a path, or a path. A path is taken
	// as it is: nothing in it is a parameter.
	URL string
	// Keys seals the secrets of hooks. Only [Migrate] does without.
	Keys Sealer
	// Log gets what the store mends by itself. Nil is silence.
	Log *slog.Logger
}

// Store is an org in a database.
type Store struct {
	engine sqldb.Engine
	keys   Sealer
	log    *slog.Logger

	policies         cache[[]*org.Policy]
	passwordPolicies cache[[]*org.PasswordPolicy]
	trustedOrigins   cache[[]*org.TrustedOrigin]
	hooks            cache[[]*org.InlineHook]
	types            cache[[]*org.UserType]
	schemas          cache[map[string]*profile.Schema]
}

var _ org.Store = (*Store)(nil)

// maxTries is how often a transaction runs when PostgreSQL gives it up for a
// deadlock, or because another one has changed what it read. Of those that want
// one row at the same time one gets through in each round.
const maxTries = 10

//go:embed migrations
var migrationFiles embed.FS

// Migrate brings a database to the schema of this version; see [sqldb.Migrate].
func Migrate(ctx context.Context, o Options) ([]sqldb.Migration, error) {
	return sqldb.Migrate(ctx, o.URL, migrationFiles)
}

// Open opens a database whose schema is this version's. The error is
// [sqldb.ErrUnmigrated], [sqldb.ErrNewer] or [sqldb.ErrChanged] when it is not, and tells an
// administrator what is wrong; it is not for people who sign up.
func Open(ctx context.Context, o Options) (*Store, error) {
	if o.Keys == nil {
		return nil, errors.New("sqlstore: there are no keys to seal secrets with")
	}
	e, err := sqldb.Open(ctx, o.URL, false)
	if err != nil {
		return nil, err
	}
	s := &Store{engine: e, keys: o.Keys, log: o.Log}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if err := s.ready(ctx); err != nil {
		return nil, errors.Join(err, e.Close())
	}
	return s, nil
}

// ready checks the schema and prepares what is asked often.
func (s *Store) ready(ctx context.Context) error {
	if err := sqldb.Check(ctx, s.engine, migrationFiles); err != nil {
		return err
	}
	return s.engine.Prepare(ctx, hotStatements())
}

// Version is the version of the schema in the database.
func (s *Store) Version(ctx context.Context) (int, error) {
	n, err := sqldb.Version(ctx, s.engine)
	return n, s.explain(ctx, err)
}

// Ping tells whether the database answers.
func (s *Store) Ping(ctx context.Context) error {
	return s.explain(ctx, s.engine.Pool(sqldb.View).PingContext(ctx))
}

// Close waits for nothing: transactions that run fail.
func (s *Store) Close() error { return s.engine.Close() }

// View reads one consistent state.
func (s *Store) View(ctx context.Context, read func(context.Context, *org.Tx) error) error {
	return s.run(ctx, sqldb.View, read)
}

// Update writes all or nothing, and is on disk when it returns.
func (s *Store) Update(ctx context.Context, write func(context.Context, *org.Tx) error) error {
	return s.run(ctx, sqldb.Update, write)
}

// UpdateSoon is Update without the wait for the disk.
func (s *Store) UpdateSoon(ctx context.Context, write func(context.Context, *org.Tx) error) error {
	return s.run(ctx, sqldb.UpdateSoon, write)
}

func (s *Store) run(ctx context.Context, m sqldb.Mode, work func(context.Context, *org.Tx) error) error {
	for try := 1; ; try++ {
		t := &tx{store: s, mode: m}
		err := t.run(ctx, work)
		if err == nil {
			return nil
		}
		for _, undo := range slices.Backward(t.undo) {
			undo()
		}
		// The closure may have made words of its own of the error, so that the
		// transaction is asked what happened.
		if s.engine.Failure(t.err) != sqldb.GaveUp || try == maxTries || ctx.Err() != nil {
			return err
		}
		s.log.DebugContext(ctx, "transaction runs again", "try", try, "error", t.err)
	}
}

// errNotUnique marks the refusal of a unique index for roles to make
// org.ErrNameTaken and its like of it.
var errNotUnique = errors.New("sqlstore: not unique")

// explain says what an error of the database means for whoever asked.
func (s *Store) explain(ctx context.Context, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(ctx.Err(), context.Canceled):
		// Drivers have words of their own for this.
		return fmt.Errorf("sqlstore: %w", context.Canceled)
	case ctx.Err() != nil || errors.Is(err, context.DeadlineExceeded):
		return fault.TryAgain(fmt.Errorf("sqlstore: %w: %w", context.DeadlineExceeded, err))
	}
	switch s.engine.Failure(err) {
	case sqldb.Busy, sqldb.GaveUp:
		return fault.TryAgain(fmt.Errorf("sqlstore: %w", err))
	case sqldb.NotUnique:
		return fmt.Errorf("%w: %w", errNotUnique, err)
	}
	return fmt.Errorf("sqlstore: %w", err)
}
