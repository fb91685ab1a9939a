package password

import (
	"encoding/base64"
	"fmt"
	"strings"

	"golang.org/x/crypto/bcrypt"
)

const (
	// bcryptMaxBytes is how much of a password bcrypt looks at.
	bcryptMaxBytes = 72

	bcryptSaltLen, bcryptKeyLen   = 16, 23
	bcryptSaltText, bcryptKeyText = 22, 31
)

// bcryptDigest is a bcrypt hash: "$2a$", cost in two digits, "$", 22 characters of
// salt, 31 of hash.
type bcryptDigest struct {
	text string
	cost int
}

func parseBcrypt(encoded string) (digest, error) {
	const header = len("$2a$10$")
	if len(encoded) != header+bcryptSaltText+bcryptKeyText {
		return nil, malformed("bcrypt hash has 60 characters")
	}
	d := bcryptDigest{text: encoded}
	var version byte
	if _, err := fmt.Sscanf(encoded[:header], "$2%c$%d$", &version, &d.cost); err != nil ||
		encoded[:header] != fmt.Sprintf("$2%c$%02d$", version, d.cost) {
		return nil, malformed("bcrypt header is not version and cost")
	}
	// 2x marks hashes of a crypt_blowfish that mangled bytes above 127; 2a, 2b and
	// 2y mean the same here.
	if !strings.ContainsRune("aby", rune(version)) {
		return nil, malformed("bcrypt version is not 2a, 2b or 2y")
	}
	if !within(d.cost, MinBcryptCost, MaxBcryptCost) {
		return nil, malformed("bcrypt cost is out of bounds")
	}
	// Stray bits after the salt occur in the wild and change nothing. After the
	// hash they would make a text that no password matches.
	b64 := base64.NewEncoding("./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789").
		WithPadding(base64.NoPadding)
	salt, err := b64.DecodeString(encoded[header : header+bcryptSaltText])
	if err != nil || len(salt) != bcryptSaltLen {
		return nil, malformed("bcrypt salt is not base64")
	}
	key, err := b64.Strict().DecodeString(encoded[header+bcryptSaltText:])
	if err != nil || len(key) != bcryptKeyLen {
		return nil, malformed("bcrypt hash is not base64")
	}
	return d, nil
}

// matches refuses a password longer than bcrypt can tell apart: the library's
// comparison takes any 73 bytes whose first 72 match. It refuses after the work, so
// that the answer takes as long as any other.
func (d bcryptDigest) matches(secret string) bool {
	equal := bcrypt.CompareHashAndPassword([]byte(d.text), []byte(secret)) == nil
	return equal && len(secret) <= bcryptMaxBytes
}

// effort doubles with each step of the cost; cost 10 takes 72 ms.
func (d bcryptDigest) effort() int { return 70 << d.cost }

func (d bcryptDigest) current(p Params) bool {
	return p.Algorithm == Bcrypt && d.cost == p.BcryptCost
}

// blankBcrypt has the given cost; its salt and hash are zero bytes, "." in
// bcrypt's base64.
func blankBcrypt(cost int) bcryptDigest {
	zeros := strings.Repeat(".", bcryptSaltText+bcryptKeyText)
	return bcryptDigest{text: fmt.Sprintf("$2a$%02d$%s", cost, zeros), cost: cost}
}

func createBcrypt(secret string, cost int) (Hash, error) {
	text, err := bcrypt.GenerateFromPassword([]byte(secret), cost)
	if err != nil {
		return Hash{}, fmt.Errorf("password: bcrypt: %w", err)
	}
	return newHash(string(text)), nil
}
