package web

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
)

// Info is what is known of a request whatever it asks for.
type Info struct {
	ID string // X-Okta-Request-Id, and transaction.id in the System Log
	// IP is the client's address, "" when even the peer's cannot be read.
	IP string
	// UserAgent is valid UTF-8 without control characters, of limited length.
	UserAgent string
}

// InfoOf gives the request's Info, which [Front] put there.
func InfoOf(ctx context.Context) Info {
	if x := exchangeOf(ctx); x != nil {
		return x.info
	}
	return Info{}
}

// exchange gathers what the one log line of a request says.
type exchange struct {
	info    Info
	pattern string // of the route
	notes   []slog.Attr
	answer  *recorder
}

type exchangeKey struct{}

func exchangeOf(ctx context.Context) *exchange {
	x, _ := ctx.Value(exchangeKey{}).(*exchange)
	return x
}

// Note adds facts to the log line of a request: names and ids, never something
// that somebody typed.
func Note(ctx context.Context, facts ...slog.Attr) {
	if x := exchangeOf(ctx); x != nil {
		x.notes = append(x.notes, facts...)
	}
}

// maxUserAgent is enough for every browser, in bytes.
const maxUserAgent = 512

// printable makes a header value fit for the store, which refuses text that is
// not UTF-8, and for a terminal.
func printable(s string) string {
	s = s[:min(len(s), maxUserAgent)]
	return strings.Map(func(c rune) rune {
		if c < ' ' || 0x7f <= c && c < 0xa0 {
			return -1
		}
		return c
	}, strings.ToValidUTF8(s, ""))
}

// Proxies are the addresses whose X-Forwarded-For is believed. The zero value
// believes nobody's: headers that any client can send have let clients pass for
// others time and again (CVE-2023-36456 in authentik).
type Proxies []netip.Prefix

// Client gives the address that a request came from: the right-most one in
// X-Forwarded-For that is not a trusted proxy, if a trusted proxy is the peer.
// Everything left of it is the client's own invention. A list that cannot be
// read gives the peer's address.
func (p Proxies) Client(r *http.Request) string {
	peer, ok := address(r.RemoteAddr)
	if !ok {
		return ""
	}
	client := peer
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0 && p.trusts(client); i-- {
		hop := strings.Trim(hops[i], " \t")
		if hop == "" && len(hops) == 1 {
			break
		}
		if client, ok = address(hop); !ok {
			return peer.String()
		}
	}
	return client.String()
}

func (p Proxies) trusts(a netip.Addr) bool {
	for _, prefix := range p {
		if prefix.Contains(a) {
			return true
		}
	}
	return false
}

// address reads an IP address, with or without a port. IPv4 within IPv6 is IPv4,
// and a zone means nothing to others.
func address(s string) (netip.Addr, bool) {
	a, err := netip.ParseAddr(s)
	if inner, bracketed := strings.CutPrefix(s, "["); bracketed && strings.HasSuffix(inner, "]") {
		a, err = netip.ParseAddr(strings.TrimSuffix(inner, "]"))
	}
	if err != nil {
		withPort, err := netip.ParseAddrPort(s)
		if err != nil {
			return netip.Addr{}, false
		}
		a = withPort.Addr()
	}
	return a.Unmap().WithZone(""), true
}
