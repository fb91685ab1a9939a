package server

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"github.com/usher-id/usher/internal/config"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/profile"
)

// What net/http prints of an answer with surplus bytes begins with these bytes,
// which may be a profile.
func TestStandardLoggerKeepsNoBody(t *testing.T) {
	var out bytes.Buffer
	muteStandardLogger(slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug})))
	t.Cleanup(func() { log.SetOutput(io.Discard) })

	const secret = "rosario@example.com"
	log.Printf("Unsolicited response received on idle HTTP channel starting with %q; err=%v", `{"email":"`+secret+`"}`, nil)
	log.Printf("a b c d e f g h %s", secret)
	text := out.String()
	if strings.Contains(text, secret) {
		t.Errorf("logged: %s", text)
	}
	for _, want := range []string{"Unsolicited response received on idle HTTP channel", "a b c d e f g h"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in %s", want, text)
		}
	}
}

func TestContainerMemory(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		files map[string]string
		want  int64 // 0 for none
	}{
		"no control groups":  {nil, 0},
		"version 2":          {map[string]string{"memory.max": "268435456\n"}, 256 << 20},
		"version 2, no end":  {map[string]string{"memory.max": "max\n"}, 0},
		"version 1":          {map[string]string{"memory/memory.limit_in_bytes": "134217728\n"}, 128 << 20},
		"version 1, no end":  {map[string]string{"memory/memory.limit_in_bytes": "9223372036854771712\n"}, 0},
		"the newer one goes": {map[string]string{"memory.max": "1048576\n", "memory/memory.limit_in_bytes": "2\n"}, 1 << 20},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cgroup := fstest.MapFS{}
			for file, text := range tt.files {
				cgroup[file] = &fstest.MapFile{Data: []byte(text)}
			}
			limit, ok := containerMemory(cgroup)
			if ok != (tt.want > 0) || ok && limit != tt.want {
				t.Errorf("limit %d, %v; want %d", limit, ok, tt.want)
			}
		})
	}
}

// keep is short and different for each kind, so that a mix-up shows.
var keep = config.Retention{Calls: time.Hour, CallBytes: 1000, SystemLog: 3 * time.Hour}

func TestSweep(t *testing.T) {
	t.Parallel()
	s := open(t, load(t, "\n"))
	defer s.Close()
	now := time.Date(2030, 5, 6, 12, 0, 0, 0, time.UTC)
	old := func(age time.Duration) time.Time { return now.Add(-age) }
	ctx := t.Context()
	person, err := profile.Decode(`{"login":"ada@example.com","email":"ada@example.com"}`)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Store.Update(ctx, func(ctx context.Context, tx *org.Tx) error {
		if _, err := tx.Events.Prune(ctx, now); err != nil { // those of the start
			return err
		}
		u := &org.User{ID: "00u1", Status: org.StatusActive, Profile: person}
		return errors.Join(
			tx.Users.Create(ctx, u),
			tx.Sessions.Create(ctx, &org.Session{ID: "ended", Hash: "h1", UserID: u.ID, Created: old(9), Expires: old(time.Second)}),
			tx.Sessions.Create(ctx, &org.Session{ID: "live", Hash: "h2", UserID: u.ID, Created: old(9), Expires: old(-time.Second)}),
			tx.Interactions.Swap(ctx, &org.Interaction{ID: "over", Hash: "over", State: org.StateForm, Created: old(9), Expires: old(time.Second)}),
			tx.Interactions.Swap(ctx, &org.Interaction{ID: "open", Hash: "open", State: org.StateForm, Created: old(9), Expires: old(-time.Second)}),
			tx.Calls.Append(ctx, &org.HookCall{ID: "1 old", Started: old(keep.Calls + time.Second)}),
			tx.Calls.Append(ctx, &org.HookCall{ID: "2 beyond", Started: old(2 * time.Minute), Request: strings.Repeat("x", 600)}),
			tx.Calls.Append(ctx, &org.HookCall{ID: "3 new", Started: old(time.Minute), Request: strings.Repeat("x", 600)}),
			tx.Events.Append(ctx, org.Event{UUID: "old", Type: "t", Published: old(keep.SystemLog + time.Second)},
				org.Event{UUID: "new", Type: "t", Published: old(keep.SystemLog - time.Second)}),
		)
	}); err != nil {
		t.Fatal(err)
	}
	for range 2 { // what is left is left the second time
		if err := sweep(ctx, s.Store, keep, now); err != nil {
			t.Fatal(err)
		}
		if list := calls(t, s.Store); len(list) != 1 || list[0].ID != "3 new" {
			t.Errorf("%d calls are left", len(list))
		}
		if list := events(t, s.Store); len(list) != 1 || list[0].UUID != "new" {
			t.Errorf("events %+v", list)
		}
		view(t, s.Store, func(ctx context.Context, tx *org.Tx) (none struct{}, err error) {
			for hash, want := range map[string]error{"h1": org.ErrNotFound, "h2": nil} {
				if _, err := tx.Sessions.ByHash(ctx, hash); !errors.Is(err, want) {
					t.Errorf("session %s: %v", hash, err)
				}
			}
			for hash, want := range map[string]error{"over": org.ErrNotFound, "open": nil} {
				if _, err := tx.Interactions.ByHash(ctx, hash); !errors.Is(err, want) {
					t.Errorf("visit %s: %v", hash, err)
				}
			}
			return none, nil
		})
	}
}

// counting is a store that counts what is written, and fails when told to.
type counting struct {
	org.Store
	writes atomic.Int32
	broken atomic.Bool
}

func (c *counting) UpdateSoon(context.Context, func(context.Context, *org.Tx) error) error {
	c.writes.Add(1)
	if c.broken.Load() {
		return errors.New("locked")
	}
	return nil
}

func TestSweeper(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer // read when the sweeper is over
		store := &counting{}
		s := startSweeper(store, keep, slog.New(slog.NewTextHandler(&out, nil)))
		expect := func(when string, writes int32) {
			t.Helper()
			synctest.Wait()
			if n := store.writes.Load(); n != writes {
				t.Errorf("%s: %d transactions, want %d", when, n, writes)
			}
		}
		const kinds = 6
		expect("at the start", kinds)
		<-time.After(sweepEvery + time.Second)
		expect("after a round", 2*kinds)
		// A database that is busy is asked again in the next round, and for each kind:
		// one that cannot be removed does not keep the others.
		store.broken.Store(true)
		<-time.After(2 * sweepEvery)
		expect("while the database is busy", 4*kinds)
		s.stop()
		<-time.After(2 * sweepEvery)
		expect("when it was stopped", 4*kinds)
		if n := strings.Count(out.String(), "level=WARN"); n != 2 || strings.Count(out.String(), "locked") != 2*kinds {
			t.Errorf("%d warnings: %s", n, &out)
		}
	})
}
