package config

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// check looks at what can be judged without the database. What an org is set up
// with is judged by the packages that own it.
func (l *loader) check(c *Config) {
	l.checkAddresses(c)
	l.oneOf("log.level", c.Log.Level, "debug", "info", "warn", "error")
	l.oneOf("log.format", c.Log.Format, "json", "text")
	l.oneOf("password.hash", c.Password.Hash, "argon2id", "bcrypt")
	l.unless(c.Hooks.Timeout >= time.Second && c.Hooks.Timeout <= 8*time.Second, "hooks.timeout", "expected 1s to 8s")
	l.unless(c.TLS.CertFile != "" || c.TLS.KeyFile == "", "tls.certFile", "expected the certificate of tls.keyFile")
	l.unless(c.TLS.KeyFile != "" || c.TLS.CertFile == "", "tls.keyFile", "expected the private key of tls.certFile")
	for _, limit := range []struct {
		key string
		n   int
	}{
		{"limits.signUpPerMinute", c.Limits.SignUpPerMinute},
		{"limits.signInPerMinute", c.Limits.SignInPerMinute},
		{"limits.apiPerMinute", c.Limits.APIPerMinute},
		{"limits.previewPerMinute", c.Limits.PreviewPerMinute},
		{"retention.callBytes", c.Retention.CallBytes},
	} {
		l.unless(limit.n >= 0, limit.key, "expected 0 or more")
	}
	l.unless(c.Retention.Calls >= time.Minute, "retention.calls", "expected 1m or more")
	l.unless(c.Retention.SystemLog >= time.Minute, "retention.systemLog", "expected 1m or more")
	l.unless(c.Seed.Enrollment == nil || !c.Seed.Enrollment.EmailVerification,
		"seed.enrollment.emailVerification", "expected false: this version sends no mail")
}

func (l *loader) checkAddresses(c *Config) {
	l.unless(isListenAddress(c.Listen), "listen", "expected an address and a port, as in 127.0.0.1:8080")
	l.unless(c.PublicURL == "" || isOrigin(c.PublicURL), "publicUrl", "expected https:// and a host, without a path")
	c.PublicURL = strings.TrimRight(c.PublicURL, "/")
	l.unless(isDatabase(c.Database), "database", "expected sqlite:FILE or postgres://…")
	for i, text := range c.TrustedProxies {
		_, err := ParseRange(text)
		l.unless(err == nil, fmt.Sprintf("trustedProxies[%d]", i), "expected an address or a range, as in 10.0.0.0/8")
	}
}

func isListenAddress(text string) bool {
	_, port, err := net.SplitHostPort(text)
	if err != nil {
		return false
	}
	_, err = strconv.ParseUint(port, 10, 16)
	return err == nil
}

// isOrigin tells whether a URL is no more than a scheme and a host.
func isOrigin(text string) bool {
	u, err := url.Parse(strings.TrimRight(text, "/"))
	if err != nil || u.Host == "" || u.User != nil {
		return false
	}
	return u.String() == u.Scheme+"://"+u.Host && (u.Scheme == "https" || u.Scheme == "http")
}

func isDatabase(text string) bool {
	file, isFile := strings.CutPrefix(text, "sqlite:")
	return isFile && file != "" || strings.HasPrefix(text, "postgres://") || strings.HasPrefix(text, "postgresql://")
}

// ParseRange reads an address or a range of addresses.
func ParseRange(text string) (netip.Prefix, error) {
	if a, err := netip.ParseAddr(text); err == nil {
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	return netip.ParsePrefix(text)
}

func (l *loader) oneOf(key, value string, allowed ...string) {
	l.unless(slices.Contains(allowed, value), key, "expected "+strings.Join(allowed, " or "))
}

// unless finds fault with a key, unless that was done already.
func (l *loader) unless(good bool, key, expected string) {
	if !good && !slices.ContainsFunc(l.found, func(e *Error) bool { return e.Key == key }) {
		l.found = append(l.found, at(l.places, key, expected))
	}
}

// At is the error of a value that another package refused. It names the line of
// the file or the variable that the value is from.
func (c *Config) At(key, expected string) error { return at(c.places, key, expected) }

func at(places map[string]place, key, expected string) *Error {
	// What is missing, and an element of a list, stand where the whole does.
	for path := key; path != ""; path = path[:max(strings.LastIndexAny(path, ".["), 0)] {
		if p, ok := places[path]; ok {
			return &Error{Source: p.source, Line: p.line, Key: key, Expected: expected}
		}
	}
	return &Error{Key: key, Expected: expected}
}
