package extension_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/usher-id/usher/hook"
	"github.com/usher-id/usher/hook/hooktest"
	"github.com/usher-id/usher/internal/extension"
	"github.com/usher-id/usher/internal/org"
)

// TestReadRequest reads what the kit offers to authors of services.
func TestReadRequest(t *testing.T) {
	t.Parallel()
	wants := map[string]struct{ form, stored string }{
		"sign-up":            {"firstName lastName login email", `{"firstName":"Rosario","lastName":"Jones","login":"rosario.jones@example.com","email":"rosario.jones@example.com"}`},
		"sign-up-classic":    {"firstName lastName login email", `{"firstName":"Rosario","lastName":"Jones","login":"rosario.jones@example.com","email":"rosario.jones@example.com"}`},
		"sign-up-email-only": {"login email", `{"login":"rosario.jones@example.com","email":"rosario.jones@example.com"}`},
		"update":             {"employeeNumber", `{"firstName":"Rosario","lastName":"Jones","login":"rosario.jones@example.com","locale":"en_US","timezone":"America/Los_Angeles","employeeNumber":"1234"}`},
		// What is only on the form is not stored.
		"sign-up-unknown-members": {"firstName lastName login email newMember", `{"firstName":"Rosario","lastName":"Jones","login":"rosario.jones@example.com","email":"rosario.jones@example.com"}`},
		"update-empty":            {"", `{"firstName":"Rosario","lastName":"Jones","login":"rosario.jones@example.com","locale":"en_US","timezone":"America/Los_Angeles"}`},
	}
	for _, r := range hooktest.Requests() {
		in, stored, err := extension.ReadRequest(r.Body, fixtureSchema(t))
		if err != nil || in.RequestType != r.RequestType || in.Source == "" || in.Schema == nil {
			t.Errorf("%s: %v, %+v", r.Name, err, in)
		}
		want, ok := wants[r.Name]
		if !ok {
			continue
		}
		delete(wants, r.Name)
		text, err := stored.Encode()
		if form := strings.Join(in.Form, " "); err != nil || form != want.form || text != want.stored {
			t.Errorf("%s: %v, form %s, stored %s", r.Name, err, form, text)
		}
	}
	if len(wants) > 0 {
		t.Errorf("no such requests: %v", wants)
	}
}

func TestReadRequestRefuses(t *testing.T) {
	t.Parallel()
	for _, body := range []string{``, `{`, `null`, `[]`, `{}`, `{"eventType":"com.okta.saml.tokens.transform"}`} {
		if _, _, err := extension.ReadRequest([]byte(body), fixtureSchema(t)); err == nil {
			t.Errorf("%q was read", body)
		}
		if _, err := new(extension.Runner).Try(t.Context(), &org.InlineHook{}, fixtureSchema(t), []byte(body), ""); err == nil {
			t.Errorf("%q was tried", body)
		}
	}
	// Edited by hand: anything but an object in data reads as nothing.
	for _, data := range []string{`null`, `7`, `{"userProfile":[]}`, `{"context":{"user":{"profile":"x"}}}`} {
		for _, requestType := range requestTypes {
			in, stored, err := extension.ReadRequest(fmt.Appendf(nil, `{"eventType":%q,"requestType":%q,"data":%s}`, hook.TypeRegistration, requestType, data), fixtureSchema(t))
			if err != nil || len(in.Form) > 0 || stored.Len() > 0 {
				t.Errorf("%s: %v, %+v", data, err, in)
			}
		}
	}
}

// TestLocations: where a cause is shown.
func TestLocations(t *testing.T) {
	t.Parallel()
	form := []string{"firstName", "email", "badge", "Badge", "costCentre", "userProfile"}
	for location, field := range map[string]string{
		"data.userProfile.email":       "email",
		"data.userProfileUpdate.email": "email",
		"data.user.profile.email":      "email",
		"$.data.userProfile.email":     "email",
		"DATA.USERPROFILE.EMAIL":       "email",
		"email":                        "email",
		"EMAIL":                        "email",
		"some.other.path.email":        "email",
		"/data/userProfile/email":      "email",
		"data.userProfile.login":       "email", // asked for as the address
		"data.userProfile.badge":       "badge",
		"data.userProfile.BADGE":       "", // two differ by case alone
		"data.userProfile.":            "",
		"data.userProfile":             "userProfile",
		"data.userProfile.costCentre":  "costCentre",
		"data.userProfile.costcentre":  "costCentre",
		"data.userProfile.lastName":    "",
		"":                             "",
		".":                            "",
		"$.":                           "",
		"data.userProfile.data.userProfile.email": "email",
	} {
		j := extension.Judge(extension.Registration{Form: form, Schema: fixtureSchema(t)}, extension.Reply{
			Answered: true, Status: 200, Body: fmt.Appendf(nil, `{"error":{"errorCauses":[{"errorSummary":"x","location":%q}]}}`, location),
		})
		if got := j.Messages[0].Field; got != field {
			t.Errorf("%q is shown at %q, want %q", location, got, field)
		}
		if noted := strings.Contains(codes(j), "CAUSE_OFF_FORM"); noted != (field == "") {
			t.Errorf("%q: findings %s", location, codes(j))
		}
	}
}

// TestErrorShapes: what an error object may look like in the field.
func TestErrorShapes(t *testing.T) {
	t.Parallel()
	const generic = "Registration cannot be completed at this time."
	for body, want := range map[string]struct{ person, reason string }{
		`{"errorSummary":12,"errorCauses":[{"errorSummary":34}]}`:                           {"34", "12"},
		`{"errorCauses":{"errorSummary":"alone"}}`:                                          {"alone", ""},
		`{"errorCauses":[null,7,"x",{},{"errorSummary":" \n"},{"errorSummary":"at last"}]}`: {"at last", ""},
		`{"errorCauses":"x"}`:                      {generic, ""},
		`{"errorCauses":null,"errorSummary":null}`: {generic, ""},
		`{"errorCauses":[{"errorSummary":["x"]}]}`: {generic, ""},
		`[{"errorCauses":[{"errorSummary":"x"}]}]`: {generic, ""},
		`false`:                                 {generic, ""},
		`0`:                                     {generic, ""},
		`{"errorSummary":"a\tb\u0000c\u2066d"}`: {generic, "a bcd"},
	} {
		j := judge(t, `{"error":`+body+`}`)
		if j.Decision != "ERROR" || j.Messages[0].Text != want.person || j.Call.Reason != want.reason || j.Call.Outcome != "FAILURE" {
			t.Errorf("%s: %s, %+v, reason %q", body, j.Decision, j.Messages, j.Call.Reason)
		}
	}
	for _, body := range []string{
		`{"error":{"errorSummary":"a","errorSummary":"b"}}`,
		`{"error":{"errorCauses":[{},{"reason":1,"reason":2}]}}`,
	} {
		if j := judge(t, body); j.Decision != "FAILED" || j.Call.Findings[0].Code != "MALFORMED" {
			t.Errorf("%s: %s, %s", body, j.Decision, codes(j))
		}
	}
}

// TestIgnoredCommands: a DENY beside an error says the same, everything else is
// worth a warning.
func TestIgnoredCommands(t *testing.T) {
	t.Parallel()
	for commands, path := range map[string]string{
		`[]`:   "",
		`{}`:   "",
		`null`: "",
		`[{"type":"com.okta.action.update","value":{"registration":"DENY"}}]`:                 "",
		`[{"type":"com.okta.action.update","value":{"action":"DENY"}}]`:                       "",
		`[{"type":"com.okta.action.update","value":{"action":"ALLOW"}}]`:                      "commands[0]",
		`[{"type":"com.okta.action.update","value":{"registration":"DENY"}},{"type":"x"},{}]`: "commands[1]",
		`["x"]`: "commands[0]",
	} {
		j := judge(t, `{"error":{"errorCauses":[{"errorSummary":"x","location":"email"}]},"commands":`+commands+`}`)
		got := ""
		for _, f := range j.Call.Findings {
			if f.Code == "COMMANDS_IGNORED" {
				got = f.Path
			}
		}
		if got != path || j.Decision != "ERROR" {
			t.Errorf("%s: %s, ignored %q, want %q", commands, j.Decision, got, path)
		}
	}
}
