// Package run starts usher as people do, as a process of its own, and speaks to
// it from outside. It is the stage of every black-box test: nothing here, and
// nothing in this module, imports what is internal.
//
//	TestMain ─► Main: go build ./cmd/usher, once for the tests of a package
//
//	Dev, Serve ─► Server ◄── Visitor   a browser without a screen: cookies, forms
//	   │            │   ◄─── API       a client with an SSWS token
//	   │            └──────► Service   a hook service that answers as a test says
//	   └─ NewDatabase: a file, or a database of its own in PostgreSQL
//
// The go command does not see that usher has changed when only what these tests
// build and start has: run them with -count=1.
//
// Whatever a test started ends with it, and what it wrote to standard error is
// shown when the test fails.
package run
