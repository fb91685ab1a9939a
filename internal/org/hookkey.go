package org

import "time"

// HookKey is a key pair by which usher proves to a token endpoint that it is the
// client of a hook (OAuth.Key). Its private half never leaves the store but to
// sign.
type HookKey struct {
	ID    string // HKY…, by which hooks name it
	KeyID string // a UUID: the kid of the public key, and of what is signed
	Name  string
	// Private is an RSA key, PKCS #8 in DER.
	Private     Secret
	Created     time.Time
	LastUpdated time.Time
}
