package hookcall

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"time"
)

// failedBodyWait is how long the body of an answer that failed by its status is
// waited for. It decides nothing, but shows the owner of a service its own error
// page.
const failedBodyWait = 100 * time.Millisecond

// attempt is one try under way.
type attempt struct {
	Attempt
	conn   *conn // that carries the request, nil before there is one
	reused bool  // conn carried another request before
	header http.Header
	body   []byte
}

func (c *Caller) attempt(ctx context.Context, r Request) *attempt {
	ctx, cancel := context.WithTimeout(ctx, r.Timeout)
	defer cancel()
	a := &attempt{Attempt: Attempt{Started: c.now()}}
	defer func() { a.Duration = c.now().Sub(a.Started) }()

	u, err := c.checkURL(r.URL)
	if err != nil {
		a.Failure, a.Detail = classifyURL(err)
		return a
	}
	resp, err := c.exchange(ctx, a, u, r)
	if err != nil {
		a.fail(ctx, err)
		return a
	}
	defer resp.Body.Close() // what is wrong with it, reading has told
	a.read(ctx, cancel, resp)
	return a
}

// exchange sends the request and reads the head of its answer. A kept connection
// that turns out to be dead before anything was written to it costs no attempt:
// the next one is taken, at last a new one. net/http would do that too, but not
// for all such connections, and given the means (GetBody) it would also send a
// request again that has an Idempotency-Key, unasked and uncounted.
func (c *Caller) exchange(ctx context.Context, a *attempt, u *url.URL, r Request) (*http.Response, error) {
	for {
		a.conn, a.reused = nil, false
		// RoundTrip and not http.Client: no redirects, no cookies.
		resp, err := c.transport.RoundTrip(c.request(a.traced(ctx), u, r))
		if err == nil || ctx.Err() != nil || !a.reused || a.conn.sent() {
			return resp, err
		}
	}
}

func (c *Caller) request(ctx context.Context, u *url.URL, r Request) *http.Request {
	h := http.Header{
		"Accept":       {"application/json"},
		"Content-Type": {"application/json"},
		"User-Agent":   {c.userAgent},
	}
	if r.RequestID != "" {
		h["X-Okta-Request-Id"] = []string{r.RequestID}
	}
	for _, x := range r.Headers {
		if strings.EqualFold(x.Name, "User-Agent") {
			// Present and empty: net/http then adds none of its own.
			h["User-Agent"] = []string{""}
		}
		// Not Set, which would make Auth_secret of auth_secret.
		h[x.Name] = []string{x.Value}
	}
	req := &http.Request{
		Method: http.MethodPost, URL: u, Host: u.Host, Header: h,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Body:          io.NopCloser(bytes.NewReader(r.Body)),
		ContentLength: int64(len(r.Body)),
	}
	if len(r.Body) == 0 {
		req.Body = http.NoBody // else a length of 0 would mean unknown
	}
	return req.WithContext(ctx)
}

// traced makes the attempt know its connection, before anything is written to it.
func (a *attempt) traced(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(info httptrace.GotConnInfo) {
			if conn, ok := info.Conn.(*conn); ok {
				conn.begin()
				a.conn, a.reused, a.Address = conn, info.Reused, conn.RemoteAddr().String()
			}
		},
	})
}

func (a *attempt) fail(ctx context.Context, err error) {
	if ctx.Err() != nil {
		a.Failure, a.Detail = Timeout, a.gaveUp(ctx)
		return
	}
	var early *connectError
	if errors.As(err, &early) {
		a.Address = early.address
	}
	a.Failure, a.Detail = classify(err, a.conn)
}

// gaveUp says where the time went.
func (a *attempt) gaveUp(ctx context.Context) string {
	phase := "while connecting"
	switch {
	case a.Status != 0:
		phase = "while reading the body of the answer"
	case a.conn != nil:
		phase = "while waiting for the answer"
	}
	if errors.Is(ctx.Err(), context.Canceled) {
		return "the call was given up " + phase
	}
	return "the time was over " + phase
}

// read judges the status and reads the body.
func (a *attempt) read(ctx context.Context, cancel context.CancelFunc, resp *http.Response) {
	a.Status, a.header = resp.StatusCode, resp.Header
	if a.Failure, a.Detail = classifyStatus(resp); a.Failure != "" {
		if a.Failure == HTTPStatus(a.Status) {
			timer := time.AfterFunc(failedBodyWait, cancel)
			defer timer.Stop()
			a.body, _ = io.ReadAll(io.LimitReader(resp.Body, MaxBody-1)) // as far as it came
		}
		if a.Failure.retried() {
			// A server in trouble often closes without having said so, and the
			// retry would be spent on that connection.
			_ = a.conn.Close()
		}
		return
	}
	switch {
	case a.Status == http.StatusNoContent:
	case encoded(resp.Header):
		a.Failure, a.Detail = ResponseEncoded, "the answer has a Content-Encoding, and none was asked for"
	case resp.ContentLength >= MaxBody:
		a.tooLarge()
	default:
		body, err := io.ReadAll(io.LimitReader(resp.Body, MaxBody))
		switch {
		case len(body) == MaxBody:
			a.tooLarge()
		case err != nil:
			a.fail(ctx, err)
		default:
			a.body = body
		}
	}
}

func (a *attempt) tooLarge() {
	a.Failure = ResponseTooLarge
	a.Detail = fmt.Sprintf("the body of the answer is not less than %d bytes", MaxBody)
}

// encoded tells whether a body is compressed: nothing is unpacked, because a
// small body can unpack to a huge one and the size limit is to mean what it says.
func encoded(h http.Header) bool {
	for _, v := range h.Values("Content-Encoding") {
		if v = strings.TrimSpace(v); v != "" && !strings.EqualFold(v, "identity") {
			return true
		}
	}
	return false
}

func (a *attempt) result(attempts []Attempt) Result {
	return Result{
		Attempts: attempts,
		Failure:  a.Failure,
		Detail:   a.Detail,
		Answered: a.Failure == "" || a.Failure == ResponseTooLarge || a.Failure == ResponseEncoded,
		Status:   a.Status,
		Header:   a.header,
		Body:     a.body,
	}
}
