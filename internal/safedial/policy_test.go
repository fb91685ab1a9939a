package safedial

import (
	"net/netip"
	"strings"
	"testing"
)

func TestParseAllow(t *testing.T) {
	t.Parallel()
	for entry, want := range map[string]string{
		"10.2.0.0/16":                "10.2.0.0/16",
		"10.2.0.7":                   "10.2.0.7/32",
		"::1":                        "::1/128",
		"fd12:3456::/48":             "fd12:3456::/48",
		"::ffff:10.2.0.0/112":        "10.2.0.0/16",
		"::ffff:10.2.0.1":            "10.2.0.1/32",
		"169.254.169.254":            "169.254.169.254/32",
		"::ffff:169.254.169.254/128": "169.254.169.254/32",
		"64:ff9b::/96":               "64:ff9b::/96",
	} {
		got, err := ParseAllow(entry)
		if err != nil || got.String() != want {
			t.Errorf("%q is read as %v (%v), want %s", entry, got, err, want)
		}
	}
	for entry, say := range map[string]string{
		"0.0.0.0/0":          "metadata list",
		"::/0":               "exact address",
		"169.254.0.0/16":     "169.254.169.254, 169.254.170.2",
		"100.64.0.0/10":      "100.100.100.200",
		"fd00::/8":           "fd00:ec2::254, fd20:ce::254",
		"10.2.0.1/16":        "write 10.2.0.0/16",
		"::ffff:0:0/95":      "bits set beyond",
		"::ffff:0.0.0.0/96":  "metadata list",
		"hook":               "neither an address nor a range",
		"10.0.0.0/33":        "neither an address nor a range",
		"fe80::1%eth0":       "neither an address nor a range",
		"":                   "neither an address nor a range",
		"127.0.0.0/8, ::1/8": "neither an address nor a range",
	} {
		if got, err := ParseAllow(entry); err == nil || !strings.Contains(err.Error(), say) {
			t.Errorf("%q is read as %v (%v), want an error with %q", entry, got, err, say)
		}
	}
}

func TestParseAllowHost(t *testing.T) {
	t.Parallel()
	for entry, want := range map[string]string{
		"hook:3000":               "hook:3000",
		"HOOK.":                   "hook",
		"my_hook:1":               "my_hook:1",
		"hooks.svc.cluster.local": "hooks.svc.cluster.local",
		"localhost:65535":         "localhost:65535",
		"bücher.example.com":      "xn--bcher-kva.example.com",
		"[::1]:3000":              "[::1]:3000",
		"[::1]":                   "::1",
		"::1":                     "::1",
		"127.0.0.1:9000":          "127.0.0.1:9000",
		"[::ffff:127.0.0.1]:9000": "127.0.0.1:9000",
	} {
		got, err := ParseAllowHost(entry)
		if err != nil || got.String() != want {
			t.Errorf("%q is read as %v (%v), want %s", entry, got, err, want)
		}
	}
	for entry, say := range map[string]string{
		"":                        "not a host name",
		":3000":                   "not a host name",
		"hook:":                   "host with an optional port",
		"hook:0":                  "host with an optional port",
		"hook:65536":              "host with an optional port",
		"hook:http":               "host with an optional port",
		"http://hook":             "host with an optional port",
		"hook:3000/path":          "host with an optional port",
		"*.example.com":           "not a host name",
		"user@hook":               "not a host name",
		"a..b":                    "empty label",
		"127.1":                   "begins with a digit",
		"127。0。0。1":               "address in disguise",
		"[::1":                    "host with an optional port",
		"fe80::1%eth0":            "zone",
		"169.254.169.254":         "metadata address",
		"[::ffff:a9fe:a9fe]:80":   "metadata address",
		"[fd00:ec2::254]":         "metadata address",
		strings.Repeat("a", 64):   "not a host name",
		"hook.example.com:80:443": "host with an optional port",
	} {
		if got, err := ParseAllowHost(entry); err == nil || !strings.Contains(err.Error(), say) {
			t.Errorf("%q is read as %v (%v), want an error with %q", entry, got, err, say)
		}
	}
}

func TestNewPolicyChecksWhatWasNotParsed(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]Config{
		"everything":  {Allow: []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0")}},
		"everything6": {Allow: []netip.Prefix{netip.MustParsePrefix("::ffff:0.0.0.0/95")}},
		"empty range": {Allow: make([]netip.Prefix, 1)},
		"empty host":  {AllowHosts: make([]HostPort, 1)},
		"metadata":    {AllowHosts: []HostPort{{Host: "100.100.100.200"}}},
		"port 0":      {Ports: []uint16{443, 0}},
	} {
		if _, err := NewPolicy(c); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	p := policy(t, Config{
		Allow:      []netip.Prefix{netip.MustParsePrefix("10.2.3.4/16")},
		AllowHosts: []HostPort{{Host: "Hook."}},
	})
	for _, raw := range []string{"https://10.2.0.1/", "https://hook/"} {
		if _, err := p.ParseURL(raw); err != nil {
			t.Errorf("%q: %v", raw, err)
		}
	}
}
