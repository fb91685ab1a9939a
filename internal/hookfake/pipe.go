package hookfake

import (
	"context"
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"time"
)

// Pipe is a listener in memory, and the function that connects to it whatever
// the address; it fits http.Transport.DialContext. Once the listener is closed
// connections are refused.
//
// The connections are like TCP where net.Pipe is not: each direction holds a
// few kilobytes, without which two ends that write at once wait for each other
// (a TLS alert against the rest of a handshake), and a connection can be reset.
func Pipe() (net.Listener, func(ctx context.Context, network, address string) (net.Conn, error)) {
	p := &pipe{dialled: make(chan net.Conn), closed: make(chan struct{})}
	return p, p.dial
}

type pipe struct {
	dialled chan net.Conn
	closed  chan struct{}
	close   sync.Once
}

func (p *pipe) Accept() (net.Conn, error) {
	select {
	case conn := <-p.dialled:
		return conn, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipe) Close() error {
	p.close.Do(func() { close(p.closed) })
	return nil
}

func (p *pipe) Addr() net.Addr { return pipeAddr{} }

type pipeAddr struct{}

func (pipeAddr) Network() string { return "pipe" }
func (pipeAddr) String() string  { return "pipe" }

func (p *pipe) dial(ctx context.Context, network, _ string) (net.Conn, error) {
	up, down := newStream(), newStream()
	var err error
	select {
	case p.dialled <- &pipeConn{in: up, out: down}:
		return &pipeConn{in: down, out: up}, nil
	case <-p.closed:
		err = syscall.ECONNREFUSED
	case <-ctx.Done():
		err = ctx.Err()
	}
	return nil, &net.OpError{Op: "dial", Net: network, Addr: p.Addr(), Err: err}
}

// pipeConn is one end of a connection.
type pipeConn struct{ in, out *stream }

func (c *pipeConn) Read(p []byte) (int, error)  { return c.in.read(p) }
func (c *pipeConn) Write(p []byte) (int, error) { return c.out.write(p) }
func (c *pipeConn) LocalAddr() net.Addr         { return pipeAddr{} }
func (c *pipeConn) RemoteAddr() net.Addr        { return pipeAddr{} }

// Close lets the other end read what is on its way.
func (c *pipeConn) Close() error {
	c.in.update(func(s *stream) { s.closeReader(syscall.EPIPE) })
	c.out.update(func(s *stream) { s.closeWriter(io.EOF) })
	return nil
}

// reset takes back what is on its way, and fails what the other end does.
func (c *pipeConn) reset() {
	c.in.update(func(s *stream) { s.closeReader(syscall.ECONNRESET) })
	c.out.update(func(s *stream) {
		s.closeWriter(syscall.ECONNRESET)
		s.data = nil
	})
}

func (c *pipeConn) SetDeadline(t time.Time) error {
	c.in.setDeadline(&c.in.readBy, t)
	c.out.setDeadline(&c.out.writeBy, t)
	return nil
}

func (c *pipeConn) SetReadDeadline(t time.Time) error {
	c.in.setDeadline(&c.in.readBy, t)
	return nil
}

func (c *pipeConn) SetWriteDeadline(t time.Time) error {
	c.out.setDeadline(&c.out.writeBy, t)
	return nil
}

// window is how many bytes a stream holds.
const window = 4 << 10

// stream is one direction of a connection.
type stream struct {
	mu       sync.Mutex
	changed  *sync.Cond // some field below
	data     []byte
	readErr  error // what the reader gets once data is read; nil: it waits
	writeErr error // what the writer gets; nil: it writes, or waits for room
	readBy   time.Time
	writeBy  time.Time
}

func newStream() *stream {
	s := &stream{}
	s.changed = sync.NewCond(&s.mu)
	return s
}

func (s *stream) update(change func(*stream)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(s)
	s.changed.Broadcast()
}

// closeReader ends the reading side; the writer gets err from now on.
func (s *stream) closeReader(err error) {
	s.data = nil
	s.readErr = net.ErrClosed
	if s.writeErr == nil {
		s.writeErr = err
	}
}

// closeWriter ends the writing side; the reader gets err after the data.
func (s *stream) closeWriter(err error) {
	s.writeErr = net.ErrClosed
	if s.readErr == nil {
		s.readErr = err
	}
}

func (s *stream) setDeadline(deadline *time.Time, t time.Time) {
	s.update(func(*stream) { *deadline = t })
	if !t.IsZero() {
		time.AfterFunc(time.Until(t), func() { s.update(func(*stream) {}) }) // whoever waits looks again
	}
}

func passed(deadline time.Time) bool {
	return !deadline.IsZero() && !time.Now().Before(deadline)
}

func (s *stream) read(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		switch {
		case passed(s.readBy):
			return 0, os.ErrDeadlineExceeded
		case len(s.data) > 0:
			n := copy(p, s.data)
			s.data = s.data[n:]
			s.changed.Broadcast()
			return n, nil
		case s.readErr != nil:
			return 0, s.readErr
		}
		s.changed.Wait()
	}
}

func (s *stream) write(p []byte) (n int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for n < len(p) {
		room := min(window-len(s.data), len(p)-n)
		switch {
		case passed(s.writeBy):
			return n, os.ErrDeadlineExceeded
		case s.writeErr != nil:
			return n, s.writeErr
		case room == 0:
			s.changed.Wait()
		default:
			s.data = append(s.data, p[n:n+room]...)
			n += room
			s.changed.Broadcast()
		}
	}
	return n, nil
}
