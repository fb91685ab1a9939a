package main

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strings"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
)

// The kinds of databases.
const (
	sqlite   = "sqlite"
	postgres = "postgres"
)

// postgresServer makes databases for floor and usher.
type postgresServer struct {
	db  *sql.DB
	url *url.URL
}

// connectPostgres refuses a server that does not wait for its disk: what it does
// without is exactly what is to be measured.
func connectPostgres(ctx context.Context, text string) (*postgresServer, error) {
	if text == "" {
		return nil, errors.New("USHER_TEST_POSTGRES is not set: run scripts/with-postgres --durable, or give -only sqlite")
	}
	u, err := url.Parse(text)
	if err != nil {
		return nil, errors.New("USHER_TEST_POSTGRES is not a URL")
	}
	s := &postgresServer{url: u}
	if s.db, err = sql.Open("pgx", text); err != nil {
		return nil, err
	}
	for _, setting := range []string{"fsync", "synchronous_commit"} {
		var value string
		if err := s.db.QueryRowContext(ctx, "SHOW "+setting).Scan(&value); err != nil {
			return nil, errors.Join(fmt.Errorf("PostgreSQL: %w", err), s.db.Close())
		}
		if value != "on" {
			return nil, errors.Join(fmt.Errorf("PostgreSQL has %s = %s: run scripts/with-postgres --durable", setting, value), s.db.Close())
		}
	}
	return s, nil
}

func (s *postgresServer) create(ctx context.Context) (string, func(), error) {
	name := "bench_" + strings.ToLower(rand.Text())
	if _, err := s.db.ExecContext(ctx, "CREATE DATABASE "+name); err != nil {
		return "", nil, err
	}
	u := *s.url
	u.Path = "/" + name
	drop := func() {
		// Also after Ctrl-C. What remains is removed with the server.
		_, _ = s.db.ExecContext(context.WithoutCancel(ctx), "DROP DATABASE "+name+" WITH (FORCE)")
	}
	return u.String(), drop, nil
}

func (s *postgresServer) close() { _ = s.db.Close() }
