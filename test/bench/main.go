package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := dispatch(ctx, os.Args[1:])
	if err != nil && ctx.Err() != nil {
		err = errors.New("interrupted") // and not what broke because of it
	}
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// dispatch is also the start of the two servers that this binary can be.
func dispatch(ctx context.Context, args []string) error {
	if len(args) > 0 {
		switch args[0] {
		case roleFloor:
			return serveFloor(ctx, args[1:])
		case roleHook:
			return serveHook(ctx, args[1:])
		}
	}
	return run(ctx, args, os.Stdout, os.Stderr)
}

// bench is one run of the command.
type bench struct {
	dir      string // temporary, on the disk that is measured
	binary   string // usher
	postgres *postgresServer
	window   time.Duration
	rounds   int
	only     *regexp.Regexp
	progress io.Writer
}

func run(ctx context.Context, args []string, out, progress io.Writer) error {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	short := flags.Bool("short", false, "windows of 1 s instead of 3 s")
	only := flags.String("only", "", "regular `expression` of the scenarios to run, as in 'sqlite/hook/c=8' or 'slow|hanging|users'")
	asJSON := flags.Bool("json", false, "print JSON instead of Markdown")
	binary := flags.String("usher", "", "`file` of the usher binary to measure; default: build it from this tree")
	if err := flags.Parse(args); err != nil {
		return err
	}
	b := &bench{window: 3 * time.Second, rounds: 3, binary: *binary, progress: progress}
	if *short {
		b.window = time.Second
	}
	var err error
	if b.only, err = regexp.Compile(*only); err != nil {
		return fmt.Errorf("-only: %w", err)
	}
	if b.dir, err = os.MkdirTemp("", "usher-bench."); err != nil {
		return err
	}
	result, err := b.all(ctx)
	err = errors.Join(err, os.RemoveAll(b.dir))
	if result == nil {
		return err
	}
	if *asJSON {
		err = errors.Join(err, json.NewEncoder(out).Encode(result))
	} else {
		result.markdown(out)
	}
	return errors.Join(err, result.broken())
}

// all runs the scenarios that were asked for.
func (b *bench) all(ctx context.Context) (*report, error) {
	if err := b.build(ctx); err != nil {
		return nil, err
	}
	r, err := b.describe()
	if err != nil {
		return nil, err
	}
	speed, overlaps, users := b.speedScenarios(), b.overlapScenarios(), b.usersScenarios()
	if b.needsPostgres(speed, users) {
		if b.postgres, err = connectPostgres(ctx, os.Getenv("USHER_TEST_POSTGRES")); err != nil {
			return nil, err
		}
		defer b.postgres.close()
	}
	for _, s := range speed {
		row, err := b.speed(ctx, s)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", s, err)
		}
		r.Speed = append(r.Speed, row)
	}
	for _, s := range overlaps {
		row, err := b.overlap(ctx, s)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", s, err)
		}
		r.Overlap = append(r.Overlap, row)
	}
	for _, s := range users {
		rows, err := b.users(ctx, s)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", s, err)
		}
		r.Users = append(r.Users, rows...)
	}
	if b.selected(hangingScenario) {
		if r.Hanging, err = b.hanging(ctx); err != nil {
			return nil, fmt.Errorf("%s: %w", hangingScenario, err)
		}
	}
	return r, nil
}

func (b *bench) selected(scenario string) bool { return b.only.MatchString(scenario) }

// announce tells on standard error what runs.
func (b *bench) announce(scenario string) {
	fmt.Fprintf(b.progress, "%s  %s\n", time.Now().Format(time.TimeOnly), scenario)
}

// build makes the binary of this tree.
func (b *bench) build(ctx context.Context) (err error) {
	if b.binary != "" {
		b.binary, err = filepath.Abs(b.binary)
		return err
	}
	b.binary = filepath.Join(b.dir, "usher")
	b.announce("building usher")
	build := command(ctx, "go", "build", "-C", "..", "-o", b.binary, "./cmd/usher")
	build.Cancel = func() error { return build.Process.Signal(os.Interrupt) } // it ends its compilers, too
	build.WaitDelay = 5 * time.Second
	output, err := build.CombinedOutput()
	if err != nil {
		return fmt.Errorf("building usher, from the folder test: %w\n%s", err, strings.TrimSpace(string(output)))
	}
	return nil
}
