package main

import (
	"context"
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/usher-id/usher/internal/admin"
	"github.com/usher-id/usher/internal/directory"
	"github.com/usher-id/usher/internal/edit"
	"github.com/usher-id/usher/internal/eventlog"
	"github.com/usher-id/usher/internal/id"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/server"
)

type tokenCommand struct {
	Create tokenCreateCommand `cmd:"" help:"Make an API token and print it, this once."`
	List   tokenListCommand   `cmd:"" help:"List the API tokens, without what they are used by."`
	Revoke tokenRevokeCommand `cmd:"" help:"End an API token."`
}

// tokens works on the tokens of the database of the configuration, as usher
// itself.
func (c *configured) tokens(ctx context.Context, t terminal, work func(*admin.Service, admin.By) error) (err error) {
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
	return work(a, admin.By{RequestID: id.Request(), Actor: eventlog.System()})
}

type tokenCreateCommand struct {
	configured
	Name    string        `help:"What the token is for." required:""`
	User    string        `help:"Login of the administrator whose token it is. It ends with the user's roles." xor:"rights"`
	Role    string        `help:"Whose rights a token of nobody has: SUPER_ADMIN, ORG_ADMIN, HELP_DESK_ADMIN or READ_ONLY_ADMIN. Default: SUPER_ADMIN." xor:"rights"`
	Expires time.Duration `help:"Life of the token, as in 720h. Default: until it is not used for 30 days." default:"0s"`
}

// Run prints the token alone, for scripts.
func (c *tokenCreateCommand) Run(ctx context.Context, t terminal) error {
	if c.Expires < 0 {
		return errors.New("--expires: must not be negative")
	}
	return c.tokens(ctx, t, func(a *admin.Service, by admin.By) error {
		in := admin.TokenInput{Name: c.Name, Role: c.Role}
		if c.Expires > 0 {
			in.Expires = time.Now().Add(c.Expires)
		}
		if c.User != "" {
			people := &directory.Service{Editor: a.Editor}
			owner, err := people.User(ctx, by, c.User)
			if err != nil {
				return err
			}
			in.UserID = owner.User.ID
		}
		text, _, err := a.CreateToken(ctx, by, in)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(t.out, text)
		return err
	})
}

type tokenListCommand struct{ configured }

// Run prints a table.
func (c *tokenListCommand) Run(ctx context.Context, t terminal) error {
	return c.tokens(ctx, t, func(a *admin.Service, by admin.By) error {
		list, err := a.Tokens(ctx, by)
		if err != nil {
			return err
		}
		table := tabwriter.NewWriter(plain{t.out}, 0, 0, 2, ' ', 0)
		fmt.Fprintln(table, "ID\tNAME\tRIGHTS OF\tCREATED\tLAST USED\tENDS")
		for _, token := range list {
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n", token.ID, token.Name, rightsOf(token),
				day(token.Created), day(token.LastUsed), day(token.Ends()))
		}
		return table.Flush()
	})
}

func rightsOf(t *org.Token) string {
	if t.UserID != "" {
		return t.UserID
	}
	return t.Role
}

func day(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return t.Format(time.DateOnly)
}

type tokenRevokeCommand struct {
	configured
	ID string `arg:"" help:"Id of the token, as token list has it."`
}

// Run prints nothing.
func (c *tokenRevokeCommand) Run(ctx context.Context, t terminal) error {
	return c.tokens(ctx, t, func(a *admin.Service, by admin.By) error { return a.RevokeToken(ctx, by, c.ID) })
}
