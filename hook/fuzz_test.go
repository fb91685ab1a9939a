package hook_test

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"reflect"
	"regexp"
	"testing"

	"github.com/usher-id/usher/hook"
	"github.com/usher-id/usher/hook/testdata"
)

// FuzzObject holds the parser against encoding/json. What it refuses although
// encoding/json takes it is, and is nothing but:
//
//   - invalid UTF-8, which encoding/json replaces by U+FFFD,
//   - half of a surrogate pair, which it replaces likewise,
//   - more than 64 levels or 10,000 values.
//
// What it takes, encoding/json takes.
func FuzzObject(f *testing.F) {
	for _, seed := range []string{
		`{"commands":[{"type":"com.okta.action.update","value":{"registration":"DENY"}}]}`,
		`{"costCentre":"a","costCentre":"b"}`,
		`[9007199254740993,1e400,12.0,-0,01,1.,-]`,
		`"\ud83d\ude00 \ud83d"`,
		"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0000\\u00e9\x7f\u2028\"",
		` { "a" : [ true , false , null ] } `,
		"\xef\xbb\xbf{}", "\"\xff\"", `{} {}`, `{"a":1,}`, `nullx`, ``,
	} {
		f.Add([]byte(seed))
	}
	addFixtures(f)
	f.Fuzz(func(t *testing.T, text []byte) {
		v, err := hook.Parse(text, hook.DefaultLimits)
		if err != nil {
			checkError(t, text, err)
			return
		}
		if !json.Valid(text) {
			t.Fatalf("accepted %q, which is not JSON", text)
		}
		again, err := hook.Encode(v)
		if err != nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}
		w, err := hook.Parse(again, hook.DefaultLimits)
		if err != nil {
			t.Fatalf("what was written cannot be read: %v\n%s", err, again)
		}
		if !reflect.DeepEqual(v, w) {
			t.Fatalf("%q came back as %q", text, again)
		}
		if minimal(text) && !bytes.Equal(text, again) {
			t.Fatalf("compact %q came back as %q", text, again)
		}
		if o, ok := v.(*hook.Object); ok {
			checkPlaces(t, text, o)
		}
	})
}

// addFixtures adds what services answer in the fixtures.
func addFixtures(f *testing.F) {
	answers, err := fs.Glob(testdata.FS, "registration/*/response.http")
	if err != nil || len(answers) == 0 {
		f.Fatalf("no fixtures: %v", err)
	}
	for _, name := range answers {
		raw, err := fs.ReadFile(testdata.FS, name)
		if err != nil {
			f.Fatal(err)
		}
		if _, body, ok := bytes.Cut(raw, []byte("\r\n\r\n")); ok && len(body) < 1<<10 { // long ones slow the search
			f.Add(body)
		}
	}
}

func checkError(t *testing.T, text []byte, err error) {
	t.Helper()
	e, ok := err.(*hook.SyntaxError) //nolint:errorlint // Parse promises this very type
	if !ok || e.Offset < 0 || e.Offset > len(text) || e.Line < 1 || e.Column < 1 {
		t.Fatalf("%q: an error without a place: %#v", text, err)
	}
	if !json.Valid(text) {
		return
	}
	switch e.Problem {
	case "invalid UTF-8", "half of a surrogate pair", "nested deeper than 64", "more than 10000 values":
	default:
		t.Fatalf("refused JSON %q: %v", text, err)
	}
}

// checkPlaces compares what Locate and LocateDuplicate say with the object.
func checkPlaces(t *testing.T, text []byte, o *hook.Object) {
	t.Helper()
	for name := range o.All() {
		last, _ := o.Get(name)
		at := hook.Locate(text, name)
		// The value that begins there is the one that Get gives.
		var raw json.RawMessage
		if err := json.NewDecoder(bytes.NewReader(text[at:])).Decode(&raw); err != nil {
			t.Fatalf("%q: nothing to read at %d: %v", text, at, err)
		}
		v, err := hook.Parse(raw, hook.DefaultLimits)
		if err != nil || !reflect.DeepEqual(v, last) {
			t.Fatalf("%q: at %d there is %q, want %v", text, at, raw, last)
		}
	}
	name, dup := o.Duplicate()
	if at := hook.LocateDuplicate(text, name); (at > 0) != dup || dup && text[at] != '"' {
		t.Fatalf("%q: the duplicate of %q is at %d", text, name, at)
	}
}

var optional = regexp.MustCompile(`[ \t\r\n]|\\[/u]`)

// minimal tells whether a text has no white space outside of strings and none
// of the escapes that have a shorter spelling; it may say no too often.
func minimal(text []byte) bool {
	return !optional.Match(text)
}
