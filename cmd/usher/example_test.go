package main

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// executable is usher as a process: the executable of this test.
func executable(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, args...)
	cmd.Env = append(os.Environ(), "TMPDIR="+t.TempDir())
	return cmd
}

// firstLineOf starts a process and reads its first line. What it and its
// children write to standard error can be read to the end, which comes when the
// last of them has ended.
func firstLineOf(t *testing.T, cmd *exec.Cmd) (line string, stderr io.Reader) {
	t.Helper()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = write
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_ = write.Close()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		_ = read.Close()
	})
	line, err = bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("no line of output: %v", err)
	}
	if err := read.SetReadDeadline(time.Now().Add(60 * time.Second)); err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(line), read
}

// A crash of the trial must not leave its service behind, which would hold the
// port and the terminal.
func TestKilledTrialLeavesNoExample(t *testing.T) {
	t.Parallel()
	trial := executable(t, "dev", "--json", "--listen", "127.0.0.1:0")
	line, stderr := firstLineOf(t, trial)
	var r ready
	if err := json.Unmarshal([]byte(line), &r); err != nil {
		t.Fatalf("%q: %v", line, err)
	}
	if !listens(hostOf(t, r.HookURL)) {
		t.Fatal("the example does not listen")
	}
	if err := trial.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(stderr); err != nil {
		t.Fatalf("somebody still has the terminal: %v", err)
	}
	if listens(hostOf(t, r.HookURL)) {
		t.Error("the example listens")
	}
}

func TestExampleEndsWithItsStarter(t *testing.T) {
	t.Parallel()
	example := executable(t, "hook", "example", "--listen", "127.0.0.1:0", "--until-stdin-end")
	alive, err := example.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	line, stderr := firstLineOf(t, example)
	address := strings.TrimPrefix(line, "listening on ")
	if !listens(hostOf(t, address)) {
		t.Fatalf("it says %q", line)
	}
	_ = alive.Close()
	if text, err := io.ReadAll(stderr); err != nil || len(text) > 0 {
		t.Errorf("it ends with %q, %v", text, err)
	}
	if err := example.Wait(); err != nil {
		t.Error(err)
	}
}

// The same service, started by hand, stays without a terminal.
func TestExampleByItself(t *testing.T) {
	t.Parallel()
	c := start(t, "hook", "example", "--listen", "127.0.0.1:0")
	text := c.out.waitFor(t, "\n", 1)
	address := strings.TrimPrefix(strings.TrimSpace(text), "listening on ")
	_ = c.keys.Close()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{DisableKeepAlives: true}
	response, err := (&http.Client{Transport: transport}).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusUnauthorized {
		t.Errorf("without the secret: %s", response.Status)
	}
	if err := c.stop(); err != nil {
		t.Error(err)
	}
	if _, err := output(t, "hook", "example", "--listen", "nowhere"); err == nil {
		t.Error("it listens nowhere")
	}
}

func TestFirstLine(t *testing.T) {
	t.Parallel()
	if line, err := firstLine(t.Context(), strings.NewReader("listening on x\nmore\n")); err != nil || line != "listening on x\n" {
		t.Errorf("%q, %v", line, err)
	}
	if _, err := firstLine(t.Context(), strings.NewReader("")); err == nil {
		t.Error("a process that ends has said where it listens")
	}
}
