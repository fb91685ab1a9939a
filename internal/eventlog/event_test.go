package eventlog_test

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/usher-id/usher/hook"
	"github.com/usher-id/usher/internal/eventlog"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/profile"
)

var noon = time.Date(2026, 11, 24, 12, 0, 0, 123_456_000, time.UTC)

func ada() *org.User {
	return &org.User{ID: "00uada", Profile: profile.New(hook.NewObject(
		hook.Member{Name: "login", Value: "ada@example.com"},
		hook.Member{Name: "firstName", Value: "Ada"},
		hook.Member{Name: "lastName", Value: "Lovelace"},
	))}
}

func registrationHook() *org.InlineHook {
	return &org.InlineHook{ID: "calhook", Name: "Only example.com", Type: hook.TypeRegistration, Version: 3, Channel: org.Channel{
		URI:  "https://ann:pw@hooks.example.com/registration?code=hush#top",
		Auth: &org.HeaderAuth{Key: "authorization", Value: org.NewSecret("hush hush")},
	}}
}

func origin() eventlog.Origin {
	return eventlog.Origin{RequestID: "req1", IP: "192.0.2.7", UserAgent: "Lynx/2", Actor: eventlog.Person(ada())}
}

func TestNew(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ result, severity string }{
		{org.Success, "INFO"}, {org.Failure, "WARN"}, {org.Deny, "INFO"},
	} {
		outcome := org.Outcome{Result: c.result, Reason: "BECAUSE"}
		e := eventlog.New(eventlog.SessionStarted, noon, origin(), outcome, eventlog.UserTarget(ada()))
		if e.Severity != c.severity {
			t.Errorf("%s: severity %s, want %s", c.result, e.Severity, c.severity)
		}
		if len(e.UUID) != 36 {
			t.Errorf("UUID is %q", e.UUID)
		}
		e.UUID, e.Severity = "", ""
		person := org.Actor{ID: "00uada", Type: "User", AlternateID: "ada@example.com", DisplayName: "Ada Lovelace"}
		want := org.Event{
			Published: noon, Type: "user.session.start", Display: "User login to Okta", Outcome: outcome,
			Actor: person, Targets: []org.Target{org.Target(person)},
			Client: org.Client{IP: "192.0.2.7", UserAgent: "Lynx/2"}, Transaction: "req1",
		}
		if !reflect.DeepEqual(e, want) {
			t.Errorf("event is\n%+v, want\n%+v", e, want)
		}
	}
}

func TestActors(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ got, want org.Actor }{
		"system":        {eventlog.System(), org.Actor{ID: "unknown", Type: "SystemPrincipal", AlternateID: "system@okta.com", DisplayName: "Okta System"}},
		"stranger":      {eventlog.Unknown("bob@example.com"), org.Actor{ID: "unknown", Type: "User", AlternateID: "bob@example.com", DisplayName: "unknown"}},
		"nameless":      {eventlog.Unknown(""), org.Actor{ID: "unknown", Type: "User", AlternateID: "unknown", DisplayName: "unknown"}},
		"token":         {eventlog.APIToken(&org.Token{ID: "00Tt", Name: "terraform", Hash: "h"}), org.Actor{ID: "00Tt", Type: "PublicClientApp", AlternateID: "terraform", DisplayName: "terraform"}},
		"without names": {eventlog.Person(&org.User{ID: "00u1", Profile: profile.New(hook.NewObject(hook.Member{Name: "login", Value: "x@example.com"}))}), org.Actor{ID: "00u1", Type: "User", AlternateID: "x@example.com", DisplayName: "x@example.com"}},
	} {
		if c.got != c.want {
			t.Errorf("%s: %+v, want %+v", name, c.got, c.want)
		}
	}
}

func TestTargets(t *testing.T) {
	t.Parallel()
	policy := &org.Policy{ID: "rstp", Name: "Customers", Rule: org.Rule{ID: "rulr", Name: "Catch-all"}}
	broken := registrationHook()
	broken.Channel.URI = "https://[::1"
	for _, c := range []struct{ got, want org.Target }{
		{eventlog.HookTarget(registrationHook()), org.Target{ID: "calhook", Type: "InlineHook", AlternateID: "https://hooks.example.com/registration", DisplayName: "Only example.com"}},
		{eventlog.HookTarget(broken), org.Target{ID: "calhook", Type: "InlineHook", DisplayName: "Only example.com"}},
		{eventlog.GroupTarget(&org.Group{ID: "00gg", Name: "Everyone"}), org.Target{ID: "00gg", Type: "UserGroup", AlternateID: "unknown", DisplayName: "Everyone"}},
		{eventlog.PolicyTarget(policy), org.Target{ID: "rstp", Type: "PolicyEntity", AlternateID: "unknown", DisplayName: "Customers"}},
		{eventlog.RuleTarget(policy), org.Target{ID: "rulr", Type: "PolicyRule", AlternateID: "unknown", DisplayName: "Catch-all"}},
		{eventlog.TokenTarget(&org.Token{ID: "00Tt", Name: "terraform"}), org.Target{ID: "00Tt", Type: "Token", AlternateID: "unknown", DisplayName: "terraform"}},
	} {
		if c.got != c.want {
			t.Errorf("target is %+v, want %+v", c.got, c.want)
		}
	}
}

func TestHookCalled(t *testing.T) {
	t.Parallel()
	call := org.HookCall{
		EventID: "evt1", RequestID: "req1", EventType: hook.TypeRegistration, RequestType: "self.service.registration",
		HookVersion: 3, Duration: 1234567 * time.Microsecond, Attempts: make([]org.Attempt, 2),
		Request: `{"eventId":"evt1","data":{"context":{"request":{"url":{"value":"/signup?k=v"}}}}}`,
		Answer:  org.Answer{Status: 200}, Event: string(eventlog.HookResponseProcessed), Outcome: org.Failure,
		Reason: "COMMAND_UNKNOWN", Detail: "COMMAND_UNKNOWN: commands[0].type", Decision: org.DecisionFailed,
		DebugContext: `{"a":"b","n":1.50,"list":[true,null,{"x":"y"}],"none":{}}`,
	}
	e := eventlog.HookCalled(&call, noon, origin(), registrationHook())
	if e.Type != "inline_hook.response.processed" || e.Severity != "WARN" || e.Outcome != (org.Outcome{Result: "FAILURE", Reason: "COMMAND_UNKNOWN"}) {
		t.Errorf("event is %+v", e)
	}
	if len(e.Targets) != 1 || e.Targets[0].ID != "calhook" {
		t.Errorf("targets are %+v", e.Targets)
	}
	want := map[string]string{
		"inlineHookType": "com.okta.user.pre-registration", "inlineHook": "{a=b, n=1.50, list=[true, null, {x=y}], none={}}",
		"errorMessage": "COMMAND_UNKNOWN: commands[0].type", "requestId": "req1", "requestUri": "/signup", "url": "/signup",
		"usher.eventId": "evt1", "usher.requestType": "self.service.registration", "usher.attempts": "2",
		"usher.durationMs": "1234", "usher.hookVersion": "3", "usher.decision": "FAILED", "usher.status": "200",
	}
	if !maps.Equal(e.Debug, want) {
		t.Errorf("debugData is\n%v, want\n%v", e.Debug, want)
	}
}

func TestHookCalledLeavesOutWhatIsNot(t *testing.T) {
	t.Parallel()
	clipped := `{"a":"b","long":"xxxx`
	call := org.HookCall{Event: string(eventlog.HookExecuted), Outcome: org.Failure, Reason: "TIMEOUT", Request: `"anything"`, DebugContext: clipped}
	e := eventlog.HookCalled(&call, noon, eventlog.Origin{Actor: eventlog.System()}, registrationHook())
	keys := slices.Sorted(maps.Keys(e.Debug))
	if got := strings.Join(keys, " "); got != "inlineHook usher.attempts usher.durationMs usher.hookVersion" {
		t.Errorf("keys are %s", got)
	}
	if e.Debug["inlineHook"] != clipped {
		t.Errorf("a debugContext that was cut off became %q", e.Debug["inlineHook"])
	}
}
