package extension

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/usher-id/usher/hook"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/profile"
)

// Lengths of texts of an answer, in characters.
const (
	maxMessage = 1024 // of a message for the person
	maxReason  = 255  // of outcome.reason in the System Log
)

// refusedByError reads the error object. One that is there and not null refuses,
// even if it is empty, and no command runs.
func (r *reader) refusedByError() (verdict, bool) {
	key, v := "error", r.says("error")
	if v == nil {
		// Okta's Go SDK writes it with a capital letter.
		if v = r.says("Error"); v == nil {
			return verdict{}, false
		}
		key = "Error"
		r.warn("ERROR_KEY_CASE", "Error", "the key Error", "It is read as error.", "Write it in small letters: error.")
	}
	out := verdict{decision: org.DecisionError, event: EventProcessed, outcome: org.Failure}
	if o, ok := v.(*hook.Object); ok {
		if bad := r.duplicateInError(key, o); bad != nil {
			return r.failed(bad), true
		}
		out.reason = clip(shown(r.mask.text(textOf(o, "errorSummary"))), maxReason)
		out.detail = out.reason
		out.messages = r.causes(key, o)
	}
	out.recorded = r.mask.messages(out.messages)
	if len(out.messages) == 0 {
		out.messages = []org.Message{{Text: r.rules.refused}}
		out.recorded = out.messages
		r.noteNoWords(key, v)
	}
	r.warnOfCommands()
	return out, true
}

// noteNoWords explains why the person sees none of the hook's own words.
func (r *reader) noteNoWords(key string, v any) {
	const example = `{"error":{"errorSummary":"for the log","errorCauses":[{"errorSummary":"for the person"}]}}`
	happens := "The person sees: “" + r.rules.refused + "”"
	if _, ok := v.(*hook.Object); !ok {
		r.note("ERROR_NOT_OBJECT", key, "a JSON "+hook.Kind(v)+" where an object was expected",
			"It refuses. "+happens, "Send an object: "+example+".")
		return
	}
	r.note("ERROR_WITHOUT_CAUSES", key, "no cause with a text", happens,
		"Only the errorSummary of the errorCauses is shown; that of the error itself goes to the log. Send "+example+".")
}

func (r *reader) duplicateInError(key string, o *hook.Object) *unusable {
	const problem, repair = "the member occurs twice", "Send each member once."
	if name, ok := o.Duplicate(); ok {
		return r.malformed(hook.LocateDuplicate(r.body, name, key), key+"."+r.name(name), problem, repair)
	}
	causes, _ := o.Get("errorCauses")
	list, _ := causes.([]any)
	for i, v := range list {
		cause, _ := v.(*hook.Object)
		if name, ok := cause.Duplicate(); ok {
			path := fmt.Sprintf("%s.errorCauses[%d].%s", key, i, r.name(name))
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
	if len(list) > hook.MaxCauses {
		r.warn("CAUSES_DROPPED", key+".errorCauses", fmt.Sprintf("%d causes, more than %d", len(list), hook.MaxCauses),
			"Those behind are not read.", "Send one cause for each thing that the person can mend.")
		list = list[:hook.MaxCauses]
	}
	var messages []org.Message
	for i, v := range list {
		cause, _ := v.(*hook.Object)
		text := shown(textOf(cause, "errorSummary"))
		if text == "" {
			continue
		}
		path := fmt.Sprintf("%s.errorCauses[%d].", key, i)
		short := clip(text, maxMessage)
		if len(short) < len(text) {
			r.note("MESSAGE_CUT", path+"errorSummary", fmt.Sprintf("more than %d characters", maxMessage),
				"The rest of the text is not shown.", "Send a short sentence that says what to change.")
		}
		location := cause.Text("location")
		field, found := r.field(location)
		if !found {
			r.noteBanner(path+"location", location)
		}
		messages = append(messages, org.Message{Field: field, Text: short})
	}
	return messages
}

func (r *reader) noteBanner(path, location string) {
	f := org.Finding{
		Severity: org.SeverityNote, Code: "CAUSE_OFF_FORM", Path: path, Read: "no location",
		Happens: "The text is shown above the form.",
		Repair:  "For a text at a field, name it: data.userProfile.<attribute>. On this form: " + list(r.in.Form) + ".",
		// The last element is what the person who wrote it meant as the attribute.
		Suggestion: closest(lastElement(location), r.in.Form),
	}
	switch {
	case isPath(location):
		f.Read = r.plain(location, 80) + ", which is not on the form"
	case location != "":
		f.Read = "a location that is no path"
	}
	r.findings = append(r.findings, f)
}

// isPath keeps a value of a profile that stands where the name of an attribute
// belongs out of the record.
func isPath(location string) bool {
	return location != "" && !strings.ContainsFunc(location, func(c rune) bool {
		return !alphanumeric(c) && !strings.ContainsRune("._$/[]", c)
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
	twin := profile.Twin(strings.ToLower(name))
	for _, f := range r.in.Form {
		if twin != "" && f == twin {
			return f, true
		}
	}
	return "", false
}

func lastElement(path string) string { return path[strings.LastIndexAny(path, "./")+1:] }

// warnOfCommands warns of commands that an error object keeps from running. A
// DENY beside an error says the same, and is what Okta's own sample sends.
func (r *reader) warnOfCommands() {
	commands, _ := r.says("commands").([]any)
	for i, v := range commands {
		c, _ := v.(*hook.Object)
		if c.Text("type") == hook.CommandAction && !allows(c) {
			continue
		}
		r.warn("COMMANDS_IGNORED", fmt.Sprintf("commands[%d]", i), "a command beside an error object",
			"No command runs: the error refuses.", "Send the error or the command.")
		return
	}
}

func allows(c *hook.Object) bool {
	value, _ := c.Get("value")
	action, _ := value.(*hook.Object)
	return action.Text("registration") == hook.ActionAllow || action.Text("action") == hook.ActionAllow
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
