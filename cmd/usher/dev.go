package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/usher-id/usher/examples/registration-go/emaildomain"
	exampletrial "github.com/usher-id/usher/examples/trial"
	"github.com/usher-id/usher/internal/admin"
	"github.com/usher-id/usher/internal/apply"
	"github.com/usher-id/usher/internal/config"
	"github.com/usher-id/usher/internal/eventlog"
	"github.com/usher-id/usher/internal/id"
	"github.com/usher-id/usher/internal/server"
)

// trialRequests is the rate of the API in a trial, more than any script needs.
const trialRequests = 10_000

type devCommand struct {
	configured
	Listen   string `help:"Address to listen on; 127.0.0.1:0 takes a free port. Default: 127.0.0.1:8080, or a free port when that is taken."`
	Hook     string `help:"URL of your own hook service. Default: the Go example, run beside."`
	HookAuth string `help:"Secret header that your service expects, as in 'authorization: Basic dXNlcjpzZWNyZXQ='."`
	Data     string `help:"Folder to keep the data in. Default: a temporary one, removed at the end." type:"path"`
	Database string `help:"postgres://… or sqlite:FILE in place of a database in the data folder."`
	Apply    string `help:"YAML file to set the org up with, as usher apply takes it. Default: examples/trial/trial.yaml." placeholder:"FILE"`
	Watch    bool   `help:"Judge the last submission again, as a dry run, when the service comes back after a change, or on Enter."`
	JSON     bool   `help:"Print one JSON object when ready, for scripts; logs go to standard error." name:"json"`
}

// trial is one run of usher dev.
type trial struct {
	*devCommand
	terminal
	settings *config.Config
	dataDir  string
	hook     *target
	example  *exampleService // nil with a service of one's own
	server   *server.Server
}

// Run serves a trial until Ctrl-C. It is "usher serve" with other values of the
// configuration, and nothing else.
func (c *devCommand) Run(ctx context.Context, t terminal) (err error) {
	trial := &trial{devCommand: c, terminal: t}
	if trial.settings, err = c.load(t); err != nil {
		return err
	}
	remove, err := trial.makeDataDir()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, remove()) }()
	if err := trial.startService(ctx); err != nil {
		return err
	}
	if trial.example != nil {
		defer trial.example.stop()
	}
	return trial.serve(ctx)
}

func (t *trial) makeDataDir() (remove func() error, err error) {
	if t.Data != "" {
		t.dataDir = t.Data
		return func() error { return nil }, os.MkdirAll(t.dataDir, 0o700)
	}
	t.dataDir, err = os.MkdirTemp("", "usher-dev-")
	return func() error { return os.RemoveAll(t.dataDir) }, err
}

func (t *trial) startService(ctx context.Context) (err error) {
	if t.Hook != "" {
		t.hook, err = parseTarget("--hook", t.Hook, t.HookAuth)
		return err
	}
	if t.HookAuth != "" {
		return errors.New("--hook-auth: expected --hook with it")
	}
	if t.example, err = startExample(ctx, t.terminal); err != nil {
		return fmt.Errorf("the example hook service: %w", err)
	}
	t.hook, err = parseTarget("the example hook service", t.example.url, emaildomain.Header+":"+emaildomain.GuideSecret)
	return err
}

// configure gives the settings the values of a trial.
func (t *trial) configure() {
	s := t.settings
	// A file that serve is given names an address that is not this machine's.
	s.PublicURL, s.TLS = "", config.TLS{}
	s.KeyFile = filepath.Join(t.dataDir, "usher.key")
	s.Database = "sqlite:" + filepath.Join(t.dataDir, "usher.db")
	if t.Database != "" {
		s.Database = t.Database
	}
	if s.Listen = t.Listen; s.Listen == "" {
		s.Listen = freeAddress(usualAddress)
	}
	// Those of people and addresses are off; a script can still run into others.
	s.Limits = config.Limits{APIPerMinute: trialRequests, PreviewPerMinute: trialRequests}
	s.Outbound.Allow = append(s.Outbound.Allow, loopback()...)
	s.Outbound.AllowHosts = append(s.Outbound.AllowHosts, t.hook.address)
	s.Outbound.AllowHTTP = true
	// The hooks are those of the applied file.
	s.Seed.InlineHooks = nil
	if s.Seed.Enrollment != nil {
		s.Seed.Enrollment.InlineHook = ""
	}
}

const usualAddress = "127.0.0.1:8080"

// freeAddress is the usual one, unless somebody has it: a newcomer should not
// have to know about ports.
func freeAddress(usual string) string {
	ln, err := net.Listen("tcp", usual)
	if err != nil {
		return "127.0.0.1:0"
	}
	_ = ln.Close()
	return usual
}

func (t *trial) serve(ctx context.Context) (err error) {
	t.configure()
	log := slog.New(slog.NewTextHandler(t.err, &slog.HandlerOptions{Level: slog.LevelWarn}))
	if t.JSON {
		log = logger(t.settings.Log, t.terminal)
	}
	t.server, err = server.Open(ctx, t.settings, server.Options{Getenv: t.getenv, Log: log, UnsafeHash: true})
	if err != nil {
		return t.explainKeys(err)
	}
	ln, err := t.server.Listen(ctx)
	if err != nil {
		return errors.Join(err, t.server.Close())
	}
	serving, stop := context.WithCancel(ctx)
	defer stop()
	var failed error
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		if failed = t.begin(serving); failed != nil {
			stop()
			return
		}
		t.watch(serving)
	}()
	// The reader of records stops before the store that it reads is closed.
	err = t.server.Serve(serving, ln, func() {
		stop()
		<-stopped
	})
	if ctx.Err() != nil {
		return err // whoever is stopped has not failed
	}
	return errors.Join(failed, err)
}

// begin sets up the org of a server that is served, and says that it is ready.
func (t *trial) begin(ctx context.Context) error {
	by := admin.By{RequestID: id.Request(), Actor: eventlog.System()}
	token, _, err := t.server.Admin.CreateToken(ctx, by, admin.TokenInput{Name: "usher dev", Expires: time.Now().Add(24 * time.Hour)})
	if err != nil {
		return err
	}
	if err := t.apply(ctx, token); err != nil {
		return err
	}
	return t.greet(token)
}

// apply sets the org up through the API, as usher apply does.
func (t *trial) apply(ctx context.Context, token string) (err error) {
	name, text := "examples/trial/trial.yaml", exampletrial.File
	if t.Apply != "" {
		name = t.Apply
		if text, err = os.ReadFile(name); err != nil {
			return err
		}
	}
	of := map[string]string{"USHER_HOOK_URL": t.hook.url, "USHER_HOOK_HEADER": t.hook.header, "USHER_HOOK_SECRET": t.hook.secret}
	getenv := func(name string) string {
		if value, ok := of[name]; ok {
			return value
		}
		return t.getenv(name)
	}
	client := &apply.Client{Base: t.server.PublicURL(), Token: token, HTTP: &http.Client{Timeout: applyTimeout}}
	plan := io.Discard // the usual one is no news
	if t.Apply != "" {
		plan = t.words()
	}
	return applyFile(ctx, client, name, text, getenv, false, plan)
}

// explainKeys says what became of the keys of a database that was tried before.
func (t *trial) explainKeys(err error) error {
	var problem *config.Error
	if t.Data == "" && errors.As(err, &problem) && problem.Key == "keyFile" {
		return fmt.Errorf("%w; the keys of a trial are removed at its end, unless --data DIR keeps them", err)
	}
	return err
}

// words is where people read. Scripts read one JSON object and nothing else.
func (t *trial) words() io.Writer {
	if t.JSON {
		return t.err
	}
	return t.out
}

// greet says what runs where and what to do, in words or as JSON.
func (t *trial) greet(token string) error {
	home := t.server.PublicURL()
	use := clientsOf(home, token)
	if t.JSON {
		return json.NewEncoder(t.out).Encode(struct {
			URL        string  `json:"url"`
			AdminToken string  `json:"adminToken"`
			HookURL    string  `json:"hookUrl"`
			DataDir    string  `json:"dataDir"`
			Clients    clients `json:"clients"`
		}{home, token, t.hook.url, t.dataDir, use})
	}
	what, data := "your service", t.dataDir
	if t.example != nil {
		what = "the Go example, a process of its own"
	}
	if t.Data == "" {
		data += " (removed at the end; --data DIR keeps it)"
	}
	_, err := fmt.Fprintf(t.out, `usher is running on this machine, to try a hook service.
  sign up    %s/signup
  hook       %s  (%s)
  API        %s/api/v1  with "Authorization: SSWS %s"
  Go SDK     %s
  Node SDK   %s
  Terraform  %s
  data       %s
  allowed    hooks on loopback%s, http and any port; limits per person and address are off
%s
`, home, t.hook.url, what, home, token, use.Go, use.Node, use.Terraform, data, t.alsoAllowed(), t.advice())
	return err
}

// alsoAllowed names the host of --hook where it is not this machine.
func (t *trial) alsoAllowed() string {
	host, _, _ := net.SplitHostPort(t.hook.address)
	if ip := net.ParseIP(host); host == "localhost" || ip != nil && ip.IsLoopback() {
		return ""
	}
	return " and at " + t.hook.address
}

func (t *trial) advice() string {
	if t.example != nil {
		return `Sign up with ada@example.com: it passes. With eve@other.org: refused, in the service's words.
Your own service:  go run ./cmd/usher dev --hook http://localhost:3000/registrationHook [--hook-auth 'authorization: Basic …'] [--watch]
Each call is shown here. Ctrl-C ends.`
	}
	advice := "Sign up, and see here what was sent, what came back, and what was made of it. Ctrl-C ends."
	if t.Watch {
		advice += "\nThe last submission is judged again when the service comes back after a change, or on Enter."
	}
	return advice
}
