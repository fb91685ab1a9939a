package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"time"

	"golang.org/x/crypto/bcrypt"
	"golang.org/x/sync/errgroup"
	_ "modernc.org/sqlite" // the driver "sqlite"
)

// floor is the least that a server can do for a registration and still keep what
// it has confirmed: no page, no rule, no session, no log, and a password only
// when it hashes.
type floor struct {
	hook   string // URL, or ""
	hash   bool
	insert *sql.Stmt
	client *http.Client
}

func serveFloor(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet(roleFloor, flag.ContinueOnError)
	database := flags.String("database", "", "sqlite:FILE or postgres://…")
	hook := flags.String("hook", "", "URL of the hook service; none without")
	hash := flags.Bool("hash", false, "hash the password, and keep that too")
	if err := flags.Parse(args); err != nil {
		return err
	}
	db, err := openFloor(*database)
	if err != nil {
		return err
	}
	defer db.Close() //nolint:errcheck // the process ends
	if _, err := db.ExecContext(ctx, "CREATE TABLE users (id TEXT PRIMARY KEY, login TEXT NOT NULL UNIQUE, profile TEXT NOT NULL, password TEXT NOT NULL)"); err != nil {
		return err
	}
	insert, err := db.PrepareContext(ctx, "INSERT INTO users (id, login, profile, password) VALUES ($1, $2, $3, $4)")
	if err != nil {
		return err
	}
	f := &floor{hook: *hook, hash: *hash, insert: insert, client: &http.Client{
		Timeout:   3 * time.Second,
		Transport: &http.Transport{MaxIdleConnsPerHost: 64},
	}}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /signup", f.signUp)
	return serve(ctx, roleFloor, mux)
}

// openFloor opens a database with the durability that usher promises, and with
// as many connections as it has.
func openFloor(database string) (*sql.DB, error) {
	file, ok := strings.CutPrefix(database, "sqlite:")
	if !ok {
		db, err := sql.Open("pgx", database)
		if err == nil {
			size := max(8, 4*runtime.GOMAXPROCS(0))
			db.SetMaxOpenConns(size)
			db.SetMaxIdleConns(size)
		}
		return db, err
	}
	dsn := url.URL{Scheme: "file", Path: file, RawQuery: url.Values{
		"_pragma": {"journal_mode(WAL)", "synchronous(FULL)", "busy_timeout(5000)"},
	}.Encode()}
	db, err := sql.Open("sqlite", dsn.String())
	if err == nil {
		db.SetMaxOpenConns(1) // SQLite has one writer
	}
	return db, err
}

func (f *floor) signUp(w http.ResponseWriter, r *http.Request) {
	if err := f.register(w, r); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

func (f *floor) register(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
	if err := r.ParseForm(); err != nil {
		return err
	}
	profile := map[string]string{"login": r.PostForm.Get("email")}
	for _, name := range []string{"firstName", "lastName", "email"} {
		profile[name] = r.PostForm.Get(name)
	}
	password, err := f.askAndHash(r.Context(), profile, r.PostForm.Get("password"))
	if err != nil {
		return err
	}
	stored, err := json.Marshal(profile)
	if err != nil {
		return err
	}
	_, err = f.insert.ExecContext(r.Context(), rand.Text(), profile["login"], string(stored), string(password))
	return err
}

// askAndHash does both at once, as usher does.
func (f *floor) askAndHash(ctx context.Context, profile map[string]string, password string) (hash []byte, err error) {
	var both errgroup.Group
	if f.hash {
		both.Go(func() (err error) {
			hash, err = bcrypt.GenerateFromPassword([]byte(password), cheapCost)
			return err
		})
	}
	if f.hook != "" {
		both.Go(func() error { return f.ask(ctx, profile) })
	}
	err = both.Wait()
	return hash, err
}

func (f *floor) ask(ctx context.Context, profile map[string]string) error {
	question, err := json.Marshal(map[string]any{"data": map[string]any{"userProfile": profile}})
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, f.hook, bytes.NewReader(question))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := f.client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	var answer struct {
		Commands []struct{ Value map[string]string }
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return fmt.Errorf("the hook's answer: %w", err)
	}
	for _, c := range answer.Commands {
		if c.Value["registration"] == "ALLOW" {
			return nil
		}
	}
	return errors.New("the hook refused")
}
