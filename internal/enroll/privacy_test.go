package enroll_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/usher-id/usher/internal/enroll"
	"github.com/usher-id/usher/internal/profile"
)

// Texts that are secret, with characters that every encoding changes.
const (
	canaryPassword = "kanarie+pässword/4107"
	canaryTyped    = "078-05-1120~ÿ>typed"
	canarySet      = "219-09-9999~ÿ>set"
)

// TestNothingSecretLeaves plants a password and sensitive values, and looks for
// them in every place where they must not be. They are stored all the same.
func TestNothingSecretLeaves(t *testing.T) {
	sub := passwordOf(with(person("a@example.com"), "ssn", canaryTyped), canaryPassword)
	quoted, err := json.Marshal(canarySet)
	if err != nil {
		t.Fatal(err)
	}
	update := `{"type":"com.okta.user.profile.update","value":{"ssn":` + string(quoted) + `}}`
	echo := `"debugContext":{"said":` + string(quoted) + `,"secret":"` + hookSecret + `"}`
	onEngines(t, func(t *testing.T, url string) {
		for _, row := range []struct {
			name   string
			answer string
			ssn    string // stored; "" when nobody is
		}{
			{"allowed", allow, canaryTyped},
			{"set by the hook, and said again", `{"commands":[` + update + `],` + echo + `}`, canarySet},
			{"set by the hook, and another command is bad", `{"commands":[` + update + `,{"type":"x","value":{}}],` + echo + `}`, ""},
			{"set by the hook, with a value that is too long", `{"commands":[` + update + `,{"type":"com.okta.user.profile.update","value":{"costCentre":` + string(quoted) + `}}],` + echo + `}`, ""},
			{"refused, and said again", `{"error":{"errorSummary":` + string(quoted) + `},"commands":[` + update + `],` + echo + `}`, ""},
			{"an answer that is not JSON", `{"commands":[` + update + `],` + echo, ""},
		} {
			t.Run(row.name, func(t *testing.T) {
				w := newWorld(t, url, form(append(fields(profile.FirstName, profile.LastName, profile.Email), fields("ssn")...)...))
				w.service.answers(row.answer)
				a, err := w.prepare(sub)
				if err != nil {
					t.Fatal(err)
				}
				result, err := a.Run(t.Context(), noFinish)
				if err != nil {
					t.Fatal(err)
				}
				if (result.User != nil) != (row.ssn != "") || row.ssn != "" && result.User.Profile.Text("ssn") != row.ssn {
					t.Errorf("got %+v", result)
				}
				w.sweep(a, sub, result, url)
			})
		}
	})
}

// sweep looks into everything that came of a registration.
func (w *world) sweep(a *enroll.Attempt, sub enroll.Submission, result enroll.Result, url string) {
	w.Helper()
	var out bytes.Buffer
	for _, log := range []*slog.Logger{slog.New(slog.NewJSONHandler(&out, nil)), slog.New(slog.NewTextHandler(&out, nil))} {
		log.Info("by mistake", "attempt", a, "submission", sub, "result", result, "user", result.User, "refusal", result.Refusal)
	}
	places := map[string]string{
		"log":    out.String(),
		"prints": fmt.Sprintf("%v %+v %#v %v %+v %#v %v %+v %#v", a, a, a, sub, sub, sub, result, result, result),
		"hook":   strings.Join(w.service.bodies(), "\n"),
	}
	for _, c := range w.calls() {
		places["record of the call"] += asJSON(w, c)
	}
	for _, e := range w.events() {
		places["event"] += asJSON(w, e)
	}
	for _, place := range []string{"hook", "record of the call", "event", "log"} {
		if len(places[place]) < 100 {
			w.Errorf("%s: there is nothing in it: %q", place, places[place])
		}
	}
	for place, text := range places {
		for _, secret := range []string{canaryPassword, canaryTyped, canarySet, hookSecret, strings.TrimPrefix(hookSecret, "Basic ")} {
			if form := findSecret(text, secret); form != "" {
				w.Errorf("%s: %q is in it, %s", place, secret, form)
			}
		}
	}
	for _, file := range databaseFiles(w, url) { // the sensitive value belongs there
		if form := findSecret(file, canaryPassword); form != "" {
			w.Errorf("the password is in the database, %s", form)
		}
		if form := findSecret(file, hookSecret); form != "" {
			w.Errorf("the hook's secret is in the database, %s", form)
		}
	}
}

func asJSON(t testing.TB, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// databaseFiles gives what SQLite has written. PostgreSQL's files are not here.
func databaseFiles(t testing.TB, url string) (texts []string) {
	t.Helper()
	path, ok := strings.CutPrefix(url, "sqlite:")
	if !ok {
		return nil
	}
	files, err := filepath.Glob(path + "*")
	if err != nil || len(files) == 0 {
		t.Fatal("no database file", err)
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, string(text))
	}
	return texts
}

// findSecret tells in which form a secret is in a text, or "".
func findSecret(text, secret string) string {
	for form, encoded := range encodings(secret) {
		if strings.Contains(text, encoded) {
			return form
		}
	}
	return ""
}

func encodings(secret string) map[string]string {
	quoted, _ := json.Marshal(secret) // a string always can be
	all := map[string]string{
		"plain":             secret,
		"hex":               hex.EncodeToString([]byte(secret)),
		"hex in capitals":   strings.ToUpper(hex.EncodeToString([]byte(secret))),
		"in a URL":          url.QueryEscape(secret),
		"in a path":         url.PathEscape(secret),
		"as JSON":           strings.Trim(string(quoted), `"`),
		"quoted by Go":      strings.Trim(fmt.Sprintf("%q", secret), `"`),
		"quoted, and ASCII": strings.Trim(fmt.Sprintf("%+q", secret), `"`),
		"reversed":          reversed(secret),
	}
	// Base64 of a text that has the secret in it, wherever it begins in a group of
	// three bytes; the characters at both ends depend on what is beside it.
	for shift := range 3 {
		padded := append(make([]byte, shift), secret...)
		for name, e := range map[string]*base64.Encoding{"base64": base64.RawStdEncoding, "base64 for URLs": base64.RawURLEncoding} {
			text := e.EncodeToString(padded)
			all[fmt.Sprintf("%s at %d", name, shift)] = text[(shift*8+5)/6 : len(text)-1]
		}
	}
	return all
}

func reversed(s string) string {
	b := []byte(s)
	for i, j := 0, len(b)-1; i < j; i, j = i+1, j-1 {
		b[i], b[j] = b[j], b[i]
	}
	return string(b)
}

// TestTheSweepFinds hides a secret in each form, so that the sweep proves
// something by finding nothing.
func TestTheSweepFinds(t *testing.T) {
	t.Parallel()
	for form, text := range map[string]string{
		"plain":          "x" + canaryTyped + "y",
		"JSON":           asJSON(t, []string{canaryTyped}),
		"hex":            hex.EncodeToString([]byte("ab" + canaryTyped + "c")),
		"URL":            url.Values{"a": {canaryTyped}}.Encode(),
		"base64":         base64.StdEncoding.EncodeToString([]byte(canaryTyped)),
		"inside base64":  base64.StdEncoding.EncodeToString([]byte("user:" + canaryTyped + "?")),
		"inside base64 ": base64.URLEncoding.EncodeToString([]byte("user" + canaryTyped + "??")),
		"a Go string":    fmt.Sprintf("%q", canaryTyped),
	} {
		if findSecret(text, canaryTyped) == "" {
			t.Errorf("%s: not found in %s", form, text)
		}
		if findSecret(text, canarySet) != "" {
			t.Errorf("%s: another one found in %s", form, text)
		}
	}
}
