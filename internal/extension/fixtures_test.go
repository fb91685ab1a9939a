package extension_test

import (
	"encoding/json"
	"io"
	"testing"

	"github.com/usher-id/usher/hook"
	"github.com/usher-id/usher/hook/hooktest"
	"github.com/usher-id/usher/internal/extension"
	"github.com/usher-id/usher/internal/profile"
)

// fixtureSchema is the user schema that the fixtures assume (hook/testdata/README.md).
func fixtureSchema(t testing.TB) *profile.Schema {
	t.Helper()
	ten := 10
	s, err := profile.NewSchema(
		profile.Attribute{Name: "test", Title: "Test", Type: profile.String},
		profile.Attribute{Name: "customerId", Title: "Customer", Type: profile.Integer},
		profile.Attribute{Name: "bignum", Title: "Big number", Type: profile.Number},
		profile.Attribute{Name: "badge", Title: "Badge", Type: profile.Integer},
		profile.Attribute{Name: "costCentre", Title: "Cost centre", Type: profile.String, MaxLength: &ten},
		profile.Attribute{Name: "ssn", Title: "SSN", Type: profile.String, Sensitive: true},
		profile.Attribute{Name: "tags", Title: "Tags", Type: profile.Array, Items: &profile.Items{Type: profile.String}},
		profile.Attribute{Name: "vip", Title: "VIP", Type: profile.Boolean},
		profile.Attribute{Name: "hireId", Title: "Hire", Type: profile.String, Mutability: profile.ReadOnly},
		profile.Attribute{Name: "newly_collected_profile_attribute_1", Title: "One", Type: profile.String},
		profile.Attribute{Name: "newly_collected_profile_attribute_2", Title: "Two", Type: profile.String},
	)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

var fixtureForm = []string{"firstName", "lastName", "email", "badge"}

// fixtureProfile is what was entered, read from a fixture's request.
func fixtureProfile(t testing.TB, c hooktest.Case) (profile.Profile, *hook.RegistrationRequest) {
	t.Helper()
	r := new(hook.RegistrationRequest)
	if err := json.Unmarshal(c.Request, r); err != nil {
		t.Fatal(err)
	}
	if r.Data.Context.User == nil {
		return profile.New(r.Profile()), r
	}
	// The stored profile with the difference in it. The request shows timezone as
	// timeZone, and no e-mail address, which equals the login.
	p := profile.New(r.Data.Context.User.Profile)
	zone := p.Text("timeZone")
	p = p.Delete("timeZone").Set("timezone", zone).Set(profile.Email, p.Text(profile.Login))
	for name, v := range r.Data.UserProfileUpdate.All() {
		p = p.Set(name, v)
	}
	return p, r
}

// TestFixturesThroughTheInterpreter reads every fixture whose answer is bytes:
// what the call makes of slow and broken services is shown in hookcall.
func TestFixturesThroughTheInterpreter(t *testing.T) {
	t.Parallel()
	cases, err := hooktest.Cases()
	if err != nil {
		t.Fatal(err)
	}
	judged := 0
	for _, c := range cases {
		if c.Response == nil {
			continue
		}
		resp, err := c.HTTPResponse()
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		if resp.StatusCode/100 != 2 || resp.Header.Get("Content-Encoding") != "" || len(body) >= hook.MaxAnswer {
			continue // never reaches the interpreter
		}
		judged++
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			schema := fixtureSchema(t)
			entered, request := fixtureProfile(t, c)
			j := extension.Judge(extension.Registration{
				RequestType: request.RequestType, Form: fixtureForm, Schema: schema,
			}, extension.Reply{Answered: true, Status: resp.StatusCode, Header: resp.Header, Body: body})
			got := outcomeOf(t, j, schema, entered, c)
			got.Attempts = c.Outcome.Attempts // the call's
			if d := hooktest.Diff(c.Outcome, got); d != "" {
				t.Errorf("%s\n%s", c.Row, d)
			}
		})
	}
	if judged < 70 {
		t.Errorf("only %d fixtures were judged", judged)
	}
}

func outcomeOf(t testing.TB, j *extension.Judgement, schema *profile.Schema, entered profile.Profile, c hooktest.Case) hooktest.Outcome {
	t.Helper()
	stored := schema.Storable(entered)
	out := hooktest.Outcome{Row: c.Outcome.Row, Source: c.Outcome.Source, Decision: hooktest.Deny, Messages: []hooktest.Message{}, Warnings: []string{}}
	if j.Allowed() {
		p, ok := j.Apply(stored)
		if ok && p.Text(profile.Login) == "taken@example.org" {
			j.Taken()
			ok = false
		}
		if ok {
			out.Decision = hooktest.Allow
			out.Profile = map[string]json.RawMessage{}
			for name, v := range p.All() {
				text, err := hook.Encode(v)
				if err != nil {
					t.Fatal(err)
				}
				out.Profile[name] = text
			}
		}
	}
	for _, m := range j.Messages {
		message := hooktest.Message{Text: m.Text}
		if m.Field != "" {
			message.Field = &m.Field
		}
		out.Messages = append(out.Messages, message)
	}
	for _, f := range j.Call.Findings {
		if f.Severity == "warning" {
			out.Warnings = append(out.Warnings, f.Code)
		}
	}
	entry := hooktest.LogEvent{EventType: j.Call.Event, Result: j.Call.Outcome}
	if j.Call.Reason != "" {
		entry.Reason = &j.Call.Reason
	}
	out.Log = []hooktest.LogEvent{entry}
	return out
}

