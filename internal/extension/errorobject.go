package extension

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/usher-id/usher/hook"
	"github.com/usher-id/usher/internal/org"
)

// Lengths of texts of an answer, in characters.
const (
	maxMessage = 1024 // of a message for the person
	maxReason  = 255  // of outcome.reason in the System Log
)

// refusedByError reads the error object. One that is there and not null refuses,
// even if it is empty, and no command runs.
func (r *reader) refusedByError() (verdict, bool) {
	v, ok := r.answer.Get("error")
	key := "error"
	if v == nil {
		// Okta's Go SDK writes it with a capital letter.
		if v, ok = r.answer.Get("Error"); ok && v != nil {
			key = "Error"
			r.warn("ERROR_KEY_CASE", "Error", "the key Error", "It is read as error.", "Write it in small letters: error.")
		}
	}
	if v == nil {
		return verdict{}, false
	}
	out := verdict{decision: org.DecisionError, event: EventProcessed, outcome: org.Failure}
	if o, isObject := v.(*hook.Object); isObject {
		if bad := r.duplicateInError(key, o); bad != nil {
			return r.failed(bad), true
		}
		out.reason = clip(textOf(o, "errorSummary"), maxReason)
		out.messages = r.causes(key, o)
	} else {
		r.note("ERROR_NOT_OBJECT", key, "a JSON "+hook.Kind(v), "It refuses, and its text is not shown.",
			`Send an object: {"error":{"errorSummary":"…","errorCauses":[{"errorSummary":"…"}]}}.`)
	}
	out.detail = out.reason
	if len(out.messages) == 0 {
		out.messages = []org.Message{{Text: r.rules.refused}}
		r.note("ERROR_WITHOUT_CAUSES", key, "no cause with a text", "The person sees: “"+r.rules.refused+"”",
			"Only the errorSummary of the errorCauses is shown; that of the error itself goes to the log.")
	}
	r.warnOfCommands()
	return out, true
}

func (r *reader) duplicateInError(key string, o *hook.Object) *unusable {
	const problem, repair = "the member occurs twice", "Send each member once."
	if name, ok := o.Duplicate(); ok {
		return r.malformed(hook.LocateDuplicate(r.body, name, key), key+"."+plain(name, 40), problem, repair)
	}
	causes, _ := o.Get("errorCauses")
	list, _ := causes.([]any)
	for i, v := range list {
		cause, _ := v.(*hook.Object)
		if name, ok := cause.Duplicate(); ok {
			path := fmt.Sprintf("%s.errorCauses[%d].%s", key, i, plain(name, 40))
			return r.malformed(hook.LocateDuplicate(r.body, name, key, "errorCauses", i), path, problem, repair)
		}
	}
	return nil
}

// causes gives a message for every cause that has a text.
func (r *reader) causes(key string, o *hook.Object) []org.Message {
	v, _ := o.Get("errorCauses")
	list, ok := v.([]any)
	if single, isObject := v.(*hook.Object); !ok && isObject {
		list = []any{single}
	}
	var messages []org.Message
	for i, v := range list[:min(len(list), hook.MaxCauses)] {
		cause, ok := v.(*hook.Object)
		if !ok {
			continue
		}
		text := clip(shown(textOf(cause, "errorSummary")), maxMessage)
		if text == "" {
			continue
		}
		field, found := r.field(cause.Text("location"))
		if !found {
			r.noteBanner(fmt.Sprintf("%s.errorCauses[%d].location", key, i), cause.Text("location"))
		}
		messages = append(messages, org.Message{Field: field, Text: text})
	}
	return messages
}

func (r *reader) noteBanner(path, location string) {
	read := "no location"
	if location != "" {
		read = "a location that is not on the form: " + plain(location, 80)
	}
	r.findings = append(r.findings, org.Finding{
		Severity: org.SeverityNote, Code: "CAUSE_OFF_FORM", Path: path, Read: read,
		Happens: "The text is shown above the form.",
		Repair:  "For a text at a field, name it: data.userProfile.<attribute>. On this form: " + list(r.in.Form) + ".",
		// The last element is what the person who wrote it meant as the attribute.
		Suggestion: closest(lastElement(location), r.in.Form, false),
	})
}

var locationPrefixes = [...]string{"data.userprofile.", "data.userprofileupdate.", "data.user.profile."}

// field finds the form's field that a location names. The documented form is
// data.userProfile.X, also in progressive enrollment, whose request has no such
// object.
func (r *reader) field(location string) (name string, ok bool) {
	rest := strings.TrimPrefix(location, "$.")
	for _, prefix := range locationPrefixes {
		if len(rest) > len(prefix) && strings.EqualFold(rest[:len(prefix)], prefix) {
			rest = rest[len(prefix):]
			break
		}
	}
	for _, candidate := range [...]string{rest, lastElement(rest)} {
		if name, ok := r.onForm(candidate); ok {
			return name, true
		}
	}
	return "", false
}

// onForm finds a name on the form: exactly, else ignoring case where that leaves
// one, else the address for a login that is not asked for, and the reverse.
func (r *reader) onForm(name string) (string, bool) {
	var folded []string
	for _, f := range r.in.Form {
		if f == name {
			return f, true
		}
		if strings.EqualFold(f, name) {
			folded = append(folded, f)
		}
	}
	if len(folded) == 1 {
		return folded[0], true
	}
	twin := map[string]string{"login": "email", "email": "login"}[strings.ToLower(name)]
	for _, f := range r.in.Form {
		if twin != "" && f == twin {
			return f, true
		}
	}
	return "", false
}

func lastElement(path string) string { return path[strings.LastIndexByte(path, '.')+1:] }

// warnOfCommands warns of commands that an error object keeps from running. A
// DENY beside an error says the same, and is what Okta's own sample sends.
func (r *reader) warnOfCommands() {
	v, _ := r.answer.Get("commands")
	commands, _ := v.([]any)
	for i, v := range commands {
		c, _ := v.(*hook.Object)
		value, _ := c.Get("value")
		action, _ := value.(*hook.Object)
		if c.Text("type") == hook.CommandAction && action.Text("registration") != hook.ActionAllow {
			continue
		}
		r.warn("COMMANDS_IGNORED", fmt.Sprintf("commands[%d]", i), "a command beside an error object",
			"No command runs: the error refuses.", "Send the error or the command.")
		return
	}
}

// textOf reads a member as text; a number is read as its text, since both occur
// in the wild.
func textOf(o *hook.Object, name string) string {
	switch v, _ := o.Get(name); v := v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	}
	return ""
}
