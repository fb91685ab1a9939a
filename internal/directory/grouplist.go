package directory

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/filter"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/profile"
)

// GroupSearch is which groups are asked for: those that meet all that is said.
type GroupSearch struct {
	Prefix string // of the name, in any case
	Filter string // an expression over id, type and the times
	Search string // an expression over all properties
	After  string // the id to go on from
	Limit  int    // must be positive
}

// Groups gives a page of groups in the order of their ids, and the cursor of the
// next page, or "".
func (s *Service) Groups(ctx context.Context, q GroupSearch) (page []*org.Group, next string, err error) {
	match, err := q.match()
	if err != nil {
		return nil, "", err
	}
	err = s.Store.View(ctx, func(ctx context.Context, tx *org.Tx) (err error) {
		page, err = q.scan(ctx, tx, match)
		return err
	})
	if len(page) > q.Limit {
		page = page[:q.Limit]
		next = page[q.Limit-1].ID
	}
	return page, next, err
}

// groupBatch is how many groups are read at once to be looked at.
const groupBatch = 500

// scan gives one group more than asked for where there is one.
func (q *GroupSearch) scan(ctx context.Context, tx *org.Tx, match groupTest) ([]*org.Group, error) {
	found, after := []*org.Group{}, q.After
	for {
		batch, err := tx.Groups.List(ctx, org.GroupQuery{Prefix: q.Prefix, After: after, Limit: min(q.Limit+1, groupBatch)})
		if err != nil {
			return nil, err
		}
		for _, g := range batch {
			after = g.ID
			if match(g) {
				found = append(found, g)
			}
			if len(found) > q.Limit {
				return found, nil
			}
		}
		if len(batch) == 0 {
			return found, nil
		}
	}
}

type groupTest = func(*org.Group) bool

// match makes a test of the expressions.
func (q *GroupSearch) match() (groupTest, error) {
	all := func(*org.Group) bool { return true }
	byFilter, err := groupExpression(q.Filter, false, all)
	var problem *filter.Error
	switch {
	case errors.As(err, &problem):
		return nil, fault.New(fault.BadFilter, "Invalid filter '"+q.Filter+"': "+problem.Text)
	case err != nil:
		return nil, fault.New(fault.BadFilter, err.Error())
	}
	bySearch, err := groupExpression(q.Search, true, all)
	if err != nil {
		return nil, fault.New(fault.BadSearch, "", fault.Cause{Field: "search", Text: err.Error()})
	}
	return func(g *org.Group) bool { return byFilter(g) && bySearch(g) }, nil
}

func groupExpression(text string, search bool, none groupTest) (groupTest, error) {
	if text == "" {
		return none, nil
	}
	tests := map[*filter.Comparison]groupTest{}
	e, err := filter.Parse(text, func(c *filter.Comparison) (err error) {
		tests[c], err = groupComparison(c, search)
		return err
	})
	if err != nil {
		return nil, err
	}
	return filter.Predicate(e, func(c *filter.Comparison) groupTest { return tests[c] }), nil
}

// groupAttribute is a property of groups that expressions ask for.
type groupAttribute struct {
	name string
	// search is whether only a search may ask, and a filter may not.
	search bool
	// One of both.
	text func(*org.Group) string
	time func(*org.Group) time.Time
	// fold is whether letters are equal whatever their case.
	fold bool
}

func groupAttributes() []groupAttribute {
	return []groupAttribute{
		{name: "id", text: func(g *org.Group) string { return g.ID }},
		{name: "type", text: (*org.Group).Type},
		{name: "lastUpdated", time: func(g *org.Group) time.Time { return g.LastUpdated }},
		{name: "lastMembershipUpdated", time: func(g *org.Group) time.Time { return g.LastMembershipUpdated }},
		{name: "created", search: true, time: func(g *org.Group) time.Time { return g.Created }},
		{name: "profile.name", search: true, fold: true, text: func(g *org.Group) string { return g.Name }},
		{name: "profile.description", search: true, fold: true, text: func(g *org.Group) string { return g.Description }},
	}
}

// groupComparison makes a test of a comparison. What a filter asks of texts is
// whether they are equal; a search also asks how they begin and what they
// contain.
func groupComparison(c *filter.Comparison, search bool) (groupTest, error) {
	for _, a := range groupAttributes() {
		if a.name != c.Attribute || a.search && !search {
			continue
		}
		value, ok := c.Value.(string)
		switch {
		case c.Operator == filter.Present && search:
			return func(g *org.Group) bool { return a.text == nil || a.text(g) != "" }, nil
		case c.Operator == filter.Present:
			return nil, filter.Unsupported(string(c.Operator), c.OperatorAt)
		case !ok:
			return nil, filter.NeedsString(c.ValueAt)
		case a.time != nil:
			return compareTime(c, a, value)
		}
		return compareText(c, a, value, search)
	}
	return nil, errors.New("field is not valid: " + c.Attribute)
}

func compareText(c *filter.Comparison, a groupAttribute, value string, search bool) (groupTest, error) {
	fold := func(s string) string { return s }
	if a.fold {
		fold = profile.FoldLogin
	}
	value = fold(value)
	switch {
	case c.Operator == filter.Equal:
		return func(g *org.Group) bool { return fold(a.text(g)) == value }, nil
	case c.Operator == filter.StartsWith && search:
		return func(g *org.Group) bool { return strings.HasPrefix(fold(a.text(g)), value) }, nil
	case c.Operator == filter.Contains && search:
		return func(g *org.Group) bool { return strings.Contains(fold(a.text(g)), value) }, nil
	}
	return nil, filter.Unsupported(string(c.Operator), c.OperatorAt)
}

func compareTime(c *filter.Comparison, a groupAttribute, value string) (groupTest, error) {
	at, err := time.Parse(time.RFC3339, value)
	if err != nil {
		return nil, errors.New("must be a date-time as in 2027-01-31T12:00:00.000Z: " + c.Attribute)
	}
	holds, ok := map[filter.Operator]func(int) bool{
		filter.Equal:        func(n int) bool { return n == 0 },
		filter.Greater:      func(n int) bool { return n > 0 },
		filter.GreaterEqual: func(n int) bool { return n >= 0 },
		filter.Less:         func(n int) bool { return n < 0 },
		filter.LessEqual:    func(n int) bool { return n <= 0 },
	}[c.Operator]
	if !ok {
		return nil, filter.Unsupported(string(c.Operator), c.OperatorAt)
	}
	// Answers show whole seconds, and what a client has read it may ask for.
	return func(g *org.Group) bool { return holds(a.time(g).Truncate(time.Second).Compare(at)) }, nil
}
