package cli

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/usher-id/usher/test/run"
)

func TestMain(m *testing.M) { run.Main(m) }

func TestScripts(t *testing.T) {
	t.Parallel()
	binary := run.Binary(t)
	testscript.Run(t, testscript.Params{
		Dir:                "testdata",
		RequireUniqueNames: true,
		Setup: func(e *testscript.Env) error {
			bin := filepath.Join(e.WorkDir, ".bin")
			if err := os.Mkdir(bin, 0o755); err != nil {
				return err
			}
			e.Setenv("PATH", bin+string(os.PathListSeparator)+e.Getenv("PATH"))
			return os.Symlink(binary, filepath.Join(bin, "usher"))
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"first-token": func(ts *testscript.TestScript, _ bool, args []string) { firstToken(ts, args[0]) },
			"example":     func(ts *testscript.TestScript, _ bool, _ []string) { ts.Setenv("HOOK", example(t)) },
			"service":     func(ts *testscript.TestScript, _ bool, args []string) { service(t, ts, args) },
			"until-ready": func(ts *testscript.TestScript, _ bool, args []string) { untilReady(t, ts, args) },
		},
	})
}

// firstToken keeps the id of the first token of the list that was printed last.
func firstToken(ts *testscript.TestScript, variable string) {
	_, list, _ := strings.Cut(ts.ReadFile("stdout"), "\n")
	id, _, _ := strings.Cut(list, " ")
	ts.Setenv(variable, id)
}

// example starts the example and gives its URL.
func example(t *testing.T) string {
	t.Helper()
	p := run.Start(t, exec.Command(run.Binary(t), "hook", "example", "--listen", "127.0.0.1:0"))
	return strings.TrimPrefix(p.Line(t), "listening on ")
}

func service(t *testing.T, ts *testscript.TestScript, args []string) {
	s := run.NewService(t)
	status, err := strconv.Atoi(args[0])
	ts.Check(err)
	s.Answer(run.Answer{Status: status, Body: strings.Join(args[1:], " ")})
	ts.Setenv("HOOK", s.URL)
}

func untilReady(t *testing.T, ts *testscript.TestScript, args []string) {
	cmd := exec.Command(run.Binary(t), args[1:]...)
	if args[0] != "usher" {
		ts.Fatalf("until-ready runs usher")
	}
	cmd.Dir = ts.MkAbs(".")
	cmd.Env = append(run.Environment(), "TMPDIR="+ts.Getenv("TMPDIR"), "HOOK_SECRET="+ts.Getenv("HOOK_SECRET"))
	p := run.Start(t, cmd)
	out := p.Line(t) + "\n"
	p.Interrupt(t)
	out += p.Rest(t)
	if code := p.Ended(t); code != 0 {
		ts.Fatalf("%s: code %d\n%s%s", cmd, code, out, p.Log())
	}
	_, err := ts.Stdout().Write([]byte(out))
	ts.Check(err)
	_, err = ts.Stderr().Write([]byte(p.Log()))
	ts.Check(err)
}
