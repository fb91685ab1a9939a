package eventlog

import (
	"net/netip"

	"github.com/usher-id/usher/internal/org"
)

// timeForm is a time with real milliseconds, where Okta's resources have zeros.
const timeForm = "2006-01-02T15:04:05.000Z"

// maxReason is the longest outcome.reason of Okta's specification, in
// characters.
const maxReason = 255

// LogEvent is an event in Okta's JSON, its keys in Okta's order. What usher does
// not know is null.
type LogEvent struct {
	UUID           string          `json:"uuid"`
	Published      string          `json:"published"`
	Type           string          `json:"eventType"`
	Version        string          `json:"version"` // text: Okta's Go SDK refuses a number
	Severity       string          `json:"severity"`
	LegacyType     *string         `json:"legacyEventType"`
	Display        string          `json:"displayMessage"`
	Actor          entity          `json:"actor"`
	Client         client          `json:"client"`
	Device         *string         `json:"device"`
	Authentication authentication  `json:"authenticationContext"`
	Outcome        outcome         `json:"outcome"`
	Targets        []entity        `json:"target"`
	Transaction    transaction     `json:"transaction"`
	Debug          debugContext    `json:"debugContext"`
	Security       securityContext `json:"securityContext"`
	Request        request         `json:"request"`
}

// entity is an actor or a target.
type entity struct {
	ID          string  `json:"id"`
	Type        string  `json:"type"`
	AlternateID *string `json:"alternateId"`
	DisplayName *string `json:"displayName"`
	Detail      *string `json:"detailEntry"`
}

type client struct {
	UserAgent *userAgent `json:"userAgent"`
	Zone      *string    `json:"zone"`
	Device    *string    `json:"device"`
	ID        *string    `json:"id"`
	IPAddress *string    `json:"ipAddress"`
	Geography *string    `json:"geographicalContext"`
}

type userAgent struct {
	Raw     string `json:"rawUserAgent"`
	OS      string `json:"os"`
	Browser string `json:"browser"`
}

type authentication struct {
	AuthenticationProvider *string `json:"authenticationProvider"`
	CredentialProvider     *string `json:"credentialProvider"`
	CredentialType         *string `json:"credentialType"`
	Issuer                 *string `json:"issuer"`
	Interface              *string `json:"interface"`
	AuthenticationStep     int     `json:"authenticationStep"`
	RootSessionID          *string `json:"rootSessionId"`
	ExternalSessionID      *string `json:"externalSessionId"`
}

type outcome struct {
	Result string  `json:"result"`
	Reason *string `json:"reason"`
}

type transaction struct {
	Type   string            `json:"type"`
	ID     *string           `json:"id"`
	Detail transactionDetail `json:"detail"`
}

type transactionDetail struct {
	TokenID string `json:"requestApiTokenId,omitempty"`
}

type debugContext struct {
	Data map[string]string `json:"debugData"`
}

type securityContext struct {
	ASNumber *int    `json:"asNumber"`
	ASOrg    *string `json:"asOrg"`
	ISP      *string `json:"isp"`
	Domain   *string `json:"domain"`
	IsProxy  *bool   `json:"isProxy"`
}

type request struct {
	IPChain []ipAddress `json:"ipChain"`
}

type ipAddress struct {
	IP        string  `json:"ip"`
	Geography *string `json:"geographicalContext"`
	Version   string  `json:"version"`
	Source    *string `json:"source"`
}

// LogEvents are events in Okta's JSON: a list, also of none.
func LogEvents(events []org.Event) []LogEvent {
	all := make([]LogEvent, len(events))
	for i := range events {
		all[i] = logEvent(&events[i])
	}
	return all
}

func logEvent(e *org.Event) LogEvent {
	l := LogEvent{
		UUID: e.UUID, Published: e.Published.UTC().Format(timeForm), Type: e.Type, Version: "0",
		Severity: e.Severity, Display: e.Display,
		Actor:       entity{ID: e.Actor.ID, Type: e.Actor.Type, AlternateID: orNull(e.Actor.AlternateID), DisplayName: orNull(e.Actor.DisplayName)},
		Client:      client{IPAddress: orNull(e.Client.IP)},
		Outcome:     outcome{Result: e.Outcome.Result, Reason: orNull(clip(e.Outcome.Reason))},
		Targets:     make([]entity, len(e.Targets)),
		Transaction: transaction{Type: "WEB", ID: orNull(e.Transaction), Detail: transactionDetail{e.TokenID}},
		Debug:       debugContext{Data: e.Debug},
		Request:     request{IPChain: []ipAddress{}},
	}
	for i, t := range e.Targets {
		l.Targets[i] = entity{ID: t.ID, Type: t.Type, AlternateID: orNull(t.AlternateID), DisplayName: orNull(t.DisplayName)}
	}
	if e.Transaction == "" {
		l.Transaction.Type = "JOB" // nobody's request
	}
	if e.Debug == nil {
		l.Debug.Data = map[string]string{}
	}
	if raw := e.Client.UserAgent; raw != "" {
		// Okta's words for what it cannot tell from the text.
		device := "Unknown"
		l.Client.UserAgent, l.Client.Device = &userAgent{Raw: raw, OS: "Unknown", Browser: "UNKNOWN"}, &device
	}
	if a, err := netip.ParseAddr(e.Client.IP); err == nil {
		version := "V6"
		if a.Is4() {
			version = "V4"
		}
		l.Request.IPChain = append(l.Request.IPChain, ipAddress{IP: e.Client.IP, Version: version})
	}
	return l
}

func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func clip(reason string) string {
	characters := 0
	for at := range reason {
		if characters == maxReason {
			return reason[:at]
		}
		characters++
	}
	return reason
}
