package org

import "time"

// States of a visit.
const (
	StateForm    = "FORM"    // the form is or was shown; a submission may come
	StateCalling = "CALLING" // a submission is being judged
	StateDone    = "DONE"    // it made a user
)

// Interaction is one visit of a browser to the sign-up: one handle for its
// life, a version that is compared and set at each step, and a state, so that
// one submission makes at most one user. It never holds a password nor what
// the person typed.
type Interaction struct {
	ID       string
	Hash     string // HashToken of the handle in the cookie
	Version  int64
	State    string
	UserID   string    // of StateDone
	Deadline time.Time // of StateCalling: after it the attempt is void
	Messages []Message // of the last refusal
	Created  time.Time
	Expires  time.Time
}
