package hook

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Limits bound the work that a JSON text can cause.
type Limits struct {
	Depth  int // nesting of arrays and objects
	Values int // values in all, of every type
}

// DefaultLimits are those of an answer of a hook service. The standard library
// allows a depth of 10,000, where 18 KB of brackets cost 50 ms and more.
var DefaultLimits = Limits{Depth: 64, Values: 10_000}

// SyntaxError tells where a JSON text stops being one.
type SyntaxError struct {
	Offset  int    // bytes before the first offending one
	Line    int    // 1-based
	Column  int    // 1-based, in bytes
	Problem string // what is wrong there, without any of the text
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("line %d, column %d: %s", e.Line, e.Column, e.Problem)
}

// ErrorAt makes a SyntaxError of a byte offset in a text.
func ErrorAt(text []byte, offset int, problem string) *SyntaxError {
	e := &SyntaxError{Offset: offset, Line: 1, Column: 1, Problem: problem}
	for _, c := range text[:min(offset, len(text))] {
		if c == '\n' {
			e.Line++
			e.Column = 1
		} else {
			e.Column++
		}
	}
	return e
}

// Parse reads one JSON value (RFC 8259) and refuses what parsers of the field
// read in different ways: invalid UTF-8, a byte order mark, lone surrogates,
// anything after the value, and more than the limits allow. Members that occur twice are kept, so
// that the caller can refuse them ([Object.Duplicate]) where they do harm.
// The error is always a *[SyntaxError].
func Parse(text []byte, limits Limits) (any, error) {
	p := parser{text: text, limits: limits}
	v, err := p.value(0)
	if err != nil {
		return nil, err
	}
	p.space()
	if p.at < len(text) {
		return nil, p.fail(p.at, "there is more after the end of the JSON value")
	}
	return v, nil
}

type parser struct {
	text   []byte
	at     int
	limits Limits
	values int
	search *search // nil in Parse
}

func (p *parser) fail(offset int, problem string) *SyntaxError {
	return ErrorAt(p.text, offset, problem)
}

func (p *parser) space() {
	for p.at < len(p.text) {
		switch p.text[p.at] {
		case ' ', '\t', '\r', '\n':
			p.at++
		default:
			return
		}
	}
}

func (p *parser) value(depth int) (any, error) {
	p.space()
	if p.values++; p.values > p.limits.Values {
		return nil, p.fail(p.at, fmt.Sprintf("more than %d values", p.limits.Values))
	}
	p.search.arrive(p.at)
	if p.at == len(p.text) {
		return nil, p.fail(p.at, "the text ends where a value was expected")
	}
	switch c := p.text[p.at]; {
	case c == '{' || c == '[':
		if depth == p.limits.Depth {
			return nil, p.fail(p.at, fmt.Sprintf("nested deeper than %d", p.limits.Depth))
		}
		if c == '{' {
			return p.object(depth + 1)
		}
		return p.array(depth + 1)
	case c == '"':
		return p.string()
	case c == '-' || '0' <= c && c <= '9':
		return p.number()
	}
	return p.literal()
}

func (p *parser) literal() (any, error) {
	for _, l := range [...]struct {
		text  string
		value any
	}{{"null", nil}, {"true", true}, {"false", false}} {
		if bytes.HasPrefix(p.text[p.at:], []byte(l.text)) {
			p.at += len(l.text)
			return l.value, nil
		}
	}
	if r, size := utf8.DecodeRune(p.text[p.at:]); r == utf8.RuneError && size == 1 {
		return nil, p.fail(p.at, "invalid UTF-8")
	}
	return nil, p.fail(p.at, "not the beginning of a JSON value")
}

func (p *parser) object(depth int) (any, error) {
	p.at++ // {
	o := &Object{}
	p.space()
	if p.peek() == '}' {
		p.at++
		return o, nil
	}
	for {
		p.space()
		nameAt := p.at
		if p.peek() != '"' {
			return nil, p.unexpected("a member name in double quotes")
		}
		name, err := p.string()
		if err != nil {
			return nil, err
		}
		p.search.name(o, name, nameAt)
		p.space()
		if p.peek() != ':' {
			return nil, p.unexpected("a colon")
		}
		p.at++
		v, err := p.member(name, depth)
		if err != nil {
			return nil, err
		}
		o.members = append(o.members, Member{name, v})
		if done, err := p.next('}'); done || err != nil {
			return o, err
		}
	}
}

func (p *parser) array(depth int) (any, error) {
	p.at++ // [
	array := []any{}
	p.space()
	if p.peek() == ']' {
		p.at++
		return array, nil
	}
	for {
		v, err := p.member(len(array), depth)
		if err != nil {
			return nil, err
		}
		array = append(array, v)
		if done, err := p.next(']'); done || err != nil {
			return array, err
		}
	}
}

// member reads the value of a member or an element, and keeps the path while
// something is looked for.
func (p *parser) member(step any, depth int) (any, error) {
	if p.search == nil {
		return p.value(depth)
	}
	p.search.here = append(p.search.here, step)
	v, err := p.value(depth)
	p.search.here = p.search.here[:len(p.search.here)-1]
	return v, err
}

// next steps over a comma, or over the closing bracket and says so.
func (p *parser) next(closing byte) (done bool, err error) {
	p.space()
	switch p.peek() {
	case ',':
		p.at++
		return false, nil
	case closing:
		p.at++
		return true, nil
	}
	return false, p.unexpected("a comma or " + string(closing))
}

func (p *parser) peek() byte {
	if p.at < len(p.text) {
		return p.text[p.at]
	}
	return 0
}

func (p *parser) unexpected(wanted string) *SyntaxError {
	if p.at == len(p.text) {
		return p.fail(p.at, "the text ends where "+wanted+" was expected")
	}
	if r, size := utf8.DecodeRune(p.text[p.at:]); r == utf8.RuneError && size == 1 {
		return p.fail(p.at, "invalid UTF-8")
	}
	return p.fail(p.at, wanted+" was expected here")
}

func (p *parser) number() (any, error) {
	start := p.at
	for p.at < len(p.text) && strings.IndexByte("+-.eE0123456789", p.text[p.at]) >= 0 {
		p.at++
	}
	text := string(p.text[start:p.at])
	if !validNumber(text) {
		return nil, p.fail(start, "not a JSON number")
	}
	return json.Number(text), nil
}

// validNumber is the grammar of RFC 8259 § 6.
func validNumber(s string) bool {
	s = strings.TrimPrefix(s, "-")
	integer, rest := digits(s)
	if integer == "" || len(integer) > 1 && integer[0] == '0' {
		return false
	}
	if strings.HasPrefix(rest, ".") {
		var fraction string
		if fraction, rest = digits(rest[1:]); fraction == "" {
			return false
		}
	}
	if rest != "" && (rest[0] == 'e' || rest[0] == 'E') {
		rest = rest[1:]
		if rest != "" && (rest[0] == '+' || rest[0] == '-') {
			rest = rest[1:]
		}
		var exponent string
		if exponent, rest = digits(rest); exponent == "" {
			return false
		}
	}
	return rest == ""
}

func digits(s string) (head, rest string) {
	i := 0
	for i < len(s) && '0' <= s[i] && s[i] <= '9' {
		i++
	}
	return s[:i], s[i:]
}

func (p *parser) string() (string, error) {
	p.at++ // "
	start := p.at
	var b []byte // nil until an escape makes the text differ from the source
	for {
		if p.at >= len(p.text) {
			return "", p.fail(p.at, "the text ends inside a string")
		}
		switch c := p.text[p.at]; {
		case c == '"':
			if b == nil {
				b = p.text[start:p.at]
			}
			p.at++
			return string(b), nil
		case c == '\\':
			if b == nil {
				b = append(make([]byte, 0, 64), p.text[start:p.at]...)
			}
			r, err := p.escape()
			if err != nil {
				return "", err
			}
			b = utf8.AppendRune(b, r)
		case c < 0x20:
			return "", p.fail(p.at, "a control character inside a string")
		default:
			r, size := utf8.DecodeRune(p.text[p.at:])
			if r == utf8.RuneError && size == 1 {
				return "", p.fail(p.at, "invalid UTF-8")
			}
			if b != nil {
				b = append(b, p.text[p.at:p.at+size]...)
			}
			p.at += size
		}
	}
}

// The letters after a backslash, and what each stands for.
const (
	escapes = `"\/bfnrt`
	escaped = "\"\\/\b\f\n\r\t"
)

func (p *parser) escape() (rune, error) {
	start := p.at
	p.at++ // backslash
	if p.at == len(p.text) {
		return 0, p.fail(p.at, "the text ends inside a string")
	}
	c := p.text[p.at]
	if i := strings.IndexByte(escapes, c); i >= 0 {
		p.at++
		return rune(escaped[i]), nil
	}
	if c != 'u' {
		return 0, p.fail(start, "not an escape of JSON")
	}
	r, ok := p.hex4(p.at + 1)
	if !ok {
		return 0, p.fail(start, `\u needs four hexadecimal digits`)
	}
	p.at += 5
	if !utf16.IsSurrogate(r) {
		return r, nil
	}
	if p.at+1 < len(p.text) && p.text[p.at] == '\\' && p.text[p.at+1] == 'u' {
		if low, ok := p.hex4(p.at + 2); ok {
			if r := utf16.DecodeRune(r, low); r != utf8.RuneError {
				p.at += 6
				return r, nil
			}
		}
	}
	return 0, p.fail(start, "half of a surrogate pair")
}

func (p *parser) hex4(at int) (r rune, ok bool) {
	if at+4 > len(p.text) {
		return 0, false
	}
	for _, c := range p.text[at : at+4] {
		i := strings.IndexByte(hexDigits, c|0x20)
		if i < 0 || c < '0' {
			return 0, false
		}
		r = r<<4 | rune(i)
	}
	return r, true
}
