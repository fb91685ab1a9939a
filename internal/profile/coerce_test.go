package profile

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/usher-id/usher/hook"
)

func TestCoerce(t *testing.T) {
	t.Parallel()
	s := schemaWith(t,
		Attribute{Name: "s", Title: "S", Type: String},
		Attribute{Name: "b", Title: "B", Type: Boolean},
		Attribute{Name: "n", Title: "N", Type: Number, Maximum: "1"},
		Attribute{Name: "i", Title: "I", Type: Integer},
		Attribute{Name: "strings", Title: "L", Type: Array, Items: &Items{Type: String}},
		Attribute{Name: "integers", Title: "L", Type: Array, Items: &Items{Type: Integer}},
	)
	const integer, number, choice = "Enter a whole number.", "Enter a number.", "Choose yes or no."
	for _, c := range []struct {
		name  string
		form  []string
		want  any // nil for absent
		wrong string
	}{
		{"s", nil, nil, ""},
		{"s", []string{""}, nil, ""},
		{"s", []string{" \t"}, nil, ""},
		{"s", []string{" a "}, " a ", ""},
		{"s", []string{"a", "b"}, "b", ""},
		{"login", []string{" a@b.c\u00a0"}, "a@b.c", ""},
		{"email", []string{"\ta@b.c"}, "a@b.c", ""},
		{"locale", []string{"fr_FR "}, "fr_FR", ""},
		{"onlyOnTheForm", []string{" x "}, " x ", ""},
		{"onlyOnTheForm", []string{""}, nil, ""},
		{"onlyOnTheForm", []string{"a", "b"}, "b", ""},
		{"onlyOnTheForm", nil, nil, ""},
		{"b", []string{"true"}, true, ""},
		{"b", []string{"on"}, true, ""},
		{"b", []string{"false"}, false, ""},
		{"b", []string{"false", "true"}, true, ""},
		{"b", []string{""}, nil, ""},
		{"b", []string{"yes"}, nil, choice},
		{"b", []string{"TRUE"}, nil, choice},
		{"i", []string{" 42 "}, json.Number("42"), ""},
		{"i", []string{"007"}, json.Number("7"), ""},
		{"i", []string{"000"}, json.Number("0"), ""},
		{"i", []string{"-0"}, json.Number("0"), ""},
		{"i", []string{"-05"}, json.Number("-5"), ""},
		{"i", []string{"12.0"}, json.Number("12"), ""},
		{"i", []string{"1e3"}, json.Number("1000"), ""},
		{"i", []string{""}, nil, ""},
		{"i", []string{"1.5"}, nil, integer},
		{"i", []string{"1e400"}, nil, integer},
		{"i", []string{"0x1"}, nil, integer},
		{"i", []string{"1_000"}, nil, integer},
		{"i", []string{"1,000"}, nil, integer},
		{"i", []string{"2147483648"}, nil, integer},
		{"i", []string{"twelve"}, nil, integer},
		{"i", []string{"-"}, nil, integer},
		{"i", []string{"٣"}, nil, integer},
		{"n", []string{"9007199254740993"}, json.Number("9007199254740993"), ""}, // its maximum is for Check
		{"n", []string{"1.50"}, json.Number("1.50"), ""},
		{"n", []string{".5"}, json.Number("0.5"), ""},
		{"n", []string{"-.5e-3"}, json.Number("-0.5e-3"), ""},
		{"n", []string{"00.5"}, json.Number("0.5"), ""},
		{"n", []string{"0e5"}, json.Number("0e5"), ""},
		{"n", []string{"1."}, nil, number},
		{"n", []string{"."}, nil, number},
		{"n", []string{"e5"}, nil, number},
		{"n", []string{"1e400"}, nil, number},
		{"n", []string{"NaN"}, nil, number},
		{"n", []string{"Infinity"}, nil, number},
		{"n", []string{"1/2"}, nil, number},
		{"strings", nil, nil, ""},
		{"strings", []string{"", ""}, nil, ""},
		{"strings", []string{"a", "", "b"}, []any{"a", "b"}, ""},
		{"integers", []string{"1", "02"}, []any{json.Number("1"), json.Number("2")}, ""},
		{"integers", []string{"1", "x"}, nil, integer},
	} {
		value, ok, wrong := s.Coerce(c.name, c.form)
		if ok != (c.want != nil) || !reflect.DeepEqual(value, c.want) {
			t.Errorf("Coerce(%s, %q) = %#v, %v, want %#v", c.name, c.form, value, ok, c.want)
		}
		switch {
		case c.wrong == "" && wrong != nil:
			t.Errorf("Coerce(%s, %q): %v", c.name, c.form, wrong)
		case c.wrong != "" && (wrong == nil || *wrong != Violation{c.name, c.wrong, CodeType}):
			t.Errorf("Coerce(%s, %q): %v, want %q", c.name, c.form, wrong, c.wrong)
		}
	}
}

func TestCoerceLooksAtFieldsThatNoCheckWillSee(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"a\x00", "a\xff", "a\x1b"} {
		value, ok, wrong := schemaWith(t).Coerce("onlyOnTheForm", []string{text})
		if ok || wrong == nil || wrong.Code != CodeCharacters || wrong.Attribute != "onlyOnTheForm" {
			t.Errorf("Coerce(%q) = %v, %v", text, value, wrong)
		}
	}
}

// Whatever a number field gives is a number that Check takes, or is refused at
// once.
func FuzzCoerceNumber(f *testing.F) {
	for _, seed := range []string{"42", "-.5e-3", "1e400", "0x1", "007", "1.", "-", "00e0"} {
		f.Add(seed)
	}
	s := schemaWith(f, Attribute{Name: "n", Title: "N", Type: Number}, Attribute{Name: "i", Title: "I", Type: Integer})
	f.Fuzz(func(t *testing.T, text string) {
		for _, name := range []string{"n", "i"} {
			value, ok, wrong := s.Coerce(name, []string{text})
			if ok && wrong != nil {
				t.Fatalf("Coerce(%s, %q) = %v and %v", name, text, value, wrong)
			}
			if !ok {
				continue
			}
			if found := s.Check(person(t).Set(name, value)); found != nil {
				t.Fatalf("Coerce(%s, %q) = %v: %v", name, text, value, found)
			}
			if n, _ := value.(json.Number); !json.Valid([]byte(n)) {
				t.Fatalf("Coerce(%s, %q) = %q is no JSON", name, text, n)
			}
		}
	})
}

func TestFieldsThatNoSchemaBoundsAreBounded(t *testing.T) {
	t.Parallel()
	s, limit := schemaWith(t), *FormOnly("onlyOnTheForm").MaxLength
	for _, n := range []int{limit, limit + 1} {
		_, ok, wrong := s.Coerce("onlyOnTheForm", []string{strings.Repeat("ä", n)})
		if long := n > limit; ok == long || (wrong != nil) != long || long && wrong.Code != CodeLength {
			t.Errorf("%d characters: %v, %v", n, ok, wrong)
		}
	}
}

func TestCoerceTakesATextAreaApart(t *testing.T) {
	t.Parallel()
	s, err := NewSchema(
		Attribute{Name: "lines", Title: "L", Type: Array, Items: &Items{Type: String}},
		Attribute{Name: "numbers", Title: "L", Type: Array, Items: &Items{Type: Integer}},
		Attribute{Name: "boxes", Title: "L", Type: Array, Items: &Items{Type: String, Enum: []any{"a b", "c"}}},
	)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		form []string
		want string
	}{
		"lines":   {[]string{"a\r\nb\n\nc", "d"}, `["a","b","c","d"]`},
		"numbers": {[]string{"1\r\n2"}, `[1,2]`},
		"boxes":   {[]string{"a b", "c"}, `["a b","c"]`},
	} {
		v, ok, wrong := s.Coerce(name, c.form)
		text, err := hook.Encode(v)
		if !ok || wrong != nil || err != nil || string(text) != c.want {
			t.Errorf("%s: %s, %v, %v, %v; want %s", name, text, ok, wrong, err, c.want)
		}
	}
	if _, _, wrong := s.Coerce("boxes", []string{"a b\nc"}); wrong == nil {
		if v, _, _ := s.Coerce("boxes", []string{"a b\nc"}); len(s.Check(New(hook.NewObject(hook.Member{Name: "boxes", Value: v})))) == 0 {
			t.Error("a choice was taken apart")
		}
	}
}
