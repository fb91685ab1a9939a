package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// What this binary is when it starts itself again.
const (
	roleFloor = "floor"
	roleHook  = "hook"
)

// startLimit is how long a server may take until it is ready.
const startLimit = 30 * time.Second

// process is a server that was started, and will be killed.
type process struct {
	name string
	url  string // http://127.0.0.1:port
	pid  int
	log  string        // file of what it prints
	gone chan struct{} // closed when it has ended
	kill context.CancelFunc
}

// command is a program without the settings of whoever runs this: USHER_
// variables would change what is measured.
func command(ctx context.Context, program string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, program, args...)
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "USHER_") {
			cmd.Env = append(cmd.Env, v)
		}
	}
	return cmd
}

// start starts a server and waits until it says that it is ready. What it prints
// goes to a file, as in production, and not through the generator.
func (b *bench) start(ctx context.Context, name, program string, args ...string) (*process, error) {
	output, err := os.CreateTemp(b.dir, name+".*.log")
	if err != nil {
		return nil, err
	}
	defer output.Close() //nolint:errcheck // the process has its own descriptor
	ctx, kill := context.WithCancel(ctx)
	cmd := command(ctx, program, args...)
	cmd.Stdout, cmd.Stderr = output, output
	if err := cmd.Start(); err != nil {
		kill()
		return nil, err
	}
	p := &process{name: name, pid: cmd.Process.Pid, log: output.Name(), gone: make(chan struct{}), kill: kill}
	go func() {
		_ = cmd.Wait() // it ends by being killed
		close(p.gone)
	}()
	if err := p.waitReady(ctx); err != nil {
		p.stop()
		return nil, err
	}
	return p, nil
}

// self starts this binary in another role.
func (b *bench) self(ctx context.Context, role string, args ...string) (*process, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return b.start(ctx, role, program, append([]string{role}, args...)...)
}

func (p *process) stop() {
	p.kill()
	<-p.gone
}

func (p *process) waitReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	for {
		if p.url = p.readyURL(); p.url != "" {
			return nil
		}
		select {
		case <-look.C:
		case <-p.gone:
			return fmt.Errorf("%s ended before it was ready:\n%s", p.name, p.tail())
		case <-ctx.Done():
			return fmt.Errorf("%s is not ready: %w\n%s", p.name, ctx.Err(), p.tail())
		}
	}
}

// readyURL finds the line that each of the servers logs when it is ready.
func (p *process) readyURL() string {
	text, err := os.ReadFile(p.log)
	if err != nil {
		return ""
	}
	for line := range bytes.Lines(text) {
		var entry struct{ Msg, URL string }
		if json.Unmarshal(line, &entry) == nil && strings.HasSuffix(entry.Msg, " is ready") {
			return entry.URL
		}
	}
	return ""
}

// tail is the end of what a server printed.
func (p *process) tail() string {
	text, err := os.ReadFile(p.log)
	if err != nil {
		return err.Error()
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	return strings.Join(lines[max(0, len(lines)-10):], "\n")
}

// serve is the life of floor and hook service: any free port, one line when
// ready, and the end with the context.
func serve(ctx context.Context, name string, handler http.Handler) error {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	slog.New(slog.NewJSONHandler(os.Stdout, nil)).Info(name+" is ready", "url", "http://"+ln.Addr().String()) //nolint:sloglint // its name is a constant
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 5 * time.Second}
	stop := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stop()
	if err := server.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// newDatabase gives a fresh one, and what removes it.
func (b *bench) newDatabase(ctx context.Context, kind string) (url string, drop func(), err error) {
	if kind == postgres {
		return b.postgres.create(ctx)
	}
	dir, err := os.MkdirTemp(b.dir, "sqlite.")
	if err != nil {
		return "", nil, err
	}
	return "sqlite:" + filepath.Join(dir, "bench.db"), func() { _ = os.RemoveAll(dir) }, nil
}
