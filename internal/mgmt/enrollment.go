package mgmt

import (
	"context"
	"net/http"

	"github.com/usher-id/usher/internal/admin"
	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/rest"
	"github.com/usher-id/usher/internal/web"
)

func (a *API) enrollmentPolicies() policyKind {
	return policyKind{
		name: admin.TypeProfileEnrollment,
		has: func(ctx context.Context, id string) (bool, error) {
			_, err := a.Admin.Policy(ctx, id)
			if fault.Is(err, fault.NotFound) {
				return false, nil
			}
			return err == nil, err
		},
		list:   a.listEnrollmentPolicies,
		create: a.createEnrollmentPolicy,
		calls: map[string]web.Handler{
			"GET /api/v1/policies/{id}":                       a.getEnrollmentPolicy,
			"PUT /api/v1/policies/{id}":                       a.replaceEnrollmentPolicy,
			"DELETE /api/v1/policies/{id}":                    done(a.Admin.DeletePolicy),
			"POST /api/v1/policies/{id}/lifecycle/activate":   done(a.Admin.ActivatePolicy),
			"POST /api/v1/policies/{id}/lifecycle/deactivate": done(a.Admin.DeactivatePolicy),
			"POST /api/v1/policies/{id}/clone":                refusing(fault.Field("policy", "type", "only authentication policies can be cloned")),
			"GET /api/v1/policies/{id}/rules":                 a.listEnrollmentRules,
			"POST /api/v1/policies/{id}/rules":                refusing(fault.Field("policyRule", "", "A profile enrollment policy has exactly one rule.")),
			"GET /api/v1/policies/{id}/rules/{rule}":          a.getEnrollmentRule,
			"PUT /api/v1/policies/{id}/rules/{rule}":          a.replaceEnrollmentRule,
			"DELETE /api/v1/policies/{id}/rules/{rule}":       a.deleteEnrollmentRule,
			"GET /api/v1/policies/{id}/mappings":              a.listMappings,
			"POST /api/v1/policies/{id}/mappings":             a.createMapping,
			"GET /api/v1/policies/{id}/mappings/{mapping}":    a.getMapping,
			"DELETE /api/v1/policies/{id}/mappings/{mapping}": a.deleteMapping,
		},
	}
}

// refusing serves a call that is never allowed.
func refusing(f *fault.Error) web.Handler {
	return func(http.ResponseWriter, *http.Request) error { return f }
}

// done serves a call of a thing that answers nothing.
func done(change func(ctx context.Context, by admin.By, id string) error) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		return rest.NoContent(w, change(r.Context(), rest.ByOf(r), r.PathValue("id")))
	}
}

func (a *API) listEnrollmentPolicies(ctx context.Context, expandRules bool) ([]policyEntry, error) {
	all, err := a.Admin.Policies(ctx)
	if err != nil {
		return nil, err
	}
	list := make([]policyEntry, len(all))
	for i, p := range all {
		list[i] = policyEntry{id: p.ID, name: p.Name, status: p.Status, json: a.policyJSON(p, expandRules)}
	}
	return list, nil
}

func (a *API) getEnrollmentPolicy(w http.ResponseWriter, r *http.Request) error {
	values, err := rest.Parameters(r)
	if err != nil {
		return err
	}
	p, err := a.Admin.Policy(r.Context(), r.PathValue("id"))
	return a.writePolicy(w, p, expandsRules(values), err)
}

func (a *API) createEnrollmentPolicy(w http.ResponseWriter, r *http.Request) error {
	in, err := readPolicy(r)
	if err != nil {
		return err
	}
	p, err := a.Admin.CreatePolicy(r.Context(), rest.ByOf(r), in)
	return a.writePolicy(w, p, false, err)
}

func (a *API) replaceEnrollmentPolicy(w http.ResponseWriter, r *http.Request) error {
	in, err := readPolicy(r)
	if err != nil {
		return err
	}
	p, err := a.Admin.ReplacePolicy(r.Context(), rest.ByOf(r), r.PathValue("id"), in)
	return a.writePolicy(w, p, false, err)
}

func readPolicy(r *http.Request) (admin.PolicyInput, error) {
	var body struct {
		Type        string `json:"type"`
		Name        string `json:"name"`
		Description string `json:"description"`
		Status      string `json:"status"`
	}
	err := web.ReadJSON(r, &body)
	return admin.PolicyInput(body), err
}

func (a *API) writePolicy(w http.ResponseWriter, p *org.Policy, expandRules bool, err error) error {
	if err != nil {
		return err
	}
	web.Tag(w, p.Revision())
	return web.WriteJSON(w, http.StatusOK, a.policyJSON(p, expandRules))
}

func (a *API) listEnrollmentRules(w http.ResponseWriter, r *http.Request) error {
	p, err := a.Admin.Policy(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	return web.WriteJSON(w, http.StatusOK, []ruleJSON{a.ruleJSON(p)})
}

func (a *API) getEnrollmentRule(w http.ResponseWriter, r *http.Request) error {
	p, err := a.Admin.Rule(r.Context(), r.PathValue("id"), r.PathValue("rule"))
	return a.writeRule(w, p, err)
}

// deleteEnrollmentRule refuses: the rule goes with its policy.
func (a *API) deleteEnrollmentRule(_ http.ResponseWriter, r *http.Request) error {
	if _, err := a.Admin.Rule(r.Context(), r.PathValue("id"), r.PathValue("rule")); err != nil {
		return err
	}
	return fault.New(fault.Forbidden, "")
}

func (a *API) replaceEnrollmentRule(w http.ResponseWriter, r *http.Request) error {
	var body ruleBody
	if err := web.ReadJSON(r, &body); err != nil {
		return err
	}
	p, err := a.Admin.ReplaceRule(r.Context(), rest.ByOf(r), r.PathValue("id"), r.PathValue("rule"), body.input())
	return a.writeRule(w, p, err)
}

func (a *API) writeRule(w http.ResponseWriter, p *org.Policy, err error) error {
	if err != nil {
		return err
	}
	web.Tag(w, p.Rule.Revision())
	return web.WriteJSON(w, http.StatusOK, a.ruleJSON(p))
}

// policyJSON is a profile enrollment policy in Okta's JSON, its keys in the order
// of a recorded answer.
type policyJSON struct {
	ID          string          `json:"id"`
	Status      string          `json:"status"`
	Name        string          `json:"name"`
	Description string          `json:"description,omitempty"`
	Priority    int             `json:"priority"`
	System      bool            `json:"system"`
	Conditions  any             `json:"conditions"` // always null
	Created     string          `json:"created"`
	LastUpdated string          `json:"lastUpdated"`
	Embedded    *policyEmbedded `json:"_embedded,omitempty"`
	Type        string          `json:"type"`
	Links       policyLinks     `json:"_links"`
}

// policyEmbedded is what clients ask for by expand.
type policyEmbedded struct {
	Rules []ruleJSON `json:"rules"`
}

// policyLinks are what can be done with a policy as it is.
type policyLinks struct {
	Self       *rest.Link `json:"self"`
	Rules      *rest.Link `json:"rules"`
	Mappings   *rest.Link `json:"mappings"`
	Activate   *rest.Link `json:"activate,omitempty"`
	Deactivate *rest.Link `json:"deactivate,omitempty"`
}

func (a *API) policyJSON(p *org.Policy, expandRules bool) policyJSON {
	j := policyJSON{
		ID: p.ID, Status: p.Status, Name: p.Name, Description: p.Description, Priority: p.Priority, System: p.System,
		Created: web.Time(p.Created), LastUpdated: web.Time(p.LastUpdated), Type: admin.TypeProfileEnrollment, Links: a.policyLinks(p),
	}
	if expandRules {
		j.Embedded = &policyEmbedded{Rules: []ruleJSON{a.ruleJSON(p)}}
	}
	return j
}

func (a *API) policyLinks(p *org.Policy) policyLinks {
	self := a.Site.URL("/api/v1/policies/" + p.ID)
	links := policyLinks{
		Self:     rest.Allowing(self, http.MethodGet, http.MethodPut, http.MethodDelete),
		Rules:    rest.Allowing(self+"/rules", http.MethodGet, http.MethodPost),
		Mappings: rest.Allowing(self+"/mappings", http.MethodGet, http.MethodPost),
	}
	switch {
	case p.System: // is always active
		links.Self = rest.Allowing(self, http.MethodGet, http.MethodPut)
	case p.Status == org.StatusActive:
		links.Deactivate = rest.Allowing(self+"/lifecycle/deactivate", http.MethodPost)
	default:
		links.Activate = rest.Allowing(self+"/lifecycle/activate", http.MethodPost)
	}
	return links
}

// ruleJSON is the rule of a profile enrollment policy in Okta's JSON, its keys in
// the order of a recorded answer.
type ruleJSON struct {
	ID          string      `json:"id"`
	Status      string      `json:"status"`
	Name        string      `json:"name"`
	Priority    int         `json:"priority"`
	Created     string      `json:"created"`
	LastUpdated string      `json:"lastUpdated"`
	System      bool        `json:"system"`
	Conditions  any         `json:"conditions"` // always null
	Actions     ruleActions `json:"actions"`
	Links       ruleLinks   `json:"_links"`
	Type        string      `json:"type"`
}

type ruleLinks struct {
	Self *rest.Link `json:"self"`
}

type ruleActions struct {
	Enrollment enrollmentJSON `json:"profileEnrollment"`
}

// enrollmentJSON is how people sign up. What is null without a value is null in
// the recorded answers, and what is left out is left out there: Terraform shows
// a difference for ever where uiSchemaId is present that nobody set.
type enrollmentJSON struct {
	Access                 string             `json:"access"`
	Hooks                  []ruleHook         `json:"preRegistrationInlineHooks"`
	Triggers               []string           `json:"usherHookTriggers"` // usher's own: "Run this hook"
	Attributes             []formAttribute    `json:"profileAttributes"`
	TargetGroups           []string           `json:"targetGroupIds"`
	UnknownUserAction      string             `json:"unknownUserAction"`
	ActivationRequirements activationRequired `json:"activationRequirements"`
	ProgressiveProfiling   string             `json:"progressiveProfilingAction"`
	AllowedIdentifiers     []string           `json:"allowedIdentifiers"`
	EnrollAuthenticators   []string           `json:"enrollAuthenticatorTypes,omitempty"`
	UISchemaID             string             `json:"uiSchemaId,omitempty"`
}

type ruleHook struct {
	ID string `json:"inlineHookId"`
}

type formAttribute struct {
	Name     string `json:"name"`
	Label    string `json:"label"`
	Required bool   `json:"required"`
}

type activationRequired struct {
	EmailVerification bool `json:"emailVerification"`
}

// rulePriority is that of the rule that is always there: behind all others.
const rulePriority = 99

func (a *API) ruleJSON(p *org.Policy) ruleJSON {
	rule := &p.Rule
	e := enrollmentJSON{
		Access: rule.Access, Triggers: rule.Triggers.Names(), Attributes: make([]formAttribute, len(rule.Attributes)),
		UnknownUserAction: rule.UnknownUserAction, ActivationRequirements: activationRequired{rule.EmailVerification},
		ProgressiveProfiling: rule.ProgressiveProfilingAction, AllowedIdentifiers: rule.AllowedIdentifiers,
		EnrollAuthenticators: rule.EnrollAuthenticatorTypes, UISchemaID: rule.UISchemaID,
	}
	for i, f := range rule.Attributes {
		e.Attributes[i] = formAttribute(f)
	}
	if rule.HookID != "" {
		e.Hooks = []ruleHook{{rule.HookID}}
	}
	if rule.TargetGroupID != "" {
		e.TargetGroups = []string{rule.TargetGroupID}
	}
	self := a.Site.URL("/api/v1/policies/" + p.ID + "/rules/" + rule.ID)
	return ruleJSON{
		ID: rule.ID, Status: org.StatusActive, Name: rule.Name, Priority: rulePriority,
		Created: web.Time(rule.Created), LastUpdated: web.Time(rule.LastUpdated), System: true,
		Actions: ruleActions{e}, Links: ruleLinks{rest.Allowing(self, http.MethodGet, http.MethodPut)}, Type: admin.TypeProfileEnrollment,
	}
}

// ruleBody is a rule as clients write it. What else they send (id, status,
// priority, conditions) is not looked at.
type ruleBody struct {
	Name    string `json:"name"`
	Type    string `json:"type"`
	Actions struct {
		Enrollment *struct {
			Access                 string          `json:"access"`
			Hooks                  []ruleHook      `json:"preRegistrationInlineHooks"`
			Triggers               *[]string       `json:"usherHookTriggers"`
			Attributes             []formAttribute `json:"profileAttributes"`
			TargetGroups           []string        `json:"targetGroupIds"`
			UnknownUserAction      string          `json:"unknownUserAction"`
			ActivationRequirements *struct {
				EmailVerification *bool `json:"emailVerification"`
			} `json:"activationRequirements"`
			ProgressiveProfiling string   `json:"progressiveProfilingAction"`
			AllowedIdentifiers   []string `json:"allowedIdentifiers"`
			EnrollAuthenticators []string `json:"enrollAuthenticatorTypes"`
			UISchemaID           string   `json:"uiSchemaId"`
		} `json:"profileEnrollment"`
	} `json:"actions"`
}

// input is what a body says. What it leaves out is as on a new rule.
func (b ruleBody) input() admin.RuleInput {
	in := admin.RuleInput{Name: b.Name, Type: b.Type}
	e := b.Actions.Enrollment
	if e == nil {
		return in
	}
	in.Enrollment = &admin.EnrollmentInput{
		Access: e.Access, Triggers: e.Triggers, TargetGroupIDs: e.TargetGroups, UnknownUserAction: e.UnknownUserAction,
		EmailVerification: true, ProgressiveProfilingAction: e.ProgressiveProfiling, AllowedIdentifiers: e.AllowedIdentifiers,
		EnrollAuthenticatorTypes: e.EnrollAuthenticators, UISchemaID: e.UISchemaID,
	}
	if required := e.ActivationRequirements; required != nil && required.EmailVerification != nil {
		in.Enrollment.EmailVerification = *required.EmailVerification
	}
	for _, h := range e.Hooks {
		in.Enrollment.HookIDs = append(in.Enrollment.HookIDs, h.ID)
	}
	for _, f := range e.Attributes {
		in.Enrollment.Attributes = append(in.Enrollment.Attributes, org.FormAttribute(f))
	}
	return in
}
