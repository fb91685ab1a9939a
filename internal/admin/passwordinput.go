package admin

import (
	"cmp"
	"fmt"

	"github.com/usher-id/usher/internal/edit"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/password"
	"github.com/usher-id/usher/internal/profile"
)

// PasswordPolicyInput is what a client says of a password policy.
type PasswordPolicyInput struct {
	Type        string // must be TypePassword
	Name        string
	Description string
	Status      string   // looked at when a policy is made, "" for org.StatusActive
	Priority    int      // 0 says nothing
	GroupIDs    []string // nil says nothing: Everyone of a new policy
	Provider    string   // "" for org.ProviderOkta
	Settings    PasswordSettingsInput
}

// PasswordSettingsInput are settings, with the lists and words of which they are
// read.
type PasswordSettingsInput struct {
	org.PasswordSettings
	ExcludeAttributes []string // of the user profile
	Channels          []string // by which people are told that they are locked out
	// The status of each way to recover.
	Question, Email, SMS, Call string
	// What usher does not know, and must not seem to keep; nil where nothing is
	// asked for.
	MaxConsecutive *int
	Expression     *string
}

// channelEmail is the only way that Okta knows to tell of a lock.
const channelEmail = "EMAIL"

// Bounds of the numbers. Okta documents those of expireAfterDays; the others let
// nobody's policy be a mistake of typing.
const (
	maxDays          = 9999
	maxMinutes       = 1_440_000 // 1,000 days
	maxHistory       = 30        // each is a slow hash to verify
	maxAttempts      = 1000
	maxBreachDays    = 10
	maxTokenMinutes  = 43_200 // 30 days
	maxAnswerLength  = 100
	settingsProperty = "settings.password."
	recoveryProperty = "settings.recovery.factors."
)

// check gives the settings that an input means, and what is wrong with it.
func (in *PasswordPolicyInput) check() (org.PasswordSettings, edit.Problems) {
	var found edit.Problems
	in.Provider = cmp.Or(in.Provider, org.ProviderOkta)
	found.OneOf("type", in.Type, TypePassword)
	found.Add("name", edit.NameProblem(in.Name))
	found.Add("description", edit.TextProblem(in.Description, maxDescription))
	found.AddUnless(in.Priority >= 0, "priority", "must be a positive number")
	found.OneOf("conditions.authProvider.provider", in.Provider, org.ProviderOkta, org.ProviderActiveDirectory, org.ProviderLDAP, org.ProviderAny)
	return in.Settings.check(&found), found
}

func (in *PasswordSettingsInput) check(found *edit.Problems) org.PasswordSettings {
	s := in.PasswordSettings
	for _, p := range []struct {
		name           string
		n, least, most int
	}{
		{settingsProperty + "complexity.minLength", s.Complexity.MinLength, password.LeastMinLength, password.MostMinLength},
		{settingsProperty + "complexity.minLowerCase", s.Complexity.MinLowerCase, 0, 1},
		{settingsProperty + "complexity.minUpperCase", s.Complexity.MinUpperCase, 0, 1},
		{settingsProperty + "complexity.minNumber", s.Complexity.MinNumber, 0, 1},
		{settingsProperty + "complexity.minSymbol", s.Complexity.MinSymbol, 0, 1},
		{settingsProperty + "age.maxAgeDays", s.Age.MaxDays, 0, maxDays},
		{settingsProperty + "age.expireWarnDays", s.Age.WarnDays, 0, maxDays},
		{settingsProperty + "age.minAgeMinutes", s.Age.MinMinutes, 0, maxMinutes},
		{settingsProperty + "age.historyCount", s.Age.HistoryCount, 0, maxHistory},
		{settingsProperty + "lockout.maxAttempts", s.Lockout.MaxAttempts, 0, maxAttempts},
		{settingsProperty + "lockout.autoUnlockMinutes", s.Lockout.UnlockMinutes, 0, maxMinutes},
		{recoveryProperty + "okta_email.properties.recoveryToken.tokenLifetimeMinutes", s.Recovery.TokenMinutes, 1, maxTokenMinutes},
		{recoveryProperty + "recovery_question.properties.complexity.minLength", s.Recovery.AnswerMinLength, 1, maxAnswerLength},
	} {
		found.AddUnless(p.least <= p.n && p.n <= p.most, p.name, fmt.Sprintf("must be a number from %d to %d", p.least, p.most))
	}
	const unknown = "is not supported by this version"
	found.AddUnless(in.MaxConsecutive == nil, settingsProperty+"complexity.maxConsecutiveCharacters", unknown)
	found.AddUnless(in.Expression == nil, settingsProperty+"complexity.oelStatement", unknown)
	for i, name := range in.ExcludeAttributes {
		found.OneOf(fmt.Sprintf("%scomplexity.excludeAttributes[%d]", settingsProperty, i), name, profile.FirstName, profile.LastName)
		s.Complexity.ExcludeFirstName = s.Complexity.ExcludeFirstName || name == profile.FirstName
		s.Complexity.ExcludeLastName = s.Complexity.ExcludeLastName || name == profile.LastName
	}
	for i, name := range in.Channels {
		found.OneOf(fmt.Sprintf("%slockout.userLockoutNotificationChannels[%d]", settingsProperty, i), name, channelEmail)
		s.Lockout.NotifyByEmail = true
	}
	checkBreached(s.Breached, found)
	for _, f := range []struct {
		name, status string
		active       *bool
	}{
		{"recovery_question", in.Question, &s.Recovery.Question},
		{"okta_email", in.Email, &s.Recovery.Email},
		{"okta_sms", in.SMS, &s.Recovery.SMS},
		{"okta_call", in.Call, &s.Recovery.Call},
	} {
		found.OneOf(recoveryProperty+f.name+".status", f.status, org.StatusActive, org.StatusInactive)
		*f.active = f.status == org.StatusActive
	}
	return s
}

// checkBreached checks what becomes of passwords that were found in a breach.
func checkBreached(b org.BreachedProtection, found *edit.Problems) {
	const property = settingsProperty + "breachedProtection."
	days := b.ExpireAfterDays
	found.AddUnless(days == nil || 0 <= *days && *days <= maxBreachDays, property+"expireAfterDays", fmt.Sprintf("must be a number from 0 to %d, or null", maxBreachDays))
	found.AddUnless(days != nil || !b.Logout, property+"logoutEnabled", "must be false without expireAfterDays")
	found.Add(property+"delegatedWorkflowId", edit.TextProblem(b.WorkflowID, edit.MaxName))
}
