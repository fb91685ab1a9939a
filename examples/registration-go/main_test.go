package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/usher-id/usher/examples/registration-go/emaildomain"
	"github.com/usher-id/usher/hook/hooktest"
)

// The example as people run it: a process of its own that listens, answers, and
// ends well when it is interrupted.
func TestProcess(t *testing.T) {
	t.Parallel()
	program := filepath.Join(t.TempDir(), "registration-go")
	if runtime.GOOS == "windows" {
		program += ".exe"
	}
	if out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	cmd := exec.Command(program)
	cmd.Env = append(os.Environ(), "PORT=0", "HOOK_SECRET=s3cret")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	lines := bufio.NewReader(stdout)
	line, err := lines.ReadString('\n')
	if err != nil {
		t.Fatalf("%v\n%s", err, &stderr)
	}
	url, ok := strings.CutPrefix(strings.TrimSpace(line), "listening on ")
	if !ok {
		t.Fatalf("it says %q", line)
	}

	service := hooktest.URL(&http.Client{}, url).With("authorization", "s3cret")
	service.Register(t, hooktest.Person{"email": "ann@example.com"}).Allowed()
	service.Register(t, hooktest.Person{"email": "eve@other.org"}).
		DeniedAt("email", "Only example.com emails can register.")
	service.Update(t, hooktest.Person{"employeeNumber": "12"}).
		DeniedAt("employeeNumber", "Only employee numbers with 4 digits can register.")
	e, err := service.With("authorization", emaildomain.GuideSecret).Send(t.Context(), hooktest.Requests()[0])
	if err != nil || e.Status != http.StatusUnauthorized {
		t.Errorf("with the guide's secret: %v, %v, want 401", e, err)
	}

	if runtime.GOOS == "windows" { // which cannot interrupt a process
		return
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, lines); err != nil { // until it closes its output
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil || stderr.Len() > 0 {
		t.Errorf("it ends with %v: %s", err, &stderr)
	}
}

func TestRun(t *testing.T) {
	t.Parallel()
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	none := func(string) string { return "" }
	var out strings.Builder
	if err := run(canceled, []string{"-listen", "127.0.0.1:0"}, none, &out); err != nil {
		t.Errorf("interrupted at once: %v", err)
	}
	if !strings.HasPrefix(out.String(), "listening on http://127.0.0.1:") || !strings.HasSuffix(out.String(), "/registrationHook\n") {
		t.Errorf("it says %q", out.String())
	}
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	if err := run(canceled, []string{"-listen", taken.Addr().String()}, none, io.Discard); err == nil {
		t.Error("it listens where another does")
	}
}
