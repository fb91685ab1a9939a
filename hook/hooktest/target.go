package hooktest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/usher-id/usher/hook"
)

// Exchange is the answer of a service as it came.
type Exchange struct {
	Status   int
	Header   http.Header
	Body     []byte        // at most hook.MaxAnswer bytes, the first size that is too large
	Duration time.Duration // until the last byte of the body
}

// Send posts a request as usher does, with the header fields given, which go out
// in the case in which they are written in the map. It does not follow a
// redirect and does not try again. The client decides about time, TLS and what
// may be dialled.
func Send(ctx context.Context, client *http.Client, url string, header http.Header, r Request) (*Exchange, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(r.Body))
	if err != nil {
		return nil, err
	}
	req.Header = http.Header{
		"Accept":       {"application/json"},
		"Content-Type": {"application/json"},
		// Services in the wild look for this very value.
		"User-Agent": {"Okta-Integrations"},
	}
	for name, values := range header {
		req.Header[name] = values
	}
	once := *client
	once.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

	start := time.Now()
	res, err := once.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, hook.MaxAnswer))
	if err != nil {
		return nil, fmt.Errorf("reading the answer: %w", err)
	}
	return &Exchange{res.StatusCode, res.Header, body, time.Since(start)}, nil
}

// Target is a hook service under test: make one with [Handler] or [URL].
type Target struct {
	client *http.Client
	url    string
	header http.Header
}

// Handler is a service in this process. Requests have the path
// /registrationHook.
func Handler(h http.Handler) Target {
	return Target{client: &http.Client{Transport: inProcess{h}}, url: "http://localhost/registrationHook"}
}

// URL is a service that listens somewhere, written in whatever language.
func URL(client *http.Client, url string) Target {
	return Target{client: client, url: url}
}

// With is the target with one more header field in each request: the
// authentication field and its secret, one that steers the service, or, for a
// service that OAuth protects, Authorization with "Bearer " and a token.
func (t Target) With(name, value string) Target {
	t.header = t.header.Clone()
	if t.header == nil {
		t.header = http.Header{}
	}
	t.header[name] = []string{value}
	return t
}

// Send posts a request and gives the answer as it came.
func (t Target) Send(ctx context.Context, r Request) (*Exchange, error) {
	return Send(ctx, t.client, t.url, t.header, r)
}

// TB is the part of testing.TB that assertions need.
type TB interface {
	Helper()
	Context() context.Context
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// Register lets a person sign up. A login that is not given is the e-mail
// address, as usher has it.
func (t Target) Register(tb TB, p Person) *Result {
	tb.Helper()
	form := Person{"login": p["email"]}
	for name, value := range p {
		form[name] = value
	}
	return t.Ask(tb, signUp("register", "", form.profile()))
}

// Update lets an existing user, Rosario Jones of example.com, change attributes
// in progressive enrollment.
func (t Target) Update(tb TB, changes Person) *Result {
	tb.Helper()
	return t.Ask(tb, update("update", "", changes.profile()))
}

// Ask sends any request. The test ends here when there is no answer or none that
// usher could use.
func (t Target) Ask(tb TB, r Request) *Result {
	tb.Helper()
	e, err := t.Send(tb.Context(), r)
	if err != nil {
		tb.Fatalf("%s: there is no answer: %v", r.Name, err)
		return nil
	}
	result := &Result{Exchange: e, tb: tb}
	if err := result.read(r.RequestType); err != nil {
		tb.Fatalf("%s: usher could not use this answer: %v\n%s", r.Name, err, e)
		return nil
	}
	return result
}

// inProcess calls a handler in place of a network.
type inProcess struct{ handler http.Handler }

func (p inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	in := r.Clone(r.Context())
	in.RequestURI, in.RemoteAddr = r.URL.RequestURI(), "127.0.0.1:1"
	in.Header = http.Header{}
	for name, values := range r.Header {
		name = http.CanonicalHeaderKey(name) // as net/http's server does
		in.Header[name] = append(in.Header[name], values...)
	}
	w := &answer{header: http.Header{}}
	p.handler.ServeHTTP(w, in)
	w.WriteHeader(http.StatusOK) // when the handler wrote nothing
	return &http.Response{
		Status:     fmt.Sprintf("%d %s", w.status, http.StatusText(w.status)),
		StatusCode: w.status,
		Proto:      "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header:        w.sent,
		Body:          io.NopCloser(&w.body),
		ContentLength: int64(w.body.Len()),
		Request:       r,
	}, nil
}

// answer keeps what a handler writes. httptest has one too, but its package adds
// flags to a program that links it.
type answer struct {
	status int
	header http.Header // as the handler has it now
	sent   http.Header // as it was when the status was written
	body   bytes.Buffer
}

func (a *answer) Header() http.Header { return a.header }

func (a *answer) WriteHeader(status int) {
	if a.status == 0 && status >= http.StatusOK { // 1xx come before the answer
		a.status, a.sent = status, a.header.Clone()
	}
}

func (a *answer) Write(b []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return a.body.Write(b)
}
