// Package mgmt is the management API, /api/v1, in the shapes that recorded
// traffic of real orgs has, so that Okta's SDKs and Terraform's provider work
// unchanged.
//
//	client ──► authenticated ──► web.API ──► one handler each ──► admin, eventlog
//	           SSWS token          │          decode, call,              │
//	           rate limit          │          encode                     │
//	             │                 │ no such path or method              │ fault
//	             ▼                 ▼                                     ▼
//	           web.WriteError: E0000005, E0000011, E0000047, E0000008 …
//
// There are no rules here: what may be changed, and how, is package admin's, for
// the configuration file as for this. A status or a type that a client cannot
// change is read and ignored where recorded orgs did so.
//
// # Preview
//
// POST …/execute answers what the hook's service answered, byte for byte, where
// that can be read: status 200 and its JSON, or 204 when the service had nothing
// to say with 204. Everything else (no answer in time, a status that is not 2xx,
// an empty body, no JSON object) is a 400 with the reason, which is what Okta's
// reference says of a failure. What a sign-up would make of the answer is in the
// record of the call.
package mgmt
