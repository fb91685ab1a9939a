package password

import "fmt"

// Algorithm names a way of hashing, as the configuration writes it.
type Algorithm string

// The algorithms for new hashes.
const (
	// Argon2id is for every machine that has 40 MiB to spare for each hash slot.
	Argon2id Algorithm = "argon2id"
	// Bcrypt needs no memory to speak of, and takes passwords up to 72 bytes.
	Bcrypt Algorithm = "bcrypt"
)

// The range of bcrypt costs, for new hashes and for stored ones. Each step doubles
// the time; 16 takes about 5 seconds.
const (
	MinBcryptCost     = 4
	MaxBcryptCost     = 16
	SafeBcryptCost    = 10 // least cost for real people's passwords: OWASP ASVS 5.0 appendix C
	DefaultBcryptCost = 10
)

// Params says how new passwords are hashed. Stored hashes bring their own.
type Params struct {
	Algorithm  Algorithm
	BcryptCost int // 4 to 16; read with Bcrypt only
}

// DefaultParams is argon2id with 19 MiB, 2 passes and 1 lane.
func DefaultParams() Params {
	return Params{Algorithm: Argon2id, BcryptCost: DefaultBcryptCost}
}

// ParamError is a setting that cannot be used. Its text is for the person who
// wrote the configuration.
type ParamError struct {
	Key     string // as in the configuration file: "password.bcryptCost"
	Problem string // what is there, and what was expected
}

// Error returns "key: problem".
func (e *ParamError) Error() string { return e.Key + ": " + e.Problem }

// Validate returns a *ParamError for settings that cannot be used. unsafe admits
// bcrypt costs below 10, which are for tests and measurements.
func (p Params) Validate(unsafe bool) error {
	if p.Algorithm == Argon2id {
		return nil
	}
	if p.Algorithm != Bcrypt {
		return &ParamError{"password.hash", fmt.Sprintf("%q is not known; expected %s or %s", p.Algorithm, Argon2id, Bcrypt)}
	}
	const key = "password.bcryptCost"
	if !within(p.BcryptCost, MinBcryptCost, MaxBcryptCost) {
		return &ParamError{key, fmt.Sprintf("%d is out of range; expected %d to %d", p.BcryptCost, MinBcryptCost, MaxBcryptCost)}
	}
	if p.BcryptCost < SafeBcryptCost && !unsafe {
		return &ParamError{key, fmt.Sprintf("%d is too cheap to protect passwords; expected %d to %d (%d to %d only in usher dev or with --unsafe-hash)",
			p.BcryptCost, SafeBcryptCost, MaxBcryptCost, MinBcryptCost, SafeBcryptCost-1)}
	}
	return nil
}

// create hashes a secret that fits.
func (p Params) create(secret string) (Hash, error) {
	if p.Algorithm == Bcrypt {
		return createBcrypt(secret, p.BcryptCost)
	}
	return createArgon2id(secret), nil
}

// dummy returns a digest of nobody's password that costs as much to verify as one
// that create makes.
func (p Params) dummy() digest {
	if p.Algorithm == Bcrypt {
		return blankBcrypt(p.BcryptCost)
	}
	return blankArgon2id()
}

// fits reports whether the algorithm looks at every byte of the secret. Cutting it
// silently would let other passwords in.
func (p Params) fits(secret Secret) bool {
	return p.Algorithm != Bcrypt || len(secret.Reveal()) <= bcryptMaxBytes
}
