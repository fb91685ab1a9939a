package signinpage_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/usher-id/usher/hook"
	"github.com/usher-id/usher/internal/enroll"
	"github.com/usher-id/usher/internal/extension"
	"github.com/usher-id/usher/internal/hookcall"
	"github.com/usher-id/usher/internal/id"
	"github.com/usher-id/usher/internal/interaction"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/password"
	"github.com/usher-id/usher/internal/profile"
	"github.com/usher-id/usher/internal/safedial"
	"github.com/usher-id/usher/internal/secretbox"
	"github.com/usher-id/usher/internal/signin"
	"github.com/usher-id/usher/internal/signinpage"
	"github.com/usher-id/usher/internal/sqlstore"
	"github.com/usher-id/usher/internal/storetest"
	"github.com/usher-id/usher/internal/web"
)

// The passwords of these tests, which no answer may hold.
const (
	goodPassword = "correct horse battery"
	badPassword  = "wrong horse battery"
	orgName      = `Ac<me> & "Sons"`
)

// stage is the pages over everything real: services, database, and a hook
// service on the other side of a TCP connection.
type stage struct {
	t      *testing.T
	url    string
	store  *fragileStore
	policy *org.Policy
	clock  *clock

	decide atomic.Pointer[decision]
	asked  atomic.Int32
}

type decision func(context.Context, *hook.RegistrationRequest) (hook.Answer, error)

// option changes a stage before it is built.
type option func(*setting)

type setting struct {
	attributes []profile.Attribute
	form       []org.FormAttribute
	config     signinpage.Config
}

// exampleForm is what most tests draw: names, an address, and custom fields.
func exampleForm() ([]profile.Attribute, []org.FormAttribute) {
	return []profile.Attribute{
			{Name: "plan", Title: "Plan", Type: profile.String, Enum: []any{"free", "paid"},
				OneOf: []profile.Choice{{Const: "free", Title: "Free of charge"}, {Const: "paid", Title: "Paid"}}},
			{Name: "badge", Title: "Badge", Type: profile.String, Sensitive: true},
			{Name: "news", Title: "News", Type: profile.Boolean},
			{Name: "tongues", Title: "Languages", Type: profile.Array, Items: &profile.Items{Type: profile.String}},
			{Name: "score", Title: "Score", Type: profile.Integer, Permission: profile.Hide},
		}, []org.FormAttribute{
			{Name: "firstName", Label: "First name", Required: true},
			{Name: "lastName", Label: "Last name", Required: true},
			{Name: "email", Label: "Email", Required: true},
			{Name: "plan", Label: "Plan"},
			{Name: "badge", Label: "Badge number"},
			{Name: "news", Label: "Send me news"},
			{Name: "tongues", Label: "Languages"},
			{Name: "score", Label: "Score"},
		}
}

func newStage(t *testing.T, options ...option) *stage {
	t.Helper()
	s := &stage{t: t, clock: new(clock)}
	s.clock.set(time.Now())
	var set setting
	set.attributes, set.form = exampleForm()
	for _, o := range options {
		o(&set)
	}
	s.judge(func(context.Context, *hook.RegistrationRequest) (hook.Answer, error) { return hook.Allow(), nil })
	s.store = openStore(t)
	s.seed(set, s.startHook())
	s.url = s.serve(set)
	return s
}

// judge sets what the hook service decides from now on.
func (s *stage) judge(d decision) { s.decide.Store(&d) }

func (s *stage) startHook() string {
	service := httptest.NewServer(hook.Registration(func(ctx context.Context, r *hook.RegistrationRequest) (hook.Answer, error) {
		s.asked.Add(1)
		return (*s.decide.Load())(ctx, r)
	}))
	s.t.Cleanup(service.Close)
	return service.URL + "/registrationHook"
}

func openStore(t *testing.T) *fragileStore {
	t.Helper()
	o := sqlstore.Options{URL: filepath.Join(t.TempDir(), "usher.db"), Keys: secretbox.Ephemeral()}
	if _, err := sqlstore.Migrate(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	store, err := sqlstore.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return &fragileStore{Store: store}
}

func (s *stage) seed(set setting, hookURL string) {
	s.t.Helper()
	schema, err := profile.NewSchema(set.attributes...)
	if err != nil {
		s.t.Fatal(err)
	}
	now := s.clock.now().UTC()
	h := &org.InlineHook{
		ID: id.New(id.InlineHook), Name: "Gate", Type: hook.TypeRegistration, Status: org.StatusActive, APIVersion: "1.0.0",
		Channel: org.Channel{Type: org.ChannelHTTP, Version: "1.0.0", URI: hookURL, Method: http.MethodPost},
		Created: now, LastUpdated: now,
	}
	s.policy = &org.Policy{
		ID: id.New(id.Policy), Source: id.New(id.Source), Name: "Default Policy", System: true, Status: org.StatusActive,
		Priority: 1, Created: now, LastUpdated: now,
		Rule: org.Rule{
			ID: id.New(id.Rule), Name: "Catch-all Rule", Access: org.ActionAllow, UnknownUserAction: org.ActionRegister,
			HookID: h.ID, Triggers: org.Triggers{NewUser: true}, Attributes: set.form, Created: now, LastUpdated: now,
		},
	}
	s.update(func(ctx context.Context, tx *org.Tx) error {
		everyone := &org.Group{ID: id.New(id.Group), Name: org.Everyone, BuiltIn: true, Created: now, LastUpdated: now}
		return errors.Join(tx.Groups.Create(ctx, everyone), tx.Schemas.Put(ctx, "", schema),
			tx.Hooks.Create(ctx, h), tx.Policies.Create(ctx, s.policy))
	})
}

func (s *stage) update(write func(context.Context, *org.Tx) error) {
	s.t.Helper()
	if err := s.store.Update(s.t.Context(), write); err != nil {
		s.t.Fatal(err)
	}
}

// serve starts the pages as a server would wire them.
func (s *stage) serve(set setting) string {
	s.t.Helper()
	outbound, err := safedial.NewPolicy(safedial.Config{AllowHTTP: true, Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	if err != nil {
		s.t.Fatal(err)
	}
	caller := hookcall.New(hookcall.Options{Dial: (&safedial.Dialer{Policy: outbound}).DialContext, CheckURL: outbound.ParseURL})
	s.t.Cleanup(caller.Close)
	hasher, err := password.NewHasher(password.Params{Algorithm: password.Bcrypt, BcryptCost: password.MinBcryptCost}, 0)
	if err != nil {
		s.t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(nil)
	site, err := web.NewSite("http://" + server.Listener.Addr().String())
	if err != nil {
		s.t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	c := set.config
	c.Org, c.Site = orgName, site
	c.Enroll = &enroll.Service{Store: s.store, Hooks: extension.NewRunner(caller), Hasher: hasher, Now: s.clock.now}
	c.SignIn = &signin.Service{Store: s.store, Hasher: hasher, Now: s.clock.now}
	c.Interaction = &interaction.Service{
		Store: s.store, Enroll: c.Enroll, SignIn: c.SignIn, Now: s.clock.now, Log: log, AttemptLimit: 10 * time.Second, SubmitLimit: 20 * time.Second,
	}
	pages, err := signinpage.New(c)
	if err != nil {
		s.t.Fatal(err)
	}
	mux := http.NewServeMux()
	pages.Register(mux)
	server.Config.Handler = &web.Front{Next: site.Harden(mux), Log: log, Draw: pages.DrawError}
	server.Start()
	s.t.Cleanup(server.Close)
	return server.URL
}

func (s *stage) users() int {
	s.t.Helper()
	var n int
	if err := s.store.View(s.t.Context(), func(ctx context.Context, tx *org.Tx) error {
		list, err := storetest.Everybody(ctx, tx)
		n = len(list)
		return err
	}); err != nil {
		s.t.Fatal(err)
	}
	return n
}

// clock is the time of the services.
type clock struct{ at atomic.Pointer[time.Time] }

func (c *clock) now() time.Time      { return *c.at.Load() }
func (c *clock) set(t time.Time)     { c.at.Store(&t) }
func (c *clock) add(d time.Duration) { c.set(c.now().Add(d)) }

// fragileStore is the store, which fails when told to.
type fragileStore struct {
	org.Store
	mu          sync.Mutex
	read, write error
}

func (s *fragileStore) fail(read, write error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.read, s.write = read, write
}

func (s *fragileStore) failure(read bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if read {
		return s.read
	}
	return s.write
}

func (s *fragileStore) View(ctx context.Context, f func(context.Context, *org.Tx) error) error {
	if err := s.failure(true); err != nil {
		return err
	}
	return s.Store.View(ctx, f)
}

func (s *fragileStore) Update(ctx context.Context, f func(context.Context, *org.Tx) error) error {
	if err := s.failure(false); err != nil {
		return err
	}
	return s.Store.Update(ctx, f)
}

func (s *fragileStore) UpdateSoon(ctx context.Context, f func(context.Context, *org.Tx) error) error {
	if err := s.failure(false); err != nil {
		return err
	}
	return s.Store.UpdateSoon(ctx, f)
}

// browser is one person's browser: cookies, and no redirect followed by itself.
type browser struct {
	t      *testing.T
	url    string
	client *http.Client
}

func (s *stage) browser() *browser {
	s.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	return &browser{s.t, s.url, &http.Client{
		Jar:           jar,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// answer is what a browser got.
type answer struct {
	*http.Response
	body string
	dom  *document // of a page
}

func (b *browser) get(path string) answer {
	b.t.Helper()
	return b.do(http.MethodGet, path, nil, nil)
}

func (b *browser) post(path string, form url.Values) answer {
	b.t.Helper()
	return b.do(http.MethodPost, path, strings.NewReader(form.Encode()), http.Header{
		"Content-Type": {"application/x-www-form-urlencoded"}, "Sec-Fetch-Site": {"same-origin"}, "Origin": {b.url},
	})
}

// do sends a request and holds every page to what every page must be.
func (b *browser) do(method, path string, body io.Reader, header http.Header) answer {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), method, b.url+path, body)
	if err != nil {
		b.t.Fatal(err)
	}
	for name, values := range header {
		r.Header[name] = values
	}
	response, err := b.client.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	a := answer{Response: response, body: string(text)}
	if response.Header.Get("Content-Type") == "text/html; charset=utf-8" && response.StatusCode/100 != 3 {
		a.dom = checkPage(b.t, a.body)
	}
	return a
}

// exampleEntries is a good form of exampleForm.
func exampleEntries() url.Values {
	return url.Values{
		"firstName": {"Ana"}, "lastName": {"Sol"}, "email": {"ana@example.com"}, "plan": {"paid"}, "badge": {"B-77"},
		"news": {"false", "true"}, "tongues": {"Basque\r\n\r\nWelsh\r\n"}, "score": {"7"}, "password": {goodPassword},
	}
}

// with gives the form with other values in it; nil takes a field out.
func with(form url.Values, changes url.Values) url.Values {
	for name, values := range changes {
		if form[name] = values; values == nil {
			delete(form, name)
		}
	}
	return form
}
