// Package directory is the people of an org as administrators work with them:
// users, what they may do in which status, their credentials and their roles, and
// the groups that they are in.
//
//	mgmt (API) ──► find (id, login, short login, me)
//	                 │
//	                 ├─► read ──► Person: what the role may see of it
//	                 │
//	                 ├─► list: expression ─► scans along indexes ─► the whole expression
//	                 │         (term.go)     (plan.go)              of each user ─► page, cursor
//	                 │
//	                 └─► change: may the role? does the status allow it? ─► schema, password
//	                                                                          │
//	                      one transaction: user, sessions, tokens, mail, events ◄┘
//
// Groups and roles are changed likewise. Everybody is in the group Everyone, and
// the last super administrator stays one, whichever call would have it otherwise.
//
// A hash is computed before the transaction, never in it. What a role does not
// see, it does not change either.
package directory
