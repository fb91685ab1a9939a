package password

import (
	"errors"
	"strings"
	"testing"
)

func TestParamsValidate(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		params       Params
		unsafe       bool
		key, problem string // both empty: valid
	}{
		{DefaultParams(), false, "", ""},
		{Params{Algorithm: Argon2id, BcryptCost: 0}, false, "", ""},
		{Params{Bcrypt, 10}, false, "", ""},
		{Params{Bcrypt, 16}, false, "", ""},
		{Params{Bcrypt, 9}, true, "", ""},
		{Params{Bcrypt, 4}, true, "", ""},
		{Params{Bcrypt, 9}, false, "password.bcryptCost", "expected 10 to 16 (4 to 9 only in usher dev or with --unsafe-hash)"},
		{Params{Bcrypt, 4}, false, "password.bcryptCost", "4 is too cheap"},
		{Params{Bcrypt, 3}, true, "password.bcryptCost", "3 is out of range; expected 4 to 16"},
		{Params{Bcrypt, 0}, true, "password.bcryptCost", "0 is out of range"},
		{Params{Bcrypt, 17}, true, "password.bcryptCost", "17 is out of range"},
		{Params{Bcrypt, -1}, false, "password.bcryptCost", "-1 is out of range"},
		{Params{"scrypt", 10}, true, "password.hash", `"scrypt" is not known; expected argon2id or bcrypt`},
		{Params{}, true, "password.hash", `"" is not known`},
	} {
		err := c.params.Validate(c.unsafe)
		if c.key == "" {
			if err != nil {
				t.Errorf("%+v: %v", c.params, err)
			}
			continue
		}
		var bad *ParamError
		if !errors.As(err, &bad) || bad.Key != c.key || !strings.Contains(bad.Problem, c.problem) ||
			err.Error() != bad.Key+": "+bad.Problem {
			t.Errorf("%+v: %v, want %s: %s", c.params, err, c.key, c.problem)
		}
	}
}

// TestCreatedHashes: what is made is salted, readable, current, and verifies.
func TestCreatedHashes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		params Params
		prefix string
	}{
		{DefaultParams(), "$argon2id$v=19$m=19456,t=2,p=1$"},
		{Params{Bcrypt, 4}, "$2a$04$"},
	} {
		first, err := c.params.create(canary)
		if err != nil {
			t.Fatal(err)
		}
		second, err := c.params.create(canary)
		if err != nil {
			t.Fatal(err)
		}
		if first.Encoded() == second.Encoded() {
			t.Errorf("%s: two hashes have the same salt", c.prefix)
		}
		d, err := parse(first.Encoded())
		if err != nil || !strings.HasPrefix(first.Encoded(), c.prefix) {
			t.Fatalf("%s: made %s, %v", c.prefix, first.Encoded(), err)
		}
		if !d.current(c.params) || !d.matches(canary) || d.matches("Correct horse 7Qx") {
			t.Errorf("%s: current %v, matches %v", c.prefix, d.current(c.params), d.matches(canary))
		}
	}
}

// TestDummyCostsTheSame: the dummy must go through the same code with the same
// parameters as a real hash, and be one that the store's reader would take.
func TestDummyCostsTheSame(t *testing.T) {
	t.Parallel()
	for _, params := range []Params{DefaultParams(), {Bcrypt, 4}, {Bcrypt, 12}, {Bcrypt, 16}} {
		dummy := params.dummy()
		if !dummy.current(params) {
			t.Errorf("%+v: the dummy has other parameters", params)
		}
		text := ""
		switch d := dummy.(type) {
		case argonDigest:
			text = d.encode()
		case bcryptDigest:
			text = d.text
		}
		parsed, err := parse(text)
		if err != nil || parsed.effort() != dummy.effort() {
			t.Errorf("%+v: the dummy %s is read as %v, %v", params, text, parsed, err)
		}
	}
}
