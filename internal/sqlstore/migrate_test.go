package sqlstore

import (
	"errors"
	"slices"
	"sync"
	"testing"

	"github.com/usher-id/usher/internal/secretbox"
	"github.com/usher-id/usher/internal/sqldb"
)

// engineOf opens the engine of a database without looking at its schema.
func engineOf(t testing.TB, url string) sqldb.Engine {
	t.Helper()
	e, err := sqldb.Open(t.Context(), url, true)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	return e
}

// run runs SQL behind the back of everybody.
func run(t testing.TB, e sqldb.Engine, statement string) {
	t.Helper()
	if _, err := e.Pool(sqldb.Update).ExecContext(t.Context(), statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

func TestMigrate(t *testing.T) {
	onEngines(t, func(t *testing.T, url string) {
		o := Options{URL: url, Keys: secretbox.Ephemeral()}
		if _, err := Open(t.Context(), o); !errors.Is(err, sqldb.ErrUnmigrated) {
			t.Errorf("open before: %v", err)
		}
		took, err := Migrate(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		if len(took) == 0 || took[0].Version != 1 || took[0].Name != "first schema" {
			t.Errorf("took %+v", took)
		}
		if again, err := Migrate(t.Context(), o); err != nil || len(again) != 0 {
			t.Errorf("again it took %+v, %v", again, err)
		}
		s := reopen(t, o)
		if version, err := s.Version(t.Context()); err != nil || version != len(took) {
			t.Errorf("version %d, %v", version, err)
		}
	})
}

func TestMigrateWithSeveralAtOnce(t *testing.T) {
	onEngines(t, func(t *testing.T, url string) {
		const starters = 8
		var (
			wait  sync.WaitGroup
			steps [starters]int
		)
		for i := range starters {
			wait.Go(func() {
				o := Options{URL: url, Keys: secretbox.Ephemeral()}
				took, err := Migrate(t.Context(), o)
				if err != nil {
					t.Errorf("migrate: %v", err)
					return
				}
				steps[i] = len(took)
				s, err := Open(t.Context(), o)
				if err != nil {
					t.Errorf("open: %v", err)
					return
				}
				if err := errors.Join(s.Update(t.Context(), put("1")), s.Close()); err != nil {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		total := 0
		for _, n := range steps {
			total += n
		}
		if all := stepsOf(t, engineOf(t, url).Dialect().Name); total != len(all) {
			t.Errorf("%d steps of %d were taken: %v", total, len(all), steps)
		}
	})
}

func TestSchemaThatIsNotOurs(t *testing.T) {
	for name, c := range map[string]struct {
		statement string
		want      error
	}{
		"changed text": {"UPDATE schema_version SET sha256 = 'other' WHERE version = 1", sqldb.ErrChanged},
		"newer": {`INSERT INTO schema_version (version, name, sha256, applied_at)
			SELECT MAX(version) + 1, 'from the future', '', 0 FROM schema_version`, sqldb.ErrNewer},
		"other numbers": {"UPDATE schema_version SET version = version + 7", sqldb.ErrChanged},
		"older":         {"DELETE FROM schema_version", sqldb.ErrUnmigrated},
	} {
		t.Run(name, func(t *testing.T) {
			onEngines(t, func(t *testing.T, url string) {
				o := Options{URL: url, Keys: secretbox.Ephemeral()}
				if _, err := Migrate(t.Context(), o); err != nil {
					t.Fatal(err)
				}
				run(t, engineOf(t, url), c.statement)
				if _, err := Open(t.Context(), o); !errors.Is(err, c.want) {
					t.Errorf("open: %v, want %v", err, c.want)
				}
				want := c.want
				if errors.Is(want, sqldb.ErrUnmigrated) {
					want = nil // what the table says is missing is there: an error of the database
				}
				if _, err := Migrate(t.Context(), o); err == nil || want != nil && !errors.Is(err, want) {
					t.Errorf("migrate: %v, want %v", err, want)
				}
			})
		})
	}
}

// stepsOf are the files of an engine.
func stepsOf(t *testing.T, engine string) []string {
	t.Helper()
	files, err := migrationFiles.ReadDir("migrations/" + engine)
	if err != nil {
		t.Fatal(err)
	}
	names := make([]string, len(files))
	for i, f := range files {
		names[i] = f.Name()
	}
	return names
}

func TestEnginesHaveTheSameSteps(t *testing.T) {
	t.Parallel()
	if lite, pg := stepsOf(t, "sqlite"), stepsOf(t, "postgres"); !slices.Equal(lite, pg) {
		t.Errorf("SQLite has %q, PostgreSQL %q", lite, pg)
	}
}

func TestSchemaHoldsTypes(t *testing.T) {
	onEngines(t, func(t *testing.T, url string) {
		s := open(t, url)
		for _, statement := range []string{
			"INSERT INTO config_version (id, version) VALUES (2, 1)",
			"UPDATE config_version SET version = 'text'",
			"INSERT INTO user_groups VALUES ('00g1', 'n', 'd', 'maybe', 0, 0)",
			"INSERT INTO users VALUES ('00u1', 'ACTIVE', '', '{}', '', 0, 0, 0, 0, 0, 0)",
			"INSERT INTO user_names VALUES ('ada', '00unobody')",
			"INSERT INTO settings VALUES ('a', NULL)",
		} {
			if _, err := s.engine.Pool(sqldb.Update).ExecContext(t.Context(), statement); err == nil {
				t.Errorf("the schema allows %s", statement)
			}
		}
	})
}
