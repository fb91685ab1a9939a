// Package fault holds the one kind of error that may be shown to somebody.
//
// Every other error is internal: it is logged and shown as "internal error".
// A subject package decides that something is the caller's fault and says so in
// words fit for the caller; the edges only draw it.
//
//	enroll, signin, profile …  ──► fault.Error ──► web: status, E0000… code, JSON
//	                                         └───► signinpage: message at a field
package fault

import (
	"errors"
	"strings"
)

// Kind is what sort of mistake or refusal it is. Each has one HTTP status and
// one code of Okta's catalogue, which package web knows.
type Kind int

// The kinds.
const (
	Invalid          Kind = iota + 1 // the input breaks a rule; causes name the property or field
	Malformed                        // the input cannot be read at all
	Unauthenticated                  // no session, wrong password, no token
	NoSession                        // an API request without a token
	BadToken                         // an API token that is unknown, expired or revoked
	Forbidden                        // authenticated, but not allowed
	NotFound                         // no such thing
	Denied                           // a hook or a policy refused; causes are the words for the person
	HookFailed                       // a hook could not be asked or its answer not be used
	TooLarge                         // the request body is over the limit
	MethodNotAllowed                 // no such method here
	MissingParameter                 // a parameter without which a request says nothing
	BadPage                          // a limit or a cursor that cannot be used
	BadFilter                        // a filter expression that cannot be read
	BadSearch                        // an operator and field that do not go together
	WrongStatus                      // what the state of the thing does not allow
	AlreadyActive                    // activation of a user who is active
	WeakPassword                     // a password that the policy refuses
	NotProven                        // a change of credentials without the right old password
	TooManyGroups                    // more groups than a call takes
	NoPassword                       // a user who is to change a password that is not there
	NotActivated                     // a user who is to change a password without being activated
	TypeInUse                        // a user type that cannot be deleted
	FixedPriority                    // a priority that cannot be changed
	StillActive                      // an app that must be deactivated before it is deleted
	AlreadyAssigned                  // a role that the user has already
	Changed                          // a thing that is not any more what the client has seen (If-Match)
	RateLimited                      // too many requests
	Busy                             // overloaded or the database is locked or full: try again later
)

// Cause is one reason. Field is the form field or the JSON property it belongs
// to, or empty.
type Cause struct {
	Field string
	Text  string
}

// Error is an error that may be shown. Its texts hold nothing internal.
type Error struct {
	Kind    Kind
	Summary string
	Causes  []Cause
	// Err is what led to it, for the log. It is never shown.
	Err error
}

// New makes an error with a summary and causes.
func New(kind Kind, summary string, causes ...Cause) *Error {
	return &Error{Kind: kind, Summary: summary, Causes: causes}
}

// Field makes an Invalid error with one cause at one field.
func Field(object, field, text string) *Error {
	return New(Invalid, "Api validation failed: "+object, Cause{Field: field, Text: text})
}

// TryAgain is the Busy error, of what led to it (nil for nothing): nothing was
// written, and the same can be sent again.
func TryAgain(err error) *Error {
	return New(Busy, "The service is busy. Please try again in a moment.").With(err)
}

// Missing is the NotFound error in Okta's words, of an id and the name of the
// resource type, as in "InlineHook".
func Missing(id, resource string) *Error {
	return New(NotFound, "Not found: Resource not found: "+id+" ("+resource+")")
}

func (e *Error) Error() string {
	texts := make([]string, 0, 1+len(e.Causes))
	texts = append(texts, e.Summary)
	for _, c := range e.Causes {
		if c.Field != "" {
			texts = append(texts, c.Field+": "+c.Text)
		} else {
			texts = append(texts, c.Text)
		}
	}
	return strings.Join(texts, "; ")
}

func (e *Error) Unwrap() error { return e.Err }

// With adds the internal error that led to this one.
func (e *Error) With(err error) *Error {
	e.Err = err
	return e
}

// As gives the fault in an error chain, or nil.
func As(err error) *Error {
	var f *Error
	if errors.As(err, &f) {
		return f
	}
	return nil
}

// Is tells whether an error is a fault of that kind.
func Is(err error, kind Kind) bool {
	f := As(err)
	return f != nil && f.Kind == kind
}
