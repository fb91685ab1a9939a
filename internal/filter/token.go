package filter

import "strings"

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

const space = " \t\r\n"

// step goes on to the next token.
func (p *parser) step() {
	p.at += len(p.text[p.at:]) - len(strings.TrimLeft(p.text[p.at:], space))
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
		if size = strings.IndexAny(rest, space+`()"`); size < 0 {
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
