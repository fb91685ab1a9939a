// Package userapi is the part of the management API about people: users, groups
// and the roles of administrators, in the shapes that recorded traffic has.
//
//	mgmt (routes, roles) ──► API ──► directory
//	                          │  decode, call, encode
//	                          ▼
//	                        rest, web
//
// There are no rules here; see package directory.
package userapi

import (
	"github.com/usher-id/usher/internal/directory"
	"github.com/usher-id/usher/internal/web"
)

// API serves the calls. Both fields are required.
type API struct {
	Directory *directory.Service
	Site      *web.Site
}
