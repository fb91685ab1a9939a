// Command bench measures how fast people can sign up, against a floor: the
// smallest server that does the same for them. Run it by "make bench".
//
//	                      ┌─► floor: decode, ask the hook, one fsynced insert, 303 ──┐
//	                      ├─► floor + hash: the same, and the password's hash        ┤
//	generator, c clients ─┤    (own process, this binary again)                      ├─► hook service
//	 closed loop, POSTs   └─► usher serve, its real pages                          ──┘   (own process)
//	                                  │
//	                                  └─► SQLite synchronous=FULL | PostgreSQL synchronous_commit=on
//
// Absolute numbers are those of a machine; the ratio to the floor is usher's. To
// hit all with the same noise, windows of the floors and usher alternate, and every
// figure is the median of its windows.
//
// What counts is the POST of a filled-in form, each from a visit of its own. The
// GET that a browser does before is not part of it, because the floor has no
// page: visits are opened between the windows, and their rate is a column of its
// own. The password hash is bcrypt of cost 4, so that it does not hide the rest.
// The floor stores no password at all; "floor + hash" hashes as usher does, beside
// the hook call, so that the ratio to it is of what usher does besides.
//
// Then two promises about hooks are measured. A registration with a slow hook
// and a costly hash takes about as long as the longer of the two, since both run
// at once. And while a hook hangs, the person gets an answer after two timeouts,
// and everybody else is as fast as before.
//
// And it asks for users by API, one and a page of 200, in an org of 1,000 and in
// one of 100,000: neither takes much longer in the large one, nor more memory.
//
// Nothing here is a test: no time fails the command. It fails when an answer is
// not the one that a browser should get, or when a server cannot be started.
package main
