package main

import (
	"context"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/usher-id/usher/hook"
)

// TestMain is also usher itself: a trial starts its example from its own
// executable, which is that of the test here.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && !strings.HasPrefix(os.Args[1], "-") {
		main()
		return
	}
	goleak.VerifyTestMain(m)
}

func noEnv(string) string { return "" }

// screen is what a command has written, for tests that wait for it.
type screen struct {
	mu      sync.Mutex
	text    strings.Builder
	changed chan struct{} // closed at the next change
}

func newScreen() *screen { return &screen{changed: make(chan struct{})} }

func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.changed)
	s.changed = make(chan struct{})
	return s.text.Write(p)
}

func (s *screen) String() string {
	text, _ := s.look()
	return text
}

func (s *screen) look() (text string, changed <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String(), s.changed
}

// waitFor waits until something is shown so many times, and gives all that is.
func (s *screen) waitFor(t testing.TB, want string, times int) string {
	t.Helper()
	const patience = 60 * time.Second // on a busy machine; nothing is timed
	late := time.After(patience)
	for {
		text, changed := s.look()
		if strings.Count(text, want) >= times {
			return text
		}
		select {
		case <-changed:
		case <-late:
			t.Fatalf("no %q within %s, but\n%s", want, patience, text)
		}
	}
}

// command is usher at work.
type command struct {
	out, err *screen
	keys     *io.PipeWriter // what the person types
	stop     func() error   // Ctrl-C, and what the command ends with
}

// start runs usher in this process. It ends with the test.
func start(t testing.TB, args ...string) *command {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	in, keys := io.Pipe()
	c := &command{out: newScreen(), err: newScreen(), keys: keys}
	done := make(chan error, 1)
	go func() { done <- run(ctx, args, terminal{in, c.out, c.err, noEnv}) }()
	c.stop = sync.OnceValue(func() error {
		cancel()
		_ = keys.Close() // whoever reads them ends
		return <-done
	})
	t.Cleanup(func() {
		if err := c.stop(); err != nil {
			t.Errorf("usher %s: %v\n%s", strings.Join(args, " "), err, c.err)
		}
	})
	return c
}

// output runs a command to its end.
func output(t testing.TB, args ...string) (string, error) {
	t.Helper()
	out := newScreen()
	err := run(t.Context(), args, terminal{strings.NewReader(""), out, newScreen(), noEnv})
	return out.String(), err
}

// service is a hook service of one's own, whose decision a test changes.
type service struct {
	url    string
	mu     sync.Mutex
	answer hook.Answer
}

func newService(t testing.TB) *service {
	t.Helper()
	s := &service{answer: hook.Allow()}
	server := httptest.NewServer(hook.Registration(func(context.Context, *hook.RegistrationRequest) (hook.Answer, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.answer, nil
	}, hook.Secret("x-key", "hush hush")))
	t.Cleanup(server.Close)
	s.url = server.URL + "/registrationHook"
	return s
}

func (s *service) decide(a hook.Answer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answer = a
}

// signUp sends the form as a browser does, and gives the status and the page.
func signUp(t testing.TB, home, email string) (status int, page string) {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	transport := new(http.Transport)
	defer transport.CloseIdleConnections()
	browser := &http.Client{Jar: jar, Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}}
	form := url.Values{"firstName": {"Ada"}, "lastName": {"Lovelace"}, "email": {email}, "password": {"correct horse 4107"}}
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		r, err := http.NewRequestWithContext(t.Context(), method, home+"/signup", strings.NewReader(form.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		response, err := browser.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(response.Body)
		response.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		status, page = response.StatusCode, string(body)
	}
	return status, page
}

func TestVersion(t *testing.T) {
	t.Parallel()
	if out, err := output(t, "version"); err != nil || out != "usher dev\n" {
		t.Errorf("%q, %v", out, err)
	}
}

func TestUnknownCommand(t *testing.T) {
	t.Parallel()
	if out, err := output(t, "serv"); err == nil {
		t.Errorf("no error, but %q", out)
	}
}

// api asks the management API of a trial.
func api(t testing.TB, method string, r ready, path string) []byte {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, r.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "SSWS "+r.AdminToken)
	transport := new(http.Transport)
	defer transport.CloseIdleConnections()
	response, err := (&http.Client{Transport: transport}).Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%s %s: %s, %v\n%s", method, path, response.Status, err, body)
	}
	return body
}
