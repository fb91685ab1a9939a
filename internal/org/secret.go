package org

import (
	"crypto/sha256"
	"encoding/hex"

	"github.com/usher-id/usher/internal/redact"
)

// Secret is a text that goes to a hook service or into the store and nowhere
// else: it prints, logs and marshals as [redacted].
type Secret struct{ redact.Text }

// NewSecret wraps a text.
func NewSecret(text string) Secret { return Secret{redact.New(text)} }

// HashToken is what the store keeps of an API token, a session handle or the
// handle of a visit: they are 238 and more random bits, so that one SHA-256 is
// enough and can be looked up.
func HashToken(token string) string {
	h := sha256.Sum256([]byte(token))
	return hex.EncodeToString(h[:])
}
