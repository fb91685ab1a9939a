package enroll_test

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/usher-id/usher/hook"
	"github.com/usher-id/usher/hook/hooktest"
	"github.com/usher-id/usher/internal/enroll"
	"github.com/usher-id/usher/internal/extension"
	"github.com/usher-id/usher/internal/hookfake"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/password"
	"github.com/usher-id/usher/internal/profile"
)

// registrations are the fixtures of self-service registration.
func registrations(t *testing.T) (cases []hooktest.Case) {
	t.Helper()
	all, err := hooktest.Cases()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range all {
		if requestOf(t, c).RequestType == hook.RequestSelfServiceRegistration {
			cases = append(cases, c)
		}
	}
	if len(cases) < 100 {
		t.Fatalf("only %d cases", len(cases))
	}
	return cases
}

func requestOf(t testing.TB, c hooktest.Case) *hook.RegistrationRequest {
	t.Helper()
	r := new(hook.RegistrationRequest)
	if err := json.Unmarshal(c.Request, r); err != nil {
		t.Fatal(err)
	}
	return r
}

// TestFixtures signs the person of every case up, from the form's strings to the
// rows in the store, at a service that answers as the case says. Six seconds of a
// slow service are none, since clock and database are in one bubble.
func TestFixtures(t *testing.T) {
	cases := registrations(t)
	onEngines(t, func(t *testing.T, url string) {
		for _, c := range cases {
			t.Run(c.Name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					got, sent := play(t, url, c)
					if d := hooktest.Diff(c.Outcome, got); d != "" {
						t.Errorf("%s\n%s", c.Row, d)
					}
					for _, body := range sent {
						if d := hooktest.DiffRequest(c.Request, body); d != "" {
							t.Error(d)
						}
					}
				})
			})
		}
	})
}

// play registers the person of a case and tells what came of it, as it is stored
// and as the person is told.
func play(t *testing.T, url string, c hooktest.Case) (out hooktest.Outcome, sent [][]byte) {
	t.Helper()
	request := requestOf(t, c)
	service, tokens, runner, where := arrange(t, c)
	at := eventTime(t, request)
	runner.Now = func() time.Time { return at }
	runner.NewEventID = func() string { return request.EventID }
	w := newWorld(t, url, func(w *world) {
		w.hook.Channel.URI = where
		w.policy.Source = request.Source
		w.policy.Rule.Attributes = fields(profile.FirstName, profile.LastName, profile.Email, "badge")
		if tokens != nil {
			if err := tokens.Channel(&w.hook.Channel); err != nil {
				t.Fatal(err)
			}
			w.key = w.hook.Channel.OAuth.Key
		}
	})
	w.enroll.Hooks = runner
	if c.Token != nil && c.Token.EarlierSeconds > 0 {
		if _, err := runner.Try(t.Context(), w.hook, orgSchema(t), c.Request, request.Data.Context.Request.ID); err != nil {
			t.Fatal(err)
		}
		<-time.After(c.Token.Earlier())
	}
	somebody := profile.New(hook.NewObject(hook.Member{Name: profile.Login, Value: "taken@example.org"}))
	w.update(func(ctx context.Context, tx *org.Tx) error {
		return tx.Users.Create(ctx, &org.User{ID: "00uSomebody", Status: org.StatusActive, Profile: somebody, Created: now})
	})

	result, err := w.register(entered(request))
	if err != nil {
		t.Fatal(err)
	}

	if tokens != nil {
		if d := tokens.Diff(service.Requests()); d != "" {
			t.Error(d)
		}
	}
	for _, r := range service.Requests() {
		sent = append(sent, r.Body)
	}
	return w.outcome(result), sent
}

func eventTime(t *testing.T, r *hook.RegistrationRequest) time.Time {
	t.Helper()
	at, err := time.Parse(hook.TimeFormat, r.EventTime)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// entered is the form that leads to a request.
func entered(r *hook.RegistrationRequest) enroll.Submission {
	sub := enroll.Submission{
		Values:   map[string][]string{},
		Password: password.NewSecret(goodword),
		Request:  enroll.Request{ID: r.Data.Context.Request.ID, IP: r.Data.Context.Request.IPAddress, UserAgent: "test"},
	}
	for name, value := range r.Profile().All() {
		sub.Values[name] = []string{fmt.Sprint(value)}
	}
	return sub
}

// arrange puts a service and a token endpoint where the case says they are, and a
// runner before them.
func arrange(t *testing.T, c hooktest.Case) (*hookfake.Service, *hookfake.Tokens, *extension.Runner, string) {
	t.Helper()
	ln, dial := hookfake.Pipe()
	tokens, dial := hookfake.ServeTokens(c, dial)
	if tokens != nil {
		t.Cleanup(tokens.Close)
	}
	url, names, bundle := "https://hooks.example.com/", publicAddress, []byte(nil)
	switch c.Transport() {
	case hooktest.ThenAddressPrivate:
		names = resolver(netip.MustParseAddr("10.0.0.1"))
	case hooktest.ThenTLSExpired, hooktest.ThenTLSWrongHost:
		authority, err := hookfake.NewAuthority(time.Now(), "hooks.example.com")
		if err != nil {
			t.Fatal(err)
		}
		bundle = authority.CAPEM()
		ln = tls.NewListener(ln, authority.TLSConfig(hookfake.CertificateOf(c)))
	default:
		url = hookURL
	}
	service := hookfake.Serve(ln, c)
	t.Cleanup(service.Close)
	return service, tokens, extension.NewRunner(newCaller(t, dial, names, bundle)), url
}

// outcome reads the store.
func (w *world) outcome(result enroll.Result) hooktest.Outcome {
	w.Helper()
	out := hooktest.Outcome{Decision: hooktest.Deny, Messages: []hooktest.Message{}, Warnings: []string{}}
	for _, u := range w.users() {
		if u.ID == "00uSomebody" {
			continue
		}
		if result.User == nil || result.User.ID != u.ID || out.Profile != nil {
			w.Errorf("user %s is stored, the result is %+v", u.ID, result.User)
		}
		out.Decision, out.Profile = hooktest.Allow, encoded(w, u.Profile)
	}
	if result.Refusal != nil {
		for _, cause := range result.Refusal.Causes {
			m := hooktest.Message{Text: cause.Text}
			if cause.Field != "" {
				m.Field = &cause.Field
			}
			out.Messages = append(out.Messages, m)
		}
	}
	for _, e := range w.events() {
		if strings.HasPrefix(e.Type, "inline_hook.") {
			entry := hooktest.LogEvent{EventType: e.Type, Result: e.Outcome.Result}
			if e.Outcome.Reason != "" {
				entry.Reason = &e.Outcome.Reason
			}
			out.Log = append(out.Log, entry)
		}
	}
	calls := w.calls()
	if len(calls) != 1 {
		w.Fatalf("%d records of calls", len(calls))
	}
	out.Attempts = len(calls[0].Attempts)
	for _, f := range calls[0].Findings {
		if f.Severity == org.SeverityWarning {
			out.Warnings = append(out.Warnings, f.Code)
		}
	}
	return out
}

func encoded(t testing.TB, p profile.Profile) map[string]json.RawMessage {
	t.Helper()
	all := map[string]json.RawMessage{}
	for name, value := range p.All() {
		text, err := hook.Encode(value)
		if err != nil {
			t.Fatal(err)
		}
		all[name] = text
	}
	return all
}

// TestAlteredExpectationsFail plays a case of each kind once and compares it with
// expectations that were altered in one place, as a test must that compares
// nothing by mistake.
func TestAlteredExpectationsFail(t *testing.T) {
	other := "other"
	alterations := map[string]func(*hooktest.Outcome) bool{ // false where there is nothing to alter
		"decision": func(o *hooktest.Outcome) bool { o.Decision = other; return true },
		"attempts": func(o *hooktest.Outcome) bool { o.Attempts++; return true },
		"a value": func(o *hooktest.Outcome) bool {
			if o.Profile != nil {
				o.Profile["firstName"] = json.RawMessage(`"Other"`)
			}
			return o.Profile != nil
		},
		"an attribute less": func(o *hooktest.Outcome) bool { delete(o.Profile, "lastName"); return o.Profile != nil },
		"a message": func(o *hooktest.Outcome) bool {
			if len(o.Messages) > 0 {
				o.Messages[0].Text += "!"
			}
			return len(o.Messages) > 0
		},
		"a field": func(o *hooktest.Outcome) bool {
			if len(o.Messages) > 0 {
				o.Messages[0].Field = &other
			}
			return len(o.Messages) > 0
		},
		"a message more": func(o *hooktest.Outcome) bool {
			o.Messages = append(o.Messages, hooktest.Message{Text: other})
			return true
		},
		"the event":  func(o *hooktest.Outcome) bool { o.Log[0].EventType = other; return true },
		"the reason": func(o *hooktest.Outcome) bool { o.Log[0].Reason = &other; return true },
		"the result": func(o *hooktest.Outcome) bool { o.Log[0].Result = other; return true },
		"a warning":  func(o *hooktest.Outcome) bool { o.Warnings = append(o.Warnings, other); return true },
	}
	names := []string{"allow-204", "update-array", "error-two-fields", "slow-body-drip", "tls-expired", "action-key-action"}
	onEngines(t, func(t *testing.T, url string) {
		for _, c := range registrations(t) {
			if !slices.Contains(names, c.Name) {
				continue
			}
			synctest.Test(t, func(t *testing.T) {
				got, _ := play(t, url, c)
				for name, alter := range alterations {
					want := copied(t, c.Outcome)
					if alter(&want) && hooktest.Diff(want, got) == "" {
						t.Errorf("%s: nobody saw that the expectation was altered: %s", c.Name, name)
					}
				}
			})
		}
	})
}

func copied(t *testing.T, o hooktest.Outcome) (c hooktest.Outcome) {
	t.Helper()
	text, err := json.Marshal(o)
	if err == nil {
		err = json.Unmarshal(text, &c)
	}
	if err != nil {
		t.Fatal(err)
	}
	return c
}
