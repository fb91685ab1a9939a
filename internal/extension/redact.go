package extension

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/usher-id/usher/hook"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/profile"
)

// masked stands where a secret was found by its value.
const masked = "[sensitive]"

const (
	// minSecret is the length from which a secret is looked for inside other
	// texts; a shorter one would blot out half of every answer.
	minSecret = 4
	// maxSecrets bounds the search: an array of ten thousand sensitive values is
	// not worth looking for one by one.
	maxSecrets = 100
)

// masker keeps secrets out of a record, which is redacted before it is stored
// and not when it is shown. It finds values of sensitive attributes by the name
// of the member, which the schema does, and by the value: a service may repeat in
// its debugContext or its messages what it sets, or the secret that it was sent.
type masker struct {
	schema  *profile.Schema
	secrets []string // longest first, so that none is left in half by a shorter one
}

func newMasker(schema *profile.Schema, sent []string) *masker {
	m := &masker{schema: schema}
	for _, secret := range sent {
		m.add(secret)
	}
	m.sort()
	return m
}

// learn takes up the values of sensitive attributes that an answer holds.
func (m *masker) learn(answer *hook.Object) {
	m.collect(answer)
	m.sort()
}

func (m *masker) collect(v any) {
	switch v := v.(type) {
	case *hook.Object:
		for name, value := range v.All() {
			if m.schema.Sensitive(strings.TrimSpace(name)) {
				m.addAll(value)
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

func (m *masker) addAll(v any) {
	switch v := v.(type) {
	case string:
		m.add(v)
	case json.Number:
		m.add(v.String())
	case []any:
		for _, element := range v {
			m.addAll(element)
		}
	case *hook.Object:
		for _, value := range v.All() {
			m.addAll(value)
		}
	}
}

// add takes up a secret, but for one that is a part of the mask: it would be
// found in what was masked already, over and over.
func (m *masker) add(secret string) {
	if len(secret) >= minSecret && utf8.ValidString(secret) && !strings.Contains(masked, secret) {
		m.secrets = append(m.secrets, secret)
	}
}

func (m *masker) sort() {
	slices.SortFunc(m.secrets, func(a, b string) int { return cmp.Or(len(b)-len(a), cmp.Compare(a, b)) })
	m.secrets = slices.Compact(m.secrets)
}

// text masks the secrets in a text of a service. Where they are too many to look
// for, all of it is masked.
func (m *masker) text(s string) string {
	if len(m.secrets) > maxSecrets && s != "" {
		return masked
	}
	for _, secret := range m.secrets {
		s = strings.ReplaceAll(s, secret, masked)
	}
	return s
}

// object is a redacted copy.
func (m *masker) object(o *hook.Object) *hook.Object {
	clean := m.schema.Redact(o)
	if len(m.secrets) == 0 {
		return clean
	}
	copied, _ := m.value(clean).(*hook.Object)
	return copied
}

func (m *masker) value(v any) any {
	switch v := v.(type) {
	case *hook.Object:
		members := make([]hook.Member, 0, v.Len())
		for name, value := range v.All() {
			members = append(members, hook.Member{Name: m.text(name), Value: m.value(value)})
		}
		return hook.NewObject(members...)
	case []any:
		list := make([]any, len(v))
		for i := range v {
			list[i] = m.value(v[i])
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

// messages is a redacted copy.
func (m *masker) messages(list []org.Message) []org.Message {
	copied := slices.Clone(list)
	for i := range copied {
		copied[i].Text = m.text(copied[i].Text)
	}
	return copied
}
