package org

import (
	"time"

	"github.com/usher-id/usher/hook"
)

// Policy is a profile enrollment policy. It has exactly one rule.
type Policy struct {
	ID          string
	Source      string // reg…: what hook requests name as their source, for life
	Name        string
	Description string
	System      bool // the default policy, which cannot be deleted
	Status      string
	Priority    int
	Rule        Rule
	Created     time.Time
	LastUpdated time.Time
}

// Values of a rule.
const (
	ActionRegister = "REGISTER"
	ActionDeny     = "DENY"
	ActionAllow    = "ALLOW"
	Enabled        = "ENABLED"
	Disabled       = "DISABLED"
)

// Rule is the one rule of a profile enrollment policy, with the properties of
// Okta's Policies API.
type Rule struct {
	ID     string
	Name   string
	Access string // ActionAllow or ActionDeny
	// UnknownUserAction is ActionRegister where people may sign up, else
	// ActionDeny.
	UnknownUserAction string
	EmailVerification bool
	// HookID is the one registration hook, or "".
	HookID   string
	Triggers Triggers
	// Attributes are the form, in its order. Names that the schema does not know
	// are shown, sent to the hook and never stored.
	Attributes                 []FormAttribute
	ProgressiveProfilingAction string // Enabled or Disabled
	TargetGroupID              string // joined by new users, or ""
	AllowedIdentifiers         []string
	EnrollAuthenticatorTypes   []string
	UISchemaID                 string
	Created, LastUpdated       time.Time
}

// Triggers is when the hook of a rule runs ("Run this hook").
type Triggers struct {
	NewUser      bool // a new user is created
	ExistingUser bool // attributes are collected for an existing user
}

// Names are the request types for which the hook runs.
func (t Triggers) Names() []string {
	names := make([]string, 0, 2)
	if t.NewUser {
		names = append(names, hook.RequestSelfServiceRegistration)
	}
	if t.ExistingUser {
		names = append(names, hook.RequestProgressiveProfile)
	}
	return names
}

// FormAttribute is one field of the form.
type FormAttribute struct {
	Name     string
	Label    string
	Required bool
}

// SelfServiceRegistration tells whether people may sign up by this policy.
func (p *Policy) SelfServiceRegistration() bool {
	return p.Status == StatusActive && p.Rule.Access == ActionAllow && p.Rule.UnknownUserAction == ActionRegister
}
