//go:build terraform

package terraform

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/usher-id/usher/test/run"
)

func TestMain(m *testing.M) { run.Main(m) }

// An org is applied; a second plan finds nothing to do; a change is applied, and
// again nothing is left; all of it is destroyed.
func TestProvider(t *testing.T) {
	for _, engine := range run.Engines() {
		t.Run(engine, func(t *testing.T) {
			service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body)
				w.Header().Set("Content-Type", "application/json")
				_ = json.NewEncoder(w).Encode(map[string]any{"verification": r.Header.Get("X-Okta-Verification-Challenge")})
			}))
			t.Cleanup(service.Close)
			server := run.Dev(t, run.Options{Database: run.NewDatabase(t, engine)})
			tf := newTerraform(t, server, service.URL)
			for generation := range 2 {
				tf.run(t, generation+1, 0, "apply", "-auto-approve")
				tf.run(t, generation+1, 0, "plan", "-detailed-exitcode")
			}
			tf.run(t, 2, 0, "destroy", "-auto-approve")
			server.Stop(t)
		})
	}
}

type terraform struct {
	program, dir string
	env          []string
	hookURI      string
}

func newTerraform(t *testing.T, server *run.Server, hookURI string) *terraform {
	t.Helper()
	provider := os.Getenv("TERRAFORM_PROVIDER")
	if provider == "" {
		t.Fatal("TERRAFORM_PROVIDER is not set: it names the provider's program, terraform-provider-okta")
	}
	tf := &terraform{program: os.Getenv("TERRAFORM"), dir: t.TempDir(), hookURI: hookURI}
	for _, name := range []string{"terraform", "tofu"} {
		if path, err := exec.LookPath(name); tf.program == "" && err == nil {
			tf.program = path
		}
	}
	if tf.program == "" {
		t.Fatal("neither terraform nor tofu is in PATH, and TERRAFORM names none")
	}
	text, err := os.ReadFile("testdata/main.tf")
	if err == nil {
		err = os.WriteFile(filepath.Join(tf.dir, "main.tf"), text, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	settings := filepath.Join(tf.dir, "settings.tfrc")
	overrides := "provider_installation {\n  dev_overrides {\n    \"okta/okta\" = \"" + filepath.Dir(provider) + "\"\n  }\n  direct {}\n}\n"
	if err := os.WriteFile(settings, []byte(overrides), 0o600); err != nil {
		t.Fatal(err)
	}
	tf.env = append(run.Environment(), "TF_CLI_CONFIG_FILE="+settings, "OKTA_HTTP_PROXY="+server.URL, "OKTA_API_TOKEN="+server.Token, "TF_IN_AUTOMATION=1", "CHECKPOINT_DISABLE=1")
	return tf
}

func (tf *terraform) run(t *testing.T, generation, code int, args ...string) {
	t.Helper()
	args = append(args, "-no-color", "-input=false", "-var", "hook_uri="+tf.hookURI, "-var", "generation="+string(rune('0'+generation)))
	cmd := exec.CommandContext(t.Context(), tf.program, args...)
	cmd.Dir, cmd.Env = tf.dir, tf.env
	out, _ := cmd.CombinedOutput()
	if got := cmd.ProcessState.ExitCode(); got != code {
		t.Fatalf("%s, generation %d: code %d, want %d\n%s", args[0], generation, got, code, out)
	}
}
