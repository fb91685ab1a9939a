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

// attempt is one try under way, or one fetch of an access token.
type attempt struct {
	Attempt
	conn   *conn // that carries the request, nil before there is one
	reused bool  // conn carried another request before
	header http.Header
	body   []byte
}

// outgoing is a request as it goes over the wire.
type outgoing struct {
	to     string // in words: "the service"
	method string
	url    string
	header http.Header
	body   []byte
	limit  int // of the answer's body, the first size that is too large
}

// attempt tries a call once. token is the access token that an earlier attempt of
// the call had, or "", and comes back with the one that this one has.
func (c *Caller) attempt(ctx context.Context, r Request, token *string) *attempt {
	ctx, cancel := context.WithTimeout(ctx, r.Timeout)
	defer cancel()
	a := &attempt{Attempt: Attempt{Started: c.now()}}
	defer func() { a.Duration = c.now().Sub(a.Started) }()

	if r.OAuth != nil && *token == "" {
		if *token, a.Token = c.accessToken(ctx, r); *token == "" {
			a.Failure, a.Detail = OAuthTokenFailure, "no access token: "+a.Token.Detail
			return a
		}
	}
	c.send(ctx, cancel, a, c.outgoing(r, *token))
	return a
}

// send makes one exchange; the attempt says what became of it. cancel ends ctx.
func (c *Caller) send(ctx context.Context, cancel context.CancelFunc, a *attempt, out outgoing) {
	u, err := c.checkURL(out.url)
	if err != nil {
		a.Failure, a.Detail = classifyURL(err)
		return
	}
	resp, err := c.exchange(ctx, a, u, out)
	if err != nil {
		a.fail(ctx, err)
		return
	}
	defer resp.Body.Close() // what is wrong with it, reading has told
	a.read(ctx, cancel, resp, out)
}

// exchange sends the request and reads the head of its answer. A kept connection
// that turns out to be dead before anything was written to it costs no attempt:
// the next one is taken, at last a new one. net/http would do that too, but not
// for all such connections, and given the means (GetBody) it would also send a
// request again that has an Idempotency-Key, unasked and uncounted.
func (c *Caller) exchange(ctx context.Context, a *attempt, u *url.URL, out outgoing) (*http.Response, error) {
	for {
		a.conn, a.reused = nil, false
		// RoundTrip and not http.Client: no redirects, no cookies.
		resp, err := c.transport.RoundTrip(out.request(a.traced(ctx), u))
		if err == nil || ctx.Err() != nil || !a.reused || a.conn.sent() {
			return resp, err
		}
	}
}

// outgoing is the request of a call.
func (c *Caller) outgoing(r Request, token string) outgoing {
	out := outgoing{to: theService, method: http.MethodPost, url: r.URL, header: c.header(r.RequestID), body: r.Body, limit: MaxBody}
	if r.Challenge != "" {
		out.method, out.body = http.MethodGet, nil
		out.header["X-Okta-Verification-Challenge"] = []string{r.Challenge}
	} else {
		out.header["Content-Type"] = []string{"application/json"}
	}
	for _, x := range r.Headers {
		if strings.EqualFold(x.Name, "User-Agent") {
			// Present and empty: net/http then adds none of its own.
			out.header["User-Agent"] = []string{""}
		}
		// Not Set, which would make Auth_secret of auth_secret.
		out.header[x.Name] = []string{x.Value}
	}
	if token != "" {
		out.header["Authorization"] = []string{"Bearer " + token}
	}
	return out
}

const theService = "the service"

// header is what all requests have.
func (c *Caller) header(requestID string) http.Header {
	h := http.Header{"Accept": {"application/json"}, "User-Agent": {c.userAgent}}
	if requestID != "" {
		h["X-Okta-Request-Id"] = []string{requestID}
	}
	return h
}

func (out outgoing) request(ctx context.Context, u *url.URL) *http.Request {
	req := &http.Request{
		Method: out.method, URL: u, Host: u.Host, Header: out.header,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Body:          io.NopCloser(bytes.NewReader(out.body)),
		ContentLength: int64(len(out.body)),
	}
	if len(out.body) == 0 {
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
func (a *attempt) read(ctx context.Context, cancel context.CancelFunc, resp *http.Response, out outgoing) {
	a.Status, a.header = resp.StatusCode, resp.Header
	if a.Failure, a.Detail = classifyStatus(resp, out.to); a.Failure != "" {
		if a.Failure == HTTPStatus(a.Status) {
			timer := time.AfterFunc(failedBodyWait, cancel)
			defer timer.Stop()
			a.body, _ = io.ReadAll(io.LimitReader(resp.Body, int64(out.limit-1))) // as far as it came
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
	case resp.ContentLength >= int64(out.limit):
		a.tooLarge(out.limit)
	default:
		body, err := io.ReadAll(io.LimitReader(resp.Body, int64(out.limit)))
		switch {
		case len(body) == out.limit:
			a.tooLarge(out.limit)
		case err != nil:
			a.fail(ctx, err)
		default:
			a.body = body
		}
	}
}

func (a *attempt) tooLarge(limit int) {
	a.Failure = ResponseTooLarge
	a.Detail = fmt.Sprintf("the body of the answer is not less than %d bytes", limit)
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
