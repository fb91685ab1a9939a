package safedial

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync/atomic"
)

// Config is what the operator lets usher reach besides public addresses.
type Config struct {
	// Allow lists ranges that are not public. A metadata address is allowed
	// only by a range that holds nothing else, as 169.254.169.254/32.
	Allow []netip.Prefix
	// AllowHosts lists names that may be of any form and may resolve to any
	// address but a metadata address.
	AllowHosts []HostPort
	// AllowHTTP lets plain http through, to what Allow and AllowHosts list and
	// to nothing else.
	AllowHTTP bool
	// Ports restricts the ports. Empty means any; 443 is always in.
	Ports []uint16
}

// Policy decides on URLs and addresses. It is safe for concurrent use. The zero
// value allows https to public addresses at any port.
type Policy struct {
	allow     []netip.Prefix
	hosts     []HostPort
	allowHTTP bool
	ports     []uint16
	self      atomic.Pointer[ownAddrs]
}

// NewPolicy checks a configuration. Its errors are fit for the operator and
// name the entry.
func NewPolicy(c Config) (*Policy, error) {
	p := &Policy{allowHTTP: c.AllowHTTP, ports: slices.Clone(c.Ports)}
	for _, r := range c.Allow {
		r, err := checkAllow(r)
		if err != nil {
			return nil, err
		}
		p.allow = append(p.allow, r)
	}
	for _, h := range c.AllowHosts {
		h, err := checkAllowHost(h)
		if err != nil {
			return nil, err
		}
		p.hosts = append(p.hosts, h)
	}
	if slices.Contains(p.ports, 0) {
		return nil, fmt.Errorf("port 0 cannot be dialled")
	}
	return p, nil
}

// ParseAllow reads an entry of the list of allowed ranges: "10.2.0.0/16", or
// one address as "10.2.0.7".
func ParseAllow(s string) (netip.Prefix, error) {
	if addr, err := netip.ParseAddr(s); err == nil && addr.Zone() == "" {
		return checkAllow(netip.PrefixFrom(addr, addr.BitLen()))
	}
	r, err := netip.ParsePrefix(s)
	if err != nil {
		return netip.Prefix{}, fmt.Errorf("%q is neither an address nor a range like 10.2.0.0/16", s)
	}
	if r != r.Masked() {
		return netip.Prefix{}, fmt.Errorf("%s has bits set beyond its length: write %s or a longer length", r, r.Masked())
	}
	return checkAllow(r)
}

// checkAllow gives the range in the form in which addresses are compared:
// masked, and IPv4 where it is an IPv4-mapped one.
func checkAllow(r netip.Prefix) (netip.Prefix, error) {
	if !r.IsValid() {
		return r, fmt.Errorf("an allowed range is empty")
	}
	if r.Addr().Is4In6() {
		if r.Bits() < 96 {
			return r, fmt.Errorf("%s: write an IPv4 range in IPv4 form", r)
		}
		r = netip.PrefixFrom(r.Addr().Unmap(), r.Bits()-96)
	}
	r = r.Masked()
	if r.IsSingleIP() {
		return r, nil
	}
	var covered []string
	for _, m := range metadata {
		if r.Contains(m) {
			covered = append(covered, m.String())
		}
	}
	if len(covered) > 0 {
		return r, fmt.Errorf("%s covers the metadata list (%s), which hands out credentials of the host:"+
			" list smaller ranges; a metadata address can be allowed only as an exact address", r, strings.Join(covered, ", "))
	}
	return r, nil
}

// allows reports whether a range of the operator holds the address.
func (p *Policy) allows(addr netip.Addr) bool {
	return slices.ContainsFunc(p.allow, func(r netip.Prefix) bool { return r.Contains(addr) })
}

func (p *Policy) allowsExactly(addr netip.Addr) bool {
	return slices.Contains(p.allow, netip.PrefixFrom(addr, addr.BitLen()))
}

// lists reports whether the operator listed a host, in its normalised form.
func (p *Policy) lists(host string, port uint16) bool {
	return slices.ContainsFunc(p.hosts, func(h HostPort) bool {
		return h.Host == host && (h.Port == 0 || h.Port == port)
	})
}

// lifts reports whether an entry of the operator exempts a host of a URL from
// the rules on scheme, port and name.
func (p *Policy) lifts(h host, port uint16) bool {
	switch {
	case p.lists(h.String(), port):
		return true
	case h.addr.IsValid():
		return p.allows(h.addr)
	default:
		return h.name == localhost && slices.ContainsFunc(loopback(), p.allows)
	}
}

// portAllowed takes 443 as listed, since a URL without a port means it.
func (p *Policy) portAllowed(port uint16) bool {
	return port != 0 && (len(p.ports) == 0 || port == 443 || slices.Contains(p.ports, port))
}
