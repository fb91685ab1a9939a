package hook

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"runtime/debug"
)

// DefaultMaxRequest is the size of a request body, in bytes, above which a
// handler refuses. Requests of registration hooks have a few kilobytes.
const DefaultMaxRequest = 1 << 20

// Option changes how a handler works.
type Option func(*options)

type options struct {
	header, secret string
	maxRequest     int64
	log            *slog.Logger
}

// Secret makes a handler ask for a header with that exact value: the
// authentication field and secret that were given when the hook was set up.
// Without this option everybody who reaches the service can use it. It panics
// when either is empty, since a secret that a missing setting left empty would
// let in everybody too, and silently.
func Secret(header, value string) Option {
	if header == "" || value == "" {
		panic("hook: Secret needs the name of a header and its value")
	}
	return func(o *options) { o.header, o.secret = header, value }
}

// MaxRequest changes the size of a request body that is read, in bytes.
func MaxRequest(bytes int64) Option {
	return func(o *options) { o.maxRequest = bytes }
}

// Log makes a handler write what it refuses and why it failed to a log. No part
// of a request but its event id and type is written, and of a panic the place
// alone, since its value may hold a profile; an error of the decision is written
// as it is. Without this option nothing is.
func Log(log *slog.Logger) Option {
	return func(o *options) { o.log = log }
}

// Registration makes an HTTP handler of one function that decides about a
// registration or a profile update. Problems in the data belong into the
// answer, as Okta asks: HTTP error codes are for requests that could not be
// judged at all, and the server then refuses with words of its own. So an error
// of decide and a panic become status 500 without any detail, a request without
// the secret 401, one that is not POST 405, one that is too large 413, and one
// that cannot be read or is of another hook 400.
func Registration(decide func(context.Context, *RegistrationRequest) (Answer, error), opts ...Option) http.Handler {
	o := options{maxRequest: DefaultMaxRequest, log: slog.New(slog.DiscardHandler)}
	for _, opt := range opts {
		opt(&o)
	}
	return &registrationHandler{o, decide}
}

type registrationHandler struct {
	options
	decide func(context.Context, *RegistrationRequest) (Answer, error)
}

func (h *registrationHandler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	defer func() {
		// A panic must not print its value, which may hold a profile, through
		// net/http's logger, nor drop the connection, which the server would
		// try again.
		if v := recover(); v != nil {
			if v == http.ErrAbortHandler { //nolint:errorlint // net/http is silent about this very value alone
				panic(v)
			}
			h.log.Error("hook: the decision panicked", "type", fmt.Sprintf("%T", v), "stack", string(debug.Stack()))
			h.refuse(w, http.StatusInternalServerError)
		}
	}()
	if !h.knows(r) {
		h.refuse(w, http.StatusUnauthorized)
		return
	}
	req, status := h.read(w, r)
	if req == nil {
		h.refuse(w, status)
		return
	}
	answer, err := h.decide(r.Context(), req)
	if err != nil {
		h.log.Error("hook: no decision", "err", err, "eventId", req.EventID)
		h.refuse(w, http.StatusInternalServerError)
		return
	}
	body, err := Encode(answer.Response(req.RequestType))
	if err != nil {
		h.log.Error("hook: the answer cannot be encoded", "err", err, "eventId", req.EventID)
		h.refuse(w, http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(body) // a caller that has gone is told nothing
}

func (h *registrationHandler) read(w http.ResponseWriter, r *http.Request) (*RegistrationRequest, int) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		return nil, http.StatusMethodNotAllowed
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, h.maxRequest))
	if err != nil {
		h.log.Warn("hook: the request could not be read", "err", err)
		if errors.As(err, new(*http.MaxBytesError)) {
			return nil, http.StatusRequestEntityTooLarge
		}
		return nil, http.StatusBadRequest
	}
	if _, err := Parse(body, DefaultLimits); err != nil {
		h.log.Warn("hook: the request is not JSON", "err", err)
		return nil, http.StatusBadRequest
	}
	req := new(RegistrationRequest)
	if err := json.Unmarshal(body, req); err != nil {
		h.log.Warn("hook: the request does not have the shape of a registration hook's")
		return nil, http.StatusBadRequest
	}
	if req.EventType != TypeRegistration {
		h.log.Warn("hook: a request of another hook type", "eventType", req.EventType)
		return nil, http.StatusBadRequest
	}
	return req, http.StatusOK
}

// knows tells whether a request has the secret, if there is one.
func (o *options) knows(r *http.Request) bool {
	if o.header == "" || SecretEqual(r.Header.Get(o.header), o.secret) {
		return true
	}
	o.log.Warn("hook: a request without the right secret", "header", o.header)
	return false
}

func (o *options) refuse(w http.ResponseWriter, status int) {
	http.Error(w, http.StatusText(status), status)
}

// SecretEqual compares a secret in a time that does not depend on where the two
// differ, nor on how long the right one is.
func SecretEqual(got, want string) bool {
	g, w := sha256.Sum256([]byte(got)), sha256.Sum256([]byte(want))
	return subtle.ConstantTimeCompare(g[:], w[:]) == 1
}
