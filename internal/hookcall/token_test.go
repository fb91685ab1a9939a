package hookcall_test

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/usher-id/usher/internal/hookcall"
	"github.com/usher-id/usher/internal/redact"
	"github.com/usher-id/usher/internal/safedial"
)

const tokenURL = "http://as:3001/token?x=1"

// issuer is a service and the token endpoint before it.
type issuer struct {
	*service          // that is asked
	endpoint *service // that gives tokens
	caller   *hookcall.Caller
}

// guarded makes both, behind one caller, by what each does with a connection. The
// service is at port 3000, the endpoint at 3001.
func guarded(t *testing.T, serveHook, serveToken func(*peer)) *issuer {
	t.Helper()
	i := &issuer{}
	var toHook, toToken connect
	i.service, toHook = inMemory(t, serveHook)
	i.endpoint, toToken = inMemory(t, serveToken)
	policy, err := safedial.NewPolicy(safedial.Config{
		AllowHosts: []safedial.HostPort{{Host: "hook", Port: 3000}, {Host: "as", Port: 3001}},
		AllowHTTP:  true,
	})
	if err != nil {
		t.Fatal(err)
	}
	d := &safedial.Dialer{Policy: policy, Resolver: public, Connect: func(ctx context.Context, network, address string) (net.Conn, error) {
		if strings.HasSuffix(address, ":3001") {
			return toToken(ctx, network, address)
		}
		return toHook(ctx, network, address)
	}}
	i.caller = newCaller(t, hookcall.Options{Dial: d.DialContext, CheckURL: policy.ParseURL})
	return i
}

// asked is a call of a hook with a client secret.
func asked(version int64) hookcall.Request {
	return hookcall.Request{
		HookID: "cal1", URL: hookURL, Body: []byte(body), RequestID: "reqK1v9",
		OAuth: &hookcall.OAuth{Version: version, TokenURL: tokenURL, ClientID: "0oa1", Scope: "call b", Secret: redact.New("hush+&")},
	}
}

func (i *issuer) call(t *testing.T, r hookcall.Request) hookcall.Result {
	t.Helper()
	return i.caller.Call(t.Context(), r)
}

// tokens are the access tokens that the service got, in their order.
func (i *issuer) tokens() []string {
	var all []string
	heads, _ := i.seen()
	for _, head := range heads {
		_, after, _ := strings.Cut(head, "\r\nAuthorization: ")
		line, _, _ := strings.Cut(after, "\r\n")
		all = append(all, line)
	}
	return all
}

// numbered gives the tokens t1, t2 … with members more.
func numbered(members string) func(*peer) {
	return func(p *peer) {
		for n := p.next(); n != 0; n = p.next() {
			if !p.send(answer(200, fmt.Sprintf(`{"access_token":"t%d","token_type":"Bearer"%s}`, n, members))) {
				return
			}
		}
	}
}

func newKey(t *testing.T) (*rsa.PrivateKey, redact.Text) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return key, redact.New(string(der))
}

func TestTokenRequest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		i := guarded(t, always(answer(200, ok)), numbered(""))
		r := asked(1)
		r.Headers = []hookcall.Header{{Name: "x-two", Value: "2"}, {Name: "User-Agent", Value: "mine"}}
		if got := i.call(t, r); got.Failure != "" || got.Token.Reveal() != "t1" || fmt.Sprint(got.Token) != redact.Shown {
			t.Fatalf("%s: %s, token %v", got.Failure, got.Detail, got.Token)
		}
		heads, bodies := i.endpoint.seen()
		first, header := lines(heads[0])
		want := []string{
			"Accept: application/json", "Content-Length: 82", "Content-Type: application/x-www-form-urlencoded",
			"Host: as:3001", "User-Agent: Okta-Integrations", "X-Okta-Request-Id: reqK1v9",
		}
		if first != "POST /token?x=1 HTTP/1.1" || !slices.Equal(header, want) {
			t.Errorf("the endpoint got %s\n%s", first, strings.Join(header, "\n"))
		}
		if want := "grant_type=client_credentials&scope=call+b&client_id=0oa1&client_secret=hush%2B%26"; bodies[0] != want {
			t.Errorf("the endpoint got %s\nwant %s", bodies[0], want)
		}
		_, header = lines(first1(i.seen()))
		if !slices.Contains(header, "Authorization: Bearer t1") || !slices.Contains(header, "x-two: 2") {
			t.Errorf("the service got %s", strings.Join(header, "\n"))
		}

		// Without a scope there is no field for it.
		r = asked(2)
		r.OAuth.Scope = ""
		i.call(t, r)
		if _, bodies := i.endpoint.seen(); bodies[1] != "grant_type=client_credentials&client_id=0oa1&client_secret=hush%2B%26" {
			t.Errorf("the endpoint got %s", bodies[1])
		}
	})
}

func first1(heads, _ []string) string { return heads[0] }

// The client proves itself by a signature, which lives a minute and is never the
// same (RFC 7523).
func TestAssertion(t *testing.T) {
	t.Parallel()
	key, secret := newKey(t)
	synctest.Test(t, func(t *testing.T) {
		i := guarded(t, always(answer(200, ok)), numbered(""))
		ids := map[string]bool{}
		for range 2 {
			r := asked(1)
			r.OAuth.Secret, r.OAuth.KeyID, r.OAuth.Key = redact.Text{}, "902775a2-49fc-4ebc-90ea-b15b9b30440b", secret
			if got := i.call(t, r); got.Failure != "" {
				t.Fatalf("%s: %s", got.Failure, got.Detail)
			}
			_, bodies := i.endpoint.seen()
			form, assertion, _ := strings.Cut(bodies[len(bodies)-1], "&client_assertion=")
			if want := "grant_type=client_credentials&scope=call+b&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer"; form != want {
				t.Errorf("the endpoint got %s\nwant %s", form, want)
			}
			header, claims := opened(t, assertion, &key.PublicKey)
			if want := `{"alg":"RS256","kid":"902775a2-49fc-4ebc-90ea-b15b9b30440b","typ":"JWT"}`; header != want {
				t.Errorf("header is %s", header)
			}
			var c struct {
				Iss, Sub, Aud, Jti string
				Iat, Exp           int64
			}
			if err := json.Unmarshal([]byte(claims), &c); err != nil {
				t.Fatal(err)
			}
			now := time.Now().Unix()
			if c.Iss != "0oa1" || c.Sub != "0oa1" || c.Aud != tokenURL || c.Iat != now || c.Exp != now+60 || c.Jti == "" {
				t.Errorf("claims are %s", claims)
			}
			ids[c.Jti] = true
		}
		if len(ids) != 2 {
			t.Error("an assertion came twice")
		}
	})
}

// opened verifies a JWT and gives its parts.
func opened(t *testing.T, escaped string, key *rsa.PublicKey) (header, claims string) {
	t.Helper()
	text, err := url.QueryUnescape(escaped)
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(text, ".")
	if len(parts) != 3 {
		t.Fatalf("%d parts", len(parts))
	}
	decoded := make([][]byte, 3)
	for i, part := range parts {
		if decoded[i], err = base64.RawURLEncoding.DecodeString(part); err != nil {
			t.Fatal(err)
		}
	}
	digest := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if err := rsa.VerifyPKCS1v15(key, crypto.SHA256, digest[:], decoded[2]); err != nil {
		t.Error(err)
	}
	return string(decoded[0]), string(decoded[1])
}

// TestTokenIsKept says how long, and for whom: by what the endpoint says of its
// life, when a second call fetches another one.
func TestTokenIsKept(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		members string
		wait    time.Duration
		want    string
	}{
		{`,"expires_in":3600`, 3569 * time.Second, "t1 t1"},
		{`,"expires_in":3600`, 3570 * time.Second, "t1 t2"},
		{`,"expires_in":"3600"`, 3569 * time.Second, "t1 t1"},
		{`,"expires_in":31`, 999 * time.Millisecond, "t1 t1"},
		{`,"expires_in":30`, 0, "t1 t2"},
		{`,"expires_in":0`, 0, "t1 t2"},
		{`,"expires_in":-1`, 0, "t1 t2"},
		{`,"expires_in":1e3`, 0, "t1 t2"}, // no number of seconds
		{`,"expires_in":9223372036854775807`, time.Hour, "t1 t1"},
		{`,"expires_in":null`, 0, "t1 t2"},
		{`,"expires_in":[60]`, 0, "t1 t2"},
		{``, 0, "t1 t2"},
	} {
		synctest.Test(t, func(t *testing.T) {
			i := guarded(t, always(answer(200, ok)), numbered(tt.members))
			for n := range 2 {
				if n > 0 {
					<-time.After(tt.wait)
				}
				if got := i.call(t, asked(1)); got.Failure != "" {
					t.Errorf("%s: %s", got.Failure, got.Detail)
				} else if fetched := got.Attempts[0].Token != nil; fetched != (n == 0 || tt.want == "t1 t2") {
					t.Errorf("%s after %v: fetched is %v", tt.members, tt.wait, fetched)
				}
			}
			if got := strings.ReplaceAll(strings.Join(i.tokens(), " "), "Bearer ", ""); got != tt.want {
				t.Errorf("%s after %v: the service got %s, want %s", tt.members, tt.wait, got, tt.want)
			}
		})
	}
}

func TestTokenOfAnotherVersionOrHook(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		i := guarded(t, always(answer(200, ok)), numbered(`,"expires_in":3600`))
		other := asked(1)
		other.HookID = "cal2"
		for _, r := range []hookcall.Request{asked(1), asked(2), other, asked(2), other, asked(1)} {
			i.call(t, r)
		}
		// The first one went when the second version fetched its own.
		if got := strings.ReplaceAll(strings.Join(i.tokens(), " "), "Bearer ", ""); got != "t1 t2 t3 t2 t3 t4" {
			t.Errorf("the service got %s", got)
		}
	})
}

// A service that does not take a token is not asked again, and the next call has
// another token.
func TestUnauthorizedDropsToken(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]string{401: "t1 t1 t2", 403: "t1 t1 t1"} {
		synctest.Test(t, func(t *testing.T) {
			i := guarded(t, func(p *peer) {
				for n := p.next(); n != 0; n = p.next() {
					if a := answer(200, ok); n != 2 && !p.send(a) || n == 2 && !p.send(answer(status, ok)) {
						return
					}
				}
			}, numbered(`,"expires_in":3600`))
			for n := range 3 {
				if got := i.call(t, asked(1)); len(got.Attempts) != 1 || (got.Failure != "") != (n == 1) {
					t.Errorf("%d: call %d: %+v", status, n, got)
				}
			}
			if got := strings.ReplaceAll(strings.Join(i.tokens(), " "), "Bearer ", ""); got != want {
				t.Errorf("%d: the service got %s, want %s", status, got, want)
			}
		})
	}
}

// TestOneFetchForMany: calls at the same time wait for one token, or share why
// there is none.
func TestOneFetchForMany(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		answer  string
		failure hookcall.Kind
		fetches int32
	}{
		{answer(200, `{"access_token":"t1","token_type":"Bearer"}`), "", 1},
		{answer(400, `{"error":"invalid_client"}`), hookcall.OAuthTokenFailure, 1},
		{answer(500, ``), hookcall.OAuthTokenFailure, 2}, // each call has two attempts
	} {
		synctest.Test(t, func(t *testing.T) {
			i := guarded(t, always(answer(200, ok)), func(p *peer) {
				for p.next() != 0 {
					<-time.After(time.Second)
					if !p.send(tt.answer) {
						return
					}
				}
			})
			var all sync.WaitGroup
			for n := range 20 {
				all.Go(func() {
					<-time.After(time.Duration(n) * time.Millisecond)
					got := i.call(t, asked(1))
					waited := got.Attempts[0].Token
					if got.Failure != tt.failure || waited == nil || waited.Duration != time.Second-time.Duration(n)*time.Millisecond {
						t.Errorf("call %d: %s: %s, waited %+v", n, got.Failure, got.Detail, waited)
					}
				})
			}
			all.Wait()
			if n := i.endpoint.requests.Load(); n != tt.fetches {
				t.Errorf("%d tokens were fetched, want %d", n, tt.fetches)
			}
		})
	}
}

// The time of one that fetches may be over while that of another is not: it
// fetches then.
func TestFetchIsTakenOver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		i := guarded(t, always(answer(200, ok)), func(p *peer) {
			if n := p.next(); n == 1 {
				p.hang()
			} else if n != 0 {
				p.send(answer(200, `{"access_token":"t2"}`))
			}
		})
		var all sync.WaitGroup
		all.Go(func() {
			r := asked(1)
			r.Once = true
			if got := i.call(t, r); got.Failure != hookcall.OAuthTokenFailure || got.Duration != 3*time.Second {
				t.Errorf("first: %+v", got)
			}
		})
		<-time.After(2 * time.Second)
		got := i.call(t, asked(1))
		if got.Failure != "" || len(got.Attempts) != 1 || got.Duration != time.Second || got.Token.Reveal() != "t2" {
			t.Errorf("second: %+v", got)
		}
		all.Wait()
	})
}

// The fetch spends the time of the attempt.
func TestTokenTime(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name         string
		token, serve time.Duration // what each needs; 0 is for ever
		failure      hookcall.Kind
		times        string
		fetches      int32
	}{
		{"both in time", 2 * time.Second, 900 * time.Millisecond, "", "2.9s", 1},
		{"the service too late, and in time with the token that is there", 2 * time.Second, 1500 * time.Millisecond, "", "3s 1.5s", 1},
		{"the token too late", 3100 * time.Millisecond, time.Second, hookcall.OAuthTokenFailure, "3s 3s", 2},
		{"no token ever", 0, time.Second, hookcall.OAuthTokenFailure, "3s 3s", 2},
	} {
		synctest.Test(t, func(t *testing.T) {
			after := func(wait time.Duration, a string) func(*peer) {
				return func(p *peer) {
					for p.next() != 0 {
						if wait == 0 {
							p.hang()
						}
						<-time.After(wait)
						if !p.send(a) {
							return
						}
					}
				}
			}
			i := guarded(t, after(tt.serve, answer(200, ok)), after(tt.token, answer(200, `{"access_token":"t1"}`)))
			got := i.call(t, asked(1))
			var times []string
			for _, a := range got.Attempts {
				times = append(times, a.Duration.String())
			}
			if s := strings.Join(times, " "); got.Failure != tt.failure || s != tt.times || i.endpoint.requests.Load() != tt.fetches {
				t.Errorf("%s: %s: %s, attempts took %s, %d fetches", tt.name, got.Failure, got.Detail, s, i.endpoint.requests.Load())
			}
			if tt.failure != "" && i.requests.Load() != 0 {
				t.Errorf("%s: the service was asked", tt.name)
			}
			if got.Failure != "" && got.Attempts[0].Token.Failure != hookcall.Timeout {
				t.Errorf("%s: %+v", tt.name, got.Attempts[0].Token)
			}
		})
	}
}
