package safedial

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"

	"golang.org/x/net/idna"
)

const localhost = "localhost"

// loopback is what localhost means (RFC 6761), without asking anybody.
func loopback() []netip.Addr {
	return []netip.Addr{netip.IPv6Loopback(), netip.AddrFrom4([4]byte{127, 0, 0, 1})}
}

// HostPort is an entry of the list of allowed hosts: an exact name (or address)
// and a port, 0 for any.
type HostPort struct {
	Host string
	Port uint16
}

func (h HostPort) String() string {
	if h.Port == 0 {
		return h.Host
	}
	return net.JoinHostPort(h.Host, strconv.Itoa(int(h.Port)))
}

// ParseAllowHost reads an entry of the list of allowed hosts: "hook:3000",
// "hooks.svc.cluster.local", "[::1]:3000".
func ParseAllowHost(s string) (HostPort, error) {
	var h HostPort
	name, bracketed := strings.CutPrefix(s, "[")
	name, closed := strings.CutSuffix(name, "]")
	_, err := netip.ParseAddr(name)
	switch {
	case bracketed == closed && err == nil:
		h.Host = name
	case strings.Contains(s, ":"):
		host, port, err := net.SplitHostPort(s)
		if err == nil {
			h.Port, err = parsePort(port)
		}
		if err != nil {
			return h, fmt.Errorf("%q is not a host with an optional port, like hook:3000 or [::1]:3000", s)
		}
		h.Host = host
	default:
		h.Host = s
	}
	return checkAllowHost(h)
}

func checkAllowHost(h HostPort) (HostPort, error) {
	c, err := normaliseHost(h.Host)
	if err == nil && c.name != "" {
		// The rules on single labels and special-use names are those that a
		// listing lifts; an underscore occurs in names of containers.
		err = checkLabels(strings.ReplaceAll(c.name, "_", "x"))
	}
	if err != nil {
		var refused *RefusedError
		if errors.As(err, &refused) {
			return h, fmt.Errorf("%q cannot be listed: %s", h, refused.Rule)
		}
		return h, err
	}
	if isMetadata(c.addr) {
		return h, fmt.Errorf("%q is a metadata address: it can be allowed only as an exact address among the ranges", h)
	}
	return HostPort{Host: c.String(), Port: h.Port}, nil
}

// host is a normalised host: either an address, unmapped and without a zone, or
// an ASCII name in lower case without a final dot.
type host struct {
	addr netip.Addr
	name string
}

func (h host) String() string {
	if h.addr.IsValid() {
		return h.addr.String()
	}
	return h.name
}

// normaliseHost maps first and decides then whether it is an address: digits in
// circles and full-width dots are mapped to plain ones, and a final dot, letter
// case and brackets have passed deny lists before (CVE-2022-24825,
// CVE-2022-29188).
func normaliseHost(raw string) (host, error) {
	if addr, err := netip.ParseAddr(raw); err == nil {
		if addr.Zone() != "" {
			return host{}, &RefusedError{Rule: RulePercent, Host: raw}
		}
		return host{addr: addr.Unmap()}, nil
	}
	// Underscores are left to checkLabels, so that a listed host may have them.
	// Hyphens as in r3---sn are in common use.
	profile := idna.New(idna.MapForLookup(), idna.BidiRule(), idna.StrictDomainName(false), idna.CheckHyphens(false))
	name, err := profile.ToASCII(raw)
	if err != nil {
		return host{}, &RefusedError{Rule: RuleHostName, Host: raw}
	}
	name = strings.TrimSuffix(name, ".")
	if _, err := netip.ParseAddr(name); err == nil {
		return host{}, &RefusedError{Rule: RuleHiddenAddress, Host: raw}
	}
	if name == "" {
		return host{}, &RefusedError{Rule: RuleHostName, Host: raw}
	}
	return host{name: name}, nil
}

// canonical gives the form of a host under which entries are stored, and the
// host as it is if it cannot be normalised: that form is on no list.
func canonical(raw string) string {
	if h, err := normaliseHost(raw); err == nil {
		return h.String()
	}
	return raw
}

// checkName applies the rules on names to a normalised one.
func checkName(name string) error {
	if err := checkLabels(name); err != nil {
		return err
	}
	if !strings.Contains(name, ".") {
		return &RefusedError{Rule: RuleSingleLabel, Host: name}
	}
	// RFC 6761 and the registry of special-use domain names, with two suffixes
	// that sites use for themselves.
	for _, suffix := range [...]string{
		localhost, "local", "internal", "localdomain", "home.arpa",
		"test", "invalid", "onion", "in-addr.arpa", "ip6.arpa",
	} {
		if name == suffix || strings.HasSuffix(name, "."+suffix) {
			return &RefusedError{Rule: RuleSpecialUse, Host: name}
		}
	}
	return nil
}

// checkLabels holds a name to the form of host names (RFC 1123). A last label
// that begins with a digit is refused, because C resolvers read 127.1,
// 0x7f000001 and 2130706433 as addresses.
func checkLabels(name string) error {
	if len(name) > 253 {
		return &RefusedError{Rule: RuleHostName, Host: name}
	}
	var last string
	for label := range strings.SplitSeq(name, ".") {
		if label == "" {
			return &RefusedError{Rule: RuleEmptyLabel, Host: name}
		}
		if !isLabel(label) {
			return &RefusedError{Rule: RuleHostName, Host: name}
		}
		last = label
	}
	if isDigit(last[0]) {
		return &RefusedError{Rule: RuleNumericLabel, Host: name}
	}
	return nil
}

func isLabel(s string) bool {
	if len(s) > 63 || s[0] == '-' || s[len(s)-1] == '-' {
		return false
	}
	for i := range len(s) {
		if c := s[i]; (c < 'a' || c > 'z') && !isDigit(c) && c != '-' {
			return false
		}
	}
	return true
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// parsePort reads a port that can be dialled: 1 to 65535.
func parsePort(s string) (uint16, error) {
	n, err := strconv.ParseUint(s, 10, 16)
	if err == nil && n == 0 {
		err = strconv.ErrRange
	}
	return uint16(n), err
}
