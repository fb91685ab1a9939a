package web_test

import (
	"context"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/usher-id/usher/internal/web"
)

func TestInfoOfNoRequest(t *testing.T) {
	t.Parallel()
	if got := web.InfoOf(context.Background()); got != (web.Info{}) {
		t.Errorf("info is %+v", got)
	}
	web.Note(context.Background()) // harms nobody
}

func proxies(t testing.TB, cidrs ...string) web.Proxies {
	t.Helper()
	var p web.Proxies
	for _, c := range cidrs {
		prefix, err := netip.ParsePrefix(c)
		if err != nil {
			t.Fatal(err)
		}
		p = append(p, prefix)
	}
	return p
}

// Named after the advisories whose regression tests these are.
func TestAdvisory_ForwardedForFromAnyone(t *testing.T) {
	t.Parallel()
	const peer = "10.0.0.1:443"
	trusted := []string{"10.0.0.0/8", "fd00::/8"}
	for _, c := range []struct {
		name    string
		trusted []string
		peer    string
		headers []string
		want    string
	}{
		{"nobody is trusted", nil, peer, []string{"192.0.2.1"}, "10.0.0.1"},
		{"peer is not trusted", trusted, "198.51.100.9:1", []string{"192.0.2.1"}, "198.51.100.9"},
		{"no header", trusted, peer, nil, "10.0.0.1"},
		{"empty header", trusted, peer, []string{""}, "10.0.0.1"},
		{"one hop", trusted, peer, []string{"192.0.2.1"}, "192.0.2.1"},
		{"right-most untrusted", trusted, peer, []string{"1.1.1.1, 192.0.2.1, 10.9.9.9"}, "192.0.2.1"},
		{"two lines are one list", trusted, peer, []string{"1.1.1.1", "192.0.2.1,10.9.9.9"}, "192.0.2.1"},
		{"all are trusted", trusted, peer, []string{"10.1.1.1, 10.2.2.2"}, "10.1.1.1"},
		{"invented on the left", trusted, peer, []string{"<script>, 192.0.2.1"}, "192.0.2.1"},
		{"with a port", trusted, peer, []string{"192.0.2.1:5555"}, "192.0.2.1"},
		{"IPv6", trusted, "[fd00::1]:443", []string{"2001:db8::1"}, "2001:db8::1"},
		{"IPv6 in brackets", trusted, peer, []string{"[2001:db8::1]"}, "2001:db8::1"},
		{"IPv6 with a port", trusted, peer, []string{"[2001:db8::1]:5555"}, "2001:db8::1"},
		{"IPv4 in IPv6 is trusted as IPv4", trusted, "[::ffff:10.0.0.1]:1", []string{"::ffff:192.0.2.1"}, "192.0.2.1"},
		{"zone", trusted, "[fe80::1%eth0]:1", nil, "fe80::1"},
		{"peer without an address", trusted, "@", []string{"192.0.2.1"}, ""},
	} {
		if got := client(t, proxies(t, c.trusted...), c.peer, c.headers); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// A header that cannot be read must lead to the peer's address, not to an error
// that skips a check (CVE-2024-47070 in authentik).
func TestAdvisory_UnparsableForwardedFor(t *testing.T) {
	t.Parallel()
	p := proxies(t, "10.0.0.0/8")
	for _, header := range []string{
		"unknown", "192.0.2.1,", ",", "a.b.c.d", "[2001:db8::1", "2001:db8::1]", "192.0.2.256", "192.0.2.1, _hidden", "192.0.2.1:99999",
		"garbage, 10.0.0.2", "\x00", strings.Repeat("1", 10_000),
	} {
		if got := client(t, p, "10.0.0.1:443", []string{header}); got != "10.0.0.1" {
			t.Errorf("%.40q: %q, want the peer's", header, got)
		}
	}
}

func client(t testing.TB, p web.Proxies, peer string, headers []string) string {
	t.Helper()
	r := &http.Request{RemoteAddr: peer, Header: http.Header{}}
	for _, h := range headers {
		r.Header.Add("X-Forwarded-For", h)
	}
	return p.Client(r)
}

func FuzzClient(f *testing.F) {
	p := proxies(f, "10.0.0.0/8", "::1/128")
	for _, seed := range []string{"", "192.0.2.1", "1.1.1.1, 10.0.0.2", "[::1]:80, x", "%eth0", "::ffff:10.1.1.1,fe80::1%25"} {
		f.Add("10.0.0.1:443", seed)
		f.Add("[::1]:80", seed)
	}
	f.Fuzz(func(t *testing.T, peer, header string) {
		got := client(t, p, peer, []string{header})
		if got == "" {
			if _, err := netip.ParseAddrPort(peer); err == nil {
				t.Errorf("peer %q, header %q: no address", peer, header)
			}
			return
		}
		if a, err := netip.ParseAddr(got); err != nil || a.Zone() != "" || a.Is4In6() {
			t.Errorf("peer %q, header %q: %q is no plain address", peer, header, got)
		}
	})
}

func TestUserAgentFitsTheStore(t *testing.T) {
	t.Parallel()
	for _, agent := range []string{"\xff\xfe", "a\x00b\nc\u0085d", strings.Repeat("é", 600), "x" + strings.Repeat("é", 600)} {
		var got string
		r := post("")
		r.Header["User-Agent"] = []string{agent}
		front(t, routes(func(_ http.ResponseWriter, r *http.Request) error {
			got = web.InfoOf(r.Context()).UserAgent
			return nil
		}), r)
		if !utf8.ValidString(got) || strings.ContainsAny(got, "\x00\n\u0085") || len(got) > 512 {
			t.Errorf("%.20q became %.20q", agent, got)
		}
	}
}
