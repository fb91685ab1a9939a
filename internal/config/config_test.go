package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/usher-id/usher/internal/config"
)

// load writes a file and loads it with an environment.
func load(t *testing.T, text string, environment map[string]string) (*config.Config, []string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "usher.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := config.Load(file, func(name string) string { return environment[name] })
	if err == nil {
		return c, nil
	}
	lines := strings.Split(err.Error(), "\n")
	for i := range lines {
		lines[i] = strings.TrimPrefix(lines[i], filepath.Dir(file)+string(filepath.Separator))
	}
	return c, lines
}

// TestBadFiles: the key, the line, what was expected; all of them at once.
func TestBadFiles(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name string
		text string
		want []string
	}{
		{"unknown key", "listen: 127.0.0.1:80\npasswort: {}\n", []string{
			"usher.yaml:2: passwort: unknown key; expected one of publicUrl, listen, database, keyFile, trustedProxies, org, tls, outbound, hooks, password, limits, retention, log, seed",
		}},
		{"unknown key inside", "password:\n  hash: bcrypt\n  cost: 12\n", []string{"usher.yaml:3: password.cost: unknown key; expected one of hash, bcryptCost"}},
		{"a key in other letters", "Listen: x\n", []string{
			"usher.yaml:1: Listen: unknown key; expected one of publicUrl, listen, database, keyFile, trustedProxies, org, tls, outbound, hooks, password, limits, retention, log, seed",
		}},
		{"unknown key in a list", "seed:\n  inlineHooks:\n    - name: a\n      headers:\n        - key: x\n          val: y\n", []string{
			"usher.yaml:6: seed.inlineHooks[0].headers[0].val: unknown key; expected one of key, value",
		}},
		{"merge keys are not known", "a: &a {level: info}\nlog:\n  <<: *a\n", []string{
			"usher.yaml:1: a: unknown key; expected one of publicUrl, listen, database, keyFile, trustedProxies, org, tls, outbound, hooks, password, limits, retention, log, seed",
			"usher.yaml:3: log.<<: unknown key; expected one of level, format",
		}},
		{"twice", "listen: 127.0.0.1:80\nlisten: 127.0.0.1:81\n", []string{"usher.yaml:2: listen: the key occurs twice"}},
		{"twice inside", "log:\n  level: info\n  level: info\n", []string{"usher.yaml:3: log.level: the key occurs twice"}},
		{"a list for a text", "listen: [a]\n", []string{"usher.yaml:1: listen: expected a text"}},
		{"a section for a text", "listen:\n  host: a\n", []string{"usher.yaml:2: listen: expected a text"}},
		{"a text for a section", "tls: on\n", []string{"usher.yaml:1: tls: expected keys and values"}},
		{"a text for a list", "trustedProxies: 10.0.0.0/8\n", []string{"usher.yaml:1: trustedProxies: expected a list, as in [a, b]"}},
		{"a list in a list", "trustedProxies: [[10.0.0.0/8]]\n", []string{"usher.yaml:1: trustedProxies[0]: expected a text"}},
		{"a list for the file", "- listen\n", []string{"usher.yaml:1: expected keys and values"}},
		{"a word for a flag", "outbound:\n  allow_http: yes\n", []string{`usher.yaml:2: outbound.allow_http: expected true or false, found "yes"`}},
		{"a text for a number", "password:\n  bcryptCost: twelve\n", []string{`usher.yaml:2: password.bcryptCost: expected a whole number, found "twelve"`}},
		{"a broken number", "password: {bcryptCost: 12.5}\n", []string{`usher.yaml:1: password.bcryptCost: expected a whole number, found "12.5"`}},
		{"a text among numbers", "outbound:\n  ports:\n    - 443\n    - https\n", []string{`usher.yaml:4: outbound.ports[1]: expected a whole number, found "https"`}},
		{"a duration without unit", "hooks:\n  timeout: 3\n", []string{`usher.yaml:2: hooks.timeout: expected a duration, as in 3s, found "3"`}},
		{"a duration in days", "retention: {calls: 7d}\n", []string{`usher.yaml:1: retention.calls: expected a duration, as in 3s, found "7d"`}},
		{"too short a duration", "hooks:\n  timeout: 500ms\n", []string{"usher.yaml:2: hooks.timeout: expected 1s to 8s"}},
		{"too long a duration", "hooks:\n  timeout: 8001ms\n", []string{"usher.yaml:2: hooks.timeout: expected 1s to 8s"}},
		{"a section that should be a secret", "seed:\n  inlineHooks:\n    - name: a\n      authSecret:\n        value: canary\n", []string{
			"usher.yaml:5: seed.inlineHooks[0].authSecret: expected a text",
		}},
		{"mail is not sent", "seed:\n  enrollment:\n    selfServiceRegistration: true\n    emailVerification: true\n", []string{
			"usher.yaml:4: seed.enrollment.emailVerification: expected false: this version sends no mail",
		}},
		{"no port", "listen: localhost\n", []string{"usher.yaml:1: listen: expected an address and a port, as in 127.0.0.1:8080"}},
		{"a port in words", "listen: localhost:http\n", []string{"usher.yaml:1: listen: expected an address and a port, as in 127.0.0.1:8080"}},
		{"too high a port", "listen: :65536\n", []string{"usher.yaml:1: listen: expected an address and a port, as in 127.0.0.1:8080"}},
		{"another database", "database: mysql://localhost\n", []string{"usher.yaml:1: database: expected sqlite:FILE or postgres://…"}},
		{"no file for the database", "database: 'sqlite:'\n", []string{"usher.yaml:1: database: expected sqlite:FILE or postgres://…"}},
		{"a name for a proxy", "trustedProxies:\n  - 10.0.0.1\n  - proxy.example.com\n", []string{
			"usher.yaml:3: trustedProxies[1]: expected an address or a range, as in 10.0.0.0/8",
		}},
		{"half of TLS", "tls:\n\n  certFile: a.pem\n", []string{"usher.yaml:1: tls.keyFile: expected the private key of tls.certFile"}},
		{"the other half", "tls: {keyFile: a.pem}\n", []string{"usher.yaml:1: tls.certFile: expected the certificate of tls.keyFile"}},
		{"choices", "log:\n  level: loud\n  format: xml\npassword:\n  hash: md5\n", []string{
			"usher.yaml:2: log.level: expected debug or info or warn or error",
			"usher.yaml:3: log.format: expected json or text",
			"usher.yaml:5: password.hash: expected argon2id or bcrypt",
		}},
		{"negative limits", "limits: {signUpPerMinute: -1, signInPerMinute: -1, apiPerMinute: -1, previewPerMinute: -1}\nretention:\n  callBytes: -1\n  calls: 1s\n  systemLog: -1h\n", []string{
			"usher.yaml:1: limits.signUpPerMinute: expected 0 or more", "usher.yaml:1: limits.signInPerMinute: expected 0 or more",
			"usher.yaml:1: limits.apiPerMinute: expected 0 or more", "usher.yaml:1: limits.previewPerMinute: expected 0 or more",
			"usher.yaml:3: retention.callBytes: expected 0 or more", "usher.yaml:4: retention.calls: expected 1m or more", "usher.yaml:5: retention.systemLog: expected 1m or more",
		}},
		{"of every kind at once", "listen: nowhere\nlisten: x\nhooks:\n  timeout: soon\nlog: {level: loud}\ncolour: red\n", []string{
			"usher.yaml:2: listen: the key occurs twice", `usher.yaml:4: hooks.timeout: expected a duration, as in 3s, found "soon"`,
			"usher.yaml:6: colour: unknown key; expected one of publicUrl, listen, database, keyFile, trustedProxies, org, tls, outbound, hooks, password, limits, retention, log, seed",
			"usher.yaml:5: log.level: expected debug or info or warn or error",
		}},
		{"not YAML", "listen: 127.0.0.1:80\nlog: [info\n", []string{"usher.yaml:3: expected YAML: did not find expected ',' or ']'"}},
		{"a tab", "log:\n\tlevel: info\n", []string{"usher.yaml:2: expected YAML: found character that cannot start any token"}},
		{"an unknown anchor", "listen: *here\n", []string{"usher.yaml:1: expected YAML: unknown anchor 'here' referenced"}},
		{"an anchor in itself", "trustedProxies: &a [*a]\n", []string{"usher.yaml:1: trustedProxies[0]: expected a text"}},
		{"two documents", "listen: :80\n---\nlisten: :81\n", []string{"usher.yaml: expected YAML: one document, there are more"}},
		{"not text", "listen: \xff\n", []string{"usher.yaml: expected YAML: invalid leading UTF-8 octet (value: 255)"}},
		{"NUL", "listen: \x00\n", []string{"usher.yaml: expected YAML: control characters are not allowed (value: 0)"}},
		{"Windows line ends", "log:\r\n  level: info\r\n  level: loud\r\n", []string{"usher.yaml:3: log.level: the key occurs twice"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			_, got := load(t, row.text, nil)
			equal(t, got, row.want)
		})
	}
}

func equal(t *testing.T, got, want []string) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("\n got %s\nwant %s", strings.Join(got, "\n     "), strings.Join(want, "\n     "))
	}
}

func TestPublicURL(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"https://id.example.com": "https://id.example.com", "https://id.example.com/": "https://id.example.com",
		"http://localhost:8080": "http://localhost:8080", "https://[::1]:8443/": "https://[::1]:8443",
		"id.example.com": "", "//id.example.com": "", "https://": "", "https:///": "", "https://id.example.com/login": "", "https://id.example.com?a": "",
		"https://id.example.com#a": "", "https://user@id.example.com": "", "ftp://id.example.com": "", "https://id.example.com:port": "", "https://a b": "",
	} {
		c, got := load(t, "publicUrl: '"+text+"'\n", nil)
		if want == "" {
			equal(t, got, []string{"usher.yaml:1: publicUrl: expected https:// and a host, without a path"})
		} else if got != nil || c.PublicURL != want {
			t.Errorf("%s: %q, %v", text, c.PublicURL, got)
		}
	}
}

// TestDefaults: a file that says nothing, in any way, changes nothing.
func TestDefaults(t *testing.T) {
	t.Parallel()
	want, err := config.Load("", func(string) string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	if want.Listen != "127.0.0.1:8080" || want.Database != "sqlite:usher.db" || want.Hooks.Timeout != 3*time.Second || want.Password.Hash != "argon2id" ||
		want.Limits.SignUpPerMinute != 10 || want.Retention.Calls != 7*24*time.Hour || want.Outbound.AllowHTTP || want.TrustedProxies != nil || want.Seed.Enrollment != nil {
		t.Errorf("defaults %+v", want)
	}
	for _, text := range []string{"", "\n", "# nothing\n", "---\n", "{}\n", "null\n", "\ufeff# a byte order mark\n", "log:\n  # level: loud\n", "listen:\ntrustedProxies:\nseed:\n  enrollment:\n  attributes:\n"} {
		got, problems := load(t, text, nil)
		if problems != nil {
			t.Errorf("%q: %v", text, problems)
			continue
		}
		if !reflect.DeepEqual(exported(got), exported(want)) {
			t.Errorf("%q gives %+v", text, got)
		}
	}
}

// exported is a configuration without where it is from.
func exported(c *config.Config) (values []any) {
	v := reflect.ValueOf(c).Elem()
	for i := range v.NumField() {
		if v.Type().Field(i).IsExported() {
			values = append(values, v.Field(i).Interface())
		}
	}
	return values
}

func TestFile(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{"as it is": whole, "with Windows line ends": strings.ReplaceAll(whole, "\n", "\r\n")} {
		c, problems := load(t, text, nil)
		if problems != nil {
			t.Fatalf("%s: %v", name, problems)
		}
		seven, five := 7, 5
		want := config.Seed{
			Groups: []string{"Members", "123"},
			Attributes: []config.Attribute{
				{Name: "badge", Title: "Badge", Type: "integer", Minimum: "1"},
				{Name: "code", Type: "string", MinLength: &five, MaxLength: &seven, Enum: []string{"aaaaa", "bbbbb"}, Sensitive: true},
			},
			InlineHooks: []config.InlineHook{{Name: "Door", URL: "http://hook:3000/", AuthHeader: "authorization", AuthSecretEnv: "HOOK_SECRET", Headers: []config.Header{{Key: "x-lower", Value: "1"}}}},
			Enrollment: &config.Enrollment{
				SelfServiceRegistration: true, InlineHook: "Door", RunFor: []string{"newUser"},
				Attributes: []config.FormField{{Name: "email", Required: true}, {Name: "badge", Label: "Your badge"}},
			},
		}
		if !reflect.DeepEqual(c.Seed, want) {
			t.Errorf("%s: seed\n got %+v\nwant %+v", name, c.Seed, want)
		}
		if !reflect.DeepEqual(c.Outbound, config.Outbound{AllowHosts: []string{"hook:3000"}, AllowHTTP: true, Ports: []int{443, 3000}}) {
			t.Errorf("%s: outbound %+v", name, c.Outbound)
		}
		if c.Hooks.Timeout != 2500*time.Millisecond || c.Org.Name != "true" || c.Password.BcryptCost != 11 {
			t.Errorf("%s: %+v", name, c)
		}
	}
}

// whole is a file with a value of every type, and with an anchor.
const whole = `# A comment.
org: {name: true}
password:
  hash: "bcrypt"
  bcryptCost: 11
hooks:
  timeout: 2.5s
outbound:
  allow_hosts: [&host "hook:3000"]
  allow_http: true
  ports: [443, 3000]
trustedProxies: [10.0.0.0/8, "2001:db8::1"]
seed:
  groups:
    - Members
    - 123
  attributes:
    - &badge
      name: badge
      title: Badge
      type: integer
      minimum: 1
    - name: code
      minLength: 5
      maxLength: 7
      enum: [aaaaa, bbbbb]
      sensitive: true
  inlineHooks:
    - name: Door
      url: http://hook:3000/
      authHeader: authorization
      authSecretEnv: HOOK_SECRET
      headers: [{key: x-lower, value: "1"}]
  enrollment:
    selfServiceRegistration: true
    inlineHook: Door
    runFor: [newUser]
    attributes:
      - {name: email, required: true}
      - {name: badge, label: Your badge}
`

func TestAnchors(t *testing.T) {
	t.Parallel()
	c, problems := load(t, `
outbound:
  allow_hosts: &hosts [a:1, b:2]
  allow: *hosts
seed:
  inlineHooks:
    - {name: &name One, headers: &headers [{key: a, value: b}]}
    - {name: Two, headers: *headers}
  groups: [*name]
`, nil)
	if problems != nil {
		t.Fatal(problems)
	}
	if !reflect.DeepEqual(c.Outbound.Allow, []string{"a:1", "b:2"}) || !reflect.DeepEqual(c.Seed.Groups, []string{"One"}) ||
		!reflect.DeepEqual(c.Seed.InlineHooks[1].Headers, []config.Header{{Key: "a", Value: "b"}}) {
		t.Errorf("%+v", c)
	}
	if e := asError(t, c.At("outbound.allow[1]", "x")); e.Line != 3 { // where the text stands
		t.Errorf("an element of an alias is at line %d", e.Line)
	}
}

func TestEnvironment(t *testing.T) {
	t.Parallel()
	c, problems := load(t, "listen: :80\npassword: {hash: argon2id}\noutbound: {allow_hosts: [file:1], ports: [1]}\n", map[string]string{
		"USHER_PUBLIC_URL": "https://id.example.com", "USHER_LISTEN": ":81", "USHER_DATABASE": "postgres://db/usher", "USHER_KEY_FILE": "k",
		"USHER_TRUSTED_PROXIES": "10.0.0.1, ::1", "USHER_ORG_NAME": "Org", "USHER_TLS_CERT_FILE": "c", "USHER_TLS_KEY_FILE": "d",
		"USHER_OUTBOUND_ALLOW": "10.0.0.0/8", "USHER_OUTBOUND_ALLOW_HOSTS": "hook:3000,other", "USHER_OUTBOUND_ALLOW_HTTP": "true",
		"USHER_OUTBOUND_PORTS": "443, 3000", "USHER_OUTBOUND_CA_FILE": "ca", "USHER_HOOKS_TIMEOUT": "5s", "USHER_PASSWORD_HASH": "bcrypt",
		"USHER_PASSWORD_BCRYPT_COST": "13", "USHER_LIMITS_SIGN_UP_PER_MINUTE": "0", "USHER_LIMITS_SIGN_IN_PER_MINUTE": "1", "USHER_LIMITS_API_PER_MINUTE": "2",
		"USHER_LIMITS_PREVIEW_PER_MINUTE": "3", "USHER_RETENTION_CALLS": "1h", "USHER_RETENTION_CALL_BYTES": "4", "USHER_RETENTION_SYSTEM_LOG": "2h",
		"USHER_LOG_LEVEL": "debug", "USHER_LOG_FORMAT": "text",
		"USHER_SEED_GROUPS": "not read", "USHER_OUTBOUND": "not read", "LISTEN": "not read",
	})
	if problems != nil {
		t.Fatal(problems)
	}
	want := &config.Config{
		PublicURL: "https://id.example.com", Listen: ":81", Database: "postgres://db/usher", KeyFile: "k", TrustedProxies: []string{"10.0.0.1", "::1"},
		Org: config.Org{Name: "Org"}, TLS: config.TLS{CertFile: "c", KeyFile: "d"},
		Outbound:  config.Outbound{Allow: []string{"10.0.0.0/8"}, AllowHosts: []string{"hook:3000", "other"}, AllowHTTP: true, Ports: []int{443, 3000}, CAFile: "ca"},
		Hooks:     config.Hooks{Timeout: 5 * time.Second},
		Password:  config.Password{Hash: "bcrypt", BcryptCost: 13},
		Limits:    config.Limits{SignUpPerMinute: 0, SignInPerMinute: 1, APIPerMinute: 2, PreviewPerMinute: 3},
		Retention: config.Retention{Calls: time.Hour, CallBytes: 4, SystemLog: 2 * time.Hour},
		Log:       config.Log{Level: "debug", Format: "text"},
	}
	if !reflect.DeepEqual(exported(c), exported(want)) {
		t.Errorf("\n got %+v\nwant %+v", c, want)
	}
}

func TestBadEnvironment(t *testing.T) {
	t.Parallel()
	_, got := load(t, "hooks: {timeout: 2s}\nlog: {level: info}\ntrustedProxies: [10.0.0.1]\n", map[string]string{
		"USHER_HOOKS_TIMEOUT": "soon", "USHER_LOG_LEVEL": "loud", "USHER_OUTBOUND_PORTS": "443,https", "USHER_OUTBOUND_ALLOW_HTTP": "yes",
		"USHER_PASSWORD_BCRYPT_COST": "12 ", "USHER_TRUSTED_PROXIES": "10.0.0.1,proxy", "USHER_TLS_CERT_FILE": "c",
	})
	equal(t, got, []string{
		"USHER_OUTBOUND_ALLOW_HTTP: outbound.allow_http: expected true or false",
		"USHER_OUTBOUND_PORTS: outbound.ports: expected a list of whole numbers, with commas",
		"USHER_HOOKS_TIMEOUT: hooks.timeout: expected a duration, as in 3s",
		"USHER_PASSWORD_BCRYPT_COST: password.bcryptCost: expected a whole number",
		"USHER_TRUSTED_PROXIES: trustedProxies[1]: expected an address or a range, as in 10.0.0.0/8",
		"USHER_LOG_LEVEL: log.level: expected debug or info or warn or error",
		"tls.keyFile: expected the private key of tls.certFile",
	})
}

// TestAt: what another package refuses is told as what Load refuses.
func TestAt(t *testing.T) {
	t.Parallel()
	c, problems := load(t, "outbound:\n  allow:\n    - 10.0.0.0/8\n    - 10.1.0.0/8\n  ca_file: ca.pem\nseed:\n  enrollment:\n    runFor: [newUser]\n", map[string]string{
		"USHER_OUTBOUND_CA_FILE": "other.pem", "USHER_OUTBOUND_ALLOW_HOSTS": "a,b",
	})
	if problems != nil {
		t.Fatal(problems)
	}
	for key, want := range map[string]string{
		"outbound.allow[1]":          "usher.yaml:4: outbound.allow[1]: bad",
		"outbound.allow[7]":          "usher.yaml:2: outbound.allow[7]: bad",
		"outbound.ca_file":           "USHER_OUTBOUND_CA_FILE: outbound.ca_file: bad",
		"outbound.allow_hosts[1]":    "USHER_OUTBOUND_ALLOW_HOSTS: outbound.allow_hosts[1]: bad",
		"outbound":                   "usher.yaml:1: outbound: bad",
		"seed.enrollment.inlineHook": "usher.yaml:7: seed.enrollment.inlineHook: bad",
		"seed.enrollment.runFor[0]":  "usher.yaml:8: seed.enrollment.runFor[0]: bad",
		"password.bcryptCost":        "password.bcryptCost: bad",
	} {
		e := asError(t, c.At(key, "bad"))
		e.Source = filepath.Base(e.Source)
		if e.Source == "." {
			e.Source = ""
		}
		if e.Error() != want {
			t.Errorf("%s, want %s", e, want)
		}
	}
}

func asError(t *testing.T, err error) *config.Error {
	t.Helper()
	var e *config.Error
	if !errors.As(err, &e) {
		t.Fatalf("%v is no *Error", err)
	}
	copied := *e
	return &copied
}

func TestNoFile(t *testing.T) {
	t.Parallel()
	missing := filepath.Join(t.TempDir(), "missing.yaml")
	for _, file := range []string{missing, t.TempDir()} {
		if c, err := config.Load(file, func(string) string { return "" }); c != nil || err == nil || !strings.Contains(err.Error(), file) {
			t.Errorf("%s: %v, %v", file, c, err)
		}
	}
}

func TestParseRange(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"10.0.0.1": "10.0.0.1/32", "10.0.0.0/8": "10.0.0.0/8", "::1": "::1/128", "2001:db8::/32": "2001:db8::/32", "10.0.0.0/33": "", "x": "", "": "",
	} {
		got, err := config.ParseRange(text)
		if (err != nil) != (want == "") || err == nil && got.String() != want {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
}
