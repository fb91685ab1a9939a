package origin

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/filter"
	"github.com/usher-id/usher/internal/org"
)

// Query is which trusted origins a list gives.
type Query struct {
	Prefix string // of name or origin, in any case; "" for all
	Filter string // an expression of package filter; "" for none
	After  string // the id to go on from; "" is the beginning
	Limit  int
}

// List gives a page of trusted origins in the order of their ids, and the cursor
// of the next page, which is "" at the end.
func (s *Service) List(ctx context.Context, q Query) (page []*org.TrustedOrigin, next string, err error) {
	match, err := parseFilter(q.Filter)
	if err != nil {
		return nil, "", err
	}
	err = s.Store.View(ctx, func(ctx context.Context, tx *org.Tx) (err error) {
		page, err = tx.TrustedOrigins.List(ctx)
		return err
	})
	page = slices.DeleteFunc(page, func(o *org.TrustedOrigin) bool {
		return o.ID <= q.After || !begins(o.Name, q.Prefix) && !begins(o.Origin, q.Prefix) || !match(o)
	})
	if len(page) > q.Limit {
		page = page[:q.Limit]
		next = page[q.Limit-1].ID
	}
	return page, next, err
}

func begins(text, prefix string) bool {
	return strings.HasPrefix(strings.ToLower(text), strings.ToLower(prefix))
}

// parseFilter makes a test of an expression. Values are compared exactly, and
// there is eq alone.
func parseFilter(text string) (func(*org.TrustedOrigin) bool, error) {
	if text == "" {
		return func(*org.TrustedOrigin) bool { return true }, nil
	}
	e, err := filter.Parse(text, checkComparison)
	var problem *filter.Error
	switch {
	case errors.As(err, &problem):
		return nil, fault.New(fault.BadFilter, "Invalid filter '"+text+"': "+problem.Text)
	case err != nil:
		return nil, err
	}
	return filter.Predicate(e, func(c *filter.Comparison) func(*org.TrustedOrigin) bool {
		return func(o *org.TrustedOrigin) bool { return slices.Contains(property(o, c.Attribute), c.Value.(string)) }
	}), nil
}

func checkComparison(c *filter.Comparison) error {
	_, isText := c.Value.(string)
	switch {
	case property(new(org.TrustedOrigin), c.Attribute) == nil:
		return fault.New(fault.BadFilter, "field is not valid: "+c.Attribute)
	case c.Operator != filter.Equal:
		return filter.Unsupported(string(c.Operator), c.OperatorAt)
	case !isText:
		return filter.NeedsString(c.ValueAt)
	}
	return nil
}

// property gives the values that filters look at, or nil for another property.
func property(o *org.TrustedOrigin, name string) []string {
	switch name {
	case "name":
		return []string{o.Name}
	case "origin":
		return []string{o.Origin}
	case "status":
		return []string{o.Status}
	case "type": // of one of the scopes
		types := []string{}
		for _, scope := range o.Scopes {
			types = append(types, scope.Type)
		}
		return types
	}
	return nil
}
