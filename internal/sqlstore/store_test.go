package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/secretbox"
	"github.com/usher-id/usher/internal/sqldb"
)

func TestOpenRefuses(t *testing.T) {
	for url, want := range map[string]string{
		"":                           "no database",
		"sqlite:":                    "path",
		":memory:":                   "path",
		"mysql://u:s3cret@db/x":      `"mysql"`,
		"postgres://u:s3cret@[bad/x": "",
		"postgres://u:s3cret@127.0.0.1:1/x?connect_timeout=1": "127.0.0.1",
		"sqlite:" + t.TempDir() + "/none/usher.db":            "none",
	} {
		_, err := Open(t.Context(), Options{URL: url, Keys: secretbox.Ephemeral()})
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%q gave %v", url, err)
		}
		if fault.As(err) != nil {
			t.Errorf("%q gave words for people who sign up: %v", url, err)
		}
	}
	if _, err := Open(t.Context(), Options{URL: "usher.db"}); err == nil || !strings.Contains(err.Error(), "keys") {
		t.Errorf("without keys: %v", err)
	}
}

// hasty makes a store give up waiting for locks within the time of a test.
func hasty(t *testing.T, url string) *Store {
	t.Helper()
	if strings.HasPrefix(url, "postgres") {
		return open(t, url+"&lock_timeout=50")
	}
	s := open(t, url)
	run(t, s.engine, "PRAGMA busy_timeout = 50")
	return s
}

func TestLockedDatabaseIsBusy(t *testing.T) {
	onEngines(t, func(t *testing.T, url string) {
		s := hasty(t, url)
		other := reopen(t, Options{URL: url, Keys: secretbox.Ephemeral()}) // as in another process
		if err := s.Update(t.Context(), put("0")); err != nil {
			t.Fatal(err)
		}
		err := other.Update(t.Context(), func(ctx context.Context, tx *org.Tx) error {
			if err := tx.Settings.Put(ctx, "a", "1"); err != nil {
				return err
			}
			for name, update := range map[string]func(context.Context, func(context.Context, *org.Tx) error) error{
				"Update": s.Update, "UpdateSoon": s.UpdateSoon,
			} {
				err := update(ctx, put("2"))
				if !fault.Is(err, fault.Busy) || fault.As(err).Err == nil {
					t.Errorf("%s gave %v", name, err)
				}
			}
			return s.View(ctx, func(ctx context.Context, tx *org.Tx) error { // readers go on
				got, err := tx.Settings.Get(ctx, "a")
				if got != "0" {
					t.Errorf("read %q", got)
				}
				return err
			})
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Update(t.Context(), put("2")); err != nil {
			t.Errorf("when the lock is gone: %v", err)
		}
	})
}

func TestTwoProcessesReadAndWrite(t *testing.T) {
	// Whoever reads first and writes then is refused at once by SQLite, whatever
	// the timeout, when another process wrote in between.
	onEngines(t, func(t *testing.T, url string) {
		stores := []*Store{open(t, patient(url)), reopen(t, Options{URL: patient(url), Keys: secretbox.Ephemeral()})}
		const each = 25
		var wait sync.WaitGroup
		for i, s := range stores {
			wait.Go(func() {
				for n := range each {
					err := s.Update(t.Context(), func(ctx context.Context, tx *org.Tx) error {
						if taken, err := tx.Users.Taken(ctx, "ada"); err != nil || taken {
							return fmt.Errorf("taken: %v, %w", taken, err)
						}
						return tx.Events.Append(ctx, org.Event{UUID: fmt.Sprint(i, n)})
					})
					if err != nil {
						t.Errorf("process %d: %v", i, err)
					}
				}
			})
		}
		wait.Wait()
		events := 0
		err := stores[0].View(t.Context(), func(ctx context.Context, tx *org.Tx) error {
			return tx.Events.Scan(ctx, org.EventRange{}, func(org.Event) bool {
				events++
				return true
			})
		})
		if err != nil || events != each*len(stores) {
			t.Errorf("%d events, %v", events, err)
		}
	})
}

// luckless is an engine that gives every transaction up.
type luckless struct{ sqldb.Engine }

func (luckless) Failure(err error) sqldb.Failure {
	if err == nil {
		return sqldb.Internal
	}
	return sqldb.GaveUp
}

func TestTriesEnd(t *testing.T) {
	onEngines(t, func(t *testing.T, url string) {
		s := open(t, url)
		s.engine = luckless{s.engine}
		for words, want := range map[bool]int{false: maxTries, true: maxTries} {
			tries := 0
			err := s.Update(t.Context(), func(ctx context.Context, tx *org.Tx) error {
				tries++
				err := tx.Settings.(settings).nonsense(ctx)
				if words {
					return errors.New("the caller's own words")
				}
				return err
			})
			if tries != want || err == nil || !words && !fault.Is(err, fault.Busy) {
				t.Errorf("%d tries, %v", tries, err)
			}
		}
		tries := 0
		mine := errors.New("mine")
		err := s.Update(t.Context(), func(context.Context, *org.Tx) error {
			tries++
			return mine
		})
		if tries != 1 || !errors.Is(err, mine) {
			t.Errorf("an error of the caller: %d tries, %v", tries, err)
		}
	})
}

// nonsense asks the database for something that it does not know.
func (r settings) nonsense(ctx context.Context) error {
	_, err := r.exec(ctx, "NONSENSE")
	return err
}

func TestMistakeIsInternal(t *testing.T) {
	onEngines(t, func(t *testing.T, url string) {
		s := open(t, url)
		err := s.Update(t.Context(), func(ctx context.Context, tx *org.Tx) error {
			return tx.Settings.(settings).nonsense(ctx)
		})
		if err == nil || fault.As(err) != nil {
			t.Errorf("got %v", err)
		}
	})
}

func TestWhateverHangsHangsForSeconds(t *testing.T) {
	onEngines(t, func(t *testing.T, url string) {
		e := open(t, url).engine
		queries := map[string]string{"PRAGMA busy_timeout": "5000"}
		if e.Dialect().Name == "postgres" {
			queries = map[string]string{
				"SHOW statement_timeout": "5s", "SHOW lock_timeout": "2s", "SHOW idle_in_transaction_session_timeout": "10s",
			}
		}
		for query, want := range queries {
			var got string
			if err := e.Pool(sqldb.Update).QueryRowContext(t.Context(), query).Scan(&got); err != nil || got != want {
				t.Errorf("%s: %s, %v; want %s", query, got, err, want)
			}
		}
	})
}

func TestWaitIsOnDiskOrNot(t *testing.T) {
	onEngines(t, func(t *testing.T, url string) {
		s := open(t, url)
		query, soon, atOnce := "PRAGMA synchronous", "1", "2"
		if s.engine.Dialect().Name == "postgres" {
			query, soon, atOnce = "SHOW synchronous_commit", "off", "on"
		}
		mode := func(update func(context.Context, func(context.Context, *org.Tx) error) error) (mode string) {
			t.Helper()
			err := update(t.Context(), func(ctx context.Context, tx *org.Tx) (err error) {
				mode, err = one(ctx, tx.Settings.(settings).tx, single[string], query)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			return mode
		}
		broken := errors.New("broken")
		for name, end := range map[string]func(context.Context, context.CancelFunc) error{
			"commit":       func(context.Context, context.CancelFunc) error { return nil },
			"error":        func(context.Context, context.CancelFunc) error { return broken },
			"panic":        func(context.Context, context.CancelFunc) error { panic(broken) },
			"cancellation": func(ctx context.Context, cancel context.CancelFunc) error { cancel(); return ctx.Err() },
		} {
			func() {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				defer func() { _ = recover() }()
				_ = s.UpdateSoon(ctx, func(ctx context.Context, tx *org.Tx) error {
					if err := tx.Settings.Put(ctx, "a", "1"); err != nil {
						return err
					}
					if err := end(ctx, cancel); err != nil {
						return err
					}
					_, err := tx.Settings.Get(ctx, "a")
					return err
				})
			}()
			if got := mode(s.Update); got != atOnce {
				t.Errorf("Update after UpdateSoon with %s: %s", name, got)
			}
			if got := mode(s.UpdateSoon); got != soon {
				t.Errorf("UpdateSoon: %s", got)
			}
		}
		if got := mode(s.Update); got != atOnce {
			t.Errorf("Update: %s", got)
		}
	})
}

func TestDeadlineIsBusy(t *testing.T) {
	onEngines(t, func(t *testing.T, url string) {
		s := open(t, url)
		ctx, cancel := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
		defer cancel()
		err := s.Update(ctx, put("1"))
		if !fault.Is(err, fault.Busy) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
	})
}
