package mgmt

import (
	"context"
	"net/http"

	"github.com/usher-id/usher/internal/app"
	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/rest"
	"github.com/usher-id/usher/internal/web"
)

const typeAccessPolicy = "ACCESS_POLICY"

// accessPolicies are how people sign in to apps: one policy, which cannot be
// changed, with one rule.
func (a *API) accessPolicies() policyKind {
	return policyKind{
		name: typeAccessPolicy,
		has:  func(_ context.Context, id string) (bool, error) { return a.Apps.IsAccessPolicy(id), nil },
		list: func(ctx context.Context, expandRules bool) ([]policyEntry, error) {
			p, err := a.Apps.AccessPolicy(ctx)
			return []policyEntry{{id: p.ID, name: accessPolicyName, status: org.StatusActive, json: a.accessPolicyJSON(p, expandRules)}}, err
		},
		calls: map[string]web.Handler{
			"GET /api/v1/policies/{id}":              a.getAccessPolicy,
			"GET /api/v1/policies/{id}/rules":        a.listAccessRules,
			"GET /api/v1/policies/{id}/rules/{rule}": a.getAccessRule,
		},
	}
}

// accessPolicyName has "Default" in it, as that of the enrollment policy by which
// Terraform's provider finds it.
const accessPolicyName = "Default Policy"

// accessPolicyJSON is the access policy in Okta's JSON, its keys in the order of a
// recorded answer.
type accessPolicyJSON struct {
	ID          string       `json:"id"`
	Status      string       `json:"status"`
	Name        string       `json:"name"`
	Description string       `json:"description"`
	Priority    int          `json:"priority"`
	System      bool         `json:"system"`
	Conditions  any          `json:"conditions"` // always null
	Created     string       `json:"created"`
	LastUpdated string       `json:"lastUpdated"`
	Links       accessLinks  `json:"_links"`
	Embedded    accessOfApps `json:"_embedded"`
	Type        string       `json:"type"`
}

type accessLinks struct {
	Self  *rest.Link `json:"self"`
	Rules *rest.Link `json:"rules,omitempty"`
}

type accessOfApps struct {
	ResourceType string           `json:"resourceType"`
	Rules        []accessRuleJSON `json:"rules,omitempty"`
}

func (a *API) accessPolicyJSON(p app.AccessPolicy, expandRules bool) accessPolicyJSON {
	self := a.Site.URL("/api/v1/policies/" + p.ID)
	j := accessPolicyJSON{
		ID: p.ID, Status: org.StatusActive, Name: accessPolicyName, Description: "People sign in to apps with a password.",
		Priority: 1, System: true, Created: web.Time(p.Created), LastUpdated: web.Time(p.Created),
		Links:    accessLinks{rest.Allowing(self, http.MethodGet), rest.Allowing(self+"/rules", http.MethodGet)},
		Embedded: accessOfApps{ResourceType: "APP"}, Type: typeAccessPolicy,
	}
	if expandRules {
		j.Embedded.Rules = []accessRuleJSON{a.accessRuleJSON(p)}
	}
	return j
}

// accessRuleJSON is the rule of the access policy: everybody, with a password.
type accessRuleJSON struct {
	ID          string        `json:"id"`
	Status      string        `json:"status"`
	Name        string        `json:"name"`
	Priority    int           `json:"priority"`
	Created     string        `json:"created"`
	LastUpdated string        `json:"lastUpdated"`
	System      bool          `json:"system"`
	Conditions  any           `json:"conditions"` // always null
	Actions     accessActions `json:"actions"`
	Links       accessLinks   `json:"_links"`
	Type        string        `json:"type"`
}

type accessActions struct {
	AppSignOn struct {
		Access             string `json:"access"`
		VerificationMethod struct {
			FactorMode string `json:"factorMode"`
			Type       string `json:"type"`
		} `json:"verificationMethod"`
	} `json:"appSignOn"`
}

func (a *API) accessRuleJSON(p app.AccessPolicy) accessRuleJSON {
	j := accessRuleJSON{
		ID: p.RuleID, Status: org.StatusActive, Name: "Catch-all Rule", Priority: rulePriority,
		Created: web.Time(p.Created), LastUpdated: web.Time(p.Created), System: true,
		Links: accessLinks{Self: rest.Allowing(a.Site.URL("/api/v1/policies/"+p.ID+"/rules/"+p.RuleID), http.MethodGet)}, Type: typeAccessPolicy,
	}
	j.Actions.AppSignOn.Access = org.ActionAllow
	j.Actions.AppSignOn.VerificationMethod.FactorMode = "1FA"
	j.Actions.AppSignOn.VerificationMethod.Type = "ASSURANCE"
	return j
}

func (a *API) getAccessPolicy(w http.ResponseWriter, r *http.Request) error {
	values, err := rest.Parameters(r)
	if err != nil {
		return err
	}
	p, err := a.Apps.AccessPolicy(r.Context())
	if err != nil {
		return err
	}
	return web.WriteJSON(w, http.StatusOK, a.accessPolicyJSON(p, expandsRules(values)))
}

func (a *API) listAccessRules(w http.ResponseWriter, r *http.Request) error {
	p, err := a.Apps.AccessPolicy(r.Context())
	if err != nil {
		return err
	}
	return web.WriteJSON(w, http.StatusOK, []accessRuleJSON{a.accessRuleJSON(p)})
}

func (a *API) getAccessRule(w http.ResponseWriter, r *http.Request) error {
	p, err := a.Apps.AccessPolicy(r.Context())
	if err != nil {
		return err
	}
	if rule := r.PathValue("rule"); rule != p.RuleID {
		return fault.Missing(rule, "PolicyRule")
	}
	return web.WriteJSON(w, http.StatusOK, a.accessRuleJSON(p))
}
