// Package storetest is the contract of org.Store as a suite of tests, and the
// databases to run it on.
//
//	sqlstore's tests ──► Run ──► TestStore/sqlite/Users/…
//	                             TestStore/postgres/Users/…
//	other packages   ──► Engines ──► the URL of a new, empty database a test
//
// SQLite needs a temporary file. PostgreSQL needs a server: [PostgresVariable]
// names the URL of a database there that tests may make schemas in. Without it
// there are no PostgreSQL tests at all, rather than tests that skip; whoever
// counts tests by engine sees that some are missing.
package storetest
