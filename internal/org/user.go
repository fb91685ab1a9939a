package org

import (
	"context"
	"time"

	"github.com/usher-id/usher/internal/password"
	"github.com/usher-id/usher/internal/profile"
)

// Statuses of users, of hooks and of policies. Users have more of them.
const (
	StatusActive        = "ACTIVE"
	StatusInactive      = "INACTIVE"
	StatusDeprovisioned = "DEPROVISIONED"
	StatusSuspended     = "SUSPENDED"
)

// User is a person. Times are UTC with microseconds; zero is "never".
type User struct {
	ID              string
	Status          string
	Profile         profile.Profile // with login and email
	Password        password.Hash   // the zero Hash without one
	Created         time.Time
	Activated       time.Time
	StatusChanged   time.Time
	LastLogin       time.Time
	LastUpdated     time.Time
	PasswordChanged time.Time
}

// Login is the login as it was typed.
func (u *User) Login() string { return u.Profile.Text(profile.Login) }

// Email is the primary address.
func (u *User) Email() string { return u.Profile.Text(profile.Email) }

// CanSignIn tells whether the status allows it. It is asked at every use of a
// credential and of a session, not only at sign-in.
func (u *User) CanSignIn() bool { return u.Status == StatusActive }

// Group is a set of users.
type Group struct {
	ID          string
	Name        string
	Description string
	BuiltIn     bool // Everyone
	Created     time.Time
	LastUpdated time.Time
}

// Everyone is the group that every user is in.
const Everyone = "Everyone"

// DeleteUser removes a person and erases what records of hook calls hold of
// them. It gives ErrNotFound for nobody.
func DeleteUser(ctx context.Context, tx *Tx, id string) error {
	u, err := tx.Users.Get(ctx, id)
	if err != nil {
		return err
	}
	// By the address too: it may be the login of earlier sign-ups.
	for _, name := range []string{u.Login(), u.Email()} {
		if _, err := tx.Calls.Erase(ctx, u.ID, profile.FoldLogin(name)); err != nil {
			return err
		}
	}
	return tx.Users.Delete(ctx, id)
}

// Session is somebody who is signed in.
type Session struct {
	ID      string
	Hash    string // HashToken of the handle in the cookie
	UserID  string
	Created time.Time
	LastUse time.Time
	Expires time.Time // absolute end
}

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
	Expires     time.Time // zero is never
}
