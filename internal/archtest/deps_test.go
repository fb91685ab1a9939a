package archtest

import (
	"flag"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write deps.txt anew")

const (
	depsFile   = "../../deps.txt"
	depsHeader = "# The modules that the usher binary links, on any system that it is built for.\n" +
		"# Written by: go test ./internal/archtest -update\n"
)

// TestDeps makes every new module, and every new version of one, a line that a
// reviewer sees.
func TestDeps(t *testing.T) {
	want := depsHeader + linked(t)
	if *update {
		if err := os.WriteFile(depsFile, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(depsFile)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range difference(want, string(got)) {
		t.Errorf("deps.txt lacks %s", strings.TrimSpace(line))
	}
	for _, line := range difference(string(got), want) {
		t.Errorf("deps.txt has %s, which is not linked", strings.TrimSpace(line))
	}
	if t.Failed() {
		t.Log("after reading what changed: go test ./internal/archtest -update")
	}
}

// linked lists "module version" lines of every command.
func linked(t *testing.T) string {
	t.Helper()
	commands, err := filepath.Glob("../../cmd/*")
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, command := range commands {
		// Systems link different modules, and `make dist` builds for these.
		for _, system := range []string{"linux", "darwin", "windows"} {
			list := exec.Command("go", "list", "-deps", "-f", "{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}}{{end}}{{end}}", ".")
			list.Dir = command
			list.Env = append(os.Environ(), "GOOS="+system, "GOARCH=amd64", "CGO_ENABLED=0")
			var problem strings.Builder
			list.Stderr = &problem
			out, err := list.Output()
			if err != nil {
				t.Fatalf("go list for %s: %v\n%s", system, err, &problem)
			}
			for line := range strings.Lines(string(out)) {
				if strings.TrimSpace(line) != "" {
					found[line] = true
				}
			}
		}
	}
	return strings.Join(slices.Sorted(maps.Keys(found)), "")
}

// difference gives the lines of a that b does not have.
func difference(a, b string) []string {
	has := map[string]bool{}
	for line := range strings.Lines(b) {
		has[line] = true
	}
	return slices.DeleteFunc(slices.Collect(strings.Lines(a)), func(line string) bool { return has[line] })
}

func TestDifference(t *testing.T) {
	got := difference("a v1\nb v1\nc v1\n", "a v1\nb v2\n")
	if want := []string{"b v1\n", "c v1\n"}; !slices.Equal(got, want) {
		t.Errorf("difference = %q, want %q", got, want)
	}
	if got := difference("a\n", "a\n"); len(got) != 0 {
		t.Errorf("difference of equal texts = %q", got)
	}
}
