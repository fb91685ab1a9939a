// Package secretbox keeps secrets readable by usher and by nobody who has a
// copy of the database: header values and client secrets of hooks, private
// keys, the password of the mail server.
//
//	            key ring (a file beside the database, 0600)
//	                 │ primary seals       │ any key opens
//	                 ▼                     ▼
//	plain ──Seal──► v1.<key id>.<nonce, ciphertext, tag in base64url> ──Open──► plain
//	                 ▲                     ▲
//	            table, row, column: a value that was moved elsewhere does not open
//
// A value is sealed with AES-256-GCM under a random nonce of 96 bits. That is
// good for 2³² values a key (NIST SP 800-38D): rotate long before.
//
// To rotate: put a new key on the first line of the file, restart, seal again
// whatever [Keyring.Stale] names, and remove the old line when none is left.
package secretbox

import (
	"crypto/cipher"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
)

// version is the first part of every sealed value.
const version = "v1"

var (
	// ErrUnknownKey tells that the key ring has lost the key of a value.
	ErrUnknownKey = errors.New("secretbox: the key of this value is not in the key ring")
	// ErrNotSealed tells that a value does not open: it was altered, cut, moved
	// from another place, or never sealed. Which one cannot be told.
	ErrNotSealed = errors.New("secretbox: the value does not open")
)

// Where is the place of a sealed value in the database. All three parts are
// required.
type Where struct {
	Table  string
	Row    string // the id of the row
	Column string
}

// additionalData binds a value to its place. Lengths go before the parts, so
// that no two places share a form.
func (w Where) additionalData() ([]byte, error) {
	if w.Table == "" || w.Row == "" || w.Column == "" {
		return nil, fmt.Errorf("secretbox: incomplete place %q", w)
	}
	var data []byte
	for _, part := range [...]string{w.Table, w.Row, w.Column, version} {
		data = binary.AppendUvarint(data, uint64(len(part)))
		data = append(data, part...)
	}
	return data, nil
}

// Keyring seals with its primary key and opens with any of its keys. It is
// safe for concurrent use. It comes from [Load], [Create] or [Ephemeral].
type Keyring struct {
	primary string
	keys    map[string]cipher.AEAD
}

// Seal gives a printable form of a secret, different each time, to be stored
// in the place and nowhere else.
func (k *Keyring) Seal(at Where, plain []byte) (string, error) {
	data, err := at.additionalData()
	if err != nil {
		return "", err
	}
	sealed := k.keys[k.primary].Seal(nil, nil, plain, data)
	return prefix(k.primary) + base64.RawURLEncoding.EncodeToString(sealed), nil
}

// Open gives back the secret. The error is [ErrUnknownKey], [ErrNotSealed] or
// about an incomplete place.
func (k *Keyring) Open(at Where, sealed string) ([]byte, error) {
	data, err := at.additionalData()
	if err != nil {
		return nil, err
	}
	parts := strings.Split(sealed, ".")
	if len(parts) != 3 || parts[0] != version || !isKeyID(parts[1]) {
		return nil, ErrNotSealed
	}
	key, ok := k.keys[parts[1]]
	if !ok {
		return nil, fmt.Errorf("%w: %s", ErrUnknownKey, parts[1])
	}
	raw, err := base64.RawURLEncoding.DecodeString(parts[2])
	// The decoder skips line breaks and ignores the last bits: only the form
	// that Seal writes is taken.
	if err != nil || base64.RawURLEncoding.EncodeToString(raw) != parts[2] {
		return nil, ErrNotSealed
	}
	plain, err := key.Open(nil, nil, raw, data)
	if err != nil {
		return nil, ErrNotSealed
	}
	return plain, nil
}

// Stale reports whether a value should be sealed again, because its key is not
// the primary one.
func (k *Keyring) Stale(sealed string) bool { return !strings.HasPrefix(sealed, prefix(k.primary)) }

func prefix(id string) string { return version + "." + id + "." }

// Format prints no key, whatever the verb.
func (Keyring) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "[redacted]") }
