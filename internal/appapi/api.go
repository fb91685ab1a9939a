// Package appapi is the part of the management API about apps: the apps, their
// secrets and keys, and whom they are assigned to, in the shapes that recorded
// traffic has.
//
//	mgmt (routes, roles) ──► API ──► app
//	                          │  decode, call, encode
//	                          ▼
//	                        rest, web
//
// There are no rules here; see package app.
package appapi

import (
	"github.com/usher-id/usher/internal/app"
	"github.com/usher-id/usher/internal/web"
)

// API serves the calls. All fields are required.
type API struct {
	Apps  *app.Service
	Site  *web.Site
	OrgID string
}
