package hook_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/usher-id/usher/hook"
)

func TestParseAccepts(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text string
		want       any
	}{
		{"null", `null`, nil},
		{"true", `true`, true},
		{"false", `false`, false},
		{"white space of every kind", " \t\r\n1 \t\r\n", json.Number("1")},
		{"empty string", `""`, ""},
		{"every escape", `"\"\\\/\b\f\n\r\t"`, "\"\\/\b\f\n\r\t"},
		{"escaped NUL", `"a\u0000"`, "a\x00"},
		{"hexadecimal in both cases", `"\u00eF\u00Ef"`, "ïï"},
		{"escape after plain text", `"ab\u0063d"`, "abcd"},
		{"surrogate pair", `"\ud83d\ude00"`, "😀"},
		{"replacement character as itself", `"�"`, "�"},
		{"replacement character escaped", `"\ufffd"`, "�"},
		{"delete and line separator", "\"\x7f\u2028\"", "\x7f\u2028"},
		{"empty array", `[ ]`, []any{}},
		{"array", `[1, "a", null]`, []any{json.Number("1"), "a", nil}},
		{"empty object", `{ }`, hook.NewObject()},
		{"empty name", `{"":1}`, hook.NewObject(hook.Member{Name: "", Value: json.Number("1")})},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := hook.Parse([]byte(test.text), hook.DefaultLimits)
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, test.want) && encode(t, got) != encode(t, test.want) {
				t.Errorf("got %#v, want %#v", got, test.want)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text   string
		offset       int
		line, column int
		problem      string
	}{
		{"nothing", "", 0, 1, 1, "the text ends where a value was expected"},
		{"only white space", " \n ", 3, 2, 2, "the text ends where a value was expected"},
		{"byte order mark", "\xef\xbb\xbf{}", 0, 1, 1, "not the beginning of a JSON value"},
		{"HTML page", "<html>", 0, 1, 1, "not the beginning of a JSON value"},
		{"half a literal", "nul", 0, 1, 1, "not the beginning of a JSON value"},
		{"literal in capitals", "True", 0, 1, 1, "not the beginning of a JSON value"},
		{"literal with a tail", "nullx", 4, 1, 5, "there is more after the end of the JSON value"},
		{"NaN", `{"a":NaN}`, 5, 1, 6, "not the beginning of a JSON value"},
		{"comment", "// no\n1", 0, 1, 1, "not the beginning of a JSON value"},
		{"single quotes", `{'a':1}`, 1, 1, 2, "a member name in double quotes was expected here"},
		{"second value", `{} {}`, 3, 1, 4, "there is more after the end of the JSON value"},
		{"closing bracket too many", "{}\n}", 3, 2, 1, "there is more after the end of the JSON value"},
		{"NUL after the value", "{}\x00", 2, 1, 3, "there is more after the end of the JSON value"},
		{"UTF-16", "{\x00}\x00", 1, 1, 2, "a member name in double quotes was expected here"},
		{"latin-1 outside a string", "[\xe9]", 1, 1, 2, "invalid UTF-8"},
		{"latin-1 in place of a comma", "[1\xe9]", 2, 1, 3, "invalid UTF-8"},

		{"open object", `{`, 1, 1, 2, "the text ends where a member name in double quotes was expected"},
		{"name alone", `{"a"`, 4, 1, 5, "the text ends where a colon was expected"},
		{"no colon", `{"a" 1}`, 5, 1, 6, "a colon was expected here"},
		{"no value", `{"a":}`, 5, 1, 6, "not the beginning of a JSON value"},
		{"value at the end", `{"a":`, 5, 1, 6, "the text ends where a value was expected"},
		{"no comma", `{"a":1 "b":2}`, 7, 1, 8, "a comma or } was expected here"},
		{"object cut", `{"a":1`, 6, 1, 7, "the text ends where a comma or } was expected"},
		{"comma after the last member", "{\n\"a\":1,\n}", 9, 3, 1, "a member name in double quotes was expected here"},
		{"number as a name", `{1:2}`, 1, 1, 2, "a member name in double quotes was expected here"},
		{"broken name", `{"a`, 3, 1, 4, "the text ends inside a string"},
		{"broken value", `{"a":"\x"}`, 6, 1, 7, "not an escape of JSON"},
		{"open array", `[`, 1, 1, 2, "the text ends where a value was expected"},
		{"array cut", `[1`, 2, 1, 3, "the text ends where a comma or ] was expected"},
		{"comma after the last element", `[1,]`, 3, 1, 4, "not the beginning of a JSON value"},
		{"wrong bracket", `[1}`, 2, 1, 3, "a comma or ] was expected here"},

		{"open string", `"ab`, 3, 1, 4, "the text ends inside a string"},
		{"string ends in a backslash", `"ab\`, 4, 1, 5, "the text ends inside a string"},
		{"line break in a string", "\"a\nb\"", 2, 1, 3, "a control character inside a string"},
		{"NUL in a string", "\"a\x00b\"", 2, 1, 3, "a control character inside a string"},
		{"latin-1 in a string", "\"caf\xe9\"", 4, 1, 5, "invalid UTF-8"},
		{"overlong slash", "\"\xc0\xaf\"", 1, 1, 2, "invalid UTF-8"},
		{"surrogate in UTF-8", "\"\xed\xa0\x80\"", 1, 1, 2, "invalid UTF-8"},
		{"unknown escape", `"a\x41"`, 2, 1, 3, "not an escape of JSON"},
		{"short \\u", `"\u12"`, 1, 1, 2, `\u needs four hexadecimal digits`},
		{"\\u at the end", `"\u1`, 1, 1, 2, `\u needs four hexadecimal digits`},
		{"\\u with other letters", `"\u12g4"`, 1, 1, 2, `\u needs four hexadecimal digits`},
		{"\\u with control characters", "\"\\u12\x104\"", 1, 1, 2, `\u needs four hexadecimal digits`},
		{"high surrogate alone", `"\ud83d"`, 1, 1, 2, "half of a surrogate pair"},
		{"high surrogate before text", `"\ud83dx"`, 1, 1, 2, "half of a surrogate pair"},
		{"two high surrogates", `"\ud83d\ud83d"`, 1, 1, 2, "half of a surrogate pair"},
		{"high surrogate before a broken escape", `"\ud83d\uZZZZ"`, 1, 1, 2, "half of a surrogate pair"},
		{"low surrogate alone", `"ab\ude00"`, 3, 1, 4, "half of a surrogate pair"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			v, err := hook.Parse([]byte(test.text), hook.DefaultLimits)
			var got *hook.SyntaxError
			if !errors.As(err, &got) {
				t.Fatalf("got %v, %v, want a *SyntaxError", v, err)
			}
			want := hook.SyntaxError{Offset: test.offset, Line: test.line, Column: test.column, Problem: test.problem}
			if *got != want {
				t.Errorf("got %+v, want %+v", *got, want)
			}
		})
	}
}

func TestSyntaxErrorNamesThePlace(t *testing.T) {
	t.Parallel()
	_, err := hook.Parse([]byte("{\n  \"a\": tru\n}"), hook.DefaultLimits)
	const want = "line 2, column 8: not the beginning of a JSON value"
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if e := hook.ErrorAt([]byte("a\n"), 99, "p"); e.Line != 2 || e.Column != 1 {
		t.Errorf("an offset behind the end is at line %d, column %d, want 2, 1", e.Line, e.Column)
	}
}

// RFC 8259 § 6. A number keeps its spelling.
func TestParseNumbers(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"0", "-0", "1", "-1", "10", "9007199254740993", "12345678901234567890", "12.0", "0.10", "-0.5",
		"1e400", "1E5", "1e+5", "1e-05", "0e0", "1.50e10",
	} {
		v, err := hook.Parse([]byte(text), hook.DefaultLimits)
		if err != nil || v != json.Number(text) {
			t.Errorf("%s: got %v, %v", text, v, err)
		}
		if got := encode(t, v); got != text {
			t.Errorf("%s is written as %s", text, got)
		}
	}
	for _, text := range []string{
		"-", "--1", "01", "-01", "00", "1.", "1.e5", "1e", "1e+", "1e-", "1e5.0", "1.2.3", "1-2", "1+2", "-e5", "1ee5", "-Infinity",
	} {
		if v, err := hook.Parse([]byte(text), hook.DefaultLimits); err == nil {
			t.Errorf("%s: got %v, want an error", text, v)
		}
		if got, err := hook.Encode(json.Number(text)); err == nil {
			t.Errorf("the number %s is written as %s, want an error", text, got)
		}
	}
	for _, text := range []string{"+1", ".5", "0x10", "1_000", "Infinity", "١"} {
		if v, err := hook.Parse([]byte(text), hook.DefaultLimits); err == nil {
			t.Errorf("%s: got %v, want an error", text, v)
		}
	}
}

func TestParseLimits(t *testing.T) {
	t.Parallel()
	nested := func(open, closed string, depth int) string {
		return strings.Repeat(open, depth) + "1" + strings.Repeat(closed, depth)
	}
	values := func(n int) string { // an array and n-1 numbers
		return "[" + strings.TrimSuffix(strings.Repeat("1,", n-1), ",") + "]"
	}
	tests := []struct {
		name, text string
		problem    string // empty: accepted
		offset     int
	}{
		{"64 arrays", nested("[", "]", 64), "", 0},
		{"65 arrays", nested("[", "]", 65), "nested deeper than 64", 64},
		{"64 objects", nested(`{"a":`, "}", 64), "", 0},
		{"65 objects", nested(`{"a":`, "}", 65), "nested deeper than 64", 64 * 5},
		{"brackets that never close", strings.Repeat("[", 1<<20), "nested deeper than 64", 64},
		{"10,000 values", values(10_000), "", 0},
		{"10,001 values", values(10_001), "more than 10000 values", 1 + 2*9_999},
		{"neighbours do not add to the depth", "[" + strings.Repeat("[],", 100) + "[]]", "", 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := hook.Parse([]byte(test.text), hook.DefaultLimits)
			if test.problem == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			var got *hook.SyntaxError
			if !errors.As(err, &got) || got.Problem != test.problem || got.Offset != test.offset {
				t.Errorf("got %v, want %q at offset %d", err, test.problem, test.offset)
			}
		})
	}
	if _, err := hook.Parse([]byte(`[1]`), hook.Limits{Depth: 1, Values: 2}); err != nil {
		t.Errorf("own limits that just suffice: %v", err)
	}
}

func encode(t *testing.T, v any) string {
	t.Helper()
	text, err := hook.Encode(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
