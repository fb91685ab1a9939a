package scenario

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"maps"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/usher-id/usher/test/run"
)

// place is a text in which a secret may have been left.
type place struct{ name, text string }

// sweep looks for secrets in everything that left usher or stays in it: in the
// clear and in the forms in which programs write things down.
func (s *stage) sweep(t *testing.T) {
	t.Helper()
	everywhere, apart := s.places(t)
	secrets := maps.Clone(s.secrets)
	secrets["token"] = s.server.Token
	for _, p := range everywhere {
		for name, secret := range secrets {
			report(t, p, name, secret)
		}
		for name, value := range s.sensitive {
			report(t, p, name, value)
		}
	}
	for _, p := range apart {
		for name, secret := range secrets {
			report(t, p, name, secret)
		}
	}
	s.sweepHandles(t, everywhere)
}

// sweepHandles looks for what browsers have in their cookies, which opens an
// account: it is in no place but the header that sets it.
func (s *stage) sweepHandles(t *testing.T, everywhere []place) {
	t.Helper()
	handles := map[string]bool{}
	for _, r := range s.recorded {
		for _, c := range (&http.Response{Header: r.reply.Header}).Cookies() {
			handles[c.Value] = c.Value != ""
		}
	}
	if len(handles) < 10 {
		t.Errorf("%d handles in cookies: the sweep did not see what it should", len(handles))
	}
	for _, p := range everywhere {
		for handle, there := range handles {
			if there && !strings.HasPrefix(p.name, "the answer") && strings.Contains(p.text, handle) {
				t.Errorf("the handle %s of a cookie is in %s", handle, p.name)
			}
		}
	}
}

func report(t *testing.T, p place, name, secret string) {
	t.Helper()
	read := html.UnescapeString(p.text)
	for form, text := range forms(secret) {
		if strings.Contains(p.text, text) || strings.Contains(read, text) {
			t.Errorf("$%s (%s) is in %s", name, form, p.name)
		}
	}
}

// places gives what holds neither passwords nor sensitive values, and apart from
// it what may hold the sensitive values of one person: the form that comes back
// to who filled it in, and the row of the user.
func (s *stage) places(t *testing.T) (everywhere, apart []place) {
	t.Helper()
	for i, c := range s.service.Calls() {
		everywhere = append(everywhere, place{fmt.Sprintf("the body of hook call %d", i+1), c.Body})
	}
	for _, r := range s.recorded {
		p := place{"the answer to " + r.request, r.reply.Body + fmt.Sprint(r.reply.Header)}
		if r.request == "POST /signup" && r.reply.Status == http.StatusUnprocessableEntity {
			apart = append(apart, p)
		} else {
			everywhere = append(everywhere, p)
		}
	}
	tables := map[string]bool{}
	for _, c := range run.Dump(t, s.server.Database) {
		p := place{"the database, " + c.Table + "." + c.Column, c.Value}
		tables[c.Table] = true
		if c.Table == "users" && c.Column == "profile" {
			apart = append(apart, p)
		} else {
			everywhere = append(everywhere, p)
		}
	}
	for _, table := range []string{"users", "hooks", "hook_calls", "events", "interactions", "sessions"} {
		if !tables[table] {
			t.Errorf("the table %s is empty or not there: the sweep did not see what it should", table)
		}
	}
	s.server.Stop(t)
	everywhere = append(everywhere, place{"standard error", s.server.Log()})
	// The file has what was deleted, too.
	if file, ok := strings.CutPrefix(s.server.Database, "sqlite:"); ok {
		for _, name := range []string{file, file + "-wal"} {
			text, err := os.ReadFile(name)
			if err == nil {
				apart = append(apart, place{"the file " + name, string(text)})
			} else if name == file || !os.IsNotExist(err) {
				t.Error(err)
			}
		}
	}
	return everywhere, apart
}

// forms gives the ways in which a text may have been written down.
func forms(secret string) map[string]string {
	quoted, err := json.Marshal(secret)
	if err != nil {
		panic(err) // a string can be encoded
	}
	list := map[string]string{
		"plain":    secret,
		"JSON":     strings.Trim(string(quoted), `"`),
		"URL form": url.QueryEscape(secret),
		"URL path": url.PathEscape(secret),
		"hex":      hex.EncodeToString([]byte(secret)),
		"HEX":      strings.ToUpper(hex.EncodeToString([]byte(secret))),
		"Go":       strings.Trim(fmt.Sprintf("%q", secret), `"`),
	}
	// Inside a longer text base64 begins anew every three bytes: of each of the
	// three ways, what does not depend on the neighbours.
	for shift := range 3 {
		padded := append(make([]byte, shift), secret...)
		whole := len(padded) / 3 * 3
		skip := (shift + 2) / 3 * 4
		for name, encoding := range map[string]*base64.Encoding{"base64": base64.StdEncoding, "base64url": base64.URLEncoding} {
			list[fmt.Sprintf("%s, shifted by %d", name, shift)] = encoding.EncodeToString(padded[:whole])[skip:]
		}
	}
	return list
}

// The sweep finds what it is made to find.
func TestForms(t *testing.T) {
	t.Parallel()
	const secret = `p+ä "ss/<wörd>`
	for i := range 3 {
		around := strings.Repeat("x", i) + secret + "yy"
		for name, text := range map[string]string{
			"base64":    base64.StdEncoding.EncodeToString([]byte(around)),
			"base64url": base64.RawURLEncoding.EncodeToString([]byte(around)),
			"hex":       hex.EncodeToString([]byte(around)),
			"form":      url.Values{"a": {around}}.Encode(),
			"path":      url.PathEscape(around),
			"HTML":      html.EscapeString(around),
			"Go":        fmt.Sprintf("%q", around),
			"plain":     around,
		} {
			found := slices.ContainsFunc(values(forms(secret)), func(f string) bool { return strings.Contains(html.UnescapeString(text), f) })
			if !found {
				t.Errorf("%s, after %d bytes: not found in %s", name, i, text)
			}
		}
	}
	for name, f := range forms(secret) {
		if len(f) < 12 {
			t.Errorf("%s: %q is so short that it may be anything", name, f)
		}
	}
}

func values(m map[string]string) []string {
	var list []string
	for _, v := range m {
		list = append(list, v)
	}
	return list
}
