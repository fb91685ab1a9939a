package main

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/usher-id/usher/hook"
	"github.com/usher-id/usher/internal/config"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/secretbox"
	"github.com/usher-id/usher/internal/sqlstore"
	"github.com/usher-id/usher/internal/storetest"
)

// configuredTrial is a trial with its settings, which nothing was started of.
func configuredTrial(t *testing.T, c *devCommand, file string) *trial {
	t.Helper()
	if file != "" {
		c.Config = filepath.Join(t.TempDir(), "usher.yaml")
		if err := os.WriteFile(c.Config, []byte(file), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	settings, err := config.Load(c.Config, noEnv)
	if err != nil {
		t.Fatal(err)
	}
	trial := &trial{devCommand: c, settings: settings, dataDir: "data"}
	if err := trial.startService(t.Context()); err != nil {
		t.Fatal(err)
	}
	trial.configure()
	return trial
}

// A trial is a server with other values of its configuration: these.
func TestTrialConfiguration(t *testing.T) {
	t.Parallel()
	s := configuredTrial(t, &devCommand{Hook: "http://hook:3000/registrationHook", HookAuth: "x-key: hush hush", Listen: "127.0.0.1:0"}, "").settings
	places := []string{s.Database, s.KeyFile, s.Listen}
	if want := []string{"sqlite:" + filepath.Join("data", "usher.db"), filepath.Join("data", "usher.key"), "127.0.0.1:0"}; !slices.Equal(places, want) {
		t.Errorf("database, keys and address are %q", places)
	}
	if want := (config.Limits{APIPerMinute: trialRequests, PreviewPerMinute: trialRequests}); s.Limits != want {
		t.Errorf("limits %+v", s.Limits)
	}
	if want := (config.Outbound{AllowHTTP: true, Allow: []string{"127.0.0.0/8", "::1/128"}, AllowHosts: []string{"hook:3000"}}); !reflect.DeepEqual(s.Outbound, want) {
		t.Errorf("outbound %+v", s.Outbound)
	}
	if !reflect.DeepEqual(s.Seed, config.Seed{}) {
		t.Errorf("seed %+v", s.Seed)
	}
}

// A file of one's own keeps what it says of schema and form; who decides is the
// service of the trial.
func TestTrialOfAFile(t *testing.T) {
	t.Parallel()
	s := configuredTrial(t, &devCommand{Hook: "http://localhost:3000/", Listen: "127.0.0.1:0", Database: "postgres://usher@localhost/usher"}, `
database: sqlite:production.db
keyFile: production.key
limits: {signUpPerMinute: 3}
outbound: {allow: [10.0.0.0/8], allow_hosts: ["vault:80"]}
seed:
  attributes: [{name: badge}]
  inlineHooks: [{name: gate, url: "https://hooks.example.com/", authHeader: authorization, authSecret: production}]
  enrollment:
    selfServiceRegistration: false
    inlineHook: gate
    targetGroup: Customers
    attributes: [{name: email}]
`).settings
	if s.Database != "postgres://usher@localhost/usher" || s.KeyFile != filepath.Join("data", "usher.key") || s.Limits.SignUpPerMinute != 0 {
		t.Errorf("database %s, keys %s, limits %+v", s.Database, s.KeyFile, s.Limits)
	}
	if !slices.Contains(s.Outbound.Allow, "10.0.0.0/8") || !slices.Equal(s.Outbound.AllowHosts, []string{"vault:80", "localhost:3000"}) {
		t.Errorf("outbound %+v", s.Outbound)
	}
	if h := s.Seed.InlineHooks; len(h) != 0 {
		t.Errorf("hooks %+v", h)
	}
	e := s.Seed.Enrollment
	if e.InlineHook != "" || e.TargetGroup != "Customers" || len(e.Attributes) != 1 || len(s.Seed.Attributes) != 1 {
		t.Errorf("seed %+v, enrollment %+v", s.Seed, e)
	}
}

func TestFreeAddress(t *testing.T) {
	t.Parallel()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	taken := ln.Addr().String()
	if got := freeAddress(taken); got != "127.0.0.1:0" {
		t.Errorf("beside somebody who listens: %s", got)
	}
	ln.Close()
	if got := freeAddress(taken); got != taken {
		t.Errorf("where nobody listens: %s", got)
	}
}

func TestDevRefused(t *testing.T) {
	t.Parallel()
	mail := filepath.Join(t.TempDir(), "mail.yaml")
	if err := os.WriteFile(mail, []byte("seed:\n  enrollment:\n    emailVerification: true\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		args []string
		want string
	}{
		"no URL":                    {[]string{"--hook", "localhost"}, "--hook: expected a URL"},
		"no header":                 {[]string{"--hook", "http://localhost:3000/", "--hook-auth", "hush"}, "--hook-auth: expected a header"},
		"a secret for nobody":       {[]string{"--hook-auth", "x-key: hush"}, "--hook-auth: expected --hook"},
		"no address to listen on":   {[]string{"--hook", "http://localhost:3000/", "--listen", "nowhere"}, "listen: "},
		"no database":               {[]string{"--hook", "http://localhost:3000/", "--listen", "127.0.0.1:0", "--database", "mysql://x"}, "the database: "},
		"no file to apply":          {[]string{"--listen", "127.0.0.1:0", "--apply", "nothing.yaml"}, "nothing.yaml: "},
		"a file of nonsense":        {[]string{"--listen", "127.0.0.1:0", "--apply", mail}, "line 1: seed: unknown; expected userSchema"},
		"verification without mail": {[]string{"--config", mail}, "mail.yaml:3: seed.enrollment.emailVerification: expected false"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out, err := output(t, append([]string{"dev", "--json"}, tt.args...)...)
			if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "hush") {
				t.Errorf("the error is %v", err)
			}
			if out != "" {
				t.Errorf("it prints %q", out)
			}
		})
	}
}

// ready is what a script reads.
type ready struct {
	URL, AdminToken, HookURL, DataDir string
	Clients                           clients
}

func startJSON(t *testing.T, args ...string) (*command, ready) {
	t.Helper()
	c := start(t, append([]string{"dev", "--json", "--listen", "127.0.0.1:0"}, args...)...)
	var r ready
	if err := json.Unmarshal([]byte(c.out.waitFor(t, "\n", 1)), &r); err != nil {
		t.Fatal(err)
	}
	return c, r
}

func listens(address string) bool {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return false
	}
	conn.Close()
	return true
}

func hostOf(t *testing.T, rawURL string) string {
	t.Helper()
	u, err := url.Parse(rawURL)
	if err != nil {
		t.Fatal(err)
	}
	return u.Host
}

// The whole trial with the example, which is a process of its own: it decides,
// and ends with the trial. So do the data.
func TestDevWithTheExample(t *testing.T) {
	t.Parallel()
	c, r := startJSON(t)
	if status, page := signUp(t, r.URL, "eve@other.org"); status != http.StatusUnprocessableEntity || !strings.Contains(page, "Only example.com emails can register.") {
		t.Errorf("eve: %d", status)
	}
	if status, _ := signUp(t, r.URL, "ada@example.com"); status != http.StatusSeeOther {
		t.Errorf("ada: %d", status)
	}
	if want := clientsOf(r.URL, r.AdminToken); r.Clients != want || !strings.Contains(want.Go, `cfg.Host = "`+hostOf(t, r.URL)+`"`) {
		t.Errorf("clients are %+v", r.Clients)
	}
	if r.AdminToken == "" || !listens(hostOf(t, r.HookURL)) {
		t.Errorf("ready with %+v", r)
	}
	if err := c.stop(); err != nil {
		t.Fatal(err)
	}
	if listens(hostOf(t, r.HookURL)) || listens(hostOf(t, r.URL)) {
		t.Error("something listens when all has ended")
	}
	if _, err := os.Stat(r.DataDir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the data: %v", err)
	}
	if n := strings.Count(c.out.String(), "\n"); n != 1 {
		t.Errorf("a script reads %d lines", n)
	}
}

// With --data everything is there the next time, the person too.
func TestDevKeepsData(t *testing.T) {
	t.Parallel()
	s, dir := newService(t), filepath.Join(t.TempDir(), "deep", "kept")
	args := []string{"--hook", s.url, "--hook-auth", "x-key: hush hush", "--data", dir}
	for _, want := range []int{http.StatusSeeOther, http.StatusUnprocessableEntity} { // the second time she is known
		c, r := startJSON(t, args...)
		if status, page := signUp(t, r.URL, "ada@example.com"); status != want {
			t.Errorf("status %d: %s", status, page)
		}
		if r.DataDir != dir || r.HookURL != s.url {
			t.Errorf("ready with %+v", r)
		}
		if err := c.stop(); err != nil {
			t.Fatal(err)
		}
	}
	if info, err := os.Stat(filepath.Join(dir, "usher.key")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("keys: %v, %v", info, err)
	}
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("folder: %v, %v", info, err)
	}
}

// The keys of a trial go with its folder, so that a database of one's own cannot
// be used again without them.
func TestDevWithADatabaseTwice(t *testing.T) {
	t.Parallel()
	args := []string{"--hook", newService(t).url, "--database", "sqlite:" + filepath.Join(t.TempDir(), "own.db")}
	c, _ := startJSON(t, args...)
	if err := c.stop(); err != nil {
		t.Fatal(err)
	}
	_, err := output(t, append([]string{"dev", "--listen", "127.0.0.1:0"}, args...)...)
	if err == nil || !strings.Contains(err.Error(), "keyFile: ") || !strings.Contains(err.Error(), "--data DIR keeps them") {
		t.Errorf("the error is %v", err)
	}
}

// What people read: a dozen lines, then each call.
func TestDevInWords(t *testing.T) {
	t.Parallel()
	s := newService(t)
	c := start(t, "dev", "--listen", "127.0.0.1:0", "--hook", s.url, "--hook-auth", "x-key: hush hush", "--watch")
	text := c.out.waitFor(t, "or on Enter.", 1)
	for _, want := range []string{"  sign up    http://127.0.0.1:", s.url + "  (your service)", "SSWS 00", "(removed at the end; --data DIR keeps it)",
		"limits per person and address are off", "Ctrl-C ends."} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
	if n := strings.Count(text, "\n"); n > 15 {
		t.Errorf("%d lines", n)
	}
	_, rest, _ := strings.Cut(text, "sign up    ")
	home, _, _ := strings.Cut(rest, "/signup")

	press := func() {
		if _, err := c.keys.Write([]byte("\n")); err != nil {
			t.Fatal(err)
		}
	}
	press()
	c.out.waitFor(t, "Enter: there is no submission yet to judge again.", 1)

	if status, page := signUp(t, home, "ada@example.com"); status != http.StatusSeeOther {
		t.Fatalf("status %d: %s", status, page)
	}
	text = c.out.waitFor(t, "  decided   ALLOW in ", 1)
	if !strings.Contains(text, `  sent      userProfile {"firstName":"Ada","lastName":"Lovelace","login":"ada@example.com","email":"ada@example.com"}`) {
		t.Errorf("shown:\n%s", text)
	}

	// The service is changed and asked again, twice: nobody is stored by that.
	s.decide(hook.DenyField("email", "Not you."))
	for n := range 2 {
		press()
		c.out.waitFor(t, "Enter: the last submission again, as a dry run.", n+1)
		text = c.out.waitFor(t, "  shown     “Not you.” at email", n+1)
	}
	if strings.Count(text, ", dry run)") != 2 || strings.Contains(text, "could not be sent") || strings.Contains(text, "hush hush") {
		t.Errorf("shown:\n%s", text)
	}
	if status, _ := signUp(t, home, "ada@example.com"); status != http.StatusUnprocessableEntity {
		t.Error("the dry run has changed who is known")
	}
	if err := c.stop(); err != nil {
		t.Error(err)
	}
}

// A call appears when it has ended and stands where it began, before others that
// were shown meanwhile.
func TestSlowCallIsShown(t *testing.T) {
	t.Parallel()
	asked, answer := make(chan struct{}), make(chan struct{})
	service := httptest.NewServer(hook.Registration(func(_ context.Context, r *hook.RegistrationRequest) (hook.Answer, error) {
		if r.Attribute("email") == "slow@example.com" {
			close(asked)
			<-answer
		}
		return hook.Allow(), nil
	}))
	t.Cleanup(service.Close)
	c := start(t, "dev", "--listen", "127.0.0.1:0", "--hook", service.URL)
	text := c.out.waitFor(t, "Ctrl-C ends.", 1)
	_, rest, _ := strings.Cut(text, "sign up    ")
	home, _, _ := strings.Cut(rest, "/signup")

	slow := make(chan int)
	go func() {
		status, _ := signUp(t, home, "slow@example.com")
		slow <- status
	}()
	<-asked
	if status, page := signUp(t, home, "fast@example.com"); status != http.StatusSeeOther {
		t.Fatalf("status %d: %s", status, page)
	}
	c.out.waitFor(t, `"email":"fast@example.com"`, 1)
	close(answer)
	if status := <-slow; status != http.StatusSeeOther {
		t.Fatalf("status %d", status)
	}
	c.out.waitFor(t, `"email":"slow@example.com"`, 1)
	text = c.out.waitFor(t, "  decided   ", 2)
	if strings.Count(text, `"email":"fast@example.com"`) != 1 {
		t.Errorf("shown twice:\n%s", text)
	}
	if err := c.stop(); err != nil {
		t.Error(err)
	}
}

func TestAnewIsACallOfItsOwn(t *testing.T) {
	t.Parallel()
	const request = `{"eventId":"e1","eventType":"t","data":{"b":1,"a":1.50}}`
	got := string(anew(request))
	if got == request || strings.Contains(got, `"e1"`) || !strings.HasSuffix(got, `,"eventType":"t","data":{"b":1,"a":1.50}}`) {
		t.Errorf("%s became %s", request, got)
	}
	if got := string(anew("no JSON")); got != "no JSON" {
		t.Errorf("what is no JSON became %s", got)
	}
}

// A dry run that cannot even be sent is told, however many came before.
func TestJudgeAgain(t *testing.T) {
	t.Parallel()
	s, dir := newService(t), t.TempDir()
	c, r := startJSON(t, "--hook", s.url, "--hook-auth", "x-key: hush hush", "--data", dir, "--watch")
	if status, page := signUp(t, r.URL, "ada@example.com"); status != http.StatusSeeOther {
		t.Fatalf("status %d: %s", status, page)
	}
	again := func(n int) {
		t.Helper()
		if _, err := c.keys.Write([]byte("\n")); err != nil {
			t.Fatal(err)
		}
		c.err.waitFor(t, "Enter: the last submission again", n)
	}
	again(1)
	api(t, http.MethodPost, r, "/api/v1/inlineHooks/"+hookID(t, r)+"/lifecycle/deactivate")
	again(2)
	c.err.waitFor(t, "It could not be sent: ", 1)
	if err := c.stop(); err != nil {
		t.Fatal(err)
	}
	if text := c.out.String(); strings.Count(text, "\n") != 1 {
		t.Errorf("a script reads %q", text)
	}
	store := openData(t, dir)
	err := store.View(context.Background(), func(ctx context.Context, tx *org.Tx) error {
		users, err := storetest.Everybody(ctx, tx)
		if len(users) != 1 {
			t.Errorf("%d users", len(users))
		}
		list, callsErr := tx.Calls.Recent(ctx, "", true, 10)
		if len(list) != 2 || !list[0].Preview || list[1].Preview {
			t.Errorf("%d calls", len(list))
		}
		return errors.Join(err, callsErr)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func openData(t *testing.T, dir string) org.Store {
	t.Helper()
	keys, err := secretbox.Load(filepath.Join(dir, "usher.key"))
	if err != nil {
		t.Fatal(err)
	}
	store, err := sqlstore.Open(t.Context(), sqlstore.Options{URL: "sqlite:" + filepath.Join(dir, "usher.db"), Keys: keys})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	return store
}

func hookID(t *testing.T, r ready) string {
	t.Helper()
	var list []struct{ ID string }
	if err := json.Unmarshal(api(t, http.MethodGet, r, "/api/v1/inlineHooks"), &list); err != nil || len(list) != 1 {
		t.Fatalf("hooks %v, %v", list, err)
	}
	return list[0].ID
}
