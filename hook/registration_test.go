package hook_test

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/usher-id/usher/hook"
)

func TestAnswer(t *testing.T) {
	t.Parallel()
	const deny = `{"commands":[{"type":"com.okta.action.update","value":{"registration":"DENY"}}]`
	tests := []struct {
		name   string
		answer hook.Answer
		ssr    string
		prog   string // empty: as ssr
	}{
		{"zero value", hook.Answer{}, `{}`, ""},
		{"allow", hook.Allow(), `{}`, ""},
		{
			"set in order",
			hook.Set("userType", "Contractor").Set("badge", 12).Set("costCentre", nil).Set("userType", "x"),
			`{"commands":[{"type":"com.okta.user.profile.update","value":{"userType":"x","badge":12,"costCentre":null}}]}`,
			`{"commands":[{"type":"com.okta.user.progressive.profile.update","value":{"userType":"x","badge":12,"costCentre":null}}]}`,
		},
		{"set without an answer before", hook.Answer{}.Set("a", "<b>"), `{"commands":[{"type":"com.okta.user.profile.update","value":{"a":"<b>"}}]}`,
			`{"commands":[{"type":"com.okta.user.progressive.profile.update","value":{"a":"<b>"}}]}`},
		{"deny without words", hook.Deny(""), deny + `}`, ""},
		{"deny", hook.Deny("Not today."), deny +
			`,"error":{"errorSummary":"Not today.","errorCauses":[{"errorSummary":"Not today.","domain":"end-user"}]}}`, ""},
		{"deny at fields", hook.DenyField("email", "A").DenyField("badge", "B").Deny("C"), deny +
			`,"error":{"errorSummary":"A","errorCauses":[` +
			`{"errorSummary":"A","locationType":"body","location":"data.userProfile.email","domain":"end-user"},` +
			`{"errorSummary":"B","locationType":"body","location":"data.userProfile.badge","domain":"end-user"},` +
			`{"errorSummary":"C","domain":"end-user"}]}}`, ""},
		{"a refusal beats what was set", hook.Set("a", 1).Deny("").Set("b", 2), deny + `}`, ""},
		{"reason of the last message", hook.DenyField("a", "A").Deny("B").Reason("R"), deny +
			`,"error":{"errorSummary":"A","errorCauses":[` +
			`{"errorSummary":"A","locationType":"body","location":"data.userProfile.a","domain":"end-user"},` +
			`{"errorSummary":"B","reason":"R","domain":"end-user"}]}}`, ""},
		{"reason and summary of nothing", hook.Deny("").Reason("R").Summary("S"), deny + `}`, ""},
		{"reason and summary of an allowance", hook.Allow().Reason("R").Summary("S"), `{}`, ""},
		{"debug", hook.Allow().Debug("rule", "b").Debug("ms", 3), `{"debugContext":{"rule":"b","ms":3}}`, ""},
		// Okta registration inline hook reference, samples that use data.action.
		{
			"sample of registration",
			hook.DenyField("email", "Only example.com emails can register.").
				Reason("INVALID_EMAIL_DOMAIN").Summary("Incorrect email address. Please contact your admin."),
			deny + `,"error":{"errorSummary":"Incorrect email address. Please contact your admin.",` +
				`"errorCauses":[{"errorSummary":"Only example.com emails can register.","reason":"INVALID_EMAIL_DOMAIN",` +
				`"locationType":"body","location":"data.userProfile.email","domain":"end-user"}]}}`, "",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if test.prog == "" {
				test.prog = test.ssr
			}
			for requestType, want := range map[string]string{
				hook.RequestSelfServiceRegistration: test.ssr,
				"":                                  test.ssr, // the Classic Engine sends no request type
				hook.RequestProgressiveProfile:      test.prog,
			} {
				if got := encode(t, test.answer.Response(requestType)); got != want {
					t.Errorf("%q: got\n%s, want\n%s", requestType, got, want)
				}
				h := hook.Registration(func(context.Context, *hook.RegistrationRequest) (hook.Answer, error) { return test.answer, nil })
				w := post(h, `{"eventType":"com.okta.user.pre-registration","requestType":"`+requestType+`"}`)
				if w.Code != 200 || w.Body.String() != want {
					t.Errorf("%q: the handler answers %d %s, want\n%s", requestType, w.Code, w.Body, want)
				}
			}
		})
	}
}

// Two answers made from one must not see each other's messages.
func TestAnswerIsAValue(t *testing.T) {
	t.Parallel()
	base := hook.DenyField("a", "A").Deny("B").Deny("C").Set("x", 1).Debug("d", 1)
	before := encode(t, base.Response(""))
	first := base.Deny("first").Reason("R1").Debug("d", 2)
	text := encode(t, first.Response(""))
	base.Deny("second").Reason("R2").Set("x", 2).Debug("d", 3)
	base.Reason("R3")
	if got := encode(t, base.Response("")); got != before {
		t.Errorf("the first answer changed to %s", got)
	}
	if got := encode(t, first.Response("")); got != text {
		t.Errorf("an answer made from it changed to %s", got)
	}
}

func TestAttribute(t *testing.T) {
	t.Parallel()
	const user = `"context":{"user":{"profile":{"login":"stored@example.com","badge":7}}}`
	tests := []struct {
		data, attribute, want string
	}{
		{`{"userProfile":{"email":"a@example.com"}}`, "email", "a@example.com"},
		{`{"userProfile":{"email":"a@example.com"}}`, "Email", ""},
		{`{"userProfile":{"n":9007199254740993}}`, "n", "9007199254740993"},
		{`{"userProfile":{"n":12.0}}`, "n", "12.0"},
		{`{"userProfile":{"b":false}}`, "b", "false"},
		{`{"userProfile":{"n":null}}`, "n", ""},
		{`{"userProfile":{"tags":["a","<b>"]}}`, "tags", `["a","<b>"]`},
		{`{"userProfile":{"o":{"b":1,"a":2}}}`, "o", `{"b":1,"a":2}`},
		{`{"userProfile":{}}`, "email", ""},
		{`{}`, "email", ""},
		{`{"userProfileUpdate":{"badge":8},` + user + `}`, "badge", "8"},
		{`{"userProfileUpdate":{},` + user + `}`, "badge", "7"},
		{`{"userProfileUpdate":{"login":null},` + user + `}`, "login", ""},
		{`{"userProfileUpdate":{},` + user + `}`, "costCentre", ""},
		{`{"userProfileUpdate":{},"context":{"user":{}}}`, "login", ""},
	}
	for _, test := range tests {
		var r hook.RegistrationRequest
		if err := json.Unmarshal([]byte(`{"data":`+test.data+`}`), &r); err != nil {
			t.Fatal(err)
		}
		if got := r.Attribute(test.attribute); got != test.want {
			t.Errorf("%s of %s = %q, want %q", test.attribute, test.data, got, test.want)
		}
	}
}

func TestProfile(t *testing.T) {
	t.Parallel()
	var r hook.RegistrationRequest
	if p := r.Profile(); p == nil || p.Len() != 0 {
		t.Errorf("Profile of an empty request = %v, want an empty object", p)
	}
	r.Data.UserProfileUpdate = hook.NewObject(hook.Member{Name: "a", Value: "1"})
	if got := r.Profile().Text("a"); got != "1" {
		t.Errorf("Profile of an update has a = %q", got)
	}
	r.Data.UserProfile = hook.NewObject(hook.Member{Name: "a", Value: "2"})
	if got := r.Profile().Text("a"); got != "2" {
		t.Errorf("Profile of a registration has a = %q", got)
	}
}

func TestNewEnvelope(t *testing.T) {
	t.Parallel()
	const want = `{"eventId":"","eventTime":"","eventType":"com.okta.user.pre-registration","eventTypeVersion":"1.0",` +
		`"contentType":"application/json","cloudEventVersion":"0.1","source":""}`
	if got := encode(t, hook.NewEnvelope(hook.TypeRegistration)); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
