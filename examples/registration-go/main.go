// Command registration-go serves package emaildomain, a registration hook, over
// HTTP until it is interrupted.
package main

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"syscall"

	"github.com/usher-id/usher/examples/registration-go/emaildomain"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Getenv, os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, getenv func(string) string, out io.Writer) error {
	flags := flag.NewFlagSet("registration-go", flag.ExitOnError)
	listen := flags.String("listen", "127.0.0.1:"+cmp.Or(getenv("PORT"), "3000"), "address to listen at")
	if err := flags.Parse(args); err != nil {
		return err
	}
	l, err := net.Listen("tcp", *listen)
	if err != nil {
		return err
	}
	return emaildomain.Serve(ctx, l, cmp.Or(getenv("HOOK_SECRET"), emaildomain.GuideSecret), out)
}
