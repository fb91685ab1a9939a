package org

import "time"

// SigningKey is a key pair that the org signs tokens with.
type SigningKey struct {
	ID      string // kid: the SHA-256 thumbprint of the public key (RFC 7638)
	Status  string // StatusActive, which one key at most has
	Private Secret // PKCS #8 in PEM
	Created time.Time
}
