package run

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"
)

// patience is how long anything may take on a busy machine. Nothing is timed:
// this only ends a test that would wait for ever.
const patience = 60 * time.Second

// Process is a program that a test started.
type Process struct {
	name   string
	cmd    *exec.Cmd
	stdout *bufio.Reader
	log    buffer
	exited chan struct{}
	err    error // of Wait, once exited
}

// Start starts a program. It is killed with the test unless it ended before, and
// its standard error is shown when the test fails.
func Start(t testing.TB, cmd *exec.Cmd) *Process {
	t.Helper()
	p := &Process{name: strings.Join(cmd.Args, " "), cmd: cmd, exited: make(chan struct{})}
	if cmd.Env == nil {
		cmd.Env = Environment()
	}
	cmd.Stderr = &p.log
	read, write, err := os.Pipe() // not StdoutPipe, which Wait closes under a reader
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout = write
	err = cmd.Start()
	_ = write.Close()
	if err != nil {
		t.Fatalf("%s: %v", p.name, err)
	}
	p.stdout = bufio.NewReader(read)
	go func() {
		p.err = cmd.Wait()
		close(p.exited)
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-p.exited
		_ = read.Close()
		if t.Failed() {
			t.Logf("%s\n%s", p.name, p.Log())
		}
	})
	return p
}

// Log is what the program has written to standard error.
func (p *Process) Log() string { return p.log.String() }

// Line reads the next line of standard output.
func (p *Process) Line(t testing.TB) string {
	t.Helper()
	type read struct {
		line string
		err  error
	}
	done := make(chan read, 1)
	go func() {
		line, err := p.stdout.ReadString('\n')
		done <- read{line, err}
	}()
	select {
	case r := <-done:
		if r.err != nil {
			t.Fatalf("%s: no line of output: %v\n%s", p.name, r.err, p.Log())
		}
		return strings.TrimSuffix(r.line, "\n")
	case <-time.After(patience):
		t.Fatalf("%s: no line of output within %s\n%s", p.name, patience, p.Log())
	}
	return ""
}

// Rest reads what is left of standard output until the program ends.
func (p *Process) Rest(t testing.TB) string {
	t.Helper()
	text, err := io.ReadAll(p.stdout)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// Interrupt is Ctrl-C.
func (p *Process) Interrupt(t testing.TB) {
	t.Helper()
	if err := p.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatalf("interrupt %s: %v", p.name, err)
	}
}

// Kill ends the program as a crash would.
func (p *Process) Kill(t testing.TB) {
	t.Helper()
	if err := p.cmd.Process.Kill(); err != nil {
		t.Fatalf("kill %s: %v", p.name, err)
	}
}

// Ended waits for the end and gives the exit code.
func (p *Process) Ended(t testing.TB) int {
	t.Helper()
	select {
	case <-p.exited:
	case <-time.After(patience):
		t.Fatalf("%s: does not end within %s", p.name, patience)
	}
	var exit *exec.ExitError
	if p.err != nil && !errors.As(p.err, &exit) {
		t.Fatalf("%s: %v", p.name, p.err)
	}
	return p.cmd.ProcessState.ExitCode()
}

// Stop is Ctrl-C and a wait for an end that is well.
func (p *Process) Stop(t testing.TB) {
	t.Helper()
	p.Interrupt(t)
	if code := p.Ended(t); code != 0 {
		t.Errorf("%s: interrupted, it ends with code %d\n%s", p.name, code, p.Log())
	}
}

// Output runs a program to its end.
func Output(t testing.TB, cmd *exec.Cmd) (stdout, stderr string, code int) {
	t.Helper()
	p := Start(t, cmd)
	stdout = p.Rest(t)
	code = p.Ended(t)
	return stdout, p.Log(), code
}

// buffer may be read while a process writes.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}
