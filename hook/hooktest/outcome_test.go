package hooktest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"slices"
	"testing"

	"github.com/usher-id/usher/hook"
	"github.com/usher-id/usher/hook/testdata"
)

// Every reader of the fixtures trusts Diff and DiffRequest. So everything in
// each expected file is altered, one thing at a time: then either the file must
// not load, or there must be a difference.
func TestDiffSeesEveryAlteration(t *testing.T) {
	t.Parallel()
	for _, c := range cases(t) {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			if d := Diff(c.Outcome, c.Outcome); d != "" {
				t.Fatalf("equal outcomes differ: %s", d)
			}
			file, err := fs.ReadFile(testdata.FS, "registration/"+c.Name+"/outcome.json")
			if err != nil {
				t.Fatal(err)
			}
			seen := map[string]bool{}
			for _, a := range alterations(t, file) {
				seen[a.top] = true
				var other Outcome
				if decode(a.text, &other) != nil || other.check(c.Name) != nil && a.top == "row" {
					continue
				}
				if a.top != "source" && (Diff(c.Outcome, other) == "" || Diff(other, c.Outcome) == "") {
					t.Errorf("%s altered, and no difference: %s", a.at, a.text)
				}
			}
			if len(seen) != 8 {
				t.Errorf("altered are %v, want every member", seen)
			}
		})
	}
}

func TestDiffRequestSeesEveryAlteration(t *testing.T) {
	t.Parallel()
	for _, c := range cases(t) {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			var sent bytes.Buffer
			if err := json.Compact(&sent, c.Request); err != nil {
				t.Fatal(err)
			}
			if d := DiffRequest(c.Request, sent.Bytes()); d != "" {
				t.Fatalf("equal requests differ: %s", d)
			}
			list := alterations(t, c.Request)
			if len(list) < 40 {
				t.Errorf("only %d alterations", len(list))
			}
			for _, a := range list {
				if DiffRequest(a.text, sent.Bytes()) == "" {
					t.Errorf("%s altered, and no difference: %s", a.at, a.text)
				}
			}
		})
	}
}

// alteration is a JSON object with one change, and the place of the change.
type alteration struct {
	top, at string // its member, its path
	text    []byte
}

// alterations changes, removes and doubles everything below the top of a JSON
// object, one thing at a time.
func alterations(t *testing.T, text []byte) []alteration {
	t.Helper()
	root := new(hook.Object)
	if err := root.UnmarshalJSON(text); err != nil {
		t.Fatal(err)
	}
	var list []alteration
	for name, v := range root.All() {
		alter(name, v, func(at string, v any) {
			other := root.Clone()
			other.Set(name, v)
			list = append(list, alteration{name, at, []byte(other.String())})
		})
	}
	return list
}

// alter yields the values that differ from v in one place.
func alter(at string, v any, yield func(at string, v any)) {
	switch v := v.(type) {
	case *hook.Object:
		for name, inner := range v.All() {
			alter(at+"."+name, inner, func(at string, w any) {
				other := v.Clone()
				other.Set(name, w)
				yield(at, other)
			})
			if inner != nil { // absent and null are the same
				without := v.Clone()
				without.Delete(name)
				yield(at+"."+name, without)
			}
		}
		more := v.Clone()
		more.Set("added", "x")
		yield(at, more)
		yield(at, nil)
	case []any:
		for i, inner := range v {
			alter(fmt.Sprintf("%s[%d]", at, i), inner, func(at string, w any) {
				other := slices.Clone(v)
				other[i] = w
				yield(at, other)
			})
			yield(at, slices.Delete(slices.Clone(v), i, i+1))
			yield(at, slices.Insert(slices.Clone(v), i, inner))
		}
		yield(at, append(slices.Clone(v), "x"))
	case string:
		yield(at, v+"x")
		yield(at, nil)
	case json.Number:
		yield(at, v+"1")
		yield(at, "-"+v)
	case bool:
		yield(at, !v)
	case nil:
		yield(at, "x")
		yield(at, hook.NewObject(hook.Member{Name: "x", Value: "x"}))
	}
}

// What a failing reader prints.
func TestDiffReads(t *testing.T) {
	t.Parallel()
	email, reason := "email", "TIMEOUT"
	want := Outcome{
		Decision: Allow,
		Profile:  map[string]json.RawMessage{"badge": []byte("12"), "tags": []byte(`["a", "b"]`), "email": []byte(`"a"`)},
		Attempts: 1,
		Log:      []LogEvent{{"inline_hook.response.processed", "SUCCESS", nil}},
		Warnings: []string{"EMPTY_UPDATE", "ACTION_KEY"},
	}
	got := Outcome{
		Decision: Deny,
		Profile:  map[string]json.RawMessage{"badge": []byte("12.0"), "tags": []byte(`["a","b"]`), "login": []byte(`{`)},
		Messages: []Message{{&email, "No."}, {nil, "No!"}},
		Attempts: 2,
		Log:      []LogEvent{{"inline_hook.executed", "FAILURE", &reason}},
		Warnings: []string{"EMPTY_UPDATE"},
	}
	const lines = `outcome: got deny, want allow
profile.badge: got 12.0, want 12
profile.email: got nothing, want "a"
profile.login: got "{", which is not JSON, want nothing
messages[0]: got at the field "email": "No.", want nothing
messages[1]: got above the form: "No!", want nothing
attempts: got 2, want 1
log[0]: got "inline_hook.executed" "FAILURE": "TIMEOUT", want "inline_hook.response.processed" "SUCCESS"
warnings[1]: got nothing, want ACTION_KEY`
	if d := Diff(want, got); d != lines {
		t.Errorf("got\n%s\nwant\n%s", d, lines)
	}
	got = want
	got.Profile = nil
	if d := Diff(want, got); d != "profile: got nothing stored, want 3 attributes stored" {
		t.Errorf("got %s", d)
	}
	if d := Diff(got, got); d != "" {
		t.Errorf("got %s", d)
	}
}

func TestDiffRequestReads(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ want, got, diff string }{
		{`{ "a": 1 }`, `{"a":1}`, ""},
		{`{"a":1}`, `{ "a": 1 }`, "the request departs at byte 1: got …{ \"a\": 1 }…, want …{\"a\":1}…"},
		{`{"a":1}`, `{"a":1`, "the request departs at byte 6: got …{\"a\":1…, want …{\"a\":1}…"},
		{`{"a":1}`, ``, "the request departs at byte 0: got ……, want …{\"a\":1}…"},
		{`{"a":`, `{"a":`, "the request of the case: unexpected end of JSON input"},
	} {
		if d := DiffRequest([]byte(test.want), []byte(test.got)); d != test.diff {
			t.Errorf("got %s, want %s", d, test.diff)
		}
	}
}
