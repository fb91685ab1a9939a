package mgmt_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/usher-id/usher/internal/id"
	"github.com/usher-id/usher/internal/mgmt"
	"github.com/usher-id/usher/internal/org"
)

// A call that nobody may make, or that says nothing of who may, is a mistake.
func TestEveryRouteSaysWhoMay(t *testing.T) {
	t.Parallel()
	api := new(mgmt.API)
	for _, pattern := range api.Patterns() {
		roles := api.Allowed(pattern)
		if !slices.Contains(roles, org.RoleSuperAdmin) {
			t.Errorf("%s is not for super administrators", pattern)
		}
		for _, role := range roles {
			if !slices.Contains(org.Roles(), role) {
				t.Errorf("%s is for %q, which is no role", pattern, role)
			}
		}
		method, _, _ := strings.Cut(pattern, " ")
		if slices.Contains(roles, org.RoleReadOnly) && method != http.MethodGet && !slices.Contains(ofOneself, pattern) {
			t.Errorf("%s is for administrators who only read", pattern)
		}
	}
}

// ofOneself are calls by which whoever makes them changes nothing but what is
// theirs.
var ofOneself = []string{"DELETE /api/v1/api-tokens/current"}

var parameter = regexp.MustCompile(`\{[^}]*\}`)

// missing is the path of a call about what is not there.
func missing(path string) string { return parameter.ReplaceAllString(path, "none0000000000000000") }

// Whoever may not make a call is told so, and the same of what is there and what
// is not. Whoever may is not.
func TestRoles(t *testing.T) {
	w := newWorld(t)
	there := w.things()
	tokens := map[string]string{}
	for i, role := range org.Roles() {
		tokens[role] = w.administrator(&org.User{ID: id.New(id.User), Status: org.StatusActive}, fmt.Sprint("admin", i, "@example.com"), role)
	}
	before := len(w.events())
	for _, pattern := range w.api.Patterns() {
		method, path, _ := strings.Cut(pattern, " ")
		for _, role := range org.Roles() {
			w.token = tokens[role]
			if slices.Contains(w.api.Allowed(pattern), role) {
				continue
			}
			first := w.send(method, missing(path), body(method))
			w.refused(first, http.StatusForbidden, "E0000006")
			second := w.send(method, there.path(t, path), body(method))
			if first.status != second.status || masked(first.body) != masked(second.body) || !slices.Equal(keys(first.header), keys(second.header)) {
				t.Errorf("%s as %s: of what is missing %d %s, of what is there %d %s", pattern, role, first.status, first.body, second.status, second.body)
			}
		}
	}
	if after := len(w.events()); after != before {
		t.Errorf("what was refused left %d events", after-before)
	}
	for _, pattern := range w.api.Patterns() {
		method, path, _ := strings.Cut(pattern, " ")
		for _, role := range w.api.Allowed(pattern) {
			if w.token = tokens[role]; slices.Contains(ofOneself, pattern) {
				w.token = w.tokenOf(role)
			}
			if a := w.send(method, missing(path), body(method)); strings.Contains(a.body, "E0000006") {
				t.Errorf("%s as %s: %d %s", pattern, role, a.status, a.body)
			}
		}
	}
}

// body is one that changes nothing.
func body(method string) string {
	if method == http.MethodGet || method == http.MethodDelete {
		return ""
	}
	return "{}"
}

func keys(h http.Header) (list []string) {
	for key := range h {
		list = append(list, key)
	}
	slices.Sort(list)
	return list
}

// things are paths of what is there, by patterns of their paths.
type things map[string]string

// path gives the path of a call about what is there.
func (s things) path(t *testing.T, pattern string) string {
	t.Helper()
	var best string
	for known := range s {
		if strings.HasPrefix(pattern, known) && len(known) > len(best) {
			best = known
		}
	}
	path := s[best] + strings.TrimPrefix(pattern, best)
	if strings.Contains(path, "{") {
		t.Errorf("%s: add a row to things, of what the call is about", pattern)
	}
	return path
}

// things makes one of everything.
func (w *world) things() things {
	w.Helper()
	policy, err := w.admin.DefaultPolicy(w.Context())
	if err != nil {
		w.Fatal(err)
	}
	key := w.hookKey("key")
	all := things{}
	for _, row := range []struct {
		pattern string
		thing   string // an id, or the body by which it is made
	}{
		{"/api/v1/inlineHooks/{id}", registration("hook", bareConfig)},
		{"/api/v1/eventHooks/{id}", recordedEventHook},
		{"/api/v1/hook-keys/{id}", key.ID},
		{"/api/v1/hook-keys/public/{keyId}", key.KeyID},
		{"/api/v1/policies/{id}", policy.ID},
		{"/api/v1/policies/{id}/rules/{rule}", policy.Rule.ID},
		{"/api/v1/policies/{id}/mappings/{mapping}", policy.ID},
		{"/api/v1/trustedOrigins/{id}", `{"name":"shop","origin":"https://shop.example.com","scopes":[{"type":"CORS"}]}`},
		{"/api/v1/apps/{id}", leastApp},
		{"/api/v1/apps/{id}/policies/{policy}", policy.ID},
		{"/api/v1/apps/{id}/credentials/secrets/{credential}", "{}"},
		{"/api/v1/apps/{id}/credentials/jwks/{credential}", `{"kty":"EC","kid":"1","crv":"P-256","alg":"ES256","use":"sig",
			"x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}`},
		{"/api/v1/meta/schemas/user/{id}", "default"},
		{"/api/v1/meta/types/user/{id}", "default"},
		{"/api/v1/users/{id}", `{"profile":{"login":"ada@example.com","email":"ada@example.com","firstName":"Ada","lastName":"Lovelace"}}`},
		{"/api/v1/users/{id}/roles/{grant}", `{"type":"READ_ONLY_ADMIN"}`},
		{"/api/v1/groups/{id}", `{"profile":{"name":"Staff"}}`},
		{"/api/v1/groups/{id}/users/{user}", "ada@example.com"},
		{"/api/v1/apps/{id}/groups/{group}", "none"},
		{"/api/v1/apps/{id}/users/{user}", "ada@example.com"},
		{"/api/v1/internal/apps/{id}", "none"},
		{"/api/v1/api-tokens/{id}", `{"name":"ci"}`},
	} {
		list := all.path(w.T, strings.TrimSuffix(row.pattern[:strings.LastIndex(row.pattern, "{")], "/"))
		if strings.HasPrefix(row.thing, "{") {
			row.thing = w.makes(list, row.thing)
		}
		all[row.pattern] = list + "/" + row.thing
	}
	return all
}

// makes makes a thing of a list and gives its id.
func (w *world) makes(list, body string) string {
	w.Helper()
	var made struct {
		ID string `json:"id"`
	}
	if err := json.Unmarshal([]byte(w.ok("POST", list, body).body), &made); err != nil {
		w.Fatal(err)
	}
	return made.ID
}

// events gives all events.
func (w *world) events() (all []org.Event) {
	w.Helper()
	return (&scenario{world: w}).log()
}

// TestRolesAreDocumented keeps docs/api-roles.md.
func TestRolesAreDocumented(t *testing.T) {
	t.Parallel()
	const file = "../../docs/api-roles.md"
	text := rolesPage(new(mgmt.API))
	if *update {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	kept, err := os.ReadFile(file)
	if string(kept) != text {
		t.Errorf("docs/api-roles.md is not current (%v): run go test ./internal/mgmt -update", err)
	}
}

func rolesPage(api *mgmt.API) string {
	var b strings.Builder
	b.WriteString(`# Who may make which call of the management API

Written by ` + "`go test ./internal/mgmt -update`" + ` from the routes. A role that may not make a call gets 403 E0000006, the same for what
is there and for what is not.

Beyond the table:

- The values of sensitive attributes are for super administrators alone, to read and to write, and so are the
  rules of such attributes and what breaks them.
- Nobody but a super administrator changes another administrator: no password, no status, no profile.
- API tokens of others are for super administrators; to everybody else they are not there.

| method | path | super administrator | organization administrator | help desk | read-only |
|---|---|---|---|---|---|
`)
	for _, pattern := range api.Patterns() {
		method, path, _ := strings.Cut(pattern, " ")
		fmt.Fprintf(&b, "| %s | `%s` |", method, path)
		for _, role := range org.Roles() {
			mark := "–"
			if slices.Contains(api.Allowed(pattern), role) {
				mark = "yes"
			}
			fmt.Fprintf(&b, " %s |", mark)
		}
		b.WriteString("\n")
	}
	return b.String()
}
