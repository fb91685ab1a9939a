package eventlog

import (
	"strings"
	"time"

	"github.com/usher-id/usher/internal/id"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/profile"
)

// Severities of events.
const (
	severityInfo = "INFO"
	severityWarn = "WARN"
)

// Types of actors and targets, as Okta writes them.
const (
	typeUser   = "User"
	typeSystem = "SystemPrincipal"
	typeClient = "PublicClientApp"
	typeHook   = "InlineHook"
	typeEvents = "EventHook"
	typeKey    = "HookKey"
	typeGroup  = "UserGroup"
	typePolicy = "PolicyEntity"
	typeRule   = "PolicyRule"
	typeOrigin = "TrustedOrigin"
	typeOrg    = "Org"
	typeApp    = "AppInstance"
	typeToken  = "Token"
	typeSchema = "UserSchema"
	typeKind   = "UserType"
	// typeCredential is ours: no real event of one is public.
	typeCredential = "OAuth2ClientCredential"
)

// unknown stands for what Okta writes as unknown.
const unknown = "unknown"

// Request is where a change came from.
type Request struct {
	ID        string // X-Okta-Request-Id
	IP        string
	UserAgent string
}

// By is the origin of what somebody does by the request.
func (r Request) By(actor org.Actor) Origin {
	return Origin{RequestID: r.ID, IP: r.IP, UserAgent: r.UserAgent, Actor: actor}
}

// Origin is the request that led to an event, and who made it.
type Origin struct {
	RequestID string // X-Okta-Request-Id
	IP        string
	UserAgent string
	Actor     org.Actor
	TokenID   string // of the API token of the request, or ""
	// Role is with which rights: one of the roles of administrators, or "" for
	// usher itself.
	Role string
}

// New makes an event. Its severity is WARN when the outcome is a failure, else
// INFO.
func New(t Type, now time.Time, o Origin, outcome org.Outcome, targets ...org.Target) org.Event {
	severity := severityInfo
	if outcome.Result == org.Failure {
		severity = severityWarn
	}
	return org.Event{
		UUID:        id.UUID(),
		Published:   now,
		Type:        string(t),
		Severity:    severity,
		Display:     t.Display(),
		Actor:       o.Actor,
		Client:      org.Client{IP: o.IP, UserAgent: o.UserAgent},
		Outcome:     outcome,
		Targets:     targets,
		Transaction: o.RequestID,
		TokenID:     o.TokenID,
	}
}

// System is the actor of what usher does by itself.
func System() org.Actor {
	return org.Actor{ID: unknown, Type: typeSystem, AlternateID: "system@okta.com", DisplayName: "Okta System"}
}

// Person is a user as an actor.
func Person(u *org.User) org.Actor {
	return org.Actor{ID: u.ID, Type: typeUser, AlternateID: u.Login(), DisplayName: displayName(u)}
}

// Unknown is a person who is no user, or not yet, by the login that they typed.
func Unknown(login string) org.Actor {
	if login == "" {
		login = unknown
	}
	return org.Actor{ID: unknown, Type: typeUser, AlternateID: login, DisplayName: unknown}
}

// APIToken is a client of the management API as an actor.
func APIToken(t *org.Token) org.Actor {
	return org.Actor{ID: t.ID, Type: typeClient, AlternateID: t.Name, DisplayName: t.Name}
}

// UserTarget is a user as a target.
func UserTarget(u *org.User) org.Target {
	return org.Target{ID: u.ID, Type: typeUser, AlternateID: u.Login(), DisplayName: displayName(u)}
}

// HookTarget is an inline hook as a target, by its name and its address.
func HookTarget(h *org.InlineHook) org.Target {
	return org.Target{ID: h.ID, Type: typeHook, AlternateID: h.Address(), DisplayName: h.Name}
}

// EventHookTarget is an event hook as a target, by its name and its address.
func EventHookTarget(h *org.EventHook) org.Target {
	return org.Target{ID: h.ID, Type: typeEvents, AlternateID: h.Address(), DisplayName: h.Name}
}

// HookKeyTarget is a hook key as a target.
func HookKeyTarget(k *org.HookKey) org.Target { return target(k.ID, typeKey, k.Name) }

// GroupTarget is a group as a target.
func GroupTarget(g *org.Group) org.Target { return target(g.ID, typeGroup, g.Name) }

// PolicyTarget is a policy as a target.
func PolicyTarget(p *org.Policy) org.Target { return target(p.ID, typePolicy, p.Name) }

// RuleTarget is the rule of a policy as a target.
func RuleTarget(p *org.Policy) org.Target { return target(p.Rule.ID, typeRule, p.Rule.Name) }

// PasswordPolicyTarget is a password policy as a target.
func PasswordPolicyTarget(p *org.PasswordPolicy) org.Target { return target(p.ID, typePolicy, p.Name) }

// PasswordRuleTarget is a rule of a password policy as a target.
func PasswordRuleTarget(r *org.PasswordRule) org.Target { return target(r.ID, typeRule, r.Name) }

// OrgTarget is the organization as a target.
func OrgTarget(orgID string, c *org.Company) org.Target { return target(orgID, typeOrg, c.Name) }

// AppTarget is an app as a target.
func AppTarget(a *org.App) org.Target {
	return org.Target{ID: a.ID, Type: typeApp, AlternateID: a.Label, DisplayName: a.Label}
}

// CredentialTarget is a secret or a key of an app as a target, by its id alone.
func CredentialTarget(id string) org.Target { return target(id, typeCredential, id) }

// OriginTarget is a trusted origin as a target.
func OriginTarget(o *org.TrustedOrigin) org.Target {
	return org.Target{ID: o.ID, Type: typeOrigin, AlternateID: o.Origin, DisplayName: o.Name}
}

// TokenTarget is an API token as a target. Its text is nowhere.
func TokenTarget(t *org.Token) org.Target { return target(t.ID, typeToken, t.Name) }

// UserTypeTarget is a user type as a target.
func UserTypeTarget(t *org.UserType) org.Target { return target(t.ID, typeKind, t.DisplayName) }

// SchemaTarget is the schema of a user type as a target.
func SchemaTarget(t *org.UserType) org.Target { return target(t.SchemaID(), typeSchema, t.DisplayName) }

func target(id, kind, name string) org.Target {
	return org.Target{ID: id, Type: kind, AlternateID: unknown, DisplayName: name}
}

// displayName is a person's name. First and last name cannot be marked
// sensitive in Okta's schema.
func displayName(u *org.User) string {
	name := strings.TrimSpace(u.Profile.Text(profile.FirstName) + " " + u.Profile.Text(profile.LastName))
	if name == "" {
		return u.Login()
	}
	return name
}
