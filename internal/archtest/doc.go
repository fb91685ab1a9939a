// Package archtest keeps the shape of the module: who may import whom, how large
// things may grow, what must be documented, and that the documents tell the
// truth about tests and files. It has tests only.
//
//	the module's files ──parse──► tree ──┬─► rules over packages ──┐
//	(any fs.FS)                          └─► rules over files ─────┴─► violations
//
// The table of layers in layers_test.go is the picture of docs/design.md as data,
// and the one place to change when a package is added. Each rule is proven on
// small trees that break it, so that a rule that sees nothing is noticed.
//
// deps.txt, the list of modules that the binary links, is checked here too.
// After a change of dependencies:
//
//	go test ./internal/archtest -update
package archtest
