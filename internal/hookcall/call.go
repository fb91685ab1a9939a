package hookcall

import (
	"cmp"
	"context"
	"crypto/x509"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/usher-id/usher/internal/redact"
)

// DefaultTimeout is Okta's time limit for an attempt.
const DefaultTimeout = 3 * time.Second

// MaxBody is the size, in bytes, from which on the body of an answer is too
// large: Okta's "less than 256 KB", a KB being 1,024 bytes.
const MaxBody = 256 << 10

// Header is one header of a request. Its name is sent in the case in which it is
// given: services in the wild read auth_secret or x-lower and nothing else.
type Header struct{ Name, Value string }

// Request is what to send, and where.
type Request struct {
	// HookID says whose calls are counted together; the URL if empty.
	HookID string
	// URL was accepted when it was stored; it is checked again at every call,
	// since the operator may have narrowed what may be reached.
	URL string
	// Headers are the secret header and the further ones, all accepted by
	// [CheckHeaders]. A User-Agent among them replaces ours.
	Headers []Header
	// OAuth is how to get the access token that goes with the call as
	// "Authorization: Bearer …"; nil for none.
	OAuth *OAuth
	// Body is sent as it is, the same bytes in both attempts, so that services
	// can drop duplicates by the eventId in it.
	Body []byte
	// Challenge makes the call the verification of an event hook: a GET without a
	// body, with this as X-Okta-Verification-Challenge.
	Challenge string
	// RequestID is sent as X-Okta-Request-Id, unless empty.
	RequestID string
	// Timeout is that of one attempt, from dial to last byte of the body;
	// DefaultTimeout if zero.
	Timeout time.Duration
	// Once forbids the retry: token and telephony hooks.
	Once bool
}

// Attempt is one try of a call.
type Attempt struct {
	Started  time.Time
	Duration time.Duration
	Status   int    // of HTTP, 0 without an answer
	Failure  Kind   // "" for a 2xx answer that can be judged
	Detail   string // for administrators; see Result
	Address  string // host:port that was connected to, "" before that
	// Token is the fetch of an access token that the attempt waited for, within its
	// own time; nil for none.
	Token *Attempt
}

// Result is what became of a call. Status, Header and Body are those of the last
// attempt, zero if it had no answer.
type Result struct {
	Attempts []Attempt // none if the call was OVERLOADED
	// Failure is "" if there is a 2xx answer to judge.
	Failure Kind
	// Detail says what was wrong, for administrators: the rule that refused, the
	// certificate error, the status. It never holds a header value or any part
	// of a body.
	Detail string
	// Answered tells that a 2xx answer arrived, even if it cannot be used
	// (ResponseTooLarge, ResponseEncoded). Those are failures of judging the
	// answer, and the System Log tells them apart from those of the call.
	Answered bool
	Status   int
	Header   http.Header
	// Body is nil for 204 and for answers that are too large or encoded. After
	// another status than 2xx it is what arrived soon enough, for the record of
	// the call alone: such a body decides nothing.
	Body     []byte
	Duration time.Duration // of the whole call, the wait for a place included
	// Token is the access token that was sent, to be kept out of every record.
	Token redact.Text
}

// Options is what a Caller needs. Dial and CheckURL are required.
type Options struct {
	// Dial connects to "host:port" and refuses what may not be reached, as
	// safedial.Dialer.DialContext does.
	Dial func(ctx context.Context, network, addr string) (net.Conn, error)
	// CheckURL parses a URL and refuses what may not be called, as
	// safedial.Policy.ParseURL does.
	CheckURL func(raw string) (*url.URL, error)
	// RootCAs is who may sign certificates; see [Roots]. The system's if nil.
	RootCAs *x509.CertPool
	// UserAgent is "Okta-Integrations" if empty, which services test for.
	UserAgent string
	// Now is time.Now if nil.
	Now func() time.Time
	// MaxPerHook and MaxInFlight bound the calls under way, of one hook and in
	// all; 200 and 2,000 if zero. A slow service must not take the whole server
	// with it.
	MaxPerHook, MaxInFlight int
}

// Caller calls hooks, and keeps connections to them open. It is safe for
// concurrent use.
type Caller struct {
	checkURL  func(string) (*url.URL, error)
	userAgent string
	now       func() time.Time
	transport *http.Transport
	places    *bulkhead
	tokens    tokens
}

// New makes a caller. Close it when done.
func New(o Options) *Caller {
	now := o.Now
	if now == nil {
		now = time.Now
	}
	return &Caller{
		checkURL:  o.CheckURL,
		userAgent: cmp.Or(o.UserAgent, "Okta-Integrations"),
		now:       now,
		transport: newTransport(&dialer{dial: o.Dial, roots: o.RootCAs, now: now}),
		places:    newBulkhead(cmp.Or(o.MaxPerHook, 200), cmp.Or(o.MaxInFlight, 2000)),
		tokens:    tokens{kept: map[tokenKey]token{}, underWay: map[tokenKey]*fetch{}},
	}
}

// Close closes the idle connections. Call it also when the operator changes what
// may be reached: open connections were checked by the old rules. The caller can
// be used afterwards.
func (c *Caller) Close() { c.transport.CloseIdleConnections() }

// Call sends a request and waits for its answer, for two timeouts at most.
//
// The context is to be a detached one that outlives the request of the person,
// as the package comment says; its end gives up the call.
func (c *Caller) Call(ctx context.Context, r Request) Result {
	r.Timeout = cmp.Or(r.Timeout, DefaultTimeout)
	started := c.now()
	ctx, cancel := context.WithTimeout(ctx, 2*r.Timeout)
	defer cancel()

	leave, full := c.places.enter(ctx, cmp.Or(r.HookID, r.URL))
	if full != "" {
		return Result{Failure: Overloaded, Detail: full, Duration: c.now().Sub(started)}
	}
	defer leave()

	var (
		result Result
		token  string
	)
	for {
		a := c.attempt(ctx, r, &token)
		result = a.result(append(result.Attempts, a.Attempt))
		if len(result.Attempts) == 2 || r.Once || !a.retried() || ctx.Err() != nil {
			break
		}
	}
	if token != "" {
		result.Token = redact.New(token)
		if result.Status == http.StatusUnauthorized {
			c.tokens.drop(r.tokenKey(), token)
		}
	}
	result.Duration = c.now().Sub(started)
	return result
}
