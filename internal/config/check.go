package config

import (
	"net"
	"net/netip"
	"net/url"
	"slices"
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
	if t := c.Hooks.Timeout; t < time.Second || t > 8*time.Second {
		l.bad("hooks.timeout", "expected 1s to 8s")
	}
	if (c.TLS.CertFile == "") != (c.TLS.KeyFile == "") {
		l.bad("tls", "expected both certFile and keyFile, or neither")
	}
	for key, n := range map[string]int{
		"limits.signUpPerMinute": c.Limits.SignUpPerMinute, "limits.signInPerMinute": c.Limits.SignInPerMinute,
		"limits.apiPerMinute": c.Limits.APIPerMinute, "limits.previewPerMinute": c.Limits.PreviewPerMinute, "retention.callBytes": c.Retention.CallBytes,
	} {
		if n < 0 {
			l.bad(key, "expected 0 or more")
		}
	}
	for key, d := range map[string]time.Duration{"retention.calls": c.Retention.Calls, "retention.systemLog": c.Retention.SystemLog} {
		if d < time.Minute {
			l.bad(key, "expected 1m or more")
		}
	}
	if e := c.Seed.Enrollment; e != nil && e.EmailVerification {
		l.bad("seed.enrollment.emailVerification", "expected false: this version sends no mail")
	}
}

func (l *loader) checkAddresses(c *Config) {
	if _, _, err := net.SplitHostPort(c.Listen); err != nil {
		l.bad("listen", "expected an address and a port, as in 127.0.0.1:8080")
	}
	if c.PublicURL != "" {
		u, err := url.Parse(c.PublicURL)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
			l.bad("publicUrl", "expected https:// and a host, without a path")
		}
		c.PublicURL = strings.TrimRight(c.PublicURL, "/")
	}
	if !strings.HasPrefix(c.Database, "sqlite:") && !strings.HasPrefix(c.Database, "postgres://") && !strings.HasPrefix(c.Database, "postgresql://") {
		l.bad("database", "expected sqlite:FILE or postgres://…")
	}
	for _, text := range c.TrustedProxies {
		if _, err := ParseRange(text); err != nil {
			l.bad("trustedProxies", "expected addresses or ranges, as in 10.0.0.0/8")
			break
		}
	}
}

// ParseRange reads an address or a range of addresses.
func ParseRange(text string) (netip.Prefix, error) {
	if a, err := netip.ParseAddr(text); err == nil {
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	return netip.ParsePrefix(text)
}

func (l *loader) oneOf(key, value string, allowed ...string) {
	if !slices.Contains(allowed, value) {
		l.bad(key, "expected "+strings.Join(allowed, " or "))
	}
}

func (l *loader) bad(key, expected string) {
	l.errs = append(l.errs, at(l.source, l.lines, key, expected))
}

// At is the error of a value that another package refused: it names the line
// where the file has the key, else the variable.
func (c *Config) At(key, expected string) error { return at(c.source, c.lines, key, expected) }

func at(source string, lines map[string]int, key, expected string) *Error {
	// A key inside what was refused as a whole stands where the whole does.
	for path := key; path != ""; path = path[:max(strings.LastIndexAny(path, ".["), 0)] {
		if line := lines[path]; line > 0 {
			return &Error{Source: source, Line: line, Key: key, Expected: expected}
		}
	}
	return &Error{Source: "USHER_" + envName(key), Key: key, Expected: expected}
}
