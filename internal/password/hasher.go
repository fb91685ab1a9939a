package password

import (
	"context"
	"fmt"
)

// Hasher makes and verifies hashes, a few at a time. It is safe for use by many
// goroutines; a process has one, so that its slots bound the whole process.
type Hasher struct {
	params Params
	dummy  digest
	slots  *slots

	// The work itself, so that tests of the queue need not do it.
	create func(Params, string) (Hash, error)
	match  func(digest, string) bool
}

// NewHasher returns a Hasher that hashes new passwords by p, and runs at most slots
// hashes at once; zero or less means DefaultSlots. The error is a *ParamError.
// Whether a cheap cost is acceptable here is for the caller to decide, with
// Params.Validate.
func NewHasher(p Params, slots int) (*Hasher, error) {
	if err := p.Validate(true); err != nil {
		return nil, err
	}
	if slots <= 0 {
		slots = DefaultSlots()
	}
	return &Hasher{
		params: p,
		dummy:  p.dummy(),
		slots:  newSlots(slots),
		create: Params.create,
		match:  digest.matches,
	}, nil
}

// Hash returns a new hash of the secret. It refuses, with a *RequirementsError, what
// must never be hashed, whatever the rules: an empty secret, and one that the
// algorithm would cut. Other errors are ErrBusy and the context's cause.
func (h *Hasher) Hash(ctx context.Context, secret Secret) (Hash, error) {
	if secret.Empty() {
		return Hash{}, &RequirementsError{Rules: DefaultRules(), Unmet: []Requirement{MinLength}}
	}
	if !h.params.fits(secret) {
		return Hash{}, &RequirementsError{Rules: DefaultRules(), Unmet: []Requirement{MaxBytes}}
	}
	release, err := h.slots.acquire(ctx)
	if err != nil {
		return Hash{}, fmt.Errorf("password: hash: %w", err)
	}
	defer release()
	return h.create(h.params, secret.Reveal())
}

// Verify reports whether the secret is the one that was hashed. rehash tells that
// it is, and that the hash is not what the current parameters would make: the
// caller should store a new one while it has the secret. Errors are ErrMalformed,
// ErrBusy and the context's cause.
func (h *Hasher) Verify(ctx context.Context, hash Hash, secret Secret) (ok, rehash bool, err error) {
	d, err := parse(hash.Encoded())
	if err != nil {
		return false, false, err
	}
	release, err := h.slots.acquire(ctx)
	if err != nil {
		return false, false, fmt.Errorf("password: verify: %w", err)
	}
	defer release()
	if h.match(d, secret.Reveal()) {
		return true, !d.current(h.params) && h.params.fits(secret), nil
	}
	// A hash that is cheaper than today's (imported, or made before the cost was
	// raised) would be refused sooner than an unknown login, and so tell that the
	// login exists.
	if d.effort() < h.dummy.effort() {
		h.match(h.dummy, secret.Reveal())
	}
	return false, false, nil
}

// VerifyDummy does the work of a Verify that fails, for a login that does not
// exist, so that the time of the answer does not tell which logins do. Errors are
// ErrBusy and the context's cause, as they are for a login that exists.
func (h *Hasher) VerifyDummy(ctx context.Context, secret Secret) error {
	release, err := h.slots.acquire(ctx)
	if err != nil {
		return fmt.Errorf("password: verify: %w", err)
	}
	defer release()
	h.match(h.dummy, secret.Reveal())
	return nil
}
