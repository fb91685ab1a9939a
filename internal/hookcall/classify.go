package hookcall

import (
	"errors"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"unicode"

	"github.com/usher-id/usher/internal/safedial"
)

// Kind is a way to fail. It is the outcome.reason of the System Log's events.
type Kind string

// The kinds of failure; those of a status are made by [HTTPStatus].
const (
	Timeout         Kind = "TIMEOUT"
	DNSFailed       Kind = "DNS_FAILED"
	ConnectFailed   Kind = "CONNECT_FAILED"
	ConnectionLost  Kind = "CONNECTION_LOST"
	TLSFailed       Kind = "TLS_FAILED"
	ProtocolInvalid Kind = "PROTOCOL_INVALID" // not HTTP/1.1, a header flood, bad framing, a status that is none
	AddressRefused  Kind = "ADDRESS_REFUSED"
	SelfCallRefused Kind = "SELF_CALL_REFUSED"
	Overloaded      Kind = "OVERLOADED"
	RedirectRefused Kind = "REDIRECT_REFUSED"
	// OAuthTokenFailure is a call without an access token: the service was not
	// asked. Attempt.Token says why, by one of the kinds here.
	OAuthTokenFailure Kind = "OAUTH_TOKEN_FAILURE"
	TokenUnusable     Kind = "TOKEN_UNUSABLE" // the token endpoint's answer has no token that can be used
	KeyUnusable       Kind = "KEY_UNUSABLE"   // the hook key cannot sign
	// The two failures of a 2xx answer.
	ResponseTooLarge Kind = "RESPONSE_TOO_LARGE"
	ResponseEncoded  Kind = "RESPONSE_ENCODED"
)

const httpStatus = "HTTP_STATUS_"

// HTTPStatus is the failure of an answer whose status is neither success nor
// redirect, 400 to 599.
func HTTPStatus(status int) Kind { return Kind(httpStatus + strconv.Itoa(status)) }

// retried tells which failures a second attempt may mend: those that Okta names
// (time, 5xx) and those of the connection. A certificate or an address that was
// refused would be refused again.
func (k Kind) retried() bool {
	switch k {
	case Timeout, DNSFailed, ConnectFailed, ConnectionLost:
		return true
	}
	return strings.HasPrefix(string(k), httpStatus+"5")
}

// classifyURL tells why a URL that was stored is not called any more.
func classifyURL(err error) (Kind, string) {
	if kind, detail := refusal(err); kind != "" {
		return kind, detail
	}
	return AddressRefused, "the URL is not one that may be called"
}

func refusal(err error) (Kind, string) {
	var self *safedial.SelfCallError
	var refused *safedial.RefusedError
	switch {
	case errors.As(err, &self):
		return SelfCallRefused, string(safedial.RuleSelf)
	case errors.As(err, &refused):
		return AddressRefused, string(refused.Rule)
	}
	return "", ""
}

// classify names an error of an attempt whose time was not over. The connection
// is the one that carried the request, nil if there was none.
func classify(err error, carrier *conn) (Kind, string) {
	if kind, detail := refusal(err); kind != "" {
		return kind, detail
	}
	var early *connectError
	switch {
	case errors.As(err, &early):
		return early.classify()
	case carrier == nil:
		return ConnectFailed, "the request could not be sent"
	}
	return classifyExchange(err, carrier.over())
}

func (e *connectError) classify() (Kind, string) {
	var resolve *safedial.ResolveError
	var dns *net.DNSError
	switch {
	case errors.As(e.err, &resolve), errors.As(e.err, &dns):
		return DNSFailed, lookUp(e.err)
	case timedOut(e.err) && e.handshake:
		return Timeout, "no end of the TLS handshake in time"
	case timedOut(e.err):
		return Timeout, "no connection in time"
	case e.handshake && lost(e.err):
		return ConnectionLost, "the connection was lost in the TLS handshake"
	case e.handshake:
		return TLSFailed, printable(e.err.Error())
	}
	var errno syscall.Errno
	if errors.As(e.err, &errno) {
		return ConnectFailed, errno.Error()
	}
	return ConnectFailed, "no connection"
}

// lookUp says what the resolver said, but not where it is.
func lookUp(err error) string {
	var dns *net.DNSError
	switch {
	case errors.As(err, &dns) && dns.IsNotFound:
		return "the name does not exist"
	case timedOut(err):
		return "no answer of the name server in time"
	}
	return "the name could not be resolved"
}

// classifyExchange names an error that came while a request was sent or its
// answer read.
func classifyExchange(err error, over bool) (Kind, string) {
	var op *net.OpError
	switch {
	case errors.Is(err, errUnasked):
		return ProtocolInvalid, errUnasked.Error()
	case timedOut(err):
		return Timeout, "the time was over"
	case errors.As(err, &op) && (op.Op == "remote error" || op.Op == "local error"):
		// crypto/tls has no type of its own for alerts after the handshake, as
		// when the service wants a client certificate.
		return TLSFailed, printable(op.Err.Error())
	case over, lost(err):
		return ConnectionLost, "the connection was lost before the answer was complete"
	}
	return ProtocolInvalid, malformed(err)
}

func timedOut(err error) bool {
	var t interface{ Timeout() bool }
	return errors.As(err, &t) && t.Timeout()
}

// lost tells whether an error is the end of a connection.
func lost(err error) bool {
	ends := append(resets(), io.EOF, io.ErrUnexpectedEOF, io.ErrClosedPipe, net.ErrClosed)
	return slices.ContainsFunc(ends, func(end error) bool { return errors.Is(err, end) })
}

// malformed says what is wrong with the framing of an answer. net/http tells by
// texts alone, and they quote what came, which may be part of a profile; so they
// are looked at and never passed on.
func malformed(err error) string {
	text := strings.ToLower(err.Error())
	for _, m := range []struct{ sign, meaning string }{
		{"headers exceeded", "the headers of the answer are longer than 32 KiB"},
		{"malformed http response", "the answer does not begin with a status line"},
		{"malformed http version", "the answer does not begin with a status line"},
		{"malformed http status", "the status of the answer is not a number of three digits"},
		{"malformed mime header", "a header of the answer is malformed"},
		{"content-length", "the Content-Length of the answer is invalid"},
		{"transfer encoding", "the Transfer-Encoding of the answer is not known"},
		{"trailer", "the trailer after the body is too long or malformed"},
		{"chunk", "the chunks of the body are malformed"},
	} {
		if strings.Contains(text, m.sign) {
			return m.meaning
		}
	}
	return "the answer is not valid HTTP/1.1"
}

// retried tells whether another attempt may mend the failure of this one. No
// token is as bad as what kept it from coming.
func (a *Attempt) retried() bool {
	if a.Failure == OAuthTokenFailure {
		return a.Token.Failure.retried()
	}
	return a.Failure.retried()
}

// classifyStatus names the failure of a status, or nothing for 2xx. net/http
// accepts the statuses 000 and 999 and the protocol HTTP/3.7.
func classifyStatus(resp *http.Response, who string) (Kind, string) {
	status := resp.StatusCode
	switch {
	case resp.ProtoMajor != 1:
		return ProtocolInvalid, "the protocol of the answer is not HTTP/1.1"
	case status < 200 || status > 599:
		return ProtocolInvalid, "the status " + strconv.Itoa(status) + " is none that an answer may have"
	case status < 300:
		return "", ""
	case status < 400:
		return RedirectRefused, who + " answered " + named(status) + ", and redirects are not followed"
	}
	return HTTPStatus(status), who + " answered " + named(status)
}

func named(status int) string {
	return strings.TrimSpace(strconv.Itoa(status) + " " + http.StatusText(status))
}

// printable bounds a text that may quote a certificate, which the other side
// writes.
func printable(text string) string {
	const limit = 300
	runes := []rune(text)
	if len(runes) > limit {
		runes = append(runes[:limit], '…')
	}
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, string(runes))
}
