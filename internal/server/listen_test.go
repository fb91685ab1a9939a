package server

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/usher-id/usher/internal/hookfake"
)

func TestListenRefused(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for name, tt := range map[string]struct{ file, want string }{
		"a port that is taken": {"\nlisten: " + taken.Addr().String(), "listen: "},
		"no certificate":       {"tls:\n  certFile: none.pem\n  keyFile: none.pem\n", "usher.yaml:1: tls: open none.pem"},
	} {
		s := open(t, load(t, tt.file))
		if _, err := s.Listen(t.Context()); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: the error is %v", name, err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestPublicURL(t *testing.T) {
	t.Parallel()
	for file, want := range map[string]string{
		"\nlisten: 127.0.0.1:0": "http://127.0.0.1:%s",
		"\nlisten: ':0'":        "http://localhost:%s",
		"\nlisten: 0.0.0.0:0":   "http://localhost:%s",
		"publicUrl: https://id.example.com/\n\nlisten: 127.0.0.1:0": "https://id.example.com",
	} {
		s := open(t, load(t, file))
		ln, err := s.Listen(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(want, "%s") {
			_, port, _ := net.SplitHostPort(ln.Addr().String())
			want = fmt.Sprintf(want, port)
		}
		if got := s.PublicURL(); got != want {
			t.Errorf("%q is public at %s, want %s", file, got, want)
		}
		_, port, _ := net.SplitHostPort(ln.Addr().String())
		if _, err := s.policy.ParseURL("https://127.0.0.1:" + port); err == nil || !strings.Contains(err.Error(), "usher itself") {
			t.Errorf("%q: a hook there: %v", file, err)
		}
		ln.Close()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestTLS(t *testing.T) {
	t.Parallel()
	authority := httptest.NewUnstartedServer(nil) // for its certificate
	authority.StartTLS()
	pair, root := authority.TLS.Certificates[0], authority.Certificate()
	authority.Close()
	key, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for file, block := range map[string]*pem.Block{
		"cert.pem": {Type: "CERTIFICATE", Bytes: pair.Certificate[0]},
		"key.pem":  {Type: "PRIVATE KEY", Bytes: key},
	} {
		if err := os.WriteFile(filepath.Join(dir, file), pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s := start(t, fmt.Sprintf("tls: {certFile: %s, keyFile: %s}\n", filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")))
	if !strings.HasPrefix(s.PublicURL(), "https://127.0.0.1:") {
		t.Fatalf("it is public at %s", s.PublicURL())
	}
	roots := x509.NewCertPool()
	roots.AddCert(root)
	address := strings.TrimPrefix(s.PublicURL(), "https://")
	for version, want := range map[uint16]bool{tls.VersionTLS10: false, tls.VersionTLS11: false, tls.VersionTLS12: true, tls.VersionTLS13: true} {
		conn, err := tls.Dial("tcp", address, &tls.Config{RootCAs: roots, MinVersion: version, MaxVersion: version})
		if err == nil {
			conn.Close()
		}
		if (err == nil) != want {
			t.Errorf("%s: %v", tls.VersionName(version), err)
		}
	}
	for protocol, transport := range map[int]*http.Transport{
		1: {TLSClientConfig: &tls.Config{RootCAs: roots}},
		2: {TLSClientConfig: &tls.Config{RootCAs: roots}, ForceAttemptHTTP2: true},
	} {
		a := do(t, client(t, transport), get(t, s.PublicURL()+"/"))
		if a.StatusCode != http.StatusOK || a.ProtoMajor != protocol || a.Header.Get("Strict-Transport-Security") == "" {
			t.Errorf("HTTP/%d: %s of %s, %v", protocol, a.Status, a.Proto, a.Header)
		}
	}
}

// Clients that send, read or do nothing do not hold a connection for ever.
func TestSlowClientsAreLeft(t *testing.T) {
	t.Parallel()
	const head = "POST /signup HTTP/1.1\r\nHost: usher\r\nSec-Fetch-Site: same-origin\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 99\r\n\r\n"
	for name, tt := range map[string]struct {
		sent  string
		after time.Duration
	}{
		"headers that do not end": {"GET / HTTP/1.1\r\nHost: us", readHeaderTimeout},
		"a body that does not":    {head + "firstName=A", readTimeout},
		"nothing more":            {"GET /livez HTTP/1.1\r\nHost: usher\r\n\r\n", idleTimeout},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := open(t, load(t, "publicUrl: https://id.example.com\nseed: {enrollment: {selfServiceRegistration: true}}\n"))
				ln, dial := hookfake.Pipe()
				serve(t, s, ln)
				conn, err := dial(t.Context(), "tcp", "usher")
				if err != nil {
					t.Fatal(err)
				}
				defer conn.Close()
				began := time.Now()
				if err := conn.SetReadDeadline(began.Add(2 * idleTimeout)); err != nil {
					t.Fatal(err)
				}
				if _, err := io.WriteString(conn, tt.sent); err != nil {
					t.Fatal(err)
				}
				if _, err := io.Copy(io.Discard, conn); err != nil {
					t.Error(err)
				}
				if took := time.Since(began); took < tt.after || took > tt.after+time.Second {
					t.Errorf("left after %s, want %s", took, tt.after)
				}
			})
		})
	}
}

func TestLargeHeaders(t *testing.T) {
	t.Parallel()
	s := start(t, "\n")
	c := client(t, new(http.Transport))
	for size, want := range map[int]int{maxHeaderBytes / 2: http.StatusOK, 2 * maxHeaderBytes: http.StatusRequestHeaderFieldsTooLarge} {
		r := get(t, s.PublicURL()+"/livez")
		r.Header.Set("X-Large", strings.Repeat("x", size))
		if a := do(t, c, r); a.StatusCode != want {
			t.Errorf("%d bytes: %s", size, a.Status)
		}
	}
}
