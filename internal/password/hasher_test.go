package password

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
)

func newTestHasher(t *testing.T, p Params, slots int) *Hasher {
	t.Helper()
	h, err := NewHasher(p, slots)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestNewHasherRefusesBadParams(t *testing.T) {
	t.Parallel()
	var bad *ParamError
	if h, err := NewHasher(Params{Bcrypt, 3}, 1); h != nil || !errors.As(err, &bad) {
		t.Errorf("NewHasher = %v, %v", h, err)
	}
	if h := newTestHasher(t, DefaultParams(), 0); h.slots.limit != int64(64*DefaultSlots()) {
		t.Errorf("slots 0 gives a queue of %d", h.slots.limit)
	}
}

func TestHashAndVerify(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	secret, wrong := NewSecret(canary), NewSecret(canary+" ")
	argon, cheap, strong := DefaultParams(), Params{Bcrypt, 4}, Params{Bcrypt, 5}
	for _, c := range []struct {
		made, now Params
		rehash    bool
	}{
		{argon, argon, false},
		{cheap, cheap, false},
		{cheap, strong, true},
		{strong, cheap, true},
		{cheap, argon, true},
		{argon, cheap, true},
	} {
		hash, err := newTestHasher(t, c.made, 1).Hash(ctx, secret)
		if err != nil {
			t.Fatal(err)
		}
		h := newTestHasher(t, c.now, 1)
		if ok, rehash, err := h.Verify(ctx, hash, secret); !ok || rehash != c.rehash || err != nil {
			t.Errorf("%v, now %v: Verify = %v, %v, %v", c.made, c.now, ok, rehash, err)
		}
		if ok, rehash, err := h.Verify(ctx, hash, wrong); ok || rehash || err != nil {
			t.Errorf("%v, now %v: Verify of a wrong one = %v, %v, %v", c.made, c.now, ok, rehash, err)
		}
	}
}

func TestBcrypt73Bytes(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	h := newTestHasher(t, Params{Bcrypt, 4}, 1)
	fits, over := NewSecret(strings.Repeat("x", 72)), NewSecret(strings.Repeat("x", 73))
	hash, err := h.Hash(ctx, fits)
	if err != nil {
		t.Fatal(err)
	}
	if ok, _, err := h.Verify(ctx, hash, fits); !ok || err != nil {
		t.Errorf("72 bytes: %v, %v", ok, err)
	}
	if ok, _, err := h.Verify(ctx, hash, over); ok || err != nil {
		t.Errorf("73 bytes of which 72 match: %v, %v; want a plain no", ok, err)
	}
	var refused *RequirementsError
	if _, err := h.Hash(ctx, over); !errors.As(err, &refused) || !slices.Equal(refused.Unmet, []Requirement{MaxBytes}) {
		t.Errorf("Hash of 73 bytes: %v", err)
	}
	// With such a password no new hash can be made: none is asked for.
	old, err := newTestHasher(t, DefaultParams(), 1).Hash(ctx, over)
	if err != nil {
		t.Fatal(err)
	}
	if ok, rehash, err := h.Verify(ctx, old, over); !ok || rehash || err != nil {
		t.Errorf("73 bytes, argon2id, now bcrypt: %v, %v, %v", ok, rehash, err)
	}
}

func TestHashRefusesEmpty(t *testing.T) {
	t.Parallel()
	var refused *RequirementsError
	if _, err := newTestHasher(t, DefaultParams(), 1).Hash(t.Context(), Secret{}); !errors.As(err, &refused) {
		t.Errorf("Hash of an empty secret: %v", err)
	}
}

func TestVerifyWithoutHash(t *testing.T) {
	t.Parallel()
	ok, rehash, err := newTestHasher(t, DefaultParams(), 1).Verify(t.Context(), Hash{}, Secret{})
	if ok || rehash || !errors.Is(err, ErrMalformed) {
		t.Errorf("Verify of the zero Hash = %v, %v, %v", ok, rehash, err)
	}
}

// TestNoEnumerationByTime: a wrong password costs at least what an unknown login
// does, and exactly that when the hash is current.
func TestNoEnumerationByTime(t *testing.T) {
	t.Parallel()
	ctx, secret := t.Context(), NewSecret("wrong password")
	argon, cost10, cost12 := argonText("m=19456,t=2,p=1"), "$2a$10$"+bcryptEnd, "$2a$12$"+bcryptEnd
	for name, c := range map[string]struct {
		params Params
		stored string
		padded bool
	}{
		"current argon2id":          {DefaultParams(), argon, false},
		"current bcrypt":            {Params{Bcrypt, 10}, cost10, false},
		"cost raised since":         {Params{Bcrypt, 12}, cost10, true},
		"cost lowered since":        {Params{Bcrypt, 10}, cost12, false},
		"cheap argon2id, imported":  {DefaultParams(), argonText("m=4096,t=3,p=1"), true},
		"cheap bcrypt, imported":    {DefaultParams(), "$2y$05$" + bcryptEnd, true},
		"costlier bcrypt, imported": {DefaultParams(), cost10, false},
	} {
		h := newTestHasher(t, c.params, 1)
		var work []digest
		h.match = func(d digest, text string) bool {
			if text != secret.Reveal() {
				t.Errorf("%s: worked on %q", name, text)
			}
			work = append(work, d)
			return false
		}
		effort := func() (sum int) {
			for _, d := range work {
				sum += d.effort()
			}
			return sum
		}
		if err := h.VerifyDummy(ctx, secret); err != nil || len(work) != 1 || !work[0].current(c.params) {
			t.Fatalf("%s: VerifyDummy worked on %v, %v", name, len(work), err)
		}
		unknown := effort()

		work = nil
		hash, err := ParseHash(c.stored)
		if err != nil {
			t.Fatal(err)
		}
		if ok, _, err := h.Verify(ctx, hash, secret); ok || err != nil {
			t.Fatalf("%s: %v, %v", name, ok, err)
		}
		if padded := len(work) == 2; padded != c.padded || effort() < unknown {
			t.Errorf("%s: padded %v, effort %d, for an unknown login %d", name, padded, effort(), unknown)
		}
	}
}

// TestDummyReallyWorks: no shortcut hides in the real functions.
func TestDummyReallyWorks(t *testing.T) {
	t.Parallel()
	for _, params := range []Params{DefaultParams(), {Bcrypt, 4}} {
		h := newTestHasher(t, params, 1)
		if err := h.VerifyDummy(t.Context(), NewSecret(canary)); err != nil {
			t.Errorf("%v: %v", params, err)
		}
		if h.match(h.dummy, canary) {
			t.Errorf("%v: a password matches the dummy", params)
		}
	}
}

// TestCauseIsKept: whoever cancels with a reason, such as a hook's denial, finds it
// again in the error.
func TestCauseIsKept(t *testing.T) {
	t.Parallel()
	denied := errors.New("denied by the hook")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(denied)
	h := newTestHasher(t, DefaultParams(), 1)
	h.create = func(Params, string) (Hash, error) {
		t.Error("hashed for nobody")
		return Hash{}, nil
	}
	h.match = func(digest, string) bool {
		t.Error("verified for nobody")
		return false
	}
	_, hashErr := h.Hash(ctx, NewSecret(canary))
	_, _, verifyErr := h.Verify(ctx, newHash(argonText("m=19456,t=2,p=1")), NewSecret(canary))
	dummyErr := h.VerifyDummy(ctx, NewSecret(canary))
	for _, err := range []error{hashErr, verifyErr, dummyErr} {
		if !errors.Is(err, denied) {
			t.Errorf("error %v, want the cause", err)
		}
	}
}
