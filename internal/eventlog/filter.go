package eventlog

import (
	"errors"
	"strings"

	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/filter"
	"github.com/usher-id/usher/internal/org"
)

// Filter is an expression of the language of package filter over the properties
// of a LogEvent. Properties may be in any case; values are strings, and are
// compared exactly, and by their bytes. "ne" is the contrary of "eq": no value is
// that one.
type Filter struct {
	match test
	types []string
}

type test = func(*org.Event) bool

// ParseFilter reads an expression. Its errors have Okta's words: BadFilter, or
// BadSearch for an operator that a property does not take.
func ParseFilter(text string) (*Filter, error) {
	tests := map[*filter.Comparison]test{}
	e, err := filter.Parse(text, func(c *filter.Comparison) (err error) {
		tests[c], err = compare(c)
		return err
	})
	var problem *filter.Error
	switch {
	case errors.As(err, &problem):
		return nil, fault.New(fault.BadFilter, "Invalid filter '"+text+"': "+problem.Text)
	case err != nil:
		return nil, err
	}
	match := filter.Predicate(e, func(c *filter.Comparison) test { return tests[c] })
	return &Filter{match: match, types: types(e)}, nil
}

// Match tells whether an event passes.
func (f *Filter) Match(e *org.Event) bool { return f.match(e) }

// Types are event types one of which an event must have to pass, or none when
// the filter does not say so. A store can read less by them.
func (f *Filter) Types() []string { return f.types }

func types(e filter.Expression) (list []string) {
	switch e := e.(type) {
	case filter.And:
		for _, part := range e {
			if list = types(part); list != nil {
				return list
			}
		}
	case filter.Or:
		for _, part := range e {
			more := types(part)
			if more == nil {
				return nil
			}
			list = append(list, more...)
		}
	case *filter.Comparison:
		if value, ok := e.Value.(string); ok && e.Operator == filter.Equal && strings.EqualFold(e.Attribute, eventType) {
			return []string{value}
		}
	}
	return list
}

// compare makes a test of a comparison.
func compare(c *filter.Comparison) (test, error) {
	value, ok := c.Value.(string)
	if !ok && c.Operator != filter.Present {
		return nil, filter.NeedsString(c.ValueAt)
	}
	f, ok := fieldNamed(c.Attribute)
	if !ok {
		return nil, fault.New(fault.BadFilter, "field is not valid: "+c.Attribute)
	}
	if c.Operator == filter.Contains && (f.name == debugPrefix+"url" || f.name == debugPrefix+"requestUri") {
		return nil, fault.New(fault.BadSearch, "The supplied combination of operator and field is not currently supported. Operator: co, Field: "+f.name)
	}
	ask := asks(c.Operator)
	match := func(e *org.Event) bool {
		return f.some(e, func(have string) bool { return ask(have, value) })
	}
	if c.Operator == filter.NotEqual {
		return func(e *org.Event) bool { return !match(e) }, nil
	}
	return match, nil
}

// asks is what an operator asks of a value. "ne" asks what "eq" does, and its
// answer is turned round for the event as a whole.
func asks(o filter.Operator) func(have, value string) bool {
	switch o {
	case filter.Contains:
		return strings.Contains
	case filter.StartsWith:
		return strings.HasPrefix
	case filter.EndsWith:
		return strings.HasSuffix
	case filter.Greater:
		return func(have, value string) bool { return have > value }
	case filter.GreaterEqual:
		return func(have, value string) bool { return have >= value }
	case filter.Less:
		return func(have, value string) bool { return have < value }
	case filter.LessEqual:
		return func(have, value string) bool { return have <= value }
	case filter.Present:
		return func(string, string) bool { return true }
	}
	return func(have, value string) bool { return have == value }
}
