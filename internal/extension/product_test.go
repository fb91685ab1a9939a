package extension_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/usher-id/usher/internal/extension"
	"github.com/usher-id/usher/internal/profile"
)

// The axes of the product. Commands with the ids that Okta publishes, two that
// nobody has published, and what an error object can look like.
var (
	requestTypes = []string{"self.service.registration", "progressive.profile", ""}
	commandTypes = []string{
		"com.okta.action.update", "com.okta.user.profile.update", "com.okta.user.progressive.profile.update",
		"com.okta.identity.patch", "com.okta.access.patch", "com.okta.assertion.patch",
		"com.okta.appUser.profile.update", "com.okta.user.update", "com.okta.telephony.action",
		"com.action.update", "Com.okta.action.update",
	}
	errorObjects = []string{"", `null`, `{}`, `{"errorSummary":"log","errorCauses":[{"errorSummary":"one","location":"data.userProfile.email"},{"errorSummary":"two"}]}`, `"no"`}
	attributes   = []string{"nickName", "nope", "password", "hireId", "ssn"}
	orders       = []string{"alone", "before another", "after another"}
)

// expectation is what the oracle says.
type expectation struct {
	decision, event, outcome, reason string
	messages                         []string
	nickName, ssn                    string // of the profile, "" for unset
}

// oracle says what must come of an answer, from the texts and tables of the
// registration hook reference and nothing of the package.
func oracle(requestType, command, errorObject, attribute, order string) expectation {
	words := map[string]string{
		"failed": "There was an error creating your account. Please try registering again.",
		"denied": "Registration denied.", "refused": "Registration cannot be completed at this time.",
	}
	update := "com.okta.user.profile.update"
	if requestType == "progressive.profile" {
		words = map[string]string{
			"failed": "Your profile couldn't be updated at this time. Please try again later.",
			"denied": "Profile update denied.", "refused": "We found some errors. Please review the form and make corrections.",
		}
		update = "com.okta.user.progressive.profile.update"
	}
	refusal := func(decision, outcome, reason string, messages ...string) expectation {
		return expectation{decision: decision, event: "inline_hook.response.processed", outcome: outcome, reason: reason, messages: messages}
	}
	switch {
	case strings.Contains(errorObject, "one"):
		return refusal("ERROR", "FAILURE", "log", "email: one", ": two")
	case errorObject != "" && errorObject != "null":
		return refusal("ERROR", "FAILURE", "", ": "+words["refused"])
	case !strings.HasPrefix(command, "com.okta."):
		return refusal("FAILED", "FAILURE", "COMMAND_UNKNOWN", ": "+words["failed"])
	case command == "com.okta.action.update":
		return refusal("DENY", "SUCCESS", "", ": "+words["denied"])
	case command != update:
		return refusal("FAILED", "FAILURE", "COMMAND_INVALID", ": "+words["failed"])
	case attribute == "nope":
		return refusal("FAILED", "FAILURE", "ATTRIBUTE_UNKNOWN", ": "+words["failed"])
	case attribute == "password", attribute == "hireId":
		return refusal("FAILED", "FAILURE", "ATTRIBUTE_FORBIDDEN", ": "+words["failed"])
	}
	allowed := refusal("ALLOW", "SUCCESS", "")
	if order != "alone" {
		allowed.nickName = "value-two"
	}
	if attribute == "ssn" {
		allowed.ssn = "value-one"
	} else if order != "before another" { // the last one counts
		allowed.nickName = "value-one"
	}
	return allowed
}

// answerOf writes the answer of one point of the product.
func answerOf(requestType, command, errorObject, attribute, order string) string {
	one := fmt.Sprintf(`{"type":%q,"value":{%q:"value-one"}}`, command, attribute)
	if command == "com.okta.action.update" {
		one = fmt.Sprintf(`{"type":%q,"value":{"registration":"DENY"}}`, command)
	}
	other := `{"type":"com.okta.user.profile.update","value":{"nickName":"value-two"}}`
	if requestType == "progressive.profile" {
		other = `{"type":"com.okta.user.progressive.profile.update","value":{"nickName":"value-two"}}`
	}
	commands := map[string]string{"alone": one, "before another": one + "," + other, "after another": other + "," + one}[order]
	answer := `{"commands":[` + commands + `]`
	if errorObject != "" {
		answer += `,"error":` + errorObject
	}
	return answer + "}"
}

func TestProduct(t *testing.T) {
	t.Parallel()
	stored := profile.Profile{}.Set("firstName", "Rosario").Set("lastName", "Jones").
		Set("login", "rosario@example.com").Set("email", "rosario@example.com")
	schema := fixtureSchema(t)
	n := 0
	for _, requestType := range requestTypes {
		for _, command := range commandTypes {
			for _, errorObject := range errorObjects {
				for _, attribute := range attributes {
					for _, order := range orders {
						n++
						answer := answerOf(requestType, command, errorObject, attribute, order)
						in := extension.Registration{RequestType: requestType, Form: []string{"email"}, Schema: schema}
						j := extension.Judge(in, extension.Reply{Answered: true, Status: 200, Body: []byte(answer)})
						result, ok := j.Apply(stored)
						got := expected(j, result, ok)
						want := oracle(requestType, command, errorObject, attribute, order)
						if fmt.Sprint(got) != fmt.Sprint(want) {
							t.Errorf("%q %s:\ngot  %+v\nwant %+v", requestType, answer, got, want)
						}
						checkProduct(t, answer, j, stored, result, ok, attribute)
					}
				}
			}
		}
	}
	if want := len(requestTypes) * len(commandTypes) * len(errorObjects) * len(attributes) * len(orders); n != want {
		t.Errorf("%d points, want %d", n, want)
	}
}

// expected is a judgement in the oracle's terms.
func expected(j *extension.Judgement, result profile.Profile, ok bool) expectation {
	got := expectation{decision: j.Decision, event: j.Call.Event, outcome: j.Call.Outcome, reason: j.Call.Reason}
	for _, m := range j.Messages {
		got.messages = append(got.messages, m.Field+": "+m.Text)
	}
	if ok {
		got.nickName, got.ssn = result.Text("nickName"), result.Text("ssn")
	}
	return got
}

// checkProduct checks what does not depend on the point: nothing is half
// applied, and a sensitive value is in no record.
func checkProduct(t *testing.T, answer string, j *extension.Judgement, stored, result profile.Profile, ok bool, attribute string) {
	t.Helper()
	if ok != j.Allowed() {
		t.Errorf("%s: applied %v, decision %s", answer, ok, j.Decision)
	}
	before, _ := stored.Encode()
	if after, _ := result.Encode(); !ok && after != before {
		t.Errorf("%s: half applied: %s", answer, after)
	}
	record, err := json.Marshal(j.Call)
	if err != nil {
		t.Fatal(err)
	}
	if (attribute == "ssn" || attribute == "password") && strings.Contains(string(record), "value-one") {
		t.Errorf("%s: the value is in the record: %s", answer, record)
	}
	for _, f := range j.Call.Findings {
		if text := fmt.Sprint(f) + j.Call.Detail; strings.Contains(text, "value-one") || strings.Contains(text, "value-two") {
			t.Errorf("%s: a value is in the explanation: %+v", answer, f)
		}
	}
}
