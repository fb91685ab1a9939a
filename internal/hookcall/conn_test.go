package hookcall

import (
	"errors"
	"io"
	"net"
	"testing"
	"testing/synctest"
)

func pipe(t *testing.T) (c *conn, service net.Conn) {
	t.Helper()
	ours, theirs := net.Pipe()
	t.Cleanup(func() { _, _ = ours.Close(), theirs.Close() })
	return newConn(ours), theirs
}

func send(t *testing.T, w io.Writer, text string) {
	t.Helper()
	if _, err := io.WriteString(w, text); err != nil {
		t.Error(err)
	}
}

// TestBegin: a request starts only when the reader has nothing left of the
// answer before, or has given the connection up for it.
func TestBegin(t *testing.T) {
	t.Parallel()
	for name, release := range map[string]func(c *conn){
		"reader waits":      func(c *conn) { _, _ = c.Read(make([]byte, 1)) },
		"connection closed": func(c *conn) { _ = c.Close() },
	} {
		synctest.Test(t, func(t *testing.T) {
			c, service := pipe(t)
			begun := make(chan struct{})
			go func() {
				c.begin()
				close(begun)
			}()
			synctest.Wait()
			select {
			case <-begun:
				t.Fatalf("%s: began too early", name)
			default:
			}
			go release(c)
			<-begun
			_ = service.Close()
		})
	}
}

// TestUnasked: bytes that come before a byte of the request has gone out are not
// its answer, on a new connection and on one that was used, and nothing is
// written after them.
func TestUnasked(t *testing.T) {
	t.Parallel()
	for name, used := range map[string]bool{"new": false, "used": true} {
		synctest.Test(t, func(t *testing.T) {
			c, service := pipe(t)
			got := make([]byte, 10)
			if used {
				go func() {
					_, _ = io.ReadFull(service, make([]byte, 1))
					send(t, service, "answer")
				}()
				send(t, c, "?")
				if n, err := c.Read(got); string(got[:n]) != "answer" || err != nil || !c.sent() {
					t.Fatalf("%s: read %q, %v, sent %v", name, got[:n], err, c.sent())
				}
			}
			failed := make(chan error)
			go func() {
				_, err := c.Read(got)
				failed <- err
			}()
			c.begin()
			if c.sent() {
				t.Errorf("%s: sent before it was", name)
			}
			send(t, service, "another")
			if err := <-failed; !errors.Is(err, errUnasked) {
				t.Errorf("%s: read: %v", name, err)
			}
			if n, err := c.Write([]byte("?")); n != 0 || !errors.Is(err, errUnasked) {
				t.Errorf("%s: wrote %d, %v", name, n, err)
			}
			if c.sent() {
				t.Errorf("%s: something was sent", name)
			}
		})
	}
}
