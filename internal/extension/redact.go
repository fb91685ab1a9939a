package extension

import (
	"bytes"
	"encoding/json"
	"strings"
	"unicode/utf8"

	"github.com/usher-id/usher/hook"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/profile"
)

// maxDebugContext is how much of a debugContext is logged, in bytes.
const maxDebugContext = 16 << 10

// masked stands where a secret was found by its value.
const masked = "[sensitive]"

// redactedAnswer is the answer as records keep it, and its debugContext. It is
// redacted before it is stored, not when it is shown.
func redactedAnswer(schema *profile.Schema, reply Reply, r *reader) (a org.Answer, debug string) {
	a = org.Answer{
		Status:      reply.Status,
		ContentType: plain(reply.Header.Get("Content-Type"), 100),
		Size:        len(reply.Body),
	}
	if r.answer == nil {
		a.Body = excerpt(reply.Body)
		return a, ""
	}
	clean := redact(schema, r.answer, reply.Secrets)
	text, err := clean.MarshalJSON()
	if err != nil { // cannot be: it was parsed
		return a, ""
	}
	a.Readable, a.Body = true, string(text)
	if len(reply.Body) == 0 {
		a.Body = ""
	}
	return a, debugContext(clean, r)
}

func debugContext(clean *hook.Object, r *reader) string {
	v, ok := clean.Get("debugContext")
	if !ok || v == nil {
		return ""
	}
	o, ok := v.(*hook.Object)
	if !ok {
		r.warn("DEBUG_CONTEXT_NOT_OBJECT", "debugContext", "a JSON "+hook.Kind(v), "It is not logged.", "Send an object.")
		return ""
	}
	return clipBytes(o.String(), maxDebugContext)
}

// redact copies an answer without the values of sensitive attributes: by the name
// of the member, which the schema does, and by the value, since a service may
// repeat in its debugContext or its messages what it sets, or the secret that it
// was sent.
func redact(schema *profile.Schema, answer *hook.Object, sent []string) *hook.Object {
	m := masker{schema: schema}
	for _, secret := range sent {
		m.add(secret)
	}
	m.collect(answer)
	clean := schema.Redact(answer)
	if len(m.secrets) == 0 {
		return clean
	}
	o, _ := m.mask(clean).(*hook.Object)
	return o
}

type masker struct {
	schema  *profile.Schema
	secrets []string
}

// minSecret is the length from which a sensitive value is looked for inside
// other texts; a shorter one would blot out half of every answer.
const minSecret = 4

func (m *masker) collect(v any) {
	switch v := v.(type) {
	case *hook.Object:
		for name, value := range v.All() {
			if m.schema.Sensitive(name) {
				m.addSecrets(value)
			} else {
				m.collect(value)
			}
		}
	case []any:
		for _, element := range v {
			m.collect(element)
		}
	}
}

func (m *masker) addSecrets(v any) {
	switch v := v.(type) {
	case string:
		m.add(v)
	case json.Number:
		m.add(v.String())
	case []any:
		for _, element := range v {
			m.addSecrets(element)
		}
	case *hook.Object:
		for _, value := range v.All() {
			m.addSecrets(value)
		}
	}
}

func (m *masker) add(secret string) {
	if len(secret) >= minSecret {
		m.secrets = append(m.secrets, secret)
	}
}

func (m *masker) mask(v any) any {
	switch v := v.(type) {
	case *hook.Object:
		members := make([]hook.Member, 0, v.Len())
		for name, value := range v.All() {
			members = append(members, hook.Member{Name: m.text(name), Value: m.mask(value)})
		}
		return hook.NewObject(members...)
	case []any:
		list := make([]any, len(v))
		for i := range v {
			list[i] = m.mask(v[i])
		}
		return list
	case string:
		return m.text(v)
	case json.Number:
		if m.text(v.String()) != v.String() {
			return masked
		}
	}
	return v
}

func (m *masker) text(s string) string {
	for _, secret := range m.secrets {
		s = strings.ReplaceAll(s, secret, masked)
	}
	return s
}

// excerpt is the beginning of a body that could not be read as JSON, safe to
// store: punctuation stays, words and numbers are blotted out but for those of
// the contract. A missing bracket can be seen in it, a person's data cannot.
func excerpt(body []byte) string {
	const most = 400
	text := body[:min(len(body), most)]
	var b strings.Builder
	for len(text) > 0 {
		n := wordLength(text)
		if n == 0 {
			r, size := utf8.DecodeRune(text)
			if r == utf8.RuneError || r < ' ' && r != '\n' || r > '~' {
				r = '·'
			}
			b.WriteRune(r)
			text = text[size:]
			continue
		}
		if contractWord(string(text[:n])) {
			b.Write(text[:n])
		} else {
			b.WriteString("…")
		}
		text = text[n:]
	}
	if len(body) > most {
		b.WriteString(" …")
	}
	return b.String()
}

func wordLength(text []byte) int {
	n := bytes.IndexFunc(text, func(r rune) bool {
		return r < 0x80 && !(r == '.' || r == '-' || r == '_' || '0' <= r && r <= '9' || 'a' <= r|0x20 && r|0x20 <= 'z')
	})
	if n < 0 {
		return len(text)
	}
	return n
}

func contractWord(word string) bool {
	for _, w := range [...]string{
		"commands", "type", "value", "error", "Error", "errorSummary", "errorCauses", "reason", "location", "locationType",
		"domain", "debugContext", "registration", "action", "ALLOW", "DENY", "null", "true", "false",
		"html", "head", "body", "title", "DOCTYPE", "doctype",
	} {
		if w == word {
			return true
		}
	}
	for _, w := range allCommands {
		if w == word {
			return true
		}
	}
	return false
}

func clipBytes(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
