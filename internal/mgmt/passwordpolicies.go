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

func (a *API) passwordPolicies() policyKind {
	return policyKind{
		name: admin.TypePassword,
		has: func(ctx context.Context, id string) (bool, error) {
			_, err := a.Admin.PasswordPolicy(ctx, id)
			if fault.Is(err, fault.NotFound) {
				return false, nil
			}
			return err == nil, err
		},
		list:   a.listPasswordPolicies,
		create: a.createPasswordPolicy,
		calls: map[string]web.Handler{
			"GET /api/v1/policies/{id}":                                    a.getPasswordPolicy,
			"PUT /api/v1/policies/{id}":                                    a.replacePasswordPolicy,
			"DELETE /api/v1/policies/{id}":                                 done(a.Admin.DeletePasswordPolicy),
			"POST /api/v1/policies/{id}/lifecycle/activate":                done(a.Admin.ActivatePasswordPolicy),
			"POST /api/v1/policies/{id}/lifecycle/deactivate":              done(a.Admin.DeactivatePasswordPolicy),
			"POST /api/v1/policies/{id}/clone":                             refusing(fault.Field("policy", "type", "only authentication policies can be cloned")),
			"GET /api/v1/policies/{id}/mappings":                           noMappings,
			"POST /api/v1/policies/{id}/mappings":                          refusing(fault.Field(mappingObject, "", "A password policy is for people, not for apps.")),
			"GET /api/v1/policies/{id}/mappings/{mapping}":                 noMapping,
			"DELETE /api/v1/policies/{id}/mappings/{mapping}":              noMapping,
			"GET /api/v1/policies/{id}/rules":                              a.listPasswordRules,
			"POST /api/v1/policies/{id}/rules":                             a.createPasswordRule,
			"GET /api/v1/policies/{id}/rules/{rule}":                       a.getPasswordRule,
			"PUT /api/v1/policies/{id}/rules/{rule}":                       a.replacePasswordRule,
			"DELETE /api/v1/policies/{id}/rules/{rule}":                    ofRule(a.Admin.DeletePasswordRule),
			"POST /api/v1/policies/{id}/rules/{rule}/lifecycle/activate":   ofRule(a.Admin.ActivatePasswordRule),
			"POST /api/v1/policies/{id}/rules/{rule}/lifecycle/deactivate": ofRule(a.Admin.DeactivatePasswordRule),
		},
	}
}

// noMappings and noMapping answer for policies that no app has; recorded ones have
// the link.
func noMappings(w http.ResponseWriter, _ *http.Request) error {
	return web.WriteJSON(w, http.StatusOK, []mappingJSON{})
}

func noMapping(_ http.ResponseWriter, r *http.Request) error {
	return fault.Missing(r.PathValue("mapping"), mappingResource)
}

// ofRule is done for a rule.
func ofRule(change func(ctx context.Context, by admin.By, policyID, ruleID string) error) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		return rest.NoContent(w, change(r.Context(), rest.ByOf(r), r.PathValue("id"), r.PathValue("rule")))
	}
}

func (a *API) listPasswordPolicies(ctx context.Context, expandRules bool) ([]policyEntry, error) {
	all, err := a.Admin.PasswordPolicies(ctx)
	if err != nil {
		return nil, err
	}
	list := make([]policyEntry, len(all))
	for i, p := range all {
		list[i] = policyEntry{id: p.ID, name: p.Name, status: p.Status, json: a.passwordPolicyJSON(p, expandRules)}
	}
	return list, nil
}

func (a *API) getPasswordPolicy(w http.ResponseWriter, r *http.Request) error {
	values, err := rest.Parameters(r)
	if err != nil {
		return err
	}
	p, err := a.Admin.PasswordPolicy(r.Context(), r.PathValue("id"))
	return a.writePasswordPolicy(w, p, expandsRules(values), err)
}

func (a *API) createPasswordPolicy(w http.ResponseWriter, r *http.Request) error {
	in, err := readPasswordPolicy(r)
	if err != nil {
		return err
	}
	p, err := a.Admin.CreatePasswordPolicy(r.Context(), rest.ByOf(r), in)
	return a.writePasswordPolicy(w, p, false, err)
}

func (a *API) replacePasswordPolicy(w http.ResponseWriter, r *http.Request) error {
	in, err := readPasswordPolicy(r)
	if err != nil {
		return err
	}
	p, err := a.Admin.ReplacePasswordPolicy(r.Context(), rest.ByOf(r), r.PathValue("id"), in)
	return a.writePasswordPolicy(w, p, false, err)
}

func (a *API) writePasswordPolicy(w http.ResponseWriter, p *org.PasswordPolicy, expandRules bool, err error) error {
	if err != nil {
		return err
	}
	web.Tag(w, p.Revision())
	return web.WriteJSON(w, http.StatusOK, a.passwordPolicyJSON(p, expandRules))
}

func (a *API) listPasswordRules(w http.ResponseWriter, r *http.Request) error {
	p, err := a.Admin.PasswordPolicy(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	return web.WriteJSON(w, http.StatusOK, a.passwordRulesJSON(p))
}

func (a *API) getPasswordRule(w http.ResponseWriter, r *http.Request) error {
	rule, err := a.Admin.PasswordRule(r.Context(), r.PathValue("id"), r.PathValue("rule"))
	return a.writePasswordRule(w, r, rule, err)
}

func (a *API) createPasswordRule(w http.ResponseWriter, r *http.Request) error {
	in, err := readPasswordRule(r)
	if err != nil {
		return err
	}
	rule, err := a.Admin.CreatePasswordRule(r.Context(), rest.ByOf(r), r.PathValue("id"), in)
	return a.writePasswordRule(w, r, rule, err)
}

func (a *API) replacePasswordRule(w http.ResponseWriter, r *http.Request) error {
	in, err := readPasswordRule(r)
	if err != nil {
		return err
	}
	rule, err := a.Admin.ReplacePasswordRule(r.Context(), rest.ByOf(r), r.PathValue("id"), r.PathValue("rule"), in)
	return a.writePasswordRule(w, r, rule, err)
}

func (a *API) writePasswordRule(w http.ResponseWriter, r *http.Request, rule *org.PasswordRule, err error) error {
	if err != nil {
		return err
	}
	web.Tag(w, rule.Revision())
	return web.WriteJSON(w, http.StatusOK, a.passwordRuleJSON(r.PathValue("id"), rule))
}
