// Package edit is how an org is changed by somebody: in one transaction with the
// event that tells of it, made anew when somebody else's change came between, and
// refused in Okta's words.
//
//	admin, directory, … ──► Editor.Change ──► org.Store.Update ──► change + events
//	                             │   ▲             │
//	                             │   └─ ErrConflict: again, of what is so now
//	                             └─ ErrUnchanged: nothing is written, nothing is told
//
// What may be changed and how is said by the packages that use it.
package edit
