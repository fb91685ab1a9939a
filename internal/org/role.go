package org

import "time"

// Roles of administrators, by the names of Okta's standard roles.
const (
	RoleSuperAdmin = "SUPER_ADMIN"
	RoleOrgAdmin   = "ORG_ADMIN"
	RoleHelpDesk   = "HELP_DESK_ADMIN"
	RoleReadOnly   = "READ_ONLY_ADMIN"
)

// Roles are all of them, the most powerful first.
func Roles() []string { return []string{RoleSuperAdmin, RoleOrgAdmin, RoleHelpDesk, RoleReadOnly} }

// Grant is a role that a user has.
type Grant struct {
	ID      string
	UserID  string
	Role    string
	Created time.Time
}
