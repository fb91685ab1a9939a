package org

import "time"

// Event is one entry of the System Log, before it has Okta's JSON shape, which
// package eventlog gives it. It never holds a secret or a sensitive value.
type Event struct {
	Sequence    int64 // given by the store: the order in which they were stored
	UUID        string
	Published   time.Time
	Type        string // from the catalogue of package eventlog
	Severity    string // INFO, WARN, ERROR, DEBUG
	Display     string // displayMessage
	Actor       Actor
	Client      Client
	Outcome     Outcome
	Targets     []Target
	Transaction string            // the request id
	TokenID     string            // of the API token that the request had, or ""
	Debug       map[string]string // debugContext.debugData
}

// Outcome is how what the event tells of ended.
type Outcome struct {
	Result string // SUCCESS, FAILURE, ALLOW, DENY, SKIPPED …
	Reason string // "" for none
}

// Results of outcomes.
const (
	Success = "SUCCESS"
	Failure = "FAILURE"
	Deny    = "DENY"
)

// Actor is who did it.
type Actor struct {
	ID          string
	Type        string // User, PublicClientApp, SystemPrincipal
	AlternateID string
	DisplayName string
}

// Target is what it was done to.
type Target struct {
	ID          string
	Type        string // User, InlineHook, UserGroup, PolicyEntity …
	AlternateID string
	DisplayName string
}

// Client is where the request came from.
type Client struct {
	IP        string
	UserAgent string
}
