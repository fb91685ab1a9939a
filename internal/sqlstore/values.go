package sqlstore

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/usher-id/usher/internal/fault"
)

// document is a Go value that is stored as JSON text.
type document struct{ value any }

// jsonText is JSON that is encoded already.
type jsonText string

// evidence is text of a record that tells what happened. It comes from
// strangers (a browser's name, a hook's answer), and a record must not get lost
// for what it tells of: what the database would refuse in it is replaced.
type evidence string

// record is a document of evidence.
type record struct{ value any }

// column makes of an argument what both databases store alike:
//
//	time.Time            BIGINT microseconds of UTC, 0 for the zero time
//	document, jsonText   TEXT, as JSON
//	string, evidence     TEXT
//
// Text that has a NUL or is not UTF-8 is refused, since PostgreSQL cannot keep
// it and SQLite does.
func column(arg any) (any, error) {
	switch v := arg.(type) {
	case string:
		if !utf8.ValidString(v) || strings.ContainsRune(v, 0) {
			return nil, badText()
		}
		return v, nil
	case jsonText:
		if escapesBadText(string(v)) {
			return nil, badText()
		}
		return column(string(v))
	case document:
		text, err := encode(v.value)
		if err != nil {
			return nil, err
		}
		return column(jsonText(text))
	case evidence:
		return strings.ReplaceAll(strings.ToValidUTF8(string(v), "\uFFFD"), "\x00", "\uFFFD"), nil
	case record:
		return encode(v.value)
	case time.Time:
		if v.IsZero() {
			return int64(0), nil
		}
		return v.UnixMicro(), nil
	}
	return arg, nil
}

func badText() error {
	return fault.New(fault.Invalid, "Text must be valid Unicode and must not contain the NUL character.")
}

// escapesBadText looks in JSON for the escapes of what badText means: \u0000,
// and \ufffd, which encoding/json writes for bytes that are not UTF-8, and for
// nothing else: it leaves a true U+FFFD unescaped.
func escapesBadText(text string) bool {
	for {
		i := strings.IndexByte(text, '\\')
		if i < 0 || i+1 == len(text) {
			return false
		}
		if after := text[i+1:]; strings.HasPrefix(after, "u0000") || strings.HasPrefix(after, "ufffd") {
			return true
		}
		text = text[i+2:] // past the escaped character, which may be a backslash
	}
}

func encode(v any) (string, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return "", fmt.Errorf("sqlstore: encode %T: %w", v, err)
	}
	return strings.TrimSuffix(b.String(), "\n"), nil
}

// at scans a column of microseconds into a time.
func at(t *time.Time) *moment { return (*moment)(t) }

type moment time.Time

// Scan implements sql.Scanner.
func (m *moment) Scan(src any) error {
	n, ok := src.(int64)
	switch {
	case !ok:
		return fmt.Errorf("sqlstore: a time is stored as %T", src)
	case n == 0:
		*m = moment{}
	default:
		*m = moment(time.UnixMicro(n).UTC())
	}
	return nil
}

// micro is a time as a column would keep it, for times inside documents.
func micro(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return t.Truncate(time.Microsecond).UTC()
}

// from scans a column of JSON into a value.
func from(value any) jsonColumn { return jsonColumn{value} }

type jsonColumn struct{ value any }

// Scan implements sql.Scanner.
func (c jsonColumn) Scan(src any) error {
	text, ok := src.(string)
	if !ok {
		return fmt.Errorf("sqlstore: a document is stored as %T", src)
	}
	if err := json.Unmarshal([]byte(text), c.value); err != nil {
		// Not %w: encoding/json quotes what it read.
		return fmt.Errorf("sqlstore: stored document of %T cannot be read", c.value)
	}
	return nil
}
