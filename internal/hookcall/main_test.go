package hookcall_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"go.uber.org/goleak"

	"github.com/usher-id/usher/internal/hookcall"
	"github.com/usher-id/usher/internal/hookfake"
	"github.com/usher-id/usher/internal/safedial"
)

func TestMain(m *testing.M) {
	// As the server does, see the package comment.
	log.SetOutput(io.Discard)
	goleak.VerifyTestMain(m)
}

const (
	hookURL = "http://hook:3000/registrationHook?source=okta"
	body    = `{"eventId":"q3Vd0hT2Qk6Zp1xJ8mYbWg","data":{"userProfile":{"email":"rosario@example.com"}}}`
)

type connect func(ctx context.Context, network, address string) (net.Conn, error)

// resolver answers every name with the same addresses.
type resolver []netip.Addr

func (r resolver) LookupNetIP(context.Context, string, string) ([]netip.Addr, error) { return r, nil }

var public = resolver{netip.MustParseAddr("93.184.216.34")}

// options are those of a caller over the real guard, whose allowed connections
// end where connect says.
func options(t *testing.T, to connect, names resolver) hookcall.Options {
	t.Helper()
	policy, err := safedial.NewPolicy(safedial.Config{
		AllowHosts: []safedial.HostPort{{Host: "hook", Port: 3000}, {Host: hookfake.TokenHost, Port: hookfake.TokenPort}},
		AllowHTTP:  true,
	})
	if err != nil {
		t.Fatal(err)
	}
	d := &safedial.Dialer{Policy: policy, Resolver: names, Connect: to}
	return hookcall.Options{Dial: d.DialContext, CheckURL: policy.ParseURL}
}

func newCaller(t *testing.T, o hookcall.Options) *hookcall.Caller {
	t.Helper()
	c := hookcall.New(o)
	t.Cleanup(c.Close)
	return c
}

// service is a service on raw connections.
type service struct {
	connections atomic.Int32
	requests    atomic.Int32
	mu          sync.Mutex
	heads       []string // request line and header lines, as they came
	bodies      []string
}

func (s *service) seen() (heads, bodies []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.heads...), append([]string(nil), s.bodies...)
}

// peer is the service's end of a connection.
type peer struct {
	net.Conn
	in *bufio.Reader
	s  *service
}

// serve runs handle for each connection to a listener, which it closes with the
// test.
func serve(t *testing.T, ln net.Listener, handle func(p *peer)) *service {
	t.Helper()
	s := &service{}
	var running sync.WaitGroup
	running.Go(func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return // closed
			}
			s.connections.Add(1)
			running.Go(func() {
				defer func() { _ = conn.Close() }()
				handle(&peer{Conn: conn, in: bufio.NewReader(conn), s: s})
			})
		}
	})
	t.Cleanup(func() {
		_ = ln.Close()
		running.Wait()
	})
	return s
}

// inMemory is serve on a listener in memory.
func inMemory(t *testing.T, handle func(p *peer)) (*service, connect) {
	t.Helper()
	ln, dial := hookfake.Pipe()
	return serve(t, ln, handle), dial
}

// next reads a request and gives its number, counted over all connections; 0 at
// the end of the connection.
func (p *peer) next() int {
	var head strings.Builder
	for {
		line, err := p.in.ReadString('\n')
		if err != nil {
			return 0
		}
		if line == "\r\n" {
			break
		}
		head.WriteString(line)
	}
	r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(head.String() + "\r\n")))
	if err != nil {
		return 0
	}
	b, err := io.ReadAll(io.LimitReader(p.in, r.ContentLength))
	if err != nil {
		return 0
	}
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	p.s.heads = append(p.s.heads, head.String())
	p.s.bodies = append(p.s.bodies, string(b))
	return int(p.s.requests.Add(1))
}

func (p *peer) send(s string) bool {
	_, err := io.WriteString(p, s)
	return err == nil
}

// endless sends the same again until the other side has had enough.
func (p *peer) endless(s string) {
	for p.send(s) {
	}
}

func (p *peer) hang() { _, _ = io.Copy(io.Discard, p.in) }

// answer is a whole answer.
func answer(status int, body string) string {
	return fmt.Sprintf("HTTP/1.1 %d %s\r\nContent-Length: %d\r\n\r\n%s", status, http.StatusText(status), len(body), body)
}

// always answers each request with the same bytes and keeps the connection.
func always(raw string) func(p *peer) {
	return func(p *peer) {
		for p.next() != 0 && p.send(raw) {
		}
	}
}
