package password

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/redact"
)

// Import is a hash that another system made, taken apart as Okta's Users API has
// it: credentials.password.hash. Value and salt are base64, of BCRYPT the two
// parts of its text. Zero is what was not said. It prints as [redacted].
type Import struct {
	redact.Hidden   `json:"-"`
	Algorithm       string `json:"algorithm"`       // BCRYPT, SHA-1, SHA-256, SHA-512, MD5, PBKDF2 or SCRYPT
	Value           string `json:"value"`           // the hash itself
	Salt            string `json:"salt"`            // SHA and MD5 may have none
	SaltOrder       string `json:"saltOrder"`       // of SHA and MD5 with a salt: PREFIX or POSTFIX
	WorkFactor      int    `json:"workFactor"`      // the cost of BCRYPT; N of SCRYPT
	DigestAlgorithm string `json:"digestAlgorithm"` // of PBKDF2: SHA256_HMAC or SHA512_HMAC
	IterationCount  int    `json:"iterationCount"`  // of PBKDF2
	KeySize         int    `json:"keySize"`         // of PBKDF2 and SCRYPT, in bytes; 0 is the size of the value
	// Okta's API does not know SCRYPT. These are r and p of RFC 7914, 8 and 1
	// when they are 0.
	BlockSize       int `json:"blockSize"`
	Parallelization int `json:"parallelization"`
}

// ParseImport makes the stored form of an imported hash. Its fault of kind Invalid
// has a cause at each property that cannot be used, by its name within hash; no
// cause quotes a value. The hash lives until the person's first sign-in, at which
// [Hasher.Verify] asks for a new one.
func ParseImport(in Import) (Hash, error) {
	var found problems
	var d interface{ encode() string }
	switch in.Algorithm {
	case "BCRYPT":
		d = in.bcrypt(&found)
	case "MD5", "SHA-1", "SHA-256", "SHA-512":
		d = in.salted(&found)
	case "PBKDF2":
		d = in.pbkdf2(&found)
	case "SCRYPT":
		d = in.scrypt(&found)
	default:
		found.add("algorithm", "must be BCRYPT, SHA-1, SHA-256, SHA-512, MD5, PBKDF2 or SCRYPT")
	}
	if len(found) > 0 {
		return Hash{}, fault.New(fault.Invalid, "Api validation failed: hash", found...)
	}
	return newHash(d.encode()), nil
}

// problems are what is wrong with the properties of an import.
type problems []fault.Cause

func (p *problems) add(property, text string) {
	*p = append(*p, fault.Cause{Field: property, Text: text})
}

// number says within which bounds a property must be, unless it is.
func (p *problems) number(property string, n, least, most int) {
	if !within(n, least, most) {
		p.add(property, fmt.Sprintf("must be a number from %d to %d", least, most))
	}
}

// bytes decodes a property of least to most bytes.
func (p *problems) bytes(property, text string, least, most int) []byte {
	length := fmt.Sprintf("%d bytes", least)
	if least < most {
		length = fmt.Sprintf("%d to %d bytes", least, most)
	}
	b, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(text, "="))
	if err == nil && within(len(b), least, most) {
		return b
	}
	said := "must be the base64 of " + length
	// Many systems write hexadecimal, most of which can be read as base64 too.
	if b, err := hex.DecodeString(text); err == nil && within(len(b), least, most) {
		said += "; this is hexadecimal"
	}
	p.add(property, said)
	return nil
}

func (in *Import) bcrypt(found *problems) importedBcrypt {
	found.number("workFactor", in.WorkFactor, MinBcryptCost, MaxBcryptCost)
	const form = "must be %d characters of bcrypt's Radix-64"
	if !validBcryptSalt(in.Salt) {
		found.add("salt", fmt.Sprintf(form, bcryptSaltText))
	}
	if !validBcryptKey(in.Value) {
		found.add("value", fmt.Sprintf(form+", those behind the salt", bcryptKeyText))
	}
	return importedBcrypt{bcryptDigest{text: fmt.Sprintf("$2a$%02d$%s%s", in.WorkFactor, in.Salt, in.Value)}}
}

func (in *Import) salted(found *problems) saltedDigest {
	d := saltedDigest{function: strings.ToLower(strings.ReplaceAll(in.Algorithm, "-", "")), order: saltNone}
	size := sizeOf(d.function)
	d.sum = found.bytes("value", in.Value, size, size)
	if in.Salt == "" {
		return d
	}
	d.salt = found.bytes("salt", in.Salt, 1, maxImportedSalt)
	switch in.SaltOrder {
	case "PREFIX":
		d.order = saltPrefix
	case "POSTFIX":
		d.order = saltPostfix
	default:
		found.add("saltOrder", "must be PREFIX or POSTFIX")
	}
	return d
}

func (in *Import) pbkdf2(found *problems) pbkdf2Digest {
	d := pbkdf2Digest{iterations: in.IterationCount}
	switch in.DigestAlgorithm {
	case "SHA256_HMAC":
		d.function = "sha256"
	case "SHA512_HMAC":
		d.function = "sha512"
	default:
		found.add("digestAlgorithm", "must be SHA256_HMAC or SHA512_HMAC")
	}
	d.salt, d.key = in.saltAndKey(found)
	found.number("iterationCount", d.iterations, pbkdf2MinIterations, pbkdf2MaxIterations)
	if len(*found) == 0 && !d.bounded() {
		found.add("iterationCount", fmt.Sprintf("with keySize %d is more than %d iterations in all", len(d.key), pbkdf2MaxIterations))
	}
	return d
}

func (in *Import) scrypt(found *problems) scryptDigest {
	d := scryptDigest{cost: in.WorkFactor, blocks: in.BlockSize, lanes: in.Parallelization}
	if d.blocks == 0 {
		d.blocks = 8
	}
	if d.lanes == 0 {
		d.lanes = 1
	}
	d.salt, d.key = in.saltAndKey(found)
	if !within(d.cost, scryptMinCost, scryptMaxCost) || d.cost&(d.cost-1) != 0 {
		found.add("workFactor", fmt.Sprintf("must be a power of two from %d to %d", scryptMinCost, scryptMaxCost))
	}
	found.number("blockSize", d.blocks, 1, scryptMaxBlocks)
	found.number("parallelization", d.lanes, 1, scryptMaxLanes)
	if len(*found) == 0 && !d.bounded() {
		found.add("workFactor", fmt.Sprintf("with this blockSize and parallelization takes more than %d MiB or too long", scryptMaxMemory>>20))
	}
	return d
}

func (in *Import) saltAndKey(found *problems) (salt, key []byte) {
	salt = found.bytes("salt", in.Salt, 1, maxImportedSalt)
	key = found.bytes("value", in.Value, importedMinKey, importedMaxKey)
	if key != nil && in.KeySize != 0 && in.KeySize != len(key) {
		found.add("keySize", fmt.Sprintf("is %d, and the value has %d bytes", in.KeySize, len(key)))
	}
	return salt, key
}
