package eventlog_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/usher-id/usher/internal/eventlog"
	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/org"
)

// processed is an event with two targets and debugData.
func processed() org.Event {
	e := eventlog.New(eventlog.HookResponseProcessed, noon, origin(), org.Outcome{Result: org.Failure, Reason: "COMMAND_UNKNOWN"},
		eventlog.HookTarget(registrationHook()), eventlog.UserTarget(ada()))
	e.UUID = "0b5f37ee-43c7-46c8-a1f3-b3d8a07e6ef1"
	e.Debug = map[string]string{"url": "/signup", "usher.decision": "FAILED"}
	return e
}

func TestFilter(t *testing.T) {
	t.Parallel()
	e := processed()
	for text, want := range map[string]bool{
		`eventType eq "inline_hook.response.processed"`:              true,
		`eventType eq "inline_hook.executed"`:                        false,
		`eventType eq "INLINE_HOOK.response.processed"`:              false,
		`EVENTTYPE EQ "inline_hook.response.processed"`:              true,
		`eventType sw "inline_hook"`:                                 true,
		`eventType sw "hook"`:                                        false,
		`eventType ew ".processed"`:                                  true,
		`eventType co "response"`:                                    true,
		`eventType ne "user.session.start"`:                          true,
		`eventType ne "inline_hook.response.processed"`:              false,
		`outcome.result eq "FAILURE"`:                                true,
		`outcome.reason sw "COMMAND_"`:                               true,
		`severity eq "WARN"`:                                         true,
		`severity gt "INFO"`:                                         true,
		`severity ge "WARN"`:                                         true,
		`severity gt "WARN"`:                                         false,
		`severity le "WARN"`:                                         true,
		`severity lt "WARN"`:                                         false,
		`target.id eq "calhook"`:                                     true,
		`target.id eq "calhook" and target.id eq "00uada"`:           true, // of two targets
		`target.id eq "calother"`:                                    false,
		`target.id ne "calhook"`:                                     false,
		`target.id ne "calother"`:                                    true,
		`target.type eq "InlineHook"`:                                true,
		`target.displayName eq "Ada Lovelace"`:                       true,
		`target.alternateId sw "https://hooks.example.com/"`:         true,
		`actor.id eq "00uada"`:                                       true,
		`actor.type eq "User"`:                                       true,
		`actor.alternateId eq "ada@example.com"`:                     true,
		`actor.displayName co "Lovelace"`:                            true,
		`transaction.id eq "req1"`:                                   true,
		`client.ipAddress eq "192.0.2.7"`:                            true,
		`client.userAgent.rawUserAgent co "Lynx"`:                    true,
		`displayMessage pr`:                                          true,
		`uuid eq "0b5f37ee-43c7-46c8-a1f3-b3d8a07e6ef1"`:             true,
		`debugContext.debugData.usher.decision eq "FAILED"`:          true,
		`debugcontext.debugdata.usher.decision eq "FAILED"`:          true,
		`debugContext.debugData.URL pr`:                              false,
		`debugContext.debugData.url eq "/signup"`:                    true,
		`version eq "0" and transaction.type eq "WEB"`:               true,
		`transaction.type eq "JOB"`:                                  false,
		`client.device eq "Unknown" and client.userAgent.os pr`:      true,
		`client.userAgent.browser eq "CHROME"`:                       false,
		`request.ipChain.ip eq "192.0.2.7"`:                          true,
		`authenticationContext.authenticationStep eq "0"`:            true,
		`legacyEventType pr or securityContext.isProxy eq "true"`:    false,
		`not (client.geographicalContext.country eq "Nigeria")`:      true,
		`debugContext.debugData.nothing pr`:                          false,
		`debugContext.debugData.nothing ne "x"`:                      true,
		`debugContext.debugData.nothing lt "x"`:                      false,
		`not (severity eq "WARN")`:                                   false,
		`not(severity eq "INFO")`:                                    true,
		`severity eq "INFO" or severity eq "WARN"`:                   true,
		`severity eq "INFO" and severity eq "WARN"`:                  false,
		`severity eq "WARN" or uuid eq "x" and uuid eq "y"`:          true,  // and binds tighter
		`(severity eq "WARN" or uuid eq "x") and uuid eq "y"`:        false, // unless told
		`uuid eq "x" and uuid eq "y" or severity eq "WARN"`:          true,
		`((severity eq "WARN"))`:                                     true,
		` severity  eq	"WARN" `:                                      true,
		`severity eq "W\u0041RN"`:                                    true,
		`severity eq"WARN"and(uuid pr)`:                              true,
		`transaction.id eq "a\"b" or transaction.id eq "\\"`:         false,
		`severity EQ "WARN" AND NOT (uuid eq "x") OR uuid eq "nope"`: true,
		strings.Repeat("(uuid pr) and ", 40) + "uuid pr":             true, // side by side is not nested
	} {
		f, err := eventlog.ParseFilter(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := f.Match(&e); got != want {
			t.Errorf("%s: %v, want %v", text, got, want)
		}
	}
}

func TestFilterErrors(t *testing.T) {
	t.Parallel()
	nested := strings.Repeat("(", 33)
	for text, want := range map[string]string{
		// Okta's own examples (System Log API reference, "Errors").
		`display_message eqq "Create okta user"`: `Invalid filter 'display_message eqq "Create okta user"': Unrecognized attribute operator 'eqq' at position 16. Expected: eq,co,sw,pr,gt,ge,lt,le`,
		`some_invalid_field eq "x"`:              `field is not valid: some_invalid_field`,

		`published gt "2026"`:        `field is not valid: published`,
		`debugContext.debugData. pr`: `field is not valid: debugContext.debugData.`,
		``:                           `Invalid filter '': End of input at position 0 but expected an attribute expression`,
		`severity`:                   `Invalid filter 'severity': End of input at position 8 but expected an attribute operator`,
		`severity "WARN"`:            `Invalid filter 'severity "WARN"': Unrecognized attribute operator '"WARN"' at position 9. Expected: eq,co,sw,pr,gt,ge,lt,le`,
		`severity eq`:                `Invalid filter 'severity eq': End of input at position 11 while expecting a value for operator eq`,
		`severity eq WARN`:           `Invalid filter 'severity eq WARN': Expected a value in double quotes at position 12`,
		`severity eq "WARN`:          `Invalid filter 'severity eq "WARN': Invalid string at position 12`,
		`severity eq "WARN\"`:        `Invalid filter 'severity eq "WARN\"': Invalid string at position 12`,
		`severity eq "\x"`:           `Invalid filter 'severity eq "\x"': Invalid string at position 12`,
		"severity eq \"\xff\"":       "Invalid filter 'severity eq \"\xff\"': Invalid string at position 12",
		`uuid eq "é" x`:              `Invalid filter 'uuid eq "é" x': Unexpected 'x' at position 12. Expected: and,or`,
		`uuid pr uuid pr`:            `Invalid filter 'uuid pr uuid pr': Unexpected 'uuid' at position 8. Expected: and,or`,
		`uuid pr)`:                   `Invalid filter 'uuid pr)': Unexpected ')' at position 7. Expected: and,or`,
		`uuid pr and`:                `Invalid filter 'uuid pr and': End of input at position 11 but expected an attribute expression`,
		`uuid pr or or`:              `Invalid filter 'uuid pr or or': End of input at position 13 but expected an attribute operator`,
		`(uuid pr`:                   `Invalid filter '(uuid pr': Expected ')' at position 8`,
		`"x" eq "y"`:                 `Invalid filter '"x" eq "y"': Expected an attribute reference at position 0`,
		`not uuid pr`:                `Invalid filter 'not uuid pr': Expected '(' at position 4`,
		`target[id eq "x"]`:          `field is not valid: target[id`,
		nested:                       `Invalid filter '` + nested + `': Parentheses nested deeper than 32 at position 32`,
	} {
		_, err := eventlog.ParseFilter(text)
		if f := fault.As(err); f == nil || f.Kind != fault.BadFilter || f.Summary != want {
			t.Errorf("%s:\n%v, want\n%s", text, err, want)
		}
	}
	for _, field := range []string{"debugContext.debugData.url", "debugContext.debugData.requestUri"} {
		_, err := eventlog.ParseFilter(field + ` co "/oauth/"`)
		if f := fault.As(err); f == nil || f.Kind != fault.BadSearch ||
			f.Summary != "The supplied combination of operator and field is not currently supported. Operator: co, Field: "+field {
			t.Errorf("%s: %v", field, err)
		}
	}
}

func TestFilterTypes(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		`eventType eq "a"`:                                         {"a"},
		`eventType eq "a" or eventType eq "b"`:                     {"a", "b"},
		`eventType eq "a" and severity eq "WARN"`:                  {"a"},
		`severity eq "WARN" and (eventType eq "a")`:                {"a"},
		`eventType eq "a" and eventType eq "b"`:                    {"a"},
		`eventType eq "a" or severity eq "WARN"`:                   nil,
		`not (eventType eq "a")`:                                   nil,
		`eventType sw "a"`:                                         nil,
		`eventType ne "a"`:                                         nil,
		`target.id eq "a"`:                                         nil,
		`eventType eq "a" or eventType eq "b" and uuid eq "x"`:     {"a", "b"},
		`(eventType eq "a" or eventType eq "b") and not (uuid pr)`: {"a", "b"},
	} {
		f, err := eventlog.ParseFilter(text)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if got := f.Types(); !slices.Equal(got, want) {
			t.Errorf("%s: types %v, want %v", text, got, want)
		}
	}
}

// Whatever a client sends is a filter or a fault, and the types that a filter
// names never hide an event that it lets through.
func FuzzFilter(f *testing.F) {
	for _, seed := range []string{
		`eventType eq "inline_hook.response.processed" and (target.id eq "calhook" or not (severity ne "WARN"))`,
		`actor.id pr or outcome.reason sw "A\u0042"`, `debugContext.debugData.url co "x"`, `display_message eqq "a"`,
		`((((`, `"`, `not`, "uuid eq \"\xff\\", `eventType eq "a" or eventType eq "b"`,
	} {
		f.Add(seed)
	}
	events := []org.Event{{}, processed(), eventlog.New("a", noon, eventlog.Origin{}, org.Outcome{})}
	f.Fuzz(func(t *testing.T, text string) {
		filter, err := eventlog.ParseFilter(text)
		if err != nil {
			if !fault.Is(err, fault.BadFilter) && !fault.Is(err, fault.BadSearch) {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		opposite, err := eventlog.ParseFilter("not (" + text + ")")
		if err != nil {
			if strings.Contains(err.Error(), "nested") {
				return
			}
			t.Fatalf("%q cannot be negated: %v", text, err)
		}
		for _, e := range events {
			matches := filter.Match(&e)
			if matches && filter.Types() != nil && !slices.Contains(filter.Types(), e.Type) {
				t.Errorf("%q lets %s through, and says that it has one of the types %q", text, e.Type, filter.Types())
			}
			if opposite.Match(&e) == matches {
				t.Errorf("%q and its contrary agree about %s", text, e.Type)
			}
		}
	})
}
