package eventlog

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/org"
)

// Filter is an expression of the filter language of SCIM (RFC 7644 § 3.4.2.2),
// without its [ ], over the properties of a LogEvent:
//
//	or         = and *("or" and)
//	and        = term *("and" term)
//	term       = comparison / ["not"] "(" or ")"
//	comparison = property ( "pr" / operator string )
//	operator   = "eq" / "ne" / "co" / "sw" / "ew" / "gt" / "ge" / "lt" / "le"
//
// Keywords, operators and properties may be in any case; values are compared
// exactly, and by their bytes. "ne" is the contrary of "eq": no value is that
// one.
type Filter struct {
	match func(*org.Event) bool
	types []string
}

// maxNesting is deeper than anybody writes.
const maxNesting = 32

// ParseFilter reads an expression. Its errors have Okta's words: BadFilter, or
// BadSearch for an operator that a property does not take.
func ParseFilter(text string) (*Filter, error) {
	p := &filterParser{text: text}
	p.step()
	f, err := p.or()
	if err == nil && p.token.kind != tokenEnd {
		err = p.fail("Unexpected '%s' at position %d. Expected: and,or", p.token.text, p.position())
	}
	if err != nil {
		return nil, err
	}
	return f, nil
}

// Match tells whether an event passes.
func (f *Filter) Match(e *org.Event) bool { return f.match(e) }

// Types are event types one of which an event must have to pass, or none when
// the filter does not say so. A store can read less by them.
func (f *Filter) Types() []string { return f.types }

type tokenKind int

const (
	tokenEnd tokenKind = iota
	tokenWord
	tokenText // a string in quotes
	tokenOpen
	tokenClose
)

type token struct {
	kind tokenKind
	at   int    // in bytes
	text string // as it stands there
}

// is tells whether the token is a keyword.
func (t token) is(word string) bool { return t.kind == tokenWord && strings.EqualFold(t.text, word) }

type filterParser struct {
	text    string
	token   token // the one that comes next
	at      int   // behind it
	nesting int
}

// fail words an error as Okta does.
func (p *filterParser) fail(format string, args ...any) *fault.Error {
	return fault.New(fault.BadFilter, "Invalid filter '"+p.text+"': "+fmt.Sprintf(format, args...))
}

// position is where the next token stands, in characters from 0.
func (p *filterParser) position() int { return utf8.RuneCountInString(p.text[:p.token.at]) }

// step goes on to the next token.
func (p *filterParser) step() {
	p.at += len(p.text[p.at:]) - len(strings.TrimLeft(p.text[p.at:], " \t\r\n"))
	p.token = token{at: p.at}
	rest := p.text[p.at:]
	if rest == "" {
		return
	}
	size := 1
	switch rest[0] {
	case '(':
		p.token.kind = tokenOpen
	case ')':
		p.token.kind = tokenClose
	case '"':
		p.token.kind = tokenText
		size = quoted(rest)
	default:
		p.token.kind = tokenWord
		if size = strings.IndexAny(rest, " \t\r\n()\""); size < 0 {
			size = len(rest)
		}
	}
	p.token.text = rest[:size]
	p.at += size
}

// quoted is the length of the string that a text begins with, to its end when it
// is not closed.
func quoted(text string) int {
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(text)
}

func (p *filterParser) or() (*Filter, error) {
	left, err := p.and()
	for err == nil && p.token.is("or") {
		p.step()
		var right *Filter
		if right, err = p.and(); err == nil {
			left = either(left, right)
		}
	}
	return left, err
}

func (p *filterParser) and() (*Filter, error) {
	left, err := p.term()
	for err == nil && p.token.is("and") {
		p.step()
		var right *Filter
		if right, err = p.term(); err == nil {
			left = both(left, right)
		}
	}
	return left, err
}

func either(a, b *Filter) *Filter {
	f := &Filter{match: func(e *org.Event) bool { return a.match(e) || b.match(e) }}
	if a.types != nil && b.types != nil {
		f.types = append(append(f.types, a.types...), b.types...)
	}
	return f
}

func both(a, b *Filter) *Filter {
	f := &Filter{match: func(e *org.Event) bool { return a.match(e) && b.match(e) }, types: a.types}
	if f.types == nil {
		f.types = b.types
	}
	return f
}

func (p *filterParser) term() (*Filter, error) {
	negated := p.token.is("not")
	if negated {
		p.step()
	}
	if p.token.kind != tokenOpen {
		if negated {
			return nil, p.fail("Expected '(' at position %d", p.position())
		}
		return p.comparison()
	}
	if p.nesting++; p.nesting > maxNesting {
		return nil, p.fail("Parentheses nested deeper than %d at position %d", maxNesting, p.position())
	}
	p.step()
	f, err := p.or()
	if err != nil {
		return nil, err
	}
	if p.token.kind != tokenClose {
		return nil, p.fail("Expected ')' at position %d", p.position())
	}
	p.step()
	p.nesting--
	if negated {
		match := f.match
		f = &Filter{match: func(e *org.Event) bool { return !match(e) }}
	}
	return f, nil
}

func (p *filterParser) comparison() (*Filter, error) {
	name, at := p.token, p.position()
	switch name.kind {
	case tokenWord:
	case tokenEnd:
		return nil, p.fail("End of input at position %d but expected an attribute expression", at)
	default:
		return nil, p.fail("Expected an attribute reference at position %d", at)
	}
	p.step()
	operator := strings.ToLower(p.token.text)
	test, known := operators()[operator]
	switch {
	case p.token.kind == tokenEnd:
		return nil, p.fail("End of input at position %d but expected an attribute operator", p.position())
	case p.token.kind != tokenWord || !known:
		// Okta's list, to the letter, though ne and ew are operators too.
		return nil, p.fail("Unrecognized attribute operator '%s' at position %d. Expected: eq,co,sw,pr,gt,ge,lt,le", p.token.text, p.position())
	}
	p.step()
	value, err := p.value(operator)
	if err != nil {
		return nil, err
	}
	f, ok := fieldNamed(name.text)
	if !ok {
		return nil, fault.New(fault.BadFilter, "field is not valid: "+name.text)
	}
	if operator == "co" && (f.name == debugPrefix+"url" || f.name == debugPrefix+"requestUri") {
		return nil, fault.New(fault.BadSearch, "The supplied combination of operator and field is not currently supported. Operator: co, Field: "+f.name)
	}
	return compare(f, operator, value, test), nil
}

// value reads what an operator compares with; "pr" has none.
func (p *filterParser) value(operator string) (value string, err error) {
	if operator == "pr" {
		return "", nil
	}
	switch p.token.kind {
	case tokenText:
	case tokenEnd:
		return "", p.fail("End of input at position %d while expecting a value for operator %s", p.position(), operator)
	default:
		return "", p.fail("Expected a value in double quotes at position %d", p.position())
	}
	if !utf8.ValidString(p.token.text) || json.Unmarshal([]byte(p.token.text), &value) != nil {
		return "", p.fail("Invalid string at position %d", p.position())
	}
	p.step()
	return value, nil
}

func compare(f field, operator, value string, test func(have, value string) bool) *Filter {
	match := func(e *org.Event) bool {
		return f.some(e, func(have string) bool { return test(have, value) })
	}
	switch {
	case operator == "ne":
		return &Filter{match: func(e *org.Event) bool { return !match(e) }}
	case operator == "eq" && f.name == "eventType":
		return &Filter{match: match, types: []string{value}}
	}
	return &Filter{match: match}
}

// operators are what they ask of a value. "ne" asks what "eq" does, and its
// answer is turned round for the event as a whole.
func operators() map[string]func(have, value string) bool {
	equal := func(have, value string) bool { return have == value }
	return map[string]func(have, value string) bool{
		"eq": equal,
		"ne": equal,
		"co": strings.Contains,
		"sw": strings.HasPrefix,
		"ew": strings.HasSuffix,
		"gt": func(have, value string) bool { return have > value },
		"ge": func(have, value string) bool { return have >= value },
		"lt": func(have, value string) bool { return have < value },
		"le": func(have, value string) bool { return have <= value },
		"pr": func(string, string) bool { return true },
	}
}
