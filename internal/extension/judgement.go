package extension

import (
	"fmt"
	"net/http"
	"time"

	"github.com/usher-id/usher/hook"
	"github.com/usher-id/usher/internal/hookcall"
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
	// Timeout is what one attempt had; 0 is the contract's.
	Timeout time.Duration
	// OAuth tells that an access token went with the call, or should have; NoToken
	// then says why there was none.
	OAuth   bool
	NoToken hookcall.Kind
	// Secrets are texts that were sent and must not be recorded, should the
	// service send them back.
	Secrets []string
}

// Judgement is what one answer means.
type Judgement struct {
	Decision string // one of org's
	// Messages are the words for the person, as the hook wrote them; none when
	// allowed.
	Messages []org.Message
	// Updates are to be applied in their order; none unless allowed.
	Updates []profile.Update
	// Call is the record, redacted.
	Call org.HookCall
	// Received is the body of the answer as it came, which only the Preview shows
	// and nothing stores.
	Received []byte

	rules  rules
	schema *profile.Schema
	mask   *masker
	paths  []string // of Updates, in the answer
}

// Judge reads an answer and decides. It is the one interpreter: the sign-up,
// the Preview, the replay and "usher hook check" all come here.
//
// Whether the updates can be made, Apply tells.
func Judge(in Registration, reply Reply) *Judgement {
	r := &reader{
		in: in, rules: registrationRules(in.RequestType), reply: reply,
		mask: newMasker(in.Schema, reply.Secrets),
	}
	v := r.verdict()
	j := &Judgement{
		Decision: v.decision, Messages: v.messages, Updates: v.updates, Received: reply.Body,
		rules: r.rules, schema: in.Schema, mask: r.mask, paths: v.paths,
	}
	c := &j.Call
	c.Event, c.Outcome, c.Reason, c.Detail = v.event, v.outcome, v.reason, v.detail
	c.Decision, c.Messages = v.decision, v.recorded
	c.Answer, c.DebugContext = r.recordedAnswer(), r.recordedDebugContext()
	if v.problem != nil {
		c.Findings = append(c.Findings, *v.problem)
	}
	c.Findings = append(c.Findings, limited(r.findings)...)
	return j
}

// maxFindings is how many findings an answer gets: a thousand commands can have
// one mistake a thousand times.
const maxFindings = 30

func limited(all []org.Finding) []org.Finding {
	if len(all) <= maxFindings {
		return all
	}
	return append(all[:maxFindings:maxFindings], org.Finding{
		Severity: org.SeverityNote, Code: "MORE_FINDINGS",
		Read:    fmt.Sprintf("%d findings more, like the last ones", len(all)-maxFindings),
		Happens: "They are not listed.",
	})
}

// Allowed tells whether the flow goes on.
func (j *Judgement) Allowed() bool { return j.Decision == org.DecisionAllow }

// Apply applies the updates to a profile and checks it as a whole. If they
// cannot be applied, the judgement becomes a failure, the profile comes back as
// it was, and ok is false, as it is when the hook refused.
func (j *Judgement) Apply(p profile.Profile) (result profile.Profile, ok bool) {
	if !j.Allowed() {
		return p, false
	}
	result, err := j.schema.Apply(p, j.Updates)
	if err == nil {
		return result, true
	}
	path := j.paths[err.Index]
	detail := j.mask.text(err.Detail)
	f := attributeFinding(j.schema, err, j.Updates[err.Index].Value)
	f.Path, f.Read = path, detail
	j.fail(err.Code, at(path, detail), f)
	return p, false
}

// Taken makes a failure of a judgement whose updates name a value that another
// user has: of an attribute that must be unique, or a login or an address for "".
func (j *Judgement) Taken(attribute string) {
	detail, repair := "the login or e-mail address belongs to another user", "Set a login and an e-mail address that nobody has yet."
	if attribute != "" {
		detail, repair = "the value of "+attribute+" belongs to another user", "Set a value that nobody has yet: the schema says that it is unique."
	}
	var path string
	for i, u := range j.Updates {
		if u.Attribute == attribute || attribute == "" && (u.Attribute == profile.Login || u.Attribute == profile.Email) {
			path = j.paths[i]
		}
	}
	j.fail(profile.AttributeInvalid, at(path, detail), org.Finding{Code: profile.AttributeInvalid, Path: path, Read: detail, Repair: repair})
}

func (j *Judgement) fail(reason, detail string, f org.Finding) {
	f.Severity, f.Happens = org.SeverityError, j.rules.failureHappens()
	j.Decision = org.DecisionFailed
	j.Messages = []org.Message{{Text: j.rules.failed}}
	j.Updates, j.paths = nil, nil
	c := &j.Call
	c.Decision, c.Messages = j.Decision, j.Messages
	c.Outcome, c.Reason, c.Detail = org.Failure, reason, reason+": "+detail
	c.Findings = append([]org.Finding{f}, c.Findings...)
}

func at(path, detail string) string {
	if path == "" {
		return detail
	}
	return path + ": " + detail
}

// failureHappens says what a technical failure leads to.
func (r rules) failureHappens() string {
	return r.nothing() + ". The person sees: “" + r.failed + "”"
}

// nothing is what does not come to be when a hook fails.
func (r rules) nothing() string {
	if r.update == hook.CommandProgressiveProfileUpdate {
		return "Nothing is stored"
	}
	return "Nobody is registered"
}
