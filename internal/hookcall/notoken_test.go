package hookcall_test

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/usher-id/usher/internal/hookcall"
	"github.com/usher-id/usher/internal/hookfake"
	"github.com/usher-id/usher/internal/redact"
	"github.com/usher-id/usher/internal/safedial"
)

// TestNoToken is what a token endpoint can do wrong. The service is never asked.
func TestNoToken(t *testing.T) {
	t.Parallel()
	gives := func(body string) string { return answer(200, body) }
	const unusable = hookcall.TokenUnusable
	pad := func(n int) string {
		const frame = `{"access_token":"t1","x":""}`
		return strings.Replace(frame, `""`, `"`+strings.Repeat("x", n-len(frame))+`"`, 1)
	}
	for _, tt := range []struct {
		name    string
		raw     string
		failure hookcall.Kind // of the fetch; "" for a token
		detail  string
		tries   int
	}{
		{"a good one", gives(`{"access_token":"t1","token_type":"bEARER"}`), "", "", 1},
		{"no type", gives(`{"access_token":"t1","token_type":null}`), "", "", 1},
		{"64 KB", gives(pad(64 << 10)), "", "", 1},
		{"a byte more", gives(pad(64<<10 + 1)), hookcall.ResponseTooLarge, "the body of the answer is not less than 65537 bytes", 1},
		{"a body without end", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + strings.Repeat("10000\r\n"+strings.Repeat("x", 1<<16)+"\r\n", 2),
			hookcall.ResponseTooLarge, "the body of the answer is not less than 65537 bytes", 1},
		{"refused", answer(400, `{"error":"invalid_client","error_description":"hush"}`), hookcall.HTTPStatus(400),
			"the token endpoint answered 400 Bad Request (invalid_client)", 1},
		{"refused with words of its own", answer(401, `{"error":"hush"}`), hookcall.HTTPStatus(401), "the token endpoint answered 401 Unauthorized", 1},
		{"refused with a page", answer(403, `<html>`), hookcall.HTTPStatus(403), "the token endpoint answered 403 Forbidden", 1},
		{"out of order", answer(503, ``), hookcall.HTTPStatus(503), "the token endpoint answered 503 Service Unavailable", 2},
		{"created", answer(201, `{"access_token":"t1"}`), unusable, "the token endpoint answered 201 Created and not 200", 1},
		{"nothing", "HTTP/1.1 204 No Content\r\n\r\n", unusable, "the token endpoint answered 204 No Content and not 200", 1},
		{"a redirect", "HTTP/1.1 302 Found\r\nLocation: http://as:3001/other\r\nContent-Length: 0\r\n\r\n", hookcall.RedirectRefused,
			"the token endpoint answered 302 Found, and redirects are not followed", 1},
		{"compressed", "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 1\r\n\r\nx", hookcall.ResponseEncoded,
			"the answer has a Content-Encoding, and none was asked for", 1},
		{"a page", gives(`<html>`), unusable, "the token endpoint answered no JSON object", 1},
		{"a form", gives(`access_token=t1&token_type=bearer`), unusable, "the token endpoint answered no JSON object", 1},
		{"a list", gives(`["t1"]`), unusable, "the token endpoint answered no JSON object", 1},
		{"an empty body", gives(``), unusable, "the token endpoint answered no JSON object", 1},
		{"no token", gives(`{"token_type":"Bearer"}`), unusable, "the token endpoint gave no access_token", 1},
		{"an empty token", gives(`{"access_token":""}`), unusable, "the token endpoint gave no access_token", 1},
		{"a number", gives(`{"access_token":7}`), unusable, "the token endpoint gave no access_token", 1},
		{"two tokens", gives(`{"access_token":"a","access_token":"b"}`), unusable, "the token endpoint answered access_token twice", 1},
		{"a header in the token", gives(`{"access_token":"t1\r\nX-Admin: yes"}`), unusable,
			"the token endpoint gave an access_token with characters that no header may have", 1},
		{"a space in the token", gives(`{"access_token":"t1 t2"}`), unusable,
			"the token endpoint gave an access_token with characters that no header may have", 1},
		{"a letter in the token", gives(`{"access_token":"tü"}`), unusable,
			"the token endpoint gave an access_token with characters that no header may have", 1},
		{"another type", gives(`{"access_token":"t1","token_type":"DPoP"}`), unusable, "the token endpoint gave a token whose type is not Bearer", 1},
		{"a type that is none", gives(`{"access_token":"t1","token_type":{}}`), unusable, "the token endpoint gave a token whose type is not Bearer", 1},
		{"gone", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{", hookcall.ConnectionLost, "the connection was lost before the answer was complete", 2},
		{"no HTTP", "SSH-2.0-OpenSSH\r\n\r\n", hookcall.ProtocolInvalid, "the answer does not begin with a status line", 1},
	} {
		synctest.Test(t, func(t *testing.T) {
			i := guarded(t, always(answer(200, ok)), func(p *peer) {
				if p.next() != 0 {
					p.send(tt.raw)
				}
			})
			got := i.call(t, asked(1))
			fetch := got.Attempts[len(got.Attempts)-1].Token
			if fetch == nil || fetch.Failure != tt.failure || fetch.Detail != tt.detail || len(got.Attempts) != tt.tries {
				t.Errorf("%s: %d attempts, the fetch is %+v", tt.name, len(got.Attempts), fetch)
			}
			asked, want := i.requests.Load(), hookcall.Result{}
			if tt.failure != "" {
				want = hookcall.Result{Failure: hookcall.OAuthTokenFailure, Detail: "no access token: " + tt.detail}
			}
			if got.Failure != want.Failure || got.Detail != want.Detail || (asked == 1) != (want.Failure == "") || got.Token.Empty() == (asked == 1) {
				t.Errorf("%s: the service was asked %d times: %+v", tt.name, asked, got)
			}
			if shown := fmt.Sprintf("%+v", got); strings.Contains(shown, "hush") || strings.Contains(shown, "t1") {
				t.Errorf("%s: the result shows a secret: %s", tt.name, shown)
			}
		})
	}
}

// The guard and the dialer judge the token endpoint as they judge the service.
func TestTokenEndpointThatIsNotReached(t *testing.T) {
	t.Parallel()
	listening := always(answer(200, ok))
	for _, tt := range []struct {
		name, url string
		change    func(*hookcall.OAuth)
		kind      hookcall.Kind
		tries     int
	}{
		{"a private address", "https://10.0.0.1/token", nil, hookcall.AddressRefused, 1},
		{"plain http", "http://as.example.com/token", nil, hookcall.AddressRefused, 1},
		{"a port that is closed", "http://as:3001/token", nil, hookcall.ConnectFailed, 2},
		{"a key that is none", tokenURL, func(o *hookcall.OAuth) { o.Secret, o.Key = redact.Text{}, redact.New("canary") }, hookcall.KeyUnusable, 1},
		{"no key", tokenURL, func(o *hookcall.OAuth) { o.Secret = redact.Text{} }, hookcall.KeyUnusable, 1},
	} {
		synctest.Test(t, func(t *testing.T) {
			ln, closed := hookfake.Pipe()
			_ = ln.Close()
			s, dial := inMemory(t, listening)
			o := options(t, dial, public)
			policy, err := safedial.NewPolicy(safedial.Config{
				AllowHosts: []safedial.HostPort{{Host: "hook", Port: 3000}, {Host: "as", Port: 3001}}, AllowHTTP: true,
			})
			if err != nil {
				t.Fatal(err)
			}
			o.CheckURL = policy.ParseURL
			o.Dial = (&safedial.Dialer{Policy: policy, Resolver: public, Connect: closed}).DialContext
			r := asked(1)
			r.OAuth.TokenURL = tt.url
			if tt.change != nil {
				tt.change(r.OAuth)
			}
			got := newCaller(t, o).Call(t.Context(), r)
			fetch := got.Attempts[0].Token
			if got.Failure != hookcall.OAuthTokenFailure || fetch == nil || fetch.Failure != tt.kind || fetch.Detail == "" || len(got.Attempts) != tt.tries {
				t.Errorf("%s: %+v, fetch %+v", tt.name, got, fetch)
			}
			if s.connections.Load() != 0 || strings.Contains(fmt.Sprintf("%+v %+v", got, fetch), "canary") {
				t.Errorf("%s: %+v", tt.name, got)
			}
		})
	}
}

// usher's own token endpoint is not asked: a hook of the server that gives the
// token would call itself.
func TestOwnTokenEndpoint(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, dial := inMemory(t, always(answer(200, ok)))
		policy, err := safedial.NewPolicy(safedial.Config{AllowHosts: []safedial.HostPort{{Host: "hook", Port: 3000}}, AllowHTTP: true})
		if err != nil {
			t.Fatal(err)
		}
		policy.SetSelf([]netip.AddrPort{netip.MustParseAddrPort("93.184.216.34:443")}, nil)
		d := &safedial.Dialer{Policy: policy, Resolver: public, Connect: dial}
		c := newCaller(t, hookcall.Options{Dial: d.DialContext, CheckURL: policy.ParseURL})
		r := asked(1)
		r.OAuth.TokenURL = "https://usher.example.com/oauth2/default/v1/token"
		got := c.Call(t.Context(), r)
		if got.Failure != hookcall.OAuthTokenFailure || got.Attempts[0].Token.Failure != hookcall.SelfCallRefused || len(got.Attempts) != 1 {
			t.Errorf("%+v, %+v", got, got.Attempts[0].Token)
		}
	})
}

// TestVerification is the one GET that is ever sent.
func TestVerification(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		i := guarded(t, func(p *peer) {
			for n := p.next(); n != 0; n = p.next() {
				if a := answer(500, ""); n == 1 && !p.send(a) || n > 1 && !p.send(answer(200, `{"verification":"c1"}`)) {
					return
				}
			}
		}, nil)
		got := i.call(t, hookcall.Request{
			HookID: "who1", URL: hookURL, RequestID: "reqK1v9", Challenge: "c1", Headers: []hookcall.Header{{Name: "auth_secret", Value: "x"}},
		})
		if got.Failure != "" || len(got.Attempts) != 2 || string(got.Body) != `{"verification":"c1"}` {
			t.Errorf("%+v", got)
		}
		heads, _ := i.seen()
		for _, head := range heads {
			first, header := lines(head)
			want := []string{
				"Accept: application/json", "Host: hook:3000", "User-Agent: Okta-Integrations", "X-Okta-Request-Id: reqK1v9",
				"X-Okta-Verification-Challenge: c1", "auth_secret: x",
			}
			if first != "GET /registrationHook?source=okta HTTP/1.1" || !slices.Equal(header, want) {
				t.Errorf("sent %s\n%s", first, strings.Join(header, "\n"))
			}
		}
	})
}
