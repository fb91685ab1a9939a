package extension_test

import (
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/usher-id/usher/hook"
	"github.com/usher-id/usher/hook/hooktest"
	"github.com/usher-id/usher/internal/extension"
	"github.com/usher-id/usher/internal/hookcall"
)

// TestExplanations reads testdata/explanations.txt: the mistakes that authors of
// hooks make, and every word that they are told about each. A case is
//
//	=== its name
//	key: value            request, status, type (Content-Type), failure, detail, token
//	> a line of the body
//	---
//	what is decided, logged, shown and found
func TestExplanations(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/explanations.txt")
	if err != nil {
		t.Fatal(err)
	}
	for section := range strings.SplitSeq(strings.TrimPrefix(string(text), "=== "), "\n=== ") {
		question, want, ok := strings.Cut(section, "\n---\n")
		name, question, _ := strings.Cut(question, "\n")
		if !ok {
			t.Fatalf("%s: no line ---", name)
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			request, reply := readCase(t, question)
			in, shown, err := extension.ReadRequest(request, fixtureSchema(t))
			if err != nil {
				t.Fatal(err)
			}
			j := extension.Judge(in, reply)
			j.Apply(shown)
			if got := explanation(j); got != strings.TrimSpace(want)+"\n" {
				t.Errorf("got\n%s", got)
			}
		})
	}
}

func readCase(t *testing.T, question string) (request []byte, reply extension.Reply) {
	t.Helper()
	requests := map[string][]byte{}
	for _, r := range hooktest.Requests() {
		requests[r.Name] = r.Body
	}
	request = requests["sign-up"]
	reply = extension.Reply{Answered: true, Status: 200, Header: http.Header{"Content-Type": {"application/json"}}}
	var body []string
	for line := range strings.Lines(question) {
		line = strings.TrimSuffix(line, "\n")
		if text, ok := strings.CutPrefix(line, "> "); ok {
			body = append(body, text)
			continue
		}
		key, value, _ := strings.Cut(line, ": ")
		switch key {
		case "request":
			request = requests[value]
		case "status":
			reply.Status, _ = strconv.Atoi(value)
		case "type":
			reply.Header.Set("Content-Type", value)
		case "failure":
			reply.Failure, reply.Answered = value, strings.HasPrefix(value, "RESPONSE_")
		case "detail":
			reply.Detail = value
		case "token": // why there is none, or "sent"
			reply.OAuth, reply.NoToken = true, hookcall.Kind(strings.TrimPrefix(value, "sent"))
		default:
			t.Fatalf("key %q", key)
		}
	}
	if request == nil {
		t.Fatal("no such request")
	}
	reply.Body = []byte(strings.Join(body, "\n"))
	return request, reply
}

// explanation is what a terminal could show of a judgement.
func explanation(j *extension.Judgement) string {
	var b strings.Builder
	fmt.Fprintf(&b, "decision: %s\n", j.Decision)
	if j.Call.Detail != "" {
		fmt.Fprintf(&b, "log: %s\n", j.Call.Detail)
	}
	for _, m := range j.Messages {
		if m.Field != "" {
			m.Text += " (at " + m.Field + ")"
		}
		fmt.Fprintf(&b, "person: %s\n", m.Text)
	}
	for _, f := range j.Call.Findings {
		fmt.Fprintf(&b, "%s %s\n", f.Severity, f.Code)
		for _, part := range [][2]string{
			{"path", f.Path}, {"read", f.Read}, {"happens", f.Happens}, {"repair", f.Repair}, {"did you mean", f.Suggestion},
		} {
			if part[1] != "" {
				fmt.Fprintf(&b, "  %s: %s\n", part[0], part[1])
			}
		}
	}
	return b.String()
}

// TestEveryFailureHasARepair: whatever hookcall can say, the author is told what
// to look at.
func TestEveryFailureHasARepair(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{
		"TIMEOUT", "DNS_FAILED", "CONNECT_FAILED", "CONNECTION_LOST", "TLS_FAILED", "PROTOCOL_INVALID", "ADDRESS_REFUSED",
		"SELF_CALL_REFUSED", "OVERLOADED", "REDIRECT_REFUSED", "OAUTH_TOKEN_FAILURE", "RESPONSE_TOO_LARGE", "RESPONSE_ENCODED",
		"HTTP_STATUS_400", "HTTP_STATUS_401", "HTTP_STATUS_403", "HTTP_STATUS_404", "HTTP_STATUS_405", "HTTP_STATUS_418", "HTTP_STATUS_599",
	} {
		for _, requestType := range []string{"", hook.RequestSelfServiceRegistration, hook.RequestProgressiveProfile} {
			j := extension.Judge(extension.Registration{RequestType: requestType, Schema: fixtureSchema(t)}, extension.Reply{Failure: kind})
			f := j.Call.Findings[0]
			if f.Code != kind || f.Read == "" || f.Repair == "" || f.Happens == "" || j.Call.Reason != kind {
				t.Errorf("%s, %q: %+v", kind, requestType, f)
			}
		}
	}
}
