// Package interaction is the steps of one visit to the sign-up, independent of
// how they are drawn. It makes sure that one submission makes at most one user,
// however often the browser sends it.
//
//	handle in the browser's cookie, one for the life of the visit
//
//	            Submit                  Run committed
//	 FORM ─────────────────► CALLING ───────────────────► DONE(user)
//	  ▲                         │
//	  └─────────────────────────┘  refused, or the attempt's deadline passed
//
// Every arrow compares and sets the version of the visit. A second submission
// that finds CALLING waits and gets the first one's result: the hook is asked
// once. After a refusal a submission is a new one; after DONE it shows the end,
// and for a minute signs the person in who sends the same password again.
//
// A visit is stored with its first submission, so looking at the form writes
// nothing. It never holds a password nor what the person typed.
package interaction
