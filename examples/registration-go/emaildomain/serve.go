package emaildomain

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

// What the service is set up with in Okta's guide, which usher's demonstration
// uses too. Whoever serves more than a demonstration has a secret of their own.
const (
	Path        = "/registrationHook"
	Header      = "authorization"
	GuideSecret = "Basic YWRtaW46c3VwZXJzZWNyZXQ="
)

// Serve runs the service on a listener, says on out where it is, and when the
// context ends lets the requests that are under way come to their end.
func Serve(ctx context.Context, l net.Listener, secret string, out io.Writer) error {
	mux := http.NewServeMux()
	mux.Handle(Path, Handler(secret))
	// A caller gives up after three seconds; these only bound what strangers can hold.
	server := &http.Server{Handler: mux, ReadTimeout: 10 * time.Second, WriteTimeout: 10 * time.Second}

	drained := make(chan error, 1)
	go func() {
		<-ctx.Done()
		deadline, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		drained <- server.Shutdown(deadline)
	}()
	fmt.Fprintf(out, "listening on http://%s%s\n", l.Addr(), Path)
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-drained
}
