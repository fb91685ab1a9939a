package app

import (
	"cmp"
	"slices"
	"time"

	"github.com/usher-id/usher/internal/id"
	"github.com/usher-id/usher/internal/org"
)

// Values of settings, by the names of Okta's API.
const (
	signOnOIDC = "OPENID_CONNECT"

	typeWeb     = "web"
	typeNative  = "native"
	typeBrowser = "browser"
	typeService = "service"

	methodBasic      = "client_secret_basic"
	methodPost       = "client_secret_post"
	methodSecretJWT  = "client_secret_jwt"
	methodPrivateKey = "private_key_jwt"
	methodNone       = "none"

	grantCode        = "authorization_code"
	grantImplicit    = "implicit"
	grantInteraction = "interaction_code"
	grantRefresh     = "refresh_token"
	grantClient      = "client_credentials"
	grantPassword    = "password"
	grantJWT         = "urn:ietf:params:oauth:grant-type:jwt-bearer"
	grantCIBA        = "urn:openid:params:grant-type:ciba"

	disabled          = "DISABLED"
	wildcardSubdomain = "SUBDOMAIN"
	rotate            = "ROTATE"
	rotateStatic      = "STATIC"
	networkAnywhere   = "ANYWHERE"
)

// defaultLeeway is that of a refresh token which rotates, in seconds.
const defaultLeeway = 30

// Input is what a client says of an app. What it leaves out has Okta's defaults.
type Input struct {
	Name       string
	SignOnMode string
	ClientID   string // "" for the id of the app; not looked at when the app is there
	Label      string
	Settings   org.AppSettings
	// Secret is the client's, "" to keep the one that is there or make one.
	Secret string
	// PKCERequired and Leeway (of a refresh token) are in the settings when they are
	// said, and nil when they are not.
	PKCERequired *bool
	Leeway       *int
	Keys         []KeyInput
	// Unsupported are properties that the client named and usher does not know,
	// although the client is safer by them: they must not be lost in silence.
	Unsupported []string
}

// complete fills in what was left out. old is the app as it is, or nil.
func (in *Input) complete(old *org.App) {
	o := &in.Settings.OAuth
	fill := func(value *string, byDefault string) { *value = cmp.Or(*value, byDefault) }
	fill(&in.Settings.UserName.Template, "${source.login}")
	fill(&in.Settings.UserName.Type, "BUILT_IN")
	fill(&o.ApplicationType, typeWeb)
	public := o.ApplicationType == typeBrowser || o.ApplicationType == typeNative
	if public {
		fill(&o.AuthMethod, methodNone)
	}
	fill(&o.AuthMethod, methodBasic)
	fill(&o.ConsentMethod, "TRUSTED")
	fill(&o.IssuerMode, "ORG_URL")
	fill(&o.WildcardRedirect, disabled)
	fill(&o.IdPLogin.Mode, disabled)
	if o.PKCERequired = public || o.AuthMethod == methodNone; in.PKCERequired != nil {
		o.PKCERequired = *in.PKCERequired
	}
	for _, list := range []*[]string{&o.GrantTypes, &o.ResponseTypes, &o.RedirectURIs, &o.PostLogoutRedirectURIs, &o.IdPLogin.Scopes} {
		*list = append([]string{}, *list...) // not nil, as the store gives it back
	}
	in.completeRefreshToken(old)
	if old != nil {
		in.Settings.IDToken = old.Settings.IDToken // has a call of its own
	}
}

// completeRefreshToken keeps what was configured when nothing is said, as Okta's
// reference has it.
func (in *Input) completeRefreshToken(old *org.App) {
	o := &in.Settings.OAuth
	token := &o.RefreshToken
	if !slices.Contains(o.GrantTypes, grantRefresh) {
		*token = org.RefreshToken{}
		return
	}
	had := org.RefreshToken{Rotation: rotateStatic}
	if o.ApplicationType == typeBrowser {
		had.Rotation = rotate
	}
	if old != nil && old.Settings.OAuth.RefreshToken.Rotation != "" {
		had = old.Settings.OAuth.RefreshToken
	}
	token.Rotation = cmp.Or(token.Rotation, had.Rotation)
	switch {
	case token.Rotation == rotateStatic:
		token.Leeway = 0 // an old one never ends
	case in.Leeway != nil:
		token.Leeway = *in.Leeway
	case had.Rotation == rotate && old != nil:
		token.Leeway = had.Leeway
	default:
		token.Leeway = defaultLeeway
	}
}

// apply puts what was said into an app. Keys that were there keep their ids.
func (in *Input) apply(a *org.App, now time.Time) {
	a.Label, a.Settings = in.Label, in.Settings
	had := a.Keys
	a.Keys = nil
	for _, k := range in.Keys {
		made := k.key(now)
		i := slices.IndexFunc(had, func(old org.ClientKey) bool {
			same := made
			same.Credential = old.Credential
			return same == old
		})
		if i >= 0 {
			made.ID, made.Created = had[i].ID, had[i].Created
			if made.Status == had[i].Status {
				made.LastUpdated = had[i].LastUpdated
			}
		}
		a.Keys = append(a.Keys, made)
	}
}

// secretLength is that of Okta's client secrets, of 6 bits a character.
const secretLength = 64

// takeSecret gives an app the secret that was said, or one that is new to an app
// which needs one and has none, and gives its text; it is empty for a secret that
// stays. A client that says who it is in another way has no secret.
func takeSecret(a *org.App, in Input, now time.Time) org.Secret {
	if !usesSecret(a) {
		a.Secrets = nil // and what a browser knows is no secret
		return org.Secret{}
	}
	text := in.Secret
	isActive := func(s org.ClientSecret) bool { return s.Status == org.StatusActive }
	named := func(s org.ClientSecret) bool { return s.Digest.Matches(text) }
	switch {
	case text == "" && slices.ContainsFunc(a.Secrets, isActive):
		return org.Secret{}
	case text == "":
		text = id.Text(secretLength)
	}
	if i := slices.IndexFunc(a.Secrets, named); i >= 0 {
		if s := &a.Secrets[i]; !isActive(*s) {
			s.Status, s.LastUpdated = org.StatusActive, now
		}
		return org.NewSecret(text)
	}
	made := newSecret(text, org.StatusActive, now)
	last := -1
	for i, s := range a.Secrets {
		if isActive(s) {
			last = i
		}
	}
	if last < 0 {
		a.Secrets = append(a.Secrets, made)
	} else {
		a.Secrets[last] = made // an older one is being replaced by it
	}
	return org.NewSecret(text)
}

func usesSecret(a *org.App) bool {
	return a.Settings.OAuth.AuthMethod == methodBasic || a.Settings.OAuth.AuthMethod == methodPost
}

func newSecret(text, status string, now time.Time) org.ClientSecret {
	c := org.Credential{ID: id.New(id.AppSecret), Status: status, Created: now, LastUpdated: now}
	return org.ClientSecret{Credential: c, Digest: org.DigestOf(text)}
}
