package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/usher-id/usher/internal/config"
	"github.com/usher-id/usher/internal/server"
	"github.com/usher-id/usher/internal/sqlstore"
)

// configured is what every command needs that opens the org's database.
type configured struct {
	Config string `help:"Configuration file (YAML). USHER_… variables overlay it." type:"path" short:"c"`
}

func (c configured) load(t terminal) (*config.Config, error) {
	return config.Load(c.Config, t.getenv)
}

type serveCommand struct {
	configured
	UnsafeHash bool          `help:"Allow a password hash that is too cheap for anything but a trial."`
	NoMigrate  bool          `help:"Refuse a database that has to be migrated first (usher migrate)."`
	ReadyDelay time.Duration `help:"How long to take requests after the signal to stop, so that a load balancer notices." default:"3s"`
}

// Run serves until a signal comes, then drains.
func (c *serveCommand) Run(ctx context.Context, t terminal) error {
	settings, err := c.load(t)
	if err != nil {
		return err
	}
	log := logger(settings.Log, t)
	s, err := server.Open(ctx, settings, server.Options{
		Getenv: t.getenv, Log: log,
		UnsafeHash: c.UnsafeHash, NoMigrate: c.NoMigrate, ReadyDelay: c.ReadyDelay,
	})
	if err != nil {
		return err
	}
	ln, err := s.Listen(ctx)
	if err != nil {
		return errors.Join(err, s.Close())
	}
	log.Info("usher is ready", "url", s.PublicURL(), "listen", ln.Addr().String(), "version", version)
	return s.Serve(ctx, ln)
}

// logger writes to standard error.
func logger(l config.Log, t terminal) *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(l.Level)) // Load has checked it
	o := &slog.HandlerOptions{Level: level}
	if l.Format == "text" {
		return slog.New(slog.NewTextHandler(t.err, o))
	}
	return slog.New(slog.NewJSONHandler(t.err, o))
}

type migrateCommand struct {
	configured
}

// Run prints what it applies.
func (c *migrateCommand) Run(ctx context.Context, t terminal) error {
	settings, err := c.load(t)
	if err != nil {
		return err
	}
	applied, err := sqlstore.Migrate(ctx, sqlstore.Options{URL: settings.Database})
	for _, m := range applied {
		fmt.Fprintf(t.out, "applied %04d %s\n", m.Version, m.Name)
	}
	if err == nil && len(applied) == 0 {
		fmt.Fprintln(t.out, "nothing to apply: the database is up to date")
	}
	return err
}

type versionCommand struct{}

// Run prints the version.
func (versionCommand) Run(t terminal) error {
	_, err := fmt.Fprintln(t.out, "usher", version)
	return err
}
