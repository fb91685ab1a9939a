// Package redact keeps values from being shown by accident.
//
// A struct that embeds [Hidden] prints as [redacted] with every verb of fmt, in
// slog, and in JSON and text encoders. A mistake then leaks the word, not the
// value.
//
//	type Secret struct {
//		redact.Hidden
//		text string // unexported, read by a method whose name says so
//	}
package redact

import (
	"fmt"
	"log/slog"
)

// Text is what is shown.
const Text = "[redacted]"

// Hidden hides the struct that embeds it.
type Hidden struct{}

// String is Text.
func (Hidden) String() string { return Text }

// GoString hides the value from %#v.
func (Hidden) GoString() string { return Text }

// Format hides the value from every verb.
func (Hidden) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(Text)) }

// LogValue hides the value from slog.
func (Hidden) LogValue() slog.Value { return slog.StringValue(Text) }

// MarshalJSON hides the value from JSON. An API answer leaves the key out
// instead.
func (Hidden) MarshalJSON() ([]byte, error) { return []byte(`"` + Text + `"`), nil }

// MarshalText hides the value from text encoders.
func (Hidden) MarshalText() ([]byte, error) { return []byte(Text), nil }
