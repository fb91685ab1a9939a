package safedial

import (
	"fmt"
	"net"
	"net/netip"
)

// CheckAddr decides whether a connection to addr may be opened for a host: the
// name that resolved to it, or the address itself in text. It touches no
// network. The error is a [RefusedError] or a [SelfCallError].
func (p *Policy) CheckAddr(host string, addr netip.AddrPort) error {
	return p.checkAddr(canonical(host), addr)
}

func (p *Policy) checkAddr(host string, dest netip.AddrPort) error {
	addr, port := dest.Addr(), dest.Port()
	refuse := func(rule Rule, within netip.Prefix) error {
		return &RefusedError{Rule: rule, Host: host, Addr: addr, Range: within}
	}
	if !addr.IsValid() {
		return refuse(RuleAddress, netip.Prefix{})
	}
	if addr.Zone() != "" {
		return refuse(RulePercent, netip.Prefix{})
	}
	addr = addr.Unmap()
	if isMetadata(addr) && !p.allowsExactly(addr) {
		return refuse(RuleMetadata, netip.Prefix{})
	}
	if p.self.Load().holds(addr, port) {
		return &SelfCallError{Host: host, Addr: netip.AddrPortFrom(addr, port)}
	}
	if p.lists(host, port) || p.allows(addr) {
		if v4, ok := embedded(addr); ok {
			return p.checkAddr(host, netip.AddrPortFrom(v4, port))
		}
		return nil
	}
	if within, refused := notPublic(addr); refused {
		return refuse(RuleAddress, within)
	}
	if !p.portAllowed(port) {
		return refuse(RulePort, netip.Prefix{})
	}
	return nil
}

// ownAddrs is where usher itself listens.
type ownAddrs struct {
	exact map[netip.AddrPort]bool
	ports map[uint16]bool // of all listeners
	wild  map[uint16]bool // of listeners on every local address
	local map[netip.Addr]bool
}

// SetSelf tells the policy where usher listens, once the listeners are open.
// Those addresses are refused from then on, whatever the operator allows: a
// hook that calls usher would call itself. A listener on 0.0.0.0 or :: stands
// for every local address, which [LocalAddrs] lists.
func (p *Policy) SetSelf(listen []netip.AddrPort, local []netip.Addr) {
	own := &ownAddrs{
		exact: map[netip.AddrPort]bool{},
		ports: map[uint16]bool{},
		wild:  map[uint16]bool{},
		local: map[netip.Addr]bool{},
	}
	for _, l := range listen {
		addr := l.Addr().Unmap().WithZone("")
		own.ports[l.Port()] = true
		if addr.IsUnspecified() {
			own.wild[l.Port()] = true
		}
		own.exact[netip.AddrPortFrom(addr, l.Port())] = true
	}
	for _, addr := range local {
		own.local[addr.Unmap().WithZone("")] = true
	}
	p.self.Store(own)
}

// holds reports whether a connection to the address would reach usher. An
// unspecified destination reaches the loopback address on most systems, so any
// port of ours counts there.
func (o *ownAddrs) holds(addr netip.Addr, port uint16) bool {
	switch {
	case o == nil:
		return false
	case addr.IsUnspecified():
		return o.ports[port]
	case o.wild[port] && (addr.IsLoopback() || o.local[addr]):
		return true
	default:
		return o.exact[netip.AddrPortFrom(addr, port)]
	}
}

// LocalAddrs lists the addresses of this machine's interfaces, for
// [Policy.SetSelf].
func LocalAddrs() ([]netip.Addr, error) {
	all, err := net.InterfaceAddrs()
	if err != nil {
		return nil, fmt.Errorf("list the addresses of this machine: %w", err)
	}
	var local []netip.Addr
	for _, a := range all {
		if r, err := netip.ParsePrefix(a.String()); err == nil {
			local = append(local, r.Addr())
		}
	}
	return local, nil
}
