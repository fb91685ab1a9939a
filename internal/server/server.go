package server

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/usher-id/usher/internal/admin"
	"github.com/usher-id/usher/internal/app"
	"github.com/usher-id/usher/internal/config"
	"github.com/usher-id/usher/internal/directory"
	"github.com/usher-id/usher/internal/edit"
	"github.com/usher-id/usher/internal/enroll"
	"github.com/usher-id/usher/internal/extension"
	"github.com/usher-id/usher/internal/hookcall"
	"github.com/usher-id/usher/internal/interaction"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/password"
	"github.com/usher-id/usher/internal/safedial"
	"github.com/usher-id/usher/internal/signin"
	"github.com/usher-id/usher/internal/sqlstore"
)

// Limits of connections: a client that sends or reads slowly must not hold one
// for ever, and an answer may have to wait for two tries of a hook.
const (
	readHeaderTimeout = 5 * time.Second
	readTimeout       = 15 * time.Second
	writeTimeout      = readTimeout + handlerLimit // it counts from the header on
	idleTimeout       = 60 * time.Second
	handlerLimit      = 20 * time.Second
	submitLimit       = handlerLimit - time.Second/2 // leaves time to draw the form again
	maxHeaderBytes    = 16 << 10
	drainLimit        = 25 * time.Second
	hashWait          = 2 * time.Second
)

// Options are what is not a setting.
type Options struct {
	Getenv func(string) string
	Log    *slog.Logger
	// UnsafeHash allows a hash that is too cheap for anything but a trial.
	UnsafeHash bool
	// NoMigrate refuses a database that has to be migrated first.
	NoMigrate bool
	// ReadyDelay is how long a server that stops still takes requests, so that a
	// load balancer sees that it is not ready any more.
	ReadyDelay time.Duration
}

// Server is one process, open but not yet listening.
type Server struct {
	// Admin and Store are for the commands that work beside the pages.
	Admin *admin.Service
	Store org.Store

	config    *config.Config
	options   Options
	orgID     string
	policy    *safedial.Policy
	dialer    *safedial.Dialer
	caller    *hookcall.Caller
	directory *directory.Service
	apps      *app.Service
	enroll    *enroll.Service
	signin    *signin.Service
	visits    *interaction.Service
	ready     atomic.Bool
}

// Open makes the parts: it opens and migrates the database and sets the org up.
func Open(ctx context.Context, c *config.Config, o Options) (*Server, error) {
	muteStandardLogger(o.Log)
	limitMemory(o.Getenv)
	s := &Server{config: c, options: o}
	if err := s.openStore(ctx); err != nil {
		return nil, err
	}
	if err := s.assemble(ctx); err != nil {
		return nil, errors.Join(wrongKeys(c, err), s.Close())
	}
	return s, nil
}

// Close closes the database. It is for a server that is not served.
func (s *Server) Close() error {
	if s.caller != nil {
		s.caller.Close()
	}
	return s.Store.Close()
}

func (s *Server) openStore(ctx context.Context) (err error) {
	if !s.options.NoMigrate {
		o := sqlstore.Options{URL: s.config.Database, Log: s.options.Log}
		if _, err := sqlstore.Migrate(ctx, o); err != nil {
			return fmt.Errorf("the database: %w", err)
		}
	}
	s.Store, err = OpenStore(ctx, s.config, s.options.Log)
	return err
}

// OpenStore opens the database of a configuration, which must be migrated.
func OpenStore(ctx context.Context, c *config.Config, log *slog.Logger) (org.Store, error) {
	keys, err := keyring(ctx, c)
	if err != nil {
		return nil, err
	}
	store, err := sqlstore.Open(ctx, sqlstore.Options{URL: c.Database, Keys: keys, Log: log})
	if err != nil {
		return nil, fmt.Errorf("the database: %w", err)
	}
	return store, nil
}

// assemble makes everything above the store.
func (s *Server) assemble(ctx context.Context) error {
	c := s.config
	var err error
	if s.policy, err = outboundPolicy(c); err != nil {
		return err
	}
	roots, err := certificates(c)
	if err != nil {
		return err
	}
	params := password.DefaultParams()
	params.Algorithm = password.Algorithm(c.Password.Hash)
	params.BcryptCost = c.Password.BcryptCost
	if err := params.Validate(s.options.UnsafeHash); err != nil {
		return c.At("password", err.Error())
	}
	hasher, err := password.NewHasher(params, 0)
	if err != nil {
		return err
	}
	s.dialer = &safedial.Dialer{Policy: s.policy}
	s.caller = hookcall.New(hookcall.Options{Dial: s.dialer.DialContext, CheckURL: s.policy.ParseURL, RootCAs: roots})
	runner := extension.NewRunner(s.caller)
	runner.Timeout = c.Hooks.Timeout

	s.Admin = &admin.Service{Editor: edit.Editor{Store: s.Store, Now: time.Now}, URLs: s.policy, Sender: runner, Caller: s.caller, OrgName: c.Org.Name}
	s.directory = &directory.Service{Editor: edit.Editor{Store: s.Store, Now: time.Now}, Hasher: hasher}
	s.enroll = &enroll.Service{Store: s.Store, Hooks: runner, Hasher: hasher, Now: time.Now}
	s.signin = &signin.Service{Store: s.Store, Hasher: hasher, Now: time.Now}
	s.visits = &interaction.Service{
		Store: s.Store, Enroll: s.enroll, SignIn: s.signin, Now: time.Now, Log: s.options.Log,
		AttemptLimit: 2*c.Hooks.Timeout + hashWait + time.Second, SubmitLimit: submitLimit,
	}
	if s.orgID, err = newSeeder(s.Admin, c, s.options.Getenv).run(ctx); err != nil {
		return err
	}
	s.apps = &app.Service{Editor: edit.Editor{Store: s.Store, Now: time.Now}, OrgID: s.orgID}
	return nil
}

// Listen opens the address of the configuration, and makes its URL the public
// one where none was given.
func (s *Server) Listen(ctx context.Context) (net.Listener, error) {
	ln, err := new(net.ListenConfig).Listen(ctx, "tcp", s.config.Listen)
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	scheme := "http://"
	if s.config.TLS.CertFile != "" {
		scheme = "https://"
		pair, err := tls.LoadX509KeyPair(s.config.TLS.CertFile, s.config.TLS.KeyFile)
		if err != nil {
			return nil, errors.Join(s.config.At("tls", err.Error()), ln.Close())
		}
		ln = tls.NewListener(ln, &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"}})
	}
	if s.config.PublicURL == "" {
		s.config.PublicURL = scheme + reachable(ln.Addr())
	}
	s.refuseSelf(ln.Addr())
	return ln, nil
}

// reachable is where this machine reaches a listener. One on every address is
// localhost, since nobody can type [::] into a browser.
func reachable(a net.Addr) string {
	listen, err := netip.ParseAddrPort(a.String())
	if err != nil || !listen.Addr().IsUnspecified() {
		return a.String()
	}
	return net.JoinHostPort("localhost", strconv.Itoa(int(listen.Port())))
}

// refuseSelf keeps hooks from calling usher itself.
func (s *Server) refuseSelf(a net.Addr) {
	listen, err := netip.ParseAddrPort(a.String())
	if err != nil {
		return
	}
	local, err := safedial.LocalAddrs()
	if err != nil {
		s.options.Log.Warn("the addresses of this machine are unknown; a hook may call usher itself", "err", err)
	}
	s.policy.SetSelf([]netip.AddrPort{listen}, local)
}

// PublicURL is where people reach the server. It is known after Listen.
func (s *Server) PublicURL() string { return s.config.PublicURL }

// Serve answers until the context ends, then lets what is under way come to its
// end, calls what else has to stop, and closes the database.
func (s *Server) Serve(ctx context.Context, ln net.Listener, stop ...func()) error {
	handler, err := s.routes()
	if err != nil {
		return errors.Join(err, ln.Close(), s.Close())
	}
	h := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: readHeaderTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          slog.NewLogLogger(s.options.Log.Handler(), slog.LevelDebug),
	}
	sweep := startSweeper(s.Store, s.config.Retention, s.options.Log)
	served := make(chan error, 1)
	go func() { served <- h.Serve(ln) }()
	s.ready.Store(true)

	select {
	case err = <-served: // the listener failed
		s.ready.Store(false)
	case <-ctx.Done():
		s.ready.Store(false)
		<-time.After(s.options.ReadyDelay)
	}
	err = errors.Join(err, drain(h))
	sweep.stop()
	for _, f := range stop {
		f()
	}
	return errors.Join(err, s.Close())
}

// drain takes no more requests and lets those that are under way come to their
// end. Whoever is not ready by then is cut off before the database is closed.
func drain(h *http.Server) error {
	ctx, cancel := context.WithTimeout(context.Background(), drainLimit)
	defer cancel()
	if err := h.Shutdown(ctx); err != nil {
		return errors.Join(fmt.Errorf("requests were cut off: %w", err), h.Close())
	}
	return nil
}

// Ready tells whether the server takes requests.
func (s *Server) Ready(ctx context.Context) error {
	if !s.ready.Load() {
		return errors.New("stopping")
	}
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	return s.Store.Ping(ctx)
}

// Reachable tells whether something listens at an address that hooks may have.
func (s *Server) Reachable(ctx context.Context, address string, limit time.Duration) bool {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	conn, err := s.dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return false
	}
	_ = conn.Close()
	return true
}
