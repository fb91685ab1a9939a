// Package hookfake is a hook service for tests that answers as a fixture case
// says: well, slowly, too much, not at all. It writes raw bytes and records raw
// requests, since what usher puts on the wire is the contract, and an HTTP
// library would tidy both.
//
//	usher under test                          hookfake
//	────────────────                          ────────
//	dial ──► net.Listener (TCP, TLS, Pipe) ──► Serve ──► read one request, record it
//	     ◄── chunks, delays, resets ◄───────────────── steps of that attempt
//
// It tells the time by timers alone and blocks on channels, so that a case that
// takes six seconds takes none inside testing/synctest, over [Pipe].
package hookfake

import (
	"bufio"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/usher-id/usher/hook/hooktest"
)

// Request is a request as it came in.
type Request struct {
	Line   string   // method, target, protocol
	Header []string // the lines, in the order and the case in which they came
	Body   []byte
	Time   time.Time // when the last byte of it was there
}

// Service answers as a case says. Make one with [Serve].
type Service struct {
	answers  hooktest.Case
	listener net.Listener
	stop     chan struct{} // closed by Close
	running  sync.WaitGroup

	mu          sync.Mutex
	closed      bool
	conns       map[net.Conn]bool
	connections int
	requests    []Request
	sent        int64
}

// Serve answers on a listener until Close. The nth request gets the answer to
// the nth attempt of the case. The listener of a case whose service refuses
// connections is closed at once; what the case says about certificates and
// addresses is for the caller to arrange (see [CertificateOf]).
func Serve(ln net.Listener, c hooktest.Case) *Service {
	s := &Service{answers: c, listener: ln, stop: make(chan struct{}), conns: map[net.Conn]bool{}}
	if c.Transport() == hooktest.ThenRefuse {
		_ = ln.Close() // an error means that nobody can connect either
		return s
	}
	s.running.Go(s.accept)
	return s
}

// Close ends the service and all its connections, and waits for them.
func (s *Service) Close() {
	s.mu.Lock()
	if !s.closed {
		s.closed = true
		close(s.stop)
	}
	for conn := range s.conns {
		_ = wire(conn).Close()
	}
	s.mu.Unlock()
	_ = s.listener.Close() // may be closed already
	s.running.Wait()
}

// Requests are the whole requests that came in, oldest first.
func (s *Service) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

// Connections counts those that were accepted, also when no request came.
func (s *Service) Connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.connections
}

// Sent counts the bytes written. Over [Pipe] the other end has read all but 4 KB
// of them at least; over TCP many more may be on their way.
func (s *Service) Sent() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sent
}

func (s *Service) accept() {
	for {
		conn, err := s.listener.Accept()
		if err != nil {
			return // closed
		}
		if !s.add(conn) {
			_ = conn.Close()
			return
		}
		s.running.Go(func() {
			defer s.drop(conn)
			s.serve(conn)
		})
	}
}

func (s *Service) add(conn net.Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	s.conns[conn] = true
	s.connections++
	return true
}

func (s *Service) drop(conn net.Conn) {
	_ = conn.Close()
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, conn)
}

// serve answers requests until one side has had enough.
func (s *Service) serve(conn net.Conn) {
	in := bufio.NewReader(conn)
	for {
		r, err := readRequest(in)
		if err != nil {
			return
		}
		steps := s.answers.Steps(s.record(r))
		if len(steps) == 0 {
			return // an attempt too many: the test sees it in Requests
		}
		for _, step := range steps {
			if !s.play(conn, step) {
				return
			}
		}
	}
}

func (s *Service) record(r Request) (attempt int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = append(s.requests, r)
	return len(s.requests)
}

// play does one step and tells whether the connection goes on.
func (s *Service) play(conn net.Conn, step hooktest.Step) bool {
	for i := 0; step.Repeat < 0 || i < step.Repeat; i++ {
		if !s.wait(step.Delay()) || !s.send(conn, step.Chunk) {
			return false
		}
	}
	switch step.Then {
	case hooktest.ThenHang:
		_, _ = io.Copy(io.Discard, conn) // until either side closes
	case hooktest.ThenReset:
		reset(conn)
	}
	return step.Then == hooktest.ThenNext
}

func (s *Service) wait(d time.Duration) bool {
	if d == 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-s.stop:
		return false
	}
}

func (s *Service) send(conn net.Conn, chunk string) bool {
	n, err := io.WriteString(conn, chunk)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sent += int64(n)
	return err == nil
}

// reset closes as a service does that crashes: with RST in place of FIN.
func reset(conn net.Conn) {
	switch conn := wire(conn).(type) {
	case *net.TCPConn:
		_ = conn.SetLinger(0)
		_ = conn.Close()
	case *pipeConn:
		conn.reset()
	}
}

// wire is the connection below TLS: closing that one says no goodbye, for which
// TLS would wait when nobody reads.
func wire(conn net.Conn) net.Conn {
	if t, ok := conn.(*tls.Conn); ok {
		return t.NetConn()
	}
	return conn
}

// readRequest reads strictly what usher is to send: no chunked bodies.
func readRequest(in *bufio.Reader) (Request, error) {
	var r Request
	var err error
	if r.Line, err = readLine(in); err != nil {
		return r, err
	}
	length := 0
	for {
		line, err := readLine(in)
		if err != nil {
			return r, err
		}
		if line == "" {
			break
		}
		r.Header = append(r.Header, line)
		name, value, _ := strings.Cut(line, ":")
		switch strings.ToLower(name) {
		case "content-length":
			if length, err = strconv.Atoi(strings.TrimSpace(value)); err != nil || length < 0 {
				return r, fmt.Errorf("Content-Length %q", value)
			}
		case "transfer-encoding":
			return r, errors.New("the body has no length")
		}
	}
	r.Body = make([]byte, length)
	if _, err := io.ReadFull(in, r.Body); err != nil {
		return r, err
	}
	r.Time = time.Now()
	return r, nil
}

// readLine reads to CRLF, which it leaves out.
func readLine(in *bufio.Reader) (string, error) {
	line, err := in.ReadString('\n')
	if err != nil {
		return "", err
	}
	text, ok := strings.CutSuffix(line, "\r\n")
	if !ok {
		return "", errors.New("a line without CR")
	}
	return text, nil
}
