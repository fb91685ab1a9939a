package password

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
)

// What a new argon2id hash is made with: the second of the equivalent settings in
// the OWASP Password Storage Cheat Sheet, which OWASP ASVS 5.0 appendix C adopts.
const (
	argonMemory  = 19 * 1024 // KiB
	argonPasses  = 2
	argonLanes   = 1
	argonSaltLen = 16
	argonKeyLen  = 32
)

// What a stored hash may ask for. The memory is that of the smaller RFC 9106
// recommendation (64 MiB, 3 passes, 4 lanes), the rest somewhat above it: enough
// for imported users, and no stored text can make a sign-in take gigabytes.
const (
	argonMaxMemory = 64 * 1024 // KiB
	argonMaxPasses = 10
	argonMaxLanes  = 8
	argonMinSalt   = 8
	argonMinKey    = 16
	argonMaxBytes  = 64 // of salt and of key
)

type argonDigest struct {
	memory, passes uint32
	lanes          uint8
	salt, key      []byte
}

func parseArgon2id(encoded string) (digest, error) {
	fields := strings.Split(encoded, "$") // "", name, version, parameters, salt, key
	if len(fields) != 6 {
		return nil, malformed("argon2id has five fields")
	}
	var d argonDigest
	if _, err := fmt.Sscanf(fields[3], "m=%d,t=%d,p=%d", &d.memory, &d.passes, &d.lanes); err != nil {
		return nil, malformed("argon2id parameters are not m, t, p")
	}
	var err error
	if d.salt, err = base64.RawStdEncoding.DecodeString(fields[4]); err != nil {
		return nil, malformed("argon2id salt is not base64")
	}
	if d.key, err = base64.RawStdEncoding.DecodeString(fields[5]); err != nil {
		return nil, malformed("argon2id hash is not base64")
	}
	if !d.bounded() {
		return nil, malformed("argon2id parameters are out of bounds")
	}
	return canonical(d, encoded)
}

func (d argonDigest) bounded() bool {
	return within(d.passes, 1, argonMaxPasses) &&
		within(d.lanes, 1, argonMaxLanes) &&
		within(d.memory, 8*uint32(d.lanes), argonMaxMemory) && // the least memory: RFC 9106 § 3.1
		within(len(d.salt), argonMinSalt, argonMaxBytes) &&
		within(len(d.key), argonMinKey, argonMaxBytes)
}

func within[T int | uint8 | uint32](n, least, most T) bool { return least <= n && n <= most }

func (d argonDigest) encode() string {
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version,
		d.memory, d.passes, d.lanes, b64.EncodeToString(d.salt), b64.EncodeToString(d.key))
}

func (d argonDigest) derive(secret string) []byte {
	return argon2.IDKey([]byte(secret), d.salt, d.passes, d.memory, d.lanes, uint32(len(d.key)))
}

func (d argonDigest) matches(secret string) bool {
	return subtle.ConstantTimeCompare(d.derive(secret), d.key) == 1
}

// effort: a pass over one KiB takes about a microsecond; 19 MiB twice, 36 ms.
func (d argonDigest) effort() int { return int(d.memory) * int(d.passes) }

func (d argonDigest) current(p Params) bool {
	return p.Algorithm == Argon2id &&
		d.memory == argonMemory && d.passes == argonPasses && d.lanes == argonLanes &&
		len(d.salt) == argonSaltLen && len(d.key) == argonKeyLen
}

// blankArgon2id has the current parameters; its salt and key are zero bytes.
func blankArgon2id() argonDigest {
	return argonDigest{
		memory: argonMemory, passes: argonPasses, lanes: argonLanes,
		salt: make([]byte, argonSaltLen), key: make([]byte, argonKeyLen),
	}
}

func createArgon2id(secret string) Hash {
	d := blankArgon2id()
	_, _ = rand.Read(d.salt) // never fails since Go 1.24
	d.key = d.derive(secret)
	return newHash(d.encode())
}
