package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"net/http"
	"sync/atomic"
	"time"
)

// hangingName begins the addresses of people for whom the hook service never
// answers.
const hangingName = "hang-"

// serveHook is a hook service that lets everybody in: at once, after a delay, or
// never. GET /count tells how often it was asked.
func serveHook(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet(roleHook, flag.ContinueOnError)
	delay := flags.Duration("delay", 0, "wait before each answer")
	if err := flags.Parse(args); err != nil {
		return err
	}
	var asked atomic.Int64
	mux := http.NewServeMux()
	mux.HandleFunc("POST /", func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		question, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		if bytes.Contains(question, []byte(`"`+hangingName)) {
			<-r.Context().Done() // until the caller hangs up
			return
		}
		if *delay > 0 {
			select {
			case <-time.After(*delay):
			case <-r.Context().Done():
				return
			}
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"commands":[{"type":"com.okta.action.update","value":{"registration":"ALLOW"}}]}`)
	})
	mux.HandleFunc("GET /count", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, asked.Load())
	})
	return serve(ctx, roleHook, mux)
}
