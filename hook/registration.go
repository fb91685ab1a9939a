package hook

import (
	"cmp"
	"slices"
)

// Request types of the registration hook. The Classic Engine sends none.
const (
	RequestSelfServiceRegistration = "self.service.registration"
	RequestProgressiveProfile      = "progressive.profile"
)

// RegistrationRequest is the body that a registration hook receives: of
// self-service registration (Data.UserProfile is there) and of progressive
// profile enrollment (Data.UserProfileUpdate and Data.Context.User are there).
type RegistrationRequest struct {
	Envelope
	RequestType string           `json:"requestType,omitempty"`
	Data        RegistrationData `json:"data"`
}

// RegistrationData is `data`: Context cannot be changed by commands, the rest
// can. Passwords and attributes that the user schema marks as sensitive are in
// none of it.
type RegistrationData struct {
	Context RegistrationContext `json:"context"`
	// UserProfile is what the person entered: firstName, lastName, login, email,
	// then the other fields of the form. Empty fields are absent.
	UserProfile *Object `json:"userProfile,omitempty"`
	Action      string  `json:"action"` // always ALLOW
	// UserProfileUpdate is the difference between the stored profile and what
	// the person entered.
	UserProfileUpdate *Object `json:"userProfileUpdate,omitempty"`
}

// RegistrationContext is where the request came from and, in progressive
// enrollment, whose profile it is.
type RegistrationContext struct {
	Request RequestContext `json:"request"`
	User    *User          `json:"user,omitempty"`
}

// User is an existing user as hook requests show one.
type User struct {
	PasswordChanged string    `json:"passwordChanged,omitempty"` // absent without a password
	Links           UserLinks `json:"_links"`
	// Profile has firstName, lastName, timeZone, login and locale.
	Profile *Object `json:"profile"`
	ID      string  `json:"id"`
}

// UserLinks are paths of the management API, relative to the org.
type UserLinks struct {
	Groups  Link `json:"groups"`
	Factors Link `json:"factors"`
}

// Link is one of them.
type Link struct {
	Href string `json:"href"`
}

// Profile is what the person entered, whichever the request type: UserProfile
// or UserProfileUpdate. It is never nil.
func (r *RegistrationRequest) Profile() *Object {
	if p := r.Data.UserProfile; p != nil {
		return p
	}
	if p := r.Data.UserProfileUpdate; p != nil {
		return p
	}
	return &Object{}
}

// Attribute is an attribute that the person entered, as text: a string as it is,
// anything else as its JSON (a number in its own spelling), "" for one that was
// left empty. In progressive enrollment an attribute that was not entered is
// read from the stored profile, as far as the request shows it; to ask for what
// was entered alone, use Profile.
func (r *RegistrationRequest) Attribute(name string) string {
	v, ok := r.Profile().Get(name)
	if u := r.Data.Context.User; !ok && u != nil {
		v, _ = u.Profile.Get(name)
	}
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	}
	text, err := Encode(v)
	if err != nil { // only for values that a program put there itself
		return ""
	}
	return string(text)
}

// Answer is what a hook service decides. Its zero value allows. Make one with
// [Allow], [Deny], [DenyField] or [Set], and add to it with its methods of the
// same names:
//
//	hook.Set("userType", "Contractor").Set("badge", 12)
//	hook.DenyField("email", "…").DenyField("badge", "…")
//
// A refusal beats what was set: then nothing is stored.
type Answer struct {
	deny    bool
	summary string
	causes  []Cause
	updates *Object
	debug   *Object
}

// Allow lets the registration or the update go on as it is.
func Allow() Answer { return Answer{} }

// Deny refuses with a message above the form. An empty message leaves the words
// to the server ("Registration denied.").
func Deny(message string) Answer { return Answer{}.Deny(message) }

// DenyField refuses with a message at the field of an attribute.
func DenyField(attribute, message string) Answer { return Answer{}.DenyField(attribute, message) }

// Set allows and sets an attribute of the profile. The attribute must exist in
// the user schema, and the value must have its type. A nil value unsets it.
func Set(attribute string, value any) Answer { return Answer{}.Set(attribute, value) }

// Deny adds a refusal with a message above the form.
func (a Answer) Deny(message string) Answer {
	a.deny = true
	if message != "" {
		a.causes = append(slices.Clip(a.causes), Cause{Summary: message, Domain: "end-user"})
	}
	return a
}

// DenyField adds a refusal with a message at the field of an attribute.
func (a Answer) DenyField(attribute, message string) Answer {
	a.deny = true
	a.causes = append(slices.Clip(a.causes), Cause{
		Summary:      message,
		LocationType: "body",
		Location:     "data.userProfile." + attribute, // the documented form for both request types
		Domain:       "end-user",
	})
	return a
}

// Reason gives the message that was added last a code for programs, such as
// INVALID_EMAIL_DOMAIN. Without a message before it, it does nothing.
func (a Answer) Reason(code string) Answer {
	if n := len(a.causes); n > 0 {
		a.causes = slices.Clone(a.causes)
		a.causes[n-1].Reason = code
	}
	return a
}

// Summary says in the server's System Log why an answer with messages refuses.
// It is never shown to the person. Without it the log has the first message.
func (a Answer) Summary(text string) Answer {
	a.summary = text
	return a
}

// Set adds an attribute to set. Attributes are set in the order of the calls.
func (a Answer) Set(attribute string, value any) Answer {
	a.updates = extended(a.updates, attribute, value)
	return a
}

// Debug adds to debugContext, which the server copies to its System Log. It is
// never shown to the person.
func (a Answer) Debug(name string, value any) Answer {
	a.debug = extended(a.debug, name, value)
	return a
}

func extended(o *Object, name string, value any) *Object {
	if o = o.Clone(); o == nil {
		o = &Object{}
	}
	o.Set(name, value)
	return o
}

// Response is the answer as the body for a request of that type: the profile
// update command differs between registration and progressive enrollment.
func (a Answer) Response(requestType string) Response {
	r := Response{DebugContext: a.debug}
	if a.deny {
		r.Commands = []Command{{CommandAction, NewObject(Member{"registration", ActionDeny})}}
		if len(a.causes) > 0 {
			r.Error = &Error{Summary: cmp.Or(a.summary, a.causes[0].Summary), Causes: a.causes}
		}
		return r
	}
	if a.updates.Len() > 0 {
		r.Commands = []Command{{UpdateCommand(requestType), a.updates}}
	}
	return r
}

// UpdateCommand is the command that updates a profile in a request of that
// type.
func UpdateCommand(requestType string) string {
	if requestType == RequestProgressiveProfile {
		return CommandProgressiveProfileUpdate
	}
	return CommandProfileUpdate
}
