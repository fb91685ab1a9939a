package server

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/usher-id/usher/internal/config"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// trial allows hooks on this machine, and a hash that costs next to nothing.
const trial = `
password: {hash: bcrypt, bcryptCost: 4}
outbound: {allow: [127.0.0.0/8], allow_http: true}
`

// load reads a configuration file. The database and the keys of it, which it
// names itself or gets, lie beside it.
func load(t testing.TB, text string) *config.Config {
	t.Helper()
	dir := t.TempDir()
	for key, value := range map[string]string{
		"listen": "127.0.0.1:0", "database": "sqlite:" + filepath.Join(dir, "usher.db"), "keyFile": filepath.Join(dir, "usher.key"),
	} {
		if !strings.Contains(text, "\n"+key+":") {
			text += "\n" + key + ": " + value // behind, so that lines keep their numbers
		}
	}
	file := filepath.Join(dir, "usher.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := config.Load(file, noEnv)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func noEnv(string) string { return "" }

func options() Options {
	return Options{Getenv: noEnv, Log: slog.New(slog.DiscardHandler), UnsafeHash: true}
}

// open opens a server that the test closes, or serves.
func open(t testing.TB, c *config.Config) *Server {
	t.Helper()
	s, err := Open(t.Context(), c, options())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// running is a server that answers on loopback.
type running struct {
	*Server
	t    testing.TB
	stop func() error // ends it and gives what Serve gave
}

// serve serves until stop, or until the test is over.
func serve(t testing.TB, s *Server, ln net.Listener) *running {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx, ln) }()
	r := &running{Server: s, t: t}
	var result error
	ended := false
	r.stop = func() error {
		cancel()
		if !ended {
			result, ended = <-done, true
		}
		return result
	}
	t.Cleanup(func() {
		if err := r.stop(); err != nil {
			t.Error(err)
		}
	})
	return r
}

// start opens, listens and serves.
func start(t testing.TB, text string) *running {
	t.Helper()
	s := open(t, load(t, text))
	ln, err := s.Listen(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return serve(t, s, ln)
}

// client keeps cookies, and follows no redirect by itself.
func client(t testing.TB, transport *http.Transport) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{
		Jar: jar, Transport: transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// answer is a response that was read.
type answer struct {
	*http.Response
	body string
}

func do(t testing.TB, c *http.Client, r *http.Request) answer {
	t.Helper()
	a, err := try(c, r)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// try is do for goroutines, which may not end a test.
func try(c *http.Client, r *http.Request) (answer, error) {
	response, err := c.Do(r)
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return answer{response, string(body)}, err
}

func get(t testing.TB, address string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// post is a form that a page of the same site sends.
func post(t testing.TB, address string, form url.Values) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return r
}

// ada is a sign-up that the default form takes.
func ada() url.Values {
	return url.Values{"firstName": {"Ada"}, "lastName": {"Lovelace"}, "email": {"ada@example.com"}, "password": {"correct horse 4107"}}
}

// signUpBy is a configuration by which people sign up, and a hook decides.
func signUpBy(hookURL string) string {
	return fmt.Sprintf(`%s
seed:
  inlineHooks:
    - {name: gate, url: %q}
  enrollment: {selfServiceRegistration: true, inlineHook: gate}
`, trial, hookURL)
}

// view reads from the store.
func view[T any](t testing.TB, store org.Store, read func(context.Context, *org.Tx) (T, error)) (out T) {
	t.Helper()
	err := store.View(context.Background(), func(ctx context.Context, tx *org.Tx) (err error) {
		out, err = read(ctx, tx)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func calls(t testing.TB, store org.Store) []*org.HookCall {
	t.Helper()
	return view(t, store, func(ctx context.Context, tx *org.Tx) ([]*org.HookCall, error) {
		return tx.Calls.Recent(ctx, "", true, 100)
	})
}

func users(t testing.TB, store org.Store) []*org.User {
	t.Helper()
	return view(t, store, storetest.Everybody)
}

func events(t testing.TB, store org.Store) []org.Event {
	t.Helper()
	return view(t, store, func(ctx context.Context, tx *org.Tx) (list []org.Event, err error) {
		err = tx.Events.Scan(ctx, org.EventRange{}, func(e org.Event) bool {
			list = append(list, e)
			return true
		})
		return list, err
	})
}
