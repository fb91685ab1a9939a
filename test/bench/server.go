package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

const personPassword = "correct horse battery staple"

// server is what people sign up at: floor or usher.
type server struct {
	*process
	config string // file
	// paged tells that a form belongs to a visit, which its page opens.
	paged  bool
	visits []string // cookies, each for one registration
	used   atomic.Int64
	people atomic.Int64
}

// settings is where one usher differs from another.
type settings struct {
	database    string
	hook        string // URL, or "" for none
	hash        string
	bcryptCost  int
	hookTimeout time.Duration
}

// cheapCost is the least that bcrypt takes.
const cheapCost = 4

// cheap is the hash that does not hide the rest.
func cheap(database, hook string) settings {
	return settings{database: database, hook: hook, hash: "bcrypt", bcryptCost: cheapCost, hookTimeout: 3 * time.Second}
}

func (b *bench) startFloor(ctx context.Context, database, hook string, hash bool) (*server, error) {
	p, err := b.self(ctx, roleFloor, "-database", database, "-hook", hook, "-hash="+strconv.FormatBool(hash))
	if err != nil {
		return nil, err
	}
	return &server{process: p}, nil
}

// startUsher serves with what an operator gets who changes nothing but the hash
// and the limits: also its log is written.
func (b *bench) startUsher(ctx context.Context, s settings) (*server, error) {
	dir, err := os.MkdirTemp(b.dir, "usher.")
	if err != nil {
		return nil, err
	}
	seed := map[string]any{}
	enrollment := map[string]any{
		"selfServiceRegistration": true,
		"attributes": []map[string]any{
			{"name": "firstName", "required": true}, {"name": "lastName", "required": true}, {"name": "email", "required": true},
		},
	}
	if s.hook != "" {
		seed["inlineHooks"] = []map[string]any{{"name": "bench", "url": s.hook}}
		enrollment["inlineHook"] = "bench"
	}
	seed["enrollment"] = enrollment
	text, err := json.Marshal(map[string]any{ // which is YAML, too
		"listen":   "127.0.0.1:0",
		"database": s.database,
		"keyFile":  filepath.Join(dir, "usher.key"),
		"outbound": map[string]any{"allow": []string{"127.0.0.1/32"}, "allow_http": true},
		"hooks":    map[string]any{"timeout": s.hookTimeout.String()},
		"password": map[string]any{"hash": s.hash, "bcryptCost": s.bcryptCost},
		"limits":   map[string]any{"signUpPerMinute": 0, "signInPerMinute": 0, "apiPerMinute": 0},
		"seed":     seed,
	})
	if err != nil {
		return nil, err
	}
	config := filepath.Join(dir, "usher.yaml")
	if err := os.WriteFile(config, text, 0o600); err != nil {
		return nil, err
	}
	p, err := b.start(ctx, "usher", b.binary, "serve", "--config", config, "--unsafe-hash")
	if err != nil {
		return nil, err
	}
	return &server{process: p, config: config, paged: true}, nil
}

// openVisits gets the page of the form n times, and keeps the cookies.
func (s *server) openVisits(ctx context.Context, n, clients int) (*window, error) {
	if !s.paged {
		return &window{}, nil
	}
	visits := make([]string, n)
	var taken atomic.Int64
	w := drive(ctx, s.url, clients, time.Minute, func(c *client) error {
		i := int(taken.Add(1)) - 1
		if i >= n {
			return errEnough
		}
		var err error
		visits[i], err = openVisit(c)
		return err
	})
	if w.failure != nil {
		return nil, fmt.Errorf("the page of the form: %w", w.failure)
	}
	if len(w.latencies) < n {
		return nil, fmt.Errorf("the page of the form: %d of %d in a minute", len(w.latencies), n)
	}
	s.visits = visits
	s.used.Store(0)
	return w, ctx.Err()
}

func openVisit(c *client) (cookie string, err error) {
	a, err := c.get("/signup")
	if err != nil {
		return "", err
	}
	if a.status != http.StatusOK || len(a.cookies) == 0 {
		return "", a.unexpected()
	}
	return a.cookies[0].Name + "=" + a.cookies[0].Value, nil
}

// register signs the next person up, in a visit of their own.
func (s *server) register(c *client) error {
	var visit string
	if s.paged {
		i := int(s.used.Add(1)) - 1
		if i >= len(s.visits) {
			return errEnough
		}
		visit = s.visits[i]
	}
	return signUp(c, visit, s.nextAddress())
}

func (s *server) nextAddress() string {
	return fmt.Sprintf("person-%d@example.com", s.people.Add(1))
}

func signUp(c *client, visit, email string) error {
	a, err := c.post("/signup", visit, signUpForm(email))
	return expectHome(a, err)
}

func signUpForm(email string) string {
	return url.Values{
		"firstName": {"Ada"}, "lastName": {"Lovelace"}, "email": {email}, "password": {personPassword},
	}.Encode()
}

func signIn(c *client, email string) error {
	a, err := c.post("/signin", "", url.Values{"username": {email}, "password": {personPassword}}.Encode())
	return expectHome(a, err)
}

// expectHome wants the redirect that follows a success, and nothing like it.
func expectHome(a *answer, err error) error {
	if err != nil {
		return err
	}
	if a.status != http.StatusSeeOther || a.location != "/" {
		return a.unexpected()
	}
	return nil
}

// unexpected shows the beginning of what a person would read.
func (a *answer) unexpected() error {
	_, text, _ := strings.Cut(string(a.body), "<main")
	if text == "" {
		text = string(a.body)
	}
	return fmt.Errorf("status %d, Location %q, %.300q", a.status, a.location, text)
}
