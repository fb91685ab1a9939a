package hooktest

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/usher-id/usher/hook"
)

// Result is what a service decided. Its methods are assertions: each tells the
// test when it does not hold, and gives the result for the next one.
//
// Answers are read as the documentation writes them. usher itself forgives some
// slips, such as commands that are an empty object; here they end the test, since
// the person gains nothing by them and another server may not forgive.
type Result struct {
	*Exchange
	tb       TB
	denied   bool
	messages []Message
	sets     *hook.Object // in the order in which they are set
}

// Allowed expects that the person may go on.
func (r *Result) Allowed() *Result {
	r.tb.Helper()
	if r.denied {
		r.tb.Errorf("the person should be allowed, but is refused: %s\n%s", r.words(), r.Exchange)
	}
	return r
}

// Denied expects that the person is refused, whatever the words.
func (r *Result) Denied() *Result {
	r.tb.Helper()
	if !r.denied {
		r.tb.Errorf("the person should be refused, but is allowed\n%s", r.Exchange)
	}
	return r
}

// DeniedAt expects a refusal with this text at the field of an attribute.
func (r *Result) DeniedAt(attribute, text string) *Result {
	r.tb.Helper()
	return r.deniedWith(Message{&attribute, text})
}

// DeniedWith expects a refusal with this text above the form.
func (r *Result) DeniedWith(text string) *Result {
	r.tb.Helper()
	return r.deniedWith(Message{nil, text})
}

func (r *Result) deniedWith(want Message) *Result {
	r.tb.Helper()
	if !r.denied {
		r.tb.Errorf("the person should be refused %s, but is allowed\n%s", want, r.Exchange)
		return r
	}
	if !slices.ContainsFunc(r.messages, want.equal) {
		r.tb.Errorf("the person should be refused %s, but reads %s\n%s", want, r.words(), r.Exchange)
	}
	return r
}

// Sets expects that the person is allowed and that an attribute is set to a
// value; nil means that it is unset. Numbers are compared by their spelling: 12
// is not 12.0.
func (r *Result) Sets(attribute string, value any) *Result {
	r.tb.Helper()
	r.Allowed()
	want := encode(value)
	got, ok := r.sets.Get(attribute)
	switch {
	case !ok:
		r.tb.Errorf("%s should be set to %s, but is not set\n%s", attribute, want, r.Exchange)
	case string(encode(got)) != string(want):
		r.tb.Errorf("%s should be set to %s, but is set to %s\n%s", attribute, want, encode(got), r.Exchange)
	}
	return r
}

// words is what the person reads.
func (r *Result) words() string {
	if len(r.messages) == 0 {
		return "general words of the server, since the answer has none"
	}
	list := make([]string, len(r.messages))
	for i, m := range r.messages {
		list[i] = m.String()
	}
	return strings.Join(list, ", ")
}

// String is where the text stands, and the text.
func (m Message) String() string {
	if m.Field == nil {
		return fmt.Sprintf("above the form: %q", m.Text)
	}
	return fmt.Sprintf("at the field %q: %q", *m.Field, m.Text)
}

func (m Message) equal(n Message) bool { return m.String() == n.String() }

// String is the answer to look at, a long one cut.
func (e *Exchange) String() string {
	const most = 2000
	body := string(e.Body)
	if len(body) > most {
		body = fmt.Sprintf("%s… (%d bytes)", strings.ToValidUTF8(body[:most], ""), len(body))
	}
	return fmt.Sprintf("answer: %d %s\n%s", e.Status, http.StatusText(e.Status), body)
}

// read finds out what the answer decides.
func (r *Result) read(requestType string) error {
	encoding := r.Header.Get("Content-Encoding")
	switch {
	case r.Status < 200 || r.Status > 299:
		return fmt.Errorf("the status is %d; a refusal too has status 200, whatever else makes the answer void", r.Status)
	case r.Status == http.StatusNoContent:
		return nil
	case encoding != "" && encoding != "identity":
		return fmt.Errorf("the body is encoded as %s, for which nobody asked", encoding)
	case len(r.Body) == 0:
		return errors.New("the body is empty; that needs status 204, or write {}")
	case len(r.Body) >= hook.MaxAnswer:
		return fmt.Errorf("the body has %d bytes or more; less than 256 KB are read", hook.MaxAnswer)
	}
	v, err := hook.Parse(r.Body, hook.DefaultLimits)
	if err != nil {
		return err
	}
	body, err := object(v, "the body")
	if err != nil {
		return err
	}
	for name := range body.All() {
		for _, known := range []string{"commands", "error", "debugContext"} {
			if name != known && strings.EqualFold(name, known) {
				return fmt.Errorf("%q has to be written %q", name, known)
			}
		}
	}
	if err := r.readCommands(body, requestType); err != nil {
		return err
	}
	return r.readError(body)
}

func (r *Result) readCommands(body *hook.Object, requestType string) error {
	commands, err := array(body, "commands", "commands", hook.MaxCommands)
	if err != nil {
		return err
	}
	for i, v := range commands {
		at := fmt.Sprintf("commands[%d]", i)
		command, err := object(v, at)
		if err != nil {
			return err
		}
		v, _ := command.Get("value")
		value, ok := v.(*hook.Object)
		if !ok {
			return fmt.Errorf("%s.value: %s where an object was expected", at, hook.Kind(v))
		}
		switch kind := command.Text("type"); kind {
		case hook.CommandAction:
			if err := r.act(value); err != nil {
				return fmt.Errorf("%s.value: %w", at, err)
			}
		case hook.UpdateCommand(requestType):
			r.set(value)
		default:
			return fmt.Errorf("%s.type: %q is not a command for this request; there are %s and %s",
				at, kind, hook.UpdateCommand(requestType), hook.CommandAction)
		}
	}
	return nil
}

func (r *Result) act(value *hook.Object) error {
	switch value.String() {
	case `{"registration":"ALLOW"}`:
		r.denied = false
	case `{"registration":"DENY"}`:
		r.denied = true
	default:
		return fmt.Errorf(`%s where {"registration":"ALLOW"} or {"registration":"DENY"} was expected`, value)
	}
	return nil
}

// set applies an update in the order of its members, so that of two of one name
// the last counts.
func (r *Result) set(value *hook.Object) {
	if r.sets == nil {
		r.sets = hook.NewObject()
	}
	for name, v := range value.All() {
		r.sets.Set(name, v)
	}
}

// readError reads `error`, which refuses by being there, even when it is empty.
func (r *Result) readError(body *hook.Object) error {
	v, _ := body.Get("error")
	if v == nil {
		return nil
	}
	r.denied = true
	e, err := object(v, "error")
	if err != nil {
		return err
	}
	causes, err := array(e, "errorCauses", "error.errorCauses", hook.MaxCauses)
	if err != nil {
		return err
	}
	for i, v := range causes {
		cause, err := object(v, fmt.Sprintf("error.errorCauses[%d]", i))
		if err != nil {
			return err
		}
		m := Message{Text: cause.Text("errorSummary")}
		if attribute, ok := strings.CutPrefix(cause.Text("location"), "data.userProfile."); ok {
			m.Field = &attribute
		}
		if m.Text != "" {
			r.messages = append(r.messages, m)
		}
	}
	return nil
}

// object is a value that has to be an object, in which no name may occur twice:
// which of the two counts depends on the reader.
func object(v any, at string) (*hook.Object, error) {
	o, ok := v.(*hook.Object)
	if !ok {
		return nil, fmt.Errorf("%s: %s where an object was expected", at, hook.Kind(v))
	}
	if name, dup := o.Duplicate(); dup {
		return nil, fmt.Errorf("%s: %q is there twice", at, name)
	}
	return o, nil
}

// array is a member that may be absent or null and else has to be an array.
func array(o *hook.Object, name, at string, most int) ([]any, error) {
	v, _ := o.Get(name)
	list, ok := v.([]any)
	switch {
	case !ok && v != nil:
		return nil, fmt.Errorf("%s: %s where an array was expected", at, hook.Kind(v))
	case len(list) > most:
		return nil, fmt.Errorf("%s: %d elements, at most %d are read", at, len(list), most)
	}
	return list, nil
}
