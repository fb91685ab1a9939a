package cli

import (
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/usher-id/usher/test/run"
)

var shellBlock = regexp.MustCompile("(?ms)^```sh\n(.*?)^```")

// The page sets up what it says by curl alone: its commands run in their order,
// in one shell, as somebody types them.
func TestAPIPage(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join(run.Root, "docs", "api.md"))
	if err != nil {
		t.Fatal(err)
	}
	blocks := shellBlock.FindAllStringSubmatch(string(text), -1)
	printed := []string{ // by each block, in turn
		`"ACTIVE"`, "cal", "{}\n", `"employeeBadge"`, "", `"inlineHookId"`,
		"inline_hook.response.processed SUCCESS\n", "E0000001\n", "INACTIVE\n",
	}
	if len(blocks) != len(printed) {
		t.Fatalf("the page has %d blocks of commands, the test knows of %d", len(blocks), len(printed))
	}
	for _, engine := range run.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			service := run.NewService(t)
			server := run.Serve(t, run.Options{Database: run.NewDatabase(t, engine), Hook: service.URL, Config: closedOrg})
			shell := newShell(t, map[string]string{"USHER_URL": server.URL, "USHER_TOKEN": server.Token, "HOOK_URL": service.URL})
			for i, block := range blocks {
				if strings.HasPrefix(printed[i], "inline_hook") {
					person(t, server.URL)
				}
				if out := shell.run(t, block[1]); !strings.Contains(out, printed[i]) {
					t.Errorf("%s\nprints %q, want %q", block[1], out, printed[i])
				}
			}
			if n := len(service.Calls()); n != 2 {
				t.Errorf("the service was asked %d times, want a preview and a sign-up", n)
			}
			server.Stop(t)
		})
	}
}

// closedOrg has nothing but what every org has: nobody can sign up.
const closedOrg = `
listen: 127.0.0.1:0
database: $DATABASE
keyFile: $KEY
password: {hash: bcrypt, bcryptCost: 4}
outbound: {allow: [127.0.0.0/8], allow_http: true}
`

func person(t *testing.T, home string) {
	t.Helper()
	v := run.NewVisitor(t, home)
	form := url.Values{"firstName": {"Ada"}, "lastName": {"Lovelace"}, "email": {"ada@example.com"}, "password": {"correct horse 47 battery"}}
	if r, err := v.Get(t.Context(), "/signup"); err != nil || !strings.Contains(r.Body, "Badge") {
		t.Fatalf("the form: %d, %v\n%s", r.Status, err, r.Body)
	}
	if r, err := v.Post(t.Context(), "/signup", form); err != nil || r.Status != http.StatusSeeOther {
		t.Fatalf("sign-up: %d, %v\n%s", r.Status, err, r.Body)
	}
}

// shell is one that keeps its variables from block to block.
type shell struct {
	dir string
	env []string
}

func newShell(t *testing.T, variables map[string]string) *shell {
	s := &shell{dir: t.TempDir(), env: run.Environment()}
	for name, value := range variables {
		s.env = append(s.env, name+"="+value)
	}
	return s
}

func (s *shell) run(t *testing.T, commands string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "bash", "-c", "set -euo pipefail\n[ ! -f kept ] || . ./kept\n"+commands+"\ndeclare -p HOOK_ID GROUP_ID POLICY_ID RULE_ID >kept 2>/dev/null || true\n")
	cmd.Dir, cmd.Env = s.dir, s.env
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s\n%v\n%s", commands, err, out)
	}
	return string(out)
}
