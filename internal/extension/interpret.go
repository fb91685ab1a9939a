package extension

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"

	"github.com/usher-id/usher/hook"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/profile"
)

// verdict is what a reader makes of an answer.
type verdict struct {
	decision string
	event    string
	outcome  string
	reason   string
	detail   string
	messages []org.Message
	updates  []profile.Update
	paths    []string
	problem  *org.Finding // why it could not be used
}

// reader reads one answer.
type reader struct {
	in       Registration
	rules    rules
	reply    Reply
	body     []byte       // without a byte order mark
	skipped  int          // bytes of the mark
	answer   *hook.Object // nil when unreadable or empty
	findings []org.Finding
}

// unusable is why an answer cannot be used.
type unusable struct {
	reason  string
	detail  string
	finding org.Finding
}

var byteOrderMark = []byte("\xef\xbb\xbf")

// verdict goes through the order of judgement.
func (r *reader) verdict() verdict {
	if r.reply.Failure != "" {
		return r.failed(r.noAnswer())
	}
	if bad := r.parse(); bad != nil {
		return r.failed(bad)
	}
	if v, ok := r.refusedByError(); ok {
		return v
	}
	list, bad := r.commands()
	if bad != nil {
		return r.failed(bad)
	}
	return r.decided(list)
}

// failed is the failure rule of registration hooks: closed.
func (r *reader) failed(bad *unusable) verdict {
	event := EventExecuted
	if r.reply.Answered {
		event = EventProcessed
	}
	bad.finding.Severity = org.SeverityError
	bad.finding.Happens = r.rules.failureHappens()
	detail := bad.reason
	if bad.detail != "" {
		detail += ": " + bad.detail
	}
	return verdict{
		decision: org.DecisionFailed, event: event, outcome: org.Failure,
		reason: bad.reason, detail: detail,
		messages: []org.Message{{Text: r.rules.failed}},
		problem:  &bad.finding,
	}
}

// parse reads the body as one JSON object.
func (r *reader) parse() *unusable {
	if r.reply.Status == http.StatusNoContent {
		if n := r.reply.Header.Get("Content-Length"); n != "" && n != "0" {
			r.warn("BODY_IGNORED", "", "status 204 with a body", "The body is not read, and the answer allows.",
				"Send status 200 with a body, or 204 without one.")
		}
		r.answer = &hook.Object{}
		return nil
	}
	r.body = r.reply.Body
	if bytes.HasPrefix(r.body, byteOrderMark) {
		r.body, r.skipped = r.body[len(byteOrderMark):], len(byteOrderMark)
		r.warn("BYTE_ORDER_MARK", "", "a byte order mark before the JSON", "It is skipped.",
			"Send the JSON without a byte order mark: many parsers refuse it.")
	}
	if len(bytes.TrimSpace(r.body)) == 0 {
		return r.empty("status %d with an empty body", r.reply.Status)
	}
	r.checkContentType()
	v, err := hook.Parse(r.body, hook.DefaultLimits)
	if err != nil {
		return r.syntax(err)
	}
	if v == nil {
		return r.empty("the body is null")
	}
	o, ok := v.(*hook.Object)
	if !ok {
		return r.malformed(hook.Locate(r.body), "", "the body is a JSON "+hook.Kind(v),
			`Send an object, as in {"commands":[…]}.`)
	}
	if name, ok := o.Duplicate(); ok {
		return r.malformed(hook.LocateDuplicate(r.body, name), name, "the member occurs twice", "Send each member once.")
	}
	r.answer = o
	return nil
}

// syntax is a body that is no JSON.
func (r *reader) syntax(err error) *unusable {
	var e *hook.SyntaxError
	if !errors.As(err, &e) { // cannot be: Parse gives no other
		return r.malformed(0, "", "unreadable", "")
	}
	repair := "Check the body with a JSON parser, and let a JSON library write it."
	if bytes.HasPrefix(bytes.TrimSpace(r.body), []byte("<")) {
		repair = "The body is a page, not JSON: probably the error page of a server or proxy in front of the service."
	}
	return r.malformed(e.Offset, "", e.Problem, repair)
}

func (r *reader) empty(format string, args ...any) *unusable {
	read := fmt.Sprintf(format, args...)
	return &unusable{ReasonResponseEmpty, read, org.Finding{
		Code: ReasonResponseEmpty, Read: read,
		Repair: "Send status 204 for an empty answer, or the body {} with status 200.",
	}}
}

// malformed is an answer whose text or shape cannot be read, with the place in
// the words of Okta's log.
func (r *reader) malformed(offset int, path, problem, repair string) *unusable {
	e := hook.ErrorAt(r.body, offset, problem)
	if e.Line == 1 {
		e.Column += r.skipped // columns count the bytes of the body as received
	}
	reason := fmt.Sprintf("Could not deserialize inline hook response due to error at Line %d Column %d", e.Line, e.Column)
	return &unusable{reason, fmt.Sprintf("%s (byte %d)", at(path, problem), offset+r.skipped), org.Finding{
		Code: "MALFORMED", Path: path,
		Read:   fmt.Sprintf("line %d, column %d: %s", e.Line, e.Column, problem),
		Repair: repair,
	}}
}

func (r *reader) checkContentType() {
	if isJSON(r.reply.Header.Get("Content-Type")) {
		return
	}
	read := "no Content-Type"
	if t := r.reply.Header.Get("Content-Type"); t != "" {
		read = "Content-Type " + plain(t, 60)
	}
	r.warn("CONTENT_TYPE", "", read, "The body is read as JSON all the same.",
		"Send Content-Type: application/json. (In Express: response.json(…) in place of response.send(JSON.stringify(…)).)")
}

func (r *reader) warn(code, path, read, happens, repair string) {
	r.add(org.SeverityWarning, code, path, read, happens, repair)
}

func (r *reader) note(code, path, read, happens, repair string) {
	r.add(org.SeverityNote, code, path, read, happens, repair)
}

func (r *reader) add(severity, code, path, read, happens, repair string) {
	r.findings = append(r.findings, org.Finding{
		Severity: severity, Code: code, Path: path, Read: read, Happens: happens, Repair: repair,
	})
}

// decided turns the commands, all of them legal, into a decision.
func (r *reader) decided(list []command) verdict {
	v := verdict{decision: org.DecisionAllow, event: EventProcessed, outcome: org.Success}
	action := ""
	for _, c := range list {
		if c.action != "" {
			if action != "" && action != c.action {
				r.warn("ACTIONS_CONTRADICT", c.path, action+" and then "+c.action, "The last one counts.",
					"Send one "+hook.CommandAction+" command.")
			}
			action = c.action
			continue
		}
		for name, value := range c.values.All() {
			v.updates = append(v.updates, profile.Update{Attribute: name, Value: value})
			v.paths = append(v.paths, c.path+".value."+name)
		}
	}
	if action == hook.ActionDeny {
		v = r.denied(v, list)
	}
	return v
}

func (r *reader) denied(v verdict, list []command) verdict {
	v.decision = org.DecisionDeny
	if len(v.updates) > 0 {
		r.warn("UPDATES_DROPPED", pathOf(list, r.rules.update), "profile updates together with DENY",
			"Nothing is stored.", "Leave the updates out of an answer that denies.")
	}
	v.updates, v.paths = nil, nil
	v.messages = []org.Message{{Text: r.rules.denied}}
	r.note("DENIED_WITHOUT_WORDS", pathOf(list, hook.CommandAction), "DENY without an error object",
		"The person sees: “"+r.rules.denied+"”",
		"To show words of your own, add an error object whose errorCauses have an errorSummary.")
	return v
}

func pathOf(list []command, commandType string) string {
	for _, c := range list {
		if c.kind == commandType {
			return c.path
		}
	}
	return ""
}
