// Package profile knows what a user profile may hold: the user schema, the
// values, and which of them may leave.
//
//	form strings ──Coerce──► Profile ──Check──► violations, by attribute
//	                          │  ▲ ▲
//	                          │  │ └──Apply─── updates of a hook
//	                          │  └────Write─── what an administrator sends
//	                          │
//	                          ├──Disclose──► Disclosed ──► hook request, pages, log
//	                          │              (no password, nothing sensitive)
//	                          └──Storable──► Profile ──► store
//
// The rules are those of Okta's user schema (31 base attributes and custom
// ones), plus one keyword that Okta's public API lacks: "sensitive". A [Schema]
// does not change; [Schema.Edit] gives the one that a request to Okta's Schemas API
// makes of it, and [Schema.Changes] what that means for the values that are there.
//
// Two types keep the privacy rule by construction. A [Profile] prints, logs and
// marshals as [redacted]. A [Disclosed] can only be made by [Schema.Disclose]
// and its siblings, and whatever builds a hook request or a log entry accepts
// nothing else. [Schema.Redact] does for recorded answers of hooks what Disclose
// does for requests.
package profile
