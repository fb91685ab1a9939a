package hooktest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	"github.com/usher-id/usher/hook"
)

// echo answers with what it received.
var echo = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	w.Header().Set("X-Seen", fmt.Sprintf("%s %s %q %q %q %q", r.Method, r.URL.Path,
		r.Header["Accept"], r.Header["Content-Type"], r.Header["User-Agent"], r.Header["Auth_secret"]))
	w.WriteHeader(http.StatusAccepted)
	w.WriteHeader(http.StatusTeapot) // too late
	w.Header().Set("X-Late", "x")
	_, _ = w.Write(body)
})

// A handler in this process sees what a service on the network sees, and its
// answer arrives alike.
func TestSend(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(echo)
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // of the second status
	server.Start()
	defer server.Close()
	r := request(t, "sign-up")
	for name, target := range map[string]Target{
		"in process":       Handler(echo),
		"over the network": URL(server.Client(), server.URL+"/registrationHook"),
	} {
		e, err := target.With("auth_secret", "s").Send(t.Context(), r)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		const want = `POST /registrationHook ["application/json"] ["application/json"] ["Okta-Integrations"] ["s"]`
		if got := e.Header.Get("X-Seen"); got != want {
			t.Errorf("%s: the service sees %s, want %s", name, got, want)
		}
		if e.Status != http.StatusAccepted || e.Header.Get("X-Late") != "" || !bytes.Equal(e.Body, r.Body) || e.Duration <= 0 {
			t.Errorf("%s: got %s after %s, header %v", name, e, e.Duration, e.Header)
		}
	}
}

func TestSendKeepsTheCaseOfNames(t *testing.T) {
	t.Parallel()
	var sent http.Header
	client := &http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
		sent = r.Header
		return nil, errors.New("unplugged")
	})}
	header := http.Header{"auth_secret": {"s"}, "User-Agent": {"other"}}
	if _, err := Send(t.Context(), client, "http://localhost/", header, Request{}); err == nil || !strings.Contains(err.Error(), "unplugged") {
		t.Errorf("got %v, want the error of the transport", err)
	}
	want := http.Header{"auth_secret": {"s"}, "User-Agent": {"other"}, "Accept": {"application/json"}, "Content-Type": {"application/json"}}
	if !reflect.DeepEqual(sent, want) {
		t.Errorf("sent %v, want %v", sent, want)
	}
	if len(header) != 2 {
		t.Errorf("the caller's header has become %v", header)
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestSendDoesNotFollow(t *testing.T) {
	t.Parallel()
	calls := 0
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls++
		http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
	})
	e, err := Handler(h).Send(t.Context(), Request{})
	if err != nil || e.Status != http.StatusTemporaryRedirect || calls != 1 {
		t.Errorf("got %v, %v after %d calls, want the redirect itself", e, err, calls)
	}
}

func TestSendStopsAtTheLimit(t *testing.T) {
	t.Parallel()
	e, err := Handler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write(make([]byte, hook.MaxAnswer+10))
	})).Send(t.Context(), Request{})
	if err != nil || len(e.Body) != hook.MaxAnswer {
		t.Fatalf("read %d bytes, %v, want %d", len(e.Body), err, hook.MaxAnswer)
	}
}

func TestSendFails(t *testing.T) {
	t.Parallel()
	cut := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "10")
		_, _ = w.Write([]byte("cut"))
	}))
	defer cut.Close()
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	for name, test := range map[string]struct {
		ctx  context.Context
		url  string
		want string
	}{
		"address":        {t.Context(), "http://[", "missing ']'"},
		"body that ends": {t.Context(), cut.URL, "reading the answer: unexpected EOF"},
		"canceled":       {canceled, cut.URL, "context canceled"},
	} {
		_, err := URL(cut.Client(), test.url).Send(test.ctx, Request{})
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want %s", name, err, test.want)
		}
	}
}

func TestWithLeavesTheTargetAlone(t *testing.T) {
	t.Parallel()
	base := Handler(echo).With("a", "1")
	changed := base.With("a", "2").With("b", "3")
	if want := (http.Header{"a": {"1"}}); !reflect.DeepEqual(base.header, want) {
		t.Errorf("the first target sends %v, want %v", base.header, want)
	}
	if want := (http.Header{"a": {"2"}, "b": {"3"}}); !reflect.DeepEqual(changed.header, want) {
		t.Errorf("the new target sends %v, want %v", changed.header, want)
	}
}

func TestRegisterAndUpdate(t *testing.T) {
	t.Parallel()
	var got []string
	service := Handler(hook.Registration(func(_ context.Context, r *hook.RegistrationRequest) (hook.Answer, error) {
		got = append(got, fmt.Sprint(r.RequestType, " ", r.Profile(), " ", r.Attribute("login")))
		return hook.Set("costCentre", "x"), nil
	}))
	person := Person{"email": "eve@other.org"}
	service.Register(t, person).Sets("costCentre", "x")
	service.Register(t, Person{"email": "eve@other.org", "login": "eve"}).Allowed()
	service.Update(t, Person{"badge": 12}).Sets("costCentre", "x")
	want := []string{
		`self.service.registration {"login":"eve@other.org","email":"eve@other.org"} eve@other.org`,
		`self.service.registration {"login":"eve","email":"eve@other.org"} eve`,
		`progressive.profile {"badge":12} rosario.jones@example.com`,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("the service saw %q, want %q", got, want)
	}
	if len(person) != 1 {
		t.Errorf("the caller's person has become %v", person)
	}
}
