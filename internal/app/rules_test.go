package app_test

import (
	"strings"
	"testing"

	"github.com/usher-id/usher/internal/app"
	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/org"
)

// oauth makes a change of the client's settings.
func oauth(change func(*org.OAuthSettings)) func(*app.Input) {
	return func(in *app.Input) { change(&in.Settings.OAuth) }
}

// of makes the input one of another type, with the grants of it.
func of(applicationType string, grants ...string) func(*app.Input) {
	return oauth(func(o *org.OAuthSettings) {
		o.ApplicationType, o.GrantTypes = applicationType, grants
		o.ResponseTypes, o.RedirectURIs = nil, nil
	})
}

// redirecting gives it what a browser needs.
func redirecting(uris ...string) func(*app.Input) {
	return oauth(func(o *org.OAuthSettings) { o.ResponseTypes, o.RedirectURIs = []string{"code", "token"}, uris })
}

func method(name string) func(*app.Input) {
	return oauth(func(o *org.OAuthSettings) { o.AuthMethod = name })
}

const (
	grantExchange = "urn:ietf:params:oauth:grant-type:token-exchange"
	absoluteURL   = "must be an absolute URL that begins with https:// or http://"
)

// Every rule of the table in Okta's reference, and what it lets through.
func TestAppRules(t *testing.T) {
	s := newOrg(t)
	client, ident := "settings.oauthClient.", "credentials.oauthClient."
	for name, c := range map[string]struct {
		in   app.Input
		want []string
	}{
		"web": {web(), nil},
		"name": {web(func(in *app.Input) { in.Name, in.SignOnMode, in.Label = "salesforce", "SAML_2_0", " " }),
			[]string{"name: must be oidc_client", "signOnMode: must be OPENID_CONNECT", "label: The field cannot be left blank"}},
		"client id":                {web(func(in *app.Input) { in.ClientID = "a-Z_0.+!*'(),$" }), nil},
		"client id: short":         {web(func(in *app.Input) { in.ClientID = "five5" }), []string{ident + "client_id: " + clientIDProblem}},
		"client id: slash":         {web(func(in *app.Input) { in.ClientID = "not/this" }), []string{ident + "client_id: " + clientIDProblem}},
		"client id: reserved":      {web(func(in *app.Input) { in.ClientID = "ALL_CLIENTS" }), []string{ident + "client_id: " + clientIDProblem}},
		"secret":                   {web(func(in *app.Input) { in.Secret = "fourteen chars" }), nil},
		"secret: short":            {web(func(in *app.Input) { in.Secret = "thirteen char" }), []string{ident + "client_secret: must have 14 to 100 characters"}},
		"secret: long":             {web(func(in *app.Input) { in.Secret = strings.Repeat("x", 101) }), []string{ident + "client_secret: must have 14 to 100 characters"}},
		"secret: letters":          {web(func(in *app.Input) { in.Secret = "fourteen chärs" }), []string{ident + "client_secret: must have printable ASCII characters only"}},
		"post":                     {web(method("client_secret_post")), nil},
		"secret that is needed":    {web(method("client_secret_jwt")), []string{ident + "token_endpoint_auth_method: client_secret_jwt is not supported, since usher keeps no client secret that it could verify a signature with; use private_key_jwt"}},
		"no such method":           {web(method("tls_client_auth")), []string{ident + "token_endpoint_auth_method: must be client_secret_basic, client_secret_post, private_key_jwt or none"}},
		"none without PKCE":        {web(method("none"), func(in *app.Input) { in.PKCERequired = new(false) }), []string{ident + "pkce_required: must be true for a client that does not authenticate"}},
		"basic without PKCE":       {web(func(in *app.Input) { in.PKCERequired = new(false) }), nil},
		"none with a grant for it": {web(method("none"), of("service", "client_credentials")), []string{ident + "token_endpoint_auth_method: must not be none with the grant type client_credentials"}},

		"no such type":     {web(oauth(func(o *org.OAuthSettings) { o.ApplicationType = "app" })), []string{client + "application_type: must be web, browser, native or service", client + "grant_types[0]: 'authorization_code' is not a grant type of app apps"}},
		"no grants":        {web(of("browser")), []string{client + "grant_types: The field cannot be left blank"}},
		"grant twice":      {web(of("browser", "implicit", "implicit"), redirecting("https://a.example")), []string{client + "grant_types[1]: occurs twice"}},
		"web without code": {web(of("web", "client_credentials")), []string{client + "grant_types: must have authorization_code for web apps"}},
		"web, all":         {web(of("web", "authorization_code", "implicit", "refresh_token", "client_credentials", "interaction_code", grantExchange), redirecting("https://a.example")), nil},
		"web, not":         {web(of("web", "authorization_code", "password"), redirecting("https://a.example")), []string{client + "grant_types[1]: 'password' is not a grant type of web apps"}},
		"native":           {web(of("native", "authorization_code", "password", "refresh_token"), redirecting("com.example.shop:/callback", "http://127.0.0.1/x")), nil},
		"native without":   {web(of("native", "password")), []string{client + "grant_types: must have authorization_code for native apps"}},
		"native, not":      {web(of("native", "authorization_code", "client_credentials"), redirecting("a:/")), []string{ident + "token_endpoint_auth_method: must not be none with the grant type client_credentials", client + "grant_types[1]: 'client_credentials' is not a grant type of native apps"}},
		"browser":          {web(of("browser", "interaction_code", "refresh_token"), redirecting("http://localhost:3000/")), nil},
		"service":          {web(of("service", "client_credentials", "implicit"), redirecting("http://d.com/")), nil},
		"service without":  {web(of("service", grantExchange)), []string{client + "grant_types: must have client_credentials for service apps"}},
		"service, not":     {web(of("service", "client_credentials", "authorization_code"), redirecting("https://a.example")), []string{client + "grant_types[1]: 'authorization_code' is not a grant type of service apps"}},
		"implicit, no type": {web(of("browser", "implicit"), oauth(func(o *org.OAuthSettings) {
			o.ResponseTypes, o.RedirectURIs = []string{"code"}, []string{"https://a.example"}
		})), []string{client + "response_types: must have token or id_token with the grant type implicit"}},
		"no such response": {web(oauth(func(o *org.OAuthSettings) { o.ResponseTypes = []string{"code", "cookie"} })), []string{client + "response_types[1]: must be code, token or id_token"}},
		"nowhere to go":    {web(oauth(func(o *org.OAuthSettings) { o.ResponseTypes, o.RedirectURIs = nil, []string{} })), []string{client + "response_types: The field cannot be left blank", client + "redirect_uris: The field cannot be left blank"}},

		"refresh":              {web(of("web", "authorization_code", "refresh_token"), redirecting("https://a.example"), leeway("ROTATE", 60)), nil},
		"refresh, not so long": {web(of("web", "authorization_code", "refresh_token"), redirecting("https://a.example"), leeway("ROTATE", 61)), []string{client + "refresh_token.leeway: must be 0 to 60"}},
		"refresh, no such":     {web(of("web", "authorization_code", "refresh_token"), redirecting("https://a.example"), leeway("NEVER", 60)), []string{client + "refresh_token.rotation_type: must be ROTATE or STATIC"}},
		"refresh without":      {web(leeway("NEVER", 99)), nil},

		"login at the IdP":           {web(oauth(func(o *org.OAuthSettings) { o.IdPLogin.Mode, o.InitiateLoginURI = "SPEC", "https://a.example/login" })), nil},
		"login at the IdP, nowhere":  {web(oauth(func(o *org.OAuthSettings) { o.IdPLogin.Mode = "OKTA" })), []string{client + "initiate_login_uri: is needed by " + client + "idp_initiated_login.mode OKTA"}},
		"login at the IdP, no grant": {web(of("browser", grantExchange), oauth(func(o *org.OAuthSettings) { o.IdPLogin.Mode, o.InitiateLoginURI = "SPEC", "https://a.example/login" })), []string{client + "idp_initiated_login.mode: needs the grant type authorization_code, implicit or interaction_code"}},
		"login, no such":             {web(oauth(func(o *org.OAuthSettings) { o.IdPLogin.Mode, o.InitiateLoginURI = "NO", "https://a.example" })), []string{client + "idp_initiated_login.mode: must be DISABLED, SPEC or OKTA"}},
		"logout":                     {web(oauth(func(o *org.OAuthSettings) { o.ParticipateSLO, o.FrontChannelLogoutURI = true, "https://a.example/out" })), nil},
		"logout, nowhere":            {web(oauth(func(o *org.OAuthSettings) { o.ParticipateSLO = true })), []string{client + "frontchannel_logout_uri: The field cannot be left blank"}},
		"logout of a service": {web(of("service", "client_credentials"), oauth(func(o *org.OAuthSettings) { o.ParticipateSLO, o.FrontChannelLogoutURI = true, "https://a.example" })),
			[]string{client + "participate_slo: is for web and browser apps"}},

		"consent, issuer, network": {web(oauth(func(o *org.OAuthSettings) { o.ConsentMethod, o.IssuerMode, o.Network = "MAYBE", "NOBODY", "ZONE" })),
			[]string{client + "consent_method: must be TRUSTED or REQUIRED", client + "issuer_mode: must be ORG_URL, CUSTOM_URL or DYNAMIC", client + "network.connection: must be ANYWHERE"}},
		"pages": {web(oauth(func(o *org.OAuthSettings) {
			o.ClientURI, o.LogoURI, o.TOSURI, o.PolicyURI, o.InitiateLoginURI = "/a", "ftp://a.example", "https://", "https://u:p@a.example", "https://a.example/ b"
		})), []string{client + "client_uri: " + absoluteURL, client + "logo_uri: " + absoluteURL, client + "tos_uri: must name a host",
			client + "policy_uri: must not have a user name or a password", client + "initiate_login_uri: " + absoluteURL}},
		"looks": {web(func(in *app.Input) {
			in.Settings.ErrorRedirectURL, in.Settings.LoginRedirectURL, in.Settings.Profile = "x", "y", "[]"
			in.Settings.UserName = org.UserNameTemplate{Type: "SPECIAL", Suffix: strings.Repeat("x", 256), PushStatus: "PULL"}
			in.Settings.AdminNote = strings.Repeat("x", 4097)
		}), []string{"profile: must be an object", "accessibility.errorRedirectUrl: " + absoluteURL, "accessibility.loginRedirectUrl: " + absoluteURL,
			"credentials.userNameTemplate.type: must be BUILT_IN, CUSTOM or NONE", "credentials.userNameTemplate.userSuffix: must have at most 255 characters",
			"credentials.userNameTemplate.pushStatus: must be PUSH, DONT_PUSH or NOT_CONFIGURED", "settings.notes.admin: must have at most 4096 bytes"}},
		"what is not known": {web(func(in *app.Input) { in.Unsupported = []string{"settings.oauthClient.subject_type"} }),
			[]string{client + "subject_type: is not supported by this version"}},
	} {
		t.Run(name, func(t *testing.T) {
			made, err := s.Create(t.Context(), s.by, c.in, true)
			if c.want != nil {
				refused(t, err, fault.Invalid, c.want...)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			// What is good for a new app is good for one that is there.
			if _, err := s.Replace(t.Context(), s.by, made.ID, c.in); err != nil {
				t.Error(err)
			}
		})
	}
}

const clientIDProblem = "must have 6 to 100 letters, digits and characters of $-_.+!*'(), and must not be ALL_CLIENTS"

func leeway(rotation string, seconds int) func(*app.Input) {
	return func(in *app.Input) {
		in.Settings.OAuth.RefreshToken.Rotation, in.Leeway = rotation, &seconds
	}
}

// The object of a validation error is the one in which the first mistake is.
func TestObjectOfAnError(t *testing.T) {
	s := newOrg(t)
	for want, in := range map[string]app.Input{
		"label":       web(func(in *app.Input) { in.Label = "" }),
		"settings":    web(redirecting("x")),
		"credentials": web(method("x")),
	} {
		_, err := s.Create(t.Context(), s.by, in, true)
		if f := fault.As(err); f == nil || f.Summary != "Api validation failed: "+want {
			t.Errorf("%s: %v", want, err)
		}
	}
}

func TestRedirects(t *testing.T) {
	s := newOrg(t)
	const (
		custom   = "must begin with https:// or http://, unless the app is native"
		wildcard = "may have one *, in the lowest subdomain of an https:// address such as https://*.example.com/"
		unasked  = "must not have a * unless wildcard_redirect is SUBDOMAIN"
		absolute = "must be an absolute URI"
	)
	for _, c := range []struct{ uri, web, native, wild string }{
		{"https://a.example/b?c=d", "", "", ""},
		{"http://a.example", "", "", ""},
		{"http://[::1]:3000/", "", "", ""},
		{"myapp://callback", custom, "", custom},
		{"com.example.app:/oauth", custom, "", custom},
		{"", "The field cannot be left blank", "The field cannot be left blank", "The field cannot be left blank"},
		{"/callback", absolute, absolute, absolute},
		{"https://a.example/ x", absolute, absolute, absolute},
		{"https://a.example/\u00e9", absolute, absolute, absolute},
		{"https://a.example/%zz", absolute, absolute, absolute},
		{"https://a.example/#", "must not have a fragment", "must not have a fragment", "must not have a fragment"},
		{"https://a.example/#x", "must not have a fragment", "must not have a fragment", "must not have a fragment"},
		{"https:///x", "must name a host", "must name a host", "must name a host"},
		{"https://u@a.example", "must not have a user name or a password", "must not have a user name or a password", "must not have a user name or a password"},
		{"javascript:alert(1)", "must not have the scheme javascript", "must not have the scheme javascript", "must not have the scheme javascript"},
		{"JavaScript:alert(1)", "must not have the scheme javascript", "must not have the scheme javascript", "must not have the scheme javascript"},
		{"data:text/html,x", "must not have the scheme data", "must not have the scheme data", "must not have the scheme data"},
		{"https://" + strings.Repeat("a", 1024) + ".example", "must have at most 1024 characters", "must have at most 1024 characters", "must have at most 1024 characters"},
		{"https://*.example.com/", unasked, unasked, ""},
		{"https://redirect-*-domain.example.com/oidc/redirect", unasked, unasked, ""},
		{"http://*.example.com/", unasked, unasked, wildcard},
		{"https://*.com/", unasked, unasked, wildcard},
		{"https://a.*.example.com/", unasked, unasked, wildcard},
		{"https://*.*.example.com/", unasked, unasked, wildcard},
		{"https://a.example.com/*", unasked, unasked, wildcard},
		{"https://*.example.com/*", unasked, unasked, wildcard},
		{"https://u@*.example.com/", unasked, unasked, "must not have a user name or a password"},
	} {
		for kind, want := range map[string]string{"web": c.web, "native": c.native, "wild": c.wild} {
			for _, property := range []string{"redirect_uris[0]", "post_logout_redirect_uris[0]", "frontchannel_logout_uri"} {
				in := web(oauth(func(o *org.OAuthSettings) {
					switch property {
					case "redirect_uris[0]":
						o.RedirectURIs = []string{c.uri}
					case "post_logout_redirect_uris[0]":
						o.PostLogoutRedirectURIs = []string{c.uri}
					default:
						o.FrontChannelLogoutURI = c.uri
					}
					switch kind {
					case "native":
						o.ApplicationType = "native"
					case "wild":
						o.WildcardRedirect = "SUBDOMAIN"
					}
				}))
				if property == "frontchannel_logout_uri" && c.uri == "" {
					continue // there is none
				}
				_, err := s.Create(t.Context(), s.by, in, true)
				if want == "" {
					if err != nil {
						t.Errorf("%s %s, %s: %v", kind, c.uri, property, err)
					}
					continue
				}
				refused(t, err, fault.Invalid, "settings.oauthClient."+property+": "+want)
			}
		}
	}
	_, err := s.Create(t.Context(), s.by, web(redirecting("https://a.example", "https://a.example")), true)
	refused(t, err, fault.Invalid, "settings.oauthClient.redirect_uris[1]: occurs twice")
	_, err = s.Create(t.Context(), s.by, web(oauth(func(o *org.OAuthSettings) { o.WildcardRedirect = "ALL" })), true)
	refused(t, err, fault.Invalid, "settings.oauthClient.wildcard_redirect: must be DISABLED or SUBDOMAIN")
}
