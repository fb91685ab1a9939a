package sdk

import "github.com/okta/okta-sdk-golang/v6/okta"

// secrets are those of an app that has one.
func (t *tour) secrets(appID string) {
	api, ctx := t.ApplicationSSOPublicKeysAPI, t.Context()
	have := did[[]okta.OAuth2ClientSecret](t)(api.ListOAuth2ClientSecrets(ctx, appID).Execute())
	t.want(len(have) == 1 && have[0].GetSecretHash() != "" && have[0].GetClientSecret() == "", "secrets", have)
	made := did[*okta.OAuth2ClientSecret](t)(api.CreateOAuth2ClientSecret(ctx, appID).
		OAuth2ClientSecretRequestBody(of[okta.OAuth2ClientSecretRequestBody](t, `{"client_secret":"one of the tour"}`)).Execute())
	t.want(made.GetClientSecret() == "one of the tour", "secret", made)
	_, _, err := api.DeactivateOAuth2ClientSecret(ctx, appID, "ocs00000000000000000").Execute()
	t.refused("E0000007", err)
	old := did[*okta.OAuth2ClientSecret](t)(api.DeactivateOAuth2ClientSecret(ctx, appID, have[0].GetId()).Execute())
	t.want(old.GetStatus() == "INACTIVE", "secret at rest", old)
	t.done(api.DeleteOAuth2ClientSecret(ctx, appID, have[0].GetId()).Execute())
}

// keys are those of an app that signs. The client cannot read the answers about one
// key that was added or activated, since its types for them overlap.
func (t *tour) keys() {
	api, ctx := t.ApplicationSSOPublicKeysAPI, t.Context()
	a := did[*okta.ListApplications200ResponseInner](t)(t.ApplicationAPI.CreateApplication(ctx).Activate(false).Application(of[okta.ListApplications200ResponseInner](t,
		`{"name":"oidc_client","label":"Night job","signOnMode":"OPENID_CONNECT","credentials":{"oauthClient":{"token_endpoint_auth_method":"private_key_jwt"}},
		"settings":{"oauthClient":{"application_type":"service","grant_types":["client_credentials"],"response_types":["token"],"jwks":{"keys":[{"kty":"EC","kid":"tour","use":"sig",
		"x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}}}}`)).Execute())
	id := a.OpenIdConnectApplication.GetId()
	set := did[*okta.OAuth2ClientJsonWebKeySet](t)(api.ListJwk(ctx, id).Execute())
	t.want(len(set.Keys) == 1, "keys", set)
	shown := a.OpenIdConnectApplication.Settings.OauthClient.Jwks.Keys
	t.want(len(shown) == 1, "keys of the app", a)
	keyID := shown[0].OAuth2ClientJsonSigningKeyResponse.OAuth2ClientJsonWebKeyECResponse.GetId()
	key := did[*okta.OAuth2ClientJsonSigningKeyResponse](t)(api.GetJwk(ctx, id, keyID).Execute())
	t.want(key.OAuth2ClientJsonWebKeyECResponse.GetKid() == "tour", "key", key)
	t.done(t.ApplicationAPI.DeleteApplication(ctx, id).Execute())
}

// assignments are whom an app is assigned to.
func (t *tour) assignments(appID, groupID string) {
	ctx := t.Context()
	u := did[*okta.User](t)(t.UserAPI.CreateUser(ctx).Activate(false).Body(of[okta.CreateUserRequest](t,
		`{"profile":{"login":"guest@example.com","email":"guest@example.com","firstName":"Guest","lastName":"Tour"}}`)).Execute())
	api := t.ApplicationUsersAPI
	assigned := did[*okta.AppUser](t)(api.AssignUserToApplication(ctx, appID).AppUser(of[okta.AppUserAssignRequest](t,
		`{"id":"%s","scope":"USER","credentials":{"userName":"guest"}}`, u.GetId())).Execute())
	t.want(assigned.GetScope() == "USER" && assigned.Profile["given_name"] == "Guest", "assigned", assigned)
	list := did[[]okta.AppUser](t)(api.ListApplicationUsers(ctx, appID).Execute())
	t.want(len(list) > 0, "users", list)
	t.done(api.UnassignUserFromApplication(ctx, appID, u.GetId()).Execute())
	_, _, err := api.GetApplicationUser(ctx, appID, u.GetId()).Execute()
	t.refused("E0000007", err)
	groups := did[[]okta.ApplicationGroupAssignment](t)(t.ApplicationGroupsAPI.ListApplicationGroupAssignments(ctx, appID).Execute())
	t.want(len(groups) == 1 && groups[0].GetId() == groupID, "groups", groups)
	t.done(t.UserLifecycleAPI.DeactivateUser(ctx, u.GetId()).Execute())
	t.done(t.UserAPI.DeleteUser(ctx, u.GetId()).Execute())
}
