package hooktest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"github.com/usher-id/usher/hook"
)

// author is the test of an author, of which this test sees what it says.
type author struct {
	ctx   context.Context
	said  []string
	ended bool
}

func (a *author) Helper()                  {}
func (a *author) Context() context.Context { return a.ctx }
func (a *author) Errorf(format string, args ...any) {
	a.said = append(a.said, fmt.Sprintf(format, args...))
}

func (a *author) Fatalf(format string, args ...any) {
	a.Errorf(format, args...)
	a.ended = true
	runtime.Goexit()
}

// write runs a test function to its end, and gives what it said.
func write(t *testing.T, test func(TB)) *author {
	t.Helper()
	a := &author{ctx: t.Context()}
	done := make(chan struct{})
	go func() {
		defer close(done)
		test(a)
	}()
	<-done
	return a
}

func says(status int, body string) Target {
	return Handler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}))
}

func decides(a hook.Answer) Target {
	return Handler(hook.Registration(func(context.Context, *hook.RegistrationRequest) (hook.Answer, error) { return a, nil }))
}

func TestAssertions(t *testing.T) {
	t.Parallel()
	refusal := hook.DenyField("email", "A").DenyField("email", "B").Deny("C")
	settings := hook.Set("badge", 12).Set("costCentre", nil).Set("tags", []string{"a"})
	tests := []struct {
		name   string
		target Target
		assert func(*Result) *Result
		want   string // beginning of what the author reads; empty: nothing
	}{
		{"allowed", decides(hook.Allow()), (*Result).Allowed, ""},
		{"allowed by 204", says(204, ""), (*Result).Allowed, ""},
		{"allowed with settings", decides(settings), (*Result).Allowed, ""},
		{"not allowed", decides(refusal), (*Result).Allowed,
			`the person should be allowed, but is refused: at the field "email": "A", at the field "email": "B", above the form: "C"` + "\nanswer: 200 OK\n{"},
		{"not allowed without words", decides(hook.Deny("")), (*Result).Allowed,
			"the person should be allowed, but is refused: general words of the server"},
		{"denied", decides(refusal), (*Result).Denied, ""},
		{"denied without words", decides(hook.Deny("")), (*Result).Denied, ""},
		{"denied by an empty error", says(200, `{"error":{}}`), (*Result).Denied, ""},
		{"denied by an error despite ALLOW", says(200, `{"commands":[{"type":"com.okta.action.update","value":{"registration":"ALLOW"}}],"error":{}}`), (*Result).Denied, ""},
		{"not denied", decides(hook.Allow()), (*Result).Denied, "the person should be refused, but is allowed\nanswer: 200 OK\n{}"},
		{"last action allows", says(200, `{"commands":[{"type":"com.okta.action.update","value":{"registration":"DENY"}},`+
			`{"type":"com.okta.action.update","value":{"registration":"ALLOW"}}]}`), (*Result).Allowed, ""},
		{"at a field", decides(refusal), func(r *Result) *Result { return r.DeniedAt("email", "A").DeniedAt("email", "B") }, ""},
		{"at another field", decides(refusal), func(r *Result) *Result { return r.DeniedAt("login", "A") },
			`the person should be refused at the field "login": "A", but reads at the field "email": "A", at`},
		{"with other words", decides(refusal), func(r *Result) *Result { return r.DeniedAt("email", "a") }, `the person should be refused at the field "email": "a"`},
		{"above in place of at", decides(refusal), func(r *Result) *Result { return r.DeniedWith("A") }, `the person should be refused above the form: "A"`},
		{"at a field although allowed", decides(hook.Allow()), func(r *Result) *Result { return r.DeniedAt("email", "A") },
			`the person should be refused at the field "email": "A", but is allowed`},
		{"above the form", decides(refusal), func(r *Result) *Result { return r.DeniedWith("C") }, ""},
		{"location of another form", says(200, `{"error":{"errorCauses":[{"errorSummary":"A","location":"email"},{"location":"data.userProfile.email"}]}}`),
			func(r *Result) *Result { return r.DeniedWith("A") }, ""},
		{"sets", decides(settings), func(r *Result) *Result {
			return r.Sets("badge", 12).Sets("costCentre", nil).Sets("tags", []any{"a"})
		}, ""},
		{"sets the last of two", says(200, `{"commands":[{"type":"com.okta.user.profile.update","value":{"a":1,"a":2}},`+
			`{"type":"com.okta.user.profile.update","value":{"b":3}}]}`), func(r *Result) *Result { return r.Sets("a", 2).Sets("b", 3) }, ""},
		{"sets another value", decides(settings), func(r *Result) *Result { return r.Sets("badge", "12") }, `badge should be set to "12", but is set to 12`},
		{"sets another spelling", says(200, `{"commands":[{"type":"com.okta.user.profile.update","value":{"a":12.0}}]}`),
			func(r *Result) *Result { return r.Sets("a", 12) }, `a should be set to 12, but is set to 12.0`},
		{"does not set", decides(settings), func(r *Result) *Result { return r.Sets("nope", nil) }, `nope should be set to null, but is not set`},
		{"sets and denies", decides(settings.Deny("")), func(r *Result) *Result { return r.Sets("badge", 12) }, `the person should be allowed, but is refused`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var result, same *Result
			a := write(t, func(tb TB) {
				result = test.target.Register(tb, Person{"email": "a@example.com"})
				same = test.assert(result)
			})
			if same != result || a.ended {
				t.Error("the result is not there for another assertion")
			}
			if test.want == "" && len(a.said) > 0 || test.want != "" && (len(a.said) == 0 || !strings.HasPrefix(a.said[0], test.want)) {
				t.Errorf("the author reads %q, want %q", a.said, test.want)
			}
		})
	}
}

func TestAnswersThatEndTheTest(t *testing.T) {
	t.Parallel()
	command := func(text string) string { return `{"commands":[` + text + `]}` }
	tests := []struct {
		name   string
		status int
		body   string
		want   string
	}{
		{"error status", 500, "oops", "the status is 500; a refusal too has status 200"},
		{"refusal by status", 400, `{"error":{}}`, "the status is 400"},
		{"redirect", 302, "", "the status is 302"},
		{"nothing", 200, "", "the body is empty"},
		{"too much", 200, strings.Repeat(" ", hook.MaxAnswer), "the body has 262144 bytes or more"},
		{"not JSON", 200, "{\n<html>", "line 2, column 1: a member name in double quotes was expected here"},
		{"array", 200, `[]`, "the body: array where an object was expected"},
		{"commands by name", 200, `{"commands":{}}`, "commands: object where an array was expected"},
		{"command is a word", 200, command(`"DENY"`), "commands[0]: string where an object was expected"},
		{"no value", 200, command(`{"type":"com.okta.action.update"}`), "commands[0].value: null where an object was expected"},
		{"unknown", 200, command(`{"type":"com.action.update","value":{}}`), `commands[0].type: "com.action.update" is not a command`},
		{"of the other request type", 200, command(`{"type":"com.okta.user.progressive.profile.update","value":{}}`), "com.okta.user.profile.update and"},
		{"second of two", 200, command(`{"type":"com.okta.user.profile.update","value":{}},{"type":5,"value":{}}`), `commands[1].type: ""`},
		{"action in lower case", 200, command(`{"type":"com.okta.action.update","value":{"registration":"deny"}}`), `commands[0].value: {"registration":"deny"} where`},
		{"action by another key", 200, command(`{"type":"com.okta.action.update","value":{"action":"DENY"}}`), `commands[0].value: {"action":"DENY"} where`},
		{"action twice", 200, command(`{"type":"com.okta.action.update","value":{"registration":"DENY","registration":"ALLOW"}}`), `commands[0].value: {"registration":"DENY","registration":"ALLOW"} where`},
		{"type twice", 200, command(`{"type":"a","type":"com.okta.action.update","value":{}}`), `commands[0]: "type" is there twice`},
		{"too many", 200, command(strings.Repeat(`{},`, 1000) + `{}`), "commands: 1001 elements, at most 1000 are read"},
		{"commands twice", 200, `{"commands":[],"commands":[]}`, `the body: "commands" is there twice`},
		{"name in another case", 200, `{"Error":{}}`, `"Error" has to be written "error"`},
		{"too many causes", 200, `{"error":{"errorCauses":[` + strings.Repeat(`{},`, 100) + `{}]}}`, "error.errorCauses: 101 elements, at most 100 are read"},
		{"error is a word", 200, `{"error":"no"}`, "error: string where an object was expected"},
		{"causes by name", 200, `{"error":{"errorCauses":{}}}`, "error.errorCauses: object where an array was expected"},
		{"cause is a word", 200, `{"error":{"errorCauses":["no"]}}`, "error.errorCauses[0]: string where an object was expected"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			a := write(t, func(tb TB) { says(test.status, test.body).Register(tb, Person{"email": "a@example.com"}) })
			if !a.ended || len(a.said) != 1 || !strings.Contains(a.said[0], "usher could not use this answer: ") || !strings.Contains(a.said[0], test.want) {
				t.Errorf("the author reads %q, want %q", a.said, test.want)
			}
			if len(a.said) > 0 && len(a.said[0]) > 3000 {
				t.Errorf("the author reads %d bytes", len(a.said[0]))
			}
		})
	}
}

func TestNoAnswerEndsTheTest(t *testing.T) {
	t.Parallel()
	client := &http.Client{Transport: roundTripper(func(*http.Request) (*http.Response, error) { return nil, errors.New("unplugged") })}
	a := write(t, func(tb TB) { URL(client, "http://localhost/").Update(tb, Person{}) })
	if !a.ended || len(a.said) != 1 || !strings.Contains(a.said[0], "update: there is no answer: ") {
		t.Errorf("the author reads %q", a.said)
	}
}

// testing.TB is enough for an author, and this package does not link it in.
var _ TB = testing.TB(nil)
