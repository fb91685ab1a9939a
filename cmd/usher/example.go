package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/usher-id/usher/examples/registration-go/emaildomain"
)

type exampleCommand struct {
	Listen        string `help:"Address to listen on." default:"127.0.0.1:3000"`
	UntilStdinEnd bool   `help:"End when standard input does: with the process that started this one." hidden:""`
}

// Run serves the example of examples/registration-go, which is linked in.
func (c *exampleCommand) Run(ctx context.Context, t terminal) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ln, err := new(net.ListenConfig).Listen(ctx, "tcp", c.Listen)
	if err != nil {
		return err
	}
	if c.UntilStdinEnd {
		go func() {
			discard(t.in)
			cancel()
		}()
	}
	return emaildomain.Serve(ctx, ln, emaildomain.GuideSecret, t.out)
}

// exampleService is the example as a process beside usher dev: a hook is always
// called over TCP, never as a function.
type exampleService struct {
	url     string
	process *exec.Cmd
	alive   io.Closer // its standard input, whose end is its own
}

func startExample(ctx context.Context, t terminal) (*exampleService, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	// Not bound to the context: the service must outlive the requests that are
	// drained.
	cmd := exec.Command(self, "hook", "example", "--listen", "127.0.0.1:0", "--until-stdin-end")
	cmd.Stderr = t.err
	detach(cmd)
	alive, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	e := &exampleService{process: cmd, alive: alive}
	line, err := firstLine(ctx, out)
	if err != nil {
		e.stop()
		return nil, err
	}
	_, e.url, _ = strings.Cut(strings.TrimSpace(line), "listening on ")
	go discard(out)
	return e, nil
}

func firstLine(ctx context.Context, r io.Reader) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	type read struct {
		line string
		err  error
	}
	done := make(chan read, 1)
	go func() {
		line, err := bufio.NewReader(r).ReadString('\n')
		done <- read{line, err}
	}()
	select {
	case r := <-done:
		return r.line, r.err
	case <-ctx.Done():
		return "", errors.New("it did not say where it listens")
	}
}

// stop ends the process and waits for it.
func (e *exampleService) stop() {
	_ = e.alive.Close()
	kill := time.AfterFunc(6*time.Second, func() { _ = e.process.Process.Kill() })
	defer kill.Stop()
	_ = e.process.Wait()
}

// discard drops what a stream says.
func discard(r io.Reader) { _, _ = io.Copy(io.Discard, r) }
