package profile

import (
	"strings"

	"github.com/usher-id/usher/hook"
	"github.com/usher-id/usher/internal/redact"
)

// Disclosed is the values of a profile that may leave: no password, nothing that
// the schema calls sensitive. Only the methods of [Schema] in this file make
// one, so whatever takes a Disclosed cannot be handed the rest by mistake.
//
// The zero value is empty. By accident it prints as [redacted], as a [Profile]
// does: what may be sent to a hook is personal all the same.
type Disclosed struct {
	redact.Hidden
	o *hook.Object
}

// Object is a copy of the values, in their order.
func (d Disclosed) Object() *hook.Object {
	if d.o == nil {
		return &hook.Object{}
	}
	return d.o.Clone()
}

// Disclose gives the values of a form for a hook: firstName, lastName, login and
// email first, as in every sample of Okta, then the others in the order given,
// which is that of the form. Names that are in neither are left out. A field
// that is on the form and not in the schema goes with them ("shown on the form,
// sent to the hook, never stored").
func (s *Schema) Disclose(p Profile, order []string) Disclosed {
	o := &hook.Object{}
	for _, name := range [...]string{FirstName, LastName, Login, Email} {
		s.disclose(o, p, name, name)
	}
	for _, name := range order {
		s.disclose(o, p, name, name)
	}
	return Disclosed{o: o}
}

// DiscloseUser gives what hook requests hold about a person who exists, exactly
// the five attributes of Okta's samples; the schema's timezone is called
// timeZone there.
func (s *Schema) DiscloseUser(p Profile) Disclosed {
	o := &hook.Object{}
	s.disclose(o, p, FirstName, FirstName)
	s.disclose(o, p, LastName, LastName)
	s.disclose(o, p, TimeZone, "timeZone")
	s.disclose(o, p, Login, Login)
	s.disclose(o, p, Locale, Locale)
	return Disclosed{o: o}
}

// DiscloseAll gives what persons may see of their own account: every attribute
// of the schema in its order, but for those that are [Attribute.Hidden].
func (s *Schema) DiscloseAll(p Profile) Disclosed {
	o := &hook.Object{}
	for i := range s.list {
		if !s.list[i].Hidden() {
			s.disclose(o, p, s.list[i].Name, s.list[i].Name)
		}
	}
	return Disclosed{o: o}
}

// Readable gives what an administrator may read of a profile, in the order of the
// schema: everything that is not for writing only, of sensitive values those that
// the administrator may see.
func (s *Schema) Readable(p Profile, sensitive bool) *hook.Object {
	o := &hook.Object{}
	for i := range s.list {
		r := &s.list[i]
		value, _ := p.Get(r.Name)
		if value != nil && r.Readable(sensitive) {
			o.Set(r.Name, value)
		}
	}
	return o.Clone()
}

// Reveals tells whether a profile has a value that is sensitive here and would not
// be by another schema.
func (s *Schema) Reveals(other *Schema, p Profile) bool {
	for i := range s.list {
		r := &s.list[i]
		if value, _ := p.Get(r.Name); r.Sensitive && !r.isAbsent(value) {
			if o := other.rule(r.Name); o == nil || !o.Sensitive {
				return true
			}
		}
	}
	return false
}

// disclose adds one value, if there is one and it may leave. This is the only
// place that decides so.
func (s *Schema) disclose(o *hook.Object, p Profile, name, as string) {
	value, _ := p.Get(name)
	if s.withheld(name) || isBlank(value) {
		return
	}
	o.Set(as, value)
}

func (s *Schema) withheld(name string) bool { return s.Sensitive(name) || reserved(name) }

// masked stands for a value that must not be recorded.
const masked = "[sensitive]"

// Redact gives a copy of a JSON object, such as the answer of a hook, in which
// the values of sensitive attributes and of passwords are replaced wherever
// they occur, at any depth: a service that wraps its value once more than the
// contract says has still sent it.
func (s *Schema) Redact(o *hook.Object) *hook.Object {
	if o == nil {
		return nil
	}
	members := make([]hook.Member, 0, o.Len())
	for name, value := range o.All() { // names that occur twice are kept
		members = append(members, hook.Member{Name: name, Value: s.redactMember(name, value)})
	}
	return hook.NewObject(members...)
}

func (s *Schema) redactMember(name string, value any) any {
	if value != nil && s.Sensitive(strings.TrimSpace(name)) {
		return masked
	}
	return s.redactValue(value)
}

func (s *Schema) redactValue(value any) any {
	switch value := value.(type) {
	case *hook.Object:
		return s.Redact(value)
	case []any:
		copied := make([]any, len(value))
		for i, v := range value {
			copied[i] = s.redactValue(v)
		}
		return copied
	}
	return value
}
