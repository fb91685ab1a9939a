package run

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // driver "pgx"
	_ "modernc.org/sqlite"             // driver "sqlite"
)

// Engines that usher keeps its data in.
const (
	SQLite   = "sqlite"
	Postgres = "postgres"
)

// Engines are both.
func Engines() [2]string { return [2]string{SQLite, Postgres} }

// NewDatabase gives the URL of an empty database that ends with the test.
func NewDatabase(t testing.TB, engine string) string {
	t.Helper()
	if engine == SQLite {
		return "sqlite:" + filepath.Join(t.TempDir(), "usher.db")
	}
	server := need(t, "USHER_TEST_POSTGRES", "run the tests by scripts/with-postgres, as make check does")
	admin := open(t, server)
	name := "usher_test_" + strings.ToLower(rand.Text())
	if _, err := admin.ExecContext(t.Context(), "CREATE DATABASE "+name); err != nil {
		t.Fatalf("CREATE DATABASE: %v", err)
	}
	t.Cleanup(func() {
		// The context of the test has ended by now.
		if _, err := admin.ExecContext(context.Background(), "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			t.Errorf("DROP DATABASE: %v", err)
		}
		_ = admin.Close()
	})
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/" + name
	return u.String()
}

func open(t testing.TB, databaseURL string) *sql.DB {
	t.Helper()
	driver, source := "pgx", databaseURL
	if file, ok := strings.CutPrefix(databaseURL, "sqlite:"); ok {
		driver, source = "sqlite", "file:"+file
	}
	db, err := sql.Open(driver, source)
	if err != nil {
		t.Fatal(err)
	}
	return db
}

// Lock takes the write lock of an SQLite file, as another process would, until
// the function that it gives is called.
func Lock(t testing.TB, databaseURL string) (unlock func()) {
	t.Helper()
	db := open(t, databaseURL+"?_txlock=immediate")
	tx, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatalf("lock %s: %v", databaseURL, err)
	}
	return func() {
		_ = tx.Rollback()
		_ = db.Close()
	}
}

// Cell is one value of a database.
type Cell struct {
	Table, Column string
	Value         string
}

// Dump reads every value of every table.
func Dump(t testing.TB, databaseURL string) []Cell {
	t.Helper()
	db := open(t, databaseURL)
	defer func() { _ = db.Close() }()
	list := "SELECT table_name FROM information_schema.tables WHERE table_schema NOT IN ('pg_catalog', 'information_schema')"
	if strings.HasPrefix(databaseURL, "sqlite:") {
		list = "SELECT name FROM sqlite_schema WHERE type = 'table'"
	}
	var cells []Cell
	for _, table := range query(t, db, "", list) {
		cells = append(cells, query(t, db, table.Value, `SELECT * FROM "`+table.Value+`"`)...)
	}
	if len(cells) == 0 {
		t.Fatal("the database is empty: nothing was looked at")
	}
	return cells
}

func query(t testing.TB, db *sql.DB, table, text string) []Cell {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var cells []Cell
	for rows.Next() {
		values := make([]any, len(columns))
		for i := range values {
			values[i] = new(any)
		}
		if err := rows.Scan(values...); err != nil {
			t.Fatal(err)
		}
		for i, column := range columns {
			cells = append(cells, Cell{Table: table, Column: column, Value: textOf(*values[i].(*any))})
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return cells
}

func textOf(value any) string {
	if b, ok := value.([]byte); ok {
		return string(b)
	}
	return fmt.Sprint(value)
}
