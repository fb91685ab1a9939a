package org

import (
	"net/url"
	"time"
)

// Channel types, the type of header authentication, and the ways to authenticate
// at a token endpoint (RFC 6749 section 2.3.1, RFC 7523).
const (
	ChannelHTTP          = "HTTP"
	ChannelOAuth         = "OAUTH"
	AuthSchemeHeader     = "HEADER"
	AuthClientSecretPost = "client_secret_post"
	AuthPrivateKeyJWT    = "private_key_jwt"
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
func (h *InlineHook) Address() string { return h.Channel.address() }

func (c *Channel) address() string {
	u, err := url.Parse(c.URI)
	if err != nil {
		return ""
	}
	u.RawQuery, u.ForceQuery, u.Fragment, u.User = "", false, "", nil
	return u.String()
}

// Channel is how the service is reached.
type Channel struct {
	Type    string // ChannelHTTP or ChannelOAuth
	Version string
	URI     string // normalised by safedial
	Method  string // POST
	Headers []Header
	Auth    *HeaderAuth // of ChannelHTTP; nil without one
	OAuth   *OAuth      // of ChannelOAuth
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

// OAuth is how usher gets the access token that goes with a call, as a client of
// the service's authorization server (the client credentials grant).
type OAuth struct {
	AuthType     string // AuthClientSecretPost or AuthPrivateKeyJWT
	ClientID     string
	TokenURL     string   // normalised by safedial
	Scope        string   // "" for none
	ClientSecret Secret   // of AuthClientSecretPost
	Key          *HookKey // of AuthPrivateKeyJWT; a store keeps its id
}

// SignsWith tells whether a hook key is what the hook proves itself with.
func (h *InlineHook) SignsWith(keyID string) bool {
	o := h.Channel.OAuth
	return o != nil && o.Key != nil && o.Key.ID == keyID
}
