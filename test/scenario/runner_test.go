package scenario

import (
	"strings"
	"testing"

	"github.com/usher-id/usher/test/run"
)

// What is written wrong is refused: a line that nobody reads proves nothing.
func TestParse(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"== a\nget /\nhas":                  "too few words",
		"== a\nhas x":                       "no request before it",
		"== a\nget /\n== b\nstatus 200":     "no request before it",
		"== a\nlooks good":                  "no verb: looks",
		"== a\nget /\n= name x":             "belongs to no request",
		"== a\npost /\n| {}":                "belongs to no request",
		"secret name short":                 "may be found anywhere",
		"get /":                             "before the first case",
		"= name x":                          "belongs to no form",
		"form a\n= name x\n== b\nkeep name": "too few words",
	} {
		if _, err := parse([]byte("-- cases --\n" + text + "\n")); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
	if _, err := parse([]byte("-- elsewhere --\n")); err == nil {
		t.Error("a part that nobody reads is taken")
	}
	if _, err := expand("a $nobody", map[string]string{"name": "x"}); err == nil {
		t.Error("a name without meaning is taken")
	}
	if got, err := expand("$a!", map[string]string{"a": "1 $b", "b": "2"}); err != nil || got != "1 2!" {
		t.Errorf("%q, %v", got, err)
	}
	for _, text := range []string{"", "soon", "999 {}", "slow 1x 200"} {
		if a, err := answer(text); err == nil {
			t.Errorf("%q is taken as the answer %+v", text, a)
		}
	}
}

// Every expectation can fail.
func TestExpect(t *testing.T) {
	t.Parallel()
	const page = `<div role="alert"><p>Above.</p></div>
		<input name="email" aria-invalid="true" aria-describedby="e-hint e-error"><p id="e-hint">Hint.</p><div id="e-error"><p>At it.</p></div>
		<input name="city" aria-describedby="c-error"><div id="c-error"><p>Not wrong.</p></div>
		<fieldset aria-describedby="f-error"><input type="radio" name="plan" aria-invalid="true"><div id="f-error"><p>Choose.</p></div></fieldset>`
	r := run.Reply{Status: 303, Header: map[string][]string{"Location": {"/"}, "Link": {"a", "b"}}, Body: page}
	for _, test := range []struct {
		verb string
		good []string
		bad  []string
	}{
		{"status", []string{"303"}, []string{"200"}},
		{"status", []string{"303", "/"}, []string{"303", "/signup"}},
		{"has", []string{"Above."}, []string{"Below."}},
		{"lacks", []string{"Below."}, []string{"Above."}},
		{"header", []string{"Link", "b"}, []string{"Link", "c"}},
		{"header", []string{"Link", "…b"}, []string{"Link", "…c"}},
		{"above", []string{"Above."}, []string{"At it."}},
		{"fields", []string{"email city plan"}, []string{"city email plan"}},
		{"at", []string{"email", "At it."}, []string{"email", "Above."}},
		{"at", []string{"plan", "Choose."}, []string{"city", "Not wrong."}},
	} {
		if err := expect(r, test.verb, test.good); err != nil {
			t.Errorf("%s %q: %v", test.verb, test.good, err)
		}
		if expect(r, test.verb, test.bad) == nil {
			t.Errorf("%s %q holds", test.verb, test.bad)
		}
	}
	if expect(r, "looks", []string{"good"}) == nil {
		t.Error("an expectation that nobody knows holds")
	}
}
