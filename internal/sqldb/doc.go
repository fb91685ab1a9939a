// Package sqldb runs transactions on SQLite and on PostgreSQL, as alike as the two
// can be: one text of SQL for both, the same kinds of failure, the same steps of
// migration. What is stored is said by package sqlstore.
//
//	sqlstore ──► Engine.Begin ──► Transaction: Query, Exec, Commit, Rollback
//	                 │
//	                 ├─ SQLite: one file, one writer at a time, who shares the commit
//	                 │          with those who wait
//	                 └─ PostgreSQL: repeatable read; statements travel together
package sqldb
