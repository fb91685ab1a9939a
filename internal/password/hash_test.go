package password

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// TestKnownAnswers verifies hashes that others made.
func TestKnownAnswers(t *testing.T) {
	t.Parallel()
	// Ends where bcrypt stops reading: 72 characters.
	const first72 = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	for _, v := range []struct{ source, secret, encoded string }{
		// The reference implementation's test.c (P-H-C/phc-winner-argon2), argon2id, version 0x13.
		{"argon2 reference", "password", "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"},
		{"argon2 reference", "password", "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"},
		{"argon2 reference", "password", "$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc"},
		// The reference command line tool, as in x/crypto/argon2's own tests.
		{"argon2 tool", "password", "$argon2id$v=19$m=4096,t=4,p=4$c29tZXNhbHQ$FF25czqfTuQ+3zPFCb6WuTTVBaTvszxa"},
		{"argon2 tool", "password", "$argon2id$v=19$m=1024,t=4,p=8$c29tZXNhbHQ$ja+o4AT46pa/fA+T7s9npgR0dhQ9FVd/"},
		// jBCrypt, TestBCrypt.java.
		{"jBCrypt", "", "$2a$06$DCq7YPn5Rq63x1Lad4cll.TV4S6ytwfsfvkgY8jIucDrjc8deX1s."},
		{"jBCrypt", "abc", "$2a$06$If6bvum7DFjUnE9p2uDeDu0YHzrHM6tf.iqN8.yx.jNN1ILEf7h0i"},
		{"jBCrypt", "~!@#$%^&*()      ~!@#$%^&*()PNBFRD", "$2a$06$fPIsBO8qRqkjj273rfaOI.HtSV9jLDpTbZn782DC6/t7qT67P6FfO"},
		// crypt_blowfish, wrapper.c: the empty tail, bytes above 127, and 72 bytes.
		{"crypt_blowfish", "U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"},
		{"crypt_blowfish", "\xff\xff\xa3", "$2y$05$/OK.fbVrR/bpIqNJ5ianF.CE5elHaaO4EbggVDjb8P19RukzXSM3e"},
		{"crypt_blowfish", "U*U", "$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"},
		{"crypt_blowfish", first72, "$2a$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui"},
	} {
		hash, err := ParseHash(v.encoded)
		if err != nil {
			t.Errorf("%s: %s: %v", v.source, v.encoded, err)
			continue
		}
		d, err := parse(hash.Encoded())
		if err != nil {
			t.Fatal(err)
		}
		if !d.matches(v.secret) {
			t.Errorf("%s: %q does not match %s", v.source, v.secret, v.encoded)
		}
		for _, wrong := range []string{v.secret + "x", v.secret + " ", strings.ToUpper(v.secret) + "?"} {
			if d.matches(wrong) {
				t.Errorf("%s: %q matches %s", v.source, wrong, v.encoded)
			}
		}
	}
}

const (
	argonSalt = "c29tZXNhbHRzb21lc2FsdA" // 16 bytes
	argonKey  = "CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
	bcryptEnd = "CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"
)

func argonText(params string) string {
	return "$argon2id$v=19$" + params + "$" + argonSalt + "$" + argonKey
}

func TestParseHashAccepts(t *testing.T) {
	t.Parallel()
	for _, encoded := range []string{
		argonText("m=19456,t=2,p=1"),
		argonText("m=8,t=1,p=1"),
		argonText("m=65536,t=10,p=8"),
		"$2a$04$" + bcryptEnd,
		"$2b$16$" + bcryptEnd,
		// A salt with stray bits, as some PHP programs made them.
		"$2y$10$" + "CCCCCCCCCCCCCCCCCCCCCC" + bcryptEnd[22:],
	} {
		hash, err := ParseHash(encoded)
		if err != nil || hash.Encoded() != encoded || hash.Empty() {
			t.Errorf("ParseHash(%s) = %q, %v", encoded, hash.Encoded(), err)
		}
	}
}

func TestParseHashRefuses(t *testing.T) {
	t.Parallel()
	valid := argonText("m=19456,t=2,p=1")
	long := strings.Repeat("AAAA", 22) // 66 bytes
	for name, encoded := range map[string]string{
		"empty":                    "",
		"plain text":               "hunter2hunter2",
		"argon2i":                  strings.Replace(valid, "argon2id", "argon2i", 1),
		"old argon2 version":       strings.Replace(valid, "v=19", "v=16", 1),
		"no version":               strings.Replace(valid, "v=19$", "", 1),
		"gigabytes":                argonText("m=4194304,t=2,p=1"),
		"a little too much memory": argonText("m=65537,t=2,p=1"),
		"too little memory":        argonText("m=15,t=2,p=2"),
		"memory over 32 bits":      argonText("m=4294967304,t=2,p=1"),
		"no passes":                argonText("m=19456,t=0,p=1"),
		"many passes":              argonText("m=19456,t=11,p=1"),
		"no lanes":                 argonText("m=19456,t=2,p=0"),
		"many lanes":               argonText("m=19456,t=2,p=9"),
		"lanes over 8 bits":        argonText("m=19456,t=2,p=257"),
		"other order":              argonText("t=2,m=19456,p=1"),
		"further parameter":        argonText("m=19456,t=2,p=1,keyid=Zm9v"),
		"leading zero":             argonText("m=019456,t=2,p=1"),
		"sign":                     argonText("m=+19456,t=2,p=1"),
		"space":                    argonText("m= 19456,t=2,p=1"),
		"underscore":               argonText("m=19_456,t=2,p=1"),
		"short salt":               strings.Replace(valid, argonSalt, "c29tZXNhbA", 1),
		"long salt":                strings.Replace(valid, argonSalt, long, 1),
		"short key":                strings.Replace(valid, argonKey, "c29tZXNhbHQ", 1),
		"long key":                 strings.Replace(valid, argonKey, long, 1),
		"padding":                  valid + "=",
		"stray bits":               strings.Replace(valid, argonSalt, argonSalt[:21]+"B", 1),
		"line break in salt":       strings.Replace(valid, argonSalt, argonSalt[:4]+"\n"+argonSalt[4:], 1),
		"line break at the end":    valid + "\n",
		"salt not base64":          strings.Replace(valid, argonSalt, "!!!!!!!!!!!!", 1),
		"key not base64":           strings.Replace(valid, argonKey, strings.Repeat("!", 24), 1),
		"further field":            valid + "$",
		"endless":                  valid + strings.Repeat("A", 1<<20),
		"bcrypt without version":   "$2$10$" + bcryptEnd,
		"bcrypt 2x":                "$2x$10$" + bcryptEnd,
		"bcrypt cost 3":            "$2a$03$" + bcryptEnd,
		"bcrypt cost 17":           "$2a$17$" + bcryptEnd,
		"bcrypt cost 31":           "$2a$31$" + bcryptEnd,
		"bcrypt cost in one digit": "$2a$4$" + bcryptEnd,
		"bcrypt cost with sign":    "$2a$+4$" + bcryptEnd,
		"bcrypt cost with space":   "$2a$ 4$" + bcryptEnd,
		"bcrypt too short":         "$2a$10$" + bcryptEnd[1:],
		"bcrypt too long":          "$2a$10$" + bcryptEnd + ".",
		"bcrypt salt not base64":   "$2a$10$" + "+" + bcryptEnd[1:],
		"bcrypt salt line breaks":  "$2a$10$" + "\n\n" + bcryptEnd[2:],
		"bcrypt hash not base64":   "$2a$10$" + bcryptEnd[:52] + "=",
		"bcrypt hash stray bits":   "$2a$10$" + bcryptEnd[:52] + "X",
	} {
		hash, err := ParseHash(encoded)
		if !errors.Is(err, ErrMalformed) || !hash.Empty() {
			t.Errorf("%s: ParseHash(%.120s) = %q, %v; want ErrMalformed", name, encoded, hash.Encoded(), err)
		}
		for _, part := range []string{argonSalt, argonKey, bcryptEnd[:20], "hunter2"} {
			if err != nil && strings.Contains(err.Error(), part) {
				t.Errorf("%s: the error quotes the hash: %v", name, err)
			}
		}
	}
}

// TestCurrent: a hash is renewed at sign-in when anything in its making differs.
func TestCurrent(t *testing.T) {
	t.Parallel()
	argon, cost10 := DefaultParams(), Params{Bcrypt, 10}
	now := argonText("m=19456,t=2,p=1")
	for _, c := range []struct {
		params  Params
		encoded string
		want    bool
	}{
		{argon, now, true},
		{argon, argonText("m=19455,t=2,p=1"), false},
		{argon, argonText("m=65536,t=2,p=1"), false},
		{argon, argonText("m=19456,t=3,p=1"), false},
		{argon, argonText("m=19456,t=2,p=2"), false},
		{argon, strings.Replace(now, argonSalt, "c29tZXNhbHQ", 1), false},
		{argon, strings.Replace(now, argonKey, argonSalt, 1), false},
		{argon, "$2a$10$" + bcryptEnd, false},
		{cost10, "$2a$10$" + bcryptEnd, true},
		{cost10, "$2y$10$" + bcryptEnd, true}, // another name of the same thing
		{cost10, "$2a$11$" + bcryptEnd, false},
		{cost10, now, false},
	} {
		d, err := parse(c.encoded)
		if err != nil {
			t.Fatalf("%s: %v", c.encoded, err)
		}
		if got := d.current(c.params); got != c.want {
			t.Errorf("%s, now %+v: current %v, want %v", c.encoded, c.params, got, c.want)
		}
	}
}

// FuzzPHC: reading never panics, what is read is within bounds, and it is written
// back as it was.
func FuzzPHC(f *testing.F) {
	for _, seed := range []string{
		"", "$", "$argon2id$", "$2a$",
		argonText("m=19456,t=2,p=1"), argonText("m=65536,t=10,p=8"), argonText("m=4294967295,t=1,p=255"),
		"$2a$04$" + bcryptEnd, "$2b$16$" + bcryptEnd, "$2y$31$" + bcryptEnd,
	} {
		f.Add(seed)
	}
	for _, v := range imports() {
		if hash, err := ParseImport(v.in); err == nil {
			f.Add(hash.Encoded())
		}
	}
	f.Fuzz(func(t *testing.T, encoded string) {
		hash, err := ParseHash(encoded)
		if err != nil {
			if !errors.Is(err, ErrMalformed) || !hash.Empty() {
				t.Fatalf("ParseHash(%q) = %q, %v", encoded, hash.Encoded(), err)
			}
			return
		}
		if hash.Encoded() != encoded {
			t.Fatalf("%q became %q", encoded, hash.Encoded())
		}
		d, err := parse(encoded)
		if err != nil {
			t.Fatal(err)
		}
		if problem := unsound(d, encoded); problem != "" {
			t.Fatalf("%q: %s", encoded, problem)
		}
	})
}

// unsound says what is wrong with a digest that was read, with the bounds written
// out once more.
func unsound(d digest, encoded string) string {
	type bound struct {
		what           string
		n, least, most int
	}
	var bounds []bound
	if e, ok := d.(interface{ encode() string }); ok && e.encode() != encoded {
		return "is encoded as " + e.encode()
	}
	switch d := d.(type) {
	case argonDigest:
		lanes := int(d.lanes)
		bounds = []bound{
			{"memory", int(d.memory), 8 * lanes, 64 << 10},
			{"passes", int(d.passes), 1, 10},
			{"lanes", lanes, 1, 8},
			{"salt", len(d.salt), 8, 64},
			{"key", len(d.key), 16, 64},
		}
	case bcryptDigest:
		if written := fmt.Sprintf("%02d", d.cost); encoded[4:6] != written {
			return "is read as cost " + written
		}
		bounds = []bound{{"cost", d.cost, 4, 16}, {"text", len(encoded), 60, 60}}
	case importedBcrypt:
		bounds = []bound{{"cost", d.cost, 4, 16}, {"text", len(d.text), 60, 60}}
	case saltedDigest:
		bounds = []bound{{"salt", len(d.salt), 0, 128}, {"sum", len(d.sum), 16, 64}}
	case pbkdf2Digest:
		blocks := (len(d.key) + 31) / 32
		if d.function == "sha512" {
			blocks = 1
		}
		bounds = []bound{{"iterations", d.iterations * blocks, 4096, 2_000_000}, {"salt", len(d.salt), 1, 128}, {"key", len(d.key), 16, 64}}
	case scryptDigest:
		bounds = []bound{
			{"memory", 128 * d.cost * d.blocks, 1, 128 << 20}, {"work", d.cost * d.blocks * d.lanes, 1 << 10, 1 << 21},
			{"salt", len(d.salt), 1, 128}, {"key", len(d.key), 16, 64},
		}
	default:
		return "is a " + fmt.Sprintf("%T", d) + ", whose bounds are unknown here"
	}
	for _, b := range bounds {
		if b.n < b.least || b.n > b.most {
			return fmt.Sprintf("%s is %d", b.what, b.n)
		}
	}
	return ""
}
