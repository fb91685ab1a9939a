package eventlog

import "slices"

// Eligible tells whether event hooks can be told of an event of a type. Okta's
// catalogue marks those by the tag event-hook-eligible; of them these are the ones
// that usher sends, or will when it does what they tell of. The events of event
// hooks themselves are not among them, so no hook is told of its own calls.
func Eligible(eventType string) bool {
	return slices.Contains([]string{
		"application.lifecycle.activate", "application.lifecycle.create", "application.lifecycle.deactivate",
		"application.lifecycle.delete", "application.lifecycle.update",
		"application.user_membership.add", "application.user_membership.remove", "application.user_membership.update",
		"group.application_assignment.add", "group.application_assignment.remove", "group.application_assignment.update",
		"group.lifecycle.create", "group.lifecycle.delete", "group.profile.update",
		"group.user_membership.add", "group.user_membership.remove",
		"inline_hook.executed",
		"policy.lifecycle.activate", "policy.lifecycle.deactivate", "policy.lifecycle.update",
		"policy.rule.activate", "policy.rule.add", "policy.rule.deactivate", "policy.rule.delete", "policy.rule.update",
		"system.api_token.create", "system.api_token.revoke",
		"system.import.complete", "system.import.start",
		"user.account.lock", "user.account.privilege.grant", "user.account.privilege.revoke", "user.account.reset_password",
		"user.account.unlock", "user.account.update_password", "user.account.update_profile",
		"user.authentication.auth_via_mfa", "user.authentication.authenticate", "user.authentication.sso",
		"user.import.password",
		"user.lifecycle.activate", "user.lifecycle.create", "user.lifecycle.deactivate", "user.lifecycle.delete.initiated",
		"user.lifecycle.reactivate", "user.lifecycle.suspend", "user.lifecycle.unsuspend",
		"user.mfa.factor.activate", "user.mfa.factor.deactivate", "user.mfa.factor.reset_all",
		"user.session.clear", "user.session.end", "user.session.start",
	}, eventType)
}
