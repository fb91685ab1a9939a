package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"sync"
)

// Writers on SQLite share commits, since what a commit waits for is the disk.
// Whoever finds nobody writing begins a transaction. When its closure is through,
// it gives the turn to whoever came meanwhile, and so on; the last one commits,
// and all of them have waited for that:
//
//	first    BEGIN ─ closure ─┐
//	second   waits ───────────┴─ SAVEPOINT ─ closure ─ RELEASE ─┐
//	third    waits ─────────────────────────────────────────────┴─ … COMMIT ─► all return
//
// Nobody waits for company: alone, a writer commits at once and has no savepoint.
// Each closure runs on the goroutine of its caller, so that a panic is its own.
//
// A closure that fails is rolled back to its savepoint, and its caller hears of
// that after the commit as well: the login that was taken may be a neighbour's,
// and whoever looks for it then has to find it. For the same reason a commit that
// fails is the error of all.

// MaxGroup bounds how long the first of a group waits for the last.
const MaxGroup = 64

const (
	savepoint = "SAVEPOINT writer"
	release   = "RELEASE writer"
)

var (
	// errGroupLost is why a writer runs again whose group was rolled back for
	// another's error: SQLite does that by itself when a disk is full.
	errGroupLost = errors.New("sqldb: the group was rolled back")
	// ErrNotCommitted is of nobody's making, and later it may work.
	ErrNotCommitted = errors.New("sqldb: the commit failed")
)

// line is the queue of those who want to write.
type line struct {
	mu      sync.Mutex
	taken   bool // somebody has the turn
	waiting []*writer
}

// writer is one that waits.
type writer struct {
	mode Mode
	turn chan *group // has room for the group to join; nil is a new one
}

// wait waits for the turn to write, and gives the group to join, or nil.
func (l *line) wait(ctx context.Context, m Mode) (*group, error) {
	l.mu.Lock()
	if !l.taken {
		l.taken = true
		l.mu.Unlock()
		return nil, nil
	}
	w := &writer{mode: m, turn: make(chan *group, 1)}
	l.waiting = append(l.waiting, w)
	l.mu.Unlock()

	ctx, cancel := context.WithTimeout(ctx, Patience)
	defer cancel()
	select {
	case g := <-w.turn:
		return g, nil
	case <-ctx.Done():
		if l.leave(w) {
			return nil, ctx.Err()
		}
		return <-w.turn, nil // it came at that moment
	}
}

func (l *line) leave(w *writer) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	i := slices.Index(l.waiting, w)
	if i < 0 {
		return false
	}
	l.waiting = slices.Delete(l.waiting, i, i+1)
	return true
}

// pass gives the turn to the next writer of a group, if there is one.
func (l *line) pass(g *group) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.waiting) == 0 || g.size == MaxGroup || !g.durable && l.waiting[0].mode != UpdateSoon {
		return false
	}
	g.size++
	l.shift().turn <- g
	return true
}

// end gives the turn to whoever begins the next group.
func (l *line) end() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.waiting) == 0 {
		l.taken = false
		return
	}
	l.shift().turn <- nil
}

func (l *line) shift() *writer {
	w := l.waiting[0]
	l.waiting = slices.Delete(l.waiting, 0, 1)
	return w
}

// wantsDisk tells whether a group that begins now would have to wait for the disk
// for somebody who is waiting already.
func (l *line) wantsDisk() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	soon := l.waiting[:min(len(l.waiting), MaxGroup-1)]
	return slices.ContainsFunc(soon, func(w *writer) bool { return w.mode != UpdateSoon })
}

// Waiting is how many writers wait for their turn.
func (e *sqliteEngine) Waiting() int {
	e.line.mu.Lock()
	defer e.line.mu.Unlock()
	return len(e.line.waiting)
}

// group is the writers that share a transaction and its commit.
type group struct {
	sqliteTx
	line    *line
	durable bool // its commit waits for the disk
	size    int  // how many writers had the turn
	// over is closed when nothing more can happen to what the writers wrote; err,
	// written before, is why it is lost.
	over chan struct{}
	err  error
}

// join waits for the turn to write and begins a group, or joins one.
func (e *sqliteEngine) join(ctx context.Context, m Mode) (Transaction, error) {
	g, err := e.line.wait(ctx, m)
	if err != nil {
		return nil, err
	}
	if g == nil {
		if g, err = e.group(ctx, m); err != nil {
			e.line.end()
			return nil, err
		}
		return &member{group: g, first: true}, nil
	}
	if err = ctx.Err(); err == nil {
		_, err = g.Exec(context.WithoutCancel(ctx), []Statement{{Text: savepoint}})
	}
	if err != nil {
		g.pass()
		return nil, err
	}
	return &member{group: g}, nil
}

// group begins a transaction for those who come. It waits for the disk unless
// nobody asks for that.
func (e *sqliteEngine) group(ctx context.Context, m Mode) (*group, error) {
	conn, err := connection(ctx, e.writer)
	if err != nil {
		return nil, err
	}
	g := &group{line: &e.line, durable: m != UpdateSoon || e.line.wantsDisk(), size: 1, over: make(chan struct{})}
	var t *sql.Tx
	if err = e.waitForDisk(ctx, conn, g.durable); err == nil {
		t, err = start(ctx, conn, nil)
	}
	if err != nil {
		_ = conn.Close()
		return nil, err
	}
	g.sqliteTx = sqliteTx{conn: conn, tx: t, statements: e.statements[e.writer]}
	return g, nil
}

// pass gives the turn to the next one, or commits.
func (g *group) pass() {
	if g.line.pass(g) {
		return
	}
	err := g.Commit(context.Background(), nil)
	if err != nil {
		err = fmt.Errorf("%w: %w", ErrNotCommitted, err)
	}
	g.end(err)
}

// end answers everybody who wrote, and lets the next group begin.
func (g *group) end(err error) {
	g.err = err
	close(g.over)
	g.line.end()
}

// member is the part that one writer has of a group.
type member struct {
	*group
	first bool // has no savepoint: before it there is nothing to go back to
	ended bool
}

// query is not bound to the context while it runs, and exec neither: SQLite rolls
// back the whole transaction, with the neighbours' part, when a statement that
// writes is interrupted.
func (m *member) Query(ctx context.Context, s Statement) (*sql.Rows, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return m.group.Query(context.WithoutCancel(ctx), s)
}

func (m *member) Exec(ctx context.Context, list []Statement) ([]int64, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return m.group.Exec(context.WithoutCancel(ctx), list)
}

func (m *member) Commit(ctx context.Context, last []Statement) error {
	if _, err := m.Exec(ctx, last); err != nil {
		return err
	}
	m.ended = true
	if !m.first {
		if _, err := m.group.Exec(context.Background(), []Statement{{Text: release}}); err != nil {
			m.lose(err)
			return m.err
		}
	}
	m.pass()
	<-m.over
	return m.err
}

func (m *member) Rollback() error {
	switch {
	case m.ended:
		return nil
	case m.first:
		m.ended = true
		m.end(m.sqliteTx.Rollback())
		return nil
	}
	m.ended = true
	if _, err := m.tx.ExecContext(context.Background(), "ROLLBACK TO writer; RELEASE writer"); err != nil {
		m.lose(err)
		return nil // its own error says why
	}
	m.pass()
	<-m.over
	return m.err
}

// lose gives up the whole group.
func (m *member) lose(err error) {
	_ = m.sqliteTx.Rollback()
	m.end(fmt.Errorf("%w: %w", errGroupLost, err))
}
