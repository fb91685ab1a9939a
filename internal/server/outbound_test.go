package server

import (
	"crypto/x509"
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/usher-id/usher/internal/config"
	"github.com/usher-id/usher/internal/hookfake"
)

func TestOutboundRefused(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ file, want string }{
		"everything":            {"outbound:\n  allow: [10.0.0.0/8, 0.0.0.0/0]\n", "usher.yaml:2: outbound.allow[1]: 0.0.0.0/0 covers the metadata list"},
		"everything of IPv6":    {"outbound:\n  allow:\n    - ::/0\n", "usher.yaml:3: outbound.allow[0]: "},
		"no range":              {"outbound:\n  allow: [intranet]\n", "usher.yaml:2: outbound.allow[0]: \"intranet\" is neither an address nor a range"},
		"bits beyond":           {"outbound:\n  allow: [10.2.0.7/16]\n", "usher.yaml:2: outbound.allow[0]: "},
		"no host":               {"outbound:\n  allow_hosts: [hook, 'hook:port']\n", "usher.yaml:2: outbound.allow_hosts[1]: "},
		"a URL for a host":      {"outbound:\n  allow_hosts:\n    - http://hook:3000\n", "usher.yaml:3: outbound.allow_hosts[0]: "},
		"metadata by its host":  {"outbound:\n  allow_hosts: [169.254.169.254]\n", "usher.yaml:2: outbound.allow_hosts[0]: "},
		"port 0":                {"outbound:\n  ports: [443, 0]\n", "usher.yaml:2: outbound.ports[1]: expected a port, 1 to 65535"},
		"a port beyond":         {"outbound:\n  ports:\n    - 65536\n", "usher.yaml:3: outbound.ports[0]: expected a port, 1 to 65535"},
		"authorities not there": {"outbound:\n  ca_file: none.pem\n", "usher.yaml:2: outbound.ca_file: open none.pem"},
		"authorities that are none": {"outbound:\n  ca_file: " + os.DevNull + "\n  allow: []\n",
			""}, // an empty bundle adds nothing
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := Open(t.Context(), load(t, tt.file), options())
			if err == nil {
				s.Close()
			}
			var named *config.Error
			switch {
			case tt.want == "" && err != nil:
				t.Error(err)
			case tt.want != "" && (!errors.As(err, &named) || !strings.Contains(err.Error(), tt.want)):
				t.Errorf("the error is %v, want %q", err, tt.want)
			}
		})
	}
}

func TestOutboundPolicy(t *testing.T) {
	t.Parallel()
	policy, err := outboundPolicy(load(t, `outbound:
  allow: [10.2.0.0/16, 127.0.0.1]
  allow_hosts: ["hook:3000", "host.docker.internal"]
  allow_http: true
  ports: [8443]
`))
	if err != nil {
		t.Fatal(err)
	}
	for raw, want := range map[string]bool{
		"http://10.2.3.4:99/":               true,
		"http://127.0.0.1:3000/":            true,
		"http://hook:3000/":                 true,
		"http://host.docker.internal:80/":   true,
		"https://hooks.example.com/":        true,
		"https://hooks.example.com:8443/":   true,
		"https://hooks.example.com:9443/":   false,
		"http://hooks.example.com/":         false,
		"http://hook:3001/":                 false,
		"http://10.3.0.1/":                  false,
		"http://169.254.169.254/latest":     false,
		"https://[::1]/":                    false,
		"https://user:pw@hooks.example.com": false,
	} {
		if _, err := policy.ParseURL(raw); (err == nil) != want {
			t.Errorf("%s: %v", raw, err)
		}
	}
}

func TestCertificates(t *testing.T) {
	t.Parallel()
	authority, err := hookfake.NewAuthority(time.Now(), "hook")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, authority.CAPEM(), 0o600); err != nil {
		t.Fatal(err)
	}
	pool, err := certificates(load(t, "outbound: {ca_file: "+file+"}\n"))
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(authority.TLSConfig(hookfake.Good).Certificates[0].Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	if _, err := leaf.Verify(x509.VerifyOptions{Roots: pool, DNSName: "hook"}); err != nil {
		t.Error(err)
	}
	if pool, err := certificates(load(t, "\n")); err != nil || pool != nil {
		t.Errorf("without a file: %v, %v; want the system's", pool, err)
	}
	if err := os.WriteFile(file, []byte("-----BEGIN NOTHING-----\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := certificates(load(t, "outbound: {ca_file: "+file+"}\n")); err == nil || !strings.Contains(err.Error(), "outbound.ca_file: no certificate") {
		t.Errorf("the error is %v", err)
	}
}

func TestProxies(t *testing.T) {
	t.Parallel()
	got := proxies(load(t, "trustedProxies: [10.0.0.0/8, '::1', 192.0.2.7]\n"))
	want := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("::1/128"), netip.MustParsePrefix("192.0.2.7/32")}
	if len(got) != len(want) {
		t.Fatalf("proxies are %v", got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("proxy %d is %v, want %v", i, got[i], want[i])
		}
	}
}
