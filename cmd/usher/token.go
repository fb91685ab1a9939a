package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/usher-id/usher/internal/admin"
	"github.com/usher-id/usher/internal/edit"
	"github.com/usher-id/usher/internal/eventlog"
	"github.com/usher-id/usher/internal/id"
	"github.com/usher-id/usher/internal/server"
)

type tokenCommand struct {
	Create tokenCreateCommand `cmd:"" help:"Make an API token and print it, this once."`
}

type tokenCreateCommand struct {
	configured
	Name    string        `help:"What the token is for." required:""`
	Expires time.Duration `help:"Life of the token, as in 720h. Default: it does not end." default:"0s"`
}

// Run prints the token alone, for scripts.
func (c *tokenCreateCommand) Run(ctx context.Context, t terminal) (err error) {
	settings, err := c.load(t)
	if err != nil {
		return err
	}
	store, err := server.OpenStore(ctx, settings, logger(settings.Log, t))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	a := &admin.Service{Editor: edit.Editor{Store: store, Now: time.Now}}
	text, _, err := a.CreateToken(ctx, admin.By{RequestID: id.Request(), Actor: eventlog.System()}, admin.TokenInput{Name: c.Name, Life: c.Expires})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(t.out, text)
	return err
}
