package storetest

import (
	"context"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5" //nolint:depguard // it makes schemas and drops them; nothing is stored by it

	"github.com/usher-id/usher/internal/id"
)

// PostgresVariable is the environment variable with the postgres:// URL of a
// server to test on.
const PostgresVariable = "USHER_TEST_POSTGRES"

// Engine is one kind of database to test on.
type Engine struct {
	Name string // sqlite or postgres
	// Open makes a new, empty database for a test and gives its URL. It is gone
	// when the test is over. The URL may have a query.
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
			return newSchema(t, server)
		}})
	}
	return engines
}

// newSchema makes a schema in the database of a server, and drops it after the
// test. Nothing that usher does reaches out of a schema, and a database of its
// own would cost a test half a second more.
func newSchema(t testing.TB, server string) string {
	t.Helper()
	u, err := url.Parse(server)
	if err != nil {
		t.Fatalf("%s is not a URL", PostgresVariable) // it may hold a password
	}
	name := "usher_test_" + strings.ToLower(id.Text(16))
	execute(t, server, "CREATE SCHEMA "+name)
	t.Cleanup(func() { execute(t, server, "DROP SCHEMA "+name+" CASCADE") })
	query := u.Query()
	query.Set("search_path", name)
	u.RawQuery = query.Encode()
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
