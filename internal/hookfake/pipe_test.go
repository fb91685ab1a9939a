package hookfake

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

func TestPipeWaitsForAccept(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ln, dial := Pipe()
		if ln.Addr().Network() != "pipe" || ln.Addr().String() != "pipe" {
			t.Errorf("address %v", ln.Addr())
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if conn, err := dial(ctx, "tcp", "hook:80"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("nobody accepts: %v, %v", conn, err)
		}
		time.AfterFunc(time.Second, func() { _ = ln.Close() })
		if conn, err := dial(t.Context(), "tcp", "hook:80"); !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("closed meanwhile: %v, %v", conn, err)
		}
		if conn, err := ln.Accept(); !errors.Is(err, net.ErrClosed) {
			t.Errorf("accept after close: %v, %v", conn, err)
		}
	})
}

// connected gives both ends of a connection.
func connected(t *testing.T) (client, server *pipeConn) {
	t.Helper()
	ln, dial := Pipe()
	accepted := make(chan net.Conn, 1)
	go func() {
		conn, _ := ln.Accept()
		accepted <- conn
	}()
	conn, err := dial(t.Context(), "tcp", "hook:80")
	if err != nil {
		t.Fatal(err)
	}
	_ = ln.Close()
	return conn.(*pipeConn), (<-accepted).(*pipeConn)
}

func TestPipeCarriesMoreThanItHolds(t *testing.T) {
	t.Parallel()
	client, server := connected(t)
	want := bytes.Repeat([]byte("0123456789"), window)
	go func() {
		_, _ = client.Write(want)
		_ = client.Close()
	}()
	if got, err := io.ReadAll(server); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%d bytes of %d, %v", len(got), len(want), err)
	}
	if n, err := server.Write([]byte("x")); n != 0 || !errors.Is(err, syscall.EPIPE) {
		t.Errorf("write to a closed end: %d, %v", n, err)
	}
}

// Two ends that write first and read then do not block each other.
func TestPipeHoldsSomeBytes(t *testing.T) {
	t.Parallel()
	client, server := connected(t)
	for _, end := range []*pipeConn{client, server} {
		if n, err := end.Write(make([]byte, window)); n != window || err != nil {
			t.Fatalf("%d, %v", n, err)
		}
	}
	for _, end := range []*pipeConn{client, server} {
		if _, err := io.ReadFull(end, make([]byte, window)); err != nil {
			t.Error(err)
		}
	}
}

func TestPipeEnds(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		what        string
		end         func(*pipeConn)
		data        string
		read, write error
	}{
		{"close", func(c *pipeConn) { _ = c.Close() }, "last words", nil, syscall.EPIPE},
		{"reset", (*pipeConn).reset, "", syscall.ECONNRESET, syscall.ECONNRESET},
	} {
		client, server := connected(t)
		if _, err := server.Write([]byte("last words")); err != nil {
			t.Fatal(err)
		}
		tt.end(server)
		if got, err := io.ReadAll(client); string(got) != tt.data || !errors.Is(err, tt.read) {
			t.Errorf("%s: the other end reads %q, %v", tt.what, got, err)
		}
		if _, err := client.Write([]byte("x")); !errors.Is(err, tt.write) {
			t.Errorf("%s: the other end writes: %v", tt.what, err)
		}
		if _, err := server.Read(make([]byte, 1)); !errors.Is(err, net.ErrClosed) {
			t.Errorf("%s: this end reads: %v", tt.what, err)
		}
		if _, err := server.Write([]byte("x")); !errors.Is(err, net.ErrClosed) {
			t.Errorf("%s: this end writes: %v", tt.what, err)
		}
		_ = client.Close()
	}
}

func TestPipeDeadlines(t *testing.T) {
	t.Parallel()
	read := func(c *pipeConn) error { _, err := c.Read(make([]byte, 1)); return err }
	write := func(c *pipeConn) error { _, err := c.Write(make([]byte, 2*window)); return err }
	for _, tt := range []struct {
		what string
		set  func(*pipeConn, time.Time) error
		do   func(*pipeConn) error
	}{
		{"read", (*pipeConn).SetReadDeadline, read},
		{"write", (*pipeConn).SetWriteDeadline, write},
		{"read of both", (*pipeConn).SetDeadline, read},
		{"write of both", (*pipeConn).SetDeadline, write},
	} {
		synctest.Test(t, func(t *testing.T) {
			client, server := connected(t)
			defer func() { _ = server.Close() }()
			start := time.Now()
			_ = tt.set(client, start.Add(time.Second))
			if err := tt.do(client); !errors.Is(err, os.ErrDeadlineExceeded) || time.Since(start) != time.Second {
				t.Errorf("%s: %v after %v", tt.what, err, time.Since(start))
			}
			// A deadline set by another goroutine reaches the one that waits.
			_ = tt.set(client, time.Time{})
			time.AfterFunc(time.Second, func() { _ = tt.set(client, time.Now()) })
			if err := tt.do(client); !errors.Is(err, os.ErrDeadlineExceeded) || time.Since(start) != 2*time.Second {
				t.Errorf("%s, set meanwhile: %v after %v", tt.what, err, time.Since(start))
			}
		})
	}
}
