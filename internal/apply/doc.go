// Package apply sets an org up as one YAML file says, as a client of the
// management API like any other: what it cannot do, no script can do.
//
//	file ──► Parse ──► File ──┐
//	 ${SECRET} of the         ├──► NewPlan ──► Plan ──► Run ──► POST, PUT …
//	 environment              │    reads only    │
//	API ──► GET … ────────────┘                  └──► what --dry-run prints
//
// The file has the objects in the API's own shapes, told apart by their names;
// where the API wants the id of a hook or a group, the file has its name.
// Properties that the file does not name stay as they are, and so do objects: only
// what is said is done. A file that was applied plans nothing the second time,
// secrets excepted, which cannot be read back and are written again: the API
// takes a secret that it has already for no change.
package apply
