package password

import (
	"encoding/base64"
	"fmt"
	"strings"
)

// Names of the stored forms of imported hashes, up to the function that some of
// them end with.
const (
	saltedName = "usher-"
	pbkdf2Name = "pbkdf2-"
	scryptName = "scrypt"
)

// fields are a hash in the PHC string format: $name$parameters$salt$key.
type fields struct {
	name       string // behind the prefix that was asked for
	parameters string
	salt, key  []byte
}

// splitFields takes a text apart that begins with $ and the prefix.
func splitFields(encoded, prefix string) (f fields, err error) {
	rest, _ := strings.CutPrefix(encoded, "$"+prefix)
	parts := strings.Split(rest, "$")
	if len(parts) != 4 {
		return f, malformed(prefix + " has four fields")
	}
	f.name, f.parameters = parts[0], parts[1]
	if f.salt, err = base64.RawStdEncoding.DecodeString(parts[2]); err != nil {
		return f, malformed("the salt is not base64")
	}
	if f.key, err = base64.RawStdEncoding.DecodeString(parts[3]); err != nil {
		return f, malformed("the hash is not base64")
	}
	return f, nil
}

// text is the value of the only parameter, if that is its name.
func (f fields) text(name string) string {
	value, _ := strings.CutPrefix(f.parameters, name+"=")
	return value
}

// numbers reads the parameters by a form like "r=%d,p=%d".
func (f fields) numbers(form string, into ...any) error {
	if _, err := fmt.Sscanf(f.parameters, form, into...); err != nil {
		return malformed("parameters are not " + form)
	}
	return nil
}

func joinFields(name, parameters string, salt, key []byte) string {
	b64 := base64.RawStdEncoding
	return "$" + name + "$" + parameters + "$" + b64.EncodeToString(salt) + "$" + b64.EncodeToString(key)
}

// canonical refuses what is another way to write the hash down. Scanf and base64
// forgive signs, leading zeros, trailing text, line breaks and stray bits.
func canonical[D interface {
	digest
	encode() string
}](d D, encoded string) (digest, error) {
	if d.encode() != encoded {
		return nil, malformed("the hash is not in canonical form")
	}
	return d, nil
}
