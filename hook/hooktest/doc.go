// Package hooktest tests hook services.
//
// For authors: a service of any kind becomes a [Target], people sign up at it,
// and the result says in plain words what was expected and what came.
//
//	func TestOnlyExample(t *testing.T) {
//		service := hooktest.Handler(handler).With("authorization", secret)
//		service.Register(t, hooktest.Person{"email": "eve@other.org"}).
//			DeniedAt("email", "Only example.com emails can register.")
//		service.Register(t, hooktest.Person{"email": "ann@example.com"}).
//			Allowed()
//	}
//
// The way of a call:
//
//	Person ─► Register, Update ─┐
//	Requests (canned) ─► Ask ───┴─► Target ─► Send ─► Exchange ─► Result
//	                      Handler(h): in this process               │
//	                      URL(client, url): over the network        ▼
//	                          Allowed Denied DeniedAt DeniedWith Sets
//
// For usher itself it holds the fixture cases, on which the server, the
// interpreter of answers and this kit must agree; the README of hook/testdata
// describes the files:
//
//	hook/testdata/registration/<case>/
//	    request.json ────────────────► Case.Request    what usher sends
//	    response.http or script.json ► Case.Steps      how the service answers
//	    outcome.json ────────────────► Case.Outcome    what must come of it
//
// It needs no package but hook and the standard library, and does not import
// testing, so that a program can use it too.
package hooktest
