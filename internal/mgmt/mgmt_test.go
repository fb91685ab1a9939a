package mgmt_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/usher-id/usher/internal/admin"
	"github.com/usher-id/usher/internal/apicheck"
	"github.com/usher-id/usher/internal/app"
	"github.com/usher-id/usher/internal/directory"
	"github.com/usher-id/usher/internal/edit"
	"github.com/usher-id/usher/internal/eventlog"
	"github.com/usher-id/usher/internal/extension"
	"github.com/usher-id/usher/internal/hookcall"
	"github.com/usher-id/usher/internal/mgmt"
	"github.com/usher-id/usher/internal/origin"
	"github.com/usher-id/usher/internal/password"
	"github.com/usher-id/usher/internal/safedial"
	"github.com/usher-id/usher/internal/secretbox"
	"github.com/usher-id/usher/internal/sqlstore"
	"github.com/usher-id/usher/internal/storetest"
	"github.com/usher-id/usher/internal/web"
)

// base is where the org is for its clients, whatever address the test server has.
const base = "https://id.example.com"

// document is what requests and answers are held to. It is read once.
var document = sync.OnceValues(apicheck.New)

// world is the API of a new org on a real server, over TCP.
type world struct {
	*testing.T
	admin  *admin.Service
	people *directory.Service
	apps   *app.Service
	api    *mgmt.API
	server *httptest.Server
	token  string
	orgID  string
	log    *syncBuffer
	// timeout is what an attempt to call a hook has, 0 for the usual.
	timeout *atomic.Int64
}

// syncBuffer is a log that several requests write to.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// newWorld has an org on SQLite.
func newWorld(t *testing.T) *world {
	t.Helper()
	t.Parallel()
	return open(t, storetest.Engines()[0])
}

// onEngines runs a test on each database.
func onEngines(t *testing.T, test func(*world)) {
	t.Helper()
	t.Parallel()
	for _, e := range storetest.Engines() {
		t.Run(e.Name, func(t *testing.T) {
			t.Parallel()
			test(open(t, e))
		})
	}
}

// onEnginesInTurn is onEngines, one after the other.
func onEnginesInTurn(t *testing.T, name string, test func(*world)) {
	t.Helper()
	for _, e := range storetest.Engines() {
		t.Run(name+"/"+e.Name, func(t *testing.T) { test(open(t, e)) })
	}
}

func open(t *testing.T, e storetest.Engine) *world {
	t.Helper()
	options := sqlstore.Options{URL: e.Open(t), Keys: secretbox.Ephemeral()}
	if _, err := sqlstore.Migrate(t.Context(), options); err != nil {
		t.Fatal(err)
	}
	store, err := sqlstore.Open(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })

	policy, err := safedial.NewPolicy(safedial.Config{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, AllowHTTP: true})
	if err != nil {
		t.Fatal(err)
	}
	dialer := &safedial.Dialer{Policy: policy}
	caller := hookcall.New(hookcall.Options{Dial: dialer.DialContext, CheckURL: policy.ParseURL})
	t.Cleanup(caller.Close)
	w := &world{T: t, log: new(syncBuffer), timeout: new(atomic.Int64)}
	w.admin = &admin.Service{
		Editor: edit.Editor{Store: store, Now: time.Now}, URLs: policy, Sender: extension.NewRunner(hasty{caller, w.timeout}), Caller: hasty{caller, w.timeout}, OrgName: "usher",
	}
	params := password.DefaultParams()
	params.Algorithm, params.BcryptCost = password.Bcrypt, 4
	hasher, err := password.NewHasher(params, 0)
	if err != nil {
		t.Fatal(err)
	}
	w.people = &directory.Service{Editor: edit.Editor{Store: store, Now: time.Now}, Hasher: hasher}
	by := admin.By{RequestID: "reqsetup", Actor: eventlog.System()}
	orgID, err := w.admin.SetUp(t.Context(), by)
	if err != nil {
		t.Fatal(err)
	}
	if w.token, _, err = w.admin.CreateToken(t.Context(), by, admin.TokenInput{Name: "test"}); err != nil {
		t.Fatal(err)
	}
	w.orgID = orgID
	w.apps = &app.Service{Editor: edit.Editor{Store: store, Now: time.Now}, OrgID: orgID}
	w.serve(orgID)
	return w
}

// hasty gives a service the time that a test says, and else the usual one.
type hasty struct {
	extension.Caller
	timeout *atomic.Int64
}

func (h hasty) Call(ctx context.Context, r hookcall.Request) hookcall.Result {
	r.Timeout = time.Duration(h.timeout.Load())
	return h.Caller.Call(ctx, r)
}

// on is the same world in a subtest.
func (w *world) on(t *testing.T) *world {
	v := *w
	v.T = t
	return &v
}

func (w *world) serve(orgID string) {
	w.Helper()
	site, err := web.NewSite(base)
	if err != nil {
		w.Fatal(err)
	}
	w.api = &mgmt.API{Admin: w.admin, Directory: w.people, Apps: w.apps, Origins: &origin.Service{Editor: w.admin.Editor}, Site: site, OrgID: orgID}
	mux := http.NewServeMux()
	served := w.api.Register(mux)
	doc, err := document()
	if err != nil {
		w.Fatal(err)
	}
	w.server = httptest.NewServer(doc.Wrap(
		&web.Front{Next: site.Harden(served), Log: slog.New(slog.NewJSONHandler(w.log, nil))},
		func(problem string) { w.Errorf("OpenAPI document: %s", problem) },
	))
	w.Cleanup(w.server.Close)
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   string
}

// send asks as the Go SDK does: a content type only with a body.
func (w *world) send(method, path, body string) answer {
	w.Helper()
	r, err := http.NewRequestWithContext(w.Context(), method, w.server.URL+path, strings.NewReader(body))
	if err != nil {
		w.Fatal(err)
	}
	r.Header.Set("Accept", "application/json")
	if w.token != "" {
		r.Header.Set("Authorization", "SSWS "+w.token)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	return w.do(r)
}

func (w *world) do(r *http.Request) answer {
	w.Helper()
	resp, err := w.server.Client().Do(r)
	if err != nil {
		w.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		w.Fatal(err)
	}
	a := answer{resp.StatusCode, resp.Header, string(body)}
	if a.body != "" && a.header.Get("Content-Type") != "application/json" {
		w.Errorf("%s %s: Content-Type is %q", r.Method, r.URL.Path, a.header.Get("Content-Type"))
	}
	if id := a.header.Get("X-Okta-Request-Id"); !strings.HasPrefix(id, "req") {
		w.Errorf("%s %s: X-Okta-Request-Id is %q", r.Method, r.URL.Path, id)
	}
	return a
}

// ok is send where the answer must be 200 or 204.
func (w *world) ok(method, path, body string) answer {
	w.Helper()
	a := w.send(method, path, body)
	if a.status/100 != 2 {
		w.Fatalf("%s %s: status %d, body %s", method, path, a.status, a.body)
	}
	return a
}

// create makes a hook and gives its id.
func (w *world) create(body string) string {
	w.Helper()
	var h struct {
		ID string `json:"id"`
	}
	if err := json.Unmarshal([]byte(w.ok("POST", "/api/v1/inlineHooks", body).body), &h); err != nil {
		w.Fatal(err)
	}
	return h.ID
}

// masked replaces what differs from run to run.
func masked(body string) string {
	for _, m := range []struct{ form, mask string }{
		{`\boae[0-9A-Za-z]{22}\b`, "oae…"}, // first: one may have another id in it
		{`\b(cal|who|rst|00p|0pr|rul|00u|00g|oty|osc|0oa|00o|HKY|00T|tos|eml)[0-9A-Za-z]{17}\b`, "$1…"}, {`"kid":"[\w-]{43}"`, `"kid":"kid…"`},
		{`"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z"`, `"…Z"`},
	} {
		body = regexp.MustCompile(m.form).ReplaceAllString(body, m.mask)
	}
	return body
}

// is checks a body with masks in it. White space that the test adds to be read
// does not count.
func (w *world) is(a answer, status int, want string) {
	w.Helper()
	var compact bytes.Buffer
	if err := json.Compact(&compact, []byte(want)); err != nil {
		w.Fatal(err)
	}
	if got := masked(a.body); a.status != status || got != compact.String() {
		w.Errorf("answer is %d\n%s\nwant %d\n%s", a.status, got, status, compact.String())
	}
}

// refused checks an error answer: its status and code, and its causes.
func (w *world) refused(a answer, status int, code string, causes ...string) {
	w.Helper()
	var body struct {
		Code, Summary, Link, ID string
		Causes                  []struct {
			Summary string `json:"errorSummary"`
		}
	}
	aliases := strings.NewReplacer(`"errorCode"`, `"Code"`, `"errorLink"`, `"Link"`, `"errorId"`, `"ID"`, `"errorCauses"`, `"Causes"`)
	if err := json.Unmarshal([]byte(aliases.Replace(a.body)), &body); err != nil {
		w.Fatalf("answer is %d %s: %v", a.status, a.body, err)
	}
	got := make([]string, len(body.Causes))
	for i, c := range body.Causes {
		got[i] = c.Summary
	}
	if a.status != status || body.Code != code || body.Link != code || !strings.HasPrefix(body.ID, "oae") || body.Causes == nil {
		w.Errorf("answer is %d %s, want %d %s", a.status, a.body, status, code)
	}
	if !slices.Equal(got, causes) {
		w.Errorf("causes are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(causes, "\n"))
	}
}
