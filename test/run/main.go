package run

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// Root is the folder of the repository, seen from a package of this module.
const Root = "../.."

// binaryVariable names the usher to test. Main sets it when nobody else did: a
// release can be tested as it is.
const binaryVariable = "USHER_TEST_BINARY"

// Main builds usher, runs the tests of a package and removes what was built. It
// is the TestMain of every package that starts usher.
func Main(m *testing.M) {
	code, err := withBinary(m.Run)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func withBinary(tests func() int) (code int, err error) {
	if os.Getenv(binaryVariable) != "" {
		return tests(), nil
	}
	dir, err := os.MkdirTemp("", "usher-binary-")
	if err != nil {
		return 0, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	binary := filepath.Join(dir, "usher"+suffix())
	if err := build(binary, "./cmd/usher"); err != nil {
		return 0, err
	}
	if err := os.Setenv(binaryVariable, binary); err != nil {
		return 0, err
	}
	return tests(), nil
}

// Build builds another program of the repository, for as long as a test runs.
func Build(t testing.TB, pkg string) (binary string) {
	t.Helper()
	binary = filepath.Join(t.TempDir(), filepath.Base(pkg)+suffix())
	if err := build(binary, pkg); err != nil {
		t.Fatal(err)
	}
	return binary
}

func build(binary, pkg string) error {
	cmd := exec.Command("go", "build", "-o", binary, pkg)
	cmd.Dir = Root
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("go build %s: %w\n%s", pkg, err, out)
	}
	return nil
}

func suffix() string {
	if runtime.GOOS == "windows" {
		return ".exe"
	}
	return ""
}

// Binary is the usher that Main built.
func Binary(t testing.TB) string {
	t.Helper()
	return need(t, binaryVariable, "the TestMain of this package has to be run.Main")
}

// Node is the program that runs JavaScript.
func Node(t testing.TB) string {
	t.Helper()
	return program(t, "USHER_NODE", "node", "nodejs")
}

// Chromium is the browser.
func Chromium(t testing.TB) string {
	t.Helper()
	return program(t, "USHER_CHROMIUM", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
}

// program finds what `make check` names by a variable, and what a developer who
// runs one test has in PATH.
func program(t testing.TB, variable string, names ...string) string {
	t.Helper()
	for _, name := range names {
		if path, err := exec.LookPath(name); os.Getenv(variable) == "" && err == nil {
			return path
		}
	}
	return need(t, variable, "it names the program, which make check finds or installs")
}

func need(t testing.TB, variable, hint string) string {
	t.Helper()
	value := os.Getenv(variable)
	if value == "" {
		t.Fatalf("%s is not set: %s", variable, hint)
	}
	return value
}

// Environment is that of the tests, without what would configure usher.
func Environment() []string {
	var list []string
	for _, pair := range os.Environ() {
		if !strings.HasPrefix(pair, "USHER_") {
			list = append(list, pair)
		}
	}
	return list
}

// Eventually waits until a condition holds that nothing tells of.
func Eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	deadline := time.After(patience)
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for !holds() {
		select {
		case <-ticker.C:
		case <-deadline:
			t.Fatalf("not within %s: %s", patience, what)
		}
	}
}
