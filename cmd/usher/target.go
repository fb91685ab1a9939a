package main

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"

	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/hookcall"
	"github.com/usher-id/usher/internal/safedial"
)

// target is a hook service that was named on a command line. Who types an address
// may have it called, wherever it is; only metadata services stay out of reach.
type target struct {
	url            string
	address        string // host:port
	header, secret string // of authentication; "" for none
}

// loopback is what may be called on a developer's machine.
func loopback() []string { return []string{"127.0.0.0/8", "::1/128"} }

// parseTarget reads a URL, which the command line calls by a name, and the value
// of --hook-auth. Its errors never hold the secret.
func parseTarget(name, rawURL, auth string) (*target, error) {
	u, err := url.Parse(rawURL)
	if err != nil || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("%s: expected a URL, as in http://localhost:3000/registrationHook", name)
	}
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	t := &target{url: rawURL, address: net.JoinHostPort(u.Hostname(), port)}
	policy, err := t.policy()
	if err == nil {
		_, err = policy.ParseURL(rawURL)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if auth == "" {
		return t, nil
	}
	t.header, t.secret, _ = strings.Cut(auth, ":")
	t.header, t.secret = strings.TrimSpace(t.header), strings.TrimSpace(t.secret)
	if t.header == "" || t.secret == "" {
		return nil, errors.New("--hook-auth: expected a header, as in 'authorization: Basic dXNlcjpzZWNyZXQ='")
	}
	if f := fault.As(hookcall.CheckHeaders(&hookcall.Header{Name: t.header, Value: t.secret}, nil)); f != nil {
		return nil, fmt.Errorf("--hook-auth: %s", f.Causes[0].Text)
	}
	return t, nil
}

// policy allows calls of the target, and of this machine.
func (t *target) policy() (*safedial.Policy, error) {
	host, err := safedial.ParseAllowHost(t.address)
	if err != nil {
		return nil, err
	}
	c := safedial.Config{AllowHTTP: true, AllowHosts: []safedial.HostPort{host}}
	for _, text := range loopback() {
		r, err := safedial.ParseAllow(text)
		if err != nil {
			return nil, err
		}
		c.Allow = append(c.Allow, r)
	}
	return safedial.NewPolicy(c)
}
