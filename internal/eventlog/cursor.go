package eventlog

import (
	"encoding/base64"
	"fmt"
	"strings"
	"time"
)

// cursor is where a page ended. It holds the range that the first page had, so
// that a default that moves with the clock moves nothing on the later ones. To
// clients it is opaque.
type cursor struct {
	descending   bool
	sequence     int64 // of the last event that was looked at; 0 before any
	since, until time.Time
}

const cursorForm = "1:%t:%d:%d:%d"

func (c cursor) String() string {
	text := fmt.Sprintf(cursorForm, c.descending, c.sequence, micro(c.since), micro(c.until))
	return base64.RawURLEncoding.EncodeToString([]byte(text))
}

// parseCursor takes what String made, and nothing else.
func parseCursor(s string) (c cursor, ok bool) {
	text, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil {
		return c, false
	}
	var since, until int64
	if _, err := fmt.Fscanf(strings.NewReader(string(text)), cursorForm, &c.descending, &c.sequence, &since, &until); err != nil {
		return c, false
	}
	c.since, c.until = fromMicro(since), fromMicro(until)
	return c, c.sequence >= 0 && c.String() == s
}

// micro is a time as a number, 0 for none.
func micro(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

func fromMicro(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.UnixMicro(n).UTC()
}
