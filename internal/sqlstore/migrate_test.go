package sqlstore

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/usher-id/usher/internal/secretbox"
)

// engineOf opens the engine of a database without looking at its schema.
func engineOf(t testing.TB, url string) engine {
	t.Helper()
	e, err := openEngine(t.Context(), url, true)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.close() })
	return e
}

// run runs SQL behind the back of everybody.
func run(t testing.TB, e engine, statement string) {
	t.Helper()
	if _, err := e.pool(update).ExecContext(t.Context(), statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

func TestMigrate(t *testing.T) {
	onEngines(t, func(t *testing.T, url string) {
		o := Options{URL: url, Keys: secretbox.Ephemeral()}
		if _, err := Open(t.Context(), o); !errors.Is(err, ErrUnmigrated) {
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
		all, err := migrations(migrationFiles, engineOf(t, url).dialect().name)
		if err != nil || total != len(all) {
			t.Errorf("%d steps of %d were taken: %v, %v", total, len(all), steps, err)
		}
	})
}

func TestSchemaThatIsNotOurs(t *testing.T) {
	for name, c := range map[string]struct {
		statement string
		want      error
	}{
		"changed text": {"UPDATE schema_version SET sha256 = 'other' WHERE version = 1", ErrChanged},
		"newer": {`INSERT INTO schema_version (version, name, sha256, applied_at)
			SELECT MAX(version) + 1, 'from the future', '', 0 FROM schema_version`, ErrNewer},
		"other numbers": {"UPDATE schema_version SET version = version + 7", ErrChanged},
		"older":         {"DELETE FROM schema_version", ErrUnmigrated},
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
				if errors.Is(want, ErrUnmigrated) {
					want = nil // what the table says is missing is there: an error of the database
				}
				if _, err := Migrate(t.Context(), o); err == nil || want != nil && !errors.Is(err, want) {
					t.Errorf("migrate: %v, want %v", err, want)
				}
			})
		})
	}
}

func TestStepThatFailsLeavesNothing(t *testing.T) {
	onEngines(t, func(t *testing.T, url string) {
		e := engineOf(t, url)
		all, err := migrations(migrationFiles, e.dialect().name)
		if err != nil {
			t.Fatal(err)
		}
		broken := Migration{Version: len(all) + 1, Name: "broken", sum: "s", text: "CREATE TABLE half (a TEXT); CREATE NONSENSE"}
		took, err := migrate(t.Context(), e, append(all, broken))
		if err == nil || !strings.Contains(err.Error(), "broken") || len(took) != len(all) {
			t.Errorf("took %d steps, %v", len(took), err)
		}
		var tables int
		if err := e.pool(view).QueryRowContext(t.Context(), e.dialect().hasTable, "half").Scan(&tables); err != nil || tables != 0 {
			t.Errorf("%d tables of the broken step, %v", tables, err)
		}
		broken.text = "CREATE TABLE half (a TEXT)"
		if took, err := migrate(t.Context(), e, append(all, broken)); err != nil || len(took) != 1 {
			t.Errorf("the mended step: %+v, %v", took, err)
		}
	})
}

func TestEnginesHaveTheSameSteps(t *testing.T) {
	names := func(engine string) (names []string) {
		all, err := migrations(migrationFiles, engine)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range all {
			names = append(names, m.Name)
		}
		return names
	}
	if lite, pg := names("sqlite"), names("postgres"); strings.Join(lite, ";") != strings.Join(pg, ";") {
		t.Errorf("SQLite has %q, PostgreSQL %q", lite, pg)
	}
}

func TestReadingSteps(t *testing.T) {
	read := func(files map[string]string) ([]Migration, error) {
		in := fstest.MapFS{}
		for name, text := range files {
			in["migrations/x/"+name] = &fstest.MapFile{Data: []byte(text)}
		}
		return migrations(in, "x")
	}
	unix, err := read(map[string]string{"0002_b_c.sql": "B", "0001_a.sql": "one\ntwo\n"})
	if err != nil || len(unix) != 2 || unix[1].Name != "b c" || unix[1].text != "B" {
		t.Fatalf("%+v, %v", unix, err)
	}
	windows, err := read(map[string]string{"0001_a.sql": "one\r\ntwo\r\n"})
	if err != nil || windows[0].sum != unix[0].sum {
		t.Errorf("the ends of lines count: %+v, %v", windows, err)
	}
	if other, err := read(map[string]string{"0001_a.sql": "one"}); err != nil || other[0].sum == unix[0].sum {
		t.Errorf("the text does not count: %+v, %v", other, err)
	}
	for name, files := range map[string]map[string]string{
		"a gap":     {"0001_a.sql": "", "0003_b.sql": ""},
		"twice":     {"0001_a.sql": "", "0001_b.sql": ""},
		"no number": {"a.sql": ""},
	} {
		if got, err := read(files); err == nil {
			t.Errorf("%s: %+v", name, got)
		}
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
			if _, err := s.engine.pool(update).ExecContext(t.Context(), statement); err == nil {
				t.Errorf("the schema allows %s", statement)
			}
		}
	})
}
