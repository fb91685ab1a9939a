package apidoc

import "testing"

func TestNothingIsSaidTwice(t *testing.T) {
	t.Parallel()
	if _, err := Document("https://usher.example.com"); err != nil {
		t.Error(err)
	}
	whole := map[string]any{"paths": map[string]any{"/a": map[string]any{"get": 1}}}
	if err := merge(whole, map[string]any{"paths": map[string]any{"/a": map[string]any{"post": 1}, "/b": 1}}, "x"); err != nil {
		t.Error(err)
	}
	err := merge(whole, map[string]any{"paths": map[string]any{"/a": map[string]any{"get": 2}}}, "x")
	if err == nil || err.Error() != "apidoc: x: paths: /a: get is said twice" {
		t.Errorf("error is %v", err)
	}
}
