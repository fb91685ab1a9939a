package web

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"strings"

	"github.com/usher-id/usher/internal/fault"
)

// Handler serves a request or returns an error, which it has not written
// anything about. As an http.Handler it draws errors by [WriteError].
type Handler func(w http.ResponseWriter, r *http.Request) error

// ServeHTTP makes a Handler an http.Handler of the API.
func (h Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) { h.serve(w, r, WriteError) }

// Drawn makes an http.Handler that draws errors in its own way.
func (h Handler) Drawn(draw ErrorWriter) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { h.serve(w, r, draw) })
}

func (h Handler) serve(w http.ResponseWriter, r *http.Request, draw ErrorWriter) {
	x := exchangeOf(r.Context())
	if x != nil {
		// Here, since whoever stands in between may have copied the request.
		x.pattern = r.Pattern
	}
	err := h(w, r)
	switch {
	case err == nil:
	case x != nil && x.answer.status != 0:
		// Too late for an error answer. What was begun must not look whole.
		Explain(r, err)
		panic(http.ErrAbortHandler)
	default:
		draw(w, r, err)
	}
}

// WriteJSON answers with a value as JSON. It writes nothing when the value
// cannot be encoded.
func WriteJSON(w http.ResponseWriter, status int, v any) error {
	var body bytes.Buffer
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return fmt.Errorf("web: answer: %w", err)
	}
	// Okta's Go clients read no body whose type is not JSON.
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(bytes.TrimSuffix(body.Bytes(), []byte("\n")))
	return nil
}

// Canonical tells whether a path is one that a mux looks up as it is. It redirects
// from others, which have empty segments or dots, to what they come to.
func Canonical(u *url.URL) bool {
	escaped := u.EscapedPath()
	clean := path.Clean("/" + escaped)
	if clean != "/" && strings.HasSuffix(escaped, "/") {
		clean += "/"
	}
	return escaped == clean
}

// API is a mux whose answers about unknown paths and wrong methods are Okta's. A
// path that is not canonical is unknown: no client of an API follows a redirect
// with its token and body.
func API(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !Canonical(r.URL) {
			explain(r, unknownPathRow(), "", nil, nil).write(w)
			return
		}
		refuse, pattern := mux.Handler(r)
		if pattern != "" {
			mux.ServeHTTP(w, r)
			return
		}
		// The mux knows whether the path is there for other methods, and says so
		// in its own answer only.
		trial := &recorder{ResponseWriter: discarded{}}
		refuse.ServeHTTP(trial, r)
		if trial.status == http.StatusMethodNotAllowed {
			w.Header().Set("Allow", trial.Header().Get("Allow"))
			WriteError(w, r, fault.New(fault.MethodNotAllowed, ""))
			return
		}
		explain(r, unknownPathRow(), "", nil, nil).write(w)
	})
}

// recorder remembers what was answered.
type recorder struct {
	http.ResponseWriter
	status int // 0 until the answer has begun
	bytes  int64
}

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 && status >= http.StatusOK { // 1xx are not the answer
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(b []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	n, err := r.ResponseWriter.Write(b)
	r.bytes += int64(n)
	return n, err
}

// Unwrap lets an http.ResponseController through.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// discarded is an answer that nobody gets.
type discarded http.Header

func (d discarded) Header() http.Header         { return http.Header(d) }
func (d discarded) Write(b []byte) (int, error) { return len(b), nil }
func (d discarded) WriteHeader(int)             {}
