package safedial

import (
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxURL is the length of an inline hook's URI in Okta's API.
const maxURL = 1024

// ParseURL reads the URL of an outbound call and refuses what can be refused
// without asking a resolver. It gives the normalised form, which alone is to be
// stored, compared and called: lower case, IDNA 2008 mapped to ASCII, no final
// dot, addresses in their shortest form, an IPv4-mapped one as IPv4. The path
// and the query stay as they are, since services are steered by them.
//
// The error is a [RefusedError] or a [SelfCallError].
func (p *Policy) ParseURL(raw string) (*url.URL, error) {
	u, err := parseSyntax(raw)
	if err != nil {
		return nil, err
	}
	port, err := effectivePort(u)
	if err != nil {
		return nil, err
	}
	if strings.Contains(rawAuthority(raw), "%") {
		return nil, &RefusedError{Rule: RulePercent, Host: u.Hostname()}
	}
	h, err := normaliseHost(u.Hostname())
	if err != nil {
		return nil, err
	}
	if err := p.checkTarget(u.Scheme, h, port); err != nil {
		return nil, err
	}
	return normalised(u, h)
}

// checkTarget applies the rules that an entry of the operator lifts.
func (p *Policy) checkTarget(scheme string, h host, port uint16) error {
	lifted := p.lifts(h, port)
	if scheme != "https" && (!lifted || !p.allowHTTP) {
		return &RefusedError{Rule: RuleScheme, Host: h.String()}
	}
	if !lifted && !p.portAllowed(port) {
		return &RefusedError{Rule: RulePort, Host: h.String()}
	}
	if h.addr.IsValid() {
		return p.checkAddr(h.String(), netip.AddrPortFrom(h.addr, port))
	}
	if lifted {
		return nil
	}
	return checkName(h.name)
}

// parseSyntax applies the rules that look at the text alone.
func parseSyntax(raw string) (*url.URL, error) {
	if len(raw) > maxURL {
		return nil, &RefusedError{Rule: RuleLength}
	}
	if strings.ContainsFunc(raw, func(r rune) bool { return r == '\\' || unicode.IsSpace(r) || unicode.IsControl(r) }) {
		return nil, &RefusedError{Rule: RuleCharacters}
	}
	u, err := url.Parse(raw)
	// The error of net/url quotes the URL, which may hold a password.
	if err != nil || !utf8.ValidString(raw) {
		return nil, &RefusedError{Rule: RuleParse}
	}
	switch {
	case u.Scheme != "https" && u.Scheme != "http":
		return nil, &RefusedError{Rule: RuleScheme}
	case u.Opaque != "":
		return nil, &RefusedError{Rule: RuleOpaque}
	case u.User != nil:
		return nil, &RefusedError{Rule: RuleUserInfo}
	case strings.Contains(raw, "#"):
		return nil, &RefusedError{Rule: RuleFragment}
	case u.Hostname() == "":
		return nil, &RefusedError{Rule: RuleNoHost}
	}
	return u, nil
}

// rawAuthority is the host and port as they were written: net/url decodes
// escapes of bytes outside ASCII in them.
func rawAuthority(raw string) string {
	_, rest, _ := strings.Cut(raw, "://")
	if end := strings.IndexAny(rest, "/?"); end >= 0 {
		return rest[:end]
	}
	return rest
}

// effectivePort is the port of the URL, or that of its scheme.
func effectivePort(u *url.URL) (uint16, error) {
	switch {
	case strings.HasSuffix(u.Host, ":"):
		return 0, &RefusedError{Rule: RuleEmptyPort, Host: u.Hostname()}
	case u.Port() != "":
		port, err := parsePort(u.Port())
		if err != nil {
			return 0, &RefusedError{Rule: RulePort, Host: u.Hostname()}
		}
		return port, nil
	case u.Scheme == "http":
		return 80, nil
	default:
		return 443, nil
	}
}

// normalised puts the URL together again and reads it once more, so that the
// result is what a reader of the stored text will see.
func normalised(u *url.URL, h host) (*url.URL, error) {
	n := *u
	n.Host = h.String()
	if h.addr.Is6() {
		n.Host = "[" + n.Host + "]"
	}
	if port, err := parsePort(u.Port()); err == nil {
		n.Host += ":" + strconv.Itoa(int(port))
	}
	n.RawQuery = escapeHigh(u.RawQuery)
	text := n.String()
	if len(text) > maxURL {
		return nil, &RefusedError{Rule: RuleLength, Host: h.String()}
	}
	again, err := url.Parse(text)
	if err != nil {
		return nil, &RefusedError{Rule: RuleParse, Host: h.String()}
	}
	return again, nil
}

// escapeHigh writes bytes outside ASCII as percent escapes, which net/url does
// for a path but not for a query; the transport would send them raw.
func escapeHigh(query string) string {
	var b strings.Builder
	for i := range len(query) {
		if c := query[i]; c < utf8.RuneSelf {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}
