package hook_test

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/usher-id/usher/hook"
)

func parseObject(t *testing.T, text string) *hook.Object {
	t.Helper()
	o := new(hook.Object)
	if err := o.UnmarshalJSON([]byte(text)); err != nil {
		t.Fatal(err)
	}
	return o
}

func TestObjectKeepsWhatAMapWouldLose(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`{"z":1,"a":2,"m":3}`,
		`{"costCentre":"a","costCentre":"b"}`,
		`{"badge":9007199254740993,"f":12.0,"big":1e400}`,
		`{"a":{"z":[{"y":1,"x":2}],"b":null},"c":[],"d":{}}`,
		`{"html":"<b>&</b>","line":"` + "\u2028" + `","quote":"\"\\"}`,
		"{\"controls\":\"\\b\\f\\n\\r\\t\\u0000\\u001f\x7f\"}",
	} {
		if got := encode(t, parseObject(t, text)); got != text {
			t.Errorf("%s is written as %s", text, got)
		}
	}
}

func TestObjectReads(t *testing.T) {
	t.Parallel()
	o := parseObject(t, `{"s":"text","n":1,"null":null,"twice":"a","twice":"b"}`)
	if o.Len() != 5 {
		t.Errorf("Len = %d, want 5", o.Len())
	}
	if v, ok := o.Get("twice"); !ok || v != "b" {
		t.Errorf("Get of a name that occurs twice = %v, %v, want the last", v, ok)
	}
	if v, ok := o.Get("null"); !ok || v != nil || !o.Has("null") {
		t.Errorf("Get of null = %v, %v, want nil, true", v, ok)
	}
	if v, ok := o.Get("S"); ok || o.Has("S") {
		t.Errorf("names are case-sensitive, got %v", v)
	}
	if o.Text("s") != "text" || o.Text("n") != "" || o.Text("none") != "" {
		t.Errorf("Text = %q, %q, %q", o.Text("s"), o.Text("n"), o.Text("none"))
	}
	var names []string
	for name := range o.All() {
		if name == "twice" {
			break
		}
		names = append(names, name)
	}
	if got := strings.Join(names, " "); got != "s n null" {
		t.Errorf("All until twice = %s", got)
	}
}

func TestObjectChanges(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		change func(*hook.Object)
		want   string
	}{
		{"set keeps the place", func(o *hook.Object) { o.Set("a", true) }, `{"a":true,"b":2,"a2":3,"b":4}`},
		{"set appends", func(o *hook.Object) { o.Set("c", []string{"x"}) }, `{"a":1,"b":2,"a2":3,"b":4,"c":["x"]}`},
		{"set replaces the last of two", func(o *hook.Object) { o.Set("b", 0) }, `{"a":1,"b":2,"a2":3,"b":0}`},
		{"delete removes both", func(o *hook.Object) { o.Delete("b") }, `{"a":1,"a2":3}`},
		{"delete of nothing", func(o *hook.Object) { o.Delete("x") }, `{"a":1,"b":2,"a2":3,"b":4}`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			o := parseObject(t, `{"a":1,"b":2,"a2":3,"b":4}`)
			test.change(o)
			if got := o.String(); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func TestObjectNil(t *testing.T) {
	t.Parallel()
	var o *hook.Object
	o.Delete("a")
	for name := range o.All() {
		t.Errorf("a nil object has %s", name)
	}
	if _, dup := o.Duplicate(); dup || o.Len() != 0 || o.Has("a") || o.Clone() != nil || o.String() != "null" {
		t.Errorf("a nil object is not empty: %s", o)
	}
	if got := encode(t, map[string]any{"o": o}); got != `{"o":null}` {
		t.Errorf("inside another value: %s", got)
	}
}

func TestObjectIsNotShared(t *testing.T) {
	t.Parallel()
	members := []hook.Member{{Name: "a", Value: "1"}}
	hook.NewObject(members...).Set("a", "2")
	if members[0].Value != "1" {
		t.Error("an object changes the slice that it was made of")
	}

	o := parseObject(t, `{"a":[{"b":"1"}]}`)
	c := o.Clone()
	array, _ := o.Get("a")
	array.([]any)[0].(*hook.Object).Set("b", "2")
	array.([]any)[0] = nil
	o.Set("a", nil)
	if got := c.String(); got != `{"a":[{"b":"1"}]}` {
		t.Errorf("a clone changes with its object: %s", got)
	}
}

func TestObjectDuplicate(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{"a":1,"b":2,"b":3,"a":4}`: "b true",
		`{"":1,"":2}`:               " true",
		`{"a":{"b":1,"b":2},"A":1}`: " false",
		`{}`:                        " false",
	} {
		name, ok := parseObject(t, text).Duplicate()
		if got := fmt.Sprint(name, " ", ok); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}

func TestObjectUnmarshal(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`[1]`: "hook: JSON array where an object was expected",
		`"a"`: "hook: JSON string where an object was expected",
		`1`:   "hook: JSON number where an object was expected",
		`{`:   "line 1, column 2: the text ends where a member name in double quotes was expected",
	} {
		if err := new(hook.Object).UnmarshalJSON([]byte(text)); err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", text, err, want)
		}
	}
	o := hook.NewObject(hook.Member{Name: "a", Value: "kept"})
	if err := json.Unmarshal([]byte(`null`), o); err != nil || o.Text("a") != "kept" {
		t.Errorf("null is a no-op by the convention of encoding/json; got %v, %v", o, err)
	}
	var outer struct{ P *hook.Object }
	if err := json.Unmarshal([]byte(`{"P":{"b":1,"a":2}}`), &outer); err != nil || outer.P.String() != `{"b":1,"a":2}` {
		t.Errorf("inside a struct: %v, %v", outer.P, err)
	}
}

func TestEncodeRefuses(t *testing.T) {
	t.Parallel()
	for name, v := range map[string]any{
		"invalid UTF-8":         "\xff",
		"in an array":           []any{"\xff"},
		"in a member":           hook.NewObject(hook.Member{Name: "a", Value: "\xff"}),
		"in a name":             hook.NewObject(hook.Member{Name: "\xff", Value: 1}),
		"not a number":          math.NaN(),
		"what JSON cannot hold": hook.NewObject(hook.Member{Name: "a", Value: make(chan int)}),
	} {
		if text, err := hook.Encode(v); err == nil {
			t.Errorf("%s: got %s, want an error", name, text)
		}
	}
	if got := hook.NewObject(hook.Member{Name: "a", Value: "\xff"}).String(); got != "!(hook: a string is not valid UTF-8)" {
		t.Errorf("String of what cannot be encoded = %s", got)
	}
}

func TestKind(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`null`: "null", `true`: "boolean", `"a"`: "string", `1.5`: "number", `[]`: "array", `{}`: "object",
	} {
		v, err := hook.Parse([]byte(text), hook.DefaultLimits)
		if got := hook.Kind(v); err != nil || got != want {
			t.Errorf("%s: got %s, %v, want %s", text, got, err, want)
		}
	}
	if got := hook.Kind((*hook.Object)(nil)); got != "null" {
		t.Errorf("a nil object is %s, want null", got)
	}
}
