// Package id makes the identifiers that usher gives things, in the shapes that
// Okta's have: a prefix that tells the kind, and random base 62 up to 20
// characters. Ids are random, never counted, so that none can be guessed from
// another.
package id

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
)

// Prefixes of the kinds of thing.
const (
	InlineHook     = "cal"
	EventHook      = "who"
	HookKey        = "HKY"
	Policy         = "rst"
	Rule           = "rul"
	PasswordPolicy = "00p"
	PasswordRule   = "0pr"
	TrustedOrigin  = "tos"
	Source         = "reg" // what hook requests call the enrollment policy
	User           = "00u"
	Group          = "00g"
	UserType       = "oty"
	Schema         = "osc"
	Org            = "00o"
	Token          = "00T"
	Session        = "trs"
	Mail           = "eml" // usher's own
	App            = "0oa"
	AppKey         = "pks" // a public key of an app
	AppSecret      = "ocs"
	HookCall       = "hkc" // the record of one call; usher's own
)

const base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// length of an id with its prefix.
const length = 20

// New makes an id of 20 characters: the prefix and base 62, about 100 random
// bits behind a prefix of three.
func New(prefix string) string { return prefix + Text(length-len(prefix)) }

// Text makes n random characters of base 62.
func Text(n int) string {
	out := make([]byte, 0, n)
	buf := make([]byte, n+n/8+1)
	for len(out) < n {
		_, _ = rand.Read(buf) // never fails (crypto/rand)
		for _, b := range buf {
			// 248 is the largest multiple of 62 in a byte: no character is
			// likelier than another.
			if b < 248 && len(out) < n {
				out = append(out, base62[b%62])
			}
		}
	}
	return string(out)
}

// Request makes the id of a request: X-Okta-Request-Id, transaction.id in the
// System Log and data.context.request.id in a hook request.
func Request() string { return "req" + Text(21) }

// Event makes an eventId of a hook request: 22 characters, 16 random bytes in
// unpadded base64url, as in every published sample.
func Event() string {
	var b [16]byte
	_, _ = rand.Read(b[:])
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// UUID makes a random UUID (RFC 9562, version 4), which System Log events have.
func UUID() string {
	var b [16]byte
	_, _ = rand.Read(b[:])
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// Handle makes a secret that a browser holds (a session, a visit): 256 random
// bits in unpadded base64url.
func Handle() string {
	var b [32]byte
	_, _ = rand.Read(b[:])
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// Error makes the id of an error answer.
func Error() string { return "oae" + Text(22) }

// UserToken makes a token that is mailed to a person: 20 random characters of
// base 62, about 119 bits, as in Okta's activation links.
func UserToken() string { return Text(20) }

// TempPassword makes a password that a person types once: 16 characters, 95 bits.
func TempPassword() string { return Text(16) }

// Grant makes the id of a role that somebody has: 24 characters of base 32, as in
// recorded answers of Okta.
func Grant() string { return rand.Text()[:24] }

// APIToken makes an API token in Okta's shape: 00 and 40 random characters.
func APIToken() string { return "00" + Text(40) }
