// Package server wires one usher process: it makes every part from a
// configuration, hands them to each other as plain struct literals, and runs
// and stops them in order.
//
//	config ─► Open: keys, store, migrate, seed ─► Server ─► Serve: listen, answer
//	                                                │            │
//	             routes.go: the table of contents ◄─┘            └─► drain, close
//
// It is the only package that knows both the edges and the store.
package server
