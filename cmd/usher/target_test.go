package main

import (
	"strings"
	"testing"
)

func TestParseTarget(t *testing.T) {
	t.Parallel()
	for raw, address := range map[string]string{
		"http://localhost:3000/registrationHook": "localhost:3000",
		"http://127.0.0.1:3000/":                 "127.0.0.1:3000",
		"http://[::1]:3000/hook?tenant=blue":     "[::1]:3000",
		"http://192.168.1.5:3000/":               "192.168.1.5:3000",
		"http://hook:3000/":                      "hook:3000",
		"http://host.docker.internal/":           "host.docker.internal:80",
		"https://hooks.example.com/hook":         "hooks.example.com:443",
	} {
		got, err := parseTarget("--hook", raw, "")
		if err != nil {
			t.Errorf("%s: %v", raw, err)
			continue
		}
		if got.url != raw || got.address != address || got.header != "" || got.secret != "" {
			t.Errorf("%s is %+v", raw, got)
		}
		policy, err := got.policy()
		if err != nil {
			t.Fatal(err)
		}
		// What was typed, and this machine, and nothing else.
		for url, want := range map[string]bool{
			raw: true, "http://localhost:99/": true, "http://127.0.0.1:99/": true, "http://[::1]:99/": true,
			"http://192.168.1.6:3000/": false, "http://hook:3001/": false, "http://169.254.169.254/": false,
		} {
			if _, err := policy.ParseURL(url); (err == nil) != want {
				t.Errorf("with %s: %s: %v", raw, url, err)
			}
		}
	}
}

func TestParseTargetRefused(t *testing.T) {
	t.Parallel()
	const form = "--hook: expected a URL, as in http://localhost:3000/registrationHook"
	for raw, want := range map[string]string{
		"localhost":                          form,
		"localhost:3000":                     form,
		"localhost:3000/hook":                form,
		"/registrationHook":                  form,
		"http://":                            form,
		"http://:3000/":                      form,
		"ftp://localhost/":                   form,
		"http://local host/":                 form,
		"http://localhost:port/":             form,
		"http://localhost:0/":                "--hook: ",
		"http://localhost:3000/#there":       "--hook: outbound call refused: a fragment is not allowed",
		"http://me:hush@localhost:3000/":     "--hook: outbound call refused: a user name or password in the URL is not allowed",
		"http://169.254.169.254/latest":      "--hook: ",
		"http://hooks.example.com:3000/a\\b": "--hook: ",
	} {
		_, err := parseTarget("--hook", raw, "")
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: the error is %v", raw, err)
		}
		if err != nil && strings.Contains(err.Error(), "hush") {
			t.Errorf("%s: the error tells the password: %v", raw, err)
		}
	}
}

func TestParseTargetAuth(t *testing.T) {
	t.Parallel()
	const url = "http://localhost:3000/"
	for auth, want := range map[string][2]string{
		"authorization: Basic dXNlcjpzZWNyZXQ=": {"authorization", "Basic dXNlcjpzZWNyZXQ="},
		"X-Api-Key:a:b":                         {"X-Api-Key", "a:b"},
		"  x-key  :  hush hush  ":               {"x-key", "hush hush"},
	} {
		if got, err := parseTarget("--hook", url, auth); err != nil || got.header != want[0] || got.secret != want[1] {
			t.Errorf("%q is %+v, %v", auth, got, err)
		}
	}
	for auth, want := range map[string]string{
		"hush":           "--hook-auth: expected a header, as in",
		"authorization:": "--hook-auth: expected a header, as in",
		": hush":         "--hook-auth: expected a header, as in",
		":":              "--hook-auth: expected a header, as in",
		"Host: hush":     "--hook-auth: The name is reserved.",
		"a b: hush":      "--hook-auth: The name may hold",
		"a: hüsh":        "--hook-auth: The value may hold",
	} {
		_, err := parseTarget("--hook", url, auth)
		if err == nil || !strings.HasPrefix(err.Error(), want) || strings.Contains(err.Error(), "hush") || strings.Contains(err.Error(), "hüsh") {
			t.Errorf("%q: the error is %v", auth, err)
		}
	}
}
