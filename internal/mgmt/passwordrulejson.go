package mgmt

import (
	"net/http"

	"github.com/usher-id/usher/internal/admin"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/rest"
	"github.com/usher-id/usher/internal/web"
)

// passwordRuleJSON is a rule of a password policy in Okta's JSON, its keys in the
// order of a recorded answer.
type passwordRuleJSON struct {
	ID          string            `json:"id"`
	Status      string            `json:"status"`
	Name        string            `json:"name"`
	Priority    int               `json:"priority"`
	Created     string            `json:"created"`
	LastUpdated string            `json:"lastUpdated"`
	System      bool              `json:"system"`
	Conditions  passwordRuleFor   `json:"conditions"`
	Actions     passwordActions   `json:"actions"`
	Links       passwordRuleLinks `json:"_links"`
	Type        string            `json:"type"`
}

type passwordRuleLinks struct {
	Activate   *rest.Link `json:"activate,omitempty"`
	Self       *rest.Link `json:"self"`
	Deactivate *rest.Link `json:"deactivate,omitempty"`
}

// passwordRuleFor is whom a rule is for, and where.
type passwordRuleFor struct {
	People struct {
		Users struct {
			Include []string `json:"include,omitempty"`
			Exclude []string `json:"exclude"`
		} `json:"users"`
		Groups *ruleGroups `json:"groups,omitempty"`
	} `json:"people"`
	Network struct {
		Connection string   `json:"connection"`
		Include    []string `json:"include,omitempty"`
		Exclude    []string `json:"exclude,omitempty"`
	} `json:"network"`
}

type ruleGroups struct {
	Include []string `json:"include,omitempty"`
	Exclude []string `json:"exclude,omitempty"`
}

// passwordActions are what people may do by themselves.
type passwordActions struct {
	Change accessJSON `json:"passwordChange"`
	Reset  struct {
		accessJSON
		Requirement *requirementJSON `json:"requirement,omitempty"`
	} `json:"selfServicePasswordReset"`
	Unlock accessJSON `json:"selfServiceUnlock"`
}

type accessJSON struct {
	Access string `json:"access"`
}

type requirementJSON struct {
	Primary struct {
		Methods     []string         `json:"methods"`
		Constraints []constraintJSON `json:"methodConstraints,omitempty"`
	} `json:"primary"`
	StepUp struct {
		Required bool     `json:"required"`
		Methods  []string `json:"methods,omitempty"`
	} `json:"stepUp"`
	AccessControl string `json:"accessControl"`
}

type constraintJSON struct {
	Method         string             `json:"method"`
	Authenticators []authenticatorKey `json:"allowedAuthenticators"`
}

type authenticatorKey struct {
	Key string `json:"key"`
}

func (a *API) passwordRulesJSON(p *org.PasswordPolicy) []passwordRuleJSON {
	list := make([]passwordRuleJSON, len(p.Rules))
	for i := range p.Rules {
		list[i] = a.passwordRuleJSON(p.ID, &p.Rules[i])
	}
	return list
}

func (a *API) passwordRuleJSON(policyID string, r *org.PasswordRule) passwordRuleJSON {
	j := passwordRuleJSON{
		ID: r.ID, Status: r.Status, Name: r.Name, Priority: r.Priority, Created: web.Time(r.Created), LastUpdated: web.Time(r.LastUpdated),
		System: r.System, Links: a.passwordRuleLinks(policyID, r), Type: admin.TypePassword,
	}
	j.Conditions.People.Users.Include, j.Conditions.People.Users.Exclude = r.IncludeUsers, listOf(r.ExcludeUsers)
	if len(r.IncludeGroups)+len(r.ExcludeGroups) > 0 {
		j.Conditions.People.Groups = &ruleGroups{r.IncludeGroups, r.ExcludeGroups}
	}
	j.Conditions.Network.Connection = "ANYWHERE"
	j.Actions.Change.Access, j.Actions.Reset.Access, j.Actions.Unlock.Access = r.Change, r.Reset, r.Unlock
	j.Actions.Reset.Requirement = requirementOf(r.Requirement)
	return j
}

func (a *API) passwordRuleLinks(policyID string, r *org.PasswordRule) passwordRuleLinks {
	self := a.Site.URL("/api/v1/policies/" + policyID + "/rules/" + r.ID)
	switch {
	case r.System:
		return passwordRuleLinks{Self: rest.Allowing(self, http.MethodGet, http.MethodPut)}
	case r.Status == org.StatusActive:
		return passwordRuleLinks{Self: rest.Allowing(self, http.MethodGet, http.MethodPut, http.MethodDelete), Deactivate: rest.Allowing(self+"/lifecycle/deactivate", http.MethodPost)}
	}
	return passwordRuleLinks{Self: rest.Allowing(self, http.MethodGet, http.MethodPut, http.MethodDelete), Activate: rest.Allowing(self+"/lifecycle/activate", http.MethodPost)}
}

func requirementOf(q *org.ResetRequirement) *requirementJSON {
	if q == nil {
		return nil
	}
	j := new(requirementJSON)
	j.Primary.Methods, j.StepUp.Required, j.StepUp.Methods, j.AccessControl = listOf(q.PrimaryMethods), q.StepUp, q.StepUpMethods, q.AccessControl
	for _, c := range q.Constraints {
		m := constraintJSON{Method: c.Method, Authenticators: []authenticatorKey{}}
		for _, key := range c.Authenticators {
			m.Authenticators = append(m.Authenticators, authenticatorKey{key})
		}
		j.Primary.Constraints = append(j.Primary.Constraints, m)
	}
	return j
}

// readPasswordRule reads a rule. The actions that it leaves out are as Terraform's
// provider has them; what else clients send (id, system) is not looked at.
func readPasswordRule(r *http.Request) (admin.PasswordRuleInput, error) {
	var body struct {
		Type       string          `json:"type"`
		Name       string          `json:"name"`
		Status     string          `json:"status"`
		Priority   int             `json:"priority"`
		Conditions passwordRuleFor `json:"conditions"`
		Actions    passwordActions `json:"actions"`
	}
	body.Actions.Change.Access, body.Actions.Reset.Access, body.Actions.Unlock.Access = org.ActionAllow, org.ActionAllow, org.ActionDeny
	if err := web.ReadJSON(r, &body); err != nil {
		return admin.PasswordRuleInput{}, err
	}
	people, network := body.Conditions.People, body.Conditions.Network
	in := admin.PasswordRuleInput{
		Type: body.Type, Name: body.Name, Status: body.Status, Priority: body.Priority,
		IncludeUsers: people.Users.Include, ExcludeUsers: people.Users.Exclude,
		Connection: network.Connection, Zones: append(network.Include, network.Exclude...),
		Change: body.Actions.Change.Access, Reset: body.Actions.Reset.Access, Unlock: body.Actions.Unlock.Access,
	}
	if g := people.Groups; g != nil {
		in.IncludeGroups, in.ExcludeGroups = g.Include, g.Exclude
	}
	if q := body.Actions.Reset.Requirement; q != nil {
		in.Requirement = q.input()
	}
	return in, nil
}

func (q *requirementJSON) input() *org.ResetRequirement {
	out := &org.ResetRequirement{PrimaryMethods: q.Primary.Methods, StepUp: q.StepUp.Required, StepUpMethods: q.StepUp.Methods, AccessControl: q.AccessControl}
	if out.AccessControl == "" {
		out.AccessControl = "LEGACY"
	}
	for _, c := range q.Primary.Constraints {
		m := org.MethodConstraint{Method: c.Method}
		for _, k := range c.Authenticators {
			m.Authenticators = append(m.Authenticators, k.Key)
		}
		out.Constraints = append(out.Constraints, m)
	}
	return out
}
