package hookcall

import (
	"errors"
	"net"
	"sync"
)

// errUnasked ends a connection on which bytes came that belong to no request.
var errUnasked = errors.New("the service sent something before it was asked")

// conn is a connection (above TLS) that keeps the answers to two requests apart.
//
//	 begin: wait until net/http's reader waits for bytes, so none is left over
//	   │    from the answer before, or has closed the connection for finding some
//	silent ── bytes come ──► errUnasked, and nothing is written any more
//	   │ first write
//	asked ─── bytes come ──► the answer
type conn struct {
	net.Conn

	mu      sync.Mutex
	changed sync.Cond
	reading bool // a Read waits, so nothing is buffered above
	closed  bool
	silent  bool // no byte of the present request was written yet
	spoilt  bool // something came while silent
	written bool // a byte of the present request went out
	ended   bool // a Read failed, as it does at the end of the connection
}

func newConn(raw net.Conn) *conn {
	c := &conn{Conn: raw, silent: true}
	c.changed.L = &c.mu
	return c
}

// begin is called when the connection is chosen for a request. net/http's reader
// is then on its way to the next Read or to Close, so this waits for nothing
// outside the process.
func (c *conn) begin() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for !c.reading && !c.closed {
		c.changed.Wait()
	}
	c.silent, c.written = true, false
}

// sent tells whether any of the present request may have reached the service.
func (c *conn) sent() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.written
}

// over tells whether the connection ended before the answer did. net/http says
// so of some answers only; of others, that what arrived is malformed.
func (c *conn) over() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ended
}

func (c *conn) Read(p []byte) (int, error) {
	c.mu.Lock()
	c.reading = true
	c.changed.Broadcast()
	c.mu.Unlock()

	n, err := c.Conn.Read(p)

	c.mu.Lock()
	defer c.mu.Unlock()
	c.reading = false
	if c.spoilt || n > 0 && c.silent {
		c.spoilt = true
		return 0, errUnasked
	}
	c.ended = err != nil
	return n, err
}

func (c *conn) Write(p []byte) (int, error) {
	c.mu.Lock()
	if c.spoilt {
		c.mu.Unlock()
		return 0, errUnasked
	}
	c.silent = false
	c.mu.Unlock()

	n, err := c.Conn.Write(p)
	if n > 0 {
		c.mu.Lock()
		c.written = true
		c.mu.Unlock()
	}
	return n, err
}

func (c *conn) Close() error {
	c.mu.Lock()
	c.closed = true
	c.changed.Broadcast()
	c.mu.Unlock()
	return c.Conn.Close()
}
