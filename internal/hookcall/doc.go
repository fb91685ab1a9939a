// Package hookcall makes one outbound call of a hook: it posts a body (or, to
// verify an event hook, gets an answer) and says what became of it. It knows HTTP and time; what a body means is the business
// of package extension.
//
//	Request ──► bulkhead ──► attempt 1 ──► 2xx? ────────────────────────► Result
//	              │ full        │ dial ─ TLS ─ post ─ status ─ body       Answered
//	              ▼             │ 3 s for all of it, from dial to last byte
//	          OVERLOADED        ▼
//	                     timeout, 5xx, connection: once more, same bytes ─► Result
//	                     everything else: at once ────────────────────────► Failure
//
// The rules of time and retry are those of Okta's inline hook concept page:
// three seconds an attempt, at most one retry and that immediately, redirects
// never followed, no retry after 4xx, none at all for token and telephony hooks.
// The whole call has one deadline of two timeouts, the wait for a place
// included. Headers and limits where Okta is silent are in
// docs/okta-choices.md. Where a connection may go is decided by package
// safedial, at the dial function that [Options] is given; a proxy in the
// environment is ignored, since that guard would then see the proxy alone.
//
// # Access tokens
//
// A hook that OAuth protects needs a token, which the attempt gets first, in its
// own time:
//
//	attempt ──► kept, or fetched by another call ──► post with Bearer
//	               │ neither                             │ 401: forget it
//	               ▼                                     ▼
//	            token endpoint: client credentials     Failure, no retry
//	               │
//	               ▼ no token: OAUTH_TOKEN_FAILURE, the service is not asked;
//	                 tried again where a call would be
//
// The endpoint is reached through the same guard, and nothing that it says is
// repeated but the error codes of RFC 6749.
//
// # Answers stay with their requests
//
// HTTP/1.1 has no request ids, so on a kept connection a byte too many of one
// answer would be the beginning of the next one, and one person would get
// another's decision. net/http notices such bytes only if it looks before the
// next request is under way. The connections here are therefore wrapped (conn):
// a request starts only once the reader has nothing buffered, and bytes that
// come before the first byte of a request has gone out end the connection. One
// that timed out is closed, so its late answer has no reader.
//
// # Two things a server must see to
//
// The context given to [Caller.Call] must not be that of the browser's request:
// a person who goes away must not decide whether a service's answer is heard.
// Detach it with context.WithoutCancel; the call has deadlines of its own.
//
// net/http writes "Unsolicited response received on idle HTTP channel", with the
// first bytes of what came, to the standard logger when a service sends more
// than its answer. That may hold a profile, so a server that keeps such data out
// of its logs gives the standard logger a writer that drops it
// (log.SetOutput). This package itself writes no log.
package hookcall
