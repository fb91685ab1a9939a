package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

	"github.com/usher-id/usher/internal/apply"
)

type applyCommand struct {
	File   string `help:"The YAML file; - is standard input." short:"f" required:"" placeholder:"FILE"`
	URL    string `help:"Where usher is, as in https://id.example.com. Default: the variable USHER_URL." name:"url"`
	Token  string `help:"An API token. Better: the variable USHER_TOKEN, which other users of this machine do not see."`
	DryRun bool   `help:"Print the plan and do nothing."`
}

// applyTimeout is how long one call of the API may take.
const applyTimeout = 30 * time.Second

// Run plans, prints the plan, and does it.
func (c *applyCommand) Run(ctx context.Context, t terminal) error {
	if c.URL == "" {
		c.URL = t.getenv("USHER_URL")
	}
	if c.Token == "" {
		c.Token = t.getenv("USHER_TOKEN")
	}
	if c.URL == "" || c.Token == "" {
		return errors.New("expected --url or USHER_URL, and USHER_TOKEN; usher token create makes a token")
	}
	text, err := c.read(t)
	if err != nil {
		return err
	}
	client := &apply.Client{Base: c.URL, Token: c.Token, HTTP: &http.Client{Timeout: applyTimeout}}
	return applyFile(ctx, client, c.File, text, t.getenv, c.DryRun, t.out)
}

func (c *applyCommand) read(t terminal) ([]byte, error) {
	if c.File == "-" {
		return io.ReadAll(t.in)
	}
	return os.ReadFile(c.File)
}

// applyFile applies a file and tells to.
func applyFile(ctx context.Context, client *apply.Client, name string, text []byte, getenv func(string) string, dry bool, to io.Writer) error {
	file, err := apply.Parse(text, getenv)
	if err != nil {
		return fmt.Errorf("%s:\n%w", name, err)
	}
	plan, err := apply.NewPlan(ctx, client, file)
	if err != nil {
		return fmt.Errorf("%s:\n%w", name, err)
	}
	if err := plan.Print(to); err != nil {
		return err
	}
	if dry {
		return nil
	}
	if err := plan.Run(ctx); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}
