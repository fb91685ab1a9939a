// Package signinpage is the hosted pages: sign-in, sign-up, the account of
// whoever is signed in, and a clear page for everything that can go wrong. It is
// HTML drawn on the server, without scripts and without anything from elsewhere.
//
//	GET  /         stranger: sign-in form ─► Sign up     signed in: account ─► Sign out
//	GET  /signup   form of policy and schema, cookie of the visit
//	POST /signup   decode ─► interaction.Submit ─┬─► user:    cookie of the session, 303 /
//	                                             └─► refused: 422, the form with the words
//	POST /signin   decode ─► signin.WithPassword ──► 303 /, or 422 and the form
//	POST /signout  signin.SignOut ─► 303 /
//
// No rule is here: handlers decode a form, call a subject and draw what it says.
// Every change is a POST from a page of this site that ends with a redirect, so
// that going back and reloading repeat nothing.
//
// A refused form comes back with status 422: browsers draw it like any page,
// password managers and scripts see that it failed, and unlike 401 it needs no
// WWW-Authenticate (RFC 9110 § 15.5.2) and unlike 5xx no proxy replaces it. This
// holds for what a failing hook leads to, too: the words for the person are
// those of the contract, and the System Log knows the rest.
//
// What the pages say of their own accord is in text.go alone; what they look
// like is in assets and templates.
package signinpage
