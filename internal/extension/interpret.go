package extension

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"

	"github.com/usher-id/usher/hook"
	"github.com/usher-id/usher/internal/hookcall"
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
	recorded []org.Message // the messages, redacted
	updates  []profile.Update
	paths    []string     // of the updates, in the answer
	problem  *org.Finding // why it could not be used
}

// reader reads one answer.
type reader struct {
	in       Registration
	rules    rules
	reply    Reply
	mask     *masker
	body     []byte       // without a byte order mark
	skipped  int          // bytes of the mark
	brokenAt int          // byte of the body as received where it cannot be read
	object   *hook.Object // the body, nil if it is no JSON object
	answer   *hook.Object // the same where it counts: not of a failed call, and nothing twice
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
	if bad := r.noAnswer(); bad != nil {
		return r.failed(bad)
	}
	if bad := r.parse(); bad != nil {
		return r.failed(bad)
	}
	r.checkMembers()
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
	if bad.reason == string(hookcall.Overloaded) {
		bad.finding.Happens = r.rules.nothing() + ". The person is asked to try again in a moment."
	}
	detail := bad.reason
	if bad.detail != "" {
		detail += ": " + bad.detail
	}
	messages := []org.Message{{Text: r.rules.failed}}
	return verdict{
		decision: org.DecisionFailed, event: event, outcome: org.Failure,
		reason: bad.reason, detail: detail,
		messages: messages, recorded: messages,
		problem: &bad.finding,
	}
}

// noAnswer tells of a call that brought nothing to judge. The call has said so
// itself, but for a status: none but 2xx is ever read, whoever made the reply.
func (r *reader) noAnswer() *unusable {
	if r.reply.Failure == "" && r.reply.Status/100 != 2 {
		r.reply.Answered = false
		r.reply.Failure = string(hookcall.HTTPStatus(r.reply.Status))
	}
	if r.reply.Failure == "" {
		return nil
	}
	// The body decides nothing, but its author wants to see it in the record.
	if v, err := hook.Parse(r.reply.Body, hook.DefaultLimits); err == nil {
		r.object, _ = v.(*hook.Object)
		r.mask.learn(r.object)
	}
	return r.explainFailure()
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
		return r.empty(fmt.Sprintf("status %d with an empty body", r.reply.Status))
	}
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
	r.object = o
	r.mask.learn(o)
	r.checkContentType()
	if name, ok := o.Duplicate(); ok {
		return r.malformed(hook.LocateDuplicate(r.body, name), r.name(name), "the member occurs twice", "Send each member once.")
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
	return r.malformed(e.Offset, "", e.Problem, repairOfSyntax(r.body, e))
}

func (r *reader) empty(read string) *unusable {
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
	r.brokenAt = offset + r.skipped
	reason := fmt.Sprintf("Could not deserialize inline hook response due to error at Line %d Column %d", e.Line, e.Column)
	return &unusable{reason, fmt.Sprintf("%s (byte %d)", at(path, problem), r.brokenAt), org.Finding{
		Code: "MALFORMED", Path: path,
		Read:   fmt.Sprintf("line %d, column %d: %s", e.Line, e.Column, problem),
		Repair: repair,
	}}
}

func (r *reader) checkContentType() {
	contentType := r.reply.Header.Get("Content-Type")
	if isJSON(contentType) {
		return
	}
	read := "no Content-Type"
	if contentType != "" {
		read = "Content-Type " + r.plain(contentType, 60)
	}
	r.warn("CONTENT_TYPE", "", read, "The body is read as JSON all the same.",
		"Send Content-Type: application/json. (In Express: response.json(…) in place of response.send(JSON.stringify(…)).)")
}

// plain is a text of the service as findings show it: short, printable, without
// secrets.
func (r *reader) plain(s string, n int) string { return plain(r.mask.text(s), n) }

// name is plain for the name of a member.
func (r *reader) name(s string) string { return r.plain(s, 40) }

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
			v.paths = append(v.paths, c.path+".value."+r.name(name))
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
		r.warnOfErrors(v)
	}
	v.updates, v.paths = nil, nil
	v.messages = []org.Message{{Text: r.rules.denied}}
	v.recorded = v.messages
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
