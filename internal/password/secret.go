package password

import "github.com/usher-id/usher/internal/redact"

// Secret is a password as a person typed it, on its way to the hash. Its zero
// value is an empty password.
type Secret struct{ redact.Text }

// NewSecret wraps a typed password. The text is kept as it is: no trimming and no
// normalisation, which would both shrink the set of passwords.
func NewSecret(text string) Secret { return Secret{redact.New(text)} }
