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

func parseBcrypt(encoded string) (d bcryptDigest, err error) {
	const header = len("$2a$10$")
	if len(encoded) != header+bcryptSaltText+bcryptKeyText {
		return d, malformed("bcrypt hash has 60 characters")
	}
	d.text = encoded
	var version byte
	if _, err := fmt.Sscanf(encoded[:header], "$2%c$%d$", &version, &d.cost); err != nil ||
		encoded[:header] != fmt.Sprintf("$2%c$%02d$", version, d.cost) {
		return d, malformed("bcrypt header is not version and cost")
	}
	// 2x marks hashes of a crypt_blowfish that mangled bytes above 127; 2a, 2b and
	// 2y mean the same here.
	if !strings.ContainsRune("aby", rune(version)) {
		return d, malformed("bcrypt version is not 2a, 2b or 2y")
	}
	if !within(d.cost, MinBcryptCost, MaxBcryptCost) {
		return d, malformed("bcrypt cost is out of bounds")
	}
	if !validBcryptSalt(encoded[header : header+bcryptSaltText]) {
		return d, malformed("bcrypt salt is not base64")
	}
	if !validBcryptKey(encoded[header+bcryptSaltText:]) {
		return d, malformed("bcrypt hash is not base64")
	}
	return d, nil
}

// Stray bits after the salt occur in the wild and change nothing. After the hash
// they would make a text that no password matches.
func validBcryptSalt(text string) bool {
	b, err := bcryptBase64().DecodeString(text)
	return err == nil && len(b) == bcryptSaltLen && len(text) == bcryptSaltText
}

func validBcryptKey(text string) bool {
	b, err := bcryptBase64().Strict().DecodeString(text)
	return err == nil && len(b) == bcryptKeyLen && len(text) == bcryptKeyText
}

func bcryptBase64() *base64.Encoding {
	return base64.NewEncoding("./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789").
		WithPadding(base64.NoPadding)
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

// importedBcrypt is a bcrypt hash of another system. There the person may have
// typed more than the 72 bytes that it looked at, and was let in; so usher lets
// them in too, and makes a hash of the whole.
//
//	$usher-bcrypt$2a$10$<salt and hash>
type importedBcrypt struct{ bcryptDigest }

const importedBcryptMark = "$usher-bcrypt"

func parseImportedBcrypt(encoded string) (digest, error) {
	d, err := parseBcrypt(strings.TrimPrefix(encoded, importedBcryptMark))
	return importedBcrypt{d}, err
}

func (d importedBcrypt) encode() string { return importedBcryptMark + d.text }

func (d importedBcrypt) matches(secret string) bool {
	return bcrypt.CompareHashAndPassword([]byte(d.text), []byte(secret)) == nil
}

func (d importedBcrypt) current(Params) bool { return false }

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
