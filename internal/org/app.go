package org

import (
	"slices"
	"time"
)

// AppOIDC is the name of every app that is an OpenID Connect client of the owner's
// own, and not one of Okta's catalogue.
const AppOIDC = "oidc_client"

// App is an OpenID Connect client ("app integration" in the Admin Console).
type App struct {
	ID       string
	ClientID string // for life
	Name     string // AppOIDC
	Label    string
	Status   string // StatusActive or StatusInactive
	// PolicyID is the profile enrollment policy of who signs up for the app, or ""
	// for the default one.
	PolicyID string
	Settings AppSettings
	// Keys are the public keys that the client signs with.
	Keys []ClientKey
	// Secrets are those that the client may name, the oldest first.
	Secrets     []ClientSecret
	Created     time.Time
	LastUpdated time.Time
	// Version counts changes, for compare and swap.
	Version int64
}

// AppSettings are the properties of an app that a client writes whole.
type AppSettings struct {
	SelfService                        bool
	ErrorRedirectURL, LoginRedirectURL string // "" for none
	AutoLaunch, AutoSubmitToolbar      bool
	HideIOS, HideWeb                   bool
	UserName                           UserNameTemplate
	// ImplicitAssignment opens the app to everybody.
	ImplicitAssignment    bool
	AdminNote, PersonNote string // "" for none
	Profile               string // the JSON of an object of the owner's, "" for none
	OAuth                 OAuthSettings
	IDToken               IDTokenClaim
}

// UserNameTemplate says what people are called in an app.
type UserNameTemplate struct {
	Template   string // as in ${source.login}
	Type       string // BUILT_IN, CUSTOM or NONE
	Suffix     string // "" for none
	PushStatus string // "" for none
}

// OAuthSettings are those of the client, by the names of RFC 7591 and of OpenID
// Connect's registration, and Okta's own.
type OAuthSettings struct {
	AuthMethod             string // at the token endpoint
	PKCERequired           bool
	AutoKeyRotation        bool
	ApplicationType        string
	GrantTypes             []string
	ResponseTypes          []string
	RedirectURIs           []string
	PostLogoutRedirectURIs []string
	WildcardRedirect       string // DISABLED or SUBDOMAIN
	// URIs, "" for none.
	ClientURI, LogoURI, TOSURI, PolicyURI string
	InitiateLoginURI, JWKSURI             string
	FrontChannelLogoutURI                 string
	FrontChannelLogoutSession             bool
	ParticipateSLO                        bool
	ConsentMethod                         string // TRUSTED or REQUIRED
	IssuerMode                            string // ORG_URL, CUSTOM_URL or DYNAMIC
	Network                               string // ANYWHERE, or "" when nobody said so
	DPoPBound                             bool
	RefreshToken                          RefreshToken // the zero value without that grant
	IdPLogin                              IdPLogin
}

// RefreshToken is how refresh tokens of a client change.
type RefreshToken struct {
	Rotation string // ROTATE or STATIC
	Leeway   int    // seconds for which an old one is good, with ROTATE
}

// IdPLogin is whether a sign-in may begin at the identity provider.
type IdPLogin struct {
	Mode   string // DISABLED, SPEC or OKTA
	Scopes []string
}

// IDTokenClaim is one claim more in ID tokens of the app; the zero value is none.
type IDTokenClaim struct {
	Name            string
	Value           string
	ValueType       string // EXPRESSION or GROUPS
	GroupFilterType string
}

// Credential is what secrets and keys of a client have in common.
type Credential struct {
	ID          string
	Status      string // StatusActive or StatusInactive
	Created     time.Time
	LastUpdated time.Time
}

// ClientKey is a public key of a client (RFC 7517), its numbers in the base64url
// that the client wrote.
type ClientKey struct {
	Credential
	KID       string // "" for none, which only a single key can have
	Type      string // RSA or EC
	Algorithm string // "" for none
	Use       string // sig, or "" for none
	N, E      string // of RSA
	X, Y      string // of EC
	Curve     string // of EC; "" when the client left it to the length
}

// ClientSecret is a secret of a client. Its text is shown when it is made, and
// not kept.
type ClientSecret struct {
	Credential
	Digest Digest
}

// HasSecret tells whether a text is an active secret of the app.
func (a *App) HasSecret(text string) bool {
	return slices.ContainsFunc(a.Secrets, func(s ClientSecret) bool {
		return s.Status == StatusActive && s.Digest.Matches(text)
	})
}

// AppGroup is an app that is assigned to a group.
type AppGroup struct {
	AppID, GroupID string
	Priority       int               // the lowest is the first
	Profile        map[string]string // claims that its members have in the app; never nil
	LastUpdated    time.Time
}

// AppUser is an app that is assigned to a user.
type AppUser struct {
	AppID, UserID string
	UserName      string            // what the user is called in the app, "" by the app's template
	Profile       map[string]string // claims that differ from those of the user's profile; never nil
	Created       time.Time
	LastUpdated   time.Time
}
