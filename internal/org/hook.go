package org

import (
	"net/url"
	"time"
)

// Channel types and the type of header authentication.
const (
	ChannelHTTP      = "HTTP"
	AuthSchemeHeader = "HEADER"
)

// InlineHook is an owner's service that is asked at an extension point.
type InlineHook struct {
	ID          string
	Name        string
	Type        string // one of the Type constants of package hook
	Status      string // StatusActive or StatusInactive
	APIVersion  string // x.y.z, as the client gave it; not the version of the wire contract
	Channel     Channel
	Created     time.Time
	LastUpdated time.Time
	// Version counts changes, for compare and swap and for the record of calls.
	Version int64
}

// Address is where the hook is called as logs show it: without the query, by
// which services are steered and which may hold a key.
func (h *InlineHook) Address() string {
	u, err := url.Parse(h.Channel.URI)
	if err != nil {
		return ""
	}
	u.RawQuery, u.ForceQuery, u.Fragment, u.User = "", false, "", nil
	return u.String()
}

// Channel is how the service is reached.
type Channel struct {
	Type    string // ChannelHTTP
	Version string
	URI     string // normalised by safedial
	Method  string // POST
	Headers []Header
	Auth    *HeaderAuth // nil without one
}

// Header is one further header of a call, its name in the case as stored.
type Header struct {
	Key   string
	Value string
}

// HeaderAuth is the secret header: "Authentication field" and "Authentication
// secret" of the Admin Console. No scheme is added to the value.
type HeaderAuth struct {
	Key   string
	Value Secret
}
