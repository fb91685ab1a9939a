package hookfake

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/usher-id/usher/hook/hooktest"
)

const limit = 256 << 10

func cases(t *testing.T) []hooktest.Case {
	t.Helper()
	all, err := hooktest.Cases()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func one(t *testing.T, name string) hooktest.Case {
	t.Helper()
	all := cases(t)
	i := slices.IndexFunc(all, func(c hooktest.Case) bool { return c.Name == name })
	if i < 0 {
		t.Fatalf("no case %s", name)
	}
	return all[i]
}

type dialFunc = func(ctx context.Context, network, address string) (net.Conn, error)

// call is usher's part in small: one retry after a timeout or a 5xx.
func call(dial dialFunc, body []byte) (status int, answer []byte, err error) {
	for range 2 {
		status, answer, err = attempt(dial, body)
		if err == nil && status < 500 {
			break
		}
	}
	return status, answer, err
}

// attempt has three seconds and reads no more than the limit.
func attempt(dial dialFunc, body []byte) (status int, answer []byte, err error) {
	conn, err := dial(context.Background(), "tcp", "hook.example:80")
	if err != nil {
		return 0, nil, err
	}
	defer func() { _ = conn.Close() }()
	if err := conn.SetDeadline(time.Now().Add(3 * time.Second)); err != nil {
		return 0, nil, err
	}
	r, err := http.NewRequest(http.MethodPost, "http://hook.example/registrationHook", bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	if err := r.Write(conn); err != nil {
		return 0, nil, err
	}
	w, err := http.ReadResponse(bufio.NewReader(conn), r)
	if err != nil {
		return 0, nil, err
	}
	answer, err = io.ReadAll(io.LimitReader(w.Body, limit))
	return w.StatusCode, answer, err
}

// Every case that has a service is played in full, slow ones included, and the
// answer is the one that the loader shows.
func TestEveryCase(t *testing.T) {
	t.Parallel()
	for _, c := range cases(t) {
		if c.Transport() != hooktest.ThenNext || c.Token != nil && len(c.Token.Bearer) == 0 {
			continue
		}
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ln, dial := Pipe()
				s := Serve(ln, c)
				defer s.Close()
				start := time.Now()

				status, answer, err := call(dial, c.Request)

				late := c.Outcome.Log[0].Reason != nil && *c.Outcome.Log[0].Reason == "TIMEOUT"
				if late != errors.Is(err, os.ErrDeadlineExceeded) || !late && err != nil {
					t.Errorf("late: %v, got %v", late, err)
				}
				if late && time.Since(start) != 6*time.Second {
					t.Errorf("gave up after %v", time.Since(start))
				}
				checkRequests(t, s, c)
				if late {
					return
				}
				r, err := c.HTTPResponse()
				if err != nil {
					t.Fatal(err)
				}
				want, _ := io.ReadAll(io.LimitReader(r.Body, limit))
				if status != r.StatusCode || !bytes.Equal(answer, want) {
					t.Errorf("got %d with %d bytes, want %d with %d", status, len(answer), r.StatusCode, len(want))
				}
			})
		})
	}
}

func checkRequests(t *testing.T, s *Service, c hooktest.Case) {
	t.Helper()
	requests := s.Requests()
	if len(requests) != c.Outcome.Attempts {
		t.Errorf("%d requests, want %d", len(requests), c.Outcome.Attempts)
	}
	for _, r := range requests {
		if r.Line != "POST /registrationHook HTTP/1.1" || !bytes.Equal(r.Body, c.Request) {
			t.Errorf("got %s with %d bytes", r.Line, len(r.Body))
		}
	}
}

func TestEndlessAnswerStopsWithItsReader(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ln, dial := Pipe()
		s := Serve(ln, one(t, "body-endless"))
		_, answer, err := attempt(dial, nil)
		if err != nil || len(answer) != limit {
			t.Errorf("%d bytes, %v", len(answer), err)
		}
		s.Close()
		// The chunk framing and the buffers of the client come on top.
		if sent := s.Sent(); sent < limit || sent > limit+limit/8 {
			t.Errorf("%d bytes sent", sent)
		}
	})
}

func TestSlowAnswerComesWhenItSays(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ln, dial := Pipe()
		s := Serve(ln, one(t, "slow-2900ms"))
		defer s.Close()
		start := time.Now()
		status, _, err := attempt(dial, nil)
		if err != nil || status != 200 || time.Since(start) != 2900*time.Millisecond {
			t.Errorf("%d, %v after %v", status, err, time.Since(start))
		}
		if r := s.Requests(); len(r) != 1 || !r[0].Time.Equal(start) {
			t.Errorf("requests: %+v", r)
		}
	})
}

// tcp gives a service of one script on loopback, and a connection to it.
func tcp(t *testing.T, c hooktest.Case) (*Service, net.Conn) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := Serve(ln, c)
	t.Cleanup(s.Close)
	conn, err := net.Dial("tcp", ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return s, conn
}

func TestRequestIsRecordedAsItCame(t *testing.T) {
	t.Parallel()
	c := one(t, "deny")
	s, conn := tcp(t, c)
	in := bufio.NewReader(conn)
	for range 2 { // over one connection
		_, err := io.WriteString(conn, "POST /a?b=c HTTP/1.1\r\nHost: h\r\nauth_secret:  x \r\ncontent-LENGTH: 4\r\nX-A: 1\r\nX-A: 2\r\n\r\n{ }\n")
		if err != nil {
			t.Fatal(err)
		}
		got := make([]byte, len(c.Response))
		if _, err := io.ReadFull(in, got); err != nil || !bytes.Equal(got, c.Response) {
			t.Errorf("%v, got %q", err, got)
		}
	}
	s.Close() // Sent may lag behind what has arrived
	requests := s.Requests()
	if len(requests) != 2 || s.Connections() != 1 || s.Sent() != int64(2*len(c.Response)) {
		t.Fatalf("%d requests, %d connections, %d bytes", len(requests), s.Connections(), s.Sent())
	}
	r := requests[1]
	header := []string{"Host: h", "auth_secret:  x ", "content-LENGTH: 4", "X-A: 1", "X-A: 2"}
	if r.Line != "POST /a?b=c HTTP/1.1" || !slices.Equal(r.Header, header) || string(r.Body) != "{ }\n" || r.Time.IsZero() {
		t.Errorf("got %+v", r)
	}
}

func TestRequestsThatUsherNeverSends(t *testing.T) {
	t.Parallel()
	for what, raw := range map[string]string{
		"chunked":         "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		"odd length":      "POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
		"negative length": "POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
		"bare line feed":  "POST / HTTP/1.1\nHost: h\r\n\r\n",
		"bare in header":  "POST / HTTP/1.1\r\nHost: h\n\r\n",
		"header cut off":  "POST / HTTP/1.1\r\nHost",
		"body cut off":    "POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\n{}",
	} {
		if r, err := readRequest(bufio.NewReader(strings.NewReader(raw))); err == nil {
			t.Errorf("%s: read as %+v", what, r)
		}
	}
	s, conn := tcp(t, one(t, "deny"))
	if _, err := io.WriteString(conn, "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(conn); err != nil || len(got) > 0 {
		t.Errorf("answered %q, %v", got, err)
	}
	if len(s.Requests()) != 0 || s.Connections() != 1 {
		t.Errorf("%d requests, %d connections", len(s.Requests()), s.Connections())
	}
}

func TestWhatComesAfterTheChunks(t *testing.T) {
	t.Parallel()
	const request = "GET / HTTP/1.1\r\n\r\n"
	for _, tt := range []struct {
		then hooktest.Then
		err  error
	}{{hooktest.ThenClose, nil}, {hooktest.ThenReset, syscall.ECONNRESET}} {
		c := hooktest.Case{Script: []hooktest.Step{{Repeat: 1, Then: tt.then}}}
		s, conn := tcp(t, c)
		if _, err := io.WriteString(conn, request); err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(conn); len(got) > 0 || !errors.Is(err, tt.err) {
			t.Errorf("%s: got %q, %v", tt.then, got, err)
		}
		s.Close()
	}

	// An attempt that the script does not know is recorded and cut off.
	s, conn := tcp(t, hooktest.Case{Script: []hooktest.Step{{Attempt: 1, Chunk: "ab", Repeat: 3}}})
	if _, err := io.WriteString(conn, request+request); err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(conn); err != nil || string(got) != "ababab" || len(s.Requests()) != 2 {
		t.Errorf("got %q, %v, %d requests", got, err, len(s.Requests()))
	}
}

func TestCloseEndsWhatHangs(t *testing.T) {
	t.Parallel()
	for _, step := range []hooktest.Step{
		{Repeat: 1, Then: hooktest.ThenHang},
		{Repeat: 1, DelayMs: 60_000, Chunk: "x"},
	} {
		synctest.Test(t, func(t *testing.T) {
			ln, dial := Pipe()
			s := Serve(ln, hooktest.Case{Script: []hooktest.Step{step}})
			conn, err := dial(t.Context(), "tcp", "hook:80")
			if err != nil {
				t.Fatal(err)
			}
			if _, err := io.WriteString(conn, "GET / HTTP/1.1\r\n\r\n"); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			start := time.Now()
			s.Close()
			s.Close() // twice does no harm
			if got, err := io.ReadAll(conn); err != nil || len(got) > 0 || !time.Now().Equal(start) {
				t.Errorf("got %q, %v after %v", got, err, time.Since(start))
			}
		})
	}
}

func TestRefusedConnections(t *testing.T) {
	t.Parallel()
	refused := one(t, "connect-refused")

	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := Serve(ln, refused)
	defer s.Close()
	if conn, err := net.Dial("tcp", ln.Addr().String()); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("over TCP: %v, %v", conn, err)
	}

	ln, dial := Pipe()
	p := Serve(ln, refused)
	defer p.Close()
	conn, err := dial(t.Context(), "tcp", "hook:80")
	var op *net.OpError
	if !errors.Is(err, syscall.ECONNREFUSED) || !errors.As(err, &op) || op.Op != "dial" || op.Net != "tcp" {
		t.Errorf("over Pipe: %v, %v", conn, err)
	}
	if p.Connections() != 0 {
		t.Errorf("%d connections", p.Connections())
	}
}
