package server

import (
	"crypto/x509"
	"fmt"
	"net/netip"
	"os"

	"github.com/usher-id/usher/internal/config"
	"github.com/usher-id/usher/internal/hookcall"
	"github.com/usher-id/usher/internal/safedial"
)

// outboundPolicy is what hooks may have as addresses.
func outboundPolicy(c *config.Config) (*safedial.Policy, error) {
	cfg := safedial.Config{AllowHTTP: c.Outbound.AllowHTTP}
	for i, text := range c.Outbound.Allow {
		p, err := safedial.ParseAllow(text)
		if err != nil {
			return nil, c.At(fmt.Sprintf("outbound.allow[%d]", i), err.Error())
		}
		cfg.Allow = append(cfg.Allow, p)
	}
	for i, text := range c.Outbound.AllowHosts {
		h, err := safedial.ParseAllowHost(text)
		if err != nil {
			return nil, c.At(fmt.Sprintf("outbound.allow_hosts[%d]", i), err.Error())
		}
		cfg.AllowHosts = append(cfg.AllowHosts, h)
	}
	for i, port := range c.Outbound.Ports {
		if port < 1 || port > 65535 {
			return nil, c.At(fmt.Sprintf("outbound.ports[%d]", i), "expected a port, 1 to 65535")
		}
		cfg.Ports = append(cfg.Ports, uint16(port))
	}
	policy, err := safedial.NewPolicy(cfg)
	if err != nil {
		return nil, c.At("outbound", err.Error())
	}
	return policy, nil
}

// certificates are the authorities whose certificates hooks may have.
func certificates(c *config.Config) (*x509.CertPool, error) {
	if c.Outbound.CAFile == "" {
		return nil, nil // the system's
	}
	bundle, err := os.ReadFile(c.Outbound.CAFile)
	if err != nil {
		return nil, c.At("outbound.ca_file", err.Error())
	}
	pool, err := hookcall.Roots(bundle)
	if err != nil {
		return nil, c.At("outbound.ca_file", err.Error())
	}
	return pool, nil
}

// proxies are those whose X-Forwarded-For is believed. Load has checked them.
func proxies(c *config.Config) []netip.Prefix {
	var list []netip.Prefix
	for _, text := range c.TrustedProxies {
		if p, err := config.ParseRange(text); err == nil {
			list = append(list, p)
		}
	}
	return list
}
