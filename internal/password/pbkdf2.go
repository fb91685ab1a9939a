package password

import (
	"crypto/pbkdf2"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"fmt"
)

// Bounds of imported PBKDF2. Okta takes 4,096 iterations and more; Django, whose
// defaults rise with each version, is at 1,500,000. Two million take a second or
// two, which bounds what one sign-in can cost.
const (
	pbkdf2MinIterations = 4096
	pbkdf2MaxIterations = 2_000_000
	importedMinKey      = 16
	importedMaxKey      = 64
)

// pbkdf2Digest is PBKDF2 (RFC 8018) with HMAC.
//
//	$pbkdf2-sha256$i=600000,l=32$<salt>$<key>
type pbkdf2Digest struct {
	function   string // sha256 or sha512
	iterations int
	salt, key  []byte
}

func parsePBKDF2(encoded string) (digest, error) {
	f, err := splitFields(encoded, pbkdf2Name)
	if err != nil {
		return nil, err
	}
	d := pbkdf2Digest{function: f.name, salt: f.salt, key: f.key}
	var length int
	if err := f.numbers("i=%d,l=%d", &d.iterations, &length); err != nil {
		return nil, err
	}
	if d.function != "sha256" && d.function != "sha512" || !d.bounded() {
		return nil, malformed("PBKDF2 parameters are out of bounds")
	}
	return canonical(d, encoded)
}

func (d pbkdf2Digest) bounded() bool {
	return within(d.iterations, pbkdf2MinIterations, pbkdf2MaxIterations) &&
		within(d.rounds(), 1, pbkdf2MaxIterations) &&
		within(len(d.salt), 1, maxImportedSalt) &&
		within(len(d.key), importedMinKey, importedMaxKey)
}

// rounds are the iterations of all blocks of the key: each costs as much as the
// first.
func (d pbkdf2Digest) rounds() int {
	size := sizeOf(d.function)
	return d.iterations * ((len(d.key) + size - 1) / size)
}

func (d pbkdf2Digest) encode() string {
	return joinFields(pbkdf2Name+d.function, fmt.Sprintf("i=%d,l=%d", d.iterations, len(d.key)), d.salt, d.key)
}

func (d pbkdf2Digest) matches(secret string) bool {
	function := sha256.New
	if d.function == "sha512" {
		function = sha512.New
	}
	key, err := pbkdf2.Key(function, secret, d.salt, d.iterations, len(d.key))
	return err == nil && subtle.ConstantTimeCompare(key, d.key) == 1
}

// effort: a round takes 0.2 microseconds with SHA-256 where the processor knows
// it, and 0.5 with SHA-512.
func (d pbkdf2Digest) effort() int {
	if d.function == "sha512" {
		return d.rounds() / 2
	}
	return d.rounds() / 5
}

func (d pbkdf2Digest) current(Params) bool { return false }
