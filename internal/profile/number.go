package profile

import (
	"encoding/json"
	"math"
	"math/big"
	"regexp"
	"strconv"
	"strings"
)

// jsonNumber is the grammar of RFC 8259 § 6. math/big reads more: 0x1, 1/2.
var jsonNumber = regexp.MustCompile(`^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?([0-9]+))?$`)

// formNumber is what a number field of a browser may send (HTML § 2.3.4.3): 007
// and .5 are in it, which JSON does not allow.
var formNumber = regexp.MustCompile(`^-?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$`)

// Bounds that keep the exact arithmetic cheap: 1e999999999 is eleven bytes of
// text and 400 MB of digits.
const (
	maxNumberLength   = 1000
	maxExponentDigits = 4
)

// exact gives the value of a number without rounding. It is nil for a text that
// is no JSON number and for what a double cannot hold, which is the range that
// Okta states for "number".
func exact(n json.Number) *big.Rat {
	text := string(n)
	if len(text) > maxNumberLength {
		return nil
	}
	m := jsonNumber.FindStringSubmatch(text)
	if m == nil || len(m[1]) > maxExponentDigits {
		return nil
	}
	if _, err := strconv.ParseFloat(text, 64); err != nil {
		return nil
	}
	r, ok := new(big.Rat).SetString(text)
	if !ok {
		return nil
	}
	return r
}

// integer gives a number in plain digits, so that 12.0 and 1.2e1 are kept as 12.
// It is not ok for a fraction and outside the signed 32 bits of Okta's
// "integer".
func integer(n json.Number) (plain json.Number, ok bool) {
	r := exact(n)
	if r == nil || !r.IsInt() || !r.Num().IsInt64() {
		return "", false
	}
	i := r.Num().Int64()
	if i < math.MinInt32 || i > math.MaxInt32 {
		return "", false
	}
	return json.Number(strconv.FormatInt(i, 10)), true
}

// fromForm gives what a person typed into a number field as a JSON number.
func fromForm(text string) (json.Number, bool) {
	if !formNumber.MatchString(text) {
		return "", false
	}
	digits, negative := strings.CutPrefix(text, "-")
	digits = strings.TrimLeft(digits, "0")
	if digits == "" || strings.IndexByte(".eE", digits[0]) >= 0 {
		digits = "0" + digits
	}
	if negative {
		digits = "-" + digits
	}
	return json.Number(digits), exact(json.Number(digits)) != nil
}

// CompareNumbers compares as strings.Compare does, without rounding. It is not ok
// for what is no number, or none that an attribute can have.
func CompareNumbers(a, b json.Number) (order int, ok bool) {
	p, q := exact(a), exact(b)
	if p == nil || q == nil {
		return 0, false
	}
	return p.Cmp(q), true
}

// decimal is the exact value of a number, the same for 1, 1.0 and 10e-1.
type decimal string

// valueForm gives a string or a number as what == compares as JSON values, so that
// a map finds it without comparing one by one. It is nil for anything else.
func valueForm(v any) any {
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		if x := exact(v); x != nil {
			return decimal(x.RatString())
		}
	}
	return nil
}

// sameValue compares strings and numbers as JSON values: 1.0 is 1.
func sameValue(a, b any) bool {
	x := valueForm(a)
	return x != nil && x == valueForm(b)
}
