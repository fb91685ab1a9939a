package enroll_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/usher-id/usher/internal/enroll"
	"github.com/usher-id/usher/internal/extension"
	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/hookcall"
	"github.com/usher-id/usher/internal/id"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/password"
	"github.com/usher-id/usher/internal/profile"
)

// TestRegistration looks at everything that one registration leaves behind.
func TestRegistration(t *testing.T) {
	onEngines(t, func(t *testing.T, url string) {
		w := newWorld(t, url, func(w *world) { w.policy.Rule.TargetGroupID = w.group.ID })
		w.service.answers(set(`{"nickName":"Miri"}`))
		u := w.registered(person("M.Okonkwo@example.org"))

		if ok, stale, err := w.hasher.Verify(t.Context(), u.Password, password.NewSecret(goodword)); !ok || stale || err != nil {
			t.Errorf("the password gives %v, %v, %v", ok, stale, err)
		}
		w.view(func(ctx context.Context, tx *org.Tx) error {
			stored, err := tx.Users.Get(ctx, u.ID)
			if err != nil {
				return err
			}
			for what, at := range map[string]time.Time{
				"created": stored.Created, "activated": stored.Activated, "status": stored.StatusChanged,
				"updated": stored.LastUpdated, "password": stored.PasswordChanged,
			} {
				if !at.Equal(now) {
					t.Errorf("%s at %v", what, at)
				}
			}
			if stored.Status != org.StatusActive || stored.Profile.Text("nickName") != "Miri" || !stored.LastLogin.IsZero() {
				t.Errorf("stored %+v", stored)
			}
			groups, err := tx.Members.Groups(ctx, u.ID)
			var names []string
			for _, g := range groups {
				names = append(names, g.Name)
			}
			equal(t, "groups", names, []string{"Everyone", "Members"})
			return err
		})
		w.expect(counts{Asked: 1, Hashed: 1, Users: 1, Calls: 1, Events: 4})
		checkEvents(w, u)
		checkRecord(w, u)
	})
}

func checkEvents(w *world, u *org.User) {
	w.Helper()
	equal(w, "events", w.eventTypes(), []string{
		"inline_hook.response.processed", "user.lifecycle.create", "user.lifecycle.activate", "group.user_membership.add",
	})
	for i, e := range w.events() {
		if e.Transaction != "req1" || e.Client != (org.Client{IP: "203.0.113.24", UserAgent: "test"}) || e.Outcome != (org.Outcome{Result: org.Success}) || !e.Published.Equal(now) {
			w.Errorf("event %+v", e)
		}
		if e.Actor.AlternateID != "M.Okonkwo@example.org" || i > 0 && e.Actor.ID != u.ID {
			w.Errorf("%s was done by %+v", e.Type, e.Actor)
		}
		var targets []string
		for _, t := range e.Targets {
			targets = append(targets, t.Type+" "+t.ID)
		}
		equal(w, e.Type, targets, [][]string{
			{"InlineHook cal1"}, {"User " + u.ID}, {"User " + u.ID}, {"User " + u.ID, "UserGroup 00gMembers"},
		}[i])
	}
}

func checkRecord(w *world, u *org.User) {
	w.Helper()
	c := w.calls()[0]
	if !strings.HasPrefix(c.ID, id.HookCall) || c.EventID == "" || !strings.Contains(c.Request, c.EventID) {
		w.Errorf("ids %q and %q", c.ID, c.EventID)
	}
	got := []string{
		c.HookID, c.HookName, c.HookURL, c.PolicyID, c.RequestID, c.EventType, c.RequestType, c.LoginKey, c.UserID, c.Decision, c.Event, c.Outcome, c.Answer.Body,
	}
	equal(w, "record", got, []string{
		"cal1", "door", "http://hook:3000/registrationHook", "rst1", "req1", "com.okta.user.pre-registration", "self.service.registration",
		"m.okonkwo@example.org", u.ID, org.DecisionAllow, "inline_hook.response.processed", org.Success, set(`{"nickName":"Miri"}`),
	})
	if len(c.Attempts) != 1 || c.Attempts[0].Status != 200 || c.Preview || c.HookVersion != 3 || c.Started.IsZero() || len(c.Messages) != 0 {
		w.Errorf("record %+v", c)
	}
	if c.Request != w.service.bodies()[0] {
		w.Errorf("recorded %s\nsent     %s", c.Request, w.service.bodies()[0])
	}
}

// TestRefusal: one event, one record by which the person's data can be found and
// erased, and nobody stored.
func TestRefusal(t *testing.T) {
	onEngines(t, func(t *testing.T, url string) {
		w := newWorld(t, url)
		w.service.answers(deny)
		r, err := w.register(person("M.Okonkwo@example.org"))
		if err != nil || r.User != nil || r.Refusal == nil || r.Refusal.Kind != fault.Denied {
			t.Fatalf("got %+v, %v", r, err)
		}
		equal(t, "messages", words(r.Refusal), []string{": Registration denied."})
		equal(t, "events", w.eventTypes(), []string{"inline_hook.response.processed"})
		c := w.calls()[0]
		equal(t, "record", []string{c.UserID, c.LoginKey, c.PolicyID, c.Decision, c.Messages[0].Text}, []string{
			"", "m.okonkwo@example.org", "rst1", org.DecisionDeny, "Registration denied.",
		})
		if len(w.users()) != 0 {
			t.Error("somebody was stored")
		}

		w.service.answers("{}")
		w.registered(person("M.Okonkwo@example.org")) // the refused login is free
	})
}

// TestHookFailure: a technical failure is told apart from a refusal.
func TestHookFailure(t *testing.T) {
	onEngines(t, func(t *testing.T, url string) {
		w := newWorld(t, url)
		w.service.answers(`{"commands":`)
		r, err := w.register(person("a@example.com"))
		if err != nil || r.Refusal == nil || r.Refusal.Kind != fault.HookFailed || r.User != nil {
			t.Fatalf("got %+v, %v", r, err)
		}
		equal(t, "messages", words(r.Refusal), []string{": There was an error creating your account. Please try registering again."})
		w.expect(counts{Asked: 1, Hashed: 1, Calls: 1, Events: 1})
	})
}

// overloaded is a caller without a place left.
type overloaded struct{}

func (overloaded) Call(context.Context, hookcall.Request) hookcall.Result {
	return hookcall.Result{Failure: hookcall.Overloaded, Detail: "too many hook calls are under way"}
}

// TestOverloaded: a call for which there was no place has judged nothing, so the
// person is asked to try again, and the record says so.
func TestOverloaded(t *testing.T) {
	onEngines(t, func(t *testing.T, url string) {
		w := newWorld(t, url)
		hooks := w.enroll.Hooks
		w.enroll.Hooks = extension.NewRunner(overloaded{})
		r, err := w.register(person("a@example.com"))
		if !fault.Is(err, fault.Busy) || r != (enroll.Result{}) {
			t.Errorf("got %+v, %v", r, err)
		}
		w.expect(counts{Hashed: 1, Calls: 1, Events: 1})
		c := w.calls()[0]
		if c.Reason != "OVERLOADED" || c.Decision != org.DecisionFailed || c.LoginKey != "a@example.com" || c.UserID != "" {
			t.Errorf("record %+v", c)
		}
		equal(t, "what the person saw", []string{c.Messages[0].Text}, []string{fault.As(err).Summary})
		equal(t, "finding", []string{c.Findings[0].Happens}, []string{"Nobody is registered. The person is asked to try again in a moment."})

		w.enroll.Hooks = hooks
		w.registered(person("a@example.com"))
	})
}

// TestHookThatIsNotAsked: without one that runs, people sign up as they entered.
func TestHookThatIsNotAsked(t *testing.T) {
	onEngines(t, func(t *testing.T, url string) {
		for _, row := range []struct {
			name   string
			change func(*world)
			events []string // before those of the user
		}{
			{"none attached", func(w *world) { w.policy.Rule.HookID = "" }, nil},
			{"for existing users alone", func(w *world) { w.policy.Rule.Triggers.NewUser = false }, nil},
			{"deleted and still attached", func(w *world) { w.policy.Rule.HookID = "calGone" }, nil},
			{"inactive", func(w *world) { w.hook.Status = org.StatusInactive }, []string{"inline_hook.executed"}},
		} {
			t.Run(row.name, func(t *testing.T) {
				w := newWorld(t, url, row.change)
				w.service.answers(deny)
				u := w.registered(person("a@example.com"))
				equal(t, "events", w.eventTypes(), append(slices.Clone(row.events), "user.lifecycle.create", "user.lifecycle.activate"))
				w.expect(counts{Hashed: 1, Users: 1, Events: len(row.events) + 2})
				if row.events == nil {
					return
				}
				e := w.events()[0]
				if e.Outcome != (org.Outcome{Result: org.Failure, Reason: "HOOK_INACTIVE"}) || e.Severity != "WARN" || e.Targets[0].ID != "cal1" || e.Actor.AlternateID != u.Login() {
					t.Errorf("event %+v", e)
				}
			})
		}
	})
}

// closings are the ways in which a policy lets nobody sign up.
func closings() map[string]func(*org.Policy) {
	return map[string]func(*org.Policy){
		"registration is off":    func(p *org.Policy) { p.Rule.UnknownUserAction = org.ActionDeny },
		"access is denied":       func(p *org.Policy) { p.Rule.Access = org.ActionDeny },
		"the policy is inactive": func(p *org.Policy) { p.Status = org.StatusInactive },
	}
}

// TestAdvisoryClosedSignUp: a sign-up that is switched off refuses whoever posts
// the form anyway (Zitadel, CVE-2024-49757, CVE-2026-29193).
func TestAdvisoryClosedSignUp(t *testing.T) {
	onEngines(t, func(t *testing.T, url string) {
		all := closings()
		all["there is no policy"] = func(p *org.Policy) { p.System = false }
		for name, closeIt := range all {
			t.Run(name, func(t *testing.T) {
				w := newWorld(t, url)
				if open, err := w.enroll.Open(t.Context(), ""); !open || err != nil {
					t.Errorf("before: %v, %v", open, err)
				}
				w.changePolicy(closeIt)
				if open, err := w.enroll.Open(t.Context(), ""); open || err != nil {
					t.Errorf("open: %v, %v", open, err)
				}
				if _, err := w.enroll.Form(t.Context(), ""); !fault.Is(err, fault.Forbidden) {
					t.Errorf("form: %v", err)
				}
				if r, err := w.register(person("a@example.com")); !fault.Is(err, fault.Forbidden) {
					t.Errorf("registration: %+v, %v", r, err)
				}
				w.expect(counts{})
				w.changePolicy(func(p *org.Policy) { p.System = true }) // for the next one to find
			})
		}
	})
}

// TestAdvisoryClosedWhileTheHookIsAsked: the policy is asked again at the commit.
func TestAdvisoryClosedWhileTheHookIsAsked(t *testing.T) {
	onEngines(t, func(t *testing.T, url string) {
		for name, closeIt := range closings() {
			t.Run(name, func(t *testing.T) {
				w := newWorld(t, url)
				w.service.does(func(string) string {
					w.changePolicy(closeIt)
					return allow
				})
				var finished enroll.Result
				r, err := w.prepared(person("a@example.com")).Run(t.Context(), func(_ context.Context, _ *org.Tx, r enroll.Result) error {
					finished = r
					return nil
				})
				if err != nil || r.User != nil || r.Refusal == nil || r.Refusal.Kind != fault.Forbidden || finished != r {
					t.Errorf("got %+v, %v; finished with %+v", r, err, finished)
				}
				w.expect(counts{Asked: 1, Hashed: 1, Calls: 1, Events: 1})
				if c := w.calls()[0]; c.UserID != "" || c.LoginKey != "a@example.com" {
					t.Errorf("record %+v", c)
				}
			})
		}
	})
}

func (w *world) changePolicy(change func(*org.Policy)) {
	w.Helper()
	change(w.policy)
	w.update(func(ctx context.Context, tx *org.Tx) error { return tx.Policies.Update(ctx, w.policy) })
}

func (w *world) prepared(sub enroll.Submission) *enroll.Attempt {
	w.Helper()
	a, err := w.prepare(sub)
	if err != nil {
		w.Fatal(err)
	}
	return a
}

// TestChangesWhileTheHookIsAsked: the form and the hook are those of the
// submission; whether a login is free, the commit decides.
func TestChangesWhileTheHookIsAsked(t *testing.T) {
	onEngines(t, func(t *testing.T, url string) {
		deactivate := func(w *world) {
			w.update(func(ctx context.Context, tx *org.Tx) error {
				w.hook.Status = org.StatusInactive
				return tx.Hooks.Update(ctx, w.hook)
			})
		}
		take := func(login, email string) func(w *world) {
			return func(w *world) {
				p := profile.Profile{}.Set(profile.Login, login).Set(profile.Email, email)
				w.update(func(ctx context.Context, tx *org.Tx) error {
					return tx.Users.Create(ctx, &org.User{ID: "00uOther", Status: org.StatusActive, Profile: p, Created: now})
				})
			}
		}
		const m5 = ": There was an error creating your account. Please try registering again."
		for _, row := range []struct {
			name      string
			meanwhile func(*world)
			answer    string
			want      []string // messages; nil when it succeeds
			reason    string   // of the event
		}{
			{"the form gets another required field", func(w *world) {
				w.changePolicy(func(p *org.Policy) {
					p.Rule.Attributes = append(p.Rule.Attributes, org.FormAttribute{Name: "badge", Required: true})
				})
			}, allow, nil, ""},
			{"the hook is deactivated and allows", deactivate, set(`{"nickName":"Miri"}`), nil, ""},
			{"the hook is deactivated and refuses", deactivate, deny, []string{": Registration denied."}, ""},
			{"the group that new users join is deleted", (*world).deleteGroup, allow, nil, ""},
			{"the login is taken", take("A@example.com", "b@example.com"), allow, []string{"email: A user with this Primary email already exists"}, ""},
			{"the login is taken, and the hook sets another one", take("a@example.com", "a@example.com"), set(`{"login":"c@example.com","email":"c@example.com"}`), nil, ""},
			{"the login is taken, and the hook sets what has no part in it", take("a@example.com", "a@example.com"), set(`{"nickName":"Miri"}`), []string{"email: A user with this Primary email already exists"}, ""},
			{"the login that the hook sets is somebody's address", take("b@example.com", "C@example.com"), set(`{"login":"c@example.com"}`), []string{m5}, "ATTRIBUTE_INVALID"},
			{"the address that the hook sets is somebody's login", take("c@example.com", "b@example.com"), set(`{"email":"c@example.com"}`), []string{m5}, "ATTRIBUTE_INVALID"},
		} {
			t.Run(row.name, func(t *testing.T) {
				w := newWorld(t, url)
				w.service.does(func(string) string {
					row.meanwhile(w)
					return row.answer
				})
				r, err := w.register(person("a@example.com"))
				if err != nil {
					t.Fatal(err)
				}
				if (r.User == nil) != (row.want != nil) || (r.Refusal == nil) != (row.want == nil) {
					t.Fatalf("user %v, refusal %v", r.User, r.Refusal)
				}
				if r.Refusal != nil {
					equal(t, "messages", words(r.Refusal), row.want)
				}
				if e := w.events()[0]; e.Outcome.Reason != row.reason {
					t.Errorf("reason %q, want %q", e.Outcome.Reason, row.reason)
				}
				if c := w.calls(); len(c) != 1 || (c[0].UserID != "") != (row.want == nil) || c[0].LoginKey != "a@example.com" {
					t.Errorf("records %+v", c)
				}
			})
		}
	})
}

// TestHashAndHookTogether: both run at once, and neither loses what the other
// found out.
func TestHashAndHookTogether(t *testing.T) {
	onEngines(t, func(t *testing.T, url string) {
		t.Run("a refusal cancels a hash that waits for a slot", func(t *testing.T) {
			w := newWorld(t, url)
			w.service.answers(deny)
			w.hasher.before = func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
			r, err := w.register(person("a@example.com"))
			if err != nil || r.Refusal == nil || r.Refusal.Kind != fault.Denied {
				t.Errorf("got %+v, %v", r, err)
			}
			w.expect(counts{Asked: 1, Hashed: 1, Calls: 1, Events: 1})
		})
		t.Run("neither waits for the other", func(t *testing.T) {
			w := newWorld(t, url)
			asked, hashing := make(chan struct{}), make(chan struct{})
			w.service.does(func(string) string { close(asked); <-hashing; return allow })
			w.hasher.before = func(context.Context) error { close(hashing); <-asked; return nil }
			w.registered(person("a@example.com"))
		})
		for _, row := range []struct {
			name     string
			answer   string
			decision string
		}{
			{"no slot is free, and the hook allows", set(`{"nickName":"Miri"}`), org.DecisionAllow},
			{"no slot is free, and the answer is useless", "[]", org.DecisionFailed},
			{"no slot is free, and the hook refuses", deny, org.DecisionDeny},
		} {
			t.Run(row.name, func(t *testing.T) {
				w := newWorld(t, url)
				failed := make(chan struct{})
				w.hasher.before = func(context.Context) error { close(failed); return password.ErrBusy }
				w.service.does(func(string) string { <-failed; return row.answer }) // decides after the hash has failed
				r, err := w.register(person("a@example.com"))
				if row.decision == org.DecisionAllow {
					if !fault.Is(err, fault.Busy) || !errors.Is(err, password.ErrBusy) || r != (enroll.Result{}) {
						t.Errorf("got %+v, %v", r, err)
					}
				} else if err != nil || r.Refusal == nil {
					t.Errorf("got %+v, %v", r, err)
				}
				w.expect(counts{Asked: 1, Hashed: 1, Calls: 1, Events: 1})
				if c := w.calls()[0]; c.Decision != row.decision || c.UserID != "" || c.LoginKey != "a@example.com" {
					t.Errorf("record %+v", c)
				}
				explained(t, w.calls()[0], row.decision == org.DecisionAllow, "Nobody was registered: The service is busy. Please try again in a moment.")

				w.hasher.before = nil
				w.service.answers(allow)
				w.registered(person("a@example.com")) // the form can be sent again
			})
		}
		t.Run("no slot is free, and there is no hook", func(t *testing.T) {
			w := newWorld(t, url, func(w *world) { w.policy.Rule.HookID = "" })
			w.hasher.before = func(context.Context) error { return password.ErrBusy }
			if _, err := w.register(person("a@example.com")); !fault.Is(err, fault.Busy) {
				t.Errorf("got %v", err)
			}
			w.expect(counts{Hashed: 1})
		})
	})
}

// explained checks the finding that only a record has which allows and registered
// nobody.
func explained(t testing.TB, c *org.HookCall, want bool, happens string) {
	t.Helper()
	i := slices.IndexFunc(c.Findings, func(f org.Finding) bool { return f.Code == "NOT_REGISTERED" })
	if (i >= 0) != want || want && (c.Findings[i].Happens != happens || c.Findings[i].Severity != org.SeverityNote) {
		t.Errorf("findings %+v", c.Findings)
	}
}

// TestErrorAtTheEnd: what fails in the last transaction leaves nothing half
// written; that the hook was asked is recorded.
func TestErrorAtTheEnd(t *testing.T) {
	broken := errors.New("broken")
	onEngines(t, func(t *testing.T, url string) {
		for _, row := range []struct {
			name   string
			answer string
		}{{"of a registration", allow}, {"of a refusal", deny}} {
			t.Run(row.name, func(t *testing.T) {
				w := newWorld(t, url)
				w.service.answers(row.answer)
				r, err := w.prepared(person("a@example.com")).Run(t.Context(), func(context.Context, *org.Tx, enroll.Result) error { return broken })
				if !errors.Is(err, broken) || r != (enroll.Result{}) {
					t.Errorf("got %+v, %v", r, err)
				}
				if len(w.users()) != 0 {
					t.Error("somebody was stored")
				}
				equal(t, "events", w.eventTypes(), []string{"inline_hook.response.processed"})
				if c := w.calls(); len(c) != 1 || c[0].UserID != "" {
					t.Errorf("records %+v", c)
				}
				explained(t, w.calls()[0], row.answer == allow, "Nobody was registered: an error of usher's own, which is in its log.")
			})
		}
		t.Run("and the record cannot be written either", func(t *testing.T) {
			w := newWorld(t, url)
			w.enroll.Store = failing{w.store, broken}
			_, err := w.prepared(person("a@example.com")).Run(t.Context(), noFinish)
			if !errors.Is(err, broken) {
				t.Errorf("got %v", err)
			}
			w.expect(counts{Asked: 1, Hashed: 1})
		})
	})
}

// failing is a store that can only be read.
type failing struct {
	org.Store
	err error
}

func (f failing) Update(ctx context.Context, write func(context.Context, *org.Tx) error) error {
	return f.Store.Update(ctx, func(ctx context.Context, tx *org.Tx) error {
		if err := write(ctx, tx); err != nil {
			return err
		}
		return f.err
	})
}

// TestTransactionsThatRunTwice: a closure that the database asks to run again
// leaves what one run leaves.
func TestTransactionsThatRunTwice(t *testing.T) {
	onEngines(t, func(t *testing.T, url string) {
		w := newWorld(t, url, func(w *world) { w.policy.Rule.TargetGroupID = w.group.ID })
		w.enroll.Store = twice{w.store}
		w.registered(person("a@example.com"))
		w.expect(counts{Asked: 1, Hashed: 1, Users: 1, Calls: 1, Events: 4})
	})
}

type twice struct{ org.Store }

func (s twice) Update(ctx context.Context, write func(context.Context, *org.Tx) error) error {
	again := errors.New("again")
	err := s.Store.Update(ctx, func(ctx context.Context, tx *org.Tx) error { return errors.Join(write(ctx, tx), again) })
	if !errors.Is(err, again) {
		return err
	}
	return s.Store.Update(ctx, write)
}
