package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/usher-id/usher/hook/hooktest"
)

// answering is a service that gives everybody the same answer.
func answering(t *testing.T, status int, body string) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}))
	t.Cleanup(s.Close)
	return s.URL + "/registrationHook"
}

// silent is a service that never answers.
func silent(t *testing.T) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // else nobody notices that the caller has left
		<-r.Context().Done()
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func TestHookCheck(t *testing.T) {
	t.Parallel()
	requests := len(hooktest.Requests())
	const secret = "x-key: hush hush"
	good := newService(t).url
	dir := t.TempDir()
	schema, broken := filepath.Join(dir, "usher.yaml"), filepath.Join(dir, "broken.yaml")
	for file, text := range map[string]string{schema: "seed: {attributes: [{name: badge, type: integer}]}\n", broken: "seed:\n  attributes:\n    - {name: 1st}\n"} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	setsBadge := answering(t, http.StatusOK, `{"commands":[{"type":"com.okta.user.profile.update","value":{"badge":7}}]}`)
	for name, tt := range map[string]struct {
		args []string
		bad  int      // how many; -1 when nothing is asked at all
		want []string // in what it prints, or says
	}{
		"good": {[]string{good, "--hook-auth", secret}, 0, []string{
			"good sign-up                  200      # ms  allows    an ordinary sign-up\n",
			"good wrong-secret             401      # ms  refuses   a request whose secret header is wrong",
		}},
		"the secret is missing": {[]string{good}, requests, []string{"BAD  sign-up                  401      # ms  unusable  ", "  as above\n"}},
		"the secret is another": {[]string{good, "--hook-auth", "x-key: hash hash"}, requests, []string{"BAD  sign-up ", "good wrong-secret "}},
		"nobody is asked for a secret": {[]string{answering(t, http.StatusOK, "{}"), "--hook-auth", secret}, 1, []string{
			"BAD  wrong-secret             200      # ms  allows    ", "Everybody who finds the service can use it.", "Compare the header x-key with the secret",
		}},
		"a refusal by status": {[]string{answering(t, http.StatusBadRequest, `{"error":{}}`)}, requests, []string{"BAD  update                   400 "}},
		"a misspelt command": {[]string{answering(t, http.StatusOK, `{"commands":[{"type":"com.okta.action.updat","value":{}}]}`)}, requests,
			[]string{"  error     commands[0].type: ", "Did you mean com.okta.action.update?"}},
		"a misspelt member": {[]string{answering(t, http.StatusOK, `{"comands":[]}`)}, requests, []string{"BAD  sign-up                  200      # ms  allows "}},
		"slow":              {[]string{silent(t), "--timeout", "5ms"}, requests, []string{"BAD  sign-up                    0 "}},
		"not there":         {[]string{"http://127.0.0.1:1/"}, requests, []string{"BAD  sign-up                    0 "}},

		"an attribute that Okta does not have": {[]string{setsBadge}, requests, []string{"badge"}},
		"one that the file has": {[]string{setsBadge, "--config", schema}, 2, []string{ // the command is not that of updates
			"good sign-up                  200 ", "BAD  update                   200 ", "Did you mean com.okta.user.progressive.profile.update?",
		}},

		"no URL":           {[]string{"localhost:3000"}, -1, []string{"<url>: expected a URL, as in"}},
		"metadata":         {[]string{"http://169.254.169.254/"}, -1, []string{"<url>: "}},
		"no header":        {[]string{good, "--hook-auth", "hush"}, -1, []string{"--hook-auth: expected a header"}},
		"no time":          {[]string{good, "--timeout", "0s"}, -1, []string{"--timeout: expected more than 0s"}},
		"no file":          {[]string{good, "--config", filepath.Join(dir, "none.yaml")}, -1, []string{"none.yaml"}},
		"a file's mistake": {[]string{good, "--config", broken}, -1, []string{"broken.yaml:3: seed.attributes[0]: 1st: "}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out, err := output(t, append([]string{"hook", "check"}, tt.args...)...)
			if (err != nil) != (tt.bad != 0) {
				t.Errorf("the error is %v", err)
			}
			text := regexp.MustCompile(` +[0-9]+\.[0-9] ms`).ReplaceAllString(out, "      # ms")
			if err != nil {
				text += err.Error()
			}
			for _, want := range tt.want {
				if !strings.Contains(text, want) {
					t.Errorf("%q is not in\n%s", want, text)
				}
			}
			if n := strings.Count("\n"+out, "\nBAD "); n != max(tt.bad, 0) {
				t.Errorf("%d bad, want %d:\n%s", n, tt.bad, out)
			}
			if tt.bad < 0 && out != "" {
				t.Errorf("it prints %q", out)
			}
			if strings.Contains(text, "hush") || strings.Contains(text, "hash hash") {
				t.Errorf("the secret is told:\n%s", text)
			}
		})
	}
}

func TestHookCheckAsJSON(t *testing.T) {
	t.Parallel()
	url := answering(t, http.StatusOK, `{"commands":[{"type":"com.okta.user.profil.update","value":{}}]}`)
	out, err := output(t, "hook", "check", url, "--json")
	if err == nil {
		t.Error("a script is not told")
	}
	var list []map[string]any
	if err := json.Unmarshal([]byte(out), &list); err != nil {
		t.Fatal(err)
	}
	if len(list) != len(hooktest.Requests()) {
		t.Fatalf("%d results", len(list))
	}
	for _, one := range list {
		for _, key := range []string{"request", "description", "good", "status", "ms", "decision", "findings"} {
			if _, ok := one[key]; !ok {
				t.Errorf("%v has no %s", one["request"], key)
			}
		}
	}
	first := list[0]["findings"].([]any)[0].(map[string]any)
	for key, want := range map[string]any{"severity": "error", "path": "commands[0].type", "suggestion": "com.okta.user.profile.update"} {
		if first[key] != want {
			t.Errorf("%s is %v, want %v", key, first[key], want)
		}
	}
}
