package main

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const shopFile = `
userSchema:
  custom:
    badge: {title: Badge, type: string, maxLength: 8}
    old: {title: Old, type: integer}
groups:
  - {name: Customers, description: Who signed up}
inlineHooks:
  - name: Gate
    type: com.okta.user.pre-registration
    channel:
      config:
        uri: ${HOOK_URL}
        headers: [{key: X-Tenant, value: eu}]
        authScheme: {type: HEADER, key: x-key, value: "${HOOK_SECRET}"}
  - name: Resting
    type: com.okta.user.pre-registration
    status: INACTIVE
    channel: {config: {uri: "https://hook.example.com/resting"}}
policies:
  - name: Customers of the shop
    description: Sign-up of the shop
    rule:
      access: ALLOW
      unknownUserAction: REGISTER
      preRegistrationInlineHooks: [{inlineHookId: Gate}]
      targetGroupIds: [Customers]
      profileAttributes:
        - {name: email, label: E-mail, required: true}
        - {name: firstName, label: First, required: true}
        - {name: lastName, label: Last, required: true}
        - {name: badge, label: Badge, required: false}
    apps: [Shop]
apps:
  - label: Shop
    name: oidc_client
    signOnMode: OPENID_CONNECT
    credentials: {oauthClient: {token_endpoint_auth_method: client_secret_basic}}
    settings:
      oauthClient: {application_type: web, grant_types: [authorization_code], response_types: [code], redirect_uris: ["https://shop.example/cb"]}
    groups: [Customers]
`

// shop runs usher apply with a file against a trial.
type shop struct {
	t    *testing.T
	r    ready
	hook string
}

func (s shop) apply(text string, args ...string) (string, error) {
	s.t.Helper()
	file := filepath.Join(s.t.TempDir(), "shop.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
	getenv := func(name string) string {
		return map[string]string{"USHER_URL": s.r.URL, "USHER_TOKEN": s.r.AdminToken, "HOOK_URL": s.hook, "HOOK_SECRET": "hush hush"}[name]
	}
	out := newScreen()
	err := run(s.t.Context(), append([]string{"apply", "-f", file}, args...), terminal{strings.NewReader(""), out, newScreen(), getenv})
	return out.String(), err
}

func (s shop) get(path string, v any) {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, s.r.URL+path, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Authorization", "SSWS "+s.r.AdminToken)
	resp, err := (&http.Client{Timeout: applyTimeout}).Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	if err := json.Unmarshal(text, v); err != nil {
		s.t.Fatalf("%s: %v in %s", path, err, text)
	}
}

// changes counts all events but those of who signs in and of tokens.
func (s shop) events() int {
	var all []struct{ EventType string }
	s.get("/api/v1/logs?limit=1000", &all)
	return len(all)
}

func lines(t *testing.T, got string, want ...string) {
	t.Helper()
	if strings.TrimSpace(got) != strings.Join(want, "\n") {
		t.Errorf("plan is\n%s\nwant\n%s", got, strings.Join(want, "\n"))
	}
}

// A file is planned, applied, found done, changed, and applied again.
func TestApply(t *testing.T) {
	t.Parallel()
	service := newService(t)
	_, r := startJSON(t)
	s := shop{t, r, service.url}
	before := s.events()

	fresh := []string{
		"~ user schema: custom.badge, custom.old", "+ group Customers", "+ inline hook Gate", "+ inline hook Resting", "~ inline hook Resting: status INACTIVE",
		"+ app Shop", "~ groups of app Shop: Customers", "+ policy Customers of the shop",
		"~ rule of policy Customers of the shop: access, preRegistrationInlineHooks, profileAttributes, targetGroupIds, unknownUserAction",
		"~ policy of app Shop: Customers of the shop",
	}
	plan, err := s.apply(shopFile, "--dry-run")
	if err != nil {
		t.Fatal(err)
	}
	lines(t, plan, fresh...)
	if s.events() != before {
		t.Error("a dry run changes something")
	}
	if plan, err = s.apply(shopFile); err != nil {
		t.Fatal(err)
	}
	lines(t, plan, fresh...)
	after := s.events()
	if after == before {
		t.Error("nothing was changed")
	}

	again := []string{
		"= user schema", "= group Customers", "* inline hook Gate: as it is; its secret cannot be compared and is written again",
		"= inline hook Resting", "= app Shop", "= policy Customers of the shop", "= rule of policy Customers of the shop", "= policy of app Shop",
	}
	if plan, err = s.apply(shopFile); err != nil {
		t.Fatal(err)
	}
	lines(t, plan, again...)
	if s.events() != after {
		t.Error("the second run changes something")
	}

	changed := strings.NewReplacer("Who signed up", "Customers of the shop", "old: {title: Old, type: integer}", "old: null",
		"status: INACTIVE", "status: ACTIVE", "name: badge, label: Badge", "name: badge, label: Your badge",
		"shop.example/cb", "shop.example/back").Replace(shopFile)
	if plan, err = s.apply(changed); err != nil {
		t.Fatal(err)
	}
	lines(t, plan, "~ user schema: custom.old", "~ group Customers: profile.description",
		"* inline hook Gate: as it is; its secret cannot be compared and is written again", "= inline hook Resting", "~ inline hook Resting: status ACTIVE",
		"~ app Shop: settings.oauthClient.redirect_uris", "= policy Customers of the shop",
		"~ rule of policy Customers of the shop: profileAttributes", "= policy of app Shop")
	if plan, err = s.apply(changed); err != nil || strings.ContainsAny(plan, "+~") {
		t.Errorf("%v\n%s", err, plan)
	}

	// What the file does not name stays: the secret too, which the service asks for.
	const bare = "inlineHooks: [{name: Gate, channel: {config: {uri: '${HOOK_URL}'}}}]"
	if plan, err = s.apply(bare); err != nil {
		t.Fatal(err)
	}
	lines(t, plan, "= inline hook Gate")
	var hooks []struct{ Name, Status string }
	s.get("/api/v1/inlineHooks", &hooks)
	if len(hooks) != 3 {
		t.Errorf("hooks are %v: those that the file does not name must stay", hooks)
	}
}

// The file that people copy can be applied, and is done then.
func TestApplyExample(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../examples/org.yaml")
	if err != nil {
		t.Fatal(err)
	}
	service := newService(t)
	_, r := startJSON(t)
	s := shop{t, r, service.url}
	if plan, err := s.apply(string(text)); err != nil || !strings.Contains(plan, "+ app Shop") {
		t.Fatalf("%v\n%s", err, plan)
	}
	if plan, err := s.apply(string(text)); err != nil || strings.ContainsAny(plan, "+~") {
		t.Errorf("%v\n%s", err, plan)
	}
}

// What cannot be applied is said before anything is written.
func TestApplyRefuses(t *testing.T) {
	t.Parallel()
	_, r := startJSON(t)
	s := shop{t, r, "https://hook.example.com/"}
	before := s.events()
	for text, want := range map[string]string{
		"policies: [{name: P, rule: {targetGroupIds: [Nobody]}}]":                         `there is no group "Nobody", neither in the org nor in the file`,
		"policies: [{name: P, rule: {preRegistrationInlineHooks: [{inlineHookId: No}]}}]": `there is no inline hook "No"`,
		"policies: [{name: P, apps: [Nothing]}]":                                          `there is no app "Nothing"`,
		"apps: [{label: A, groups: [Nobody]}]":                                            `there is no group "Nobody"`,
		"groups:\n- name: ${NOTHING}":                                                     "line 2: expected the environment variable NOTHING",
		"inlineHooks: [{name: H, channel: {config: {uri: x}}}]":                           "inline hook H: Api validation failed",
		"groups: [{name: G, colour: red}]":                                                "Property name 'colour' is not defined in profile",
		"inlineHooks: [{name: K, colour: red, type: com.okta.user.pre-registration, channel: {config: {uri: 'https://hook.example.com/'}}}]": "inline hook K: the API does not take: colour",
		"userSchema: {custom: {a: {title: A, type: string, colour: red}}}":                                                                   "colour",
		"inlineHooks: [{name: H, type: com.okta.nothing, channel: {config: {uri: 'https://x.test'}}}]":                                       "must be one of",
		"inlineHooks: [{name: H, status: inactive}]":                                                                                         "line 1: status: expected ACTIVE or INACTIVE",
		"apps: [{label: A, groups: Staff}]":                                                                                                  "line 1: groups: expected a list of names",
		"policies: [{name: P, rule: {targetGroupIds: Staff}}]":                                                                               "line 1: targetGroupIds: expected a list of names",
		"policies: [{name: P, rule: {preRegistrationInlineHooks: Gate}}]":                                                                    "line 1: preRegistrationInlineHooks: expected a list as in",
		"policies: [{name: P, rule: []}]":                                                                                                    "line 1: rule: expected what the API has below",
		"policies: [{name: P, rule: {targetGroupIds: [00g00000000000000000]}}]":                                                              `there is no group "00g00000000000000000"`,
	} {
		plan, err := s.apply(text)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q\n%s", text, err, want, plan)
		}
	}
	if made := s.events() - before; made > 2 { // the hook with a colour, and an attribute with one
		t.Errorf("%d events", made)
	}
	wrong := s
	wrong.r.AdminToken = "nobody's"
	if _, err := wrong.apply("groups: [{name: G}]"); err == nil || !strings.Contains(err.Error(), "Invalid token provided (E0000011)") {
		t.Errorf("a bad token: %v", err)
	}
	wrong.r.URL = "http://127.0.0.1:1"
	if _, err := wrong.apply("groups: [{name: G}]"); err == nil || !strings.Contains(err.Error(), "the API does not answer") {
		t.Errorf("no server: %v", err)
	}
	if _, err := output(t, "apply", "-f", "nothing.yaml"); err == nil || !strings.Contains(err.Error(), "expected --url or USHER_URL") {
		t.Errorf("no server named: %v", err)
	}
}

// Labels of apps need not be unique: nobody knows which of two is meant.
func TestApplyToOneOfTwoApps(t *testing.T) {
	t.Parallel()
	_, r := startJSON(t)
	s := shop{t, r, ""}
	const app = "apps: [{label: Twin, name: oidc_client, signOnMode: OPENID_CONNECT, credentials: {oauthClient: {token_endpoint_auth_method: none}}, settings: {oauthClient: {application_type: browser, grant_types: [authorization_code], response_types: [code], redirect_uris: ['https://shop.example/cb']}}}]"
	if _, err := s.apply(app); err != nil {
		t.Fatal(err)
	}
	if plan, err := s.apply(app); err != nil || strings.TrimSpace(plan) != "= app Twin" {
		t.Errorf("%v\n%s", err, plan)
	}
	s.rename(strings.Replace(app, "Twin", "Other", 1))
	before := s.events()
	if _, err := s.apply(app); err == nil || !strings.Contains(err.Error(), "several apps of the org have this label") || s.events() != before {
		t.Errorf("of two apps: %v", err)
	}
}

// rename applies an app and gives it the label of the other one.
func (s shop) rename(file string) {
	s.t.Helper()
	if _, err := s.apply(file); err != nil {
		s.t.Fatal(err)
	}
	var apps []map[string]any
	s.get("/api/v1/apps", &apps)
	for _, a := range apps {
		if a["label"] == "Other" {
			a["label"] = "Twin"
			s.put("/api/v1/apps/"+a["id"].(string), a)
		}
	}
}

func (s shop) put(path string, v any) {
	s.t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		s.t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(s.t.Context(), http.MethodPut, s.r.URL+path, strings.NewReader(string(text)))
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Authorization", "SSWS "+s.r.AdminToken)
	r.Header.Set("Content-Type", "application/json")
	resp, err := (&http.Client{Timeout: applyTimeout}).Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		s.t.Fatalf("PUT %s: %d", path, resp.StatusCode)
	}
}

// A trial takes another file, which knows where the hook service is.
func TestDevApplies(t *testing.T) {
	t.Parallel()
	service := newService(t)
	file := filepath.Join(t.TempDir(), "mine.yaml")
	const text = `
inlineHooks: [{name: Mine, type: com.okta.user.pre-registration, channel: {config: {uri: "${USHER_HOOK_URL}", authScheme: {type: HEADER, key: "${USHER_HOOK_HEADER}", value: "${USHER_HOOK_SECRET}"}}}}]
policies: [{name: Default Policy, rule: {unknownUserAction: REGISTER, preRegistrationInlineHooks: [{inlineHookId: Mine}]}}]
`
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c := start(t, "dev", "--json", "--listen", "127.0.0.1:0", "--hook", service.url, "--hook-auth", "x-key: hush hush", "--apply", file)
	var r ready
	if err := json.Unmarshal([]byte(c.out.waitFor(t, "\n", 1)), &r); err != nil {
		t.Fatal(err)
	}
	if status, page := signUp(t, r.URL, "ada@example.com"); status != http.StatusSeeOther {
		t.Errorf("status %d: %s", status, page)
	}
	var hooks []struct{ Name string }
	shop{t, r, ""}.get("/api/v1/inlineHooks", &hooks)
	if len(hooks) != 1 || hooks[0].Name != "Mine" {
		t.Errorf("hooks are %v", hooks)
	}
	if text := c.err.String(); !strings.Contains(text, "+ inline hook Mine\n") {
		t.Errorf("the plan is not shown: %s", text)
	}
}
