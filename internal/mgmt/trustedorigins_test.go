package mgmt_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/usher-id/usher/internal/apidoc"
)

// The key order is that of TestAccResourceOktaTrustedOrigin_crud.
func TestTrustedOriginsAsRecorded(t *testing.T) {
	w := newWorld(t)
	const path = "/api/v1/trustedOrigins"
	want := func(status, origin, scopes, links string) string {
		return `{"id":"tos…","name":"testAcc","origin":"` + origin + `","scopes":` + scopes + `,"status":"` + status + `",
			"created":"…Z","createdBy":"00T…","lastUpdated":"…Z","lastUpdatedBy":"00T…","_links":` + links + `}`
	}
	const (
		self     = `"self":{"href":"https://id.example.com/api/v1/trustedOrigins/tos…","hints":{"allow":["GET","PUT","DELETE"]}}`
		active   = `{` + self + `,"deactivate":{"href":"https://id.example.com/api/v1/trustedOrigins/tos…/lifecycle/deactivate","hints":{"allow":["POST"]}}}`
		inactive = `{"activate":{"href":"https://id.example.com/api/v1/trustedOrigins/tos…/lifecycle/activate","hints":{"allow":["POST"]}},` + self + `}`
	)
	body := `{"name":"testAcc","origin":"https://example-3481107385.com","scopes":[{"type":"CORS"}],"status":"ACTIVE"}`
	first := want("ACTIVE", "https://example-3481107385.com", `[{"type":"CORS"}]`, active)
	w.is(w.send("POST", path, body), http.StatusOK, first)
	a := w.ok("GET", path, "")
	w.is(a, http.StatusOK, "["+first+"]")
	id := a.body[len(`[{"id":"`):][:20]
	w.is(w.send("POST", path+"/"+id+"/lifecycle/deactivate", ""), http.StatusOK, want("INACTIVE", "https://example-3481107385.com", `[{"type":"CORS"}]`, inactive))
	w.is(w.send("PUT", path+"/"+id, `{"name":"testAcc","origin":"https://example2-3481107385.com","scopes":[{"type":"CORS"},{"type":"REDIRECT"}],"status":"INACTIVE"}`),
		http.StatusOK, want("INACTIVE", "https://example2-3481107385.com", `[{"type":"CORS"},{"type":"REDIRECT"}]`, inactive))
}

// A page of an origin reads the API from the moment on that it is trusted with
// CORS, and no longer.
func TestCrossOriginCalls(t *testing.T) {
	w := newWorld(t)
	const path, shop = "/api/v1/trustedOrigins", "https://shop.example.com"
	allowed := func(method, origin string, preflight bool) (answer, string) {
		r, err := http.NewRequestWithContext(t.Context(), method, w.server.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Origin", origin)
		if preflight {
			r.Header.Set("Access-Control-Request-Method", "PUT")
		} else {
			r.Header.Set("Authorization", "SSWS "+w.token)
		}
		a := w.do(r)
		return a, a.header.Get("Access-Control-Allow-Origin")
	}
	expect := func(when string, want bool) {
		t.Helper()
		a, origin := allowed("GET", shop, false)
		if a.status != http.StatusOK || (origin == shop) != want || origin != "" && origin != shop {
			t.Errorf("%s: %d, allowed for %q", when, a.status, origin)
		}
		a, origin = allowed("OPTIONS", shop, true)
		if (a.status == http.StatusNoContent) != want || (origin == shop) != want {
			t.Errorf("%s: preflight %d, allowed for %q", when, a.status, origin)
		}
		if a, origin := allowed("GET", "https://evil.example.com", false); a.status != http.StatusOK || origin != "" {
			t.Errorf("%s: evil is allowed", when)
		}
	}
	expect("at first", false)
	id := w.makes(path, `{"name":"shop","origin":"`+shop+`","scopes":[{"type":"REDIRECT"}]}`)
	expect("trusted with something else", false)
	w.ok("PUT", path+"/"+id, `{"name":"shop","origin":"`+shop+`","scopes":[{"type":"CORS"}]}`)
	expect("trusted", true)
	w.ok("POST", path+"/"+id+"/lifecycle/deactivate", "")
	expect("inactive", false)
	w.ok("POST", path+"/"+id+"/lifecycle/activate", "")
	expect("active", true)
	a, _ := allowed("OPTIONS", shop, true)
	for name, want := range map[string]string{"Access-Control-Allow-Methods": "DELETE", "Access-Control-Allow-Headers": "Authorization", "Vary": "Origin"} {
		if !strings.Contains(a.header.Get(name), want) {
			t.Errorf("preflight: %s is %q", name, a.header.Get(name))
		}
	}
	w.ok("DELETE", path+"/"+id, "")
	expect("deleted", false)
}

// Terraform's provider 6.12: okta_trusted_origin. On a change of the status it
// calls the lifecycle first, and then says the same by a PUT.
func TestTerraformTrustedOrigin(t *testing.T) {
	w := newWorld(t)
	body := func(origin, scopes, status string) string {
		return `{"name":"testAcc","origin":"` + origin + `","scopes":` + scopes + `,"status":"` + status + `"}`
	}
	fields := func(origin, scopes, status string) map[string]string {
		return map[string]string{"name": `"testAcc"`, "origin": `"` + origin + `"`, "scopes": scopes, "status": `"` + status + `"`}
	}
	const first, second, cors, both = "https://example-1.com", "https://example-2.com", `[{"type":"CORS"}]`, `[{"type":"CORS"},{"type":"REDIRECT"}]`
	origins, one := "/api/v1/trustedOrigins", "/api/v1/trustedOrigins/$id"
	w.terraform([]step{
		{"POST", origins, body(first, cors, "ACTIVE"), 200, fields(first, cors, "ACTIVE")},
		{"GET", one, "", 200, fields(first, cors, "ACTIVE")},
		{"POST", one + "/lifecycle/deactivate", "", 200, fields(first, cors, "INACTIVE")},
		{"PUT", one, body(second, both, "INACTIVE"), 200, fields(second, both, "INACTIVE")},
		{"GET", one, "", 200, fields(second, both, "INACTIVE")}, // the second plan
		{"DELETE", one, "", 204, nil},
		{"GET", one, "", 404, nil},
	})
}

// What is told without a token is told to pages of trusted origins too, also to
// those that ask first whether they may.
func TestCrossOriginCallsWithoutAToken(t *testing.T) {
	w := newWorld(t)
	const shop = "https://shop.example.com"
	w.makes("/api/v1/trustedOrigins", `{"name":"shop","origin":"`+shop+`","scopes":[{"type":"CORS"}]}`)
	for _, path := range []string{"/.well-known/okta-organization", apidoc.Path} {
		for _, c := range []struct {
			method, origin string
			status         int
			allowed        string
		}{
			{"GET", shop, http.StatusOK, shop},
			{"OPTIONS", shop, http.StatusNoContent, shop},
			{"GET", "https://evil.example.com", http.StatusOK, ""},
			{"OPTIONS", "https://evil.example.com", http.StatusMethodNotAllowed, ""},
			{"POST", "", http.StatusMethodNotAllowed, ""},
		} {
			r, err := http.NewRequestWithContext(t.Context(), c.method, w.server.URL+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			if c.origin != "" {
				r.Header.Set("Origin", c.origin)
			}
			if c.method == http.MethodOptions {
				r.Header.Set("Access-Control-Request-Method", "GET")
			}
			a := w.do(r)
			if got := a.header.Get("Access-Control-Allow-Origin"); a.status != c.status || got != c.allowed {
				t.Errorf("%s %s of %q: %d, allowed for %q", c.method, path, c.origin, a.status, got)
			}
		}
	}
}
