package eventlog

// Type is the type of an event, as in Okta's catalogue of event types.
type Type string

// Types of the events that are written.
const (
	HookCreated     Type = "inline_hook.created"
	HookUpdated     Type = "inline_hook.updated"
	HookActivated   Type = "inline_hook.activated"
	HookDeactivated Type = "inline_hook.deactivated"
	HookDeleted     Type = "inline_hook.deleted"
	// HookExecuted tells of a call that failed: no answer, or one that is not
	// 2xx. It is not written for a call that went well.
	HookExecuted Type = "inline_hook.executed"
	// HookResponseProcessed tells what was made of a 2xx answer, good or bad.
	HookResponseProcessed Type = "inline_hook.response.processed"

	EventHookCreated     Type = "event_hook.created"
	EventHookUpdated     Type = "event_hook.updated"
	EventHookActivated   Type = "event_hook.activated"
	EventHookDeactivated Type = "event_hook.deactivated"
	EventHookDeleted     Type = "event_hook.deleted"
	// EventHookVerified tells of an attempt to verify, also of one that failed.
	EventHookVerified Type = "event_hook.verified"

	HookKeyCreated Type = "system.hook.key.created"
	HookKeyUpdated Type = "system.hook.key.updated"
	HookKeyDeleted Type = "system.hook.key.deleted"

	UserCreated         Type = "user.lifecycle.create"
	UserActivated       Type = "user.lifecycle.activate"
	UserReactivated     Type = "user.lifecycle.reactivate"
	UserDeactivated     Type = "user.lifecycle.deactivate"
	UserSuspended       Type = "user.lifecycle.suspend"
	UserUnsuspended     Type = "user.lifecycle.unsuspend"
	UserDeletionStarted Type = "user.lifecycle.delete.initiated"
	UserDeleted         Type = "user.lifecycle.delete.completed"
	UserUnlocked        Type = "user.account.unlock_by_admin"
	UserLocked          Type = "user.account.lock"
	// UserReopened tells of an account whose lock has ended by itself.
	UserReopened Type = "user.account.unlock"
	// UserProfileUpdated tells of the recovery question too, for which Okta's
	// catalogue has no type.
	UserProfileUpdated Type = "user.account.update_profile"
	UserTypeChanged    Type = "user.account.update_user_type"
	PasswordUpdated    Type = "user.account.update_password"
	// PasswordReset tells that a person was given a token to choose another one, or
	// a temporary password.
	PasswordReset   Type = "user.account.reset_password"
	PasswordExpired Type = "user.account.expire_password"
	SessionsCleared Type = "user.session.clear"

	SessionStarted Type = "user.session.start"
	SessionEnded   Type = "user.session.end"

	GroupCreated       Type = "group.lifecycle.create"
	GroupUpdated       Type = "group.profile.update"
	GroupDeleted       Type = "group.lifecycle.delete"
	GroupMemberAdded   Type = "group.user_membership.add"
	GroupMemberRemoved Type = "group.user_membership.remove"

	RoleGranted Type = "user.account.privilege.grant"
	RoleRevoked Type = "user.account.privilege.revoke"

	TokenCreated Type = "system.api_token.create"
	TokenUpdated Type = "system.api_token.update"
	TokenRevoked Type = "system.api_token.revoke"

	PolicyCreated     Type = "policy.lifecycle.create"
	PolicyUpdated     Type = "policy.lifecycle.update"
	PolicyActivated   Type = "policy.lifecycle.activate"
	PolicyDeactivated Type = "policy.lifecycle.deactivate"
	PolicyDeleted     Type = "policy.lifecycle.delete"
	RuleCreated       Type = "policy.rule.add"
	RuleUpdated       Type = "policy.rule.update"
	RuleActivated     Type = "policy.rule.activate"
	RuleDeactivated   Type = "policy.rule.deactivate"
	RuleDeleted       Type = "policy.rule.delete"

	OriginCreated     Type = "security.trusted_origin.create"
	OriginUpdated     Type = "security.trusted_origin.update"
	OriginActivated   Type = "security.trusted_origin.activate"
	OriginDeactivated Type = "security.trusted_origin.deactivate"
	OriginDeleted     Type = "security.trusted_origin.delete"

	// OrgUpdated is ours: Okta's catalogue has no event for the settings of an org.
	OrgUpdated Type = "usher.org.update"

	AppCreated     Type = "application.lifecycle.create"
	AppUpdated     Type = "application.lifecycle.update"
	AppActivated   Type = "application.lifecycle.activate"
	AppDeactivated Type = "application.lifecycle.deactivate"
	AppDeleted     Type = "application.lifecycle.delete"
	// PolicyMapped tells that an app has another policy.
	PolicyMapped Type = "policy.mapping.create"
	// Those of credentials are about the secrets and the keys of an app.
	CredentialCreated     Type = "app.oauth2.credentials.lifecycle.create"
	CredentialActivated   Type = "app.oauth2.credentials.lifecycle.activate"
	CredentialDeactivated Type = "app.oauth2.credentials.lifecycle.deactivate"
	CredentialDeleted     Type = "app.oauth2.credentials.lifecycle.delete"

	AppUserAdded    Type = "application.user_membership.add"
	AppUserUpdated  Type = "application.user_membership.update"
	AppUserRemoved  Type = "application.user_membership.remove"
	AppGroupAdded   Type = "group.application_assignment.add"
	AppGroupUpdated Type = "group.application_assignment.update"
	AppGroupRemoved Type = "group.application_assignment.remove"

	// SchemaUpdated tells of a change of the user schema, not of a user.
	SchemaUpdated Type = "directory.user_profile.update"
	// UserTypeCreated tells of a user type. Okta's catalogue has nothing for the
	// change and the end of one but the event of its schema.
	UserTypeCreated Type = "directory.non_default_user_profile.create"
)

// Display is the displayMessage of an event type. Those of hooks and
// their keys are ours, since no real event of them is public; the others are
// Okta's.
func (t Type) Display() string {
	for _, row := range [...]struct {
		t       Type
		display string
	}{
		{HookCreated, "Inline hook created"},
		{HookUpdated, "Inline hook updated"},
		{HookActivated, "Inline hook activated"},
		{HookDeactivated, "Inline hook deactivated"},
		{HookDeleted, "Inline hook deleted"},
		{HookExecuted, "Inline hook executed"},
		{HookResponseProcessed, "Inline hook response processed"},
		{EventHookCreated, "Event hook created"},
		{EventHookUpdated, "Event hook updated"},
		{EventHookActivated, "Event hook activated"},
		{EventHookDeactivated, "Event hook deactivated"},
		{EventHookDeleted, "Event hook deleted"},
		{EventHookVerified, "Event hook verified"},
		{HookKeyCreated, "Create hook key"},
		{HookKeyUpdated, "Update hook key"},
		{HookKeyDeleted, "Delete hook key"},
		{UserCreated, "Create Okta user"},
		{UserActivated, "Activate Okta user"},
		{UserReactivated, "Reactivate Okta user"},
		{UserDeactivated, "Deactivate Okta user"},
		{UserSuspended, "Suspend Okta user"},
		{UserUnsuspended, "Unsuspend Okta user"},
		{UserDeletionStarted, "Delete Okta user initiated"},
		{UserDeleted, "Delete Okta user completed"},
		{UserUnlocked, "User account unlock by admin"},
		{UserLocked, "Max sign in attempts exceeded"},
		{UserReopened, "Auto-unlock user account for Okta"},
		{UserProfileUpdated, "Update user profile for Okta"},
		{UserTypeChanged, "User type changed"},
		{PasswordUpdated, "User update password for Okta"},
		{PasswordReset, "User's Okta password has been reset"},
		{PasswordExpired, "User's Okta password is expired"},
		{SessionsCleared, "Clear user session"},
		{SessionStarted, "User login to Okta"},
		{SessionEnded, "User logout from Okta"},
		{GroupCreated, "Create Okta group"},
		{GroupMemberAdded, "Add user to group membership"},
		{GroupUpdated, "Update Okta group profile"},
		{GroupDeleted, "Delete Okta group"},
		{GroupMemberRemoved, "Remove user from group membership"},
		{RoleGranted, "Grant user privilege"},
		{RoleRevoked, "Revoke user privilege"},
		{TokenCreated, "Create API token"},
		{TokenUpdated, "Update API token"},
		{TokenRevoked, "Revoke API token"},
		{PolicyCreated, "Create policy"},
		{PolicyUpdated, "Update policy"},
		{PolicyActivated, "Activate policy"},
		{PolicyDeactivated, "Deactivate policy"},
		{PolicyDeleted, "Delete policy"},
		{RuleCreated, "Add policy rule"},
		{RuleUpdated, "Update policy rule"},
		{OrgUpdated, "Update organization settings"},
		{AppCreated, "Create application"},
		{AppUpdated, "Update application"},
		{AppActivated, "Activate application"},
		{AppDeactivated, "Deactivate application"},
		{AppDeleted, "Delete application"},
		{PolicyMapped, "Create policy mapping"},
		{CredentialCreated, "Create OAuth client credentials"},
		{CredentialActivated, "Activate OAuth client credentials"},
		{CredentialDeactivated, "Deactivate OAuth client credentials"},
		{CredentialDeleted, "Delete OAuth client credentials"},
		{AppUserAdded, "Add user to application membership"},
		{AppUserUpdated, "Updated user application property"},
		{AppUserRemoved, "Remove user's application membership"},
		{AppGroupAdded, "Add assigned application to group"},
		{AppGroupUpdated, "Update assigned application in group"},
		{AppGroupRemoved, "Remove assigned application from group"},
		{RuleActivated, "Activate policy rule"},
		{RuleDeactivated, "Deactivate policy rule"},
		{RuleDeleted, "Delete policy rule"},
		{OriginCreated, "A trusted origin is created"},
		{OriginUpdated, "A trusted origin is updated"},
		{OriginActivated, "A trusted origin is activated"},
		{OriginDeactivated, "A trusted origin is deactivated"},
		{OriginDeleted, "A trusted origin is deleted"},
		{SchemaUpdated, "Update universal directory user profile"},
		{UserTypeCreated, "Create non-default user profile"},
	} {
		if row.t == t {
			return row.display
		}
	}
	return ""
}
