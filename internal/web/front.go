package web

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/usher-id/usher/internal/id"
)

// Front is the outermost handler. It gives each request an id, finds the
// client's address, writes one log line, and outlives panics.
type Front struct {
	Next http.Handler
	Log  *slog.Logger
	// Proxies are believed about the client's address.
	Proxies Proxies
	// Draw draws the answer of a request that panicked; WriteError when nil.
	Draw ErrorWriter
}

func (f *Front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	started := time.Now()
	answer := &recorder{ResponseWriter: w}
	x := &exchange{
		info:   Info{ID: id.Request(), IP: f.Proxies.Client(r), UserAgent: printable(r.UserAgent())},
		answer: answer,
	}
	w.Header().Set("X-Okta-Request-Id", x.info.ID)
	r = r.WithContext(context.WithValue(r.Context(), exchangeKey{}, x))
	defer func() {
		abort := f.rescue(recover(), answer, r)
		if x.pattern == "" {
			x.pattern = r.Pattern
		}
		f.log(r, x, time.Since(started))
		if abort {
			panic(http.ErrAbortHandler) // net/http drops the connection, silently
		}
	}()
	f.Next.ServeHTTP(answer, r)
}

// rescue answers for a handler that panicked. It tells whether the connection
// has to be dropped, since an answer that had begun cannot be finished.
func (f *Front) rescue(value any, answer *recorder, r *http.Request) (abort bool) {
	if value == nil {
		return false
	}
	if value == http.ErrAbortHandler { //nolint:errorlint // it is this very value, by contract of net/http
		return true
	}
	err := &panicError{value: value, stack: debug.Stack()}
	Note(r.Context(), slog.String("stack", string(err.stack)))
	if answer.status != 0 {
		Explain(r, err)
		return true
	}
	draw := f.Draw
	if draw == nil {
		draw = WriteError
	}
	draw(answer, r, err)
	return false
}

// panicError is a panic as an error. Its value may hold anything, a profile too,
// so that only those of the runtime are worded.
type panicError struct {
	value any
	stack []byte
}

func (e *panicError) Error() string {
	if err, ok := e.value.(runtime.Error); ok {
		return "panic: " + err.Error()
	}
	return fmt.Sprintf("panic: a %T", e.value)
}

// maxMethod is longer than every method that is registered.
const maxMethod = 20

func (f *Front) log(r *http.Request, x *exchange, took time.Duration) {
	status := x.answer.status
	if status == 0 {
		status = http.StatusOK // what net/http makes of no answer
	}
	level := slog.LevelInfo
	switch {
	case status == http.StatusInternalServerError:
		level = slog.LevelError
	case status > http.StatusInternalServerError:
		level = slog.LevelWarn
	}
	facts := append([]slog.Attr{
		slog.String("method", r.Method[:min(len(r.Method), maxMethod)]),
		slog.String("route", x.pattern), // never the path or query, which may hold a secret
		slog.Int("status", status),
		slog.Float64("ms", float64(took.Microseconds())/1000),
		slog.Int64("bytes", x.answer.bytes),
		slog.String("requestId", x.info.ID),
		slog.String("ip", x.info.IP),
	}, x.notes...)
	f.Log.LogAttrs(r.Context(), level, "request", facts...)
}
