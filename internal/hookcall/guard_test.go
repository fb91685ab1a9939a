package hookcall_test

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/usher-id/usher/internal/hookcall"
	"github.com/usher-id/usher/internal/hookfake"
	"github.com/usher-id/usher/internal/safedial"
)

func never(t *testing.T) connect {
	return func(_ context.Context, _, address string) (net.Conn, error) {
		t.Errorf("connected to %s", address)
		return nil, errors.New("never")
	}
}

// TestRefused: what the guard refuses fails at once, before any packet.
func TestRefused(t *testing.T) {
	t.Parallel()
	self, err := safedial.NewPolicy(safedial.Config{})
	if err != nil {
		t.Fatal(err)
	}
	self.SetSelf([]netip.AddrPort{netip.MustParseAddrPort("93.184.216.34:443")}, nil)
	tests := map[string]struct {
		url     string
		names   resolver
		policy  *safedial.Policy
		failure hookcall.Kind
		detail  safedial.Rule
	}{
		"a name with a private address": {"https://hooks.example.com/", resolver{netip.MustParseAddr("10.0.0.5")}, nil, hookcall.AddressRefused, safedial.RuleAddress},
		"cloud metadata by name":        {"https://hooks.example.com/", resolver{netip.MustParseAddr("169.254.169.254")}, nil, hookcall.AddressRefused, safedial.RuleMetadata},
		"a URL not allowed any more":    {"http://hooks.example.com/", public, nil, hookcall.AddressRefused, safedial.RuleScheme},
		"usher by name":                 {"https://usher.example.com/", public, self, hookcall.SelfCallRefused, safedial.RuleSelf},
		"usher by address":              {"https://93.184.216.34/", nil, self, hookcall.SelfCallRefused, safedial.RuleSelf},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := options(t, never(t), tt.names)
			if tt.policy != nil {
				d := &safedial.Dialer{Policy: tt.policy, Resolver: tt.names, Connect: never(t)}
				o.Dial, o.CheckURL = d.DialContext, tt.policy.ParseURL
			}
			got := newCaller(t, o).Call(t.Context(), hookcall.Request{URL: tt.url, Body: []byte(body)})
			if got.Failure != tt.failure || got.Detail != string(tt.detail) || len(got.Attempts) != 1 || got.Answered {
				t.Errorf("%q (%s), %d attempts", got.Failure, got.Detail, len(got.Attempts))
			}
		})
	}
}

// TestRebinding: the address is looked at again for the second attempt.
func TestRebinding(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, dial := inMemory(t, once(answer(503, "")))
		names := resolver{netip.MustParseAddr("93.184.216.34")}
		o := options(t, dial, names)
		o.CheckURL = url.Parse
		policy, err := safedial.NewPolicy(safedial.Config{})
		if err != nil {
			t.Fatal(err)
		}
		d := &safedial.Dialer{Policy: policy, Resolver: names, Connect: func(ctx context.Context, network, address string) (net.Conn, error) {
			names[0] = netip.MustParseAddr("::1")
			return dial(ctx, network, address)
		}}
		o.Dial = d.DialContext
		got := newCaller(t, o).Call(t.Context(), hookcall.Request{URL: "http://hooks.example.com/"})
		if len(got.Attempts) != 2 || got.Attempts[0].Failure != hookcall.HTTPStatus(503) || got.Failure != hookcall.AddressRefused {
			t.Errorf("attempts %+v", got.Attempts)
		}
		if n := s.connections.Load(); n != 1 {
			t.Errorf("%d connections, want 1", n)
		}
	})
}

type failingResolver struct{ err error }

func (r failingResolver) LookupNetIP(ctx context.Context, _, _ string) ([]netip.Addr, error) {
	if r.err == nil {
		<-ctx.Done()
		return nil, &net.DNSError{Err: "lookup 10.1.2.3:53", Server: "10.1.2.3:53", IsTimeout: true}
	}
	return nil, r.err
}

func TestNames(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		err     error // the resolver hangs if nil
		timeout time.Duration
		failure hookcall.Kind
		detail  string
		took    time.Duration
	}{
		"unknown":                {&net.DNSError{IsNotFound: true, Server: "10.1.2.3:53"}, 0, hookcall.DNSFailed, "the name does not exist", 0},
		"server timed out":       {&net.DNSError{IsTimeout: true, Server: "10.1.2.3:53"}, 0, hookcall.DNSFailed, "no answer of the name server in time", 0},
		"server failed":          {&net.DNSError{Err: "server misbehaving", Server: "10.1.2.3:53"}, 0, hookcall.DNSFailed, "the name could not be resolved", 0},
		"hangs":                  {nil, 0, hookcall.Timeout, "the time was over while connecting", 6 * time.Second},
		"hangs, long timeout":    {nil, 8 * time.Second, hookcall.DNSFailed, "no answer of the name server in time", 8 * time.Second},
		"not a resolver's error": {errors.New("10.1.2.3"), 0, hookcall.DNSFailed, "the name could not be resolved", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				o := options(t, never(t), nil)
				policy := &safedial.Policy{}
				d := &safedial.Dialer{Policy: policy, Resolver: failingResolver{tt.err}}
				o.Dial, o.CheckURL = d.DialContext, policy.ParseURL
				got := newCaller(t, o).Call(t.Context(), hookcall.Request{URL: "https://hooks.example.com/", Timeout: tt.timeout})
				if got.Failure != tt.failure || got.Detail != tt.detail || got.Duration != tt.took || len(got.Attempts) != 2 {
					t.Errorf("%q (%s), %v, %d attempts", got.Failure, got.Detail, got.Duration, len(got.Attempts))
				}
				// net/http goes on dialling for a later request; not for ever.
				<-time.After(4 * time.Second)
			})
		})
	}
}

// TestTLS goes through the certificates and versions of services.
func TestTLS(t *testing.T) {
	t.Parallel()
	authority, err := hookfake.NewAuthority(time.Now(), "hooks.example.com")
	if err != nil {
		t.Fatal(err)
	}
	trusted, err := hookcall.Roots(authority.CAPEM())
	if err != nil {
		t.Fatal(err)
	}
	good := authority.TLSConfig(hookfake.Good)
	old := good.Clone()
	old.MinVersion, old.MaxVersion = tls.VersionTLS11, tls.VersionTLS11 // what is refused here
	both := good.Clone()
	both.NextProtos = []string{"h2", "http/1.1"}
	twelve := good.Clone()
	twelve.MaxVersion = tls.VersionTLS12
	client := good.Clone()
	client.ClientAuth = tls.RequireAnyClientCert
	tests := []struct {
		name    string
		config  *tls.Config
		unknown bool // the authority is not in the bundle
		failure hookcall.Kind
		detail  string
	}{
		{"good", good, false, "", ""},
		{"TLS 1.2", twelve, false, "", ""},
		{"would speak HTTP/2", both, false, "", ""},
		{"unknown authority", good, true, hookcall.TLSFailed, "unknown authority"},
		{"expired", authority.TLSConfig(hookfake.Expired), false, hookcall.TLSFailed, "expired"},
		{"wrong host", authority.TLSConfig(hookfake.WrongHost), false, hookcall.TLSFailed, "not hooks.example.com"},
		{"TLS 1.1", old, false, hookcall.TLSFailed, "protocol version"},
		{"wants a client certificate", client, false, hookcall.TLSFailed, "certificate required"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			ln := listen(t)
			s := serve(t, tls.NewListener(ln, tt.config), func(p *peer) {
				if conn, ok := p.Conn.(*tls.Conn); ok && conn.Handshake() == nil && conn.ConnectionState().NegotiatedProtocol != "http/1.1" {
					t.Errorf("protocol %q", conn.ConnectionState().NegotiatedProtocol)
				}
				always(answer(200, ok))(p)
			})
			o := options(t, to(ln), public)
			if !tt.unknown {
				o.RootCAs = trusted
			}
			got := newCaller(t, o).Call(t.Context(), hookcall.Request{URL: "https://hooks.example.com/", Body: []byte(body)})
			if got.Failure != tt.failure || !strings.Contains(got.Detail, tt.detail) || len(got.Attempts) != 1 {
				t.Errorf("%q (%s), %d attempts", got.Failure, got.Detail, len(got.Attempts))
			}
			if got.Attempts[0].Address != ln.Addr().String() {
				t.Errorf("address %q", got.Attempts[0].Address)
			}
			if n := s.requests.Load(); (n == 0) != (tt.failure != "") {
				t.Errorf("%d requests", n)
			}
		})
	}
}

// TestNoTLS: a service without it, and one that never ends the handshake.
func TestNoTLS(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		service  func(p *peer)
		failure  hookcall.Kind
		attempts int
		took     time.Duration
	}{
		"plain HTTP":      {func(p *peer) { p.send(answer(400, "")); p.hang() }, hookcall.TLSFailed, 1, 0},
		"handshake hangs": {func(p *peer) { p.hang() }, hookcall.Timeout, 2, 4 * time.Second},
		"closes":          {func(p *peer) { _, _ = p.in.ReadByte() }, hookcall.ConnectionLost, 2, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				_, dial := inMemory(t, tt.service)
				got := newCaller(t, options(t, dial, public)).Call(t.Context(), hookcall.Request{URL: "https://hooks.example.com/"})
				if got.Failure != tt.failure || len(got.Attempts) != tt.attempts || got.Duration != tt.took {
					t.Errorf("%q (%s), %d attempts, %v", got.Failure, got.Detail, len(got.Attempts), got.Duration)
				}
			})
		})
	}
}

func TestRoots(t *testing.T) {
	t.Parallel()
	if _, err := hookcall.Roots([]byte("no certificate")); err == nil {
		t.Error("a bundle without a certificate was taken")
	}
	if _, err := hookcall.Roots(nil); err != nil {
		t.Errorf("no bundle: %v", err)
	}
}
