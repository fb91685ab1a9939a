package org

import (
	"errors"
	"fmt"
)

// Errors of the store that rules ask for by errors.Is. They are internal: a
// subject package turns them into words.
var (
	ErrNotFound   = errors.New("org: not found")
	ErrLoginTaken = errors.New("org: the login or e-mail address is taken")
	ErrNameTaken  = errors.New("org: the name is taken")
	ErrGranted    = errors.New("org: the user has the role")
	ErrConflict   = errors.New("org: changed by somebody else meanwhile")
)

// ValueTakenError tells that another user has the value of an attribute that must
// be unique.
type ValueTakenError struct{ Attribute string }

func (e *ValueTakenError) Error() string {
	return "org: the value of " + e.Attribute + " is taken"
}

// DuplicatesError tells that an attribute cannot be unique, because that many
// users have a value which another one has.
type DuplicatesError struct {
	Attribute string
	Users     int
}

func (e *DuplicatesError) Error() string {
	return fmt.Sprintf("org: %d users have a value of %s that another has", e.Users, e.Attribute)
}
