package hookcall

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"
)

// Limits of a connection. Names and addresses are tried in turn by the dialer,
// which bounds each of them.
const (
	// net/http goes on dialling when an attempt is over, because the next one
	// may use the connection. So this bound is a little longer than the usual
	// attempt, and a name server that hangs is told as a timeout of the attempt.
	connectTimeout   = 4 * time.Second
	handshakeTimeout = 2 * time.Second
	idleTimeout      = 90 * time.Second
	idlePerOrigin    = 64
	idleInAll        = 1024
	// net/http's own limit lets 10 MiB through before it stops a flood of
	// headers. Informational answers (1xx) count with the rest.
	maxHeader = 32 << 10
)

// newTransport is the one outbound HTTP transport of usher. HTTP/1.1 alone:
// HTTP/2 would lower the case of header names, which services depend on.
func newTransport(d *dialer) *http.Transport {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	return &http.Transport{
		Proxy:                  nil, // see the package comment
		DialContext:            d.plain,
		DialTLSContext:         d.tls,
		Protocols:              protocols,
		DisableCompression:     true,
		MaxResponseHeaderBytes: maxHeader,
		MaxIdleConns:           idleInAll,
		MaxIdleConnsPerHost:    idlePerOrigin,
		IdleConnTimeout:        idleTimeout,
	}
}

type dialer struct {
	dial  func(ctx context.Context, network, addr string) (net.Conn, error)
	roots *x509.CertPool
	now   func() time.Time
}

// connectError tells how far a connection got that failed before it could carry
// a request.
type connectError struct {
	address   string // "" before there was one
	handshake bool   // failed in the TLS handshake
	err       error
}

func (e *connectError) Error() string { return e.err.Error() }
func (e *connectError) Unwrap() error { return e.err }

func (d *dialer) plain(ctx context.Context, network, addr string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	raw, err := d.connect(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	return newConn(raw), nil
}

func (d *dialer) tls(ctx context.Context, network, addr string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, &connectError{err: err}
	}
	raw, err := d.connect(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	secured := tls.Client(raw, &tls.Config{
		ServerName: host,
		RootCAs:    d.roots,
		MinVersion: tls.VersionTLS12,
		NextProtos: []string{"http/1.1"},
		Time:       d.now,
	})
	ctx, cancelHandshake := context.WithTimeout(ctx, handshakeTimeout)
	defer cancelHandshake()
	if err := secured.HandshakeContext(ctx); err != nil {
		_ = raw.Close() // the handshake has failed anyway
		return nil, &connectError{address: raw.RemoteAddr().String(), handshake: true, err: err}
	}
	return newConn(secured), nil
}

func (d *dialer) connect(ctx context.Context, network, addr string) (net.Conn, error) {
	raw, err := d.dial(ctx, network, addr)
	if err == nil {
		return raw, nil
	}
	failed := &connectError{err: err}
	var op *net.OpError
	if errors.As(err, &op) && op.Addr != nil {
		failed.address = op.Addr.String()
	}
	return nil, failed
}

// Roots are the system's certificate authorities and those of an operator's
// bundle in PEM, for [Options].
func Roots(bundle []byte) (*x509.CertPool, error) {
	pool, err := x509.SystemCertPool()
	if err != nil {
		return nil, fmt.Errorf("the system's certificate authorities: %w", err)
	}
	if len(bundle) > 0 && !pool.AppendCertsFromPEM(bundle) {
		return nil, errors.New("no certificate in PEM form is in the bundle")
	}
	return pool, nil
}
