package run

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"
)

// Answer is how a hook service answers one request.
type Answer struct {
	Status int
	Body   string
	// Delay is how long it thinks before.
	Delay time.Duration
	// Hang makes it say nothing until the caller has gone.
	Hang bool
	// Hangup makes it close the connection without an answer.
	Hangup bool
	// Until holds the answer back until it is closed; nil for at once.
	Until <-chan struct{}
}

// Allow lets everybody in.
func Allow() Answer { return Answer{Status: http.StatusOK, Body: `{}`} }

// Call is a request that came to a hook service.
type Call struct {
	Header http.Header
	Body   string
}

// Service is a hook service whose answers a test sets. At first it allows.
type Service struct {
	// URL is where it is called.
	URL string

	mu      sync.Mutex
	answers []Answer // the last one is given for ever
	calls   []Call
	arrived chan struct{}
}

// NewService starts a hook service that ends with the test.
func NewService(t testing.TB) *Service {
	t.Helper()
	s := &Service{answers: []Answer{Allow()}, arrived: make(chan struct{}, 1000)}
	server := httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(server.Close)
	s.URL = server.URL + "/registrationHook"
	return s
}

func (s *Service) serve(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	a := s.next(Call{Header: r.Header.Clone(), Body: string(body)})
	s.arrived <- struct{}{}
	var wait <-chan time.Time
	if a.Delay > 0 {
		wait = time.After(a.Delay)
	}
	switch {
	case a.Hang:
		<-r.Context().Done()
		return
	case a.Hangup:
		panic(http.ErrAbortHandler) // which closes it, and is not logged
	case a.Until != nil:
		select {
		case <-a.Until:
		case <-r.Context().Done():
			return
		}
	case wait != nil:
		select {
		case <-wait:
		case <-r.Context().Done():
			return
		}
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(a.Status)
	_, _ = io.WriteString(w, a.Body)
}

func (s *Service) next(c Call) Answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, c)
	a := s.answers[0]
	if len(s.answers) > 1 {
		s.answers = s.answers[1:]
	}
	return a
}

// Answer sets the answers to the next requests, one each; the last one stays.
func (s *Service) Answer(answers ...Answer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answers = answers
}

// Calls are the requests so far.
func (s *Service) Calls() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Call(nil), s.calls...)
}

// WaitForCall waits until one more request has arrived.
func (s *Service) WaitForCall(t testing.TB) {
	t.Helper()
	select {
	case <-s.arrived:
	case <-time.After(patience):
		t.Fatalf("no call of the hook within %s", patience)
	}
}

// Nowhere is a URL at which nothing listens, and nothing will as long as the
// test runs: an open connection has its port.
func Nowhere(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = conn.Close()
		_ = l.Close()
	})
	return "http://" + conn.LocalAddr().String() + "/registrationHook"
}
