package extension

import (
	"time"

	"github.com/usher-id/usher/hook"
	"github.com/usher-id/usher/internal/profile"
)

// Texts that a person sees when the hook gave no words of its own; byte for
// byte those of Okta's registration inline hook reference.
const (
	msgRegistrationError   = "Registration cannot be completed at this time."
	msgProgressiveError    = "We found some errors. Please review the form and make corrections."
	msgRegistrationDenied  = "Registration denied."
	msgProgressiveDenied   = "Profile update denied."
	msgRegistrationTimeout = "There was an error creating your account. Please try registering again."
	msgProgressiveTimeout  = "Your profile couldn't be updated at this time. Please try again later."
)

// rules are what differs between the request types of one hook type: which
// commands are legal, and what the person sees when the answer has no words.
// Both fail closed: without a usable answer nobody is registered and nothing is
// stored.
type rules struct {
	update  string // the one profile update command that is legal
	refused string // an error object without a usable cause
	denied  string // the action DENY without an error object
	failed  string // no answer in time, and every other technical failure
}

// registrationRules is the table of the registration hook, by request type. The
// Classic Engine sends no request type and reads what registration reads.
func registrationRules(requestType string) rules {
	if requestType == hook.RequestProgressiveProfile {
		return rules{
			update:  hook.CommandProgressiveProfileUpdate,
			refused: msgProgressiveError,
			denied:  msgProgressiveDenied,
			failed:  msgProgressiveTimeout,
		}
	}
	return rules{
		update:  hook.CommandProfileUpdate,
		refused: msgRegistrationError,
		denied:  msgRegistrationDenied,
		failed:  msgRegistrationTimeout,
	}
}

// legal lists the commands of a request type.
func (r rules) legal() []string { return []string{r.update, hook.CommandAction} }

// allCommands is every command of every hook type: one that is none of them is
// unknown, one that is another type's is merely out of place.
var allCommands = [...]string{
	hook.CommandAction, hook.CommandProfileUpdate, hook.CommandProgressiveProfileUpdate,
	hook.CommandIdentityPatch, hook.CommandAccessPatch, hook.CommandAssertionPatch,
	hook.CommandAppUserProfileUpdate, hook.CommandUserUpdate, hook.CommandTelephonyAction,
}

// RegistrationRequest makes the body of a registration hook's request. It takes
// nothing but disclosed values, so that a password or a sensitive attribute
// cannot get into it.
func RegistrationRequest(eventID string, at time.Time, in Registration) *hook.RegistrationRequest {
	r := &hook.RegistrationRequest{
		Envelope:    hook.NewEnvelope(hook.TypeRegistration),
		RequestType: in.RequestType,
		Data: hook.RegistrationData{
			Context: hook.RegistrationContext{Request: in.Request, User: in.User},
			Action:  hook.ActionAllow,
		},
	}
	r.EventID = eventID
	// Whole seconds, as in every published sample of an inline hook.
	r.EventTime = at.UTC().Truncate(time.Second).Format(hook.TimeFormat)
	r.Source = in.Source
	if in.RequestType == hook.RequestProgressiveProfile {
		r.Data.UserProfileUpdate = in.Disclosed.Object()
	} else {
		r.Data.UserProfile = in.Disclosed.Object()
	}
	return r
}

// Registration is one question to a registration hook.
type Registration struct {
	RequestType string // of package hook; "" in the Classic Engine
	Source      string // of the policy, reg…
	Request     hook.RequestContext
	Disclosed   profile.Disclosed // what was entered, or the difference
	User        *hook.User        // of progressive enrollment
	Form        []string          // names of the form's fields, where messages can be shown
	Schema      *profile.Schema
}
