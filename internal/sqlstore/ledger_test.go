package sqlstore

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"testing"

	"modernc.org/sqlite"

	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/sqldb"
)

type work = func(context.Context, *org.Tx) error

// ledger is an SQLite store that tells what was committed.
type ledger struct {
	*Store
	path string
}

func newLedger(t *testing.T) ledger {
	path := filepath.Join(t.TempDir(), "usher.db")
	s := ledger{open(t, path), path}
	// One page: the log of what follows begins at its beginning.
	run(t, s.engine, "PRAGMA wal_checkpoint(TRUNCATE)")
	return s
}

// commits counts the frames in the log that end a transaction, and each of them
// is one wait for the disk (SQLite file format, section 4.1).
func (s ledger) commits(t *testing.T) int {
	t.Helper()
	log, err := os.ReadFile(s.path + "-wal")
	if err != nil {
		t.Fatal(err)
	}
	const header, frameHeader = 32, 24
	if len(log) < header {
		return 0
	}
	page := int(binary.BigEndian.Uint32(log[8:]))
	n := 0
	for frame := range slices.Chunk(log[header:], frameHeader+page) {
		if binary.BigEndian.Uint32(frame[4:]) != 0 {
			n++
		}
	}
	return n
}

// waiting is the length of the line.
func (s ledger) waiting() int { return s.engine.(interface{ Waiting() int }).Waiting() }

// call is one who writes.
type call struct {
	ctx   context.Context // of the test, unless there is one
	soon  bool
	work  work
	after func() // when it has its answer
}

// together makes a group: the first call waits in its closure until all others
// are in line, one after the other. It gives their errors.
func (s ledger) together(t *testing.T, calls ...call) []error {
	t.Helper()
	var (
		wait    sync.WaitGroup
		errs    = make([]error, len(calls))
		entered = make(chan struct{})
		inLine  = make(chan struct{})
		start   = func(i int, work work) {
			wait.Go(func() {
				defer func() {
					if r := recover(); r != nil {
						errs[i] = fmt.Errorf("panic: %v", r)
					}
				}()
				write, ctx := s.Update, t.Context()
				if calls[i].soon {
					write = s.UpdateSoon
				}
				if calls[i].ctx != nil {
					ctx = calls[i].ctx
				}
				errs[i] = write(ctx, work)
				if calls[i].after != nil {
					calls[i].after()
				}
			})
		}
	)
	gather := sync.OnceFunc(func() { // and not when it runs again
		close(entered)
		<-inLine
	})
	start(0, func(ctx context.Context, tx *org.Tx) error {
		gather()
		return calls[0].work(ctx, tx)
	})
	<-entered
	for i := 1; i < len(calls); i++ {
		start(i, calls[i].work)
		for s.waiting() < i {
			runtime.Gosched()
		}
	}
	close(inLine)
	wait.Wait()
	return errs
}

func set(key string) work {
	return func(ctx context.Context, tx *org.Tx) error { return tx.Settings.Put(ctx, key, "1") }
}

// has tells which settings were written.
func (s ledger) has(t *testing.T, keys ...string) (written []string) {
	t.Helper()
	err := s.View(t.Context(), func(ctx context.Context, tx *org.Tx) error {
		written = []string{}
		for _, key := range keys {
			switch _, err := tx.Settings.Get(ctx, key); {
			case err == nil:
				written = append(written, key)
			case !errors.Is(err, org.ErrNotFound):
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return written
}

// refuseCommits makes every commit of the writer fail, or none.
func (s ledger) refuseCommits(t *testing.T, refuse bool) {
	t.Helper()
	conn, err := s.engine.Pool(sqldb.Update).Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	err = conn.Raw(func(c any) error {
		c.(sqlite.HookRegisterer).RegisterCommitHook(func() int32 {
			if refuse {
				return 1
			}
			return 0
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
