// Package signin lets people in and out: it proves who somebody is by password,
// and keeps the sessions of those it has let in.
//
//	login, password ─► WithPassword ─► Start ─► handle ─► cookie of the browser
//	                      │             │
//	                      └ wrong: counted, and locked by the password policy
//	                                    │
//	cookie ─► Who: session alive? user still ACTIVE? ─► *org.User
//
// Who has given a wrong password too often, or one that is too old, is said by the
// password policy of the person (package credential). A lock keeps out whoever
// guesses; who is signed in stays in.
//
// A login that does not exist costs the same work and gets the same words as a
// wrong password. The status of a user is asked at every use of a session, not
// only when it begins.
package signin
