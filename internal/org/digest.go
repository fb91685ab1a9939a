package org

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
)

// Digest is what the store keeps of a secret that a client may have chosen itself:
// a salted SHA-256, and that sealed. A slow hash would cost every token request its
// time, for secrets of which nearly all are random; a fast one alone lets whoever
// has a copy of the database guess the others. Sealed, it needs the key ring as
// well, which is not in the database.
type Digest struct {
	Salt, Sum []byte
}

// saltBytes is long enough that no salt is drawn twice.
const saltBytes = 16

// DigestOf makes the digest of a text, another one each time.
func DigestOf(text string) Digest {
	salt := make([]byte, saltBytes)
	_, _ = rand.Read(salt) // never fails (crypto/rand)
	return Digest{Salt: salt, Sum: digest(salt, text)}
}

func digest(salt []byte, text string) []byte {
	h := sha256.New()
	h.Write(salt)
	h.Write([]byte(text))
	return h.Sum(nil)
}

// Matches tells whether the digest is one of the text.
func (d Digest) Matches(text string) bool {
	return subtle.ConstantTimeCompare(d.Sum, digest(d.Salt, text)) == 1
}

// Mark tells one secret from another: 22 characters, of which nobody finds the
// secret who does not have the salt.
func (d Digest) Mark() string { return base64.RawURLEncoding.EncodeToString(d.Sum[:saltBytes]) }
