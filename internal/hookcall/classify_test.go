package hookcall

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
)

// TestClassify is what neither services nor networks in memory can bring about.
func TestClassify(t *testing.T) {
	t.Parallel()
	written := fmt.Errorf("write error: %w", &net.OpError{Op: "write", Err: syscall.EPIPE})
	for name, tt := range map[string]struct {
		err    error
		conn   *conn
		kind   Kind
		detail string
	}{
		"route":          {&connectError{err: &net.OpError{Op: "dial", Err: syscall.EHOSTUNREACH}}, nil, ConnectFailed, "no route to host"},
		"dialer's own":   {&connectError{err: errors.New("192.0.2.1 is odd")}, nil, ConnectFailed, "no connection"},
		"never sent":     {errors.New(`net/http: invalid header field value for "x"`), nil, ConnectFailed, "the request could not be sent"},
		"TCP gave up":    {&net.OpError{Op: "read", Err: syscall.ETIMEDOUT}, newConn(nil), Timeout, "the time was over"},
		"broken pipe":    {written, newConn(nil), ConnectionLost, "the connection was lost before the answer was complete"},
		"not told apart": {errors.New("rosario@example.com"), newConn(nil), ProtocolInvalid, "the answer is not valid HTTP/1.1"},
		"certificate": {
			&connectError{handshake: true, err: x509.HostnameError{
				Certificate: &x509.Certificate{DNSNames: []string{"a\x1b[31m\u202e.example.com"}}, Host: "b",
			}},
			nil, TLSFailed, "x509: certificate is valid for a?[31m?.example.com, not b",
		},
	} {
		if kind, detail := classify(tt.err, tt.conn); kind != tt.kind || detail != tt.detail {
			t.Errorf("%s: %s (%s), want %s (%s)", name, kind, detail, tt.kind, tt.detail)
		}
	}
	for _, reset := range resets() {
		err := &net.OpError{Op: "read", Err: os.NewSyscallError("read", reset)}
		for _, place := range []error{err, &connectError{handshake: true, err: err}} {
			if kind, detail := classify(place, newConn(nil)); kind != ConnectionLost {
				t.Errorf("%v: %s (%s)", reset, kind, detail)
			}
		}
	}
	if kind, detail := classifyURL(errors.New("http://10.0.0.1")); kind != AddressRefused || strings.Contains(detail, "10.") {
		t.Errorf("URL: %s (%s)", kind, detail)
	}
	if got := printable(strings.Repeat("ä", 301)); got != strings.Repeat("ä", 300)+"…" {
		t.Errorf("%d bytes", len(got))
	}
}
