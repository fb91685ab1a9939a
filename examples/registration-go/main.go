// Command registration-go serves package emaildomain, a registration hook, over
// HTTP until it is interrupted.
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/usher-id/usher/examples/registration-go/emaildomain"
)

// The secret of Okta's guide, which usher's demonstration uses too. Whoever
// serves more than a demonstration sets HOOK_SECRET.
const guideSecret = "Basic YWRtaW46c3VwZXJzZWNyZXQ="

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
	mux := http.NewServeMux()
	mux.Handle("/registrationHook", emaildomain.Handler(cmp.Or(getenv("HOOK_SECRET"), guideSecret)))
	// A caller gives up after three seconds; these only bound what strangers can hold.
	server := &http.Server{Handler: mux, ReadTimeout: 10 * time.Second, WriteTimeout: 10 * time.Second}

	drained := make(chan error, 1)
	go func() {
		<-ctx.Done()
		deadline, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		drained <- server.Shutdown(deadline)
	}()
	fmt.Fprintf(out, "listening on http://%s/registrationHook\n", l.Addr())
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-drained
}
