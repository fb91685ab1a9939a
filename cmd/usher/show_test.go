package main

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/usher-id/usher/internal/org"
)

// called is a call that went well; the cases below change it.
func called(change func(*org.HookCall)) *org.HookCall {
	c := &org.HookCall{
		HookURL: "http://localhost:3000/registrationHook", EventType: "com.okta.user.pre-registration",
		RequestType: "self.service.registration", Started: time.Date(2026, 5, 4, 15, 4, 5, 0, time.Local), Duration: 12340 * time.Microsecond,
		Attempts: []org.Attempt{{Status: 200, Duration: 12 * time.Millisecond}},
		Request:  `{"eventId":"e","data":{"context":{},"userProfile":{"firstName":"Ada","badge":12.50},"action":"ALLOW"}}`,
		Answer:   org.Answer{Status: 200, ContentType: "application/json", Body: `{}`, Readable: true},
		Decision: org.DecisionAllow,
	}
	change(c)
	return c
}

func TestShow(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		call *org.HookCall
		want string
	}{
		"allowed": {called(func(*org.HookCall) {}), `
15:04:05  http://localhost:3000/registrationHook  (self.service.registration)
  sent      userProfile {"firstName":"Ada","badge":12.50}
  received  200 application/json {}
  decided   ALLOW in 12.3 ms
`},
		"refused at a field": {called(func(c *org.HookCall) {
			c.Answer.Body = "{\n  \"error\": {\"errorCauses\": []}\n}"
			c.Decision = org.DecisionError
			c.Messages = []org.Message{{Field: "email", Text: "Only example.com emails can register."}, {Text: "Ask your manager."}}
		}), `
15:04:05  http://localhost:3000/registrationHook  (self.service.registration)
  sent      userProfile {"firstName":"Ada","badge":12.50}
  received  200 application/json { "error": {"errorCauses": []} }
  decided   refused by the error object in 12.3 ms
  shown     “Only example.com emails can register.” at email
  shown     “Ask your manager.” above the form
`},
		"refused by an action": {called(func(c *org.HookCall) {
			c.Decision = org.DecisionDeny
			c.Answer = org.Answer{Status: 200, Body: `{"commands":[]}`}
		}), `
15:04:05  http://localhost:3000/registrationHook  (self.service.registration)
  sent      userProfile {"firstName":"Ada","badge":12.50}
  received  200 {"commands":[]}
  decided   DENY in 12.3 ms
`},
		"a command that is misspelt": {called(func(c *org.HookCall) {
			c.Decision, c.Reason = org.DecisionFailed, "INVALID_COMMAND"
			c.Findings = []org.Finding{{
				Severity: org.SeverityError, Path: "commands[0].type", Read: `"com.okta.user.profil.update"`,
				Happens: "Nobody is registered.", Repair: "Use a type of the contract.", Suggestion: "com.okta.user.profile.update",
			}, {Severity: org.SeverityNote, Read: "no debugContext"}}
		}), `
15:04:05  http://localhost:3000/registrationHook  (self.service.registration)
  sent      userProfile {"firstName":"Ada","badge":12.50}
  received  200 application/json {}
  decided   refused: INVALID_COMMAND in 12.3 ms
  error     commands[0].type: "com.okta.user.profil.update"
            Nobody is registered.
            Use a type of the contract.
            Did you mean com.okta.user.profile.update?
  note      no debugContext
`},
		"tried twice": {called(func(c *org.HookCall) {
			c.Attempts = []org.Attempt{{Failure: "TIMEOUT", Detail: "no answer within 3s", Duration: 3 * time.Second}, {Status: 200, Duration: 4500 * time.Microsecond}}
			c.Duration = 3004 * time.Millisecond
		}), `
15:04:05  http://localhost:3000/registrationHook  (self.service.registration)
  sent      userProfile {"firstName":"Ada","badge":12.50}
  received  200 application/json {}
  try 1     TIMEOUT: no answer within 3s, 3000.0 ms
  try 2     status 200, 4.5 ms
  decided   ALLOW in 3004.0 ms
`},
		"with an access token, which came at the second try": {called(func(c *org.HookCall) {
			c.Attempts = []org.Attempt{
				{
					Failure: "OAUTH_TOKEN_FAILURE", Detail: "no access token: the token endpoint answered 500 Internal Server Error", Duration: 21 * time.Millisecond,
					Token: &org.Attempt{Status: 500, Failure: "HTTP_STATUS_500", Detail: "the token endpoint answered 500 Internal Server Error", Duration: 20 * time.Millisecond},
				},
				{Status: 200, Duration: 9 * time.Millisecond, Token: &org.Attempt{Status: 200, Duration: 5 * time.Millisecond}},
			}
		}), `
15:04:05  http://localhost:3000/registrationHook  (self.service.registration)
  sent      userProfile {"firstName":"Ada","badge":12.50}
  received  200 application/json {}
  token     HTTP_STATUS_500: the token endpoint answered 500 Internal Server Error, 20.0 ms
  try 1     OAUTH_TOKEN_FAILURE: no access token: the token endpoint answered 500 Internal Server Error, 21.0 ms
  token     status 200, 5.0 ms
  try 2     status 200, 9.0 ms
  decided   ALLOW in 12.3 ms
`},
		"nobody there": {called(func(c *org.HookCall) {
			c.Attempts = []org.Attempt{{Failure: "CONNECTION", Duration: time.Millisecond}}
			c.Answer = org.Answer{}
			c.Decision, c.Reason = org.DecisionFailed, "CONNECTION"
		}), `
15:04:05  http://localhost:3000/registrationHook  (self.service.registration)
  sent      userProfile {"firstName":"Ada","badge":12.50}
  received  nothing
  try 1     CONNECTION, 1.0 ms
  decided   refused: CONNECTION in 12.3 ms
`},
		"a dry run of an update": {called(func(c *org.HookCall) {
			c.Preview, c.RequestType = true, "progressive.profile"
			c.Request = `{"data":{"userProfileUpdate":{"badge":1}}}`
		}), `
15:04:05  http://localhost:3000/registrationHook  (progressive.profile, dry run)
  sent      userProfileUpdate {"badge":1}
  received  200 application/json {}
  decided   ALLOW in 12.3 ms
`},
		"of the Classic Engine, and erased": {called(func(c *org.HookCall) { c.RequestType, c.Request, c.Answer.Body = "", "", "" }), `
15:04:05  http://localhost:3000/registrationHook  (com.okta.user.pre-registration)
  sent      ` + `
  received  200 application/json
  decided   ALLOW in 12.3 ms
`},
		"a request of another shape": {called(func(c *org.HookCall) { c.Request = `{"data":7}` }), `
15:04:05  http://localhost:3000/registrationHook  (self.service.registration)
  sent      {"data":7}
  received  200 application/json {}
  decided   ALLOW in 12.3 ms
`},
		// ESC redraws, U+009B does the same in one byte, U+202E turns the text round.
		"a service that writes to the terminal": {called(func(c *org.HookCall) {
			c.Answer.Body = "\x1b[2Jgone \u009b1m \u202elufmrah"
			c.Findings = []org.Finding{{Severity: org.SeverityWarning, Read: "\x1b]0;title\a"}}
		}), `
15:04:05  http://localhost:3000/registrationHook  (self.service.registration)
  sent      userProfile {"firstName":"Ada","badge":12.50}
  received  200 application/json \u001b[2Jgone \u009b1m \u202elufmrah
  decided   ALLOW in 12.3 ms
  warning   \u001b]0;title\u0007
`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var b strings.Builder
			show(&b, tt.call)
			if b.String() != tt.want {
				t.Errorf("shown:\n%s\nwant:\n%s", b.String(), tt.want)
			}
		})
	}
}

func TestShowShortens(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	show(&b, called(func(c *org.HookCall) { c.Answer.Body = strings.Repeat("ß", 700) }))
	if !strings.Contains(b.String(), " "+strings.Repeat("ß", 600)+" …\n") {
		t.Error(b.String())
	}
}

// gone is a terminal that was closed.
type gone struct{}

var errGone = errors.New("gone")

func (gone) Write([]byte) (int, error) { return 0, errGone }

func TestPlainTellsOfErrors(t *testing.T) {
	t.Parallel()
	if _, err := (plain{gone{}}).Write([]byte("a")); !errors.Is(err, errGone) {
		t.Errorf("the error is %v", err)
	}
}
