package password

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"slices"
)

// Where the salt of a salted hash stands.
const (
	saltNone    = "none"
	saltPrefix  = "prefix"  // before the password
	saltPostfix = "postfix" // behind it
)

// maxImportedSalt is the size of an imported salt, in bytes. Systems that exist
// take 8 to 64.
const maxImportedSalt = 128

// saltedDigest is one run of a fast hash over a password and a salt, as many
// systems kept it. It can be tried billions of times a second by whoever gets
// hold of it, so it lives until the person's next sign-in only.
//
//	$usher-sha256$order=prefix$<salt>$<sum>    $usher-md5$order=none$$<sum>
type saltedDigest struct {
	function  string // md5, sha1, sha256 or sha512
	order     string
	salt, sum []byte
}

// sizeOf is the length of a function's result in bytes, or 0 for none of that
// name.
func sizeOf(function string) int {
	switch function {
	case "md5":
		return md5.Size
	case "sha1":
		return sha1.Size
	case "sha256":
		return sha256.Size
	case "sha512":
		return sha512.Size
	}
	return 0
}

func (d saltedDigest) of(secret string) []byte {
	text := []byte(secret)
	switch d.order {
	case saltPrefix:
		text = slices.Concat(d.salt, text)
	case saltPostfix:
		text = slices.Concat(text, d.salt)
	}
	switch d.function {
	case "md5":
		sum := md5.Sum(text)
		return sum[:]
	case "sha1":
		sum := sha1.Sum(text)
		return sum[:]
	case "sha256":
		sum := sha256.Sum256(text)
		return sum[:]
	}
	sum := sha512.Sum512(text)
	return sum[:]
}

func parseSalted(encoded string) (digest, error) {
	f, err := splitFields(encoded, saltedName)
	if err != nil {
		return nil, err
	}
	d := saltedDigest{function: f.name, order: f.text("order"), salt: f.salt, sum: f.key}
	size := sizeOf(d.function)
	if size == 0 {
		return nil, malformed("unknown algorithm")
	}
	if !d.bounded(size) {
		return nil, malformed("parameters of a salted hash are out of bounds")
	}
	return canonical(d, encoded)
}

func (d saltedDigest) bounded(size int) bool {
	if len(d.sum) != size {
		return false
	}
	switch d.order {
	case saltNone:
		return len(d.salt) == 0
	case saltPrefix, saltPostfix:
		return within(len(d.salt), 1, maxImportedSalt)
	}
	return false
}

func (d saltedDigest) encode() string {
	return joinFields(saltedName+d.function, "order="+d.order, d.salt, d.sum)
}

func (d saltedDigest) matches(secret string) bool {
	return subtle.ConstantTimeCompare(d.of(secret), d.sum) == 1
}

// effort is nothing beside that of the slow algorithms.
func (d saltedDigest) effort() int { return 1 }

func (d saltedDigest) current(Params) bool { return false }
