package filter_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/usher-id/usher/internal/filter"
)

// show writes an expression with all that was read of it.
func show(e filter.Expression) string {
	list := func(list []filter.Expression, word string) string {
		texts := make([]string, len(list))
		for i, e := range list {
			texts[i] = show(e)
		}
		return "(" + strings.Join(texts, word) + ")"
	}
	switch e := e.(type) {
	case filter.And:
		return list(e, " and ")
	case filter.Or:
		return list(e, " or ")
	case *filter.Not:
		return "not (" + show(e.Expression) + ")"
	}
	c := e.(*filter.Comparison)
	text := c.Attribute + " " + string(c.Operator)
	if c.Operator != filter.Present {
		value, err := json.Marshal(c.Value)
		if err != nil {
			return err.Error()
		}
		text += " " + string(value)
	}
	return text
}

func anything(*filter.Comparison) error { return nil }

func TestParse(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`a pr`:                     `a pr`,
		` a	EQ "x" `:               `a eq "x"`,
		`a.b.c eq"x"and(d pr)`:     `(a.b.c eq "x" and d pr)`,
		`a pr or b pr and c pr`:    `(a pr or (b pr and c pr))`, // and binds tighter
		`a pr and b pr or c pr`:    `((a pr and b pr) or c pr)`,
		`(a pr or b pr) and c pr`:  `((a pr or b pr) and c pr)`, // unless told
		`a pr OR b pr oR c pr`:     `(a pr or b pr or c pr)`,
		`((a pr))`:                 `a pr`,
		`not (a pr)`:               `not (a pr)`,
		`NOT(not (a pr) and b pr)`: `not ((not (a pr) and b pr))`,
		`a eq "q\"\\A\n"`:          `a eq "q\"\\A\n"`,
		`a eq 12`:                  `a eq 12`,
		`a gt -1.50e3`:             `a gt -1.50e3`,
		`a eq true or a eq false`:  `(a eq true or a eq false)`,
		`a ne null`:                `a ne null`,
		`not pr`:                   ``, // a keyword is no attribute
		`and pr`:                   `and pr`,
		strings.Repeat("(", 32) + `a pr` + strings.Repeat(")", 32): `a pr`,
		strings.Repeat("(a pr) and ", 40) + "a pr":                 "(" + strings.Repeat("a pr and ", 40) + "a pr)", // side by side is not nested
	} {
		e, err := filter.Parse(text, anything)
		if want == "" {
			if err == nil {
				t.Errorf("%s gave %s", text, show(e))
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", text, err)
		} else if got := show(e); got != want {
			t.Errorf("%s gave %s, want %s", text, got, want)
		}
	}
}

func TestPositions(t *testing.T) {
	t.Parallel()
	e, err := filter.Parse(`é eq "ü" and not (b pr) and  c  Gt  12`, anything)
	if err != nil {
		t.Fatal(err)
	}
	want := filter.And{
		&filter.Comparison{Attribute: "é", At: 0, Operator: filter.Equal, OperatorAt: 2, Value: "ü", ValueAt: 5},
		&filter.Not{At: 13, Expression: &filter.Comparison{Attribute: "b", At: 18, Operator: filter.Present, OperatorAt: 20}},
		&filter.Comparison{Attribute: "c", At: 29, Operator: filter.Greater, OperatorAt: 32, Value: json.Number("12"), ValueAt: 36},
	}
	if !reflect.DeepEqual(e, want) {
		t.Errorf("got %s, want %s, with their positions", show(e), show(want))
	}
}

func TestErrors(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]struct {
		at   int
		text string
	}{
		``:                        {0, "End of input at position 0 but expected an attribute expression"},
		`a`:                       {1, "End of input at position 1 but expected an attribute operator"},
		`a eqq "x"`:               {2, "Unrecognized attribute operator 'eqq' at position 2. Expected: eq,co,sw,pr,gt,ge,lt,le"},
		`a "x"`:                   {2, `Unrecognized attribute operator '"x"' at position 2. Expected: eq,co,sw,pr,gt,ge,lt,le`},
		`a eq`:                    {4, "End of input at position 4 while expecting a value for operator eq"},
		`a EQ`:                    {4, "End of input at position 4 while expecting a value for operator eq"},
		`a eq x`:                  {5, "Expected a value in double quotes at position 5"},
		`a eq True`:               {5, "Expected a value in double quotes at position 5"},
		`a eq 'x'`:                {5, "Expected a value in double quotes at position 5"},
		`a eq 01`:                 {5, "Expected a value in double quotes at position 5"},
		`a eq -`:                  {5, "Expected a value in double quotes at position 5"},
		`a eq )`:                  {5, "Expected a value in double quotes at position 5"},
		`a eq "x`:                 {5, "Invalid string at position 5"},
		`a eq "x\"`:               {5, "Invalid string at position 5"},
		`a eq "\x"`:               {5, "Invalid string at position 5"},
		"a eq \"\xff\"":           {5, "Invalid string at position 5"},
		`a eq "é" x`:              {9, "Unexpected 'x' at position 9. Expected: and,or"},
		`a pr)`:                   {4, "Unexpected ')' at position 4. Expected: and,or"},
		`a pr and`:                {8, "End of input at position 8 but expected an attribute expression"},
		`(a pr`:                   {5, "Expected ')' at position 5"},
		`"x" eq "y"`:              {0, "Expected an attribute reference at position 0"},
		`not a pr`:                {4, "Expected '(' at position 4"},
		strings.Repeat("(", 33):   {32, "Parentheses nested deeper than 32 at position 32"},
		repeated("a pr", 501):     {4000, "More than 500 comparisons at position 4000"},
		strings.Repeat("é", 8193): {8192, "The expression is longer than 16384 bytes"},
	} {
		_, err := filter.Parse(text, anything)
		var e *filter.Error
		if !errors.As(err, &e) || e.Text != want.text || e.Position != want.at || err.Error() != want.text {
			t.Errorf("%.40s:\n%v, want\n%s", text, err, want.text)
		}
	}
	if _, err := filter.Parse(repeated("a pr", 500), anything); err != nil {
		t.Errorf("500 comparisons: %v", err)
	}
}

func repeated(comparison string, n int) string {
	return strings.TrimSuffix(strings.Repeat(comparison+" or ", n), " or ")
}

func TestFirstMistakeIsTold(t *testing.T) {
	t.Parallel()
	unknown := errors.New("unknown")
	for text, want := range map[string]bool{
		`x pr and (`:         true,
		`a pr and x pr`:      true,
		`a pr and x eq`:      false, // it is no comparison yet
		`a pr a and x pr`:    false,
		`a pr and not (x pr`: true,
		`a pr and b pr`:      false,
	} {
		_, err := filter.Parse(text, func(c *filter.Comparison) error {
			if c.Attribute == "x" {
				return unknown
			}
			return nil
		})
		if errors.Is(err, unknown) != want {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestPredicate(t *testing.T) {
	t.Parallel()
	// A number has the attributes of its bits.
	leaf := func(c *filter.Comparison) func(int) bool {
		bit, _ := strconv.Atoi(c.Attribute)
		return func(n int) bool { return n&bit != 0 }
	}
	for text, want := range map[string][]int{
		`1 pr`:                          {1, 3, 5, 7},
		`1 pr and 2 pr`:                 {3, 7},
		`1 pr or 2 pr`:                  {1, 2, 3, 5, 6, 7},
		`not (1 pr or 2 pr)`:            {0, 4},
		`1 pr and not (2 pr) or 4 pr`:   {1, 4, 5, 6, 7},
		`1 pr and (not (2 pr) or 4 pr)`: {1, 5, 7},
		`1 pr and 2 pr and 4 pr`:        {7},
	} {
		e, err := filter.Parse(text, anything)
		if err != nil {
			t.Fatal(err)
		}
		var got []int
		for n := range 8 {
			if filter.Predicate(e, leaf)(n) {
				got = append(got, n)
			}
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v, want %v", text, got, want)
		}
	}
}

// Whatever somebody sends is an expression, or an Error whose position is in it.
// An expression that is written again is the same.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		`eventType eq "a" and (target.id eq "b" or not (severity ne "WARN"))`, `a co "A\u0042" or b gt -1.5e3`,
		`a eq true and b eq null`, `a eqq "b"`, `((((`, `"`, `not`, "a eq \"\xff\\", "\u00a0a pr", `a eq 0x1`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		e, err := filter.Parse(text, anything)
		if err != nil {
			var problem *filter.Error
			if !errors.As(err, &problem) || problem.Position < 0 || problem.Position > len([]rune(text)) {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		again, err := filter.Parse(show(e), anything)
		var problem *filter.Error
		if errors.As(err, &problem) && (problem.Position >= 16<<10 || strings.Contains(problem.Text, "nested") || strings.Contains(problem.Text, "longer")) {
			return // it has got parentheses, or escapes, that were not there
		}
		if err != nil || show(again) != show(e) {
			t.Fatalf("%q is %s, and that is %v, %v", text, show(e), again, err)
		}
	})
}
