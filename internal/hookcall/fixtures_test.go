package hookcall_test

import (
	"bytes"
	"crypto/tls"
	"io"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/usher-id/usher/hook/hooktest"
	"github.com/usher-id/usher/internal/hookcall"
	"github.com/usher-id/usher/internal/hookfake"
	"github.com/usher-id/usher/internal/org"
)

// TestFixtures sends the request of every case to a service that answers as the
// case says, and compares what came of the call with what the case expects.
func TestFixtures(t *testing.T) {
	t.Parallel()
	cases, err := hooktest.Cases()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { fixture(t, c) })
		})
	}
}

func fixture(t *testing.T, c hooktest.Case) {
	service, tokens, caller, url := arranged(t, c)
	r := hookcall.Request{URL: url, Body: c.Request, RequestID: "reqK1v9TnPzSVqgk0XcF7dLQ"}
	earlier := 0
	if tokens != nil {
		r.OAuth = oauth(t, tokens)
		if c.Token.EarlierSeconds > 0 {
			caller.Call(t.Context(), r)
			<-time.After(c.Token.Earlier())
			earlier = 1
		}
	}

	got := caller.Call(t.Context(), r)

	if len(got.Attempts) != c.Outcome.Attempts {
		t.Errorf("%d attempts, want %d: %+v", len(got.Attempts), c.Outcome.Attempts, got.Attempts)
	}
	wantFailure, wantAnswered := expected(c)
	if got.Failure != wantFailure || got.Answered != wantAnswered {
		t.Errorf("failure %q (%s), answered %v; want %q, %v", got.Failure, got.Detail, got.Answered, wantFailure, wantAnswered)
	}
	if (got.Failure == "") != (got.Detail == "") {
		t.Errorf("failure %q with detail %q", got.Failure, got.Detail)
	}
	if got.Duration > 6*time.Second {
		t.Errorf("took %v", got.Duration)
	}
	if want := wantBody(t, c, got.Failure); !bytes.Equal(got.Body, want) {
		t.Errorf("body %.200q\nwant %.200q", got.Body, want)
	}
	checkService(t, c, service, earlier)
	if tokens != nil {
		if d := tokens.Diff(service.Requests()); d != "" {
			t.Error(d)
		}
	}
}

// oauth is the channel of a case with a token.
func oauth(t *testing.T, tokens *hookfake.Tokens) *hookcall.OAuth {
	t.Helper()
	var c org.Channel
	if err := tokens.Channel(&c); err != nil {
		t.Fatal(err)
	}
	o := &hookcall.OAuth{TokenURL: c.OAuth.TokenURL, ClientID: c.OAuth.ClientID, Scope: c.OAuth.Scope, Secret: c.OAuth.ClientSecret.Text}
	if c.OAuth.Key != nil {
		o.KeyID, o.Key = c.OAuth.Key.KeyID, c.OAuth.Key.Private.Text
	}
	return o
}

// arranged puts a service and a token endpoint where the case says they are, and
// a caller before them.
func arranged(t *testing.T, c hooktest.Case) (service *hookfake.Service, tokens *hookfake.Tokens, caller *hookcall.Caller, url string) {
	t.Helper()
	ln, dial := hookfake.Pipe()
	if tokens, dial = hookfake.ServeTokens(c, dial); tokens != nil {
		t.Cleanup(tokens.Close)
	}
	o := options(t, dial, public)
	url = "https://hooks.example.com/"
	switch c.Transport() {
	case hooktest.ThenAddressPrivate:
		o = options(t, dial, resolver{netip.MustParseAddr("10.0.0.1")})
	case hooktest.ThenTLSExpired, hooktest.ThenTLSWrongHost:
		authority, err := hookfake.NewAuthority(time.Now(), "hooks.example.com")
		if err != nil {
			t.Fatal(err)
		}
		if o.RootCAs, err = hookcall.Roots(authority.CAPEM()); err != nil {
			t.Fatal(err)
		}
		ln = tls.NewListener(ln, authority.TLSConfig(hookfake.CertificateOf(c)))
	default:
		url = hookURL
	}
	service = hookfake.Serve(ln, c)
	t.Cleanup(service.Close)
	return service, tokens, newCaller(t, o), url
}

// checkService compares what reached the service with what the case sends.
func checkService(t *testing.T, c hooktest.Case, service *hookfake.Service, earlier int) {
	t.Helper()
	requests := service.Requests()
	want := earlier + c.Outcome.Attempts
	if c.Transport() != hooktest.ThenNext || c.Token != nil && len(c.Token.Bearer) == 0 {
		want = 0
	}
	if len(requests) != want {
		t.Errorf("%d requests reached the service, want %d", len(requests), want)
	}
	for _, r := range requests {
		if !bytes.Equal(r.Body, c.Request) { // and with it the eventId
			t.Errorf("sent %s\nwant %s", r.Body, c.Request)
		}
	}
	if c.Transport() == hooktest.ThenAddressPrivate && service.Connections() != 0 {
		t.Error("a private address was connected to")
	}
	// What is read beyond the limit is the framing and one buffer of it.
	if sent := service.Sent(); sent > hookcall.MaxBody+32<<10 {
		t.Errorf("%d bytes of the answer were read", sent)
	}
}

// expected reads from the log of a case what the call alone can tell.
func expected(c hooktest.Case) (failure hookcall.Kind, answered bool) {
	e := c.Outcome.Log[0]
	answered = e.EventType == "inline_hook.response.processed"
	if e.Reason == nil {
		return "", answered
	}
	reason := hookcall.Kind(*e.Reason)
	if answered && reason != hookcall.ResponseTooLarge && reason != hookcall.ResponseEncoded {
		return "", true // the interpreter's business
	}
	return reason, answered
}

// wantBody is what the interpreter is to get: the body as it was sent, also that
// of a failed status, and nothing of an answer that cannot be used.
func wantBody(t *testing.T, c hooktest.Case, failure hookcall.Kind) []byte {
	t.Helper()
	if failure != "" && !strings.HasPrefix(string(failure), "HTTP_STATUS_") {
		return nil
	}
	r, err := c.HTTPResponse()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Body.Close() }()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestFixtureTimes pins when the attempts of the slow cases begin and end.
func TestFixtureTimes(t *testing.T) {
	t.Parallel()
	want := map[string]string{
		"slow-2900ms":    "2.9s",
		"slow-headers":   "3s 3s",
		"slow-body-drip": "3s 3s",
		"slow-then-good": "3s 0s",
	}
	cases, err := hooktest.Cases()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		if want[c.Name] == "" {
			continue
		}
		synctest.Test(t, func(t *testing.T) {
			ln, dial := hookfake.Pipe()
			service := hookfake.Serve(ln, c)
			defer service.Close()
			caller := newCaller(t, options(t, dial, public))

			got := caller.Call(t.Context(), hookcall.Request{URL: hookURL, Body: c.Request})

			var times []string
			at := time.Now().Add(-got.Duration)
			for _, a := range got.Attempts {
				times = append(times, a.Duration.String())
				if !a.Started.Equal(at) {
					t.Errorf("%s: an attempt began %v late", c.Name, a.Started.Sub(at))
				}
				at = at.Add(a.Duration)
			}
			if s := strings.Join(times, " "); s != want[c.Name] {
				t.Errorf("%s: attempts took %s, want %s", c.Name, s, want[c.Name])
			}
		})
		delete(want, c.Name)
	}
	if len(want) > 0 {
		t.Errorf("no such cases: %v", want)
	}
}
