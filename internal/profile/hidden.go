package profile

import (
	"fmt"
	"log/slog"
)

const redacted = "[redacted]"

// hidden is embedded in types that hold personal data. Wherever such a value is
// printed, logged or marshalled by accident, [redacted] comes out instead of
// it; the data leaves only by the methods that are named for that.
type hidden struct{}

// String hides the values from whatever prints a Stringer.
func (hidden) String() string { return redacted }

// GoString hides the values from %#v.
func (hidden) GoString() string { return redacted }

// Format hides the values from every verb, %x and %d included, which would walk
// the fields otherwise.
func (hidden) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(redacted)) }

// LogValue hides the values from slog.
func (hidden) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalJSON hides the values from encoding/json.
func (hidden) MarshalJSON() ([]byte, error) { return []byte(`"` + redacted + `"`), nil }

// MarshalText hides the values from encoders of XML, YAML and of map keys.
func (hidden) MarshalText() ([]byte, error) { return []byte(redacted), nil }
