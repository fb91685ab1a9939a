package app

import (
	"context"
	"errors"

	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/filter"
	"github.com/usher-id/usher/internal/org"
)

// Query is which apps a list gives.
type Query struct {
	Prefix string // of name or label, in any case; "" for all
	Filter string // an expression of package filter; "" for none
	After  string // the id to go on from; "" is the beginning
	Limit  int
}

// Apps gives a page of apps in the order of their ids, and the cursor of the next
// page, which is "" at the end.
func (s *Service) Apps(ctx context.Context, q Query) (page []*Instance, next string, err error) {
	match, err := parseFilter(q.Filter)
	if err != nil {
		return nil, "", err
	}
	err = s.Store.View(ctx, func(ctx context.Context, tx *org.Tx) error {
		page = []*Instance{}
		// One more than the page has, to see whether there is one.
		read := org.AppQuery{Prefix: q.Prefix, After: q.After, Limit: q.Limit + 1}
		for len(page) <= q.Limit {
			apps, err := tx.Apps.List(ctx, read)
			if err != nil {
				return err
			}
			some, err := s.instances(ctx, tx, apps)
			if err != nil {
				return err
			}
			for _, a := range some {
				if match(a) {
					page = append(page, a)
				}
			}
			if len(apps) < read.Limit {
				break
			}
			read.After = apps[len(apps)-1].ID
		}
		return nil
	})
	page, next = cut(page, q.Limit)
	return page, next, err
}

// cut makes a page of what was read for one, and its cursor.
func cut(read []*Instance, limit int) (page []*Instance, next string) {
	if len(read) > limit {
		read = read[:limit]
		next = read[limit-1].ID
	}
	return read, next
}

// parseFilter makes a test of an expression. Properties are compared exactly, and
// there is eq alone, as in Okta's reference.
func parseFilter(text string) (func(*Instance) bool, error) {
	if text == "" {
		return func(*Instance) bool { return true }, nil
	}
	e, err := filter.Parse(text, checkComparison)
	var problem *filter.Error
	switch {
	case errors.As(err, &problem):
		return nil, fault.New(fault.BadFilter, "Invalid filter '"+text+"': "+problem.Text)
	case err != nil:
		return nil, err
	}
	return filter.Predicate(e, func(c *filter.Comparison) func(*Instance) bool {
		return func(a *Instance) bool { return property(a, c.Attribute) == c.Value }
	}), nil
}

func checkComparison(c *filter.Comparison) error {
	_, isText := c.Value.(string)
	switch {
	case property(nil, c.Attribute) == nil:
		return fault.New(fault.BadFilter, "field is not valid: "+c.Attribute)
	case c.Operator != filter.Equal:
		return filter.Unsupported(string(c.Operator), c.OperatorAt)
	case !isText:
		return filter.NeedsString(c.ValueAt)
	}
	return nil
}

// property gives what filters look at, of nil an empty text, or nil for another
// property.
func property(a *Instance, name string) any {
	if a == nil {
		a = &Instance{App: &org.App{}}
	}
	switch name {
	case "id":
		return a.ID
	case "status":
		return a.Status
	case "name":
		return a.Name
	case "credentials.signing.kid":
		return a.SigningKey
	}
	return nil
}
