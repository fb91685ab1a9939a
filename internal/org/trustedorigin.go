package org

import "time"

// TrustedOrigin is another site that may do something with this one.
type TrustedOrigin struct {
	ID          string
	Name        string
	Origin      string // scheme://host[:port], as browsers write it
	Scopes      []OriginScope
	Status      string // StatusActive or StatusInactive
	Created     time.Time
	CreatedBy   string // id of the actor
	LastUpdated time.Time
	UpdatedBy   string
}

// OriginScope is one thing that a trusted origin may do.
type OriginScope struct {
	Type string // one of the Scope constants
	// Apps are pages beside the sign-in that may be embedded, of ScopeFrame: only
	// AppDashboard.
	Apps []string
}

// What trusted origins may do, by Okta's names.
const (
	ScopeCORS     = "CORS"         // read the API from a page
	ScopeRedirect = "REDIRECT"     // be where the pages send the browser
	ScopeFrame    = "IFRAME_EMBED" // have the pages in a frame
)

// AppDashboard are the pages of somebody who is signed in.
const AppDashboard = "OKTA_ENDUSER"

// Scope gives a scope of an origin that is active, or nil.
func (o *TrustedOrigin) Scope(scopeType string) *OriginScope {
	if o.Status != StatusActive {
		return nil
	}
	for i := range o.Scopes {
		if o.Scopes[i].Type == scopeType {
			return &o.Scopes[i]
		}
	}
	return nil
}
