// Package filter reads the filter language of SCIM (RFC 7644 § 3.4.2.2), without
// its [ ]: what Okta's API takes as filter and as search.
//
//	text ── Parse ──► Expression ── Predicate ──► func(T) bool
//	          │     And Or Not Comparison  ▲
//	          ▼                            └─ what a comparison asks of a T,
//	        Error: words, position            said by the package of the Ts
//
// The grammar:
//
//	or         = and *("or" and)
//	and        = term *("and" term)
//	term       = comparison / ["not"] "(" or ")"
//	comparison = attribute ( "pr" / operator value )
//	operator   = "eq" / "ne" / "co" / "sw" / "ew" / "gt" / "ge" / "lt" / "le"
//	value      = string / number / "true" / "false" / "null"   ; of JSON
//
// Keywords and operators may be in any case. Which attributes there are, which
// operators and values they take and what letters are equal is not its matter.
package filter

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Limits of an expression, far from what anybody writes. Comparisons are made of
// every object that is looked at.
const (
	maxBytes       = 16 << 10
	maxNesting     = 32
	maxComparisons = 500
)

// Expression is an And, an Or, a Not or a Comparison.
type Expression interface{ expression() }

// And is true when all of its expressions are. It has two or more.
type And []Expression

// Or is true when one of its expressions is. It has two or more.
type Or []Expression

// Not is true when its expression is not.
type Not struct {
	Expression Expression
	At         int // of the keyword
}

// Comparison asks something of one attribute. Positions are in characters of the
// text, from 0.
type Comparison struct {
	Attribute  string // as it was written
	At         int    // of the attribute
	Operator   Operator
	OperatorAt int
	Value      any // string, json.Number, bool or nil; nil also for Present
	ValueAt    int
}

func (And) expression()         {}
func (Or) expression()          {}
func (*Not) expression()        {}
func (*Comparison) expression() {}

// Operator is what a comparison asks.
type Operator string

// The operators.
const (
	Equal        Operator = "eq"
	NotEqual     Operator = "ne"
	Contains     Operator = "co"
	StartsWith   Operator = "sw"
	EndsWith     Operator = "ew"
	Greater      Operator = "gt"
	GreaterEqual Operator = "ge"
	Less         Operator = "lt"
	LessEqual    Operator = "le"
	Present      Operator = "pr" // the one without a value
)

func (o Operator) known() bool {
	switch o {
	case Equal, NotEqual, Contains, StartsWith, EndsWith, Greater, GreaterEqual, Less, LessEqual, Present:
		return true
	}
	return false
}

// Error says what is wrong with an expression, in Okta's words.
type Error struct {
	Text     string // names the position
	Position int    // in characters, from 0
}

func (e *Error) Error() string { return e.Text }

func fail(at int, format string, args ...any) *Error {
	return &Error{Text: fmt.Sprintf(format, args...), Position: at}
}

// Unsupported is the Error of an operator that is not one, or that the attribute
// does not take. It has Okta's list, to the letter, though ne and ew are
// operators too.
func Unsupported(operator string, at int) *Error {
	return fail(at, "Unrecognized attribute operator '%s' at position %d. Expected: eq,co,sw,pr,gt,ge,lt,le", operator, at)
}

// NeedsString is the Error of a value that must be a string.
func NeedsString(at int) *Error {
	return fail(at, "Expected a value in double quotes at position %d", at)
}

// Parse reads an expression. Its errors are of type *Error, or those of check,
// which is asked of each comparison as soon as it is read: of several mistakes
// the first one in the text is told.
func Parse(text string, check func(*Comparison) error) (Expression, error) {
	if len(text) > maxBytes {
		return nil, fail(utf8.RuneCountInString(text[:maxBytes]), "The expression is longer than %d bytes", maxBytes)
	}
	p := &parser{text: text, check: check}
	p.step()
	e, err := p.or()
	if err == nil && p.token.kind != tokenEnd {
		at := p.position()
		err = fail(at, "Unexpected '%s' at position %d. Expected: and,or", p.token.text, at)
	}
	if err != nil {
		return nil, err
	}
	return e, nil
}

type parser struct {
	text        string
	check       func(*Comparison) error
	token       token // the one that comes next
	at          int   // behind it
	nesting     int
	comparisons int
}

// position is where the next token stands, in characters from 0.
func (p *parser) position() int { return utf8.RuneCountInString(p.text[:p.token.at]) }

func (p *parser) or() (Expression, error) {
	list, err := p.several("or", p.and)
	if len(list) > 1 {
		return Or(list), err
	}
	return list[0], err
}

func (p *parser) and() (Expression, error) {
	list, err := p.several("and", p.term)
	if len(list) > 1 {
		return And(list), err
	}
	return list[0], err
}

// several reads one or more expressions with a keyword between them.
func (p *parser) several(keyword string, read func() (Expression, error)) (list []Expression, err error) {
	for {
		e, err := read()
		list = append(list, e)
		if err != nil || !p.token.is(keyword) {
			return list, err
		}
		p.step()
	}
}

func (p *parser) term() (Expression, error) {
	at, negated := p.position(), p.token.is("not")
	if negated {
		p.step()
	}
	if p.token.kind != tokenOpen {
		if negated {
			at = p.position()
			return nil, fail(at, "Expected '(' at position %d", at)
		}
		return p.comparison()
	}
	if p.nesting++; p.nesting > maxNesting {
		at = p.position()
		return nil, fail(at, "Parentheses nested deeper than %d at position %d", maxNesting, at)
	}
	p.step()
	e, err := p.or()
	if err != nil {
		return nil, err
	}
	if p.token.kind != tokenClose {
		at = p.position()
		return nil, fail(at, "Expected ')' at position %d", at)
	}
	p.step()
	p.nesting--
	if negated {
		e = &Not{Expression: e, At: at}
	}
	return e, nil
}

func (p *parser) comparison() (Expression, error) {
	c := &Comparison{Attribute: p.token.text, At: p.position()}
	switch {
	case p.token.kind == tokenEnd:
		return nil, fail(c.At, "End of input at position %d but expected an attribute expression", c.At)
	case p.token.kind != tokenWord:
		return nil, fail(c.At, "Expected an attribute reference at position %d", c.At)
	case p.comparisons == maxComparisons:
		return nil, fail(c.At, "More than %d comparisons at position %d", maxComparisons, c.At)
	}
	p.comparisons++
	p.step()
	c.Operator, c.OperatorAt = Operator(strings.ToLower(p.token.text)), p.position()
	switch {
	case p.token.kind == tokenEnd:
		return nil, fail(c.OperatorAt, "End of input at position %d but expected an attribute operator", c.OperatorAt)
	case p.token.kind != tokenWord || !c.Operator.known():
		return nil, Unsupported(p.token.text, c.OperatorAt)
	}
	p.step()
	if c.Operator != Present {
		c.ValueAt = p.position()
		var err error
		if c.Value, err = p.value(c.Operator); err != nil {
			return nil, err
		}
	}
	return c, p.check(c)
}

// value reads what an operator compares with.
func (p *parser) value(operator Operator) (any, error) {
	at := p.position()
	switch p.token.kind {
	case tokenText:
		var text string
		if !utf8.ValidString(p.token.text) || json.Unmarshal([]byte(p.token.text), &text) != nil {
			return nil, fail(at, "Invalid string at position %d", at)
		}
		p.step()
		return text, nil
	case tokenWord:
		if v, ok := literal(p.token.text); ok {
			p.step()
			return v, nil
		}
	case tokenEnd:
		return nil, fail(at, "End of input at position %d while expecting a value for operator %s", at, operator)
	}
	return nil, NeedsString(at)
}

// literal reads a value that is no string.
func literal(text string) (v any, ok bool) {
	switch text {
	case "true":
		return true, true
	case "false":
		return false, true
	case "null":
		return nil, true
	}
	var n json.Number
	if text[0] == '-' || '0' <= text[0] && text[0] <= '9' {
		if json.Unmarshal([]byte(text), &n) == nil {
			return n, true
		}
	}
	return nil, false
}
