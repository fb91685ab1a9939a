package nodesdk

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/usher-id/usher/test/run"
)

func TestMain(m *testing.M) { run.Main(m) }

// One org's life by the client, on both databases.
func TestNodeSDK(t *testing.T) {
	t.Parallel()
	if out, err := exec.CommandContext(t.Context(), "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund").CombinedOutput(); err != nil {
		t.Fatalf("npm ci: %v\n%s", err, out)
	}
	for _, engine := range run.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			server := run.Dev(t, run.Options{Database: run.NewDatabase(t, engine)})
			cmd := exec.CommandContext(t.Context(), run.Node(t), "calls.mjs")
			cmd.Env = append(run.Environment(), "ORG_URL="+server.URL, "ORG_TOKEN="+server.Token)
			out, err := cmd.CombinedOutput()
			if err != nil || !strings.Contains(string(out), " calls\n") {
				t.Errorf("%v\n%s", err, out)
			}
			server.Stop(t)
		})
	}
}
