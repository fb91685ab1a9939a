package server

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/usher-id/usher/hook"
	"github.com/usher-id/usher/internal/admin"
	"github.com/usher-id/usher/internal/extension"
	"github.com/usher-id/usher/internal/hookfake"
	"github.com/usher-id/usher/internal/org"
)

// hookService starts a registration hook on loopback and gives its URL.
func hookService(t testing.TB, decide func(context.Context, *hook.RegistrationRequest) (hook.Answer, error)) string {
	t.Helper()
	s := httptest.NewServer(hook.Registration(decide))
	t.Cleanup(s.Close)
	return s.URL + "/registrationHook"
}

// closing tells when a listener is closed.
type closing struct {
	net.Listener
	closed chan struct{}
}

func (c closing) Close() error {
	close(c.closed)
	return c.Listener.Close()
}

// A person whose hook is deciding when the server is told to stop gets the
// answer, and is stored.
func TestDrainLetsASlowHookFinish(t *testing.T) {
	t.Parallel()
	asked, decide := make(chan struct{}), make(chan struct{})
	url := hookService(t, func(context.Context, *hook.RegistrationRequest) (hook.Answer, error) {
		close(asked)
		<-decide
		return hook.Set("userType", "Contractor"), nil
	})
	c := load(t, signUpBy(url))
	s := open(t, c)
	ln, err := s.Listen(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	draining := make(chan struct{})
	r := serve(t, s, closing{ln, draining})
	browser := client(t, new(http.Transport))
	do(t, browser, get(t, s.PublicURL()+"/signup"))

	type result struct {
		a   answer
		err error
	}
	done := make(chan result, 1)
	submission := post(t, s.PublicURL()+"/signup", ada())
	go func() {
		a, err := try(browser, submission)
		done <- result{a, err}
	}()
	<-asked
	ended := make(chan error, 1)
	go func() { ended <- r.stop() }()
	<-draining
	select {
	case <-done:
		t.Fatal("the person got an answer before the hook had decided")
	case err := <-ended:
		t.Fatalf("the server has ended with a request under way: %v", err)
	default:
	}
	close(decide)
	if got := <-done; got.err != nil || got.a.StatusCode != http.StatusSeeOther {
		t.Errorf("the answer is %v, %v", got.a.Response, got.err)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if err := s.Store.Ping(context.Background()); err == nil {
		t.Error("the database is open when all has ended")
	}
	again := open(t, c)
	defer again.Close()
	if list := users(t, again.Store); len(list) != 1 || list[0].Profile.Text("userType") != "Contractor" {
		t.Errorf("users %v", list)
	}
}

// A load balancer is told before requests are refused.
func TestReadiness(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := options()
		o.ReadyDelay = 3 * time.Second
		s, err := Open(t.Context(), load(t, "publicUrl: https://id.example.com\n"), o)
		if err != nil {
			t.Fatal(err)
		}
		ln, dial := hookfake.Pipe()
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		var order []string
		ended := make(chan error, 1)
		go func() { ended <- s.Serve(ctx, ln, func() { order = append(order, "stopped") }) }()
		c := &http.Client{Transport: &http.Transport{DialContext: dial, DisableKeepAlives: true}}
		expect := func(path string, status int, body string) {
			t.Helper()
			if a := do(t, c, get(t, "http://usher"+path)); a.StatusCode != status || a.body != body {
				t.Errorf("%s is %d %q", path, a.StatusCode, a.body)
			}
		}
		synctest.Wait()
		expect("/livez", http.StatusOK, "ok\n")
		expect("/readyz", http.StatusOK, "ok\n")

		began := time.Now()
		stop()
		synctest.Wait()
		expect("/readyz", http.StatusServiceUnavailable, "not ready\n")
		expect("/livez", http.StatusOK, "ok\n")
		if a := do(t, c, get(t, "http://usher/")); a.StatusCode != http.StatusOK {
			t.Errorf("/ is %d while requests are still taken", a.StatusCode)
		}
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if waited := time.Since(began); waited < o.ReadyDelay || waited > o.ReadyDelay+time.Second {
			t.Errorf("it ended after %s", waited)
		}
		if len(order) != 1 {
			t.Error("what else has to stop was not told")
		}
		if _, err := try(c, get(t, "http://usher/livez")); err == nil {
			t.Error("it still listens")
		}
	})
}

func TestNotReadyWithoutADatabase(t *testing.T) {
	t.Parallel()
	s := open(t, load(t, "publicUrl: https://id.example.com\n"))
	if err := s.Ready(t.Context()); err == nil {
		t.Error("ready before it serves")
	}
	s.ready.Store(true)
	if err := s.Ready(t.Context()); err != nil {
		t.Error(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.Ready(t.Context()); err == nil {
		t.Error("ready with a database that is away")
	}
}

// Whoever holds the server up beyond the limit is cut off, and it ends.
func TestDrainEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ln, dial := hookfake.Pipe()
		begun, over := make(chan struct{}), make(chan struct{})
		h := &http.Server{ReadHeaderTimeout: time.Hour, Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			close(begun)
			<-r.Context().Done()
			close(over)
		})}
		served := make(chan error, 1)
		go func() { served <- h.Serve(ln) }()
		go func() {
			_, err := try(&http.Client{Transport: &http.Transport{DialContext: dial, DisableKeepAlives: true}}, get(t, "http://usher/"))
			if err == nil {
				t.Error("the request has an answer")
			}
		}()
		<-begun
		began := time.Now()
		err := drain(h)
		if err == nil || !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "cut off") {
			t.Errorf("the error is %v", err)
		}
		if took := time.Since(began); took != drainLimit {
			t.Errorf("it took %s", took)
		}
		<-over
		if err := <-served; !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
	})
}

func TestWorkOnARequestEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		limited(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }), handlerLimit).
			ServeHTTP(httptest.NewRecorder(), get(t, "http://usher/"))
		if took := time.Since(began); took != handlerLimit {
			t.Errorf("it took %s", took)
		}
	})
}

// broken is a listener that fails.
type broken struct {
	net.Listener
	err error
}

func (b broken) Accept() (net.Conn, error) { return nil, b.err }

func TestServeTellsWhyItEnds(t *testing.T) {
	t.Parallel()
	s := open(t, load(t, "\n"))
	ln, err := s.Listen(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	gone := errors.New("the network is gone")
	stopped := false
	if err := s.Serve(t.Context(), broken{ln, gone}, func() { stopped = true }); !errors.Is(err, gone) {
		t.Errorf("the error is %v", err)
	}
	if !stopped || s.Store.Ping(t.Context()) == nil {
		t.Error("something was left running")
	}
	if conn, err := net.Dial("tcp", ln.Addr().String()); err == nil {
		conn.Close()
		t.Error("the listener is open")
	}
}

// A hook that calls usher would call itself, and so on. The address is refused
// when it is saved and, where it was stored before, when it is called.
func TestHooksDoNotCallUsher(t *testing.T) {
	t.Parallel()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	own := "http://" + ln.Addr().String()
	s := open(t, load(t, "publicUrl: "+own+signUpBy(own+"/registrationHook")))
	s.refuseSelf(ln.Addr())
	serve(t, s, ln)

	_, err = s.Admin.CreateHook(t.Context(), admin.By{}, admin.HookInput{
		Name: "another", Type: hook.TypeRegistration, Version: "1.0.0",
		Channel: admin.ChannelInput{Type: org.ChannelHTTP, Version: "1.0.0", URI: own},
	})
	if err == nil || !strings.Contains(err.Error(), "the address is usher itself") {
		t.Errorf("saved: %v", err)
	}
	if s.Reachable(t.Context(), ln.Addr().String(), time.Second) {
		t.Error("a hook reaches it")
	}
	browser := client(t, new(http.Transport))
	do(t, browser, get(t, own+"/signup"))
	a := do(t, browser, post(t, own+"/signup", ada()))
	if a.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(a.body, "There was an error creating your account") {
		t.Errorf("the sign-up is %d: %s", a.StatusCode, a.body)
	}
	list := calls(t, s.Store)
	if len(list) != 1 || list[0].Decision != org.DecisionFailed || !strings.Contains(list[0].Detail, "usher itself") {
		t.Errorf("calls %+v", list)
	}
	if list := users(t, s.Store); len(list) != 0 {
		t.Errorf("users %v", list)
	}
}

func TestReachable(t *testing.T) {
	t.Parallel()
	s := open(t, load(t, trial))
	defer s.Close()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if !s.Reachable(t.Context(), ln.Addr().String(), 5*time.Second) {
		t.Error("who listens is not reached")
	}
	ln.Close()
	for _, address := range []string{ln.Addr().String(), "169.254.169.254:80", "nonsense"} {
		if s.Reachable(t.Context(), address, 5*time.Second) {
			t.Errorf("%s is reached", address)
		}
	}
}

// The settings of passwords and hooks arrive where they count.
func TestSettingsArrive(t *testing.T) {
	t.Parallel()
	o := options()
	o.UnsafeHash = false
	if s, err := Open(t.Context(), load(t, trial), o); err == nil {
		s.Close()
		t.Error("a hash that is too cheap is taken")
	} else if !strings.Contains(err.Error(), "usher.yaml:2: password: ") {
		t.Errorf("the error is %v", err)
	}
	o = options()
	o.NoMigrate = true
	if s, err := Open(t.Context(), load(t, trial), o); err == nil {
		s.Close()
		t.Error("a database that is not migrated is taken")
	} else if !strings.Contains(err.Error(), "the database: ") {
		t.Errorf("the error is %v", err)
	}
	const longest = 8 * time.Second
	s := open(t, load(t, trial+"hooks: {timeout: 8s}\n"))
	defer s.Close()
	if got := s.Admin.Sender.(*extension.Runner).Timeout; got != longest {
		t.Errorf("a hook has %s", got)
	}
	attempt, submit := s.visits.AttemptLimit, s.visits.SubmitLimit
	if attempt <= 2*longest || submit < attempt {
		t.Errorf("an attempt has %s, and all of a submission %s: no room for two tries", attempt, submit)
	}
	if submit >= handlerLimit || submit >= drainLimit || readTimeout+submit >= writeTimeout {
		t.Errorf("a submission has %s: no room for the answer", submit)
	}
}

// Logs have no line of net/http above debug: what a stranger sends is not news.
func TestServerLogsNothingOfStrangers(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	o := options()
	o.Log = slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelInfo}))
	s, err := Open(t.Context(), load(t, "\n"), o)
	if err != nil {
		t.Fatal(err)
	}
	ln, err := s.Listen(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	r := serve(t, s, ln)
	conn, err := net.Dial("tcp", ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Write([]byte("\x16\x03\x01 not HTTP\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
	buffer := make([]byte, 512)
	n, _ := conn.Read(buffer)
	conn.Close()
	if !bytes.HasPrefix(buffer[:n], []byte("HTTP/1.1 400 ")) {
		t.Errorf("the answer is %q", buffer[:n])
	}
	if err := r.stop(); err != nil {
		t.Error(err)
	}
	if out.Len() > 0 {
		t.Errorf("logged: %s", &out)
	}
}
