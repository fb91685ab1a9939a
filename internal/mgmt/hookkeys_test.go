package mgmt_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
)

// hookKeyAnswer is an answer about a hook key as recorded
// (TestAccResourceHookKey_crud).
func hookKeyAnswer(name string, used bool, embedded string) string {
	isUsed := "false"
	if used {
		isUsed = "true"
	}
	return `{"id":"HKY…","keyId":"uuid…","name":"` + name + `","created":"…Z","lastUpdated":"…Z","isUsed":` + isUsed + embedded + `}`
}

const (
	publicKey      = `{"kty":"RSA","alg":"RSA","kid":"uuid…","use":null,"e":"AQAB","n":"…"}`
	withPublicHalf = `,"_embedded":` + publicKey
)

// keyMasked replaces what differs from key to key.
func keyMasked(a answer) answer {
	for form, mask := range map[string]string{
		`HKY[0-9A-Za-z]{17}`: "HKY…", `"n":"[-_0-9A-Za-z]{342}"`: `"n":"…"`,
		`[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}`: "uuid…",
	} {
		a.body = regexp.MustCompile(form).ReplaceAllLiteralString(a.body, mask)
	}
	return a
}

type hookKey struct{ ID, KeyID, Name string }

func (w *world) hookKey(name string) (k hookKey) {
	w.Helper()
	if err := json.Unmarshal([]byte(w.ok("POST", "/api/v1/hook-keys", `{"name":"`+name+`"}`).body), &k); err != nil {
		w.Fatal(err)
	}
	return k
}

func TestHookKeysAsRecorded(t *testing.T) {
	w := newWorld(t)
	is := func(a answer, status int, want string) {
		t.Helper()
		w.is(keyMasked(a), status, want)
	}
	keys := "/api/v1/hook-keys"
	is(w.send("GET", keys, ""), 200, `[]`)
	is(w.send("POST", keys, `{"name":"k1","isUsed":"true","id":"HKYmine"}`), 200, hookKeyAnswer("k1", false, withPublicHalf))
	k := w.hookKey("k2")
	path := keys + "/" + k.ID
	is(w.send("GET", path, ""), 200, hookKeyAnswer("k2", false, ""))
	is(w.send("GET", path+"?expand=publickey", ""), 200, hookKeyAnswer("k2", false, withPublicHalf))
	is(w.send("PUT", path, `{"name":"k3"}`), 200, hookKeyAnswer("k3", false, withPublicHalf))
	is(w.send("GET", keys, ""), 200, `[`+hookKeyAnswer("k1", false, "")+`,`+hookKeyAnswer("k3", false, "")+`]`)
	is(w.send("GET", keys+"/public/"+k.KeyID, ""), 200, publicKey)
	expanded := w.ok("GET", path+"?expand=publickey", "").body
	if bare := w.ok("GET", keys+"/public/"+k.KeyID, "").body; !strings.Contains(expanded, bare) {
		t.Errorf("the public key is %s\nin the key %s", bare, expanded)
	}
	if a := w.send("DELETE", path, ""); a.status != 204 || a.body != "" {
		t.Errorf("DELETE: %d %s", a.status, a.body)
	}
	w.refused(w.send("GET", path, ""), 404, "E0000007")
}

func TestHookKeyErrors(t *testing.T) {
	w := newWorld(t)
	keys := "/api/v1/hook-keys"
	k := w.hookKey("taken")
	const taken = "name: An object with this field already exists in the current organization"
	for name, c := range map[string]struct {
		method, path, body string
		status             int
		code               string
		causes             []string
	}{
		"no name":         {"POST", keys, `{}`, 400, "E0000001", []string{"name: The field cannot be left blank"}},
		"a long name":     {"POST", keys, `{"name":"` + strings.Repeat("x", 256) + `"}`, 400, "E0000001", []string{"name: must have at most 255 characters"}},
		"not JSON":        {"POST", keys, `name`, 400, "E0000003", []string{"line 1, column 1: not the beginning of a JSON value"}},
		"name taken":      {"POST", keys, `{"name":"taken"}`, 400, "E0000001", []string{taken}},
		"renamed, no":     {"PUT", keys + "/" + k.ID, `{"name":null}`, 400, "E0000001", []string{"name: The field cannot be left blank"}},
		"unknown":         {"GET", keys + "/HKYnone", ``, 404, "E0000007", nil},
		"unknown, PUT":    {"PUT", keys + "/HKYnone", `{"name":"x"}`, 404, "E0000007", nil},
		"unknown, gone":   {"DELETE", keys + "/HKYnone", ``, 404, "E0000007", nil},
		"public by id":    {"GET", keys + "/public/" + k.ID, ``, 404, "E0000007", nil},
		"by UUID":         {"GET", keys + "/" + k.KeyID, ``, 404, "E0000007", nil},
		"no other method": {"POST", keys + "/" + k.ID, `{"name":"x"}`, 405, "E0000022", nil},
	} {
		t.Run(name, func(t *testing.T) {
			v := w.on(t)
			v.refused(v.send(c.method, c.path, c.body), c.status, c.code, c.causes...)
		})
	}
}
