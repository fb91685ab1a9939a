// Package org holds the nouns of one organization (users, groups, policies,
// hooks, events …), the rules about their life, and the roles that a store of
// them plays.
//
//	subjects, edges ──► org.Store ──View/Update──► *org.Tx ──► Users, Hooks, Policies, …
//	                        ▲
//	                    sqlstore (SQLite, PostgreSQL), proven by storetest
//
// One database holds one org. Nothing here does I/O of its own.
package org
