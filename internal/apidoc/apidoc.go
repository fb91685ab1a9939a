// Package apidoc is the OpenAPI 3.1 document of the management API: what usher
// serves, in its own words.
//
//	base.yaml, inlinehooks.yaml, users.yaml … ──► Document ──► GET /api/v1/openapi.json
//	 one fragment for each resource                   │         docs/openapi.json
//	                                                  └───────► apicheck: every request and
//	                                                            answer of the tests
//
// A fragment has paths, and the schemas of its objects under components. What
// Okta's API does not have is marked by "x-usher-extension: true", at an operation
// or a property; clients of Okta's must not need it.
package apidoc

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"

	"go.yaml.in/yaml/v4"
)

//go:embed *.yaml
var fragments embed.FS

// Path is where the API serves the document.
const Path = "/api/v1/openapi.json"

// Document gives the whole document as JSON. server is the base URL of the API.
func Document(server string) ([]byte, error) {
	whole := map[string]any{}
	names, err := fs.Glob(fragments, "*.yaml")
	if err != nil {
		return nil, fmt.Errorf("apidoc: %w", err)
	}
	for _, name := range names {
		text, err := fragments.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("apidoc: %w", err)
		}
		var part map[string]any
		if err := yaml.Unmarshal(text, &part); err != nil {
			return nil, fmt.Errorf("apidoc: %s: %w", name, err)
		}
		if err := merge(whole, part, name); err != nil {
			return nil, err
		}
	}
	whole["servers"] = []any{map[string]any{"url": server}}
	text, err := json.MarshalIndent(whole, "", " ")
	if err != nil {
		return nil, fmt.Errorf("apidoc: %w", err)
	}
	return append(text, '\n'), nil
}

// merge adds a part to the whole. Nothing may be said twice.
func merge(whole, part map[string]any, at string) error {
	for key, value := range part {
		had, ok := whole[key]
		if !ok {
			whole[key] = value
			continue
		}
		in, isObject := had.(map[string]any)
		more, fits := value.(map[string]any)
		if !isObject || !fits {
			return fmt.Errorf("apidoc: %s: %s is said twice", at, key)
		}
		if err := merge(in, more, at+": "+key); err != nil {
			return err
		}
	}
	return nil
}
