package org

import "errors"

// Errors of the store that rules ask for by errors.Is. They are internal: a
// subject package turns them into words.
var (
	ErrNotFound   = errors.New("org: not found")
	ErrLoginTaken = errors.New("org: the login or e-mail address is taken")
	ErrNameTaken  = errors.New("org: the name is taken")
	ErrGranted    = errors.New("org: the user has the role")
	ErrConflict   = errors.New("org: changed by somebody else meanwhile")
)
