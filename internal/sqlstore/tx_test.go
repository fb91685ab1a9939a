package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/profile"
	"github.com/usher-id/usher/internal/sqldb"
)

// listening is an engine that notes what is asked of it, and what together.
type listening struct {
	sqldb.Engine
	asked *[]string
}

func (e listening) Begin(ctx context.Context, m sqldb.Mode) (sqldb.Transaction, error) {
	t, err := e.Engine.Begin(ctx, m)
	return heard{t, e.asked}, err
}

type heard struct {
	sqldb.Transaction
	asked *[]string
}

func (t heard) Query(ctx context.Context, s sqldb.Statement) (*sql.Rows, error) {
	t.note([]sqldb.Statement{s})
	return t.Transaction.Query(ctx, s)
}

func (t heard) Exec(ctx context.Context, list []sqldb.Statement) ([]int64, error) {
	t.note(list)
	return t.Transaction.Exec(ctx, list)
}

func (t heard) Commit(ctx context.Context, last []sqldb.Statement) error {
	t.note(append(slices.Clone(last), sqldb.Statement{Text: "INTO COMMIT"}))
	return t.Transaction.Commit(ctx, last)
}

// note keeps the tables, or what else follows on the verb.
func (t heard) note(list []sqldb.Statement) {
	var subjects []string
	for _, s := range list {
		words := strings.Fields(s.Text)
		i := slices.IndexFunc(words, func(w string) bool { return w == "INTO" || w == "UPDATE" || w == "FROM" })
		subjects = append(subjects, words[i+1])
	}
	*t.asked = append(*t.asked, strings.Join(subjects, " "))
}

func ada(id string) *org.User { return &org.User{ID: id, Profile: adaProfile()} }

func adaProfile() profile.Profile {
	return profile.Profile{}.Set(profile.Login, "ada").Set(profile.Email, "ada@example.com")
}

// unpinned is what is not asked where nobody else can change the configuration.
func unpinned(s *Store) string {
	if s.engine.Dialect().ForShare == "" {
		return "config_version "
	}
	return ""
}

// TestRegistrationAsksLittle: on PostgreSQL each line is a round trip.
func TestRegistrationAsksLittle(t *testing.T) {
	onEngines(t, func(t *testing.T, url string) {
		s := open(t, url)
		err := s.Update(t.Context(), func(ctx context.Context, tx *org.Tx) error {
			return tx.Groups.Create(ctx, &org.Group{ID: "00g1", Name: org.Everyone})
		})
		if err != nil {
			t.Fatal(err)
		}
		readSchema := func(ctx context.Context, tx *org.Tx) error {
			_, err := tx.Schemas.Get(ctx)
			return err
		}
		if err := s.View(t.Context(), readSchema); err != nil { // into the cache
			t.Fatal(err)
		}
		var asked []string
		s.engine = listening{s.engine, &asked}
		visit := &org.Interaction{ID: "int1", Hash: "h1"}
		err = s.Update(t.Context(), func(ctx context.Context, tx *org.Tx) error {
			if err := readSchema(ctx, tx); err != nil {
				return err
			}
			if err := tx.Users.Create(ctx, ada("00u1")); err != nil {
				return err
			}
			if err := tx.Calls.Append(ctx, &org.HookCall{ID: "c1"}); err != nil {
				return err
			}
			g, err := tx.Groups.ByName(ctx, org.Everyone)
			if err != nil {
				return err
			}
			if err := tx.Members.Add(ctx, g.ID, "00u1", time.Time{}); err != nil {
				return err
			}
			if err := tx.Events.Append(ctx, org.Event{UUID: "e1"}, org.Event{UUID: "e2"}); err != nil {
				return err
			}
			if err := tx.Sessions.Create(ctx, &org.Session{ID: "s1", Hash: "h1", UserID: "00u1"}); err != nil {
				return err
			}
			return tx.Interactions.Swap(ctx, visit)
		})
		want := []string{
			"config_version",
			strings.TrimPrefix("config_version users user_names user_names", unpinned(s)),
			"group_members", // by a column of user_groups
			"hook_calls group_members sessions interactions",
			"events COMMIT",
		}
		if err != nil || !slices.Equal(asked, want) {
			t.Errorf("asked %q, %v; want %q", asked, err, want)
		}
	})
}

// TestHeldBackErrorIsNotTheNextOnes: what a unique index refuses is the login
// only when the login was written.
func TestHeldBackErrorIsNotTheNextOnes(t *testing.T) {
	onEngines(t, func(t *testing.T, url string) {
		s := open(t, url)
		session := &org.Session{ID: "s1", Hash: "h1", UserID: "00u1"}
		err := s.Update(t.Context(), func(ctx context.Context, tx *org.Tx) error {
			if err := tx.Users.Create(ctx, ada("00u1")); err != nil {
				return err
			}
			return tx.Sessions.Create(ctx, session)
		})
		if err != nil {
			t.Fatal(err)
		}
		err = s.Update(t.Context(), func(ctx context.Context, tx *org.Tx) error {
			if err := tx.Sessions.Create(ctx, session); err != nil {
				return err
			}
			return tx.Users.Update(ctx, ada("00u1"))
		})
		if err == nil || errors.Is(err, org.ErrLoginTaken) || errors.Is(err, errNotUnique) {
			t.Errorf("update gave %v", err)
		}
	})
}

// TestTakenLoginWithFreeAddress: the names of a user who was refused are not
// written, nor does a database complain of them.
func TestTakenLoginWithFreeAddress(t *testing.T) {
	onEngines(t, func(t *testing.T, url string) {
		s := open(t, url)
		create := func(u *org.User) error {
			return s.Update(t.Context(), func(ctx context.Context, tx *org.Tx) error { return tx.Users.Create(ctx, u) })
		}
		if err := create(ada("00u1")); err != nil {
			t.Fatal(err)
		}
		other := ada("00u2")
		other.Profile = adaProfile().Set(profile.Email, "free@example.com")
		if err := create(other); !errors.Is(err, org.ErrLoginTaken) {
			t.Errorf("create gave %v", err)
		}
	})
}

// TestFailedTransactionIsNotCommitted: PostgreSQL answers the COMMIT of a
// transaction that has failed with ROLLBACK, and with no error.
func TestFailedTransactionIsNotCommitted(t *testing.T) {
	onEngines(t, func(t *testing.T, url string) {
		s := open(t, url)
		err := s.Update(t.Context(), func(ctx context.Context, tx *org.Tx) error {
			if err := tx.Settings.Put(ctx, "a", "1"); err != nil {
				return err
			}
			// A mistake that the transaction does not hear of.
			if _, err := tx.Settings.(settings).begun.Exec(ctx, []sqldb.Statement{{Text: "NONSENSE"}}); err == nil {
				t.Error("the database knows NONSENSE")
			}
			return nil
		})
		var stored string
		errView := s.View(t.Context(), func(ctx context.Context, tx *org.Tx) (err error) {
			stored, err = tx.Settings.Get(ctx, "a")
			return err
		})
		if (err == nil) != (errView == nil) || (stored == "1") != (err == nil) {
			t.Errorf("update gave %v, and then %q, %v is read", err, stored, errView)
		}
	})
}

// TestNothingAsked: where BEGIN waits for the first statement, there is none.
func TestNothingAsked(t *testing.T) {
	onEngines(t, func(t *testing.T, url string) {
		s := open(t, url)
		mine := errors.New("mine")
		for name, run := range map[string]func(context.Context, work) error{"View": s.View, "Update": s.Update, "UpdateSoon": s.UpdateSoon} {
			if err := run(t.Context(), func(context.Context, *org.Tx) error { return nil }); err != nil {
				t.Errorf("%s gave %v", name, err)
			}
			if err := run(t.Context(), func(context.Context, *org.Tx) error { return mine }); !errors.Is(err, mine) {
				t.Errorf("%s gave %v", name, err)
			}
		}
		if err := s.Update(t.Context(), put("1")); err != nil {
			t.Error(err)
		}
	})
}
