// Package redact keeps values from being shown by accident.
//
// A struct that embeds [Hidden] prints as [redacted] with every verb of fmt, in
// slog, and in JSON and text encoders. A mistake then leaks the word, not the
// value.
//
// A single text is best kept as a [Text]:
//
//	type Secret struct{ redact.Text }   s := Secret{redact.New(text)}
//
// fmt cannot call methods on what it finds in an unexported field, and walks it
// instead; so what is hidden stands behind a pointer, whose address is printed
// then.
package redact

import (
	"fmt"
	"log/slog"
)

// Shown is what is shown.
const Shown = "[redacted]"

// Text is a text that is hidden. Its zero value is empty.
type Text struct {
	Hidden
	text *string
}

// New hides a text.
func New(text string) Text { return Text{text: &text} }

// Reveal gives the text. Each call is a place where it can leak, so there should
// be few.
func (t Text) Reveal() string {
	if t.text == nil {
		return ""
	}
	return *t.text
}

// Empty tells whether there is no text.
func (t Text) Empty() bool { return t.Reveal() == "" }

// Hidden hides the struct that embeds it.
type Hidden struct{}

// String is Shown.
func (Hidden) String() string { return Shown }

// GoString hides the value from %#v.
func (Hidden) GoString() string { return Shown }

// Format hides the value from every verb.
func (Hidden) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(Shown)) }

// LogValue hides the value from slog.
func (Hidden) LogValue() slog.Value { return slog.StringValue(Shown) }

// MarshalJSON hides the value from JSON. An API answer leaves the key out
// instead.
func (Hidden) MarshalJSON() ([]byte, error) { return []byte(`"` + Shown + `"`), nil }

// MarshalText hides the value from text encoders.
func (Hidden) MarshalText() ([]byte, error) { return []byte(Shown), nil }
