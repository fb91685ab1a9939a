package password

import (
	"crypto/subtle"
	"fmt"
	"math/bits"

	"golang.org/x/crypto/scrypt"
)

// Bounds of imported scrypt. They take in every setting that the OWASP Password
// Storage Cheat Sheet names, up to 128 MiB and twice the work.
const (
	scryptMinCost   = 1 << 10
	scryptMaxCost   = 1 << 20
	scryptMaxBlocks = 32
	scryptMaxLanes  = 16
	scryptMaxMemory = 128 << 20 // bytes
	scryptMaxWork   = 1 << 21   // cost × block size × lanes
)

// scryptDigest is scrypt (RFC 7914), written down with the logarithm of its cost
// as others do.
//
//	$scrypt$ln=14,r=8,p=1$<salt>$<key>
type scryptDigest struct {
	cost, blocks, lanes int // N, r and p of the RFC
	salt, key           []byte
}

func parseScrypt(encoded string) (digest, error) {
	f, err := splitFields(encoded, scryptName)
	if err != nil {
		return nil, err
	}
	d := scryptDigest{salt: f.salt, key: f.key}
	var log int
	if err := f.numbers("ln=%d,r=%d,p=%d", &log, &d.blocks, &d.lanes); err != nil {
		return nil, err
	}
	if f.name == "" && within(log, 0, 30) {
		d.cost = 1 << log
	}
	if !d.bounded() {
		return nil, malformed("scrypt parameters are out of bounds")
	}
	return canonical(d, encoded)
}

func (d scryptDigest) bounded() bool {
	return within(d.cost, scryptMinCost, scryptMaxCost) && d.cost&(d.cost-1) == 0 &&
		within(d.blocks, 1, scryptMaxBlocks) && within(d.lanes, 1, scryptMaxLanes) &&
		within(128*d.cost*d.blocks, 1, scryptMaxMemory) &&
		within(d.work(), 1, scryptMaxWork) &&
		within(len(d.salt), 1, maxImportedSalt) &&
		within(len(d.key), importedMinKey, importedMaxKey)
}

func (d scryptDigest) work() int { return d.cost * d.blocks * d.lanes }

func (d scryptDigest) encode() string {
	return joinFields(scryptName, fmt.Sprintf("ln=%d,r=%d,p=%d", bits.TrailingZeros(uint(d.cost)), d.blocks, d.lanes), d.salt, d.key)
}

func (d scryptDigest) matches(secret string) bool {
	key, err := scrypt.Key([]byte(secret), d.salt, d.cost, d.blocks, d.lanes, len(d.key))
	return err == nil && subtle.ConstantTimeCompare(key, d.key) == 1
}

// effort: a block of 128 bytes takes a third of a microsecond.
func (d scryptDigest) effort() int { return d.work() / 3 }

func (d scryptDigest) current(Params) bool { return false }
