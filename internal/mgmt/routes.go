package mgmt

import (
	"net/http"

	"github.com/usher-id/usher/internal/directory"
	"github.com/usher-id/usher/internal/edit"
	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/org"
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
		{"GET /api/v1/policies/{id}/app", readers, a.listAppsOfPolicy},

		{"GET /api/v1/apps", readers, a.listApps},
		{"POST /api/v1/apps", admins, a.createApp},
		{"GET /api/v1/apps/{id}", readers, a.getApp},
		{"PUT /api/v1/apps/{id}", admins, a.replaceApp},
		{"DELETE /api/v1/apps/{id}", admins, a.deleteApp},
		{"POST /api/v1/apps/{id}/lifecycle/activate", admins, a.activateApp},
		{"POST /api/v1/apps/{id}/lifecycle/deactivate", admins, a.deactivateApp},
		{"PUT /api/v1/apps/{id}/policies/{policy}", admins, a.setAppPolicy},
		{"GET /api/v1/internal/apps/{id}/settings/oauth/idToken", readers, a.getIDToken},
		{"POST /api/v1/internal/apps/{id}/settings/oauth/idToken", admins, a.setIDToken},

		{"GET /api/v1/apps/{id}/groups", readers, a.listAppGroups},
		{"GET /api/v1/apps/{id}/groups/{group}", readers, a.getAppGroup},
		{"PUT /api/v1/apps/{id}/groups/{group}", admins, a.assignGroup},
		{"DELETE /api/v1/apps/{id}/groups/{group}", admins, a.unassignGroup},
		{"GET /api/v1/apps/{id}/users", readers, a.listAppUsers},
		{"POST /api/v1/apps/{id}/users", admins, a.assignUser},
		{"GET /api/v1/apps/{id}/users/{user}", readers, a.getAppUser},
		{"POST /api/v1/apps/{id}/users/{user}", admins, a.assignUser},
		{"DELETE /api/v1/apps/{id}/users/{user}", admins, a.unassignUser},
		{"GET /api/v1/groups/{id}/apps", readers, a.listAppsOfGroup},

		{"GET /api/v1/apps/{id}/credentials/secrets", readers, a.listSecrets},
		{"POST /api/v1/apps/{id}/credentials/secrets", admins, a.createSecret},
		{"GET /api/v1/apps/{id}/credentials/secrets/{credential}", readers, a.getSecret},
		{"DELETE /api/v1/apps/{id}/credentials/secrets/{credential}", admins, a.deleteSecret},
		{"POST /api/v1/apps/{id}/credentials/secrets/{credential}/lifecycle/activate", admins, a.activateSecret},
		{"POST /api/v1/apps/{id}/credentials/secrets/{credential}/lifecycle/deactivate", admins, a.deactivateSecret},
		{"GET /api/v1/apps/{id}/credentials/jwks", readers, a.listKeys},
		{"POST /api/v1/apps/{id}/credentials/jwks", admins, a.createKey},
		{"GET /api/v1/apps/{id}/credentials/jwks/{credential}", readers, a.getKey},
		{"DELETE /api/v1/apps/{id}/credentials/jwks/{credential}", admins, a.deleteKey},
		{"POST /api/v1/apps/{id}/credentials/jwks/{credential}/lifecycle/activate", admins, a.activateKey},
		{"POST /api/v1/apps/{id}/credentials/jwks/{credential}/lifecycle/deactivate", admins, a.deactivateKey},

		{"GET /api/v1/users", everybody, a.listUsers},
		{"POST /api/v1/users", admins, a.createUser},
		{"GET /api/v1/users/{id}", everybody, a.getUser},
		{"POST /api/v1/users/{id}", admins, a.updateUser(false)},
		{"PUT /api/v1/users/{id}", admins, a.updateUser(true)},
		{"DELETE /api/v1/users/{id}", admins, a.gone((*directory.Service).DeleteUser)},
		{"POST /api/v1/users/{id}/lifecycle/activate", admins, a.activation((*directory.Service).ActivateUser, true)},
		{"POST /api/v1/users/{id}/lifecycle/reactivate", admins, a.activation((*directory.Service).ReactivateUser, false)},
		{"POST /api/v1/users/{id}/lifecycle/deactivate", admins, a.done((*directory.Service).DeactivateUser)},
		{"POST /api/v1/users/{id}/lifecycle/suspend", admins, a.done((*directory.Service).SuspendUser)},
		{"POST /api/v1/users/{id}/lifecycle/unsuspend", admins, a.done((*directory.Service).UnsuspendUser)},
		{"POST /api/v1/users/{id}/lifecycle/unlock", desk, a.done((*directory.Service).UnlockUser)},
		{"POST /api/v1/users/{id}/lifecycle/expire_password", desk, a.expirePassword},
		{"POST /api/v1/users/{id}/lifecycle/expire_password_with_temp_password", desk, a.tempPassword},
		{"POST /api/v1/users/{id}/lifecycle/reset_password", desk, a.reset((*directory.Service).ResetPassword)},
		{"POST /api/v1/users/{id}/lifecycle/reset_factors", desk, a.done((*directory.Service).ResetFactors)},
		{"POST /api/v1/users/{id}/credentials/change_password", admins, a.changePassword},
		{"POST /api/v1/users/{id}/credentials/change_recovery_question", admins, a.changeRecoveryQuestion},
		{"POST /api/v1/users/{id}/credentials/forgot_password", desk, a.reset((*directory.Service).ForgotPassword)},
		{"GET /api/v1/users/{id}/factors", everybody, a.listFactors},
		{"DELETE /api/v1/users/{id}/sessions", desk, a.gone((*directory.Service).ClearSessions)},

		{"GET /api/v1/users/{id}/groups", everybody, a.listUserGroups},
		{"GET /api/v1/users/{id}/roles", readers, a.listRoles},
		{"POST /api/v1/users/{id}/roles", superOnly, a.grantRole},
		{"GET /api/v1/users/{id}/roles/{grant}", readers, a.getRole},
		{"DELETE /api/v1/users/{id}/roles/{grant}", superOnly, a.revokeRole},

		{"GET /api/v1/groups", readers, a.listGroups},
		{"POST /api/v1/groups", admins, a.createGroup},
		{"GET /api/v1/groups/{id}", readers, a.getGroup},
		{"PUT /api/v1/groups/{id}", admins, a.replaceGroup},
		{"DELETE /api/v1/groups/{id}", admins, a.deleteGroup},
		{"GET /api/v1/groups/{id}/users", readers, a.listGroupUsers},
		{"PUT /api/v1/groups/{id}/users/{user}", admins, a.addGroupUser},
		{"DELETE /api/v1/groups/{id}/users/{user}", admins, a.removeGroupUser},

		{"GET /api/v1/api-tokens", readers, a.listTokens},
		{"POST /api/v1/api-tokens", admins, a.createToken},
		{"GET /api/v1/api-tokens/{id}", readers, a.getToken},
		{"PUT /api/v1/api-tokens/{id}", admins, a.replaceToken},
		{"DELETE /api/v1/api-tokens/{id}", admins, a.revokeToken},
		{"DELETE /api/v1/api-tokens/current", everybody, a.revokeCurrentToken},

		{"GET /api/v1/meta/schemas/user/{id}", readers, a.getSchema},
		{"POST /api/v1/meta/schemas/user/{id}", admins, a.editSchema},
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
		if !r.allowed.has(byOf(req).Role) {
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
