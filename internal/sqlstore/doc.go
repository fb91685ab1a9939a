// Package sqlstore keeps an org in SQLite or in PostgreSQL. It is the only
// package that knows SQL.
//
//	org.Store ─ View, Update, UpdateSoon
//	    │                       one closure, maybe twice; undo when rolled back
//	    ▼
//	   tx ──► users, hooks, policies, events …     one SQL text for both engines
//	    │         └──► configuration cache, by a version counter
//	    ▼
//	 values.go                  text checked, time and JSON made columns and back
//	    │
//	    ▼
//	 engine ──► sqlite.go       one writer in turn, read-only readers, WAL, FULL
//	       │      └─ group.go   writers that share a commit, each in a savepoint
//	       └──► postgres.go     one pool, batches, retries of what the server gave up
//
// What differs between the engines is in these files and in the DDL under
// migrations/, and nowhere else. Placeholders are $1; JSON is TEXT, so that the
// order of keys survives; times are BIGINT microseconds; ids are made in Go;
// keys that must ignore case are folded in Go. Two rules make the engines
// behave alike where SQL does not: text with a NUL or that is not UTF-8 is
// refused before either sees it, and a transaction ends at its first error.
//
// [Open] takes a database whose schema is this version's and no other;
// [Migrate] brings one there.
package sqlstore
