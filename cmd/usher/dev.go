package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/usher-id/usher/examples/registration-go/emaildomain"
	"github.com/usher-id/usher/internal/admin"
	"github.com/usher-id/usher/internal/config"
	"github.com/usher-id/usher/internal/eventlog"
	"github.com/usher-id/usher/internal/id"
	"github.com/usher-id/usher/internal/server"
)

// trialRequests is the rate of the API in a trial, more than any script needs.
const trialRequests = 10_000

// devHook is the name of the hook in a trial.
const devHook = "Registration hook of usher dev"

type devCommand struct {
	configured
	Listen   string `help:"Address to listen on; 127.0.0.1:0 takes a free port. Default: 127.0.0.1:8080, or a free port when that is taken."`
	Hook     string `help:"URL of your own hook service. Default: the Go example, run beside."`
	HookAuth string `help:"Secret header that your service expects, as in 'authorization: Basic dXNlcjpzZWNyZXQ='."`
	Data     string `help:"Folder to keep the data in. Default: a temporary one, removed at the end." type:"path"`
	Database string `help:"postgres://… or sqlite:FILE in place of a database in the data folder."`
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
	s.Seed.InlineHooks = []config.InlineHook{{Name: devHook, URL: t.hook.url, AuthHeader: t.hook.header, AuthSecret: t.hook.secret}}
	if s.Seed.Enrollment == nil {
		s.Seed.Enrollment = &config.Enrollment{}
	}
	s.Seed.Enrollment.SelfServiceRegistration = true
	s.Seed.Enrollment.InlineHook = devHook
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
	if err := t.greet(ctx); err != nil {
		return errors.Join(err, ln.Close(), t.server.Close())
	}
	watching, stopWatching := context.WithCancel(ctx)
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		t.watch(watching)
	}()
	// The reader of records stops before the store that it reads is closed.
	return t.server.Serve(ctx, ln, func() {
		stopWatching()
		<-stopped
	})
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
func (t *trial) greet(ctx context.Context) error {
	token, _, err := t.server.Admin.CreateToken(ctx, admin.By{RequestID: id.Request(), Actor: eventlog.System()}, admin.TokenInput{Name: "usher dev", Life: 24 * time.Hour})
	if err != nil {
		return err
	}
	if t.JSON {
		return json.NewEncoder(t.out).Encode(struct {
			URL        string `json:"url"`
			AdminToken string `json:"adminToken"`
			HookURL    string `json:"hookUrl"`
			DataDir    string `json:"dataDir"`
		}{t.server.PublicURL(), token, t.hook.url, t.dataDir})
	}
	what, data := "your service", t.dataDir
	if t.example != nil {
		what = "the Go example, a process of its own"
	}
	if t.Data == "" {
		data += " (removed at the end; --data DIR keeps it)"
	}
	home := t.server.PublicURL()
	_, err = fmt.Fprintf(t.out, `usher is running on this machine, to try a hook service.
  sign up    %s/signup
  hook       %s  (%s)
  API        %s/api/v1  with "Authorization: SSWS %s"
  data       %s
  allowed    hooks on loopback%s, http and any port; limits per person and address are off
%s
`, home, t.hook.url, what, home, token, data, t.alsoAllowed(), t.advice())
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
