package mgmt

import (
	"net/http"

	"github.com/usher-id/usher/internal/admin"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/profile"
	"github.com/usher-id/usher/internal/rest"
	"github.com/usher-id/usher/internal/web"
)

// passwordPolicyJSON is a password policy in Okta's JSON, its keys in the order of
// a recorded answer.
type passwordPolicyJSON struct {
	ID          string                 `json:"id"`
	Status      string                 `json:"status"`
	Name        string                 `json:"name"`
	Description string                 `json:"description"`
	Priority    int                    `json:"priority"`
	System      bool                   `json:"system"`
	Conditions  passwordConditions     `json:"conditions"`
	Created     string                 `json:"created"`
	LastUpdated string                 `json:"lastUpdated"`
	Settings    passwordSettings       `json:"settings"`
	Embedded    *passwordRulesEmbedded `json:"_embedded,omitempty"`
	Links       passwordPolicyLinks    `json:"_links"`
	Type        string                 `json:"type"`
}

type passwordRulesEmbedded struct {
	Rules []passwordRuleJSON `json:"rules"`
}

type passwordPolicyLinks struct {
	Mappings   *rest.Link `json:"mappings,omitempty"`
	Activate   *rest.Link `json:"activate,omitempty"`
	Self       *rest.Link `json:"self"`
	Rules      *rest.Link `json:"rules"`
	Deactivate *rest.Link `json:"deactivate,omitempty"`
}

// passwordConditions are whom a policy is for.
type passwordConditions struct {
	People struct {
		Groups struct {
			Include []string `json:"include"`
		} `json:"groups"`
	} `json:"people"`
	AuthProvider struct {
		Provider string `json:"provider"`
	} `json:"authProvider"`
}

// passwordSettings are read and written in one shape.
type passwordSettings struct {
	Password struct {
		Complexity complexityJSON `json:"complexity"`
		Age        struct {
			MaxDays    int `json:"maxAgeDays"`
			WarnDays   int `json:"expireWarnDays"`
			MinMinutes int `json:"minAgeMinutes"`
			History    int `json:"historyCount"`
		} `json:"age"`
		Lockout struct {
			MaxAttempts   int      `json:"maxAttempts"`
			UnlockMinutes int      `json:"autoUnlockMinutes"`
			Channels      []string `json:"userLockoutNotificationChannels"`
			Show          bool     `json:"showLockoutFailures"`
		} `json:"lockout"`
		Breached struct {
			Days     *int    `json:"expireAfterDays"`
			Logout   bool    `json:"logoutEnabled"`
			Workflow *string `json:"delegatedWorkflowId"`
		} `json:"breachedProtection"`
	} `json:"password"`
	Recovery struct {
		Factors struct {
			Question struct {
				Status     string `json:"status"`
				Properties struct {
					Complexity struct {
						MinLength int `json:"minLength"`
					} `json:"complexity"`
				} `json:"properties"`
			} `json:"recovery_question"`
			Email struct {
				Status     string `json:"status"`
				Properties struct {
					Token struct {
						Minutes int `json:"tokenLifetimeMinutes"`
					} `json:"recoveryToken"`
				} `json:"properties"`
			} `json:"okta_email"`
			SMS  factorJSON `json:"okta_sms"`
			Call factorJSON `json:"okta_call"`
		} `json:"factors"`
	} `json:"recovery"`
	Delegation struct {
		Options struct {
			SkipUnlock bool `json:"skipUnlock"`
		} `json:"options"`
	} `json:"delegation"`
}

type complexityJSON struct {
	MinLength       int  `json:"minLength"`
	MinLowerCase    int  `json:"minLowerCase"`
	MinUpperCase    int  `json:"minUpperCase"`
	MinNumber       int  `json:"minNumber"`
	MinSymbol       int  `json:"minSymbol"`
	ExcludeUsername bool `json:"excludeUsername"`
	Dictionary      struct {
		Common struct {
			Exclude bool `json:"exclude"`
		} `json:"common"`
	} `json:"dictionary"`
	ExcludeAttributes []string `json:"excludeAttributes"`
	// Okta has them for some orgs; usher refuses them.
	MaxConsecutive *int    `json:"maxConsecutiveCharacters,omitempty"`
	Expression     *string `json:"oelStatement,omitempty"`
}

type factorJSON struct {
	Status string `json:"status"`
}

func (a *API) passwordPolicyJSON(p *org.PasswordPolicy, expandRules bool) passwordPolicyJSON {
	j := passwordPolicyJSON{
		ID: p.ID, Status: p.Status, Name: p.Name, Description: p.Description, Priority: p.Priority, System: p.System,
		Created: web.Time(p.Created), LastUpdated: web.Time(p.LastUpdated), Settings: passwordSettingsOf(p.Settings),
		Links: a.passwordPolicyLinks(p), Type: admin.TypePassword,
	}
	j.Conditions.People.Groups.Include = listOf(p.GroupIDs)
	j.Conditions.AuthProvider.Provider = p.Provider
	if expandRules {
		j.Embedded = &passwordRulesEmbedded{a.passwordRulesJSON(p)}
	}
	return j
}

// listOf is a list that is [] in JSON when there is none.
func listOf(list []string) []string { return append([]string{}, list...) }

func (a *API) passwordPolicyLinks(p *org.PasswordPolicy) passwordPolicyLinks {
	self := a.Site.URL("/api/v1/policies/" + p.ID)
	links := passwordPolicyLinks{
		Self:  rest.Allowing(self, http.MethodGet, http.MethodPut),
		Rules: rest.Allowing(self+"/rules", http.MethodGet, http.MethodPost),
	}
	if p.System { // is for everybody, and always active
		return links
	}
	links.Self = rest.Allowing(self, http.MethodGet, http.MethodPut, http.MethodDelete)
	links.Mappings = rest.Allowing(self+"/mappings", http.MethodGet, http.MethodPost)
	if p.Status == org.StatusActive {
		links.Deactivate = rest.Allowing(self+"/lifecycle/deactivate", http.MethodPost)
	} else {
		links.Activate = rest.Allowing(self+"/lifecycle/activate", http.MethodPost)
	}
	return links
}

func passwordSettingsOf(s org.PasswordSettings) (j passwordSettings) {
	c := &j.Password.Complexity
	*c = complexityJSON{
		MinLength: s.Complexity.MinLength, MinLowerCase: s.Complexity.MinLowerCase, MinUpperCase: s.Complexity.MinUpperCase,
		MinNumber: s.Complexity.MinNumber, MinSymbol: s.Complexity.MinSymbol, ExcludeUsername: s.Complexity.ExcludeUsername,
		ExcludeAttributes: []string{},
	}
	c.Dictionary.Common.Exclude = s.Complexity.ExcludeCommon
	if s.Complexity.ExcludeFirstName {
		c.ExcludeAttributes = append(c.ExcludeAttributes, profile.FirstName)
	}
	if s.Complexity.ExcludeLastName {
		c.ExcludeAttributes = append(c.ExcludeAttributes, profile.LastName)
	}
	age := &j.Password.Age
	age.MaxDays, age.WarnDays, age.MinMinutes, age.History = s.Age.MaxDays, s.Age.WarnDays, s.Age.MinMinutes, s.Age.HistoryCount
	lock := &j.Password.Lockout
	lock.MaxAttempts, lock.UnlockMinutes, lock.Show, lock.Channels = s.Lockout.MaxAttempts, s.Lockout.UnlockMinutes, s.Lockout.ShowToPerson, []string{}
	if s.Lockout.NotifyByEmail {
		lock.Channels = []string{"EMAIL"}
	}
	breached := &j.Password.Breached
	breached.Days, breached.Logout = s.Breached.ExpireAfterDays, s.Breached.Logout
	if s.Breached.WorkflowID != "" {
		breached.Workflow = &s.Breached.WorkflowID
	}
	f := &j.Recovery.Factors
	f.Question.Status, f.Email.Status, f.SMS.Status, f.Call.Status = activity(s.Recovery.Question), activity(s.Recovery.Email), activity(s.Recovery.SMS), activity(s.Recovery.Call)
	f.Question.Properties.Complexity.MinLength = s.Recovery.AnswerMinLength
	f.Email.Properties.Token.Minutes = s.Recovery.TokenMinutes
	j.Delegation.Options.SkipUnlock = s.SkipUnlock
	return j
}

func activity(active bool) string {
	if active {
		return org.StatusActive
	}
	return org.StatusInactive
}

// passwordPolicyBody is a policy as clients write it. What else they send (id,
// system, created, the links that they got) is not looked at.
type passwordPolicyBody struct {
	Type        string              `json:"type"`
	Name        string              `json:"name"`
	Description string              `json:"description"`
	Status      string              `json:"status"`
	Priority    int                 `json:"priority"`
	Conditions  *passwordConditions `json:"conditions"`
	Settings    passwordSettings    `json:"settings"`
}

// readPasswordPolicy reads a policy. The settings that it leaves out are those of
// a new org.
func readPasswordPolicy(r *http.Request) (admin.PasswordPolicyInput, error) {
	body := passwordPolicyBody{Settings: passwordSettingsOf(org.DefaultPasswordSettings())}
	if err := web.ReadJSON(r, &body); err != nil {
		return admin.PasswordPolicyInput{}, err
	}
	in := admin.PasswordPolicyInput{
		Type: body.Type, Name: body.Name, Description: body.Description, Status: body.Status, Priority: body.Priority,
		Settings: body.Settings.input(),
	}
	if body.Conditions != nil {
		in.GroupIDs, in.Provider = body.Conditions.People.Groups.Include, body.Conditions.AuthProvider.Provider
	}
	return in, nil
}

func (j *passwordSettings) input() (in admin.PasswordSettingsInput) {
	c := j.Password.Complexity
	in.Complexity.MinLength, in.Complexity.MinLowerCase, in.Complexity.MinUpperCase = c.MinLength, c.MinLowerCase, c.MinUpperCase
	in.Complexity.MinNumber, in.Complexity.MinSymbol = c.MinNumber, c.MinSymbol
	in.Complexity.ExcludeUsername, in.Complexity.ExcludeCommon, in.ExcludeAttributes = c.ExcludeUsername, c.Dictionary.Common.Exclude, c.ExcludeAttributes
	in.MaxConsecutive, in.Expression = c.MaxConsecutive, c.Expression
	age, lock, breached, f := j.Password.Age, j.Password.Lockout, j.Password.Breached, j.Recovery.Factors
	in.Age = org.PasswordAge{MaxDays: age.MaxDays, WarnDays: age.WarnDays, MinMinutes: age.MinMinutes, HistoryCount: age.History}
	in.Lockout = org.Lockout{MaxAttempts: lock.MaxAttempts, UnlockMinutes: lock.UnlockMinutes, ShowToPerson: lock.Show}
	in.Channels = lock.Channels
	in.Breached = org.BreachedProtection{ExpireAfterDays: breached.Days, Logout: breached.Logout}
	if breached.Workflow != nil {
		in.Breached.WorkflowID = *breached.Workflow
	}
	in.Question, in.Email, in.SMS, in.Call = f.Question.Status, f.Email.Status, f.SMS.Status, f.Call.Status
	in.Recovery = org.PasswordRecovery{TokenMinutes: f.Email.Properties.Token.Minutes, AnswerMinLength: f.Question.Properties.Complexity.MinLength}
	in.SkipUnlock = j.Delegation.Options.SkipUnlock
	return in
}
