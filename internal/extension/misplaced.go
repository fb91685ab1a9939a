package extension

import (
	"strings"

	"github.com/usher-id/usher/hook"
	"github.com/usher-id/usher/internal/org"
)

// Codes of the findings about members that are skipped, and that make an answer
// which was to refuse allow.
const (
	CodeErrorMisplaced = "ERROR_MISPLACED" // an error object inside a command
	CodeMemberIgnored  = "MEMBER_IGNORED"  // a name that looks like one of the contract
)

// What is ignored is where authors of hooks lose their hours: an error object
// one level too deep refuses nobody. This file finds members that stand in a
// wrong place or are spelt nearly right.

// topMembers are the members of an answer.
var topMembers = [...]string{"commands", "error", "debugContext"}

const actionExample = `{"commands":[{"type":"` + hook.CommandAction + `","value":{"registration":"DENY"}}]}`

// errorPlace says where a member of the error object belongs, or the object
// itself, and is "" for other names.
func errorPlace(name string) string {
	switch name {
	case "error", "Error":
		return `Put "error" beside "commands", at the top of the answer.`
	case "errorCauses", "errorSummary":
		return `Put it into "error", at the top of the answer: {"error":{"errorCauses":[{"errorSummary":"…"}]}}.`
	}
	return ""
}

// errorIn finds a member of the error object in an object where none belongs.
func errorIn(o *hook.Object) (name, repair string) {
	for name, value := range o.All() {
		if repair := errorPlace(name); repair != "" && value != nil {
			return name, repair
		}
	}
	return "", ""
}

// warnOfErrors warns of errors among attributes, where nothing else will tell of
// them: the updates are dropped.
func (r *reader) warnOfErrors(v verdict) {
	for i, u := range v.updates {
		if _, known := r.in.Schema.Attribute(u.Attribute); known {
			continue
		}
		if repair := errorPlace(u.Attribute); repair != "" {
			r.warn(CodeErrorMisplaced, v.paths[i], "an error inside the value of a command", "It is ignored.", repair)
		}
	}
}

// checkMembers warns of members of an answer that are ignored although somebody
// meant something by them. Others are nobody's business: gateways add theirs.
func (r *reader) checkMembers() {
	happens := "It is ignored."
	if r.says("commands") == nil && r.says("error") == nil && r.says("Error") == nil {
		happens = "It is ignored, and an answer without commands and without error allows."
	}
	for name, value := range r.answer.All() {
		suggestion, repair := r.meant(name)
		if repair == "" || value == nil {
			continue
		}
		r.findings = append(r.findings, org.Finding{
			Severity: org.SeverityWarning, Code: CodeMemberIgnored, Path: r.name(name),
			Read: "a member that an answer does not have", Happens: happens, Repair: repair, Suggestion: suggestion,
		})
	}
}

func (r *reader) says(name string) any {
	v, _ := r.answer.Get(name)
	return v
}

// meant is the member of an answer that another was probably meant as, and how
// to write it; both are "" for one that nobody need worry about.
func (r *reader) meant(name string) (suggestion, repair string) {
	switch name {
	case "commands", "error", "debugContext":
		return "", ""
	case "Error":
		if r.says("error") == nil {
			return "", "" // read as error, with a warning of its own
		}
	case "errorCauses", "errorSummary":
		return "error", errorPlace(name)
	case "type", "value":
		return "commands", `A command belongs into the array "commands": ` + actionExample + "."
	case "registration", "action":
		return "commands", "To allow or deny, send a command: " + actionExample + "."
	case "body":
		if r.says("statusCode") != nil {
			return "", `This is the envelope of a gateway function that nothing has opened: what is in "body" must be the answer itself.`
		}
	}
	if suggestion = closest(name, topMembers[:]); suggestion == "" {
		return "", ""
	}
	return suggestion, "Write it as " + suggestion + "." + caseNote(name, suggestion)
}

// caseNote is for a name that differs by its case alone.
func caseNote(name, meant string) string {
	if strings.EqualFold(name, meant) {
		return " Upper and lower case matter."
	}
	return ""
}
