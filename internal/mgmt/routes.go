package mgmt

import (
	"net/http"

	"github.com/usher-id/usher/internal/appapi"
	"github.com/usher-id/usher/internal/directory"
	"github.com/usher-id/usher/internal/edit"
	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/rest"
	"github.com/usher-id/usher/internal/userapi"
	"github.com/usher-id/usher/internal/web"
)

// route is one call of the API: its method and path, who may make it, and what
// serves it.
type route struct {
	pattern string
	allowed allowed
	serve   web.Handler
}

// allowed are the roles of administrators that may make a call.
type allowed []string

// Who may do what, by what Okta's page on administrators says of the standard
// roles. What a role may do to some things only (no help desk resets the password
// of an administrator) and which values it sees (no sensitive ones below a super
// administrator) is said by the package of those things.
var (
	superOnly = allowed{org.RoleSuperAdmin}
	admins    = allowed{org.RoleSuperAdmin, org.RoleOrgAdmin}
	desk      = allowed{org.RoleSuperAdmin, org.RoleOrgAdmin, org.RoleHelpDesk}
	readers   = allowed{org.RoleSuperAdmin, org.RoleOrgAdmin, org.RoleReadOnly}
	everybody = allowed{org.RoleSuperAdmin, org.RoleOrgAdmin, org.RoleHelpDesk, org.RoleReadOnly}
)

// routes is the table of contents of the API.
func (a *API) routes() []route {
	users := &userapi.API{Directory: a.Directory, Site: a.Site}
	apps := &appapi.API{Apps: a.Apps, Site: a.Site, OrgID: a.OrgID}
	return []route{
		{"GET /api/v1/inlineHooks", readers, a.listHooks},
		{"POST /api/v1/inlineHooks", admins, a.createHook},
		{"GET /api/v1/inlineHooks/{id}", readers, a.getHook},
		{"PUT /api/v1/inlineHooks/{id}", admins, a.replaceHook},
		{"POST /api/v1/inlineHooks/{id}", admins, a.replaceHook},
		{"DELETE /api/v1/inlineHooks/{id}", admins, a.deleteHook},
		{"POST /api/v1/inlineHooks/{id}/lifecycle/activate", admins, a.activateHook},
		{"POST /api/v1/inlineHooks/{id}/lifecycle/deactivate", admins, a.deactivateHook},
		{"POST /api/v1/inlineHooks/{id}/execute", admins, a.executeHook},

		{"GET /api/v1/eventHooks", readers, a.listEventHooks},
		{"POST /api/v1/eventHooks", admins, a.createEventHook},
		{"GET /api/v1/eventHooks/{id}", readers, a.getEventHook},
		{"PUT /api/v1/eventHooks/{id}", admins, a.replaceEventHook},
		{"DELETE /api/v1/eventHooks/{id}", admins, a.deleteEventHook},
		{"POST /api/v1/eventHooks/{id}/lifecycle/activate", admins, a.activateEventHook},
		{"POST /api/v1/eventHooks/{id}/lifecycle/deactivate", admins, a.deactivateEventHook},
		{"POST /api/v1/eventHooks/{id}/lifecycle/verify", admins, a.verifyEventHook},

		{"GET /api/v1/hook-keys", readers, a.listHookKeys},
		{"POST /api/v1/hook-keys", admins, a.createHookKey},
		{"GET /api/v1/hook-keys/{id}", readers, a.getHookKey},
		{"PUT /api/v1/hook-keys/{id}", admins, a.replaceHookKey},
		{"DELETE /api/v1/hook-keys/{id}", admins, a.deleteHookKey},
		{"GET /api/v1/hook-keys/public/{keyId}", readers, a.getPublicKey},

		{"GET /api/v1/policies", readers, a.listPolicies},
		{"POST /api/v1/policies", admins, a.createPolicy},
		{"GET /api/v1/policies/{id}", readers, a.ofPolicy},
		{"PUT /api/v1/policies/{id}", admins, a.ofPolicy},
		{"DELETE /api/v1/policies/{id}", admins, a.ofPolicy},
		{"POST /api/v1/policies/{id}/lifecycle/activate", admins, a.ofPolicy},
		{"POST /api/v1/policies/{id}/lifecycle/deactivate", admins, a.ofPolicy},
		{"POST /api/v1/policies/{id}/clone", admins, a.ofPolicy},
		{"GET /api/v1/policies/{id}/rules", readers, a.ofPolicy},
		{"POST /api/v1/policies/{id}/rules", admins, a.ofPolicy},
		{"GET /api/v1/policies/{id}/rules/{rule}", readers, a.ofPolicy},
		{"PUT /api/v1/policies/{id}/rules/{rule}", admins, a.ofPolicy},
		{"DELETE /api/v1/policies/{id}/rules/{rule}", admins, a.ofPolicy},
		{"POST /api/v1/policies/{id}/rules/{rule}/lifecycle/activate", admins, a.ofPolicy},
		{"POST /api/v1/policies/{id}/rules/{rule}/lifecycle/deactivate", admins, a.ofPolicy},
		{"GET /api/v1/policies/{id}/mappings", readers, a.ofPolicy},
		{"POST /api/v1/policies/{id}/mappings", admins, a.ofPolicy},
		{"GET /api/v1/policies/{id}/mappings/{mapping}", readers, a.ofPolicy},
		{"DELETE /api/v1/policies/{id}/mappings/{mapping}", admins, a.ofPolicy},
		{"GET /api/v1/policies/{id}/app", readers, apps.ListAppsOfPolicy},

		{"GET /api/v1/trustedOrigins", readers, a.listOrigins},
		{"POST /api/v1/trustedOrigins", admins, a.createOrigin},
		{"GET /api/v1/trustedOrigins/{id}", readers, a.getOrigin},
		{"PUT /api/v1/trustedOrigins/{id}", admins, a.replaceOrigin},
		{"DELETE /api/v1/trustedOrigins/{id}", admins, a.deleteOrigin},
		{"POST /api/v1/trustedOrigins/{id}/lifecycle/activate", admins, a.activateOrigin},
		{"POST /api/v1/trustedOrigins/{id}/lifecycle/deactivate", admins, a.deactivateOrigin},

		{"GET /api/v1/apps", readers, apps.ListApps},
		{"POST /api/v1/apps", admins, apps.CreateApp},
		{"GET /api/v1/apps/{id}", readers, apps.GetApp},
		{"PUT /api/v1/apps/{id}", admins, apps.ReplaceApp},
		{"DELETE /api/v1/apps/{id}", admins, apps.DeleteApp},
		{"POST /api/v1/apps/{id}/lifecycle/activate", admins, apps.ActivateApp},
		{"POST /api/v1/apps/{id}/lifecycle/deactivate", admins, apps.DeactivateApp},
		{"PUT /api/v1/apps/{id}/policies/{policy}", admins, apps.SetAppPolicy},
		{"GET /api/v1/internal/apps/{id}/settings/oauth/idToken", readers, apps.GetIDToken},
		{"POST /api/v1/internal/apps/{id}/settings/oauth/idToken", admins, apps.SetIDToken},

		{"GET /api/v1/apps/{id}/groups", readers, apps.ListAppGroups},
		{"GET /api/v1/apps/{id}/groups/{group}", readers, apps.GetAppGroup},
		{"PUT /api/v1/apps/{id}/groups/{group}", admins, apps.AssignGroup},
		{"DELETE /api/v1/apps/{id}/groups/{group}", admins, apps.UnassignGroup},
		{"GET /api/v1/apps/{id}/users", readers, apps.ListAppUsers},
		{"POST /api/v1/apps/{id}/users", admins, apps.AssignUser},
		{"GET /api/v1/apps/{id}/users/{user}", readers, apps.GetAppUser},
		{"POST /api/v1/apps/{id}/users/{user}", admins, apps.AssignUser},
		{"DELETE /api/v1/apps/{id}/users/{user}", admins, apps.UnassignUser},
		{"GET /api/v1/groups/{id}/apps", readers, apps.ListAppsOfGroup},

		{"GET /api/v1/apps/{id}/credentials/secrets", readers, apps.ListSecrets},
		{"POST /api/v1/apps/{id}/credentials/secrets", admins, apps.CreateSecret},
		{"GET /api/v1/apps/{id}/credentials/secrets/{credential}", readers, apps.GetSecret},
		{"DELETE /api/v1/apps/{id}/credentials/secrets/{credential}", admins, apps.DeleteSecret},
		{"POST /api/v1/apps/{id}/credentials/secrets/{credential}/lifecycle/activate", admins, apps.ActivateSecret},
		{"POST /api/v1/apps/{id}/credentials/secrets/{credential}/lifecycle/deactivate", admins, apps.DeactivateSecret},
		{"GET /api/v1/apps/{id}/credentials/jwks", readers, apps.ListKeys},
		{"POST /api/v1/apps/{id}/credentials/jwks", admins, apps.CreateKey},
		{"GET /api/v1/apps/{id}/credentials/jwks/{credential}", readers, apps.GetKey},
		{"DELETE /api/v1/apps/{id}/credentials/jwks/{credential}", admins, apps.DeleteKey},
		{"POST /api/v1/apps/{id}/credentials/jwks/{credential}/lifecycle/activate", admins, apps.ActivateKey},
		{"POST /api/v1/apps/{id}/credentials/jwks/{credential}/lifecycle/deactivate", admins, apps.DeactivateKey},

		{"GET /api/v1/users", everybody, users.ListUsers},
		{"POST /api/v1/users", admins, users.CreateUser},
		{"GET /api/v1/users/{id}", everybody, users.GetUser},
		{"POST /api/v1/users/{id}", admins, users.UpdateUser(false)},
		{"PUT /api/v1/users/{id}", admins, users.UpdateUser(true)},
		{"DELETE /api/v1/users/{id}", admins, users.Gone((*directory.Service).DeleteUser)},
		{"POST /api/v1/users/{id}/lifecycle/activate", admins, users.Activation((*directory.Service).ActivateUser, true)},
		{"POST /api/v1/users/{id}/lifecycle/reactivate", admins, users.Activation((*directory.Service).ReactivateUser, false)},
		{"POST /api/v1/users/{id}/lifecycle/deactivate", admins, users.Done((*directory.Service).DeactivateUser)},
		{"POST /api/v1/users/{id}/lifecycle/suspend", admins, users.Done((*directory.Service).SuspendUser)},
		{"POST /api/v1/users/{id}/lifecycle/unsuspend", admins, users.Done((*directory.Service).UnsuspendUser)},
		{"POST /api/v1/users/{id}/lifecycle/unlock", desk, users.Done((*directory.Service).UnlockUser)},
		{"POST /api/v1/users/{id}/lifecycle/expire_password", desk, users.ExpirePassword},
		{"POST /api/v1/users/{id}/lifecycle/expire_password_with_temp_password", desk, users.TempPassword},
		{"POST /api/v1/users/{id}/lifecycle/reset_password", desk, users.Reset((*directory.Service).ResetPassword)},
		{"POST /api/v1/users/{id}/lifecycle/reset_factors", desk, users.Done((*directory.Service).ResetFactors)},
		{"POST /api/v1/users/{id}/credentials/change_password", admins, users.ChangePassword},
		{"POST /api/v1/users/{id}/credentials/change_recovery_question", admins, users.ChangeRecoveryQuestion},
		{"POST /api/v1/users/{id}/credentials/forgot_password", desk, users.Reset((*directory.Service).ForgotPassword)},
		{"GET /api/v1/users/{id}/factors", everybody, users.ListFactors},
		{"DELETE /api/v1/users/{id}/sessions", desk, users.Gone((*directory.Service).ClearSessions)},

		{"GET /api/v1/users/{id}/groups", everybody, users.ListUserGroups},
		{"GET /api/v1/users/{id}/roles", readers, users.ListRoles},
		{"POST /api/v1/users/{id}/roles", superOnly, users.GrantRole},
		{"GET /api/v1/users/{id}/roles/{grant}", readers, users.GetRole},
		{"DELETE /api/v1/users/{id}/roles/{grant}", superOnly, users.RevokeRole},

		{"GET /api/v1/groups", readers, users.ListGroups},
		{"POST /api/v1/groups", admins, users.CreateGroup},
		{"GET /api/v1/groups/{id}", readers, users.GetGroup},
		{"PUT /api/v1/groups/{id}", admins, users.ReplaceGroup},
		{"DELETE /api/v1/groups/{id}", admins, users.DeleteGroup},
		{"GET /api/v1/groups/{id}/users", readers, users.ListGroupUsers},
		{"PUT /api/v1/groups/{id}/users/{user}", admins, users.AddGroupUser},
		{"DELETE /api/v1/groups/{id}/users/{user}", admins, users.RemoveGroupUser},

		{"GET /api/v1/api-tokens", readers, a.listTokens},
		{"POST /api/v1/api-tokens", admins, a.createToken},
		{"GET /api/v1/api-tokens/{id}", readers, a.getToken},
		{"PUT /api/v1/api-tokens/{id}", admins, a.replaceToken},
		{"DELETE /api/v1/api-tokens/{id}", admins, a.revokeToken},
		{"DELETE /api/v1/api-tokens/current", everybody, a.revokeCurrentToken},

		{"GET /api/v1/meta/schemas/user/{id}", readers, a.getSchema},
		{"POST /api/v1/meta/schemas/user/{id}", admins, a.editSchema},
		{"GET /api/v1/meta/schemas/user/{id}/violations", readers, a.listViolations},
		{"GET /api/v1/meta/types/user", readers, a.listUserTypes},
		{"POST /api/v1/meta/types/user", admins, a.createUserType},
		{"GET /api/v1/meta/types/user/{id}", readers, a.getUserType},
		{"PUT /api/v1/meta/types/user/{id}", admins, a.replaceUserType},
		{"POST /api/v1/meta/types/user/{id}", admins, a.updateUserType},
		{"DELETE /api/v1/meta/types/user/{id}", admins, a.deleteUserType},
		{"GET /api/v1/org", readers, a.getOrg},
		{"POST /api/v1/org", admins, a.updateOrg},
		{"PUT /api/v1/org", admins, a.replaceOrg},
		{"GET /api/v1/org/preferences", readers, a.getPreferences},
		{"POST /api/v1/org/preferences/showEndUserFooter", admins, a.showFooter(true)},
		{"POST /api/v1/org/preferences/hideEndUserFooter", admins, a.showFooter(false)},

		{"GET /api/v1/logs", readers, a.listEvents},
	}
}

// mux serves the routes.
func (a *API) mux() *http.ServeMux {
	mux := http.NewServeMux()
	for _, r := range a.routes() {
		mux.Handle(r.pattern, r.guarded())
	}
	return mux
}

// guarded serves who is allowed, under the condition that the request has
// (If-Match). Everybody else learns nothing of what there is.
func (r route) guarded() web.Handler {
	return func(w http.ResponseWriter, req *http.Request) error {
		if !r.allowed.has(rest.ByOf(req).Role) {
			return fault.New(fault.Forbidden, "")
		}
		ctx := edit.Expect(req.Context(), web.Expected(req)...)
		return r.serve(w, req.WithContext(ctx))
	}
}

func (a allowed) has(role string) bool {
	for _, r := range a {
		if r == role {
			return true
		}
	}
	return false
}
