// Command usher is a self-hosted identity front door: it signs people up and
// signs them in, and asks the owner's own code what to do.
//
//	usher dev                 everything on this machine, to try a hook service
//	usher serve --config F    the same server, for others
//	usher apply -f F          set the org up, through the API
//	usher migrate, token, hook check, hook example, version
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/alecthomas/kong"
)

// version is set by the linker of a release.
var version = "dev"

// cli is the command line: a field for each command.
type cli struct {
	Dev     devCommand     `cmd:"" help:"Run everything on this machine, to try a hook service."`
	Serve   serveCommand   `cmd:"" help:"Run the server."`
	Migrate migrateCommand `cmd:"" help:"Bring the database up to this version."`
	Apply   applyCommand   `cmd:"" help:"Set the org up as a file says, through the API."`
	Token   tokenCommand   `cmd:"" help:"API tokens."`
	Hook    hookCommand    `cmd:"" help:"Hook services: check one, run the example."`
	Version versionCommand `cmd:"" help:"Print the version."`
}

// terminal is where a command reads and writes.
type terminal struct {
	in       io.Reader
	out, err io.Writer
	getenv   func(string) string
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	go func() {
		<-ctx.Done()
		// A second signal ends the process at once. One that comes with the first
		// is the same one twice: a terminal or timeout(1) sends it to the process
		// and to its group.
		time.AfterFunc(time.Second, stop)
	}()
	err := run(ctx, os.Args[1:], terminal{os.Stdin, os.Stdout, os.Stderr, os.Getenv})
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "usher:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, t terminal) error {
	parser, err := kong.New(new(cli), kong.Name("usher"), kong.Description("An identity front door that asks your own code."),
		kong.UsageOnError(), kong.Writers(t.out, t.err))
	if err != nil {
		return err
	}
	command, err := parser.Parse(args)
	if err != nil {
		return err
	}
	command.BindTo(ctx, (*context.Context)(nil))
	return command.Run(t)
}
