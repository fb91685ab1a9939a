package secretbox

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

const (
	keySize = 32 // AES-256
	// maxFile is far more than a key ring needs and spares reading a database
	// that was given as one.
	maxFile = 64 << 10
)

// Load reads a key ring from a file, one key a line as "<id> <base64 of 32
// bytes>", the primary one first. Blank lines and lines that begin with # are
// skipped. A file that others than its owner may read or write is refused, where
// the system has modes that tell.
//
// Errors name the file and the line, never what the line holds.
func Load(path string) (*Keyring, error) { return thisSystem().load(path) }

// system is what differs between the systems that a key file may be on.
type system struct {
	modes   bool                    // a file's mode tells who may read it
	syncDir func(path string) error // makes a new name safe from a power cut
}

func (s system) load(path string) (*Keyring, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("key ring: %w", err)
	}
	defer f.Close() //nolint:errcheck // what was read is read
	// Asked of the open file, which nobody can exchange any more.
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("key ring: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("key ring %s is not a regular file", path)
	}
	if mode := info.Mode().Perm(); s.modes && mode&0o077 != 0 {
		return nil, fmt.Errorf("key ring %s is open to others than its owner (mode %04o): chmod 600 it", path, mode)
	}
	text, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("key ring: %w", err)
	}
	if len(text) > maxFile {
		return nil, fmt.Errorf("key ring %s is larger than %d bytes", path, maxFile)
	}
	k, err := parse(string(text))
	if err != nil {
		return nil, fmt.Errorf("key ring %s: %w", path, err)
	}
	return k, nil
}

// Create makes a key ring of one random key and writes it to a new file, for
// its owner alone. It never touches a file that is there already, because what
// was sealed under a lost key cannot be opened again.
func Create(path string) (*Keyring, error) { return thisSystem().create(path) }

func (s system) create(path string) (*Keyring, error) {
	line := randomLine()
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, fmt.Errorf("create key ring: %w", err)
	}
	_, err = f.WriteString(line + "\n")
	// The key must outlive a power cut that the first sealed value outlives.
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = s.syncDir(filepath.Dir(path))
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("create key ring: %w", err), os.Remove(path))
	}
	return parse(line)
}

// Ephemeral makes a key ring that is lost with the process, for a database in
// memory.
func Ephemeral() *Keyring {
	k, err := parse(randomLine())
	if err != nil {
		panic("secretbox: a line of our own does not parse: " + err.Error())
	}
	return k
}

// randomLine makes a key and a name for it. The name is random too, so that
// two key rings are not mistaken for each other.
func randomLine() string {
	random := make([]byte, 4+keySize)
	_, _ = rand.Read(random) // never fails
	return hex.EncodeToString(random[:4]) + " " + base64.StdEncoding.EncodeToString(random[4:])
}

func parse(text string) (*Keyring, error) {
	k := &Keyring{keys: map[string]cipher.AEAD{}}
	number := 0
	for line := range strings.Lines(text) {
		number++
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if err := k.add(line); err != nil {
			return nil, fmt.Errorf("line %d: %w", number, err)
		}
	}
	if k.primary == "" {
		return nil, errors.New("it holds no key")
	}
	return k, nil
}

// add takes a line of the file; the first key is the primary one.
func (k *Keyring) add(line string) error {
	fields := strings.Fields(line)
	if len(fields) != 2 {
		return errors.New("want an id and a key in base64")
	}
	id := fields[0]
	if !isKeyID(id) {
		return errors.New("an id is up to 32 letters, digits, hyphens and underscores")
	}
	if _, ok := k.keys[id]; ok {
		return errors.New("the id was used on a line before")
	}
	key, err := base64.StdEncoding.DecodeString(fields[1])
	if err != nil || len(key) != keySize {
		return fmt.Errorf("a key is the base64 of %d bytes", keySize)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return err
	}
	if k.keys[id], err = cipher.NewGCMWithRandomNonce(block); err != nil {
		return err
	}
	if k.primary == "" {
		k.primary = id
	}
	return nil
}

func isKeyID(s string) bool {
	const allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"
	return s != "" && len(s) <= 32 && strings.Trim(s, allowed) == ""
}
