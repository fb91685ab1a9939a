// Package signin lets people in and out: it proves who somebody is by password,
// and keeps the sessions of those it has let in.
//
//	login, password ─► WithPassword ─► Start ─► handle ─► cookie of the browser
//	                                    │
//	cookie ─► Who: session alive? user still ACTIVE? ─► *org.User
//
// A login that does not exist costs the same work and gets the same words as a
// wrong password. The status of a user is asked at every use of a session, not
// only when it begins.
package signin
