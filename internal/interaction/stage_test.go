package interaction_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/usher-id/usher/hook"
	"github.com/usher-id/usher/internal/enroll"
	"github.com/usher-id/usher/internal/extension"
	"github.com/usher-id/usher/internal/id"
	"github.com/usher-id/usher/internal/interaction"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/password"
	"github.com/usher-id/usher/internal/profile"
	"github.com/usher-id/usher/internal/secretbox"
	"github.com/usher-id/usher/internal/signin"
	"github.com/usher-id/usher/internal/sqlstore"
	"github.com/usher-id/usher/internal/storetest"
)

const (
	attemptLimit = 9 * time.Second
	submitLimit  = 2*attemptLimit + time.Second
	right        = "correct horse 4107"

	allow = "{}"
	deny  = `{"error":{"errorCauses":[{"errorSummary":"Not you.","location":"data.userProfile.email"}]}}`
)

// stage is an org and one process that serves it, in a bubble whose clock runs
// when everybody waits.
type stage struct {
	*testing.T
	url    string
	store  org.Store
	visits *interaction.Service
	signin *signin.Service
	hook   *decider
}

// onEngines runs a test on each engine, in a bubble.
func onEngines(t *testing.T, test func(s *stage)) {
	t.Helper()
	eachEngine(t, func(t *testing.T, url string) { onStage(t, url, test) })
}

// eachEngine runs a test on each engine, with the URL of a new database.
func eachEngine(t *testing.T, test func(t *testing.T, url string)) {
	t.Helper()
	t.Parallel()
	for _, e := range storetest.Engines() {
		t.Run(e.Name, func(t *testing.T) {
			t.Parallel()
			test(t, e.Open(t))
		})
	}
}

// onStage runs a test in a bubble of its own. What an earlier one has left in the
// database is gone, but for its visits.
func onStage(t *testing.T, url string, test func(s *stage)) {
	t.Helper()
	o := sqlstore.Options{URL: url, Keys: secretbox.Ephemeral()}
	if _, err := sqlstore.Migrate(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		s := &stage{T: t, url: url, hook: &decider{decide: func(context.Context) string { return allow }}}
		store, err := sqlstore.Open(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = store.Close() }()
		s.store = store
		s.update(setUp)
		s.restart(store)
		test(s)
	})
}

// restart is another process over a store.
func (s *stage) restart(store org.Store) {
	s.Helper()
	hasher, err := password.NewHasher(password.Params{Algorithm: password.Bcrypt, BcryptCost: password.MinBcryptCost}, 0)
	if err != nil {
		s.Fatal(err)
	}
	s.signin = &signin.Service{Store: store, Hasher: hasher, Now: time.Now}
	s.visits = &interaction.Service{
		Store:  store,
		Enroll: &enroll.Service{Store: store, Hooks: s.hook, Hasher: hasher, Now: time.Now},
		SignIn: s.signin, Now: time.Now, Log: slog.New(slog.DiscardHandler), AttemptLimit: attemptLimit, SubmitLimit: submitLimit,
	}
}

func setUp(ctx context.Context, tx *org.Tx) error {
	all, err := storetest.Everybody(ctx, tx)
	if err != nil {
		return err
	}
	for _, u := range all {
		if err := tx.Users.Delete(ctx, u.ID); err != nil {
			return err
		}
	}
	later := time.Now().AddDate(100, 0, 0)
	if _, err := tx.Events.Prune(ctx, later); err != nil {
		return err
	}
	if _, err := tx.Calls.Prune(ctx, later, 0); err != nil {
		return err
	}
	// Made anew: that of an earlier stage is sealed with keys that are gone.
	if err := tx.Hooks.Delete(ctx, "cal1"); err != nil && !errors.Is(err, org.ErrNotFound) {
		return err
	}
	h := &org.InlineHook{
		ID: "cal1", Name: "door", Type: hook.TypeRegistration, Status: org.StatusActive,
		Channel: org.Channel{Type: org.ChannelHTTP, URI: "https://hooks.example.com/", Method: http.MethodPost},
	}
	if err := tx.Hooks.Create(ctx, h); err != nil {
		return err
	}
	p := &org.Policy{
		ID: "rst1", Source: "reg1", Name: "Default Policy", System: true, Status: org.StatusActive,
		Rule: org.Rule{
			ID: "rul1", Access: org.ActionAllow, UnknownUserAction: org.ActionRegister, HookID: "cal1", Triggers: org.Triggers{NewUser: true},
			Attributes: []org.FormAttribute{{Name: profile.FirstName}, {Name: profile.LastName}, {Name: profile.Email}},
		},
	}
	if err := tx.Policies.Update(ctx, p); !errors.Is(err, org.ErrNotFound) {
		return err
	}
	if err := tx.Groups.Create(ctx, &org.Group{ID: "00gEveryone", Name: org.Everyone, BuiltIn: true}); err != nil {
		return err
	}
	return tx.Policies.Create(ctx, p)
}

// decider stands for the way to a hook service and back; what it answers goes
// through the real judge.
type decider struct {
	asked  atomic.Int32
	mu     sync.Mutex
	decide func(context.Context) string
}

func (d *decider) Registration(ctx context.Context, h *org.InlineHook, in extension.Registration) (*extension.Judgement, error) {
	d.asked.Add(1)
	d.mu.Lock()
	decide := d.decide
	d.mu.Unlock()
	j := extension.Judge(in, extension.Reply{Answered: true, Status: http.StatusOK, Body: []byte(decide(ctx))})
	j.Call.ID, j.Call.HookID, j.Call.Started = id.New(id.HookCall), h.ID, time.Now()
	return j, nil
}

// answers sets what the service says from now on, and how long that takes.
func (d *decider) answers(text string, after time.Duration) {
	d.does(func(ctx context.Context) string {
		select {
		case <-time.After(after):
		case <-ctx.Done():
		}
		return text
	})
}

func (d *decider) does(decide func(context.Context) string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.decide = decide
}

func (s *stage) update(write func(context.Context, *org.Tx) error) {
	s.Helper()
	if err := s.store.Update(s.Context(), write); err != nil {
		s.Fatal(err)
	}
}

func (s *stage) view(read func(context.Context, *org.Tx) error) {
	s.Helper()
	if err := s.store.View(s.Context(), read); err != nil {
		s.Fatal(err)
	}
}

func person(email string) enroll.Submission {
	return enroll.Submission{
		Values: map[string][]string{
			profile.FirstName: {"Mireille"}, profile.LastName: {"Okonkwo"}, profile.Email: {email},
		},
		Password: password.NewSecret(right),
		Request:  enroll.Request{ID: "req1", IP: "203.0.113.24", UserAgent: "test"},
	}
}

func passwordOf(sub enroll.Submission, text string) enroll.Submission {
	sub.Password = password.NewSecret(text)
	return sub
}

func (s *stage) submit(handle string, sub enroll.Submission) (interaction.Outcome, error) {
	return s.visits.Submit(s.Context(), handle, sub)
}

// begin opens the form in a new browser.
func (s *stage) begin() string {
	s.Helper()
	handle, err := s.visits.Begin(s.Context(), "")
	if err != nil || handle == "" {
		s.Fatalf("begin: %q, %v", handle, err)
	}
	return handle
}

// done expects that a submission signs a person in, and gives the session.
func (s *stage) done(out interaction.Outcome, err error) string {
	s.Helper()
	if err != nil || out.Refusal != nil || out.Session == "" {
		s.Fatalf("got %+v, %v; want a session", out, err)
	}
	u, err := s.signin.Who(s.Context(), out.Session)
	if err != nil || u == nil {
		s.Fatalf("the session is of %v, %v", u, err)
	}
	return out.Session
}

// noSession expects that a submission is answered, and signs nobody in.
func (s *stage) noSession(out interaction.Outcome, err error) {
	s.Helper()
	if err != nil || out != (interaction.Outcome{}) {
		s.Errorf("got %+v, %v; want no session and no refusal", out, err)
	}
}

// refused expects a refusal with these words at the address.
func (s *stage) refused(out interaction.Outcome, err error, text string) {
	s.Helper()
	if err != nil || out.Session != "" || out.Refusal == nil || len(out.Refusal.Causes) != 1 ||
		out.Refusal.Causes[0].Field != profile.Email || out.Refusal.Causes[0].Text != text {
		s.Errorf("got %+v, %v; want %s", out, err, text)
	}
}

// counts are how often the hook was asked, and what is stored.
type counts struct{ Asked, Users, Created, Sessions, Calls int }

func (s *stage) expect(want counts) {
	s.Helper()
	got := counts{Asked: int(s.hook.asked.Load())}
	s.view(func(ctx context.Context, tx *org.Tx) error {
		users, err := storetest.Everybody(ctx, tx)
		if err != nil {
			return err
		}
		calls, err := tx.Calls.Recent(ctx, "", false, 1000)
		if err != nil {
			return err
		}
		got.Users, got.Calls, got.Created, got.Sessions = len(users), len(calls), 0, 0
		return tx.Events.Scan(ctx, org.EventRange{}, func(e org.Event) bool {
			switch e.Type {
			case "user.lifecycle.create":
				got.Created++
			case "user.session.start":
				if e.Outcome.Result != org.Success {
					break // a refused sign-in
				}
				got.Sessions++
			}
			return true
		})
	})
	if got != want {
		s.Errorf("counts %+v, want %+v", got, want)
	}
}

// visit is what is stored of one, nil for nothing.
func (s *stage) visit(handle string) (v *org.Interaction) {
	s.Helper()
	err := s.store.View(s.Context(), func(ctx context.Context, tx *org.Tx) (err error) {
		v, err = tx.Interactions.ByHash(ctx, org.HashToken(handle))
		return err
	})
	if errors.Is(err, org.ErrNotFound) {
		return nil
	}
	if err != nil {
		s.Fatal(err)
	}
	return v
}

// answer is what one of several submissions at once got.
type answer struct {
	out interaction.Outcome
	err error
}

// together sends several at once and gives their answers, in the same order.
func (s *stage) together(handles []string, subs ...enroll.Submission) []answer {
	s.Helper()
	answers := make([]answer, len(subs))
	var running sync.WaitGroup
	for i, sub := range subs {
		running.Go(func() {
			answers[i].out, answers[i].err = s.submit(handles[i%len(handles)], sub)
		})
	}
	running.Wait()
	return answers
}
