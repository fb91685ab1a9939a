package app

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/usher-id/usher/internal/edit"
	"github.com/usher-id/usher/internal/org"
)

// Where properties are in the API.
const (
	credentials      = "credentials.oauthClient."
	settings         = "settings.oauthClient."
	clientIDProperty = credentials + "client_id"
)

// clientIDForm is Okta's, and reservedClientID stands for all clients in its
// policies.
var clientIDForm = regexp.MustCompile(`^[A-Za-z0-9$\-_.+!*'(),]{6,100}$`)

const reservedClientID = "ALL_CLIENTS"

// check judges what a client says of an app, all of it, when it is complete. old
// is the app as it is, or nil.
func (in *Input) check(old *org.App) error {
	var found edit.Problems
	if old == nil {
		in.checkNames(&found)
	}
	found.Add("label", edit.NameProblem(in.Label))
	found.AddUnless(in.Settings.Profile == "" || in.Settings.Profile[0] == '{', "profile", "must be an object")
	for _, property := range in.Unsupported {
		found.Add(property, "is not supported by this version")
	}
	in.checkAppearance(&found)
	in.checkClient(&found)
	in.checkGrants(&found)
	in.checkURIs(&found)
	in.checkLogin(&found)
	checkKeys(in.Keys, in.keysProperty, in.Settings.OAuth, &found)
	if len(found) == 0 {
		return nil
	}
	object, _, _ := strings.Cut(found[0].Field, ".")
	return found.Fault(object)
}

func (in *Input) keysProperty(i int, name string) string {
	if name == "" {
		return settings + "jwks"
	}
	return fmt.Sprintf("%sjwks.keys[%d].%s", settings, i, name)
}

// checkNames judges what cannot change later.
func (in *Input) checkNames(found *edit.Problems) {
	found.OneOf("name", in.Name, org.AppOIDC)
	found.OneOf("signOnMode", in.SignOnMode, signOnOIDC)
	if in.ClientID != "" {
		found.AddUnless(clientIDForm.MatchString(in.ClientID) && in.ClientID != reservedClientID, clientIDProperty,
			"must have 6 to 100 letters, digits and characters of $-_.+!*'(), and must not be "+reservedClientID)
	}
}

// maxURI is the length of addresses, in characters, and maxNote that of what is
// written about an app.
const (
	maxURI  = 1024
	maxNote = 4096
)

// checkAppearance judges what has to do with the dashboard, and with names.
func (in *Input) checkAppearance(found *edit.Problems) {
	s := &in.Settings
	found.Add("accessibility.errorRedirectUrl", webAddressProblem(s.ErrorRedirectURL))
	found.Add("accessibility.loginRedirectUrl", webAddressProblem(s.LoginRedirectURL))
	const template = "credentials.userNameTemplate."
	found.OneOf(template+"type", s.UserName.Type, "BUILT_IN", "CUSTOM", "NONE")
	found.Add(template+"template", edit.TextProblem(s.UserName.Template, maxURI))
	found.Add(template+"userSuffix", edit.TextProblem(s.UserName.Suffix, edit.MaxName))
	if s.UserName.PushStatus != "" {
		found.OneOf(template+"pushStatus", s.UserName.PushStatus, "PUSH", "DONT_PUSH", "NOT_CONFIGURED")
	}
	tooLong := fmt.Sprintf("must have at most %d bytes", maxNote)
	found.AddUnless(len(s.AdminNote) <= maxNote, "settings.notes.admin", tooLong)
	found.AddUnless(len(s.PersonNote) <= maxNote, "settings.notes.enduser", tooLong)
}

// checkClient judges how the client says who it is.
func (in *Input) checkClient(found *edit.Problems) {
	o := &in.Settings.OAuth
	found.OneOf(settings+"application_type", o.ApplicationType, typeWeb, typeBrowser, typeNative, typeService)
	const method = credentials + "token_endpoint_auth_method"
	if o.AuthMethod == methodSecretJWT {
		found.Add(method, methodSecretJWT+" is not supported, since usher keeps no client secret that it could verify a signature with; use "+methodPrivateKey)
	} else {
		found.OneOf(method, o.AuthMethod, methodBasic, methodPost, methodPrivateKey, methodNone)
	}
	if o.AuthMethod == methodNone {
		found.AddUnless(o.PKCERequired, credentials+"pkce_required", "must be true for a client that does not authenticate")
		found.AddUnless(!slices.Contains(o.GrantTypes, grantClient), method, "must not be none with the grant type "+grantClient)
	}
	if in.Secret != "" {
		found.Add(credentials+"client_secret", secretProblem(in.Secret))
	}
	found.OneOf(settings+"consent_method", o.ConsentMethod, "TRUSTED", "REQUIRED")
	found.OneOf(settings+"issuer_mode", o.IssuerMode, issuerModes()...)
	if o.Network != "" {
		found.OneOf(settings+"network.connection", o.Network, networkAnywhere)
	}
}

// Limits of client secrets.
const (
	minSecret = 14
	maxSecret = 100
)

func secretProblem(text string) string {
	for _, r := range text {
		if r < ' ' || r > '~' {
			return "must have printable ASCII characters only"
		}
	}
	if len(text) < minSecret || len(text) > maxSecret {
		return fmt.Sprintf("must have %d to %d characters", minSecret, maxSecret)
	}
	return ""
}

// grantsOf are the grants that each type of app may have, as Okta's reference of
// client registration and its Terraform provider have them, besides those that
// every type may have.
func grantsOf(applicationType string) []string {
	grants := []string{
		grantInteraction, "urn:ietf:params:oauth:grant-type:saml2-bearer", "urn:ietf:params:oauth:grant-type:token-exchange",
		"urn:ietf:params:oauth:grant-type:device_code", "urn:okta:params:oauth:grant-type:otp", "urn:okta:params:oauth:grant-type:oob",
		"http://auth0.com/oauth/grant-type/mfa-otp", "http://auth0.com/oauth/grant-type/mfa-oob", grantImplicit,
	}
	switch applicationType {
	case typeWeb:
		grants = append(grants, grantCode, grantRefresh, grantClient, grantCIBA)
	case typeNative:
		grants = append(grants, grantCode, grantRefresh, grantPassword, grantJWT)
	case typeBrowser:
		grants = append(grants, grantCode, grantRefresh)
	case typeService:
		grants = append(grants, grantClient)
	}
	return grants
}

// checkGrants judges what the client may ask for.
func (in *Input) checkGrants(found *edit.Problems) {
	o := &in.Settings.OAuth
	const property = settings + "grant_types"
	found.AddUnless(len(o.GrantTypes) > 0, property, edit.Blank)
	allowed := grantsOf(o.ApplicationType)
	for i, grant := range o.GrantTypes {
		at := fmt.Sprintf("%s[%d]", property, i)
		found.AddUnless(slices.Contains(allowed, grant), at, fmt.Sprintf("'%s' is not a grant type of %s apps", grant, o.ApplicationType))
		found.AddUnless(!slices.Contains(o.GrantTypes[:i], grant), at, "occurs twice")
	}
	switch o.ApplicationType {
	case typeWeb, typeNative:
		found.AddUnless(slices.Contains(o.GrantTypes, grantCode), property, "must have "+grantCode+" for "+o.ApplicationType+" apps")
	case typeService:
		found.AddUnless(slices.Contains(o.GrantTypes, grantClient), property, "must have "+grantClient+" for service apps")
	}
	for i, response := range o.ResponseTypes {
		found.OneOf(fmt.Sprintf("%sresponse_types[%d]", settings, i), response, "code", "token", "id_token")
	}
	if slices.Contains(o.GrantTypes, grantImplicit) {
		ok := slices.Contains(o.ResponseTypes, "token") || slices.Contains(o.ResponseTypes, "id_token")
		found.AddUnless(ok, settings+"response_types", "must have token or id_token with the grant type implicit")
	}
	if in.redirects() {
		found.AddUnless(len(o.ResponseTypes) > 0, settings+"response_types", edit.Blank)
	}
	if token := o.RefreshToken; token.Rotation != "" {
		found.OneOf(settings+"refresh_token.rotation_type", token.Rotation, rotate, rotateStatic)
		found.AddUnless(0 <= token.Leeway && token.Leeway <= maxLeeway, settings+"refresh_token.leeway", fmt.Sprintf("must be 0 to %d", maxLeeway))
	}
}

// maxLeeway is in seconds.
const maxLeeway = 60

// redirects tells whether a browser comes back to the client in one of its grants.
func (in *Input) redirects() bool {
	return slices.ContainsFunc(in.Settings.OAuth.GrantTypes, func(grant string) bool {
		return grant == grantCode || grant == grantImplicit || grant == grantInteraction
	})
}

// checkLogin judges sign-ins that begin elsewhere, and the way out.
func (in *Input) checkLogin(found *edit.Problems) {
	o := &in.Settings.OAuth
	const login = settings + "idp_initiated_login.mode"
	found.OneOf(login, o.IdPLogin.Mode, disabled, "SPEC", "OKTA")
	if o.IdPLogin.Mode != disabled {
		found.AddUnless(o.InitiateLoginURI != "", settings+"initiate_login_uri", "is needed by "+login+" "+o.IdPLogin.Mode)
		ok := o.ApplicationType == typeNative || o.ApplicationType == typeService || in.redirects()
		found.AddUnless(ok, login, "needs the grant type "+grantCode+", implicit or "+grantInteraction)
	}
	if o.ParticipateSLO {
		ok := o.ApplicationType == typeWeb || o.ApplicationType == typeBrowser
		found.AddUnless(ok, settings+"participate_slo", "is for web and browser apps")
		found.AddUnless(o.FrontChannelLogoutURI != "", settings+"frontchannel_logout_uri", edit.Blank)
	}
}
