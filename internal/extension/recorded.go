package extension

import (
	"bytes"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/usher-id/usher/hook"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/profile"
)

// recordedAnswer is the answer as records keep it.
func (r *reader) recordedAnswer() org.Answer {
	a := org.Answer{
		Status:      r.reply.Status,
		ContentType: r.plain(r.reply.Header.Get("Content-Type"), 100),
		Size:        len(r.reply.Body),
	}
	switch {
	case len(r.reply.Body) == 0 || a.Status == http.StatusNoContent:
	case r.object != nil:
		a.Readable, a.Body = true, r.mask.object(r.object).String()
	default:
		a.Body = excerpt(r.reply.Body, r.brokenAt)
	}
	return a
}

// recordedRequest is a body that was sent as records keep it. What usher builds
// holds nothing to redact; what an administrator typed into the Preview may.
func recordedRequest(schema *profile.Schema, body []byte) string {
	v, _ := hook.Parse(body, hook.DefaultLimits)
	o, ok := v.(*hook.Object)
	if !ok { // a request of ours that is beyond the limits of answers
		return excerpt(body, 0)
	}
	m := newMasker(schema, nil)
	m.learn(o)
	if clean := m.object(o).String(); clean != o.String() {
		return clean
	}
	return string(body)
}

// maxDebugContext is how much of a debugContext is recorded, in bytes.
const maxDebugContext = 16 << 10

// recordedDebugContext is the debugContext of an answer as JSON, redacted. One
// that is too long loses its last members and stays JSON.
func (r *reader) recordedDebugContext() string {
	v, _ := r.answer.Get("debugContext")
	if v == nil {
		return ""
	}
	o, ok := v.(*hook.Object)
	if !ok {
		r.warn("DEBUG_CONTEXT_NOT_OBJECT", "debugContext", "a JSON "+hook.Kind(v), "It is not logged.", "Send an object.")
		return ""
	}
	text := r.mask.object(o).String()
	if len(text) <= maxDebugContext {
		return text
	}
	r.note("DEBUG_CONTEXT_CUT", "debugContext", "more than 16 KB", "Only its beginning is logged.", "Send less than 16 KB.")
	return fitting(r.mask.object(o), maxDebugContext).String()
}

// fitting is the beginning of an object whose JSON is not longer than limit. Of
// the member that does not fit, the text is cut; those behind it are dropped.
func fitting(o *hook.Object, limit int) *hook.Object {
	var members []hook.Member
	size := len("{}")
	for name, value := range o.All() {
		whole := hook.Member{Name: name, Value: value}
		length := sizeOf(whole)
		if size+length > limit {
			members = append(members, cutMember(whole, limit-size)...)
			break
		}
		size += length
		members = append(members, whole)
	}
	return hook.NewObject(members...)
}

// cutMember is a member with its value, as text, cut until it fits; nothing if
// not even its name does.
func cutMember(m hook.Member, room int) []hook.Member {
	text, ok := m.Value.(string)
	if !ok {
		b, _ := hook.Encode(m.Value) // was parsed, so it can be
		text = string(b)
	}
	for n := min(len(text), room); n > 0; n /= 2 { // escapes make it longer
		m.Value = clipBytes(text, n) + "…"
		if sizeOf(m) <= room {
			return []hook.Member{m}
		}
	}
	return nil
}

// sizeOf is how many bytes a member adds to an object, its comma included.
func sizeOf(m hook.Member) int { return len(hook.NewObject(m).String()) - len("{}") + len(",") }

func clipBytes(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// What an excerpt shows, in bytes: a piece of the body that ends behind the
// place where it stops being JSON.
const (
	excerptLength = 400
	excerptBehind = 100
)

// excerpt is a piece of a body that could not be read as JSON, safe to store:
// punctuation stays, words and numbers are blotted out but for those of the
// contract. A missing bracket can be seen in it, a person's data cannot.
func excerpt(body []byte, brokenAt int) string {
	end := min(len(body), max(excerptLength, brokenAt+excerptBehind))
	start := max(0, end-excerptLength)
	var b strings.Builder
	if start > 0 {
		b.WriteString("… ")
	}
	for text := body[start:end]; len(text) > 0; {
		if n := wordLength(text); n > 0 {
			b.WriteString(blotted(string(text[:n])))
			text = text[n:]
			continue
		}
		c := text[0] // wordLength takes everything beyond ASCII
		if c < ' ' && c != '\n' || c > '~' {
			b.WriteString("·")
		} else {
			b.WriteByte(c)
		}
		text = text[1:]
	}
	if end < len(body) {
		b.WriteString(" …")
	}
	return b.String()
}

// wordLength is how many bytes of a text belong to the word that it begins with.
func wordLength(text []byte) int {
	n := bytes.IndexFunc(text, func(r rune) bool {
		return r < 0x80 && !alphanumeric(r) && !strings.ContainsRune("._-", r)
	})
	if n < 0 {
		return len(text)
	}
	return n
}

func blotted(word string) string {
	contract := [...]string{
		"commands", "type", "value", "error", "Error", "errorSummary", "errorCauses", "reason", "location", "locationType",
		"domain", "debugContext", "registration", "action", "ALLOW", "DENY", "null", "true", "false",
		"html", "head", "body", "title", "DOCTYPE", "doctype",
	}
	if slices.Contains(contract[:], word) || slices.Contains(allCommands[:], word) {
		return word
	}
	return "…"
}
