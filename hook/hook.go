package hook

// Types of inline hooks, as `eventType` of a request and as `type` of a hook in
// the management API.
const (
	TypeRegistration   = "com.okta.user.pre-registration"
	TypePasswordImport = "com.okta.user.credential.password.import"
	TypeToken          = "com.okta.oauth2.tokens.transform"
	TypeSAML           = "com.okta.saml.tokens.transform"
	TypeUserImport     = "com.okta.import.transform"
	TypeTelephony      = "com.okta.telephony.provider"
)

// TypeEvent is the `eventType` of an event hook's delivery.
const TypeEvent = "com.okta.event_hook"

// Types is every type of inline hook.
var Types = [...]string{
	TypeUserImport, TypeToken, TypeSAML, TypeTelephony, TypePasswordImport, TypeRegistration,
}

// Commands that an answer may hold. Which of them are legal depends on the type
// of the hook and, for registration, on the request type.
const (
	CommandAction                   = "com.okta.action.update"
	CommandProfileUpdate            = "com.okta.user.profile.update"
	CommandProgressiveProfileUpdate = "com.okta.user.progressive.profile.update"
	CommandIdentityPatch            = "com.okta.identity.patch"
	CommandAccessPatch              = "com.okta.access.patch"
	CommandAssertionPatch           = "com.okta.assertion.patch"
	CommandAppUserProfileUpdate     = "com.okta.appUser.profile.update"
	CommandUserUpdate               = "com.okta.user.update"
	CommandTelephonyAction          = "com.okta.telephony.action"
)

// Values of `data.action` and of the command that changes it.
const (
	ActionAllow = "ALLOW"
	ActionDeny  = "DENY"
)

// Limits of the contract.
const (
	// MaxAnswer is the first size of an answer, in bytes, that is too large:
	// Okta asks for less than 256 KB.
	MaxAnswer = 256 << 10
	// MaxCommands is the most commands that one answer may hold.
	MaxCommands = 1000
	// MaxCauses is the most causes that one error object may hold.
	MaxCauses = 100
)

// Envelope is what the requests of every hook type begin with; it follows
// CloudEvents 0.1.
type Envelope struct {
	EventID           string `json:"eventId"`   // unique per call, the same in its retry
	EventTime         string `json:"eventTime"` // UTC, 2006-01-02T15:04:05.000Z
	EventType         string `json:"eventType"` // one of the Type constants
	EventTypeVersion  string `json:"eventTypeVersion"`
	ContentType       string `json:"contentType"`
	CloudEventVersion string `json:"cloudEventVersion"`
	Source            string `json:"source"` // registration: id of the policy, reg…
}

// TimeFormat is the layout of every time in a request, which is in UTC.
const TimeFormat = "2006-01-02T15:04:05.000Z"

// NewEnvelope fills what never changes.
func NewEnvelope(eventType string) Envelope {
	return Envelope{
		EventType:         eventType,
		EventTypeVersion:  "1.0",
		ContentType:       "application/json",
		CloudEventVersion: "0.1",
	}
}

// RequestContext is the request of the person that led to the call
// (`data.context.request`).
type RequestContext struct {
	Method    string     `json:"method"`
	IPAddress string     `json:"ipAddress"` // of the person, behind trusted proxies
	ID        string     `json:"id"`        // transaction.id in the System Log
	URL       RequestURL `json:"url"`
}

// RequestURL holds the path that the person's request went to.
type RequestURL struct {
	Value string `json:"value"`
}

// Response is the body of an answer, to write one: reading it into this type
// would lose the order of a command's value, which [Parse] keeps. All of it is
// optional: an empty object allows, as does status 204 without a body.
type Response struct {
	Commands     []Command `json:"commands,omitempty"`
	Error        *Error    `json:"error,omitempty"`
	DebugContext *Object   `json:"debugContext,omitempty"`
}

// Command is one thing for the server to do. Commands are applied in the order
// of the array.
type Command struct {
	Type  string `json:"type"`
	Value any    `json:"value"`
}

// Error refuses. An answer that holds one runs no command, even if the error
// object is empty.
type Error struct {
	Summary string  `json:"errorSummary,omitempty"` // for the System Log only, never shown
	Causes  []Cause `json:"errorCauses,omitempty"`
}

// Cause is one message for the person.
type Cause struct {
	Summary      string `json:"errorSummary"`           // the text that is shown
	Reason       string `json:"reason,omitempty"`       // for programs, e.g. INVALID_EMAIL_DOMAIN
	LocationType string `json:"locationType,omitempty"` // body
	Location     string `json:"location,omitempty"`     // data.userProfile.email: the field it is shown at
	Domain       string `json:"domain,omitempty"`       // end-user
}
