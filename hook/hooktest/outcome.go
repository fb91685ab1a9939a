package hooktest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/usher-id/usher/hook"
)

// Diff tells in what two outcomes differ, a line for each difference, and is
// empty when they are equal. All that reads the fixtures compares by it. Row and
// Source, which tell where a case comes from, are not compared.
func Diff(want, got Outcome) string {
	var d diff
	d.value("outcome", want.Decision, got.Decision)
	d.profile(want.Profile, got.Profile)
	d.list("messages", texts(want.Messages), texts(got.Messages))
	d.value("attempts", fmt.Sprint(want.Attempts), fmt.Sprint(got.Attempts))
	d.list("log", texts(want.Log), texts(got.Log))
	d.list("warnings", want.Warnings, got.Warnings)
	return strings.Join(d, "\n")
}

// DiffRequest tells where the body that was sent departs from the request of a
// case, and is empty when they are equal byte for byte. The spacing of the case
// is taken out first, since the seeds' examples are spaced for reading.
func DiffRequest(want, got []byte) string {
	var compact bytes.Buffer
	if err := json.Compact(&compact, want); err != nil {
		return "the request of the case: " + err.Error()
	}
	want = compact.Bytes()
	if bytes.Equal(want, got) {
		return ""
	}
	at := 0
	for at < min(len(want), len(got)) && want[at] == got[at] {
		at++
	}
	around := func(b []byte) []byte { return b[max(0, min(at, len(b))-30):min(at+30, len(b))] }
	return fmt.Sprintf("the request departs at byte %d: got …%s…, want …%s…", at, around(got), around(want))
}

type diff []string

func (d *diff) value(name, want, got string) {
	if want != got {
		*d = append(*d, fmt.Sprintf("%s: got %s, want %s", name, got, want))
	}
}

func (d *diff) list(name string, want, got []string) {
	for i := range max(len(want), len(got)) {
		at := fmt.Sprintf("%s[%d]", name, i)
		switch {
		case i >= len(got):
			*d = append(*d, fmt.Sprintf("%s: got nothing, want %s", at, want[i]))
		case i >= len(want):
			*d = append(*d, fmt.Sprintf("%s: got %s, want nothing", at, got[i]))
		default:
			d.value(at, want[i], got[i])
		}
	}
}

func (d *diff) profile(want, got map[string]json.RawMessage) {
	if want == nil || got == nil {
		stored := func(p map[string]json.RawMessage) string {
			if p == nil {
				return "nothing stored"
			}
			return fmt.Sprintf("%d attributes stored", len(p))
		}
		d.value("profile", stored(want), stored(got))
		return
	}
	var names []string
	for name := range want {
		names = append(names, name)
	}
	for name := range got {
		if _, ok := want[name]; !ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		d.value("profile."+name, stored(want, name), stored(got, name))
	}
}

// stored is the value of an attribute without its spacing; the text of a number
// stays.
func stored(p map[string]json.RawMessage, name string) string {
	text, ok := p[name]
	if !ok {
		return "nothing"
	}
	v, err := hook.Parse(text, hook.DefaultLimits)
	if err != nil {
		return fmt.Sprintf("%q, which is not JSON", text)
	}
	return string(encode(v))
}

func texts[T fmt.Stringer](list []T) []string {
	all := make([]string, len(list))
	for i, item := range list {
		all[i] = item.String()
	}
	return all
}

// String is the event on one line.
func (e LogEvent) String() string {
	s := fmt.Sprintf("%q %q", e.EventType, e.Result)
	if e.Reason != nil {
		s += fmt.Sprintf(": %q", *e.Reason)
	}
	return s
}
