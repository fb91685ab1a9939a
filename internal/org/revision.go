package org

import (
	"strconv"
	"time"
)

// revision names one state of one thing, as ETags say it. It differs whenever
// the thing was written in between.
func revision(id string, version int64, updated time.Time) string {
	return id + "." + strconv.FormatInt(version, 36) + "." + strconv.FormatInt(updated.UnixMicro(), 36)
}

// Revision names the state of the hook.
func (h *InlineHook) Revision() string { return revision(h.ID, h.Version, h.LastUpdated) }

// Revision names the state of the event hook.
func (h *EventHook) Revision() string { return revision(h.ID, h.Version, h.LastUpdated) }

// Revision names the state of the key.
func (k *HookKey) Revision() string { return revision(k.ID, 0, k.LastUpdated) }

// Revision names the state of the policy without its rule.
func (p *Policy) Revision() string { return revision(p.ID, 0, p.LastUpdated) }

// Revision names the state of the rule.
func (r *Rule) Revision() string { return revision(r.ID, 0, r.LastUpdated) }

// Revision names the state of the policy without its rules. Its priority changes
// with that of others.
func (p *PasswordPolicy) Revision() string { return revision(p.ID, int64(p.Priority), p.LastUpdated) }

// Revision names the state of the rule.
func (r *PasswordRule) Revision() string { return revision(r.ID, int64(r.Priority), r.LastUpdated) }

// Revision names the state of the origin.
func (o *TrustedOrigin) Revision() string { return revision(o.ID, 0, o.LastUpdated) }

// Revision names the state of the user.
func (u *User) Revision() string { return revision(u.ID, 0, u.LastUpdated) }

// Revision names the state of the group without its members.
func (g *Group) Revision() string { return revision(g.ID, 0, g.LastUpdated) }

// Revision names the state of the app without its assignments.
func (a *App) Revision() string { return revision(a.ID, a.Version, a.LastUpdated) }

// Revision names the state of the token. Its use does not change it.
func (t *Token) Revision() string { return revision(t.ID, 0, t.LastUpdated) }

// Revision names the state of the organization's own settings.
func (c *Company) Revision() string { return revision("org", 0, c.LastUpdated) }
