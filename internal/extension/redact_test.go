package extension_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/usher-id/usher/hook"
	"github.com/usher-id/usher/internal/extension"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/profile"
)

// judge judges a body that came with status 200, in a sign-up.
func judge(t testing.TB, body string, secrets ...string) *extension.Judgement {
	t.Helper()
	return extension.Judge(
		extension.Registration{RequestType: hook.RequestSelfServiceRegistration, Form: fixtureForm, Schema: fixtureSchema(t)},
		extension.Reply{Answered: true, Status: 200, Header: http.Header{"Content-Type": {"application/json"}}, Body: []byte(body), Secrets: secrets})
}

func update(values string) string {
	return `{"commands":[{"type":"com.okta.user.profile.update","value":` + values + `}]}`
}

func codes(j *extension.Judgement) string {
	var all []string
	for _, f := range j.Call.Findings {
		all = append(all, f.Code)
	}
	return strings.Join(all, " ")
}

func TestRecordedAnswer(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, body, recorded string }{
		{"nothing sensitive", `{ "commands" : [] }`, `{"commands":[]}`},
		{"by name, at any depth and in any case", `{"debugContext":{"deep":[{"SSN":"078-05-1120"},{" ssn ":1}]}}`, `{"debugContext":{"deep":[{"SSN":"[sensitive]"},{" ssn ":"[sensitive]"}]}}`},
		{"password, though unknown", update(`{"password":"Tr0ub4dor"}`), update(`{"password":"[sensitive]"}`)},
		{"by value", `{"x":{"ssn":"078-05-1120"},"y":"is 078-05-1120.","078-05-1120":1}`, `{"x":{"ssn":"[sensitive]"},"y":"is [sensitive].","[sensitive]":1}`},
		{"number by value", `{"x":{"ssn":78051120},"y":78051120,"z":"no 78051120","n":1}`, `{"x":{"ssn":"[sensitive]"},"y":"[sensitive]","z":"no [sensitive]","n":1}`},
		{"values inside a sensitive one", `{"ssn":{"a":["one-1","two-2"]},"y":["one-1",{"z":"two-2"}]}`, `{"ssn":"[sensitive]","y":["[sensitive]",{"z":"[sensitive]"}]}`},
		{"longest first", `{"ssn":["abcd","abcdefgh"],"y":"abcdefgh abcd"}`, `{"ssn":"[sensitive]","y":"[sensitive] [sensitive]"}`},
		{"too short to look for", `{"ssn":"abc","y":"abc"}`, `{"ssn":"[sensitive]","y":"abc"}`},
		{"a part of the mask", `{"ssn":["sens","tive","[sensitive]"],"y":"sens"}`, `{"ssn":"[sensitive]","y":"sens"}`},
		{"the hook's secret", `{"debugContext":{"got":"Bearer hook-secret"}}`, `{"debugContext":{"got":"Bearer [sensitive]"}}`},
		{"members twice", `{"ssn":"one-1","ssn":"two-2","y":"one-1"}`, `{"ssn":"[sensitive]","ssn":"[sensitive]","y":"[sensitive]"}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			a := judge(t, test.body, "hook-secret").Call.Answer
			if a.Body != test.recorded || !a.Readable || a.Size != len(test.body) || a.Status != 200 {
				t.Errorf("recorded %+v, want %s", a, test.recorded)
			}
		})
	}
}

// TestSecretsBeyondCounting: looking for ten thousand values one by one would be
// an attack on usher; then nothing of the answer is shown.
func TestSecretsBeyondCounting(t *testing.T) {
	t.Parallel()
	values := make([]string, 9000)
	for i := range values {
		values[i] = fmt.Sprintf(`"secret-%d"`, i)
	}
	j := judge(t, `{"error":{"errorSummary":"secret-8999","errorCauses":[{"errorSummary":"secret-1"}]},"ssn":[`+strings.Join(values, ",")+`],"debugContext":{"harmless":12345}}`)
	record, err := json.Marshal(j.Call)
	if err != nil || strings.Contains(string(record), "secret-") {
		t.Errorf("%v: %s", err, record)
	}
	if !json.Valid([]byte(j.Call.Answer.Body)) || j.Call.DebugContext != `{"[sensitive]":"[sensitive]"}` || j.Call.Reason != "[sensitive]" || j.Call.Messages[0].Text != "[sensitive]" || j.Messages[0].Text != "secret-1" {
		t.Errorf("%+v", j.Call)
	}
}

func TestErrorTextsAreRedactedInTheRecordAlone(t *testing.T) {
	t.Parallel()
	j := judge(t, `{"commands":[{"type":"com.okta.user.profile.update","value":{"ssn":"078-05-1120"}}],`+
		`"error":{"errorSummary":"078-05-1120\nis taken`+strings.Repeat(" é", 300)+`","errorCauses":[{"errorSummary":"\u202e078-05-1120\u0007 is taken","location":"data.userProfile.email"}]}}`)
	if want := []org.Message{{Field: "email", Text: "078-05-1120 is taken"}}; !slices.Equal(j.Messages, want) {
		t.Errorf("the person sees %+v", j.Messages)
	}
	if want := []org.Message{{Field: "email", Text: "[sensitive] is taken"}}; !slices.Equal(j.Call.Messages, want) {
		t.Errorf("recorded %+v", j.Call.Messages)
	}
	if r := j.Call.Reason; !strings.HasPrefix(r, "[sensitive] is taken é") || utf8.RuneCountInString(r) != 255 || j.Call.Detail != r {
		t.Errorf("reason %q, detail %q", r, j.Call.Detail)
	}
}

func TestSecretsInNames(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		update(`{"hook-secret":1}`),
		`{"commands":[{"type":"hook-secret"}]}`,
		`{"commands":[{"type":"com.okta.action.update","value":{"hook-secret":1}}]}`,
		`{"commands":[{"hook-secret":1,"hook-secret":2}]}`,
		`{"hook-secret":1,"hook-secret":2}`,
		`{"error":{"errorCauses":[{"errorSummary":"x","location":"hook-secret"}]}}`,
	} {
		j := judge(t, body, "hook-secret")
		j.Apply(fixtureStored())
		if record := fmt.Sprintf("%+v", j.Call); strings.Contains(record, "hook-secret") || len(j.Call.Findings) == 0 {
			t.Errorf("%s: %s", body, record)
		}
	}
}

func TestExcerpts(t *testing.T) {
	t.Parallel()
	long := strings.Repeat(`{"ssn":"078-05-1120"} `, 100)
	for _, test := range []struct{ name, body, want string }{
		{"words and numbers", `{"commands":[{"type":"com.okta.user.profile.update","value":{"ssn":"078-05-1120","n":-1.5e3,}}]}`,
			`{"commands":[{"type":"com.okta.user.profile.update","value":{"…":"…","…":…,}}]}`},
		{"escapes and letters beyond ASCII", "{\"name\":\"Zo\u00eb \\u0041\\n\u4e2d\"", `{"…":"… \…\…"`},
		{"invalid UTF-8", "{\"a\":\"\xe9\xff\" \x00\x1b[31m", `{"…":"…" ··[…`},
		{"UTF-16", "{\x00\"\x00s\x00e\x00c\x00", `{·"·…·…·…·`},
		{"a page", "<html>\n<title>Rosario</title>", "<html>\n<title>…</title>"},
		{"a string", `"Rosario Jones"`, `"… …"`},
		{"the place where it breaks", `[` + long + `]`, "[" + strings.Repeat(`{"…":"…"} `, 18) + `{"…` + " …"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			a := judge(t, test.body).Call.Answer
			if a.Body != test.want || a.Readable {
				t.Errorf("got %q, want %q", a.Body, test.want)
			}
		})
	}
	t.Run("far behind", func(t *testing.T) {
		t.Parallel()
		body := `{"debugContext":"` + strings.Repeat("rosario ", 1000) + `","commands":[}` + strings.Repeat(" rosario", 100)
		got := judge(t, body).Call.Answer.Body
		if !strings.HasPrefix(got, "… ") || !strings.Contains(got, `","commands":[} …`) || !strings.HasSuffix(got, " …") {
			t.Errorf("%q", got)
		}
	})
}

// TestBodyOfAFailedCall: it decides nothing, but its author wants to see it.
func TestBodyOfAFailedCall(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]org.Answer{
		`{"message":"078-05-1120","ssn":"078-05-1120"}`: {Status: 500, Size: 45, Readable: true, Body: `{"message":"[sensitive]","ssn":"[sensitive]"}`},
		`Rosario`:                          {Status: 500, Size: 7, Body: "…"},
		``:                                 {Status: 500},
		`{"debugContext":{"a":"ignored"}}`: {Status: 500, Size: 32, Readable: true, Body: `{"debugContext":{"a":"ignored"}}`},
	} {
		j := extension.Judge(extension.Registration{Schema: fixtureSchema(t)}, extension.Reply{Failure: "HTTP_STATUS_500", Status: 500, Body: []byte(body)})
		if j.Call.Answer != want || j.Call.DebugContext != "" || j.Decision != org.DecisionFailed {
			t.Errorf("%s: %+v, want %+v", body, j.Call.Answer, want)
		}
	}
}

func TestNoBodyIsRecordedOf204(t *testing.T) {
	t.Parallel()
	j := extension.Judge(extension.Registration{Schema: fixtureSchema(t)}, extension.Reply{Answered: true, Status: 204, Body: []byte(`{"error":{}}`)})
	if j.Call.Answer.Body != "" || j.Call.Answer.Readable || !j.Allowed() {
		t.Errorf("%+v", j.Call)
	}
}

// TestPlaceInTheBodyAsReceived: a byte order mark counts.
func TestPlaceInTheBodyAsReceived(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		"\xef\xbb\xbf{]":               "Could not deserialize inline hook response due to error at Line 1 Column 5: a member name in double quotes was expected here (byte 4)",
		"\xef\xbb\xbf{\n]":             "Could not deserialize inline hook response due to error at Line 2 Column 1: a member name in double quotes was expected here (byte 5)",
		"\xef\xbb\xbf{\"commands\":1}": "Could not deserialize inline hook response due to error at Line 1 Column 16: commands: a JSON number where an array was expected (byte 15)",
		"\xef\xbb\xbf":                 "RESPONSE_EMPTY: status 200 with an empty body",
	} {
		if got := judge(t, body).Call.Detail; got != want {
			t.Errorf("%q: %s", body, got)
		}
	}
}

func TestDebugContext(t *testing.T) {
	t.Parallel()
	x := func(n int) string { return strings.Repeat("x", n) }
	for _, test := range []struct {
		name, text, begin, end string
		cut                    bool
	}{
		{"short", `{"a":1.50,"ssn":"078-05-1120"}`, `{"a":1.50,"ssn":"[sensitive]"}`, `}`, false},
		{"exactly 16 KB", `{"a":"` + x(16<<10-8) + `"}`, `{"a":"xxx`, `xxx"}`, false},
		{"a byte more", `{"a":"` + x(16<<10-7) + `"}`, `{"a":"xxx`, `xxx…"}`, true},
		{"many members", `{"a":1,"b":"` + x(10<<10) + `","c":"` + x(10<<10) + `","d":2}`, `{"a":1,"b":"xxx`, `xxx…"}`, true},
		{"a long list becomes text", `{"a":[` + strings.Repeat(`"x",`, 6000) + `1]}`, `{"a":"[\"x\",\"x`, `…"}`, true},
		{"escapes", `{"a":"` + strings.Repeat(`\u0001`, 16<<10) + `"}`, `{"a":"\u0001\u0001`, `…"}`, true},
		{"cut at a character", `{"a":"` + strings.Repeat("\U0001f600", 8<<10) + `"}`, "{\"a\":\"\U0001f600", "\U0001f600…\"}", true},
		{"a name that does not fit", `{"a":1,"` + x(17<<10) + `":2,"b":3}`, `{"a":1}`, `{"a":1}`, true},
		{"null", `null`, "", "", false},
		{"empty", `{}`, "{}", "{}", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			j := judge(t, `{"debugContext":`+test.text+`}`)
			got := j.Call.DebugContext
			if !strings.HasPrefix(got, test.begin) || !strings.HasSuffix(got, test.end) || len(got) > 16<<10 || got != "" && !json.Valid([]byte(got)) {
				t.Errorf("%d bytes: %.60s", len(got), got)
			}
			if cut := codes(j) == "DEBUG_CONTEXT_CUT"; cut != test.cut {
				t.Errorf("findings %s", codes(j))
			}
			if !j.Allowed() {
				t.Errorf("decision %s", j.Decision)
			}
		})
	}
}

// TestHostileAnswers: what costs the sender a line must not cost usher a second,
// nor fill its log.
func TestHostileAnswers(t *testing.T) {
	t.Parallel()
	name := strings.Repeat("n", 200<<10)
	for _, test := range []struct{ name, body, decision, code string }{
		{"a number of 400 MB", update(`{"bignum":1e999999999}`), "FAILED", "ATTRIBUTE_INVALID"},
		{"a number of no size", update(`{"bignum":1e-999999999}`), "FAILED", "ATTRIBUTE_INVALID"},
		{"an integer with a long exponent", update(`{"badge":1e999999999999999999}`), "FAILED", "ATTRIBUTE_INVALID"},
		{"a number of 100,000 digits", update(`{"bignum":` + strings.Repeat("9", 100_000) + `}`), "FAILED", "ATTRIBUTE_INVALID"},
		{"a long name", update(`{"` + name + `":1}`), "FAILED", "ATTRIBUTE_UNKNOWN"},
		{"a long type", `{"commands":[{"type":"` + name + `","value":{}}]}`, "FAILED", "COMMAND_UNKNOWN"},
		{"a long member", `{"` + name + `":1,"` + name + `":2}`, "FAILED", "MALFORMED"},
		{"a long location", `{"error":{"errorCauses":[{"errorSummary":"x","location":"` + name + `"}]}}`, "ERROR", "CAUSE_OFF_FORM"},
		{"a thousand warnings", `{"commands":[` + strings.Repeat(`{"type":"com.okta.user.profile.update","value":{}},`, 999) + `{"type":"com.okta.action.update","value":{"registration":"ALLOW"}}]}`, "ALLOW", "EMPTY_UPDATE"},
		{"dots", `{"commands":[{"type":"` + strings.Repeat(".", 100_000) + `","value":{}}]}`, "FAILED", "COMMAND_UNKNOWN"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			j := judge(t, test.body)
			j.Apply(fixtureStored())
			if j.Decision != test.decision || j.Call.Findings[0].Code != test.code {
				t.Errorf("%s, %s", j.Decision, codes(j))
			}
			text, err := json.Marshal(j.Call.Findings)
			if err != nil || len(text) > 12_000 || len(j.Call.Detail) > 500 {
				t.Errorf("%v: findings of %d bytes, a detail of %d", err, len(text), len(j.Call.Detail))
			}
		})
	}
	j := judge(t, `{"error":{"errorCauses":[`+strings.Repeat(`{"errorSummary":"`+strings.Repeat("y", 1025)+`"},`, 101)+`{}]}}`)
	if len(j.Messages) != hook.MaxCauses || len(j.Messages[0].Text) != 1024 || !strings.HasPrefix(codes(j), "CAUSES_DROPPED MESSAGE_CUT") || !strings.HasSuffix(codes(j), "MORE_FINDINGS") {
		t.Errorf("%d messages, findings %s", len(j.Messages), codes(j))
	}
}

// TestOnly2xxIsRead: a reply without a failure and without a good status is not
// trusted to have come from a call.
func TestOnly2xxIsRead(t *testing.T) {
	t.Parallel()
	for _, status := range []int{-1, 0, 100, 302, 400, 500, 999} {
		j := extension.Judge(extension.Registration{Schema: fixtureSchema(t)}, extension.Reply{Answered: true, Status: status, Body: []byte(`{}`)})
		if j.Decision != org.DecisionFailed || j.Call.Event != extension.EventExecuted || j.Call.Reason != fmt.Sprintf("HTTP_STATUS_%d", status) {
			t.Errorf("status %d: %s, %s %s", status, j.Decision, j.Call.Event, j.Call.Reason)
		}
	}
}

func TestApplyAfterARefusal(t *testing.T) {
	t.Parallel()
	for _, body := range []string{`{"error":{}}`, `{`, `{"commands":[{"type":"com.okta.action.update","value":{"registration":"DENY"}}]}`} {
		j := judge(t, body)
		before, _ := fixtureStored().Encode()
		result, ok := j.Apply(fixtureStored())
		if after, _ := result.Encode(); ok || after != before {
			t.Errorf("%s was applied: %v, %s", body, ok, after)
		}
	}
}

func TestTaken(t *testing.T) {
	t.Parallel()
	j := judge(t, update(`{"middleName":"Danger","login":"taken@example.com"}`))
	if _, ok := j.Apply(fixtureStored()); !ok {
		t.Fatal("not applied")
	}
	j.Taken("")
	f := j.Call.Findings[0]
	if j.Allowed() || len(j.Updates) > 0 || f.Path != "commands[0].value.login" || f.Code != profile.AttributeInvalid || j.Call.Outcome != org.Failure ||
		j.Call.Detail != "ATTRIBUTE_INVALID: commands[0].value.login: the login or e-mail address belongs to another user" {
		t.Errorf("%+v", j.Call)
	}
}
