package hookcall_test

import (
	"context"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/usher-id/usher/internal/hookcall"
)

// lines splits a head into the request line and its header lines, sorted.
func lines(head string) (string, []string) {
	first, rest, _ := strings.Cut(head, "\r\n")
	header := strings.Split(strings.TrimSuffix(rest, "\r\n"), "\r\n")
	slices.Sort(header)
	return first, header
}

// TestHead reads from a real socket what goes over the wire, and nothing else
// may.
func TestHead(t *testing.T) {
	t.Parallel()
	usual := []string{
		"Accept: application/json", "Content-Length: 91", "Content-Type: application/json", "Host: hook:3000",
	}
	tests := []struct {
		name    string
		request hookcall.Request
		agent   string
		first   string
		header  []string
	}{
		{
			name:    "plain",
			request: hookcall.Request{URL: "http://hook:3000", Body: []byte(body)},
			first:   "POST / HTTP/1.1",
			header:  []string{"User-Agent: Okta-Integrations"},
		},
		{
			name: "names keep their case, and the query is kept",
			request: hookcall.Request{
				URL: "http://hook:3000/registrationHook?code=a%2Fb==&x", Body: []byte(body), RequestID: "reqK1v9",
				Headers: []hookcall.Header{
					{Name: "auth_secret", Value: "Basic c2VjcmV0"}, {Name: "x-lower", Value: "a"}, {Name: "X-UPPER", Value: ""},
				},
			},
			first: "POST /registrationHook?code=a%2Fb==&x HTTP/1.1",
			header: []string{
				"User-Agent: Okta-Integrations", "X-Okta-Request-Id: reqK1v9",
				"auth_secret: Basic c2VjcmV0", "x-lower: a", "X-UPPER: ",
			},
		},
		{
			name:    "configured User-Agent",
			request: hookcall.Request{URL: hookURL, Body: []byte(body)},
			agent:   "usher",
			first:   "POST /registrationHook?source=okta HTTP/1.1",
			header:  []string{"User-Agent: usher"},
		},
		{
			name: "User-Agent of the hook",
			request: hookcall.Request{
				URL: hookURL, Body: []byte(body), Headers: []hookcall.Header{{Name: "User-Agent", Value: "mine"}},
			},
			first:  "POST /registrationHook?source=okta HTTP/1.1",
			header: []string{"User-Agent: mine"},
		},
		{
			name: "user-agent of the hook, in its case and once",
			request: hookcall.Request{
				URL: hookURL, Body: []byte(body), Headers: []hookcall.Header{{Name: "user-agent", Value: "mine"}},
			},
			first:  "POST /registrationHook?source=okta HTTP/1.1",
			header: []string{"user-agent: mine"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			ln := listen(t)
			s := serve(t, ln, always(answer(200, ok)))
			o := options(t, to(ln), public)
			o.UserAgent = tt.agent
			if got := newCaller(t, o).Call(t.Context(), tt.request); got.Failure != "" {
				t.Fatalf("%s: %s", got.Failure, got.Detail)
			}
			heads, _ := s.seen()
			first, header := lines(heads[0])
			want := append(slices.Clone(usual), tt.header...)
			slices.Sort(want)
			if first != tt.first || !slices.Equal(header, want) {
				t.Errorf("sent\n%s\n%s\nwant\n%s\n%s", first, strings.Join(header, "\n"), tt.first, strings.Join(want, "\n"))
			}
		})
	}
}

func TestEmptyBodyHasLength(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, dial := inMemory(t, always(answer(200, ok)))
		newCaller(t, options(t, dial, public)).Call(t.Context(), hookcall.Request{URL: hookURL})
		heads, _ := s.seen()
		if len(heads) != 1 || !strings.Contains(heads[0], "\r\nContent-Length: 0\r\n") {
			t.Errorf("sent %q", heads)
		}
	})
}

// TestKeepAlive: one connection serves an origin, also of other paths, and
// cookies are not kept.
func TestKeepAlive(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, dial := inMemory(t, always("HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nContent-Length: 15\r\n\r\n"+ok))
		caller := newCaller(t, options(t, dial, public))
		for _, path := range []string{"/a", "/a", "/b"} {
			got := caller.Call(t.Context(), hookcall.Request{URL: "http://hook:3000" + path, Body: []byte(body)})
			if got.Failure != "" || string(got.Body) != ok {
				t.Errorf("%q, body %s", got.Failure, got.Body)
			}
		}
		if n := s.connections.Load(); n != 1 {
			t.Errorf("%d connections, want 1", n)
		}
		caller.Close()
		caller.Call(t.Context(), hookcall.Request{URL: hookURL, Body: []byte(body)})
		if n := s.connections.Load(); n != 2 {
			t.Errorf("%d connections after Close, want 2", n)
		}
		if heads, _ := s.seen(); strings.Contains(strings.Join(heads, ""), "Cookie") {
			t.Error("a cookie was sent back")
		}
	})
}

// TestRedirect: the place that a redirect names hears nothing of it, even if it
// may be reached.
func TestRedirect(t *testing.T) {
	t.Parallel()
	there := listen(t)
	elsewhere := serve(t, there, always(answer(200, ok)))
	for _, status := range []string{"301", "302", "303", "307", "308"} {
		ln := listen(t)
		location := "http://" + there.Addr().String() + "/hook"
		s := serve(t, ln, always("HTTP/1.1 "+status+" Moved\r\nLocation: "+location+"\r\nContent-Length: 0\r\n\r\n"))
		o := options(t, to(ln), public)
		guarded := o.Dial
		o.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
			if address == "hook:3000" {
				return guarded(ctx, network, address)
			}
			return to(there)(ctx, network, address)
		}
		got := newCaller(t, o).Call(t.Context(), hookcall.Request{URL: hookURL, Body: []byte(body)})
		if got.Failure != hookcall.RedirectRefused || len(got.Attempts) != 1 || s.requests.Load() != 1 {
			t.Errorf("%s: %q, %d attempts", status, got.Failure, len(got.Attempts))
		}
		if strings.Contains(got.Detail, location) {
			t.Errorf("%s: detail %q quotes a header", status, got.Detail)
		}
	}
	if n := elsewhere.connections.Load(); n != 0 {
		t.Errorf("%d connections elsewhere", n)
	}
}

// TestProxyIgnored: a proxy in the environment would hide the target from the
// guard.
func TestProxyIgnored(t *testing.T) {
	for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "ALL_PROXY"} {
		t.Setenv(name, "http://127.0.0.1:9")
	}
	ln := listen(t)
	s := serve(t, ln, always(answer(200, ok)))
	var dialled string
	o := options(t, to(ln), public)
	guarded := o.Dial
	o.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
		dialled = address
		return guarded(ctx, network, address)
	}
	got := newCaller(t, o).Call(t.Context(), hookcall.Request{URL: hookURL, Body: []byte(body)})
	if got.Failure != "" || dialled != "hook:3000" {
		t.Errorf("%q, dialled %q", got.Failure, dialled)
	}
	if heads, _ := s.seen(); !strings.HasPrefix(heads[0], "POST /registrationHook?source=okta ") {
		t.Errorf("sent %q", heads[0])
	}
}

// TestLateAnswer: what a service sends on a kept connection beyond its answer is
// never another call's answer.
func TestLateAnswer(t *testing.T) {
	t.Parallel()
	const theirs = `{"commands":[{"type":"com.okta.action.update","value":{"registration":"ALLOW"}}]}`
	tests := map[string]struct {
		first string // the whole answer to the first request
		later string // sent on the same connection a second after
	}{
		"two answers at once":             {answer(200, ok) + answer(200, theirs), ""},
		"half an answer more":             {answer(200, ok) + "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", "{}"},
		"a second answer a moment later":  {answer(200, ok), answer(200, theirs)},
		"a body after 204":                {"HTTP/1.1 204 No Content\r\n\r\n" + answer(200, theirs), ""},
		"a body longer than its length":   {"HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n" + ok + answer(200, theirs), ""},
		"an answer after the last chunk":  {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nf\r\n" + ok + "\r\n0\r\n\r\n" + answer(200, theirs), ""},
		"an answer that says it is a 408": {answer(200, ok) + "HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, dial := inMemory(t, then(func(p *peer) {
					p.next()
					p.send(tt.first)
					if tt.later != "" {
						time.AfterFunc(time.Second, func() { p.send(tt.later) })
					}
					for p.next() != 0 {
					}
				}, always(answer(200, ok))))
				caller := newCaller(t, options(t, dial, public))
				for i := range 3 {
					got := caller.Call(t.Context(), hookcall.Request{URL: hookURL, Body: []byte(body)})
					if got.Failure != "" || len(got.Attempts) != 1 {
						t.Errorf("call %d: %q (%s), %d attempts", i, got.Failure, got.Detail, len(got.Attempts))
					}
					if got.Status != 204 && string(got.Body) != ok {
						t.Errorf("call %d: body %s", i, got.Body)
					}
					if tt.later != "" {
						<-time.After(2 * time.Second)
					}
				}
				if n := s.requests.Load(); n != 3 {
					t.Errorf("%d requests", n)
				}
			})
		})
	}
}

// TestLateAnswerOvertaken: net/http hands a connection to a call that waits for
// one before it looks at what an answer without a body left over.
func TestLateAnswerOvertaken(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		proceed := make(chan struct{})
		s, dial := inMemory(t, then(func(p *peer) {
			p.next()
			<-proceed
			p.send("HTTP/1.1 204 No Content\r\n\r\n" + answer(200, "theirs"))
			always(answer(200, ok))(p)
		}, always(answer(200, ok))))
		dials := 0
		caller := newCaller(t, options(t, func(ctx context.Context, network, address string) (net.Conn, error) {
			if dials++; dials == 2 {
				<-ctx.Done()
				return nil, ctx.Err()
			}
			return dial(ctx, network, address)
		}, public))
		var first, second hookcall.Result
		var calls sync.WaitGroup
		for _, result := range []*hookcall.Result{&first, &second} {
			calls.Go(func() {
				*result = caller.Call(t.Context(), hookcall.Request{URL: hookURL, Body: []byte(body), Once: true})
			})
			synctest.Wait() // the second call waits for a connection
		}
		close(proceed)
		calls.Wait()
		if first.Status != 204 || second.Failure != "" || string(second.Body) != ok {
			t.Errorf("statuses %d, %d; failure %q (%s), body %s", first.Status, second.Status, second.Failure, second.Detail, second.Body)
		}
		if n := s.requests.Load(); n != 2 {
			t.Errorf("%d requests", n)
		}
		<-time.After(2 * time.Second) // the second dial ends
	})
}

// TestLateAnswerAfterTimeout: the connection of an attempt that timed out is not
// used again.
func TestLateAnswerAfterTimeout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, dial := inMemory(t, then(after(3500*time.Millisecond), always(answer(204, ""))))
		caller := newCaller(t, options(t, dial, public))
		for range 2 {
			got := caller.Call(t.Context(), hookcall.Request{URL: hookURL, Body: []byte(body)})
			if got.Status != 204 {
				t.Errorf("status %d", got.Status)
			}
		}
		if n := s.connections.Load(); n != 2 {
			t.Errorf("%d connections, want 2", n)
		}
	})
}

// TestIdleConnectionClosed: that a service closes an idle connection costs no
// attempt, since nothing of the request was sent on it.
func TestIdleConnectionClosed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, dial := inMemory(t, func(p *peer) { p.next(); p.send(answer(200, ok)) })
		caller := newCaller(t, options(t, dial, public))
		for range 3 {
			got := caller.Call(t.Context(), hookcall.Request{URL: hookURL, Body: []byte(body), Once: true})
			if got.Failure != "" || len(got.Attempts) != 1 {
				t.Errorf("%q (%s), %d attempts", got.Failure, got.Detail, len(got.Attempts))
			}
		}
		if n := s.requests.Load(); n != 3 {
			t.Errorf("%d requests", n)
		}
	})
}

// TestRetryConnection: the retry after 5xx takes another connection, since the
// first one may be about to close.
func TestRetryConnection(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, dial := inMemory(t, always(answer(500, "")))
		caller := newCaller(t, options(t, dial, public))
		got := caller.Call(t.Context(), hookcall.Request{URL: hookURL, Body: []byte(body)})
		if got.Failure != hookcall.HTTPStatus(500) || s.connections.Load() != 2 || s.requests.Load() != 2 {
			t.Errorf("%q, %d connections, %d requests", got.Failure, s.connections.Load(), s.requests.Load())
		}
	})
}
