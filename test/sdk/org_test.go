package sdk

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/okta/okta-sdk-golang/v6/okta"

	"github.com/usher-id/usher/test/run"
)

// tour is one org's life by the client. Each call is counted and must go well,
// or be refused as it is told.
type tour struct {
	*testing.T
	*okta.APIClient
	service string // a hook service that allows everything, and proves itself
	calls   int
}

// of makes a model of the client from the JSON that its documentation shows.
func of[M any](t *tour, text string, values ...any) (m M) {
	t.Helper()
	if err := json.Unmarshal([]byte(fmt.Sprintf(text, values...)), &m); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return m
}

// did counts a call that must have gone well.
func did[M any](t *tour) func(m M, r *okta.APIResponse, err error) M {
	return func(m M, _ *okta.APIResponse, err error) M {
		t.Helper()
		t.done(nil, err)
		return m
	}
}

// done is did for calls without an answer.
func (t *tour) done(_ *okta.APIResponse, err error) {
	t.Helper()
	t.calls++
	must(t.T, err)
}

// refused counts a call that must have been refused.
func (t *tour) refused(code string, err error) {
	t.Helper()
	t.calls++
	if m := model(t.T, err); m.GetErrorCode() != code {
		t.Errorf("refused with %+v, want %s", m, code)
	}
}

func (t *tour) want(ok bool, what string, got any) {
	t.Helper()
	if !ok {
		text, _ := json.Marshal(got)
		t.Errorf("%s: %s", what, text)
	}
}

// The whole set-up of an org, its use and its end, on both databases.
func TestOrg(t *testing.T) {
	t.Parallel()
	for _, engine := range run.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			server := run.Dev(t, run.Options{Database: run.NewDatabase(t, engine)})
			o := &tour{T: t, APIClient: client(t, server, server.Token), service: selfProving(t)}
			hookID := o.inlineHook()
			groupID := o.group()
			o.schema()
			policyID := o.policy(hookID, groupID)
			o.users(groupID)
			o.eventHook()
			o.app(groupID, policyID)
			o.rest()
			o.end(hookID, policyID, groupID)
			if o.calls < 50 {
				t.Errorf("%d calls, want at least 50", o.calls)
			}
			server.Stop(t)
		})
	}
}

// selfProving is a service that allows everybody and answers the challenge of an
// event hook.
func selfProving(t *testing.T) string {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]any{"verification": r.Header.Get("X-Okta-Verification-Challenge"), "commands": []any{}})
	}))
	t.Cleanup(s.Close)
	return s.URL + "/hook"
}

func (t *tour) inlineHook() (id string) {
	h := did[*okta.InlineHookCreateResponse](t)(t.InlineHookAPI.CreateInlineHook(t.Context()).InlineHookCreate(create("Tour", t.service)).Execute())
	t.want(h.GetStatus() == "ACTIVE", "created", h)
	return h.GetId()
}

func (t *tour) group() (id string) {
	api, ctx := t.GroupAPI, t.Context()
	g := did[*okta.Group](t)(api.AddGroup(ctx).Group(of[okta.AddGroupRequest](t, `{"profile":{"name":"Tourists","description":"of the test"}}`)).Execute())
	id = g.GetId()
	list := did[[]okta.Group](t)(api.ListGroups(ctx).Q("Tour").Execute())
	t.want(len(list) == 1 && list[0].GetId() == id, "listed", list)
	g = did[*okta.Group](t)(api.GetGroup(ctx, id).Execute())
	t.want(g.GetType() == "OKTA_GROUP", "read", g)
	g = did[*okta.Group](t)(api.ReplaceGroup(ctx, id).Group(of[okta.AddGroupRequest](t, `{"profile":{"name":"Tourists","description":"changed"}}`)).Execute())
	t.want(g.GetId() == id, "replaced", g)
	_, _, err := api.GetGroup(ctx, "00g00000000000000000").Execute()
	t.refused("E0000007", err)
	_, _, err = api.AddGroup(ctx).Group(of[okta.AddGroupRequest](t, `{"profile":{"name":"Tourists"}}`)).Execute()
	t.refused("E0000001", err)
	return id
}

func (t *tour) schema() {
	api, ctx := t.SchemaAPI, t.Context()
	s := did[*okta.UserSchema](t)(api.GetUserSchema(ctx, "default").Execute())
	t.want(s.GetName() == "user", "schema", s)
	s = did[*okta.UserSchema](t)(api.UpdateUserProfile(ctx, "default").UserSchema(of[okta.UserSchema](t,
		`{"definitions":{"custom":{"properties":{"badge":{"title":"Badge","type":"string","maxLength":8},"secretWord":{"title":"Word","type":"string","sensitive":true}}}}}`)).Execute())
	custom := s.GetDefinitions().Custom.GetProperties()
	badge, word := custom["badge"], custom["secretWord"]
	t.want(badge.GetMaxLength() == 8 && word.AdditionalProperties["sensitive"] == true, "changed", custom)
	types := did[[]okta.UserType](t)(t.UserTypeAPI.ListUserTypes(ctx).Execute())
	t.want(len(types) == 1 && types[0].AdditionalProperties["name"] == "user", "types", types)
	_ = did[*okta.UserType](t)(t.UserTypeAPI.GetUserType(ctx, types[0].GetId()).Execute())
}

func (t *tour) policy(hookID, groupID string) (id string) {
	api, ctx := t.PolicyAPI, t.Context()
	list := did[[]okta.ListPolicies200ResponseInner](t)(api.ListPolicies(ctx).Type_("PROFILE_ENROLLMENT").Execute())
	t.want(len(list) == 1 && list[0].ProfileEnrollmentPolicy.GetSystem(), "policies", list)
	made := did[*okta.CreatePolicyRequest](t)(api.CreatePolicy(ctx).Policy(of[okta.CreatePolicyRequest](t, `{"name":"Tour policy","type":"PROFILE_ENROLLMENT"}`)).Execute())
	id = made.ProfileEnrollmentPolicy.GetId()
	_ = did[*okta.ListPolicies200ResponseInner](t)(api.GetPolicy(ctx, id).Execute())
	replaced := did[*okta.ListPolicies200ResponseInner](t)(api.ReplacePolicy(ctx, id).Policy(of[okta.CreatePolicyRequest](t, `{"name":"Tour policy 2","type":"PROFILE_ENROLLMENT"}`)).Execute())
	t.want(replaced.ProfileEnrollmentPolicy.GetName() == "Tour policy 2", "replaced", replaced)
	rules := did[[]okta.ListPolicyRules200ResponseInner](t)(api.ListPolicyRules(ctx, id).Execute())
	ruleID := rules[0].ProfileEnrollmentPolicyRule.GetId()
	_ = did[*okta.ListPolicyRules200ResponseInner](t)(api.GetPolicyRule(ctx, id, ruleID).Execute())
	rule := did[*okta.ListPolicyRules200ResponseInner](t)(api.ReplacePolicyRule(ctx, id, ruleID).PolicyRule(of[okta.ListPolicyRules200ResponseInner](t,
		`{"name":"Catch-all Rule","type":"PROFILE_ENROLLMENT","actions":{"profileEnrollment":{"access":"ALLOW","unknownUserAction":"REGISTER",
		"activationRequirements":{"emailVerification":false},"progressiveProfilingAction":"DISABLED","preRegistrationInlineHooks":[{"inlineHookId":"%s"}],"targetGroupIds":["%s"],
		"profileAttributes":[{"name":"email","label":"E-mail","required":true},{"name":"firstName","label":"First","required":true},{"name":"lastName","label":"Last","required":true}]}}}`, hookID, groupID)).Execute())
	actions := rule.ProfileEnrollmentPolicyRule.GetActions()
	enrollment := actions.GetProfileEnrollment()
	t.want(len(enrollment.GetPreRegistrationInlineHooks()) == 1 && len(enrollment.GetProfileAttributes()) == 3, "rule", rule)
	_ = did[[]okta.PolicyMapping](t)(api.ListPolicyMappings(ctx, id).Execute())
	t.done(api.DeactivatePolicy(ctx, id).Execute())
	t.done(api.ActivatePolicy(ctx, id).Execute())
	_, _, err := api.GetPolicy(ctx, "rst00000000000000000").Execute()
	t.refused("E0000007", err)
	return id
}

const horse = "correct horse 47 battery"

func (t *tour) users(groupID string) {
	api, ctx := t.UserAPI, t.Context()
	for n := 1; n <= 3; n++ {
		u := did[*okta.User](t)(api.CreateUser(ctx).Activate(n < 3).Body(of[okta.CreateUserRequest](t,
			`{"profile":{"firstName":"Go","lastName":"No%d","email":"go%d@example.com","login":"go%d@example.com","badge":"b%d"},"credentials":{"password":{"value":"%s"}}}`, n, n, n, n, horse)).Execute())
		t.want((n < 3) == (u.GetStatus() == "ACTIVE"), "created", u)
	}
	one := did[*okta.UserGetSingleton](t)(api.GetUser(ctx, "go1@example.com").Execute())
	id := one.GetId()
	found, response, err := api.ListUsers(ctx).Search(`profile.login sw "go"`).SortBy("profile.login").SortOrder("asc").Limit(2).Execute()
	found = did[[]okta.User](t)(found, response, err)
	var more []okta.User
	_, err = response.Next(&more)
	t.done(nil, err)
	t.want(len(found) == 2 && len(more) == 1, "search", found)
	found = did[[]okta.User](t)(api.ListUsers(ctx).Filter(`status eq "STAGED"`).Execute())
	t.want(len(found) == 1, "filter", found)
	found = did[[]okta.User](t)(api.ListUsers(ctx).Q("go1").Execute())
	t.want(len(found) == 1, "q", found)
	u := did[*okta.User](t)(api.UpdateUser(ctx, id).User(of[okta.UpdateUserRequest](t, `{"profile":{"city":"Berlin"}}`)).Execute())
	t.want(u.Profile.GetCity() == "Berlin" && u.Profile.AdditionalProperties["badge"] == "b1", "updated", u)
	u = did[*okta.User](t)(api.ReplaceUser(ctx, id).User(of[okta.UpdateUserRequest](t, `{"profile":{"firstName":"Go","lastName":"One","email":"go1@example.com","login":"go1@example.com"}}`)).Execute())
	t.want(u.Profile.GetCity() == "", "replaced", u)
	_ = did[*okta.UserCredentials](t)(t.UserCredAPI.ChangePassword(ctx, id).ChangePasswordRequest(of[okta.ChangePasswordRequest](t,
		`{"oldPassword":{"value":"%s"},"newPassword":{"value":"another %s"}}`, horse, horse)).Execute())

	life := t.UserLifecycleAPI
	t.done(life.SuspendUser(ctx, id).Execute())
	one = did[*okta.UserGetSingleton](t)(api.GetUser(ctx, id).Execute())
	t.want(one.GetStatus() == "SUSPENDED", "suspended", one)
	t.done(life.UnsuspendUser(ctx, id).Execute())
	_ = did[*okta.UserActivationToken](t)(life.ActivateUser(ctx, "go3@example.com").SendEmail(false).Execute())

	t.done(t.GroupAPI.AssignUserToGroup(ctx, groupID, id).Execute())
	groups := did[[]okta.Group](t)(t.UserResourcesAPI.ListUserGroups(ctx, id).Execute())
	t.want(len(groups) == 2, "groups", groups)
	_ = did[*okta.AssignRoleToUser201Response](t)(t.RoleAssignmentAUserAPI.AssignRoleToUser(ctx, id).AssignRoleRequest(of[okta.AssignRoleToUserRequest](t, `{"type":"READ_ONLY_ADMIN"}`)).Execute())
	t.done(life.DeactivateUser(ctx, id).Execute())
	t.done(api.DeleteUser(ctx, id).Execute())
	_, _, err = api.GetUser(ctx, id).Execute()
	t.refused("E0000007", err)
}

func (t *tour) eventHook() {
	api, ctx := t.EventHookAPI, t.Context()
	h := did[*okta.EventHook](t)(api.CreateEventHook(ctx).EventHook(of[okta.EventHook](t,
		`{"name":"Tour events","events":{"type":"EVENT_TYPE","items":["user.lifecycle.create"]},"channel":{"type":"HTTP","version":"1.0.0",
		"config":{"uri":"%s","authScheme":{"type":"HEADER","key":"Authorization","value":"hush"}}}}`, t.service)).Execute())
	h = did[*okta.EventHook](t)(api.VerifyEventHook(ctx, h.GetId()).Execute())
	t.want(h.GetVerificationStatus() == "VERIFIED", "verified", h)
	h = did[*okta.EventHook](t)(api.DeactivateEventHook(ctx, h.GetId()).Execute())
	t.done(api.DeleteEventHook(ctx, h.GetId()).Execute())
}

func (t *tour) app(groupID, policyID string) {
	api, ctx := t.ApplicationAPI, t.Context()
	a := did[*okta.ListApplications200ResponseInner](t)(api.CreateApplication(ctx).Application(of[okta.ListApplications200ResponseInner](t,
		`{"name":"oidc_client","label":"Tour","signOnMode":"OPENID_CONNECT","credentials":{"oauthClient":{"token_endpoint_auth_method":"client_secret_basic"}},
		"settings":{"oauthClient":{"application_type":"web","grant_types":["authorization_code"],"response_types":["code"],"redirect_uris":["https://shop.example/cb"]}}}`)).Execute())
	id := a.OpenIdConnectApplication.GetId()
	t.done(t.ApplicationPoliciesAPI.AssignApplicationPolicy(ctx, id, policyID).Execute())
	_ = did[*okta.ApplicationGroupAssignment](t)(t.ApplicationGroupsAPI.AssignGroupToApplication(ctx, id, groupID).Execute())
	list := did[[]okta.ListApplications200ResponseInner](t)(api.ListApplications(ctx).Execute())
	t.want(len(list) == 1, "apps", list)
	t.secrets(id)
	t.assignments(id, groupID)
	t.keys()
	t.done(api.DeactivateApplication(ctx, id).Execute())
	t.done(api.DeleteApplication(ctx, id).Execute())
}

func (t *tour) rest() {
	ctx := t.Context()
	o := did[*okta.OrgSetting](t)(t.OrgSettingGeneralAPI.GetOrgSettings(ctx).Execute())
	t.want(strings.HasPrefix(o.GetId(), "00o"), "org", o)
	w := did[*okta.WellKnownOrgMetadata](t)(t.OrgSettingMetadataAPI.GetWellknownOrgMetadata(ctx).Execute())
	t.want(w.GetPipeline() == "idx", "metadata", w)
	k := did[*okta.DetailedHookKeyInstance](t)(t.HookKeyAPI.CreateHookKey(ctx).KeyRequest(of[okta.KeyRequest](t, `{"name":"Tour key"}`)).Execute())
	t.done(t.HookKeyAPI.DeleteHookKey(ctx, k.GetId()).Execute())
	origin := did[*okta.TrustedOrigin](t)(t.TrustedOriginAPI.CreateTrustedOrigin(ctx).TrustedOrigin(of[okta.TrustedOriginWrite](t,
		`{"name":"Shop","origin":"https://shop.example","scopes":[{"type":"CORS"}]}`)).Execute())
	t.done(t.TrustedOriginAPI.DeleteTrustedOrigin(ctx, origin.GetId()).Execute())
	tokens := did[[]okta.ApiToken](t)(t.ApiTokenAPI.ListApiTokens(ctx).Execute())
	t.want(len(tokens) == 1 && tokens[0].GetName() == "usher dev", "tokens", tokens)
}

func (t *tour) end(hookID, policyID, groupID string) {
	ctx := t.Context()
	_ = did[*okta.InlineHook](t)(t.InlineHookAPI.DeactivateInlineHook(ctx, hookID).Execute())
	t.done(t.InlineHookAPI.DeleteInlineHook(ctx, hookID).Execute())
	t.done(t.PolicyAPI.DeletePolicy(ctx, policyID).Execute())
	t.done(t.GroupAPI.DeleteGroup(ctx, groupID).Execute())
}
