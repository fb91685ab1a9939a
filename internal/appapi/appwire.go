package appapi

import (
	"bytes"
	"encoding/json"
	"net/http"

	"github.com/usher-id/usher/internal/app"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/web"
)

// appJSON is an app in Okta's JSON, its keys in the order of a recorded answer.
type appJSON struct {
	ID            string            `json:"id"`
	ORN           string            `json:"orn"`
	Name          string            `json:"name"`
	Label         string            `json:"label"`
	Status        string            `json:"status"`
	LastUpdated   string            `json:"lastUpdated"`
	Created       string            `json:"created"`
	Accessibility accessibilityJSON `json:"accessibility"`
	Visibility    visibilityJSON    `json:"visibility"`
	Features      []string          `json:"features"`
	SignOnMode    string            `json:"signOnMode"`
	Credentials   appCredentials    `json:"credentials"`
	Profile       json.RawMessage   `json:"profile,omitempty"`
	Settings      settingsJSON      `json:"settings"`
	Links         appLinks          `json:"_links"`
}

type accessibilityJSON struct {
	SelfService      bool    `json:"selfService"`
	ErrorRedirectURL *string `json:"errorRedirectUrl"`
	LoginRedirectURL *string `json:"loginRedirectUrl"`
}

type visibilityJSON struct {
	AutoLaunch        bool            `json:"autoLaunch"`
	AutoSubmitToolbar bool            `json:"autoSubmitToolbar"`
	Hide              hideJSON        `json:"hide"`
	AppLinks          map[string]bool `json:"appLinks"`
}

type hideJSON struct {
	IOS *bool `json:"iOS"`
	Web *bool `json:"web"`
}

type appCredentials struct {
	UserNameTemplate templateJSON    `json:"userNameTemplate"`
	Signing          *signingJSON    `json:"signing"`
	OAuthClient      clientIdentJSON `json:"oauthClient"`
}

type templateJSON struct {
	Template   string `json:"template"`
	Type       string `json:"type"`
	UserSuffix string `json:"userSuffix,omitempty"`
	PushStatus string `json:"pushStatus,omitempty"`
}

type signingJSON struct {
	KID string `json:"kid"`
}

type clientIdentJSON struct {
	AutoKeyRotation *bool  `json:"autoKeyRotation"`
	ClientID        string `json:"client_id"`
	ClientSecret    string `json:"client_secret,omitempty"`
	AuthMethod      string `json:"token_endpoint_auth_method"`
	PKCERequired    *bool  `json:"pkce_required"`
}

// settingsJSON has app and manualProvisioning for Terraform's provider, which
// sends them back as it got them.
type settingsJSON struct {
	App                struct{}   `json:"app"`
	ManualProvisioning bool       `json:"manualProvisioning"`
	ImplicitAssignment bool       `json:"implicitAssignment"`
	Notes              notesJSON  `json:"notes"`
	OAuthClient        clientJSON `json:"oauthClient"`
}

type notesJSON struct {
	Admin   *string `json:"admin"`
	EndUser *string `json:"enduser"`
}

// clientJSON has null for what recorded answers have as null, and leaves out what
// they leave out.
type clientJSON struct {
	ClientURI                 *string     `json:"client_uri"`
	LogoURI                   *string     `json:"logo_uri"`
	RedirectURIs              []string    `json:"redirect_uris"`
	PostLogoutRedirectURIs    []string    `json:"post_logout_redirect_uris,omitempty"`
	ResponseTypes             []string    `json:"response_types"`
	GrantTypes                []string    `json:"grant_types"`
	InitiateLoginURI          string      `json:"initiate_login_uri,omitempty"`
	TOSURI                    string      `json:"tos_uri,omitempty"`
	PolicyURI                 string      `json:"policy_uri,omitempty"`
	JWKS                      *jwksJSON   `json:"jwks,omitempty"`
	JWKSURI                   string      `json:"jwks_uri,omitempty"`
	ApplicationType           string      `json:"application_type"`
	ConsentMethod             string      `json:"consent_method"`
	IssuerMode                string      `json:"issuer_mode"`
	RefreshToken              *refresh    `json:"refresh_token,omitempty"`
	IdPInitiatedLogin         idpLogin    `json:"idp_initiated_login"`
	WildcardRedirect          string      `json:"wildcard_redirect"`
	DPoPBound                 bool        `json:"dpop_bound_access_tokens"`
	Network                   *connection `json:"network,omitempty"`
	ParticipateSLO            bool        `json:"participate_slo"`
	FrontChannelLogoutURI     string      `json:"frontchannel_logout_uri,omitempty"`
	FrontChannelLogoutSession *bool       `json:"frontchannel_logout_session_required,omitempty"`
	// Those that follow are read alone, so that they are not lost in silence.
	RequestObjectSigningAlg string `json:"request_object_signing_alg,omitempty"`
	IDTokenEncryptionAlg    string `json:"id_token_encrypted_response_alg,omitempty"`
	SectorIdentifierURI     string `json:"sector_identifier_uri,omitempty"`
	SubjectType             string `json:"subject_type,omitempty"`
	BackChannelSigningAlg   string `json:"backchannel_authentication_request_signing_alg,omitempty"`
	BackChannelID           string `json:"backchannel_custom_authenticator_id,omitempty"`
}

type jwksJSON struct {
	Keys []keyJSON `json:"keys"`
}

type refresh struct {
	RotationType string `json:"rotation_type"`
	Leeway       *int   `json:"leeway,omitempty"`
}

type idpLogin struct {
	Mode         string   `json:"mode"`
	DefaultScope []string `json:"default_scope"`
}

type connection struct {
	Connection string `json:"connection"`
}

func (a *API) appJSON(i *app.Instance) appJSON {
	s := &i.Settings
	j := appJSON{
		ID: i.ID, ORN: "orn:okta:idp:" + a.OrgID + ":apps:" + i.Name + ":" + i.ID, Name: i.Name, Label: i.Label, Status: i.Status,
		LastUpdated: web.Time(i.LastUpdated), Created: web.Time(i.Created),
		Accessibility: accessibilityJSON{s.SelfService, orNull(s.ErrorRedirectURL), orNull(s.LoginRedirectURL)},
		Visibility: visibilityJSON{
			s.AutoLaunch, s.AutoSubmitToolbar, hideJSON{&s.HideIOS, &s.HideWeb}, map[string]bool{"oidc_client_link": true},
		},
		Features: []string{}, SignOnMode: "OPENID_CONNECT", Profile: json.RawMessage(s.Profile),
		Credentials: appCredentials{
			templateJSON{s.UserName.Template, s.UserName.Type, s.UserName.Suffix, s.UserName.PushStatus},
			&signingJSON{i.SigningKey},
			clientIdentJSON{&s.OAuth.AutoKeyRotation, i.ClientID, i.Secret.Reveal(), s.OAuth.AuthMethod, &s.OAuth.PKCERequired},
		},
		Settings: settingsJSON{
			ImplicitAssignment: s.ImplicitAssignment,
			Notes:              notesJSON{orNull(s.AdminNote), orNull(s.PersonNote)},
			OAuthClient:        clientSettings(i),
		},
		Links: a.appLinks(i),
	}
	return j
}

func clientSettings(i *app.Instance) clientJSON {
	o := &i.Settings.OAuth
	j := clientJSON{
		ClientURI: orNull(o.ClientURI), LogoURI: orNull(o.LogoURI), RedirectURIs: o.RedirectURIs,
		PostLogoutRedirectURIs: o.PostLogoutRedirectURIs, ResponseTypes: o.ResponseTypes, GrantTypes: o.GrantTypes,
		InitiateLoginURI: o.InitiateLoginURI, TOSURI: o.TOSURI, PolicyURI: o.PolicyURI, JWKSURI: o.JWKSURI,
		ApplicationType: o.ApplicationType, ConsentMethod: o.ConsentMethod, IssuerMode: o.IssuerMode,
		IdPInitiatedLogin: idpLogin{o.IdPLogin.Mode, o.IdPLogin.Scopes}, WildcardRedirect: o.WildcardRedirect,
		DPoPBound: o.DPoPBound, ParticipateSLO: o.ParticipateSLO, FrontChannelLogoutURI: o.FrontChannelLogoutURI,
	}
	if len(i.Keys) > 0 {
		j.JWKS = &jwksJSON{make([]keyJSON, len(i.Keys))}
		for n := range i.Keys {
			j.JWKS.Keys[n] = newKeyJSON(&i.Keys[n])
		}
	}
	if token := o.RefreshToken; token.Rotation != "" {
		j.RefreshToken = &refresh{RotationType: token.Rotation}
		if token.Rotation == "ROTATE" {
			j.RefreshToken.Leeway = &token.Leeway
		}
	}
	if o.Network != "" {
		j.Network = &connection{o.Network}
	}
	if o.FrontChannelLogoutURI != "" {
		j.FrontChannelLogoutSession = &o.FrontChannelLogoutSession
	}
	return j
}

// orNull is a text that is null without one.
func orNull(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// appBody is an app as clients write it. What else they send (id, status, features,
// the links that they got) is not looked at.
type appBody struct {
	Name          string            `json:"name"`
	Label         string            `json:"label"`
	SignOnMode    string            `json:"signOnMode"`
	Accessibility accessibilityJSON `json:"accessibility"`
	Visibility    visibilityJSON    `json:"visibility"`
	Credentials   appCredentials    `json:"credentials"`
	Profile       json.RawMessage   `json:"profile"`
	Settings      struct {
		ImplicitAssignment bool       `json:"implicitAssignment"`
		Notes              notesJSON  `json:"notes"`
		OAuthClient        clientJSON `json:"oauthClient"`
	} `json:"settings"`
}

func readApp(r *http.Request) (app.Input, error) {
	var body appBody
	if err := web.ReadJSON(r, &body); err != nil {
		return app.Input{}, err
	}
	c, client := &body.Credentials.OAuthClient, &body.Settings.OAuthClient
	in := app.Input{
		Name: body.Name, SignOnMode: body.SignOnMode, Label: body.Label, ClientID: c.ClientID, Secret: c.ClientSecret,
		PKCERequired: c.PKCERequired, Settings: body.settings(), Unsupported: client.unsupported(),
	}
	if client.RefreshToken != nil {
		in.Leeway = client.RefreshToken.Leeway
	}
	if client.JWKS != nil {
		for _, k := range client.JWKS.Keys {
			in.Keys = append(in.Keys, k.input())
		}
	}
	return in, nil
}

// settings are those that a body says, with Okta's defaults of what is on or off.
func (b *appBody) settings() org.AppSettings {
	t := b.Credentials.UserNameTemplate
	s := org.AppSettings{
		SelfService: b.Accessibility.SelfService, ErrorRedirectURL: orEmpty(b.Accessibility.ErrorRedirectURL),
		LoginRedirectURL: orEmpty(b.Accessibility.LoginRedirectURL),
		AutoLaunch:       b.Visibility.AutoLaunch, AutoSubmitToolbar: b.Visibility.AutoSubmitToolbar,
		HideIOS: orTrue(b.Visibility.Hide.IOS), HideWeb: orTrue(b.Visibility.Hide.Web),
		UserName:           org.UserNameTemplate{Template: t.Template, Type: t.Type, Suffix: t.UserSuffix, PushStatus: t.PushStatus},
		ImplicitAssignment: b.Settings.ImplicitAssignment,
		AdminNote:          orEmpty(b.Settings.Notes.Admin), PersonNote: orEmpty(b.Settings.Notes.EndUser),
		Profile: compact(b.Profile),
		OAuth:   b.Settings.OAuthClient.settings(),
	}
	s.OAuth.AuthMethod = b.Credentials.OAuthClient.AuthMethod
	s.OAuth.AutoKeyRotation = orTrue(b.Credentials.OAuthClient.AutoKeyRotation)
	return s
}

func (c *clientJSON) settings() org.OAuthSettings {
	o := org.OAuthSettings{
		ApplicationType: c.ApplicationType, GrantTypes: c.GrantTypes, ResponseTypes: c.ResponseTypes,
		RedirectURIs: c.RedirectURIs, PostLogoutRedirectURIs: c.PostLogoutRedirectURIs, WildcardRedirect: c.WildcardRedirect,
		ClientURI: orEmpty(c.ClientURI), LogoURI: orEmpty(c.LogoURI), TOSURI: c.TOSURI, PolicyURI: c.PolicyURI,
		InitiateLoginURI: c.InitiateLoginURI, JWKSURI: c.JWKSURI, FrontChannelLogoutURI: c.FrontChannelLogoutURI,
		FrontChannelLogoutSession: c.FrontChannelLogoutSession != nil && *c.FrontChannelLogoutSession, ParticipateSLO: c.ParticipateSLO,
		ConsentMethod: c.ConsentMethod, IssuerMode: c.IssuerMode, DPoPBound: c.DPoPBound,
		IdPLogin: org.IdPLogin{Mode: c.IdPInitiatedLogin.Mode, Scopes: c.IdPInitiatedLogin.DefaultScope},
	}
	if c.Network != nil {
		o.Network = c.Network.Connection
	}
	if c.RefreshToken != nil {
		o.RefreshToken.Rotation = c.RefreshToken.RotationType
	}
	return o
}

// unsupported are properties of a client without which it is less safe, or its
// people are less private, than it takes itself to be.
func (c *clientJSON) unsupported() (names []string) {
	for _, p := range [...]struct {
		name string
		said bool
	}{
		{"request_object_signing_alg", c.RequestObjectSigningAlg != ""},
		{"id_token_encrypted_response_alg", c.IDTokenEncryptionAlg != ""},
		{"sector_identifier_uri", c.SectorIdentifierURI != ""},
		{"backchannel_authentication_request_signing_alg", c.BackChannelSigningAlg != ""},
		{"backchannel_custom_authenticator_id", c.BackChannelID != ""},
		{"subject_type", c.SubjectType != "" && c.SubjectType != "public"},
	} {
		if p.said {
			names = append(names, "settings.oauthClient."+p.name)
		}
	}
	return names
}

func orEmpty(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}

func orTrue(b *bool) bool { return b == nil || *b }

// compact is the text of a value without white space, or "" for null.
func compact(value json.RawMessage) string {
	var text bytes.Buffer
	if len(value) == 0 || string(value) == "null" || json.Compact(&text, value) != nil {
		return ""
	}
	return text.String()
}
