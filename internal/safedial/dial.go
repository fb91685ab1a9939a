package safedial

import (
	"cmp"
	"context"
	"errors"
	"net"
	"net/netip"
	"syscall"
	"time"
)

// Resolver turns a name into addresses; [net.Resolver] is one.
type Resolver interface {
	// LookupNetIP is asked with the network "ip".
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
}

// Dialer opens connections that the policy allows. It resolves names itself and
// connects to the addresses that it has checked.
type Dialer struct {
	Policy *Policy
	// Resolver is net.DefaultResolver if nil.
	Resolver Resolver
	// DialTimeout bounds the attempt at one address, so that a dead one leaves
	// time for the next. One second if zero.
	DialTimeout time.Duration
	// Connect opens a connection to an address in text, already allowed, on
	// "tcp4" or "tcp6". If nil, it is the operating system's, with the policy
	// asked once more about the address of the socket; tests put connections in
	// memory here.
	Connect func(ctx context.Context, network, address string) (net.Conn, error)
	// Refused, if set, is told of each address that was refused, also where
	// another address of the name serves: for the log and a counter.
	Refused func(ctx context.Context, host string, err error)
}

// DialContext connects to "host:port"; it fits http.Transport.DialContext. Of a
// name with several addresses each allowed one is tried in turn, within the
// deadline of the context; a refused one never gets a packet. The network must
// be "tcp".
//
// Errors: [ResolveError]; [RefusedError] or [SelfCallError] if no address is
// allowed; else that of the last connection attempt, from package net.
func (d *Dialer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	if network != "tcp" {
		return nil, net.UnknownNetworkError(network)
	}
	raw, portText, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	port, err := parsePort(portText)
	if err != nil {
		return nil, &net.AddrError{Err: "invalid port", Addr: address}
	}
	host := canonical(raw)
	addrs, err := d.resolve(ctx, host)
	if err != nil {
		return nil, err
	}
	return d.dialEach(ctx, host, addrs, port)
}

func (d *Dialer) dialEach(ctx context.Context, host string, addrs []netip.Addr, port uint16) (net.Conn, error) {
	var refused, failed error
	for _, addr := range addrs {
		dest := netip.AddrPortFrom(addr.Unmap(), port)
		if err := d.Policy.checkAddr(host, dest); err != nil {
			refused = cmp.Or(refused, err)
			d.tellRefused(ctx, host, err)
			continue
		}
		if ctx.Err() != nil {
			failed = cmp.Or(failed, ctx.Err())
			break
		}
		conn, err := d.connect(ctx, host, dest)
		if err == nil {
			return conn, nil
		}
		failed = err
	}
	return nil, cmp.Or(failed, refused)
}

// resolve gives the addresses of a host, one at least.
func (d *Dialer) resolve(ctx context.Context, host string) ([]netip.Addr, error) {
	if addr, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{addr}, nil
	}
	if host == localhost {
		return loopback(), nil
	}
	resolver := d.Resolver
	if resolver == nil {
		resolver = net.DefaultResolver
	}
	addrs, err := resolver.LookupNetIP(ctx, "ip", host)
	if err == nil && len(addrs) == 0 {
		err = errors.New("no addresses")
	}
	if err != nil {
		return nil, &ResolveError{Host: host, Err: err}
	}
	return addrs, nil
}

func (d *Dialer) connect(ctx context.Context, host string, dest netip.AddrPort) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(d.DialTimeout, time.Second))
	defer cancel()
	network := "tcp6"
	if dest.Addr().Is4() {
		network = "tcp4"
	}
	if d.Connect != nil {
		return d.Connect(ctx, network, dest.String())
	}
	return (&net.Dialer{Control: d.Policy.control(host)}).DialContext(ctx, network, dest.String())
}

// control is the second gate: it is called between socket(2) and connect(2),
// with the address that the connection will really have.
func (p *Policy) control(host string) func(network, address string, _ syscall.RawConn) error {
	return func(network, address string, _ syscall.RawConn) error {
		if network != "tcp4" && network != "tcp6" {
			return net.UnknownNetworkError(network)
		}
		dest, err := netip.ParseAddrPort(address)
		if err != nil {
			return err
		}
		return p.checkAddr(host, dest)
	}
}

func (d *Dialer) tellRefused(ctx context.Context, host string, err error) {
	if d.Refused != nil {
		d.Refused(ctx, host, err)
	}
}
