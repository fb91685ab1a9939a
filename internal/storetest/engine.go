package storetest

import (
	"context"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5" //nolint:depguard // it makes databases and drops them; nothing is stored by it
	"github.com/usher-id/usher/internal/id"
)

// PostgresVariable is the environment variable with the postgres:// URL of a
// server to test on.
const PostgresVariable = "USHER_TEST_POSTGRES"

// Engine is one kind of database to test on.
type Engine struct {
	Name string // sqlite or postgres
	// Open makes a new database for a test, without a schema, and gives its URL.
	// It is gone when the test is over.
	Open func(t testing.TB) (url string)
}

// Engines gives the engines that can be tested on here: SQLite, and PostgreSQL
// when there is a server.
func Engines() []Engine {
	engines := []Engine{{Name: "sqlite", Open: func(t testing.TB) string {
		return "sqlite:" + filepath.Join(t.TempDir(), "usher.db")
	}}}
	if server := os.Getenv(PostgresVariable); server != "" {
		engines = append(engines, Engine{Name: "postgres", Open: func(t testing.TB) string {
			return newDatabase(t, server)
		}})
	}
	return engines
}

// newDatabase makes a database on a server, and drops it after the test.
func newDatabase(t testing.TB, server string) string {
	t.Helper()
	u, err := url.Parse(server)
	if err != nil {
		t.Fatalf("%s is not a URL", PostgresVariable) // it may hold a password
	}
	name := "usher_test_" + strings.ToLower(id.Text(16))
	// template0 takes any encoding; the server's own may be SQL_ASCII.
	execute(t, server, "CREATE DATABASE "+name+" TEMPLATE template0 ENCODING 'UTF8'")
	t.Cleanup(func() { execute(t, server, "DROP DATABASE "+name+" WITH (FORCE)") })
	u.Path = "/" + name
	return u.String()
}

func execute(t testing.TB, server, statement string) {
	t.Helper()
	ctx := context.Background() // the test's own is over in a cleanup
	conn, err := pgx.Connect(ctx, server)
	if err != nil {
		t.Fatalf("%s: %v", PostgresVariable, err)
	}
	defer func() { _ = conn.Close(ctx) }()
	if _, err := conn.Exec(ctx, statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}
