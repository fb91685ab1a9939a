package password

import (
	"errors"
	"fmt"
	"strings"

	"github.com/usher-id/usher/internal/redact"
)

// ErrMalformed is in the chain of every error about a stored hash that this
// package does not take: an unknown algorithm, broken text, or parameters out of
// bounds. The error never quotes the hash.
var ErrMalformed = errors.New("password: stored hash is malformed")

// Hash is what the store keeps of a password: the algorithm, its parameters, the
// salt and the result in one line.
//
//	$argon2id$v=19$m=19456,t=2,p=1$<salt>$<hash>   PHC string format
//	$2a$12$<salt and hash>                         bcrypt; also $2b$ and $2y$
//
// and, of people who were imported and have not signed in since,
//
//	$usher-bcrypt$2a$10$<salt and hash>
//	$pbkdf2-sha256$i=600000,l=32$<salt>$<hash>     also sha512
//	$scrypt$ln=14,r=8,p=1$<salt>$<hash>
//	$usher-sha256$order=prefix$<salt>$<hash>       also md5, sha1 and sha512
//
// It shows itself as "[redacted]", since a hash can be attacked offline. The zero
// value is no hash, and verifying against it is an error.
type Hash struct{ redact.Text }

// ParseHash reads a stored hash. There is one way to write a hash down, and its
// parameters have bounds; anything else is ErrMalformed.
func ParseHash(encoded string) (Hash, error) {
	if _, err := parse(encoded); err != nil {
		return Hash{}, err
	}
	return newHash(encoded), nil
}

func newHash(encoded string) Hash { return Hash{redact.New(encoded)} }

// Encoded returns the text for the store; ParseHash reads it back.
func (h Hash) Encoded() string { return h.Reveal() }

// digest is a hash taken apart.
type digest interface {
	// matches does the whole work of the algorithm and compares in constant time.
	matches(secret string) bool
	// effort estimates that work in microseconds of one core. Estimates are good
	// for comparing digests with each other, across algorithms too.
	effort() int
	// current reports whether p would make a hash of the same strength and form.
	current(p Params) bool
}

func parse(encoded string) (digest, error) {
	switch {
	case strings.HasPrefix(encoded, "$argon2id$"):
		return parseArgon2id(encoded)
	case strings.HasPrefix(encoded, "$2"):
		return parseBcrypt(encoded)
	case strings.HasPrefix(encoded, importedBcryptMark+"$"):
		return parseImportedBcrypt(encoded)
	case strings.HasPrefix(encoded, "$"+pbkdf2Name):
		return parsePBKDF2(encoded)
	case strings.HasPrefix(encoded, "$"+scryptName+"$"):
		return parseScrypt(encoded)
	case strings.HasPrefix(encoded, "$"+saltedName):
		return parseSalted(encoded)
	}
	return nil, malformed("unknown algorithm")
}

func malformed(reason string) error { return fmt.Errorf("%w: %s", ErrMalformed, reason) }
