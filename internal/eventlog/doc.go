// Package eventlog is the System Log: which events there are, how they are
// asked for, and what they look like.
//
//	enroll, signin, mgmt …
//	     │ New, HookCalled            catalogue.go: type, message
//	     ▼
//	 org.Event ──Append──► org.Store      (in the transaction of the change)
//	                          │ Scan
//	 ParseQuery ──► Query.Run ┤           filter.go: may it be seen?
//	                          ▼
//	                        Page ──► LogEvent    json.go: Okta's shape
//
// An event never holds a secret or a sensitive value: a hook's address is
// written without its query, and what a service said comes from the redacted
// record of the call.
package eventlog
