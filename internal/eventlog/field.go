package eventlog

import (
	"strings"

	"github.com/usher-id/usher/internal/org"
)

// field is a property of an event that filters and keywords look at.
type field struct {
	name string
	// some tells whether one of the values passes a test; "" is no value. In an
	// array, which target is, any element may.
	some func(e *org.Event, test func(string) bool) bool
}

// one is a field with one value.
func one(name string, value func(*org.Event) string) field {
	return field{name, func(e *org.Event, test func(string) bool) bool {
		v := value(e)
		return v != "" && test(v)
	}}
}

// ofTarget is a field of every target.
func ofTarget(name string, value func(org.Target) string) field {
	return field{name, func(e *org.Event, test func(string) bool) bool {
		for _, t := range e.Targets {
			if v := value(t); v != "" && test(v) {
				return true
			}
		}
		return false
	}}
}

// eventType is the property that a store can look events up by.
const eventType = "eventType"

// fields are the properties of Okta's LogEvent by which events differ, but for
// published, which since and until are for.
func fields() []field {
	return []field{
		one("uuid", func(e *org.Event) string { return e.UUID }),
		one(eventType, func(e *org.Event) string { return e.Type }),
		one("severity", func(e *org.Event) string { return e.Severity }),
		one("displayMessage", func(e *org.Event) string { return e.Display }),
		one("outcome.result", func(e *org.Event) string { return e.Outcome.Result }),
		one("outcome.reason", func(e *org.Event) string { return e.Outcome.Reason }),
		one("actor.id", func(e *org.Event) string { return e.Actor.ID }),
		one("actor.type", func(e *org.Event) string { return e.Actor.Type }),
		one("actor.alternateId", func(e *org.Event) string { return e.Actor.AlternateID }),
		one("actor.displayName", func(e *org.Event) string { return e.Actor.DisplayName }),
		ofTarget("target.id", func(t org.Target) string { return t.ID }),
		ofTarget("target.type", func(t org.Target) string { return t.Type }),
		ofTarget("target.alternateId", func(t org.Target) string { return t.AlternateID }),
		ofTarget("target.displayName", func(t org.Target) string { return t.DisplayName }),
		one("client.ipAddress", func(e *org.Event) string { return e.Client.IP }),
		one("client.userAgent.rawUserAgent", func(e *org.Event) string { return e.Client.UserAgent }),
		one("transaction.id", func(e *org.Event) string { return e.Transaction }),
		one("transaction.detail.requestApiTokenId", func(e *org.Event) string { return e.TokenID }),
	}
}

// others are the properties of a LogEvent that follow from those, are the same for
// all events, or are null as long as usher does not know them: filters of scripts
// name them, and keywords do not look there.
func others() []field {
	shown := func(name string, value func(*LogEvent) *string) field {
		return one(name, func(e *org.Event) string {
			l := logEvent(e)
			if v := value(&l); v != nil {
				return *v
			}
			return ""
		})
	}
	list := []field{
		shown("version", func(l *LogEvent) *string { return &l.Version }),
		shown("transaction.type", func(l *LogEvent) *string { return &l.Transaction.Type }),
		shown("client.device", func(l *LogEvent) *string { return l.Client.Device }),
		shown("client.userAgent.os", func(l *LogEvent) *string {
			if l.Client.UserAgent == nil {
				return nil
			}
			return &l.Client.UserAgent.OS
		}),
		shown("client.userAgent.browser", func(l *LogEvent) *string {
			if l.Client.UserAgent == nil {
				return nil
			}
			return &l.Client.UserAgent.Browser
		}),
		one("request.ipChain.ip", func(e *org.Event) string { return e.Client.IP }),
		one("authenticationContext.authenticationStep", func(*org.Event) string { return "0" }),
	}
	for _, name := range []string{
		"legacyEventType", "actor.detailEntry", "target.detailEntry",
		"client.id", "client.zone", "client.geographicalContext.city", "client.geographicalContext.country",
		"client.geographicalContext.state", "client.geographicalContext.postalCode",
		"authenticationContext.authenticationProvider", "authenticationContext.credentialProvider", "authenticationContext.credentialType",
		"authenticationContext.issuer.id", "authenticationContext.issuer.type", "authenticationContext.interface",
		"authenticationContext.rootSessionId", "authenticationContext.externalSessionId",
		"securityContext.asNumber", "securityContext.asOrg", "securityContext.isp", "securityContext.domain", "securityContext.isProxy",
		"request.ipChain.source", "request.ipChain.geographicalContext.country",
	} {
		list = append(list, one(name, func(*org.Event) string { return "" }))
	}
	return list
}

// debugPrefix is where the keys of debugData begin, which are any.
const debugPrefix = "debugContext.debugData."

// fieldNamed finds a field. Names are compared without regard to case, as SCIM
// does (RFC 7644 § 3.4.2.2), those of debugData exactly.
func fieldNamed(name string) (field, bool) {
	for _, f := range append(fields(), others()...) {
		if strings.EqualFold(f.name, name) {
			return f, true
		}
	}
	if n := len(debugPrefix); len(name) > n && strings.EqualFold(name[:n], debugPrefix) {
		key := name[n:]
		return one(debugPrefix+key, func(e *org.Event) string { return e.Debug[key] }), true
	}
	return field{}, false
}

// mentions tells whether a value of the event contains a text, whatever the case
// of its letters.
func mentions(e *org.Event, folded string) bool {
	contains := func(v string) bool { return strings.Contains(strings.ToLower(v), folded) }
	for _, f := range fields() {
		if f.some(e, contains) {
			return true
		}
	}
	for _, v := range e.Debug {
		if contains(v) {
			return true
		}
	}
	return false
}
