package org

import (
	"slices"
	"time"
)

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

// Strongest is the most powerful of the roles of grants, or "".
func Strongest(grants []*Grant) string {
	for _, role := range Roles() {
		if slices.ContainsFunc(grants, func(g *Grant) bool { return g.Role == role }) {
			return role
		}
	}
	return ""
}
