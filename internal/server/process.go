package server

import (
	"context"
	"errors"
	"io/fs"
	"log"
	"log/slog"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/usher-id/usher/internal/config"
	"github.com/usher-id/usher/internal/org"
)

// muteStandardLogger keeps what net/http prints by itself out of the logs: after
// an answer with surplus bytes it prints those bytes, which may be a profile.
// Only the kind of message is kept.
func muteStandardLogger(to *slog.Logger) {
	log.SetFlags(0)
	log.SetOutput(messageKind{to})
}

type messageKind struct{ log *slog.Logger }

// kindWords is how many words of a message are its kind. "Unsolicited response
// received on idle HTTP channel starting with …" has eight before the bytes.
const kindWords = 8

func (m messageKind) Write(line []byte) (int, error) {
	words := strings.Fields(string(line))
	m.log.Debug("a library printed", "kind", strings.Join(words[:min(len(words), kindWords)], " "))
	return len(line), nil
}

// limitMemory makes the garbage collector heed the limit of the container: a
// password hash takes 19 MiB, and each is garbage at once.
func limitMemory(getenv func(string) string) {
	if getenv("GOMEMLIMIT") != "" {
		return // the runtime has read it
	}
	if limit, ok := containerMemory(os.DirFS("/sys/fs/cgroup")); ok {
		debug.SetMemoryLimit(limit / 10 * 9)
	}
}

// containerMemory is the limit of the control group, version 2 or 1.
func containerMemory(cgroup fs.FS) (limit int64, ok bool) {
	for _, file := range []string{"memory.max", "memory/memory.limit_in_bytes"} {
		text, err := fs.ReadFile(cgroup, file)
		if err != nil {
			continue
		}
		const unlimited = 1 << 50 // version 1 says so by a huge number, version 2 by "max"
		limit, err = strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
		return limit, err == nil && limit < unlimited
	}
	return 0, false
}

const sweepEvery = 10 * time.Minute

// keepMail is how long a message waits to be sent: as long as the tokens that
// messages carry.
const keepMail = 7 * 24 * time.Hour

// sweeper removes what has been kept long enough.
type sweeper struct {
	cancel context.CancelFunc
	done   sync.WaitGroup
}

func startSweeper(store org.Store, keep config.Retention, log *slog.Logger) *sweeper {
	ctx, cancel := context.WithCancel(context.Background())
	s := &sweeper{cancel: cancel}
	s.done.Go(func() {
		ticker := time.NewTicker(sweepEvery)
		defer ticker.Stop()
		for {
			if err := sweep(ctx, store, keep, time.Now().UTC()); err != nil && ctx.Err() == nil {
				log.Warn("what is old could not be removed", "err", err)
			}
			select {
			case <-ticker.C:
			case <-ctx.Done():
				return
			}
		}
	})
	return s
}

func (s *sweeper) stop() {
	s.cancel()
	s.done.Wait()
}

// sweep removes what is older than it may be kept, each kind in its own
// transaction: one that cannot be removed does not keep the others.
func sweep(ctx context.Context, store org.Store, keep config.Retention, now time.Time) error {
	var failed []error
	for _, prune := range []func(context.Context, *org.Tx) (int64, error){
		func(ctx context.Context, tx *org.Tx) (int64, error) { return tx.Interactions.Prune(ctx, now) },
		func(ctx context.Context, tx *org.Tx) (int64, error) { return tx.Sessions.Prune(ctx, now) },
		func(ctx context.Context, tx *org.Tx) (int64, error) { return tx.UserTokens.Prune(ctx, now) },
		func(ctx context.Context, tx *org.Tx) (int64, error) { return tx.Mails.Prune(ctx, now.Add(-keepMail)) },
		func(ctx context.Context, tx *org.Tx) (int64, error) {
			return tx.Calls.Prune(ctx, now.Add(-keep.Calls), int64(keep.CallBytes))
		},
		func(ctx context.Context, tx *org.Tx) (int64, error) {
			return tx.Events.Prune(ctx, now.Add(-keep.SystemLog))
		},
	} {
		err := store.UpdateSoon(ctx, func(ctx context.Context, tx *org.Tx) error {
			_, err := prune(ctx, tx)
			return err
		})
		failed = append(failed, err)
	}
	return errors.Join(failed...)
}
