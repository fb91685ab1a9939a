// Package extension holds the extension points: the places where usher pauses
// and asks the owner's own code. It builds the request, has it sent, and makes
// one decision of whatever comes back.
//
//	profile.Disclosed ─► registration.go: request ─► run.go ─► Caller (hookcall)
//	                                                   │             │
//	                     record (org.HookCall) ◄───────┤      status, headers, bytes
//	                       recorded.go, redact.go      ▼             ▼
//	  enroll ◄─ Judgement: decision, updates, ◄── interpret.go: read, then judge
//	            messages, findings                     ▲        commands.go, errorobject.go
//	                                    table of legal commands, failure rule:
//	                                    registration.go
//
// The order of judgement is fixed: what became of the call; whether the body can
// be read; an error object, which beats every command; every command's type and
// shape, before any is applied; the updates in their order; the profile as a
// whole. One bad command spoils the whole answer, so that nothing is ever half
// applied.
//
// Interpreting and explaining are one pass: what the judge notices on its way
// are the findings that the terminal, the Preview and "usher hook check" show.
// testdata/explanations.txt has every mistake that they know, and their words.
// Runner.Try does the whole for a request that is there already.
//
// The words of a hook go to the person as they are. The record of the call holds
// neither the values of sensitive attributes nor the hook's own secret, even if
// the service sends them back; and no finding holds any value of a profile.
package extension
