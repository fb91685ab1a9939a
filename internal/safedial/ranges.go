package safedial

import "net/netip"

// The tables below are data and are never written.
// Sources: the IANA special-purpose address registries for IPv4 and IPv6
// (RFC 6890), the multicast and reserved blocks of RFC 1112.

// special4 is what is not public in IPv4.
var special4 = [...]netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),       // this network
	netip.MustParsePrefix("10.0.0.0/8"),      // private use
	netip.MustParsePrefix("100.64.0.0/10"),   // carrier-grade NAT
	netip.MustParsePrefix("127.0.0.0/8"),     // loopback
	netip.MustParsePrefix("169.254.0.0/16"),  // link local
	netip.MustParsePrefix("172.16.0.0/12"),   // private use
	netip.MustParsePrefix("192.0.0.0/24"),    // IETF protocol assignments
	netip.MustParsePrefix("192.0.2.0/24"),    // documentation
	netip.MustParsePrefix("192.31.196.0/24"), // AS112
	netip.MustParsePrefix("192.52.193.0/24"), // AMT
	netip.MustParsePrefix("192.88.99.0/24"),  // 6to4 relay
	netip.MustParsePrefix("192.168.0.0/16"),  // private use
	netip.MustParsePrefix("192.175.48.0/24"), // AS112
	netip.MustParsePrefix("198.18.0.0/15"),   // benchmarking
	netip.MustParsePrefix("198.51.100.0/24"), // documentation
	netip.MustParsePrefix("203.0.113.0/24"),  // documentation
	netip.MustParsePrefix("224.0.0.0/4"),     // multicast
	netip.MustParsePrefix("240.0.0.0/4"),     // reserved, broadcast
}

// global6 is the only part of IPv6 in which public addresses are assigned.
var global6 = netip.MustParsePrefix("2000::/3")

// special6 is what is not public inside global6.
var special6 = [...]netip.Prefix{
	netip.MustParsePrefix("2001::/23"),         // Teredo, ORCHID, benchmarking
	netip.MustParsePrefix("2001:db8::/32"),     // documentation
	netip.MustParsePrefix("2002::/16"),         // 6to4
	netip.MustParsePrefix("3fff::/20"),         // documentation
	netip.MustParsePrefix("2620:4f:8000::/48"), // AS112
}

// metadata lists the addresses at which clouds hand out credentials. Some lie
// in ranges that an operator may well allow, and 168.63.129.16 is public, so no
// class rule catches them.
var metadata = [...]netip.Addr{
	netip.MustParseAddr("169.254.169.254"), // AWS, Azure, Google and others
	netip.MustParseAddr("169.254.170.2"),   // AWS ECS task credentials
	netip.MustParseAddr("100.100.100.200"), // Alibaba
	netip.MustParseAddr("192.0.0.192"),     // Oracle
	netip.MustParseAddr("168.63.129.16"),   // Azure wire server
	netip.MustParseAddr("fd00:ec2::254"),   // AWS
	netip.MustParseAddr("fd20:ce::254"),    // Google
}

// translators are the IPv6 ranges in which an address stands for an IPv4
// address, with the byte at which that begins. An operator who allows one of
// them (NAT64 on a host without IPv4) does not allow all of IPv4 by it.
var translators = [...]struct {
	prefix netip.Prefix
	at     int
}{
	{netip.MustParsePrefix("64:ff9b::/96"), 12},   // NAT64, RFC 6052
	{netip.MustParsePrefix("64:ff9b:1::/48"), 12}, // local NAT64 with a /96, RFC 8215
	{netip.MustParsePrefix("::ffff:0:0:0/96"), 12},
	{netip.MustParsePrefix("2002::/16"), 2}, // 6to4, RFC 3056
}

// notPublic applies the class rules to an unmapped address without a zone.
// The range is invalid if the address lies outside global6.
func notPublic(addr netip.Addr) (within netip.Prefix, refused bool) {
	ranges := special4[:]
	if addr.Is6() {
		if !global6.Contains(addr) {
			return netip.Prefix{}, true
		}
		ranges = special6[:]
	}
	for _, r := range ranges {
		if r.Contains(addr) {
			return r, true
		}
	}
	return netip.Prefix{}, false
}

func isMetadata(addr netip.Addr) bool {
	for _, m := range metadata {
		if m == addr {
			return true
		}
	}
	return false
}

// embedded gives the IPv4 address for which a translated IPv6 address stands.
func embedded(addr netip.Addr) (netip.Addr, bool) {
	for _, t := range translators {
		if t.prefix.Contains(addr) {
			b := addr.As16()
			return netip.AddrFrom4([4]byte(b[t.at : t.at+4])), true
		}
	}
	return netip.Addr{}, false
}
