package extension_test

import (
	"encoding/json"
	"io"
	"log"
	"testing"

	"go.uber.org/goleak"

	"github.com/usher-id/usher/hook"
	"github.com/usher-id/usher/hook/hooktest"
	"github.com/usher-id/usher/internal/extension"
	"github.com/usher-id/usher/internal/profile"
)

func TestMain(m *testing.M) {
	log.SetOutput(io.Discard) // net/http's notes; as a server does, see package hookcall
	goleak.VerifyTestMain(m)
}

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

// fixtureRequest is the question of a fixture and what was entered, read from its
// request. What the request does not show is what the fixtures assume: the form,
// and that the e-mail address of a stored user is the login.
func fixtureRequest(t testing.TB, c hooktest.Case) (extension.Registration, profile.Profile) {
	t.Helper()
	in, stored, err := extension.ReadRequest(c.Request, fixtureSchema(t))
	if err != nil {
		t.Fatal(err)
	}
	in.Form = fixtureForm
	return in, stored.Set(profile.Email, stored.Text(profile.Login))
}

// outcomeOf is a judgement in the words of the fixtures.
func outcomeOf(t testing.TB, j *extension.Judgement, stored profile.Profile) hooktest.Outcome {
	t.Helper()
	out := hooktest.Outcome{Decision: hooktest.Deny, Attempts: len(j.Call.Attempts)}
	if j.Allowed() {
		p, ok := j.Apply(stored)
		if ok && p.Text(profile.Login) == "taken@example.org" {
			j.Taken("")
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
