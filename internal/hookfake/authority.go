package hookfake

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"time"

	"github.com/usher-id/usher/hook/hooktest"
)

// Certificate is a kind of certificate that a service can show.
type Certificate int

// Good is valid for the hosts of its [Authority], Expired was until an hour
// ago, WrongHost is for wrong.invalid.
const (
	Good Certificate = iota
	Expired
	WrongHost
)

// CertificateOf is the kind that the service of a case shows.
func CertificateOf(c hooktest.Case) Certificate {
	switch c.Transport() {
	case hooktest.ThenTLSExpired:
		return Expired
	case hooktest.ThenTLSWrongHost:
		return WrongHost
	}
	return Good
}

// Authority is a certificate authority in memory.
type Authority struct {
	pem          []byte
	certificates map[Certificate]tls.Certificate
}

// NewAuthority makes one, with its certificates for the hosts (names or
// addresses). They are good for a day around now.
func NewAuthority(now time.Time, hosts ...string) (*Authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	root := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		Subject:               pkix.Name{CommonName: "hookfake authority"},
		NotBefore:             now.AddDate(-1, 0, 0),
		NotAfter:              now.AddDate(1, 0, 0),
		KeyUsage:              x509.KeyUsageCertSign,
		IsCA:                  true,
		BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, root, root, key.Public(), key)
	if err != nil {
		return nil, fmt.Errorf("the authority's certificate: %w", err)
	}
	a := &Authority{
		pem:          pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		certificates: map[Certificate]tls.Certificate{},
	}
	for kind, leaf := range map[Certificate]*x509.Certificate{
		Good:      leaf(now.Add(12*time.Hour), hosts),
		Expired:   leaf(now.Add(-time.Hour), hosts),
		WrongHost: leaf(now.Add(12*time.Hour), []string{"wrong.invalid"}),
	} {
		leaf.SerialNumber = big.NewInt(2 + int64(kind))
		leaf.NotBefore = now.Add(-12 * time.Hour)
		if a.certificates[kind], err = sign(leaf, root, key); err != nil {
			return nil, fmt.Errorf("a certificate for %v: %w", hosts, err)
		}
	}
	return a, nil
}

func leaf(until time.Time, hosts []string) *x509.Certificate {
	c := &x509.Certificate{
		Subject:     pkix.Name{CommonName: "hookfake service"},
		NotAfter:    until,
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	for _, h := range hosts {
		if ip := net.ParseIP(h); ip != nil {
			c.IPAddresses = append(c.IPAddresses, ip)
		} else {
			c.DNSNames = append(c.DNSNames, h)
		}
	}
	return c
}

func sign(c, root *x509.Certificate, by *ecdsa.PrivateKey) (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	der, err := x509.CreateCertificate(rand.Reader, c, root, key.Public(), by)
	if err != nil {
		return tls.Certificate{}, err
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, nil
}

// CAPEM is what a client that trusts the authority has in its CA bundle.
func (a *Authority) CAPEM() []byte { return a.pem }

// TLSConfig is that of a service which shows a certificate of the kind; give it
// to tls.NewListener. The service speaks HTTP/1.1 alone.
func (a *Authority) TLSConfig(kind Certificate) *tls.Config {
	return &tls.Config{
		Certificates: []tls.Certificate{a.certificates[kind]},
		MinVersion:   tls.VersionTLS12,
		NextProtos:   []string{"http/1.1"},
	}
}
