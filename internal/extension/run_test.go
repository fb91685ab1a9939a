package extension_test

import (
	"cmp"
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/usher-id/usher/hook"
	"github.com/usher-id/usher/hook/hooktest"
	"github.com/usher-id/usher/internal/extension"
	"github.com/usher-id/usher/internal/hookcall"
	"github.com/usher-id/usher/internal/hookfake"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/profile"
	"github.com/usher-id/usher/internal/safedial"
)

// addresses answers every name with the same ones.
type addresses []netip.Addr

func (a addresses) LookupNetIP(context.Context, string, string) ([]netip.Addr, error) { return a, nil }

// bench is a runner over the real caller and the real guard, and a service that
// answers as a case says. It is made inside a bubble of synctest.
type bench struct {
	runner  *extension.Runner
	hook    *org.InlineHook
	service *hookfake.Service
	tokens  *hookfake.Tokens // nil where no token goes with the call
}

func newBench(t *testing.T, c hooktest.Case) *bench {
	t.Helper()
	const host = "hooks.example.com"
	h := &org.InlineHook{
		ID: "cal1", Name: "Only example.com", Type: hook.TypeRegistration, Status: org.StatusActive, Version: 7,
		Channel: org.Channel{
			URI:     "http://" + host + ":3000/registrationHook?tenant=tenant-key-1",
			Headers: []org.Header{{Key: "x-env", Value: "test"}, {Key: "x-api-key", Value: "api-key-value"}},
			Auth:    &org.HeaderAuth{Key: "authorization", Value: org.NewSecret("Basic dXNoZXI6dHJvdWJhZG9y")}, // usher:troubador
		},
	}
	ln, dial := hookfake.Pipe()
	names := addresses{netip.MustParseAddr("93.184.216.34")}
	o := hookcall.Options{}
	switch c.Transport() {
	case hooktest.ThenAddressPrivate:
		names, h.Channel.URI = addresses{netip.MustParseAddr("10.0.0.1")}, "https://"+host+"/"
	case hooktest.ThenTLSExpired, hooktest.ThenTLSWrongHost:
		authority, err := hookfake.NewAuthority(time.Now(), host)
		if err != nil {
			t.Fatal(err)
		}
		if o.RootCAs, err = hookcall.Roots(authority.CAPEM()); err != nil {
			t.Fatal(err)
		}
		ln, h.Channel.URI = tls.NewListener(ln, authority.TLSConfig(hookfake.CertificateOf(c))), "https://"+host+"/"
	}
	tokens, dial := hookfake.ServeTokens(c, dial)
	if tokens != nil {
		t.Cleanup(tokens.Close)
		if err := tokens.Channel(&h.Channel); err != nil {
			t.Fatal(err)
		}
	}
	policy, err := safedial.NewPolicy(safedial.Config{
		AllowHosts: []safedial.HostPort{{Host: host, Port: 3000}, {Host: hookfake.TokenHost, Port: hookfake.TokenPort}}, AllowHTTP: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	d := &safedial.Dialer{Policy: policy, Resolver: names, Connect: dial}
	o.Dial, o.CheckURL = d.DialContext, policy.ParseURL
	caller := hookcall.New(o)
	b := &bench{runner: extension.NewRunner(caller), hook: h, service: hookfake.Serve(ln, c), tokens: tokens}
	t.Cleanup(func() {
		b.service.Close()
		caller.Close()
	})
	return b
}

// question is what a sign-up or an update of a fixture asks. Of the request of
// the fixture it takes the entered values and what differs from call to call.
func question(t *testing.T, c hooktest.Case) (in extension.Registration, stored profile.Profile, r *hook.RegistrationRequest) {
	t.Helper()
	in, stored = fixtureRequest(t, c)
	r = new(hook.RegistrationRequest)
	if err := json.Unmarshal(c.Request, r); err != nil {
		t.Fatal(err)
	}
	var order []string
	for name := range r.Profile().All() {
		order = append(order, name)
	}
	// As in a sign-up, with what must not leave.
	entered := profile.New(r.Profile()).Set("ssn", "078-05-1120").Set("password", "Tr0ub4dor")
	in.Request, in.User = r.Data.Context.Request, r.Data.Context.User
	in.Disclosed = in.Schema.Disclose(entered, append(order, "ssn", "password"))
	return in, stored, r
}

// TestFixtures puts the question of every fixture to a service that answers as
// the fixture says, over the real caller: the bytes that are sent, what comes of
// the answer, the time that it takes.
func TestFixtures(t *testing.T) {
	t.Parallel()
	cases, err := hooktest.Cases()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { fixture(t, c) })
		})
	}
}

func fixture(t *testing.T, c hooktest.Case) {
	b := newBench(t, c)
	in, stored, r := question(t, c)
	sent, err := time.Parse(hook.TimeFormat, r.EventTime)
	if err != nil {
		t.Fatal(err)
	}
	b.runner.NewEventID = func() string { return r.EventID }
	if c.Token != nil && c.Token.EarlierSeconds > 0 {
		b.runner.Now = func() time.Time { return sent }
		if _, err := b.runner.Registration(t.Context(), b.hook, in); err != nil {
			t.Fatal(err)
		}
		<-time.After(c.Token.Earlier())
	}
	started := time.Now()
	b.runner.Now = func() time.Time { return sent.Add(700*time.Millisecond + time.Since(started)) }

	j, err := b.runner.Registration(t.Context(), b.hook, in)
	if err != nil {
		t.Fatal(err)
	}
	got := outcomeOf(t, j, stored)
	if d := hooktest.Diff(c.Outcome, got); d != "" {
		t.Errorf("%s\n%s", c.Row, d)
	}
	for _, request := range b.service.Requests() {
		if d := hooktest.DiffRequest(c.Request, request.Body); d != "" {
			t.Error(d)
		}
	}
	if b.tokens != nil {
		checkTokens(t, b, j)
	}
	if d := hooktest.DiffRequest(c.Request, []byte(j.Call.Request)); d != "" {
		t.Errorf("record: %s", d)
	}
	checkRecord(t, j)
	for what, wrong := range mutations(c.Outcome) {
		if hooktest.Diff(wrong, got) == "" {
			t.Errorf("another %s would not have been noticed", what)
		}
	}
}

// checkTokens checks what was sent to get a token, and that the record tells of the
// fetch.
func checkTokens(t *testing.T, b *bench, j *extension.Judgement) {
	t.Helper()
	if d := b.tokens.Diff(b.service.Requests()); d != "" {
		t.Error(d)
	}
	for _, a := range j.Call.Attempts {
		if a.Token == nil || a.Token.Status == 0 || (a.Token.Failure != "") != (a.Failure == "OAUTH_TOKEN_FAILURE") {
			t.Errorf("attempt %+v, its token %+v", a, a.Token)
		}
	}
	if o := b.hook.Channel.OAuth; strings.Contains(fmt.Sprintf("%+v", j.Call), "eyJhbGciOi") || !o.ClientSecret.Empty() && strings.Contains(fmt.Sprintf("%+v", j.Call), o.ClientSecret.Reveal()) {
		t.Errorf("the record shows a secret: %+v", j.Call)
	}
}

// mutations are expectations that a case does not have.
func mutations(o hooktest.Outcome) map[string]hooktest.Outcome {
	decision, profile, messages, attempts, log, warnings := o, o, o, o, o, o
	decision.Decision = map[string]string{hooktest.Allow: hooktest.Deny, hooktest.Deny: hooktest.Allow}[o.Decision]
	profile.Profile = map[string]json.RawMessage{"nickName": json.RawMessage(`"Rosie"`)}
	messages.Messages = append(slices.Clone(o.Messages), hooktest.Message{Text: "No."})
	attempts.Attempts++
	reason := "ANOTHER"
	log.Log = []hooktest.LogEvent{{EventType: o.Log[0].EventType, Result: o.Log[0].Result, Reason: &reason}}
	warnings.Warnings = append(slices.Clone(o.Warnings), "ANOTHER")
	return map[string]hooktest.Outcome{
		"decision": decision, "profile": profile, "message": messages, "attempt": attempts, "log": log, "warning": warnings,
	}
}

// checkRecord checks what holds for every record of a call.
func checkRecord(t *testing.T, j *extension.Judgement) {
	t.Helper()
	c := j.Call
	for name, text := range map[string]string{
		"ID": c.ID, "HookID": c.HookID, "HookName": c.HookName, "HookURL": c.HookURL, "EventID": c.EventID, "EventType": c.EventType,
		"RequestID": c.RequestID, "Request": c.Request, "Event": c.Event, "Outcome": c.Outcome,
	} {
		if text == "" {
			t.Errorf("the record has no %s", name)
		}
	}
	if c.HookVersion != 7 || c.Started.IsZero() || c.Duration > 6*time.Second || len(c.Attempts) == 0 {
		t.Errorf("the record has gaps: %+v", c)
	}
	if c.Decision != j.Decision || len(c.Messages) != len(j.Messages) || (c.Outcome == org.Success) != (j.Allowed() || c.Decision == org.DecisionDeny) {
		t.Errorf("the record departs from the judgement: %+v", c)
	}
	if explained := len(c.Findings) > 0 && c.Findings[0].Severity == org.SeverityError; explained != (c.Decision == org.DecisionFailed) {
		t.Errorf("%s with the findings %+v", c.Decision, c.Findings)
	}
	if text := fmt.Sprintf("%+v", c); strings.Contains(text, "078-05-1120") || strings.Contains(text, "Tr0ub4dor") {
		t.Errorf("what must not leave is in the record: %s", text)
	}
}

// TestRecord pins the whole record of a call.
func TestRecord(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		answer := `{"commands":[{"type":"com.okta.user.profile.update","value":{"ssn":"219-09-9999","middleName":"Danger"}}],"debugContext":{"ssn of":"219-09-9999"}}`
		b := newBench(t, hooktest.Case{Script: []hooktest.Step{
			{Attempt: 1, Then: hooktest.ThenHang},
			{Attempt: 2, Repeat: 1, Chunk: fmt.Sprintf("HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(answer), answer)},
		}})
		in, stored, _ := question(t, fixtureCase(t, "allow-explicit"))
		b.runner.NewEventID = func() string { return "evt" }
		started := time.Now()
		j, err := b.runner.Registration(t.Context(), b.hook, in)
		if err != nil {
			t.Fatal(err)
		}
		if result, ok := j.Apply(stored); !ok || result.Text("ssn") != "219-09-9999" || result.Text("middleName") != "Danger" {
			t.Error("the updates were not applied")
		}
		got := j.Call
		if got.ID == "" {
			t.Error("no id")
		}
		got.ID = ""
		got.Request = ""
		want := org.HookCall{
			HookID: "cal1", HookName: "Only example.com", HookVersion: 7, HookURL: "http://hooks.example.com:3000/registrationHook",
			EventID: "evt", RequestID: "reqK1v9TnPzSVqgk0XcF7dLQ", EventType: hook.TypeRegistration, RequestType: hook.RequestSelfServiceRegistration,
			Started: started, Duration: 3 * time.Second,
			Attempts: []org.Attempt{
				{Started: started, Duration: 3 * time.Second, Failure: "TIMEOUT", Detail: "the time was over while waiting for the answer", Address: "pipe"},
				{Started: started.Add(3 * time.Second), Status: 201, Address: "pipe"},
			},
			Answer: org.Answer{
				Status: 201, ContentType: "application/json", Size: len(answer), Readable: true,
				Body: strings.ReplaceAll(answer, "219-09-9999", "[sensitive]"),
			},
			Event: extension.EventProcessed, Outcome: org.Success, Decision: org.DecisionAllow,
			DebugContext: `{"ssn of":"[sensitive]"}`,
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("got\n%+v, want\n%+v", got, want)
		}
	})
}

func fixtureCase(t testing.TB, name string) hooktest.Case {
	t.Helper()
	cases, err := hooktest.Cases()
	if err != nil {
		t.Fatal(err)
	}
	at := slices.IndexFunc(cases, func(c hooktest.Case) bool { return c.Name == name })
	if at < 0 {
		t.Fatalf("no case %s", name)
	}
	return cases[at]
}

// TestServiceEchoesWhatItGot: a service that sends its request back, headers and
// all, puts no secret into the record.
func TestServiceEchoesWhatItGot(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		answer := `{"error":{"errorSummary":"Basic dXNoZXI6dHJvdWJhZG9y is wrong","errorCauses":[{"errorSummary":"troubador","location":"data.troubador"}]},` +
			`"debugContext":{"authorization":"Basic dXNoZXI6dHJvdWJhZG9y","token":"dXNoZXI6dHJvdWJhZG9y","user":"usher:troubador","key":"api-key-value","url":"/registrationHook?tenant=tenant-key-1","env":"test"}}`
		b := newBench(t, hooktest.Case{Response: fmt.Appendf(nil, "HTTP/1.1 200 OK\r\nContent-Type: troubador/x\r\nContent-Length: %d\r\n\r\n%s", len(answer), answer)})
		in, _, _ := question(t, fixtureCase(t, "allow-explicit"))
		j, err := b.runner.Registration(t.Context(), b.hook, in)
		if err != nil {
			t.Fatal(err)
		}
		if len(j.Messages) != 1 || j.Messages[0].Text != "troubador" {
			t.Errorf("the person sees %+v and not the words of the hook", j.Messages)
		}
		record := fmt.Sprintf("%+v", j.Call)
		for _, secret := range []string{"dXNoZXI6", "troubador", "api-key-value", "tenant-key-1"} {
			if strings.Contains(record, secret) {
				t.Errorf("%s is in the record: %s", secret, record)
			}
		}
		if !strings.Contains(j.Call.DebugContext, `"env":"test"`) {
			t.Errorf("a short header is no secret: %s", j.Call.DebugContext)
		}
		head := strings.Join(b.service.Requests()[0].Header, "\n")
		for _, line := range []string{"authorization: Basic dXNoZXI6dHJvdWJhZG9y", "x-env: test", "x-api-key: api-key-value", "X-Okta-Request-Id: " + in.Request.ID} {
			if !strings.Contains(head, line) {
				t.Errorf("%q was not sent:\n%s", line, head)
			}
		}
	})
}

// TestTry: an administrator may have edited the request. It is sent as it is,
// recorded without what is sensitive, and the record can be erased with the person.
func TestTry(t *testing.T) {
	t.Parallel()
	const head = `"eventType":"com.okta.user.pre-registration","requestType":`
	for _, test := range []struct{ body, eventID, loginKey, userID, recorded string }{
		{`{"eventId":"e1", ` + head + `"", "data":{}}`, "e1", "", "", ""},
		{`{"eventId":7,` + head + `""}`, "", "", "", ""},
		{`{` + head + `"self.service.registration","data":{"userProfile":{"login":"Ada@Example.com","email":"b@example.com"}}}`, "", "ada@example.com", "", ""},
		{`{` + head + `"self.service.registration","data":{"userProfile":{"email":"B@example.com"}}}`, "", "b@example.com", "", ""},
		{
			`{` + head + `"progressive.profile","data":{"context":{"user":{"id":"00u1","profile":{"login":"Ada"}}},"userProfileUpdate":{"test":"x"}}}`,
			"", "ada", "00u1", "",
		},
		{
			`{` + head + `"","data":{"userProfile":{"ssn":"078-05-1120","note":"ssn is 078-05-1120"}}}`, "", "", "",
			`{` + head + `"","data":{"userProfile":{"ssn":"[sensitive]","note":"ssn is [sensitive]"}}}`,
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			b := newBench(t, fixtureCase(t, "deny"))
			j, err := b.runner.Try(t.Context(), b.hook, fixtureSchema(t), []byte(test.body), "req7")
			if err != nil {
				t.Fatal(err)
			}
			c := &j.Call
			if j.Decision != org.DecisionDeny || c.RequestID != "req7" || c.Request != cmp.Or(test.recorded, test.body) {
				t.Errorf("%s: %s of %s, recorded %s", test.body, j.Decision, c.RequestID, c.Request)
			}
			if c.EventID != test.eventID || c.LoginKey != test.loginKey || c.UserID != test.userID {
				t.Errorf("%s: event %q, login %q, user %q", test.body, c.EventID, c.LoginKey, c.UserID)
			}
			if sent := b.service.Requests(); len(sent) != 1 || string(sent[0].Body) != test.body {
				t.Errorf("sent %s", sent[0].Body)
			}
		})
	}
}

// TestTryAppliesTheUpdates: what the schema refuses is found, as in a sign-up.
func TestTryAppliesTheUpdates(t *testing.T) {
	t.Parallel()
	runner := extension.NewRunner(setsUnknown{})
	j, err := runner.Try(t.Context(), &org.InlineHook{}, fixtureSchema(t), hooktest.Requests()[0].Body, "")
	if err != nil || j.Decision != org.DecisionFailed || j.Call.Reason != profile.AttributeUnknown {
		t.Errorf("%v, %+v", err, j)
	}
}

// setsUnknown is a service that sets what no schema has.
type setsUnknown struct{}

func (setsUnknown) Call(context.Context, hookcall.Request) hookcall.Result {
	return hookcall.Result{Answered: true, Status: 200, Body: []byte(`{"commands":[{"type":"com.okta.user.profile.update","value":{"noSuchThing":1}}]}`)}
}

func TestRequestIsNotEscapedForHTML(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, fixtureCase(t, "allow-204"))
		in, _, _ := question(t, fixtureCase(t, "allow-204"))
		in.Disclosed = in.Schema.Disclose(profile.Profile{}.Set("firstName", `<b>&"é`), nil)
		if _, err := b.runner.Registration(t.Context(), b.hook, in); err != nil {
			t.Fatal(err)
		}
		if body := string(b.service.Requests()[0].Body); !strings.Contains(body, `{"firstName":"<b>&\"é"}`) {
			t.Errorf("sent %s", body)
		}
		in.Disclosed = in.Schema.Disclose(profile.Profile{}.Set("firstName", "\xff"), nil)
		if _, err := b.runner.Registration(t.Context(), b.hook, in); err == nil {
			t.Error("a name that is no UTF-8 was sent")
		}
	})
}

// slow is a service whose time is over at once.
type slow struct{}

func (slow) Call(context.Context, hookcall.Request) hookcall.Result {
	return hookcall.Result{Failure: hookcall.Timeout, Detail: "the time was over"}
}

// TestRepairNamesTheTimeout: the advice names the time that the operator set.
func TestRepairNamesTheTimeout(t *testing.T) {
	t.Parallel()
	for timeout, words := range map[time.Duration]string{
		0: "3 seconds", time.Second: "1 second", 1500 * time.Millisecond: "1.5 seconds", 8 * time.Second: "8 seconds",
	} {
		runner := extension.NewRunner(slow{})
		runner.Timeout = timeout
		j, err := runner.Registration(t.Context(), &org.InlineHook{}, extension.Registration{Schema: fixtureSchema(t)})
		if err != nil {
			t.Fatal(err)
		}
		want := "Answer within " + words + ", the body included."
		if got := j.Call.Findings[0].Repair; !strings.HasPrefix(got, want) {
			t.Errorf("%v: %q, want %q", timeout, got, want)
		}
	}
}
