// Package credential is what must hold of a password before a person gets it.
//
//	sign-up ─────────────► Check ──────────────────────────► hash, user
//	users API, password ─► Prepare: Check, age, history, hash (slow, no transaction)
//	                          │
//	                          └─► Change.Apply, in the transaction that writes
//
// What holds for whom says a password policy of the org; whichever door a
// password comes through, it is judged here. A refusal is a fault of kind
// WeakPassword, with one cause at "password" in the words of Okta.
package credential
