package mgmt_test

import (
	"bytes"
	"flag"
	"os"
	"regexp"
	"slices"
	"testing"

	"github.com/usher-id/usher/internal/apidoc"
	"github.com/usher-id/usher/internal/mgmt"
)

var update = flag.Bool("update", false, "write docs/openapi.json")

// Every route has an entry in the OpenAPI document, and every entry a route.
// Names of parameters do not count.
func TestDocumentIsWhole(t *testing.T) {
	t.Parallel()
	doc, err := document()
	if err != nil {
		t.Fatal(err)
	}
	if err := doc.Schemas(); err != nil {
		t.Error(err)
	}
	parameter := regexp.MustCompile(`\{[^}]*\}`)
	var routes, entries []string
	for _, p := range append(new(mgmt.API).Patterns(), "GET "+apidoc.Path) {
		routes = append(routes, parameter.ReplaceAllString(p, "{}"))
	}
	for _, o := range doc.Operations() {
		entries = append(entries, parameter.ReplaceAllString(o, "{}"))
	}
	for _, r := range routes {
		if !slices.Contains(entries, r) {
			t.Errorf("%s has no entry in the OpenAPI document (internal/apidoc)", r)
		}
	}
	for _, e := range entries {
		if !slices.Contains(routes, e) {
			t.Errorf("the OpenAPI document has %s, which is not served", e)
		}
	}
}

func TestDocumentIsServedAndKept(t *testing.T) {
	w := newWorld(t)
	w.token = "nobody's"
	served := w.send("GET", apidoc.Path, "")
	want, err := apidoc.Document(base)
	if err != nil {
		t.Fatal(err)
	}
	if served.status != 200 || served.body != string(want) {
		t.Errorf("answer is %d, %d bytes of %d", served.status, len(served.body), len(want))
	}
	const file = "../../docs/openapi.json"
	text, err := apidoc.Document("https://usher.example.com")
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(file, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	kept, err := os.ReadFile(file)
	if !bytes.Equal(kept, text) {
		t.Errorf("docs/openapi.json is not current (%v): run go test ./internal/mgmt -update", err)
	}
}
