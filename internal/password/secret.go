package password

import (
	"fmt"
	"io"
	"log/slog"
)

const redaction = "[redacted]"

// Secret is a password as a person typed it, on its way to the hash. Its zero
// value is an empty password.
type Secret struct{ redacted }

// NewSecret wraps a typed password. The text is kept as it is: no trimming and no
// normalisation, which would both shrink the set of passwords.
func NewSecret(text string) Secret { return Secret{redacted{&text}} }

// Reveal returns the plaintext. Each call is a place where a password can leak, so
// there should be few: hashing, and rules that look at the characters.
func (s Secret) Reveal() string { return s.reveal() }

// redacted is a text that the usual ways of writing a value down do not show.
//
// The text is behind a pointer because fmt cannot call methods on what it finds in
// an unexported field: a struct with such a field would be printed with the text
// in it, and is printed with an address instead.
type redacted struct{ text *string }

func (r redacted) reveal() string {
	if r.text == nil {
		return ""
	}
	return *r.text
}

// Empty reports whether there is no text.
func (r redacted) Empty() bool { return r.reveal() == "" }

// String returns "[redacted]".
func (redacted) String() string { return redaction }

// GoString returns "[redacted]".
func (redacted) GoString() string { return redaction }

// Format writes "[redacted]" for every verb and flag.
func (redacted) Format(f fmt.State, _ rune) {
	// As in fmt's own formatting, a failed write is the writer's to report.
	_, _ = io.WriteString(f, redaction)
}

// LogValue returns "[redacted]".
func (redacted) LogValue() slog.Value { return slog.StringValue(redaction) }

// MarshalJSON returns the JSON string "[redacted]".
func (redacted) MarshalJSON() ([]byte, error) { return []byte(`"` + redaction + `"`), nil }

// MarshalText returns "[redacted]".
func (redacted) MarshalText() ([]byte, error) { return []byte(redaction), nil }
