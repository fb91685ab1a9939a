package secretbox

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const (
	oldLine = "old AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
	newLine = "new ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8="
)

func ring(t testing.TB, lines ...string) *Keyring {
	t.Helper()
	k, err := parse(strings.Join(lines, "\n"))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func seal(t testing.TB, k *Keyring, at Where, plain string) string {
	t.Helper()
	sealed, err := k.Seal(at, []byte(plain))
	if err != nil {
		t.Fatal(err)
	}
	return sealed
}

func header() Where { return Where{Table: "inline_hooks", Row: "cal1", Column: "auth_value"} }

func TestSealAndOpen(t *testing.T) {
	t.Parallel()
	k := ring(t, oldLine)
	for _, plain := range []string{"", "s", "Basic YWRtaW46c3VwZXJzZWNyZXQ=", "\x00\xff", strings.Repeat("k", 1<<16)} {
		sealed := seal(t, k, header(), plain)
		if strings.Trim(sealed, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") != "" {
			t.Errorf("%q is not printable in every context", sealed)
		}
		if plain != "" && plain != "s" && strings.Contains(sealed, plain) {
			t.Errorf("%q shows what it seals", sealed)
		}
		got, err := k.Open(header(), sealed)
		if err != nil || string(got) != plain {
			t.Errorf("%.20q opens as %.20q: %v", plain, got, err)
		}
		if sealed == seal(t, k, header(), plain) {
			t.Errorf("sealing %.20q twice gives the same", plain)
		}
	}
}

// A value written by an earlier release must open for ever.
func TestOpenStoredForm(t *testing.T) {
	t.Parallel()
	const stored = "v1.old.FJoJIKuxD9j_VSk_epXcwlFnage-k4jJ8joT-CsWSZjnCYJDYDwl"
	if got, err := ring(t, newLine, oldLine).Open(header(), stored); err != nil || string(got) != "supersecret" {
		t.Errorf("opens as %q: %v", got, err)
	}
}

func TestMovedValueDoesNotOpen(t *testing.T) {
	t.Parallel()
	k := ring(t, oldLine)
	at := Where{Table: "ab", Row: "c", Column: "de"}
	sealed := seal(t, k, at, "secret")
	for _, moved := range []Where{
		{"ab2", "c", "de"}, {"ab", "c2", "de"}, {"ab", "c", "de2"}, {"c", "ab", "de"},
		{"a", "bc", "de"}, {"abc", "d", "e"}, {"ab", "cd", "e"}, {"ab\x01", "c", "de"}, {"ab|c", "d", "e"},
	} {
		if _, err := k.Open(moved, sealed); !errors.Is(err, ErrNotSealed) {
			t.Errorf("opens at %v: %v", moved, err)
		}
	}
	for _, incomplete := range []Where{{}, {Table: "ab", Row: "c"}, {Table: "ab", Column: "de"}, {Row: "c", Column: "de"}} {
		if _, err := k.Seal(incomplete, nil); err == nil {
			t.Errorf("seals at %v", incomplete)
		}
		if _, err := k.Open(incomplete, sealed); err == nil {
			t.Errorf("opens at %v", incomplete)
		}
	}
}

func TestAlteredValueDoesNotOpen(t *testing.T) {
	t.Parallel()
	k := ring(t, newLine, oldLine)
	sealed := seal(t, k, header(), "secret")
	try := func(altered string) {
		t.Helper()
		if _, err := k.Open(header(), altered); !errors.Is(err, ErrNotSealed) && !errors.Is(err, ErrUnknownKey) {
			t.Errorf("%q, altered to %q, opens: %v", sealed, altered, err)
		}
	}
	for i := range len(sealed) {
		for bit := range 8 {
			b := []byte(sealed)
			b[i] ^= 1 << bit
			try(string(b))
		}
		try(sealed[:i])
		try(sealed[:i] + sealed[i+1:])
		try(sealed[:i] + "\n" + sealed[i:])
	}
	for _, tail := range []string{"\n", "=", "A", "."} {
		try(sealed + tail)
	}
	try(strings.Replace(sealed, ".new.", ".old.", 1))
	try("secret")
}

func TestRotation(t *testing.T) {
	t.Parallel()
	before, during, after := ring(t, oldLine), ring(t, newLine, oldLine), ring(t, newLine)
	sealed := seal(t, before, header(), "secret")
	if before.Stale(sealed) || !during.Stale(sealed) {
		t.Error("a value is stale with the old key ring, or is not with the new one")
	}
	got, err := during.Open(header(), sealed)
	if err != nil {
		t.Fatalf("the old key does not open any more: %v", err)
	}
	again := seal(t, during, header(), string(got))
	if during.Stale(again) {
		t.Error("a value sealed by the primary key is stale")
	}
	if got, err := after.Open(header(), again); err != nil || string(got) != "secret" {
		t.Errorf("opens as %q without the old key: %v", got, err)
	}
	if _, err := after.Open(header(), sealed); !errors.Is(err, ErrUnknownKey) || !strings.Contains(err.Error(), "old") {
		t.Errorf("%v: does not name the lost key", err)
	}
}

// load writes a key file and loads it.
func load(t *testing.T, text string, mode os.FileMode) (string, *Keyring, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "keys")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
	k, err := Load(path)
	return path, k, err
}

func TestLoad(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text, primary string
		mode          os.FileMode
	}{
		{oldLine, "old", 0o600},
		{oldLine, "old", 0o400},
		{"# rotated in May\r\n\r\n  " + newLine + "\t\r\n" + oldLine + "\r\n", "new", 0o600},
	} {
		_, k, err := load(t, c.text, c.mode)
		if err != nil {
			t.Errorf("%q: %v", c.text, err)
		} else if sealed := seal(t, k, header(), "secret"); !strings.HasPrefix(sealed, "v1."+c.primary+".") {
			t.Errorf("%q: seals as %s, want the key %s", c.text, sealed, c.primary)
		}
	}
}

func TestLoadRefuses(t *testing.T) {
	t.Parallel()
	key := strings.Fields(oldLine)[1]
	for _, c := range []struct {
		text string
		mode os.FileMode
		say  string
	}{
		{oldLine, 0o640, "chmod 600"},
		{oldLine, 0o604, "mode 0604"},
		{oldLine, 0o620, "chmod 600"},
		{"", 0o600, "no key"},
		{"# nothing\n", 0o600, "no key"},
		{key, 0o600, "line 1: want an id and a key"},
		{newLine + "\n\nold " + key + " more", 0o600, "line 3: want an id and a key"},
		{newLine + "\nnew " + key, 0o600, "line 2: the id was used"},
		{"a.b " + key, 0o600, "line 1: an id is"},
		{strings.Repeat("a", 33) + " " + key, 0o600, "line 1: an id is"},
		{"old " + key[4:], 0o600, "line 1: a key is the base64 of 32 bytes"},
		{"old " + key[:43] + "!", 0o600, "line 1: a key is the base64 of 32 bytes"},
		{oldLine + strings.Repeat("\n", maxFile), 0o600, "larger than"},
	} {
		path, _, err := load(t, c.text, c.mode)
		if err == nil || !strings.Contains(err.Error(), c.say) || !strings.Contains(err.Error(), path) {
			t.Errorf("%.60q with mode %o: %v, want the path and %q", c.text, c.mode, err, c.say)
		} else if strings.Contains(err.Error(), key[8:20]) {
			t.Errorf("%v: shows a key", err)
		}
	}
	dir := t.TempDir()
	if _, err := Load(filepath.Join(dir, "missing")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a missing file: %v", err)
	}
	if _, err := Load(dir); err == nil || !strings.Contains(err.Error(), "regular file") {
		t.Errorf("a directory: %v", err)
	}
}

func TestCreate(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "keys")
	k, err := Create(path)
	if err != nil {
		t.Fatal(err)
	}
	sealed := seal(t, k, header(), "secret")
	loaded, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := loaded.Open(header(), sealed); err != nil || string(got) != "secret" {
		t.Errorf("opens as %q after a restart: %v", got, err)
	}
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Create(path); !errors.Is(err, os.ErrExist) {
		t.Errorf("creating it again: %v", err)
	}
	if after, err := os.ReadFile(path); err != nil || !bytes.Equal(before, after) {
		t.Errorf("the file has changed: %v", err)
	}
	if _, err := Create(filepath.Join(path, "below", "keys")); err == nil {
		t.Error("a key ring was created below a file")
	}
}

// A system without modes shows every file as open to all, and has its own way to
// keep a directory.
func TestOtherSystems(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "keys")
	var synced []string
	other := system{syncDir: func(dir string) error { synced = append(synced, dir); return nil }}
	if _, err := other.create(path); err != nil || len(synced) != 1 || synced[0] != filepath.Dir(path) {
		t.Errorf("created: %v, synced %q", err, synced)
	}
	if err := os.Chmod(path, 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := other.load(path); err != nil {
		t.Errorf("a mode that tells nothing: %v", err)
	}

	lost := errors.New("no power")
	other.syncDir = func(string) error { return lost }
	path += "2"
	if _, err := other.create(path); !errors.Is(err, lost) {
		t.Errorf("a directory that cannot be synced: %v", err)
	}
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a key ring is left that may not last: %v", err)
	}
}

func TestEphemeralRingsDiffer(t *testing.T) {
	t.Parallel()
	one, two := Ephemeral(), Ephemeral()
	sealed := seal(t, one, header(), "secret")
	if _, err := one.Open(header(), sealed); err != nil {
		t.Error(err)
	}
	if _, err := two.Open(header(), sealed); !errors.Is(err, ErrUnknownKey) {
		t.Errorf("another key ring opens it: %v", err)
	}
}

func TestKeysAreNotPrinted(t *testing.T) {
	t.Parallel()
	k := ring(t, oldLine)
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("start", "ring", k)
	for _, text := range []string{fmt.Sprint(k), fmt.Sprintf("%+v %#v %d %x", k, k, k, *k), log.String()} {
		if rest := strings.ReplaceAll(text, "[redacted]", ""); rest == text || strings.ContainsAny(rest, "{&") {
			t.Errorf("%q shows the key ring", text)
		}
	}
}

func FuzzSealedValue(f *testing.F) {
	k := ring(f, newLine, oldLine)
	sealed := seal(f, k, header(), "secret")
	for _, s := range []string{
		sealed, seal(f, ring(f, oldLine), header(), "secret"), "", "v1", "v1..", "v1.new.",
		"v2" + sealed[2:], sealed + "=", sealed[:len(sealed)-1], "v1.gone.AAAA", "v1.new.AAAA.AAAA",
	} {
		f.Add(s, []byte(s))
	}
	f.Fuzz(func(t *testing.T, s string, plain []byte) {
		// Without the key nobody makes a value that opens; the seeds do.
		if got, err := k.Open(header(), s); err == nil && string(got) != "secret" {
			t.Errorf("%q opens as %q", s, got)
		} else if err != nil && !errors.Is(err, ErrNotSealed) && !errors.Is(err, ErrUnknownKey) {
			t.Errorf("%q: %v", s, err)
		}
		made, err := k.Seal(header(), plain)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := k.Open(header(), made); err != nil || !bytes.Equal(got, plain) {
			t.Errorf("%q opens as %q: %v", plain, got, err)
		}
	})
}
