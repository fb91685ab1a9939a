// Package node proves that a hook service in any language does: the examples
// run as people run them, each a process of its own, and usher asks them.
//
//	node examples/registration-node/server.mjs ◄──HTTP── usher dev --hook
//	examples/registration-go                   ◄──────── usher hook check
package node
