package password

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/usher-id/usher/internal/fault"
)

const (
	secretUTF8 = "correct horse ✓"
	saltText   = "c29tZXNhbHQ=" // somesalt
)

// imports are hashes that others made, in every form that an import has. Those
// without a source were computed by Python's hashlib of secretUTF8 and "somesalt".
func imports() []imported {
	salted := func(algorithm, order, value string) Import {
		in := Import{Algorithm: algorithm, SaltOrder: order, Value: value}
		if order != "" {
			in.Salt = saltText
		}
		return in
	}
	pbkdf2 := func(digest, salt, value string, iterations, size int) Import {
		return Import{Algorithm: "PBKDF2", DigestAlgorithm: digest, Salt: salt, Value: value, IterationCount: iterations, KeySize: size}
	}
	scrypt := func(salt, value string, n, r, p int) Import {
		return Import{Algorithm: "SCRYPT", Salt: salt, Value: value, WorkFactor: n, BlockSize: r, Parallelization: p}
	}
	return []imported{
		{"jBCrypt, TestBCrypt.java", "abc", Import{Algorithm: "BCRYPT", WorkFactor: 6, Salt: "If6bvum7DFjUnE9p2uDeDu", Value: "0YHzrHM6tf.iqN8.yx.jNN1ILEf7h0i"},
			"$usher-bcrypt$2a$06$If6bvum7DFjUnE9p2uDeDu0YHzrHM6tf.iqN8.yx.jNN1ILEf7h0i"},
		{"RFC 1321 A.5", "abc", Import{Algorithm: "MD5", Value: "kAFQmDzST7DWlj99KOF/cg=="}, "$usher-md5$order=none$$kAFQmDzST7DWlj99KOF/cg"},
		{"FIPS 180, SHA-1", "abc", Import{Algorithm: "SHA-1", Value: "qZk+NkcGgWq6PiVxeFDCbJzQ2J0="}, "$usher-sha1$order=none$$qZk+NkcGgWq6PiVxeFDCbJzQ2J0"},
		{"FIPS 180, SHA-256", "abc", Import{Algorithm: "SHA-256", Value: "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="}, ""},
		{"FIPS 180, SHA-512", "abc", Import{Algorithm: "SHA-512", Value: "3a81oZNherrMQXNJriBBMRLm+k6JqX6iCp7u5ktV05ohkpkqJ0/BqDa6PCOj/uu9RU1EI2Q86A4qmslPpUyknw=="}, ""},
		{"", secretUTF8, salted("MD5", "", "t7vgS3trDxx20uGUX4LhWA=="), ""},
		{"", secretUTF8, salted("MD5", "PREFIX", "s0O0F3fIbZPEgd7up6kgrg=="), "$usher-md5$order=prefix$c29tZXNhbHQ$s0O0F3fIbZPEgd7up6kgrg"},
		{"", secretUTF8, salted("MD5", "POSTFIX", "nWTOqHdKnNBdkY+L3Pg3mw=="), "$usher-md5$order=postfix$c29tZXNhbHQ$nWTOqHdKnNBdkY+L3Pg3mw"},
		{"", secretUTF8, salted("SHA-1", "PREFIX", "wWlhnhAISTh28wM6mrGTf8z33P4="), ""},
		{"", secretUTF8, salted("SHA-1", "POSTFIX", "r3Xk7DBf/YnhN0+9QE06KrZmypk="), ""},
		{"", secretUTF8, salted("SHA-256", "PREFIX", "oT8+g3cfon2qdfaBCSlESGA2JuxCD3uznprCwz+EyFI="), "$usher-sha256$order=prefix$c29tZXNhbHQ$oT8+g3cfon2qdfaBCSlESGA2JuxCD3uznprCwz+EyFI"},
		{"", secretUTF8, salted("SHA-256", "POSTFIX", "b+KqD2PbF8ks0idXVydEVEvKp9DBfWxLt2C+p+Q9wEw"), ""}, // without padding
		{"", secretUTF8, salted("SHA-512", "PREFIX", "JWYLE9gCF3RcYaY88aITZCX+JHM0eh3RRlDG3zAwgtMW/RsRH6VvW05/9yrqtRAVMI8XBGUY22MU8O4t3Acu9A=="), ""},
		{"", secretUTF8, salted("SHA-512", "POSTFIX", "LuiBOveL//zKVxJCO9dSC8SutufBOnY1jT/SbvR2l24hKHZDKScGUgio5y7BFNmUC+/NUWb8i5UMbJc5upaq2g=="), ""},
		{"RFC 7914 § 11", "Password", pbkdf2("SHA256_HMAC", "TmFDbA==", "TdzY9guYviGDDO5e8icB+WQaRBjQTAQUrv8Ih2s0q1ah1CWhIlgzVJrbhBtRybMXaicr3ruh0HhHj2Kzl/M8jQ==", 80000, 64),
			"$pbkdf2-sha256$i=80000,l=64$TmFDbA$TdzY9guYviGDDO5e8icB+WQaRBjQTAQUrv8Ih2s0q1ah1CWhIlgzVJrbhBtRybMXaicr3ruh0HhHj2Kzl/M8jQ"},
		{"", secretUTF8, pbkdf2("SHA256_HMAC", saltText, "1WbUopQ4lxQfNOQtoJiGEz00TS5d2XHjvKNOMfS4GzM=", 4096, 32), ""},
		{"", secretUTF8, pbkdf2("SHA512_HMAC", saltText, "z1MtfAvcAl7pAaC4WzWXDQ9OmcxLjGVU0RO/aDUHeLuvKqJX9ejZCcdoUtvx94Yg+TMqDi/+/ZTDZIqwVZJ1Ow==", 4096, 0), ""},
		{"", secretUTF8, pbkdf2("SHA512_HMAC", saltText, "z1MtfAvcAl7pAaC4WzWXDQ9Omcw=", 4096, 20), "$pbkdf2-sha512$i=4096,l=20$c29tZXNhbHQ$z1MtfAvcAl7pAaC4WzWXDQ9Omcw"},
		{"RFC 7914 § 12", "password", scrypt("TmFDbA==", "/bq+HJ00cgB4VucZDQHp/nxq18vII3gw53N2Y0s3MWIurzDZLiKjiG/xCSedmDDaxyevuUqD7m2DYMvfoswGQA==", 1024, 8, 16), ""},
		{"RFC 7914 § 12", "pleaseletmein", scrypt("U29kaXVtQ2hsb3JpZGU=", "cCO9yzr9c0hGHAbNgf046/2o+7qQT44+qbVD9lRdofLVQylVYT8Pz2LUlwUkKpr55h6F3A1lHkDfzwF7RVdYhw==", 16384, 8, 1),
			"$scrypt$ln=14,r=8,p=1$U29kaXVtQ2hsb3JpZGU$cCO9yzr9c0hGHAbNgf046/2o+7qQT44+qbVD9lRdofLVQylVYT8Pz2LUlwUkKpr55h6F3A1lHkDfzwF7RVdYhw"},
		{"", secretUTF8, scrypt(saltText, "LDEtjhBnnOi9IYHFbm6fzaNCyK6YU/CdwaSnJ7w1yhc=", 1024, 0, 0), ""}, // r and p as most have them
		{"", secretUTF8, scrypt(saltText, "c6dsntHiHOKs1wL8Nd3Lff3GjkvK2LtFUbTBPO0SvSCqQmu0RlOVTmZbL1XEF8tEXybyhRoWpXW7FawDKkOejw==", 2048, 4, 2), ""},
	}
}

type imported struct {
	source, secret string
	in             Import
	stored         string // or "" where another row of the kind shows it
}

// TestImports: what others hashed is verified, stored in one form, and made anew
// at the first sign-in.
func TestImports(t *testing.T) {
	t.Parallel()
	h := newTestHasher(t, Params{Bcrypt, 4}, 1)
	for i, v := range imports() {
		name := fmt.Sprintf("%d %s %s %s", i, v.in.Algorithm, v.in.SaltOrder, v.source)
		hash, err := ParseImport(v.in)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if v.stored != "" && hash.Encoded() != v.stored {
			t.Errorf("%s is stored as\n%s, want\n%s", name, hash.Encoded(), v.stored)
		}
		if again, err := ParseHash(hash.Encoded()); err != nil || again.Encoded() != hash.Encoded() {
			t.Errorf("%s: the stored form %s is read as %v", name, hash.Encoded(), err)
		}
		if ok, rehash, err := h.Verify(t.Context(), hash, NewSecret(v.secret)); !ok || !rehash || err != nil {
			t.Errorf("%s: %q is verified as %v, to be made anew %v, %v", name, v.secret, ok, rehash, err)
		}
		for _, wrong := range []string{"", v.secret + " ", strings.ToUpper(v.secret), "somesalt" + v.secret} {
			if ok, _, err := h.Verify(t.Context(), hash, NewSecret(wrong)); ok || err != nil {
				t.Errorf("%s: %q is verified as %v, %v", name, wrong, ok, err)
			}
		}
	}
}

// A system that looked at 72 bytes let people in who typed more.
func TestImportedBcryptOfALongPassword(t *testing.T) {
	t.Parallel()
	const first72 = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	hash, err := ParseImport(Import{Algorithm: "BCRYPT", WorkFactor: 5, Salt: "abcdefghijklmnopqrstuu", Value: "5s2v8.iXieOjg/.AySBTTZIIVFJeBui"})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		now    Params
		rehash bool // the whole, if the algorithm takes it
	}{{DefaultParams(), true}, {Params{Bcrypt, 4}, false}} {
		ok, rehash, err := newTestHasher(t, c.now, 1).Verify(t.Context(), hash, NewSecret(first72+"and more"))
		if !ok || rehash != c.rehash || err != nil {
			t.Errorf("%v: %v, %v, %v", c.now, ok, rehash, err)
		}
	}
}

func TestImportsThatAreRefused(t *testing.T) {
	t.Parallel()
	const (
		sum256 = "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="
		key32  = "1WbUopQ4lxQfNOQtoJiGEz00TS5d2XHjvKNOMfS4GzM="
		blank  = "must be the base64 of 1 to 128 bytes"
	)
	bcrypt := Import{Algorithm: "BCRYPT", WorkFactor: 10, Salt: "If6bvum7DFjUnE9p2uDeDu", Value: "0YHzrHM6tf.iqN8.yx.jNN1ILEf7h0i"}
	pbkdf2 := Import{Algorithm: "PBKDF2", DigestAlgorithm: "SHA256_HMAC", Salt: saltText, Value: key32, IterationCount: 4096}
	scrypt := Import{Algorithm: "SCRYPT", Salt: saltText, Value: key32, WorkFactor: 1 << 14}
	with := func(in Import, change func(*Import)) Import {
		change(&in)
		return in
	}
	for name, c := range map[string]struct {
		in     Import
		causes []string
	}{
		"nothing":             {Import{}, []string{"algorithm: must be BCRYPT, SHA-1, SHA-256, SHA-512, MD5, PBKDF2 or SCRYPT"}},
		"another algorithm":   {Import{Algorithm: "SHA-3"}, []string{"algorithm: must be BCRYPT, SHA-1, SHA-256, SHA-512, MD5, PBKDF2 or SCRYPT"}},
		"bcrypt alone":        {Import{Algorithm: "BCRYPT"}, []string{"workFactor: must be a number from 4 to 16", "salt: must be 22 characters of bcrypt's Radix-64", "value: must be 31 characters of bcrypt's Radix-64, those behind the salt"}},
		"bcrypt, whole text":  {with(bcrypt, func(in *Import) { in.Value = "$2a$10$" + in.Salt + in.Value }), []string{"value: must be 31 characters of bcrypt's Radix-64, those behind the salt"}},
		"bcrypt, stray bits":  {with(bcrypt, func(in *Import) { in.Value = in.Value[:30] + "/" }), []string{"value: must be 31 characters of bcrypt's Radix-64, those behind the salt"}},
		"bcrypt, dollar":      {with(bcrypt, func(in *Import) { in.Salt = "$" + in.Salt[1:] }), []string{"salt: must be 22 characters of bcrypt's Radix-64"}},
		"bcrypt, line break":  {with(bcrypt, func(in *Import) { in.Salt = in.Salt[:20] + "\n" + in.Salt[20:] }), []string{"salt: must be 22 characters of bcrypt's Radix-64"}},
		"bcrypt, costly":      {with(bcrypt, func(in *Import) { in.WorkFactor = 17 }), []string{"workFactor: must be a number from 4 to 16"}},
		"SHA alone":           {Import{Algorithm: "SHA-256"}, []string{"value: must be the base64 of 32 bytes"}},
		"SHA of another size": {Import{Algorithm: "SHA-512", Value: sum256}, []string{"value: must be the base64 of 64 bytes"}},
		"SHA, hexadecimal":    {Import{Algorithm: "MD5", Value: "900150983cd24fb0d6963f7d28e17f72"}, []string{"value: must be the base64 of 16 bytes; this is hexadecimal"}},
		"SHA, no base64":      {Import{Algorithm: "SHA-256", Value: "?"}, []string{"value: must be the base64 of 32 bytes"}},
		"salt without order":  {Import{Algorithm: "SHA-256", Value: sum256, Salt: saltText}, []string{"saltOrder: must be PREFIX or POSTFIX"}},
		"salt, other order":   {Import{Algorithm: "SHA-256", Value: sum256, Salt: saltText, SaltOrder: "INFIX"}, []string{"saltOrder: must be PREFIX or POSTFIX"}},
		"long salt":           {Import{Algorithm: "SHA-1", Value: "qZk+NkcGgWq6PiVxeFDCbJzQ2J0=", Salt: strings.Repeat("zzzz", 43), SaltOrder: "PREFIX"}, []string{"salt: " + blank}},
		"PBKDF2 alone":        {Import{Algorithm: "PBKDF2"}, []string{"digestAlgorithm: must be SHA256_HMAC or SHA512_HMAC", "salt: " + blank, "value: must be the base64 of 16 to 64 bytes", "iterationCount: must be a number from 4096 to 2000000"}},
		"PBKDF2, SHA-1":       {with(pbkdf2, func(in *Import) { in.DigestAlgorithm = "SHA1_HMAC" }), []string{"digestAlgorithm: must be SHA256_HMAC or SHA512_HMAC"}},
		"PBKDF2, few":         {with(pbkdf2, func(in *Import) { in.IterationCount = 4095 }), []string{"iterationCount: must be a number from 4096 to 2000000"}},
		"PBKDF2, many":        {with(pbkdf2, func(in *Import) { in.IterationCount = 2_000_001 }), []string{"iterationCount: must be a number from 4096 to 2000000"}},
		"PBKDF2, key size":    {with(pbkdf2, func(in *Import) { in.KeySize = 64 }), []string{"keySize: is 64, and the value has 32 bytes"}},
		"PBKDF2, two blocks": {with(pbkdf2, func(in *Import) { in.IterationCount, in.Value = 1_000_001, strings.Repeat("AAAA", 16) }),
			[]string{"iterationCount: with keySize 48 is more than 2000000 iterations in all"}},
		"scrypt alone":         {Import{Algorithm: "SCRYPT"}, []string{"salt: " + blank, "value: must be the base64 of 16 to 64 bytes", "workFactor: must be a power of two from 1024 to 1048576"}},
		"scrypt, logarithm":    {with(scrypt, func(in *Import) { in.WorkFactor = 14 }), []string{"workFactor: must be a power of two from 1024 to 1048576"}},
		"scrypt, not a power":  {with(scrypt, func(in *Import) { in.WorkFactor = 16385 }), []string{"workFactor: must be a power of two from 1024 to 1048576"}},
		"scrypt, much memory":  {with(scrypt, func(in *Import) { in.WorkFactor = 1 << 18 }), []string{"workFactor: with this blockSize and parallelization takes more than 128 MiB or too long"}},
		"scrypt, much work":    {with(scrypt, func(in *Import) { in.WorkFactor, in.Parallelization = 1<<17, 3 }), []string{"workFactor: with this blockSize and parallelization takes more than 128 MiB or too long"}},
		"scrypt, negative":     {with(scrypt, func(in *Import) { in.BlockSize, in.Parallelization = -8, -1 }), []string{"blockSize: must be a number from 1 to 32", "parallelization: must be a number from 1 to 16"}},
		"scrypt, work at most": {with(scrypt, func(in *Import) { in.WorkFactor, in.Parallelization = 1<<17, 2 }), nil},
	} {
		hash, err := ParseImport(c.in)
		if c.causes == nil {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		f := fault.As(err)
		if f == nil || f.Kind != fault.Invalid || !hash.Empty() {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var got []string
		for _, cause := range f.Causes {
			got = append(got, cause.Field+": "+cause.Text)
		}
		if !slices.Equal(got, c.causes) {
			t.Errorf("%s: causes are\n%s\nwant\n%s", name, strings.Join(got, "\n"), strings.Join(c.causes, "\n"))
		}
	}
}

// Stored forms that ParseImport does not make are not read.
func TestParseHashRefusesImports(t *testing.T) {
	t.Parallel()
	const (
		sum  = "$oT8+g3cfon2qdfaBCSlESGA2JuxCD3uznprCwz+EyFI"
		key  = "$1WbUopQ4lxQfNOQtoJiGEz00TS5d2XHjvKNOMfS4GzM"
		salt = "$c29tZXNhbHQ"
	)
	for _, valid := range []string{"$usher-sha256$order=prefix" + salt + sum, "$pbkdf2-sha256$i=4096,l=32" + salt + key, "$scrypt$ln=14,r=8,p=1" + salt + key} {
		if _, err := ParseHash(valid); err != nil {
			t.Errorf("%s: %v", valid, err)
		}
	}
	for _, encoded := range []string{
		"$usher-bcrypt", "$usher-bcrypt$", "$usher-bcrypt$2a$17$" + bcryptEnd, "$usher-bcrypt$2x$10$" + bcryptEnd,
		"$usher-", "$usher-sha256", "$usher-sha3$order=prefix" + salt + sum, "$usher-md5$order=prefix" + salt + sum,
		"$usher-sha256$order=infix" + salt + sum, "$usher-sha256$order=none" + salt + sum, "$usher-sha256$order=prefix$" + sum,
		"$usher-sha256$prefix" + salt + sum, "$usher-sha256$order=prefix,i=2" + salt + sum, "$usher-sha256$order=prefix" + salt + sum + "=",
		"$usher-sha256$order=prefix" + salt + "\n" + sum, "$usher-sha256$order=prefix" + salt + sum + "$",
		"$pbkdf2-sha1$i=4096,l=32" + salt + key, "$pbkdf2-sha256$i=4095,l=32" + salt + key, "$pbkdf2-sha256$i=2000001,l=32" + salt + key,
		"$pbkdf2-sha256$i=04096,l=32" + salt + key, "$pbkdf2-sha256$i=4096,l=33" + salt + key, "$pbkdf2-sha256$i=4096" + salt + key,
		"$pbkdf2-sha256$i=4096,l=32$" + key, "$pbkdf2-sha256$i=4096,l=7" + salt + "$AAAAAAAAAA",
		"$scrypt$ln=9,r=8,p=1" + salt + key, "$scrypt$ln=18,r=8,p=1" + salt + key, "$scrypt$ln=63,r=8,p=1" + salt + key,
		"$scrypt$ln=14,r=0,p=1" + salt + key, "$scrypt$ln=14,r=8,p=17" + salt + key, "$scrypt$ln=-1,r=8,p=1" + salt + key,
		"$scrypt$r=8,ln=14,p=1" + salt + key, "$scrypt$ln=+14,r=8,p=1" + salt + key,
	} {
		if hash, err := ParseHash(encoded); !errors.Is(err, ErrMalformed) || !hash.Empty() {
			t.Errorf("ParseHash(%s) = %v", encoded, err)
		}
	}
}
