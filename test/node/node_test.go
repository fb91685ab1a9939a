package node

import (
	"net/http"
	"net/url"
	"os/exec"
	"strings"
	"testing"

	"github.com/usher-id/usher/test/run"
)

func TestMain(m *testing.M) { run.Main(m) }

const secret = "Basic bm9kZTp0ZXN0LXNlY3JldA=="

// The examples decide alike, so that one table is true of both.
func TestExamples(t *testing.T) {
	t.Parallel()
	for name, command := range map[string]func(t *testing.T) *exec.Cmd{
		"node": func(t *testing.T) *exec.Cmd {
			cmd := exec.Command(run.Node(t), "examples/registration-node/server.mjs")
			cmd.Dir = run.Root
			return cmd
		},
		"go": func(t *testing.T) *exec.Cmd {
			return exec.Command(run.Build(t, "./examples/registration-go"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cmd := command(t)
			cmd.Env = append(run.Environment(), "PORT=0", "HOOK_SECRET="+secret)
			example := run.Start(t, cmd)
			line := example.Line(t)
			hookURL, ok := strings.CutPrefix(line, "listening on ")
			if !ok {
				t.Fatalf("it says %q", line)
			}
			t.Run("sign-up", func(t *testing.T) { signUp(t, hookURL) })
			t.Run("check", func(t *testing.T) { check(t, hookURL) })
			example.Stop(t)
		})
	}
}

func signUp(t *testing.T, hookURL string) {
	server := run.Dev(t, run.Options{Hook: hookURL, Args: []string{"--hook-auth", "authorization: " + secret}})
	v := run.NewVisitor(t, server.URL)
	if r, err := v.Get(t.Context(), "/signup"); err != nil || r.Status != http.StatusOK {
		t.Fatalf("the form: %d, %v", r.Status, err)
	}
	form := url.Values{"firstName": {"Ada"}, "lastName": {"Lovelace"}, "password": {"correct horse 47 battery"}}
	form.Set("email", "ada@other.org")
	r, err := v.Post(t.Context(), "/signup", form)
	if err != nil || r.Status != http.StatusUnprocessableEntity || !strings.Contains(r.Body, "Only example.com emails can register.") {
		t.Errorf("another domain: %d, %v\n%s", r.Status, err, r.Body)
	}
	form.Set("email", "ada@example.com")
	if r, err = v.Post(t.Context(), "/signup", form); err != nil || r.Status != http.StatusSeeOther {
		t.Errorf("the domain: %d, %v\n%s", r.Status, err, r.Body)
	}
	events := server.Events(t)
	if events["user.lifecycle.create"] != 1 || events["inline_hook.response.processed"] != 2 {
		t.Errorf("events: %v, want one user and two answers", events)
	}
	server.Stop(t)
}

func check(t *testing.T, hookURL string) {
	out, log, code := run.Output(t, exec.Command(run.Binary(t), "hook", "check", hookURL, "--hook-auth", "authorization: "+secret))
	if code != 0 || !strings.Contains(out, " good\n") || !strings.Contains(out, "wrong-secret") {
		t.Errorf("usher hook check: code %d\n%s%s", code, out, log)
	}
	// With the wrong secret nothing can be used, and the exit code says so.
	out, _, code = run.Output(t, exec.Command(run.Binary(t), "hook", "check", hookURL, "--hook-auth", "authorization: no"))
	if code != 1 {
		t.Errorf("with a wrong secret: code %d, want 1\n%s", code, out)
	}
}
