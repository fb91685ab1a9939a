package extension

import (
	"net/http"

	"github.com/usher-id/usher/hook"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/profile"
)

// Types of the System Log events that tell of a call.
const (
	EventExecuted  = "inline_hook.executed"           // the call failed: no answer, or not 2xx
	EventProcessed = "inline_hook.response.processed" // a 2xx answer was judged
)

// Reasons why an answer that arrived could not be used; those of profile.Apply are
// others.
const (
	ReasonResponseEmpty  = "RESPONSE_EMPTY"
	ReasonCommandUnknown = "COMMAND_UNKNOWN"
	ReasonCommandInvalid = "COMMAND_INVALID"
)

// Reply is what became of a call: an answer, or why there is none.
type Reply struct {
	Failure  string // reason constant of hookcall, "" for an answer to judge
	Detail   string
	Answered bool // a 2xx answer arrived, even if it cannot be used
	Status   int
	Header   http.Header
	Body     []byte
	// Secrets are texts that were sent and must not be recorded, should the
	// service send them back.
	Secrets []string
}

// Judgement is what one answer means.
type Judgement struct {
	Decision string // one of org's
	// Messages are the words for the person; none when allowed.
	Messages []org.Message
	// Updates are to be applied in their order; none unless allowed.
	Updates []profile.Update
	// Call is the record, redacted.
	Call org.HookCall

	rules  rules
	schema *profile.Schema
	paths  []string // of Updates, in the answer
}

// Judge reads an answer and decides. It is the one interpreter: the sign-up,
// the Preview, the replay and "usher hook check" all come here.
func Judge(in Registration, reply Reply) *Judgement {
	j := &Judgement{rules: registrationRules(in.RequestType), schema: in.Schema}
	read := &reader{in: in, rules: j.rules, reply: reply}
	v := read.verdict()
	j.Decision, j.Messages, j.Updates, j.paths = v.decision, v.messages, v.updates, v.paths
	j.Call.Event, j.Call.Outcome, j.Call.Reason, j.Call.Detail = v.event, v.outcome, v.reason, v.detail
	j.Call.Answer, j.Call.DebugContext = redactedAnswer(in.Schema, reply, read)
	if v.problem != nil {
		j.Call.Findings = append(j.Call.Findings, *v.problem)
	}
	j.Call.Findings = append(j.Call.Findings, read.findings...)
	j.settle()
	return j
}

// Allowed tells whether the flow goes on.
func (j *Judgement) Allowed() bool { return j.Decision == org.DecisionAllow }

// Apply applies the updates to a profile and checks it as a whole. If they
// cannot be applied, the judgement becomes a failure, the profile comes back as
// it was, and ok is false.
func (j *Judgement) Apply(p profile.Profile) (result profile.Profile, ok bool) {
	result, err := j.schema.Apply(p, j.Updates)
	if err == nil {
		return result, true
	}
	var path string
	if err.Index >= 0 && err.Index < len(j.paths) {
		path = j.paths[err.Index]
	}
	f := attributeFinding(j.schema, err, path)
	f.Happens = j.rules.failureHappens()
	j.fail(err.Code, at(path, err.Detail), f)
	return p, false
}

// Taken makes a failure of a judgement whose updates name a login or an address
// that another user has.
func (j *Judgement) Taken() {
	var path string
	for i, u := range j.Updates {
		if u.Attribute == profile.Login || u.Attribute == profile.Email {
			path = j.paths[i]
		}
	}
	const detail = "the login or e-mail address belongs to another user"
	j.fail(profile.AttributeInvalid, at(path, detail), org.Finding{
		Severity: org.SeverityError, Code: profile.AttributeInvalid, Path: path, Read: detail,
		Happens: j.rules.failureHappens(),
		Repair:  "Set a login and an e-mail address that nobody has yet.",
	})
}

func (j *Judgement) fail(reason, detail string, f org.Finding) {
	j.Decision = org.DecisionFailed
	j.Messages = []org.Message{{Text: j.rules.failed}}
	j.Updates, j.paths = nil, nil
	j.Call.Outcome, j.Call.Reason = org.Failure, reason
	j.Call.Detail = reason + ": " + detail
	j.Call.Findings = append([]org.Finding{f}, j.Call.Findings...)
	j.settle()
}

// settle keeps the record in step with the decision.
func (j *Judgement) settle() {
	j.Call.Decision = j.Decision
	j.Call.Messages = j.Messages
}

func at(path, detail string) string {
	if path == "" {
		return detail
	}
	return path + ": " + detail
}

// failureHappens says what a technical failure leads to.
func (r rules) failureHappens() string {
	what := "Nobody is registered"
	if r.update == hook.CommandProgressiveProfileUpdate {
		what = "Nothing is stored"
	}
	return what + ". The person sees: “" + r.failed + "”"
}
