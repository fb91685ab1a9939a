package hookcall_test

import (
	"context"
	"fmt"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/usher-id/usher/internal/hookcall"
	"github.com/usher-id/usher/internal/hookfake"
)

// canary stands for personal data that a broken service echoes. It must not get
// into a detail, which is logged.
const canary = "rosario@example.com"

const ok = `{"commands":[]}`

// after answers once the time is over.
func after(d time.Duration) func(p *peer) {
	return func(p *peer) {
		if p.next() != 0 {
			time.AfterFunc(d, func() { p.send(answer(200, ok)); _ = p.Close() })
			p.hang()
		}
	}
}

// then answers the first request in one way and later ones in another.
func then(first, later func(p *peer)) func(p *peer) {
	return func(p *peer) {
		if p.s.connections.Load() == 1 {
			first(p)
		} else {
			later(p)
		}
	}
}

// once sends bytes after a request and closes.
func once(raw string) func(p *peer) {
	return func(p *peer) {
		if p.next() != 0 {
			p.send(raw)
		}
	}
}

// hanging sends bytes after a request and nothing more.
func hanging(raw string) func(p *peer) {
	return func(p *peer) {
		if p.next() != 0 && p.send(raw) {
			p.hang()
		}
	}
}

func repeated(head, again string) func(p *peer) {
	return func(p *peer) {
		if p.next() != 0 && p.send(head) {
			p.endless(again)
		}
	}
}

// TestMisbehaviour goes through what a hook service can do wrong on the wire.
func TestMisbehaviour(t *testing.T) {
	t.Parallel()
	const chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	tests := []struct {
		name     string
		service  func(p *peer)
		failure  hookcall.Kind
		answered bool
		attempts int
		took     time.Duration
	}{
		{"accepts and closes", func(*peer) {}, hookcall.ConnectionLost, false, 2, 0},
		{"closes after the request", once(""), hookcall.ConnectionLost, false, 2, 0},
		{"closes in mid-headers", once("HTTP/1.1 200 OK\r\nContent-Le"), hookcall.ConnectionLost, false, 2, 0},
		{"closes in mid-body", once("HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n" + canary[:9]), hookcall.ConnectionLost, false, 2, 0},
		{"closes in mid-chunk", once(chunked + "ff\r\n" + canary), hookcall.ConnectionLost, false, 2, 0},
		{"closes in the trailer", once(chunked + "1\r\nx\r\n0\r\nX-A: b"), hookcall.ConnectionLost, false, 2, 0},
		{"never answers", hanging(""), hookcall.Timeout, false, 2, 6 * time.Second},
		{"answers just in time", after(2950 * time.Millisecond), "", true, 1, 2950 * time.Millisecond},
		{"answers just too late", after(3050 * time.Millisecond), hookcall.Timeout, false, 2, 6 * time.Second},
		{"503 then 200", then(once(answer(503, "")), always(answer(200, ok))), "", true, 2, 0},
		{"503 twice", always(answer(503, canary)), hookcall.HTTPStatus(503), false, 2, 0},
		{"503 with a body that hangs", hanging("HTTP/1.1 503 Busy\r\nContent-Length: 9\r\n\r\nx"), hookcall.HTTPStatus(503), false, 2, 200 * time.Millisecond},
		{"hangs then 200", then(hanging(""), always(answer(200, ok))), "", true, 2, 3 * time.Second},
		{"closes then 503", then(once(""), always(answer(503, ""))), hookcall.HTTPStatus(503), false, 2, 0},
		{"503 then 400", then(once(answer(503, "")), always(answer(400, ""))), hookcall.HTTPStatus(400), false, 2, 0},
		{"503 then redirect", then(once(answer(503, "")), always(answer(302, ""))), hookcall.RedirectRefused, false, 2, 0},
		{"400", always(answer(400, canary)), hookcall.HTTPStatus(400), false, 1, 0},
		{"404", always(answer(404, canary)), hookcall.HTTPStatus(404), false, 1, 0},
		{"429", always("HTTP/1.1 429 Slow down\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n"), hookcall.HTTPStatus(429), false, 1, 0},
		{"300", always(answer(300, canary)), hookcall.RedirectRefused, false, 1, 0},
		{"304", always("HTTP/1.1 304 Not Modified\r\n\r\n"), hookcall.RedirectRefused, false, 1, 0},
		{"599", always(answer(599, "")), hookcall.HTTPStatus(599), false, 2, 0},
		{"204", always("HTTP/1.1 204 No Content\r\n\r\n"), "", true, 1, 0},
		{"200 without a length", once("HTTP/1.1 200 OK\r\n\r\n" + ok), "", true, 1, 0},
		{"HTTP/1.0", once("HTTP/1.0 200 OK\r\n\r\n" + ok), "", true, 1, 0},
		{"103 and 200", always("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + answer(200, ok)), "", true, 1, 0},
		{"length and chunks, of which the chunks count", once("HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\nf\r\n" + ok + "\r\n0\r\n\r\n"), "", true, 1, 0},
		{"identity by name", always("HTTP/1.1 200 OK\r\nContent-Encoding: Identity\r\nContent-Length: 15\r\n\r\n" + ok), "", true, 1, 0},

		{"endless chunks", repeated(chunked, "5\r\nhello\r\n"), hookcall.ResponseTooLarge, true, 1, 0},
		{"endless body without a length", repeated("HTTP/1.1 200 OK\r\n\r\n", strings.Repeat("x", 1000)), hookcall.ResponseTooLarge, true, 1, 0},
		{"a length that is too large", hanging("HTTP/1.1 200 OK\r\nContent-Length: 262144\r\n\r\n"), hookcall.ResponseTooLarge, true, 1, 0},
		{"gzip", hanging("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 10\r\n\r\n"), hookcall.ResponseEncoded, true, 1, 0},
		{"two encodings", hanging("HTTP/1.1 200 OK\r\nContent-Encoding: identity\r\nContent-Encoding: br\r\n\r\n"), hookcall.ResponseEncoded, true, 1, 0},
		{"a length that is too long, then hangs", hanging("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n" + ok), hookcall.Timeout, false, 2, 6 * time.Second},

		{"101", hanging("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"), hookcall.ProtocolInvalid, false, 1, 0},
		{"two lengths", once("HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd"), hookcall.ProtocolInvalid, false, 1, 0},
		{"a length that is no number", once("HTTP/1.1 200 OK\r\nContent-Length: " + canary + "\r\n\r\n"), hookcall.ProtocolInvalid, false, 1, 0},
		{"an unknown transfer encoding", once("HTTP/1.1 200 OK\r\nTransfer-Encoding: " + canary + "\r\n\r\n"), hookcall.ProtocolInvalid, false, 1, 0},
		{"endless headers", repeated("HTTP/1.1 200 OK\r\n", "X-A: "+strings.Repeat("a", 1000)+"\r\n"), hookcall.ProtocolInvalid, false, 1, 0},
		{"one endless header", repeated("HTTP/1.1 200 OK\r\nX-A: ", strings.Repeat("a", 1000)), hookcall.ProtocolInvalid, false, 1, 0},
		{"endless 103s", repeated("", "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"), hookcall.ProtocolInvalid, false, 1, 0},
		{"status 000", once("HTTP/1.1 000 Nothing\r\nContent-Length: 0\r\n\r\n"), hookcall.ProtocolInvalid, false, 1, 0},
		{"status 600", once("HTTP/1.1 600 Much\r\nContent-Length: 0\r\n\r\n"), hookcall.ProtocolInvalid, false, 1, 0},
		{"status 999", once("HTTP/1.1 999 Denied\r\nContent-Length: 0\r\n\r\n"), hookcall.ProtocolInvalid, false, 1, 0},
		{"a status that is a word", once("HTTP/1.1 " + canary + "\r\n\r\n"), hookcall.ProtocolInvalid, false, 1, 0},
		{"HTTP/0.9", once(canary + "\r\n"), hookcall.ProtocolInvalid, false, 1, 0},
		{"HTTP/3.7", once("HTTP/3.7 200 OK\r\nContent-Length: 0\r\n\r\n"), hookcall.ProtocolInvalid, false, 1, 0},
		{"a version that is none", once("HTTP/" + canary + " 200 OK\r\n\r\n"), hookcall.ProtocolInvalid, false, 1, 0},
		{"a header without a colon", once("HTTP/1.1 200 OK\r\n" + canary + "\r\n\r\n"), hookcall.ProtocolInvalid, false, 1, 0},
		{"bad chunk sizes", once(chunked + canary + "\r\nx\r\n"), hookcall.ProtocolInvalid, false, 1, 0},
		{"a chunk longer than it says", once(chunked + "1\r\n" + canary + "\r\n0\r\n\r\n"), hookcall.ProtocolInvalid, false, 1, 0},
		{"an endless trailer", repeated(chunked+"1\r\nx\r\n0\r\n", "X-A: "+canary+"\r\n"), hookcall.ProtocolInvalid, false, 1, 0},
		{"speaks first", func(p *peer) { p.send("SSH-2.0-" + canary + "\r\n"); p.hang() }, hookcall.ProtocolInvalid, false, 1, 0},
		{"speaks HTTP/2", func(p *peer) { p.next(); p.send("\x00\x00\x12\x04\x00\x00\x00\x00\x00\r\n"); p.hang() }, hookcall.ProtocolInvalid, false, 1, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, dial := inMemory(t, tt.service)
				caller := newCaller(t, options(t, dial, public))

				got := caller.Call(t.Context(), hookcall.Request{URL: hookURL, Body: []byte(body)})

				if got.Failure != tt.failure || got.Answered != tt.answered || len(got.Attempts) != tt.attempts {
					t.Errorf("failure %q (%s), answered %v, %d attempts; want %q, %v, %d", got.Failure, got.Detail,
						got.Answered, len(got.Attempts), tt.failure, tt.answered, tt.attempts)
				}
				if got.Duration != tt.took {
					t.Errorf("took %v, want %v", got.Duration, tt.took)
				}
				if got.Failure != "" && got.Detail == "" || strings.Contains(fmt.Sprint(got.Attempts, got.Detail), canary) {
					t.Errorf("detail %q, attempts %+v", got.Detail, got.Attempts)
				}
				if got.Failure == "" && got.Status != 204 && string(got.Body) != ok {
					t.Errorf("body %q", got.Body)
				}
				_, bodies := s.seen()
				for _, b := range bodies {
					if b != body {
						t.Errorf("sent %s", b)
					}
				}
			})
		})
	}
}

// TestOnce: what is never called twice is not called twice, whatever went wrong,
// and also on a connection that was used before.
func TestOnce(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		service func(p *peer)
		failure hookcall.Kind
	}{
		"timeout":    {hanging(""), hookcall.Timeout},
		"503":        {always(answer(503, "")), hookcall.HTTPStatus(503)},
		"connection": {once(""), hookcall.ConnectionLost},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, dial := inMemory(t, func(p *peer) {
					p.next()
					p.send(answer(200, ok))
					tt.service(p)
				})
				caller := newCaller(t, options(t, dial, public))
				r := hookcall.Request{
					URL: hookURL, Body: []byte(body), Once: true,
					// net/http takes this for a licence to repeat.
					Headers: []hookcall.Header{{Name: "Idempotency-Key", Value: "k"}},
				}
				if got := caller.Call(t.Context(), r); got.Failure != "" {
					t.Fatalf("first call: %q (%s)", got.Failure, got.Detail)
				}
				got := caller.Call(t.Context(), r)
				if got.Failure != tt.failure || len(got.Attempts) != 1 || s.requests.Load() != 2 {
					t.Errorf("%q (%s), %d attempts, %d requests in all", got.Failure, got.Detail, len(got.Attempts), s.requests.Load())
				}
			})
		})
	}
}

// TestBodyOfFailedStatus: the owner sees what the service said, though it
// decides nothing.
func TestBodyOfFailedStatus(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, dial := inMemory(t, always(answer(400, `{"error":{}}`)))
		caller := newCaller(t, options(t, dial, public))
		for range 2 {
			got := caller.Call(t.Context(), hookcall.Request{URL: hookURL, Body: []byte(body)})
			if string(got.Body) != `{"error":{}}` || got.Status != 400 || got.Answered {
				t.Errorf("%d %s, answered %v", got.Status, got.Body, got.Answered)
			}
		}
		if n := s.connections.Load(); n != 1 {
			t.Errorf("%d connections, want 1: the body was read whole", n)
		}
	})
}

// TestTimeoutOfRequest: a hook's own timeout takes the place of the usual one.
func TestTimeoutOfRequest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, dial := inMemory(t, hanging(""))
		caller := newCaller(t, options(t, dial, public))
		got := caller.Call(t.Context(), hookcall.Request{URL: hookURL, Timeout: 8 * time.Second})
		if got.Failure != hookcall.Timeout || got.Duration != 16*time.Second {
			t.Errorf("%q after %v", got.Failure, got.Duration)
		}
	})
}

// TestGivenUp: the end of the caller's context ends the call, without a retry.
func TestGivenUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, dial := inMemory(t, hanging(""))
		caller := newCaller(t, options(t, dial, public))
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		got := caller.Call(ctx, hookcall.Request{URL: hookURL})
		if got.Failure != hookcall.Timeout || got.Duration != time.Second || len(got.Attempts) != 1 ||
			got.Detail != "the call was given up while waiting for the answer" {
			t.Errorf("%q (%s) after %v", got.Failure, got.Detail, got.Duration)
		}
	})
}

// TestReset is what synthetic connections cannot do: RST on a real socket.
func TestReset(t *testing.T) {
	t.Parallel()
	for name, sent := range map[string]string{
		"before the answer": "",
		"in mid-headers":    "HTTP/1.1 200 OK\r\nContent-Le",
		"in mid-body":       "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nx",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ln := listen(t)
			s := serve(t, ln, func(p *peer) {
				if p.next() == 0 {
					return
				}
				p.send(sent)
				if conn, ok := p.Conn.(*net.TCPConn); ok {
					_ = conn.SetLinger(0)
				}
			})
			caller := newCaller(t, options(t, to(ln), public))
			got := caller.Call(t.Context(), hookcall.Request{URL: hookURL, Body: []byte(body)})
			if got.Failure != hookcall.ConnectionLost || len(got.Attempts) != 2 || s.requests.Load() != 2 {
				t.Errorf("%q (%s), %d attempts", got.Failure, got.Detail, len(got.Attempts))
			}
			if got.Attempts[0].Address != ln.Addr().String() {
				t.Errorf("address %q, want %s", got.Attempts[0].Address, ln.Addr())
			}
		})
	}
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return ln
}

// to connects to a listener on a real socket, whatever the address.
func to(ln net.Listener) connect {
	return func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "tcp", ln.Addr().String())
	}
}

// TestNoConnection is what can go wrong before there is one.
func TestNoConnection(t *testing.T) {
	t.Parallel()
	closed, refused := hookfake.Pipe()
	if err := closed.Close(); err != nil {
		t.Fatal(err)
	}
	dropped := func(ctx context.Context, network, _ string) (net.Conn, error) {
		<-ctx.Done()
		return nil, &net.OpError{Op: "dial", Net: network, Err: ctx.Err()}
	}
	for name, tt := range map[string]struct {
		dial     connect
		failure  hookcall.Kind
		detail   string
		attempts int
		took     time.Duration
	}{
		"refused":     {refused, hookcall.ConnectFailed, "connection refused", 2, 0},
		"SYN dropped": {dropped, hookcall.Timeout, "no connection in time", 2, 2 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				caller := newCaller(t, options(t, tt.dial, public))
				got := caller.Call(t.Context(), hookcall.Request{URL: hookURL, Body: []byte(body)})
				if got.Failure != tt.failure || got.Detail != tt.detail || len(got.Attempts) != tt.attempts || got.Duration != tt.took {
					t.Errorf("%q (%s), %d attempts, %v", got.Failure, got.Detail, len(got.Attempts), got.Duration)
				}
			})
		})
	}
}
