package enroll_test

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/usher-id/usher/hook"
	"github.com/usher-id/usher/internal/enroll"
	"github.com/usher-id/usher/internal/extension"
	"github.com/usher-id/usher/internal/hookcall"
	"github.com/usher-id/usher/internal/hookfake"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/password"
	"github.com/usher-id/usher/internal/profile"
	"github.com/usher-id/usher/internal/safedial"
	"github.com/usher-id/usher/internal/secretbox"
	"github.com/usher-id/usher/internal/sqlstore"
	"github.com/usher-id/usher/internal/storetest"
)

func TestMain(m *testing.M) {
	log.SetOutput(io.Discard) // as the server does: net/http prints what services send too much
	m.Run()
}

// onEngines runs a test on each engine, with the URL of a new database.
func onEngines(t *testing.T, test func(t *testing.T, url string)) {
	t.Helper()
	t.Parallel()
	for _, e := range storetest.Engines() {
		t.Run(e.Name, func(t *testing.T) {
			t.Parallel()
			test(t, e.Open(t))
		})
	}
}

// openStore migrates and opens a database for the length of a test.
func openStore(t testing.TB, url string) org.Store {
	t.Helper()
	o := sqlstore.Options{URL: url, Keys: secretbox.Ephemeral()}
	if _, err := sqlstore.Migrate(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	s, err := sqlstore.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

var now = time.Date(2026, 3, 9, 8, 14, 5, 0, time.UTC)

const (
	hookURL    = "http://hook:3000/registrationHook?key=q"
	hookSecret = "Basic Y2FuYXJ5OnNlY3JldA=="
	goodword   = "correct horse 4107"
)

// world is an org with everything that a registration needs: the real store, the
// real runner and the real caller, in front of a service in memory.
type world struct {
	testing.TB
	store   org.Store
	enroll  *enroll.Service
	hasher  *countingHasher
	service *service
	policy  *org.Policy
	hook    *org.InlineHook
	key     *org.HookKey // that the hook signs with, if it does
	group   *org.Group
}

// newWorld makes an org whose form has the base attributes and whose hook allows
// everybody; a test changes what it is about. Of one that is in the database it
// takes the place: PostgreSQL needs a second for a new database.
func newWorld(t testing.TB, url string, change ...func(*world)) *world {
	t.Helper()
	w := &world{TB: t, store: openStore(t, url), service: serve(t)}
	w.hook = &org.InlineHook{
		ID: "cal1", Name: "door", Type: hook.TypeRegistration, Status: org.StatusActive, APIVersion: "1.0.0",
		Channel: org.Channel{
			Type: org.ChannelHTTP, Version: "1.0.0", URI: hookURL, Method: http.MethodPost,
			Auth: &org.HeaderAuth{Key: "authorization", Value: org.NewSecret(hookSecret)},
		},
		Created: now, LastUpdated: now, Version: 3,
	}
	w.policy = &org.Policy{
		ID: "rst1", Source: "reg1", Name: "Default Policy", System: true, Status: org.StatusActive, Created: now, LastUpdated: now,
		Rule: org.Rule{
			ID: "rul1", Name: "Catch-all", Access: org.ActionAllow, UnknownUserAction: org.ActionRegister,
			HookID: w.hook.ID, Triggers: org.Triggers{NewUser: true, ExistingUser: true},
			Attributes: fields(profile.FirstName, profile.LastName, profile.Email),
		},
	}
	w.group = &org.Group{ID: "00gMembers", Name: "Members", Created: now, LastUpdated: now}
	hasher, err := password.NewHasher(password.Params{Algorithm: password.Bcrypt, BcryptCost: password.MinBcryptCost}, 0)
	if err != nil {
		t.Fatal(err)
	}
	w.hasher = &countingHasher{Hasher: hasher}
	for _, f := range change {
		f(w)
	}
	w.enroll = &enroll.Service{
		Store: w.store, Hooks: extension.NewRunner(w.service.caller), Hasher: w.hasher, Now: func() time.Time { return now },
	}
	w.update(func(ctx context.Context, tx *org.Tx) error {
		if _, err := tx.Policies.Default(ctx); err == nil {
			return w.replace(ctx, tx)
		}
		return w.create(ctx, tx)
	})
	return w
}

func (w *world) create(ctx context.Context, tx *org.Tx) error {
	for _, g := range []*org.Group{{ID: "00gEveryone", Name: org.Everyone, BuiltIn: true, Created: now, LastUpdated: now}, w.group} {
		if err := tx.Groups.Create(ctx, g); err != nil {
			return err
		}
	}
	if err := tx.Schemas.Put(ctx, "", orgSchema(w)); err != nil {
		return err
	}
	if err := w.createHook(ctx, tx); err != nil {
		return err
	}
	return tx.Policies.Create(ctx, w.policy)
}

func (w *world) createHook(ctx context.Context, tx *org.Tx) error {
	if w.key != nil {
		if err := tx.HookKeys.Create(ctx, w.key); err != nil {
			return err
		}
	}
	return tx.Hooks.Create(ctx, w.hook)
}

func (w *world) replace(ctx context.Context, tx *org.Tx) error {
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
	if err := tx.Hooks.Delete(ctx, w.hook.ID); err != nil && !errors.Is(err, org.ErrNotFound) {
		return err
	}
	if err := w.createHook(ctx, tx); err != nil {
		return err
	}
	return tx.Policies.Update(ctx, w.policy)
}

func fields(names ...string) []org.FormAttribute {
	list := make([]org.FormAttribute, len(names))
	for i, name := range names {
		list[i] = org.FormAttribute{Name: name}
	}
	return list
}

// form makes a change of newWorld: the fields of the form.
func form(attributes ...org.FormAttribute) func(*world) {
	return func(w *world) { w.policy.Rule.Attributes = attributes }
}

func (w *world) update(write func(context.Context, *org.Tx) error) {
	w.Helper()
	if err := w.store.Update(w.Context(), write); err != nil {
		w.Fatal(err)
	}
}

func (w *world) view(read func(context.Context, *org.Tx) error) {
	w.Helper()
	if err := w.store.View(w.Context(), read); err != nil {
		w.Fatal(err)
	}
}

// person is the submission of a good form.
func person(email string) enroll.Submission {
	return enroll.Submission{
		Values: map[string][]string{
			profile.FirstName: {"Mireille"}, profile.LastName: {"Okonkwo"}, profile.Email: {email},
		},
		Password: password.NewSecret(goodword),
		Request:  enroll.Request{ID: "req1", IP: "203.0.113.24", UserAgent: "test"},
	}
}

// with gives the submission with other values of a field.
func with(sub enroll.Submission, name string, values ...string) enroll.Submission {
	changed := map[string][]string{}
	for k, v := range sub.Values {
		changed[k] = v
	}
	if changed[name] = values; values == nil {
		delete(changed, name)
	}
	sub.Values = changed
	return sub
}

func noFinish(context.Context, *org.Tx, enroll.Result) error { return nil }

// prepare is the first step.
func (w *world) prepare(sub enroll.Submission) (a *enroll.Attempt, err error) {
	err = w.store.View(w.Context(), func(ctx context.Context, tx *org.Tx) (err error) {
		a, err = w.enroll.Prepare(ctx, tx, sub)
		return err
	})
	return a, err
}

// register goes through both steps.
func (w *world) register(sub enroll.Submission) (enroll.Result, error) {
	a, err := w.prepare(sub)
	if err != nil {
		return enroll.Result{}, err
	}
	return a.Run(w.Context(), noFinish)
}

// registered is register for a submission that must succeed.
func (w *world) registered(sub enroll.Submission) *org.User {
	w.Helper()
	r, err := w.register(sub)
	if err != nil || r.User == nil {
		w.Fatalf("got %+v, %v; want a user", r.Refusal, err)
	}
	return r.User
}

func (w *world) users() (all []*org.User) {
	w.Helper()
	w.view(func(ctx context.Context, tx *org.Tx) (err error) {
		all, err = storetest.Everybody(ctx, tx)
		return err
	})
	return all
}

func (w *world) events() (all []org.Event) {
	w.Helper()
	w.view(func(ctx context.Context, tx *org.Tx) error {
		all = nil
		return tx.Events.Scan(ctx, org.EventRange{}, func(e org.Event) bool {
			all = append(all, e)
			return true
		})
	})
	return all
}

func (w *world) eventTypes() []string {
	w.Helper()
	types := []string{}
	for _, e := range w.events() {
		types = append(types, e.Type)
	}
	return types
}

func (w *world) calls() (all []*org.HookCall) {
	w.Helper()
	w.view(func(ctx context.Context, tx *org.Tx) (err error) {
		all, err = tx.Calls.Recent(ctx, "", false, 100)
		return err
	})
	return all
}

// counts are how often things happened: the calls of the hook, hashes that were
// asked for, users, records and events in the store.
type counts struct{ Asked, Hashed, Users, Calls, Events int }

func (w *world) counts() counts {
	w.Helper()
	return counts{len(w.service.bodies()), int(w.hasher.hashed.Load()), len(w.users()), len(w.calls()), len(w.events())}
}

func (w *world) expect(want counts) {
	w.Helper()
	if got := w.counts(); got != want {
		w.Errorf("counts %+v, want %+v", got, want)
	}
}

// deleteGroup removes the group that new users join.
func (w *world) deleteGroup() {
	w.update(func(ctx context.Context, tx *org.Tx) error { return tx.Groups.Delete(ctx, w.group.ID) })
}

func equal(t testing.TB, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s\n got %q\nwant %q", what, got, want)
	}
}

// countingHasher counts what it is asked for. before runs first; made, if there
// is one, is given to everybody, for crowds that are not to wait for a slot.
type countingHasher struct {
	*password.Hasher
	hashed atomic.Int32
	before func(context.Context) error
	made   password.Hash
}

func (h *countingHasher) Hash(ctx context.Context, secret password.Secret) (password.Hash, error) {
	h.hashed.Add(1)
	if h.before != nil {
		if err := h.before(ctx); err != nil {
			return password.Hash{}, err
		}
	}
	if !h.made.Empty() {
		return h.made, nil
	}
	return h.Hasher.Hash(ctx, secret)
}

// service is a hook service in memory, behind the real caller and its guard.
type service struct {
	caller *hookcall.Caller

	mu     sync.Mutex
	seen   []string
	answer func(body string) string
}

const allow = `{"commands":[{"type":"com.okta.action.update","value":{"registration":"ALLOW"}}]}`

const deny = `{"commands":[{"type":"com.okta.action.update","value":{"registration":"DENY"}}]}`

// set is an answer that sets attributes, given as a JSON object.
func set(value string) string {
	return `{"commands":[{"type":"com.okta.user.profile.update","value":` + value + `}]}`
}

func serve(t testing.TB) *service {
	s := &service{answer: func(string) string { return allow }}
	ln, dial := hookfake.Pipe()
	server := &http.Server{Handler: s}
	go func() { _ = server.Serve(ln) }()
	s.caller = newCaller(t, dial, publicAddress, nil)
	t.Cleanup(func() { _ = server.Close() })
	return s
}

func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	s.mu.Lock()
	s.seen = append(s.seen, string(body))
	answer := s.answer
	s.mu.Unlock()
	_, _ = io.WriteString(w, answer(string(body)))
}

// answers sets what the service says from now on.
func (s *service) answers(text string) { s.does(func(string) string { return text }) }

func (s *service) does(answer func(body string) string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answer = answer
}

func (s *service) bodies() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.seen)
}

// resolver answers every name with the same address.
type resolver netip.Addr

func (r resolver) LookupNetIP(context.Context, string, string) ([]netip.Addr, error) {
	return []netip.Addr{netip.Addr(r)}, nil
}

var publicAddress = resolver(netip.MustParseAddr("93.184.216.34"))

type connect = func(ctx context.Context, network, address string) (net.Conn, error)

// newCaller makes the real caller over the real guard, whose allowed connections
// end where connect says.
func newCaller(t testing.TB, to connect, names resolver, bundle []byte) *hookcall.Caller {
	t.Helper()
	policy, err := safedial.NewPolicy(safedial.Config{
		AllowHosts: []safedial.HostPort{{Host: "hook", Port: 3000}, {Host: hookfake.TokenHost, Port: hookfake.TokenPort}}, AllowHTTP: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	o := hookcall.Options{CheckURL: policy.ParseURL}
	o.Dial = (&safedial.Dialer{Policy: policy, Resolver: names, Connect: to}).DialContext
	if bundle != nil {
		if o.RootCAs, err = hookcall.Roots(bundle); err != nil {
			t.Fatal(err)
		}
	}
	c := hookcall.New(o)
	t.Cleanup(c.Close)
	return c
}

// orgSchema is the user schema that the fixtures assume (README.md of
// hook/testdata), with a few attributes more.
func orgSchema(t testing.TB) *profile.Schema {
	t.Helper()
	ten, three := 10, 3
	s, err := profile.NewSchema(
		profile.Attribute{Name: "test", Title: "Test", Type: profile.String},
		profile.Attribute{Name: "customerId", Title: "Customer", Type: profile.Integer},
		profile.Attribute{Name: "bignum", Title: "Big number", Type: profile.Number, Minimum: "-5", Maximum: "9007199254740993"},
		profile.Attribute{Name: "badge", Title: "Badge", Type: profile.Integer},
		profile.Attribute{Name: "costCentre", Title: "Cost centre", Type: profile.String, MaxLength: &ten},
		profile.Attribute{Name: "ssn", Title: "SSN", Type: profile.String, Sensitive: true},
		profile.Attribute{Name: "tags", Title: "Tags", Type: profile.Array, Items: &profile.Items{Type: profile.String}},
		profile.Attribute{Name: "vip", Title: "VIP", Type: profile.Boolean},
		profile.Attribute{Name: "hireId", Title: "Hire", Type: profile.String, Mutability: profile.ReadOnly},
		profile.Attribute{Name: "size", Title: "Size", Type: profile.String, Enum: []any{"S", "M"}},
		profile.Attribute{Name: "plate", Title: "Plate", Type: profile.String, MinLength: &three, Pattern: "[A-Z]+"},
	)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
