package org

import (
	"time"

	"github.com/usher-id/usher/internal/fault"
)

// HookCall is the record of one call of an inline hook: what was sent, what
// came back, and what was made of it. The terminal, the log, the console,
// replay and plots all read this one. Its bodies are redacted by the user schema
// before they are stored.
type HookCall struct {
	ID          string
	HookID      string
	HookName    string
	HookVersion int64
	HookURL     string // without query
	PolicyID    string // the enrollment policy, or ""
	EventID     string
	RequestID   string // of the person's request
	EventType   string
	RequestType string
	Preview     bool   // nobody was registered
	LoginKey    string // folded login of the person, else the address, to erase by; "" when the request shows none
	UserID      string // the user that was made or updated, or that a preview shows; "" for none
	Started     time.Time
	Duration    time.Duration
	Attempts    []Attempt
	Request     string // the body as sent
	Answer      Answer
	// Event is the type of the System Log event, Outcome and Reason its outcome,
	// Detail its errorMessage.
	Event    string
	Outcome  string
	Reason   string
	Detail   string
	Decision string // ALLOW, DENY, ERROR, FAILED
	// DebugContext is that of the answer as JSON, redacted, at most 16 KB; "" for
	// none.
	DebugContext string
	// Findings explain the answer: why it could not be used, what it does that
	// is better done otherwise, and how to mend it.
	Findings []Finding
	// Messages are the words that the person saw.
	Messages []Message
}

// Finding is one thing to know about a call. It holds no value of a profile.
type Finding struct {
	Severity string // SeverityError, SeverityWarning or SeverityNote
	Code     string // for programs
	Path     string // in the answer, as in commands[0].value.badge; "" for the whole
	Read     string // what was found there
	Happens  string // what follows, and what the person sees
	Repair   string // what to change in the service; "" when nothing is wrong
	// Suggestion is the name that was probably meant, or "".
	Suggestion string
}

// Severities of findings.
const (
	SeverityError   = "error"   // why the answer could not be used
	SeverityWarning = "warning" // it works, but is against the contract or not what was meant
	SeverityNote    = "note"    // how it was understood
)

// Decisions of a hook call.
const (
	DecisionAllow  = "ALLOW"  // goes on, with the commands applied
	DecisionDeny   = "DENY"   // the action command refused
	DecisionError  = "ERROR"  // an error object refused
	DecisionFailed = "FAILED" // no usable answer: the type's failure rule
)

// Attempt is one try of a call.
type Attempt struct {
	Started  time.Time
	Duration time.Duration
	Status   int    // of HTTP, 0 without an answer
	Failure  string // reason constant, "" for an answer that can be judged
	Detail   string // for administrators
	Address  string // that was dialled, "" before that
	// Token is the fetch of an access token that the try waited for, within its own
	// time; nil for none.
	Token *Attempt `json:",omitempty"`
}

// Answer is what the service said.
type Answer struct {
	Status      int
	ContentType string
	Size        int    // of the body as received, in bytes
	Body        string // redacted; an unreadable body as a masked excerpt
	Readable    bool   // whether Body is the JSON that was received
}

// Message is a text for the person, at a field or, for "", above the form.
type Message struct {
	Field string
	Text  string
}

// Causes are messages as the reasons of a fault.
func Causes(messages []Message) []fault.Cause {
	causes := make([]fault.Cause, len(messages))
	for i, m := range messages {
		causes[i] = fault.Cause(m)
	}
	return causes
}
