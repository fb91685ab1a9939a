package hookfake

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/usher-id/usher/hook/hooktest"
)

func TestCertificates(t *testing.T) {
	t.Parallel()
	expired := func(err error) bool {
		var invalid x509.CertificateInvalidError
		return errors.As(err, &invalid) && invalid.Reason == x509.Expired
	}
	wrongHost := func(err error) bool {
		var hostname x509.HostnameError
		return errors.As(err, &hostname)
	}
	none := func(err error) bool { return err == nil }
	for _, tt := range []struct {
		name   string
		server string
		want   func(error) bool
	}{
		{"deny", "hook.example", none},
		{"deny", "127.0.0.1", none},
		{"deny", "elsewhere.example", wrongHost},
		{"tls-expired", "hook.example", expired},
		{"tls-wrong-host", "hook.example", wrongHost},
	} {
		synctest.Test(t, func(t *testing.T) { // where the year is 2000
			c := one(t, tt.name)
			a, err := NewAuthority(time.Now(), "hook.example", "127.0.0.1")
			if err != nil {
				t.Fatal(err)
			}
			roots := x509.NewCertPool()
			if !roots.AppendCertsFromPEM(a.CAPEM()) {
				t.Fatal("no certificate in CAPEM")
			}
			ln, dial := Pipe()
			s := Serve(tls.NewListener(ln, a.TLSConfig(CertificateOf(c))), c)
			defer s.Close()
			conn, err := dial(t.Context(), "tcp", net.JoinHostPort(tt.server, "443"))
			if err != nil {
				t.Fatal(err)
			}
			client := tls.Client(conn, &tls.Config{RootCAs: roots, ServerName: tt.server, NextProtos: []string{"http/1.1"}})
			err = client.HandshakeContext(t.Context())
			if !tt.want(err) {
				t.Errorf("%s at %s: got %v", tt.name, tt.server, err)
			}
			if err == nil && client.ConnectionState().NegotiatedProtocol != "http/1.1" {
				t.Errorf("negotiated %q", client.ConnectionState().NegotiatedProtocol)
			}
			synctest.Wait()
			if s.Connections() != 1 || len(s.Requests()) != 0 {
				t.Errorf("%d connections, %d requests", s.Connections(), len(s.Requests()))
			}
			_ = conn.Close()
		})
	}
}

// A connection under TLS is closed below it, without the goodbye for which TLS
// waits five seconds when nobody reads.
func TestCloseUnderTLS(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		step hooktest.Step
		want error
	}{
		{hooktest.Step{Repeat: 1, Then: hooktest.ThenReset}, syscall.ECONNRESET},
		{hooktest.Step{Repeat: 1, Then: hooktest.ThenHang}, nil},
		{hooktest.Step{Repeat: -1, Chunk: strings.Repeat("x", 2*window)}, io.ErrUnexpectedEOF},
	} {
		synctest.Test(t, func(t *testing.T) {
			a, err := NewAuthority(time.Now(), "hook.example")
			if err != nil {
				t.Fatal(err)
			}
			roots := x509.NewCertPool()
			roots.AppendCertsFromPEM(a.CAPEM())
			ln, dial := Pipe()
			s := Serve(tls.NewListener(ln, a.TLSConfig(Good)), hooktest.Case{Script: []hooktest.Step{tt.step}})
			raw, err := dial(t.Context(), "tcp", "hook.example:443")
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = raw.Close() }()
			conn := tls.Client(raw, &tls.Config{RootCAs: roots, ServerName: "hook.example"})
			if _, err := io.WriteString(conn, "GET / HTTP/1.1\r\n\r\n"); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			start := time.Now()
			s.Close()
			if len(s.Requests()) != 1 || time.Since(start) != 0 {
				t.Errorf("%s: %d requests, closed after %v", tt.step.Then, len(s.Requests()), time.Since(start))
			}
			if _, err := io.Copy(io.Discard, conn); !errors.Is(err, tt.want) {
				t.Errorf("%s: the client reads %v", tt.step.Then, err)
			}
		})
	}
}
