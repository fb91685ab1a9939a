package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// patience is how long a client waits for an answer.
const patience = 30 * time.Second

// client is one person's connection. It writes HTTP/1.1 by hand, because the
// generator has the same cores as what it measures, and what it needs itself
// would hide differences.
type client struct {
	host string
	// authorization is a header of every request, "" for none.
	authorization string

	conn net.Conn
	in   *bufio.Reader
	out  []byte
}

func newClient(baseURL string) *client {
	return &client{host: strings.TrimPrefix(baseURL, "http://")}
}

// answer is what a client looks at.
type answer struct {
	status   int
	location string
	cookies  []*http.Cookie
	body     []byte
}

// get asks for a page.
func (c *client) get(path string) (*answer, error) {
	return c.do(http.MethodGet, path, "", "")
}

// post sends a form as the browser does that shows it.
func (c *client) post(path, cookie, form string) (*answer, error) {
	return c.do(http.MethodPost, path, cookie, form)
}

func (c *client) do(method, path, cookie, form string) (*answer, error) {
	if c.conn == nil {
		conn, err := net.Dial("tcp", c.host)
		if err != nil {
			return nil, err
		}
		c.conn, c.in = conn, bufio.NewReader(conn)
	}
	a, keep, err := c.exchange(method, path, cookie, form)
	if err != nil || !keep {
		c.close()
	}
	return a, err
}

func (c *client) exchange(method, path, cookie, form string) (a *answer, keep bool, err error) {
	out := fmt.Appendf(c.out[:0], "%s %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: Mozilla/5.0 (bench)\r\nAccept: text/html\r\nSec-Fetch-Site: same-origin\r\n", method, path, c.host)
	if cookie != "" {
		out = fmt.Appendf(out, "Cookie: %s\r\n", cookie)
	}
	if c.authorization != "" {
		out = fmt.Appendf(out, "Authorization: %s\r\n", c.authorization)
	}
	if method == http.MethodPost {
		out = fmt.Appendf(out, "Origin: http://%s\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n", c.host, len(form))
	}
	c.out = append(append(out, "\r\n"...), form...)

	if err := c.conn.SetDeadline(time.Now().Add(patience)); err != nil {
		return nil, false, err
	}
	if _, err := c.conn.Write(c.out); err != nil {
		return nil, false, err
	}
	response, err := http.ReadResponse(c.in, &http.Request{Method: method})
	if err != nil {
		return nil, false, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, false, err
	}
	return &answer{response.StatusCode, response.Header.Get("Location"), response.Cookies(), body}, !response.Close, nil
}

func (c *client) close() {
	if c.conn != nil {
		_ = c.conn.Close()
		c.conn = nil
	}
}

// errEnough ends a client before its window does.
var errEnough = errors.New("enough")

// window is what clients saw in a stretch of time.
type window struct {
	took      time.Duration
	latencies []time.Duration // sorted, of answers that were right
	failures  int
	failure   error // the first one
}

// rate is right answers a second.
func (w *window) rate() float64 { return float64(len(w.latencies)) / w.took.Seconds() }

// drive lets n clients do a job over and over, each the next one when it has
// the answer: a closed loop. It ends after d and when jobs say errEnough; what
// is under way then still counts, and so does the time that it takes.
func drive(ctx context.Context, baseURL string, n int, d time.Duration, job func(*client) error) *window {
	var (
		mu  sync.Mutex
		all window
		wg  sync.WaitGroup
	)
	begin := time.Now()
	end := begin.Add(d)
	for range n {
		wg.Go(func() {
			own := loop(ctx, newClient(baseURL), end, job)
			mu.Lock()
			defer mu.Unlock()
			all.latencies = append(all.latencies, own.latencies...)
			all.failures += own.failures
			if all.failure == nil {
				all.failure = own.failure
			}
		})
	}
	wg.Wait()
	all.took = time.Since(begin)
	slices.Sort(all.latencies)
	return &all
}

func loop(ctx context.Context, c *client, end time.Time, job func(*client) error) (own window) {
	defer c.close()
	for ctx.Err() == nil {
		begin := time.Now()
		if !begin.Before(end) {
			break
		}
		err := job(c)
		if errors.Is(err, errEnough) {
			break
		}
		if err != nil {
			own.failures++
			if own.failure == nil {
				own.failure = err
			}
			if own.failures > 20 {
				break // it will not get better, and asking faster helps nobody
			}
			continue
		}
		own.latencies = append(own.latencies, time.Since(begin))
	}
	return own
}
