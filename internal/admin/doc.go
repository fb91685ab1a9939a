// Package admin is what administrators change: inline hooks, the enrollment
// policy, the user schema, groups and API tokens.
//
//	mgmt (API) ────────┐
//	configuration file ┼─► rule ─► one transaction: change + event
//	(console, later) ──┘
//
// Every change is checked, written and told of in the System Log in one place,
// whichever door it comes through. A change that changes nothing is neither
// written nor told of, so that a configuration file can say the same at every
// start.
//
// Administrators and processes work at the same time. Two changes of one thing
// come one after the other, and the last one wins. What one change has to know
// of another thing (that the hook of a rule exists) it looks up behind its first
// write: from there on to its end, no other change of the configuration is
// committed.
package admin
