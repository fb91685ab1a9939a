package hook_test

import (
	"strings"
	"testing"

	"github.com/usher-id/usher/hook"
)

func TestLocate(t *testing.T) {
	t.Parallel()
	const text = ` {"a": [10, {"b": "x"}], "c": 1, "a":[true], "": {"a": 2}}`
	tests := []struct {
		name string
		path []any
		at   string // what the text goes on with there; empty: not there
	}{
		{"the whole text", nil, `{"a": [10`},
		{"member", []any{"c"}, `1, "a"`},
		{"the last of two members", []any{"a"}, `[true]`},
		{"in the last of two members", []any{"a", 0}, `true]`},
		{"only in the first of two members", []any{"a", 1, "b"}, ""},
		{"name that is empty", []any{"", "a"}, `2}}`},
		{"no such member", []any{"d"}, ""},
		{"no such element", []any{"a", 7}, ""},
		{"an index of an object", []any{0}, ""},
		{"below a number", []any{"c", "a"}, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := hook.Locate([]byte(text), test.path...)
			if test.at == "" {
				if got != 0 {
					t.Errorf("got %d: %s, want 0", got, text[got:])
				}
				return
			}
			if !strings.HasPrefix(text[got:], test.at) {
				t.Errorf("got %d: %s, want where it goes on with %s", got, text[got:], test.at)
			}
		})
	}
	if got := hook.Locate([]byte(`{"a":`), "a"); got != 0 {
		t.Errorf("in a text that is not JSON: got %d, want 0", got)
	}
}

func TestLocateDuplicate(t *testing.T) {
	t.Parallel()
	const text = `{"a":1,"b":{"a":1,"c":2,"c":3,"c":4},"a":2,"d":[{"":1,"":2}],"x":{"y":1,"y":2},"x":{"y":1}}`
	tests := []struct {
		name string
		path []any
		at   string
	}{
		{"a", nil, `"a":2`},
		{"c", []any{"b"}, `"c":3`},
		{"a", []any{"b"}, ""},
		{"b", nil, ""},
		{"", []any{"d", 0}, `"":2`},
		{"y", []any{"x"}, ""}, // the x that counts has one
		{"c", nil, ""},
	}
	for _, test := range tests {
		got := hook.LocateDuplicate([]byte(text), test.name, test.path...)
		if test.at == "" && got != 0 || !strings.HasPrefix(text[got:], test.at) {
			t.Errorf("%q in %v: got %d: %s, want where it goes on with %q", test.name, test.path, got, text[got:], test.at)
		}
	}
	if got := hook.LocateDuplicate([]byte(`{"a":1,"a":`), "a"); got != 0 {
		t.Errorf("in a text that is not JSON: got %d, want 0", got)
	}
}
