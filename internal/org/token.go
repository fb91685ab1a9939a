package org

import "time"

// TokenIdle is how long an API token may not be used before it ends (Okta's
// guide "Create an API token").
const TokenIdle = 30 * 24 * time.Hour

// Token is an API token of the management API (SSWS). Its text is shown once
// and never stored.
type Token struct {
	ID   string
	Name string
	Hash string // HashToken of the text
	// UserID is whose rights it has, as they are when it is used. A token that
	// nobody owns, made at the command line, has those of Role.
	UserID      string
	Role        string // one of the Role constants; "" with an owner
	Created     time.Time
	LastUpdated time.Time
	LastUsed    time.Time // to the minute; zero is never
	Expires     time.Time // whether or not it is used; zero is never
}

// Ends is when the token ends unless it is used before.
func (t *Token) Ends() time.Time {
	last := t.Created
	if t.LastUsed.After(last) {
		last = t.LastUsed
	}
	idle := last.Add(TokenIdle)
	if !t.Expires.IsZero() && t.Expires.Before(idle) {
		return t.Expires
	}
	return idle
}
