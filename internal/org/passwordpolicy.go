package org

import (
	"context"
	"slices"
	"time"

	"github.com/usher-id/usher/internal/password"
)

// PasswordPolicy says which passwords people may have, how long, and how often
// they may be mistaken. It is for the people of its groups; of several, the one of
// the lowest Priority counts.
type PasswordPolicy struct {
	ID          string
	Name        string
	Description string
	System      bool // the default policy, for everybody else
	Status      string
	Priority    int      // from 1; the default policy is the last
	GroupIDs    []string // for whose members it is
	// Provider is by whom people are known whom it is for. Of the Provider
	// constants OKTA, which usher is, ACTIVE_DIRECTORY and LDAP; and ProviderAny.
	Provider    string
	Settings    PasswordSettings
	Rules       []PasswordRule // by priority
	Created     time.Time
	LastUpdated time.Time
}

// ProviderAny is whoever people are known by.
const ProviderAny = "ANY"

// PasswordSettings are what a policy says of passwords.
type PasswordSettings struct {
	Complexity password.Rules
	Age        PasswordAge
	Lockout    Lockout
	Breached   BreachedProtection
	Recovery   PasswordRecovery
	SkipUnlock bool // of accounts of a directory server
}

// PasswordAge is for how long a password can be used, and not changed.
type PasswordAge struct {
	MaxDays      int // 0 is for ever
	WarnDays     int // before the end; 0 is never
	MinMinutes   int // before the person may change it again
	HistoryCount int // so many of the last passwords are not taken again
}

// Expired tells whether a password is too old to be used.
func (a PasswordAge) Expired(changed, now time.Time) bool {
	return a.MaxDays > 0 && !now.Before(changed.AddDate(0, 0, a.MaxDays))
}

// Lockout is what becomes of an account whose password is guessed at.
type Lockout struct {
	MaxAttempts   int // wrong passwords in a row; 0 is no limit
	UnlockMinutes int // after which it is open again; 0 is when somebody opens it
	NotifyByEmail bool
	ShowToPerson  bool // says at the sign-in that the account is locked
}

// Locked tells whether an account that was locked then is so still.
func (l Lockout) Locked(since, now time.Time) bool {
	return l.UnlockMinutes == 0 || now.Before(since.Add(time.Duration(l.UnlockMinutes)*time.Minute))
}

// BreachedProtection is what becomes of a password that was found in a breach.
type BreachedProtection struct {
	ExpireAfterDays *int // nil is never
	Logout          bool
	WorkflowID      string // or ""
}

// PasswordRecovery is by what people prove themselves who forgot their password.
type PasswordRecovery struct {
	Question, Email, SMS, Call bool
	TokenMinutes               int // life of the token in an e-mail
	AnswerMinLength            int // of the question, in characters
}

// PasswordRule says what people may do by themselves with their passwords.
type PasswordRule struct {
	ID       string
	Name     string
	System   bool // that of the default policy, which is always there
	Status   string
	Priority int // from 1
	// Whom it is for, by id; without anybody, for everybody.
	IncludeUsers, ExcludeUsers   []string
	IncludeGroups, ExcludeGroups []string
	// ActionAllow or ActionDeny each.
	Change, Reset, Unlock string
	Requirement           *ResetRequirement // of Reset; nil where nobody said
	Created, LastUpdated  time.Time
}

// ResetRequirement is what somebody has to prove to reset a password, in the words
// of Okta's API.
type ResetRequirement struct {
	PrimaryMethods []string
	Constraints    []MethodConstraint
	StepUp         bool
	StepUpMethods  []string
	AccessControl  string
}

// MethodConstraint names the authenticators that are good for a method.
type MethodConstraint struct {
	Method         string
	Authenticators []string // by key
}

// Rule gives a rule of the policy by its id, or nil.
func (p *PasswordPolicy) Rule(id string) *PasswordRule {
	i := slices.IndexFunc(p.Rules, func(r PasswordRule) bool { return r.ID == id })
	if i < 0 {
		return nil
	}
	return &p.Rules[i]
}

// Clone is a policy of its own.
func (p *PasswordPolicy) Clone() *PasswordPolicy {
	c := *p
	c.GroupIDs = slices.Clone(p.GroupIDs)
	if days := p.Settings.Breached.ExpireAfterDays; days != nil {
		d := *days
		c.Settings.Breached.ExpireAfterDays = &d
	}
	c.Rules = slices.Clone(p.Rules)
	for i, r := range c.Rules {
		own := &c.Rules[i]
		own.IncludeUsers, own.ExcludeUsers = slices.Clone(r.IncludeUsers), slices.Clone(r.ExcludeUsers)
		own.IncludeGroups, own.ExcludeGroups = slices.Clone(r.IncludeGroups), slices.Clone(r.ExcludeGroups)
		if r.Requirement != nil {
			own.Requirement = r.Requirement.clone()
		}
	}
	return &c
}

// DefaultPasswordSettings are those of a new org. They are not Okta's in two
// things: composition does not count, and a locked account opens by itself, since
// otherwise ten requests would keep a person out until somebody helps.
func DefaultPasswordSettings() PasswordSettings {
	return PasswordSettings{
		Complexity: password.DefaultRules(),
		Age:        PasswordAge{HistoryCount: 4},
		Lockout:    Lockout{MaxAttempts: 10, UnlockMinutes: 15},
		Recovery:   PasswordRecovery{Email: true, TokenMinutes: 60, AnswerMinLength: 4},
	}
}

func (q *ResetRequirement) clone() *ResetRequirement {
	c := *q
	c.PrimaryMethods, c.StepUpMethods = slices.Clone(q.PrimaryMethods), slices.Clone(q.StepUpMethods)
	c.Constraints = slices.Clone(q.Constraints)
	for i, m := range c.Constraints {
		c.Constraints[i].Authenticators = slices.Clone(m.Authenticators)
	}
	return &c
}

// applies tells whether a policy is for people whose password usher knows.
func (p *PasswordPolicy) applies() bool {
	return p.Status == StatusActive && (p.Provider == ProviderOkta || p.Provider == ProviderAny)
}

// PasswordSettingsOf gives what holds for the password of a user: the settings of
// the first policy that is for one of the user's groups, or else of the default
// policy. The rules of a policy say what people may do by themselves, and do not
// matter here.
func PasswordSettingsOf(ctx context.Context, tx *Tx, userID string) (PasswordSettings, error) {
	return passwordSettings(ctx, tx, func() ([]*Group, error) { return tx.Members.Groups(ctx, userID) })
}

// PasswordSettingsForNew is PasswordSettingsOf for somebody who is about to become
// a user: a member of Everyone and of the groups. "" is no group.
func PasswordSettingsForNew(ctx context.Context, tx *Tx, groupIDs ...string) (PasswordSettings, error) {
	return passwordSettings(ctx, tx, func() ([]*Group, error) {
		everyone, err := tx.Groups.ByName(ctx, Everyone)
		if err != nil {
			return nil, err
		}
		groups := []*Group{everyone}
		for _, id := range groupIDs {
			groups = append(groups, &Group{ID: id})
		}
		return groups, nil
	})
}

// passwordSettings asks for the groups only where a policy is for some.
func passwordSettings(ctx context.Context, tx *Tx, groups func() ([]*Group, error)) (PasswordSettings, error) {
	all, err := tx.PasswordPolicies.List(ctx)
	if err != nil {
		return PasswordSettings{}, err
	}
	settings := DefaultPasswordSettings() // of a database that nobody has set up
	var in []*Group
	for _, p := range all {
		if p.System {
			settings = p.Settings
			continue
		}
		if in == nil && p.applies() {
			if in, err = groups(); err != nil {
				return PasswordSettings{}, err
			}
		}
		if p.applies() && slices.ContainsFunc(in, func(g *Group) bool { return slices.Contains(p.GroupIDs, g.ID) }) {
			return p.Settings, nil
		}
	}
	return settings, nil
}
