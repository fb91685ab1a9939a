package run

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Options are how usher is started.
type Options struct {
	// Database is a URL as [NewDatabase] gives; a new SQLite file when empty.
	Database string
	// Hook is the URL of the hook service. When empty, Dev brings the example
	// along and Serve has no hook.
	Hook string
	// Config is a configuration file (YAML) whose $DATABASE, $KEY and $HOOK are
	// replaced. Dev needs none.
	Config string
	// Args are further flags.
	Args []string
}

// Server is an usher that answers.
type Server struct {
	*Process
	// URL is where people and clients reach it, without a slash at the end.
	URL string
	// Token is an SSWS token of an administrator.
	Token string
	// HookURL is that of the service which decides; "" where there is none.
	HookURL string
	// Database is the URL of its database.
	Database string
}

// Dev starts `usher dev --json`.
func Dev(t testing.TB, o Options) *Server {
	t.Helper()
	args := []string{"dev", "--json", "--listen", "127.0.0.1:0", "--data", t.TempDir()}
	if o.Hook != "" {
		args = append(args, "--hook", o.Hook)
	}
	if o.Database != "" {
		args = append(args, "--database", o.Database)
	}
	if o.Config != "" {
		args = append(args, "--config", o.write(t))
	}
	s := &Server{Process: Start(t, exec.Command(Binary(t), append(args, o.Args...)...))}
	var ready struct{ URL, AdminToken, HookURL, DataDir string }
	line := s.Line(t)
	if err := json.Unmarshal([]byte(line), &ready); err != nil {
		t.Fatalf("usher dev --json prints %q: %v", line, err)
	}
	s.URL, s.Token, s.HookURL, s.Database = ready.URL, ready.AdminToken, ready.HookURL, o.Database
	if s.Database == "" {
		s.Database = "sqlite:" + filepath.Join(ready.DataDir, "usher.db")
	}
	return s
}

// Serve starts `usher serve` with a configuration file, and makes a token with
// `usher token create`.
func Serve(t testing.TB, o Options) *Server {
	t.Helper()
	if o.Database == "" {
		o.Database = NewDatabase(t, SQLite)
	}
	file := o.write(t)
	args := append([]string{"serve", "--config", file, "--unsafe-hash", "--ready-delay", "0s"}, o.Args...)
	s := &Server{Process: Start(t, exec.Command(Binary(t), args...)), HookURL: o.Hook, Database: o.Database}
	Eventually(t, "usher serve is ready", func() bool {
		select {
		case <-s.exited:
			t.Fatalf("usher serve ends with code %d\n%s", s.Ended(t), s.Log())
		default:
		}
		s.URL = readyURL(s.Log())
		return s.URL != ""
	})
	stdout, stderr, code := Output(t, exec.Command(Binary(t), "token", "create", "--name", "test", "--config", file))
	if code != 0 {
		t.Fatalf("usher token create ends with code %d: %s", code, stderr)
	}
	s.Token = strings.TrimSpace(stdout)
	return s
}

// readyURL finds the line in the log of a server that listens.
func readyURL(log string) string {
	for line := range strings.Lines(log) {
		var entry struct{ Msg, URL string }
		if json.Unmarshal([]byte(line), &entry) == nil && entry.Msg == "usher is ready" {
			return entry.URL
		}
	}
	return ""
}

// Events counts what the System Log tells, by type.
func (s *Server) Events(t testing.TB) map[string]int {
	t.Helper()
	counts := map[string]int{}
	const limit = 1000
	path := fmt.Sprintf("/api/v1/logs?limit=%d&since=%s", limit, time.Now().UTC().AddDate(0, 0, -1).Format(time.RFC3339))
	r, err := NewAPI(t, s.URL, s.Token).Do(t.Context(), http.MethodGet, path, "")
	if err != nil {
		t.Fatal(err)
	}
	var list []struct{ EventType string }
	if err := json.Unmarshal([]byte(r.Body), &list); err != nil {
		t.Fatalf("the System Log: status %d: %v\n%s", r.Status, err, r.Body)
	}
	if len(list) >= limit {
		t.Fatalf("the System Log has %d events: there may be more", len(list))
	}
	for _, e := range list {
		counts[e.EventType]++
	}
	return counts
}

// write makes the configuration file.
func (o Options) write(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	text := strings.NewReplacer("$DATABASE", o.Database, "$KEY", filepath.Join(dir, "usher.key"), "$HOOK", o.Hook).Replace(o.Config)
	file := filepath.Join(dir, "usher.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// Listens tells whether something takes connections at the address of a URL.
func Listens(t testing.TB, rawURL string) bool {
	t.Helper()
	u, err := url.Parse(rawURL)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.DialTimeout("tcp", u.Host, 2*time.Second)
	if err != nil {
		return false
	}
	_ = conn.Close()
	return true
}
