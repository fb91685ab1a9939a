package directory

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/org"
)

// cursor is where a page of users ended: in which scan, and where in it. To
// clients it is opaque.
type cursor struct {
	scan  int
	after *org.UserPosition // nil is the beginning
}

// label names what is asked for, so that the cursor of one list is refused by
// another, in which it would be nowhere.
func (l UserList) label() string {
	sum := sha256.Sum256([]byte(strings.Join([]string{l.Filter, l.Search, l.SortBy, strings.ToLower(l.SortOrder)}, "\x00")))
	return hex.EncodeToString(sum[:8])
}

// cursorJSON is how a cursor travels. Of text and time one is there.
type cursorJSON struct {
	Label string  `json:"l"`
	Scan  int     `json:"s"`
	Text  *string `json:"v,omitempty"`
	Time  int64   `json:"t,omitempty"` // microseconds
	ID    string  `json:"i"`
}

func (c cursor) text(label string) string {
	j := cursorJSON{Label: label, Scan: c.scan, ID: c.after.ID}
	switch v := c.after.Value.(type) {
	case string:
		j.Text = &v
	case time.Time:
		j.Time = v.UnixMicro()
	}
	text, err := json.Marshal(j)
	if err != nil {
		panic(err) // strings and numbers
	}
	return base64.RawURLEncoding.EncodeToString(text)
}

// parseCursor takes what text made for the same query.
func parseCursor(text string, q *userQuery) (cursor, error) {
	if text == "" {
		return cursor{}, nil
	}
	wrong := fault.New(fault.BadPage, "", fault.Cause{Field: "after", Text: "must be taken from the link to the next page of the same list"})
	decoded, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil {
		return cursor{}, wrong
	}
	var j cursorJSON
	if err := json.Unmarshal(decoded, &j); err != nil || j.Label != q.label || j.Scan < 0 || j.Scan >= len(q.scans) {
		return cursor{}, wrong
	}
	c := cursor{j.Scan, &org.UserPosition{ID: j.ID}}
	isTime := q.scans[j.Scan].order.IsTime()
	if isTime {
		c.after.Value = time.UnixMicro(j.Time).UTC()
	} else if j.Text != nil {
		c.after.Value = *j.Text
	}
	// A store takes no NUL. What is not UTF-8 is not written as it was read.
	if isTime != (j.Text == nil) || strings.ContainsRune(fmt.Sprint(c.after.Value, c.after.ID), 0) || c.text(q.label) != text {
		return cursor{}, wrong
	}
	return c, nil
}
