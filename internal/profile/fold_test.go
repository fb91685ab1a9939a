package profile

import (
	"strings"
	"testing"
	"unicode"
)

func TestFoldLogin(t *testing.T) {
	t.Parallel()
	for _, same := range [][]string{
		{"rosario@example.com", "Rosario@Example.COM", " rosario@example.com\t", "\u00a0rosario@example.com", "ｒｏｓａｒｉｏ@example.com", "𝐫𝐨𝐬𝐚𝐫𝐢𝐨@example.com"},
		{"jürgen@x.example", "JU\u0308RGEN@x.example", "JÜRGEN@X.example"},
		{"strasse@x.example", "straße@x.example", "STRASSE@x.example", "STRAẞE@x.example"},
		{"σοφοσ@x.example", "ΣΟΦΟΣ@x.example", "σοφος@x.example"},
		{"ﬁ@x.example", "fi@x.example", "FI@x.example"},
		{"k@x.example", "K@x.example", "\u212a@x.example"}, // the Kelvin sign
		{""},
	} {
		for _, login := range same {
			if got, want := FoldLogin(login), FoldLogin(same[0]); got != want {
				t.Errorf("FoldLogin(%q) = %q, that of %q is %q", login, got, same[0], want)
			}
		}
	}
	if got := FoldLogin("  "); got != "" {
		t.Errorf("of space comes %q", got)
	}
	if got := FoldLogin("a\x00b\xff"); got != "a\ufffdb\ufffd" {
		t.Errorf("what cannot be looked up folds to %q", got)
	}
	for _, other := range []string{"rosari0@example.com", "rosaría@example.com", "ro sario@example.com"} {
		if FoldLogin(other) == "rosario@example.com" {
			t.Errorf("%q is somebody else", other)
		}
	}
}

func TestFoldLoginSettlesForEveryCharacter(t *testing.T) {
	t.Parallel()
	for c := rune(0); c <= unicode.MaxRune; c++ {
		if unicode.In(c, unicode.Han, unicode.Hangul, unicode.Co, unicode.Cs) || !unicode.IsPrint(c) && !unicode.IsSpace(c) {
			continue // thousands that are alike
		}
		once := FoldLogin("a" + string(c) + "\u0345\u0301")
		if twice := FoldLogin(once); twice != once {
			t.Fatalf("%U: %q, then %q", c, once, twice)
		}
	}
}

func FuzzLoginFold(f *testing.F) {
	for _, seed := range []string{"Rosario@Example.COM", "\u00a0x", "ſ\u0345\u0301", "İ", "㎒", "\xff", "ᾳ\u0300", "\ufdfa", "\x11\x00\x81\xf2\u0301"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, login string) {
		once := FoldLogin(login)
		if twice := FoldLogin(once); twice != once {
			t.Fatalf("%q folds to %q and that to %q", login, once, twice)
		}
		if once != strings.TrimSpace(once) {
			t.Fatalf("%q has space around it", once)
		}
		if upper := FoldLogin(" " + login + "\t"); upper != once {
			t.Fatalf("%q is found without space around it only: %q, %q", login, once, upper)
		}
	})
}
