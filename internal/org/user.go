package org

import (
	"context"
	"time"

	"github.com/usher-id/usher/internal/password"
	"github.com/usher-id/usher/internal/profile"
)

// Statuses of users, of hooks and of policies, which have the first two.
const (
	StatusActive   = "ACTIVE"
	StatusInactive = "INACTIVE" // not of users

	StatusStaged          = "STAGED"           // made and not yet activated
	StatusProvisioned     = "PROVISIONED"      // activated and without a password
	StatusRecovery        = "RECOVERY"         // the password is being reset
	StatusPasswordExpired = "PASSWORD_EXPIRED" // a new password must be chosen
	StatusLockedOut       = "LOCKED_OUT"       // too many wrong passwords
	StatusSuspended       = "SUSPENDED"
	StatusDeprovisioned   = "DEPROVISIONED" // deactivated; the next step is to be erased
)

// User is a person. Times are UTC with microseconds; zero is "never".
type User struct {
	ID              string
	Status          string
	TypeID          string          // the user type; "" is the default one
	Profile         profile.Profile // with login and email
	Password        password.Hash   // the zero Hash without one
	Account         Account
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

// StaysIn tells whether what the person has already goes on: a session, an API
// token. A lock is against whoever guesses the password; if it ended these too,
// anybody could throw the person out.
func (u *User) StaysIn() bool { return u.CanSignIn() || u.Status == StatusLockedOut }

// Account is what is kept of a user's credentials beside the password.
type Account struct {
	Provider Provider // see [User.Provider]
	Recovery Recovery
	// PasswordHook says that the password is still where the user was imported
	// from, and that an inline hook is asked for it.
	PasswordHook bool
	// FailedSignIns counts wrong passwords since the last right one, the last of
	// which was given at LastFailure.
	FailedSignIns int
	LastFailure   time.Time
	// Earlier are the hashes of passwords that were replaced, the newest first.
	Earlier []password.Hash
}

// Provider is who checks the credentials of a user.
type Provider struct {
	Type string // one of the Provider constants
	Name string
}

// Types of providers. OKTA is the org itself.
const (
	ProviderOkta            = "OKTA"
	ProviderActiveDirectory = "ACTIVE_DIRECTORY"
	ProviderFederation      = "FEDERATION"
	ProviderImport          = "IMPORT"
	ProviderLDAP            = "LDAP"
	ProviderSocial          = "SOCIAL"
)

// Provider is who checks the credentials: the org itself where nothing else was
// said.
func (u *User) Provider() Provider {
	if u.Account.Provider == (Provider{}) {
		return Provider{Type: ProviderOkta, Name: ProviderOkta}
	}
	return u.Account.Provider
}

// Recovery is the question by which a person is known who has lost the password.
// Its zero value is none.
type Recovery struct {
	Question string
	Answer   password.Hash
}

// UserToken lets a person do one thing once, without a password. Its text is sent
// to the person, or shown once to an administrator, and never stored.
type UserToken struct {
	Hash    string // HashToken of the text
	UserID  string
	Purpose string // one of the Purpose constants
	Created time.Time
	Expires time.Time
}

// Purposes of user tokens.
const (
	PurposeActivate      = "ACTIVATE"       // choose the first password
	PurposeResetPassword = "RESET_PASSWORD" // choose another one
)

// Mail is a message to a person that is to be sent.
type Mail struct {
	ID      string
	UserID  string
	Kind    string // one of the Mail constants
	To      string // the address
	Token   Secret // of the link in it; empty without one
	Created time.Time
}

// Kinds of mail.
const (
	MailActivate      = "ACTIVATE"       // with a token to activate
	MailResetPassword = "RESET_PASSWORD" // with a token to reset the password
)

// Group is a set of users.
type Group struct {
	ID          string
	Name        string
	Description string
	BuiltIn     bool // Everyone
	Created     time.Time
	LastUpdated time.Time
	// LastMembershipUpdated is when somebody last came or left. The store keeps it,
	// and shows who comes to later transactions.
	LastMembershipUpdated time.Time
}

// Types of groups.
const (
	GroupOkta    = "OKTA_GROUP"
	GroupBuiltIn = "BUILT_IN"
)

// Type is what kind of group it is.
func (g *Group) Type() string {
	if g.BuiltIn {
		return GroupBuiltIn
	}
	return GroupOkta
}

// Everyone is the group that every user is in.
const Everyone = "Everyone"

// DeleteUser removes a person with the API tokens, and erases what records of
// hook calls hold of them. It gives ErrNotFound for nobody.
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
	tokens, err := tx.Tokens.List(ctx, id)
	if err != nil {
		return err
	}
	for _, t := range tokens {
		if err := tx.Tokens.Delete(ctx, t.ID); err != nil {
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
