package directory

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/filter"
	"github.com/usher-id/usher/internal/org"
)

// Parameters of a list of users.
const (
	filterParameter = "filter"
	searchParameter = "search"
	descending      = "desc"
)

// userQuery is a list of users made ready: scans that give all of its users, and
// others, and a test that only they pass.
type userQuery struct {
	scans []scan
	test  func(*org.User) bool // nil for everybody
	paged bool
	from  cursor
	label string // what the cursors of the list, and no others, have

	parameter string   // that has the expression
	unaided   []string // properties in it for which there is no index
}

// read makes a list ready. Its faults name the parameter.
func (l UserList) read(ctx context.Context, tx *org.Tx, by By) (q *userQuery, err error) {
	q = &userQuery{paged: strings.TrimSpace(l.Q) == "", label: l.label()}
	if err := l.check(); err != nil {
		return nil, err
	}
	var found []alternative
	switch {
	case l.Search != "" || l.Filter != "":
		found, err = q.express(ctx, tx, by, l)
	case q.paged:
		found = []alternative{{statuses: living}}
	default:
		for _, c := range []org.UserColumn{org.ByFirstName, org.ByLastName, org.ByEmail} {
			begins := org.UserCondition{Column: c, Operator: filter.StartsWith, Values: []any{l.Q}}
			found = append(found, alternative{statuses: living, where: []org.UserCondition{begins}})
		}
	}
	if err != nil {
		return nil, err
	}
	order, err := l.order()
	if err != nil {
		return nil, err
	}
	if q.scans = scans(found); order != "" {
		q.scans = sorted(found, order, strings.EqualFold(l.SortOrder, descending))
	}
	q.from, err = parseCursor(l.After, q)
	return q, err
}

// check refuses what contradicts itself.
func (l UserList) check() error {
	asked := 0
	for _, text := range []string{l.Q, l.Filter, l.Search} {
		if text != "" {
			asked++
		}
	}
	switch {
	case asked > 1:
		return invalidSearch(searchParameter, "only one of q, filter and search can be given")
	case l.Q != "" && l.After != "":
		return fault.New(fault.BadPage, "", fault.Cause{Field: "after", Text: "a list by q has no further pages; use search"})
	}
	return nil
}

func invalidSearch(parameter, text string) *fault.Error {
	return fault.New(fault.BadSearch, "", fault.Cause{Field: parameter, Text: text})
}

// express takes over the expression of a list, and gives what it narrows users
// down to.
func (q *userQuery) express(ctx context.Context, tx *org.Tx, by By, l UserList) ([]alternative, error) {
	v, err := newVocabulary(ctx, tx, by)
	if err != nil {
		return nil, err
	}
	q.parameter = searchParameter
	text := l.Search
	if text == "" {
		q.parameter, text, v.exact = filterParameter, l.Filter, true
	}
	found, err := q.parse(v, text)
	var problem *filter.Error
	if errors.As(err, &problem) {
		err = invalidSearch(q.parameter, problem.Text)
	}
	return found, err
}

// parse reads an expression. Its errors are of type *filter.Error.
func (q *userQuery) parse(v *vocabulary, text string) ([]alternative, error) {
	terms := map[*filter.Comparison]term{}
	e, err := filter.Parse(text, func(c *filter.Comparison) error {
		t, err := v.term(c)
		terms[c] = t
		if err == nil && t.unaided() {
			q.unaided = append(q.unaided, plainly(c))
		}
		return err
	})
	if err == nil {
		err = withoutNot(e)
	}
	if err != nil {
		return nil, err
	}
	q.test = filter.Predicate(e, func(c *filter.Comparison) func(*org.User) bool { return terms[c].test })
	return narrow(e, terms), nil
}

// plainly names a comparison, with the operator where it is that which has no
// index.
func plainly(c *filter.Comparison) string {
	if _, indexed := columns()[c.Attribute]; indexed {
		return c.Attribute + " (" + string(c.Operator) + ")"
	}
	return c.Attribute
}

// withoutNot refuses what Okta's languages of users do not have.
func withoutNot(e filter.Expression) error {
	var parts []filter.Expression
	switch e := e.(type) {
	case filter.And:
		parts = e
	case filter.Or:
		parts = e
	case *filter.Not:
		return &filter.Error{Position: e.At, Text: fmt.Sprintf("The operator 'not' at position %d is not supported. Expected: and,or", e.At)}
	}
	for _, part := range parts {
		if err := withoutNot(part); err != nil {
			return err
		}
	}
	return nil
}

// order is the column that sortBy names.
func (l UserList) order() (org.UserColumn, error) {
	if l.SortBy == "" || l.Q != "" {
		return "", nil
	}
	switch strings.ToLower(l.SortOrder) {
	case "", "asc", descending:
	default:
		return "", invalidSearch("sortOrder", "must be asc or desc")
	}
	c, ok := columns()[l.SortBy]
	if !ok {
		return "", invalidSearch("sortBy", "there is no index for the order of this property; use "+indexed())
	}
	return c, nil
}

// tookTooLong says what to do about a search that no index helps with.
func (q *userQuery) tookTooLong(limit time.Duration) error {
	parameter, cause := q.parameter, fmt.Sprintf("no page of users was found within %s", limit)
	if len(q.unaided) > 0 {
		cause += ", since there is no index for " + strings.Join(q.unaided, ", ")
	}
	if parameter == "" {
		parameter = searchParameter
	}
	return invalidSearch(parameter, cause+`; add, with "and", a comparison of one of `+indexed()+`, by eq, sw, gt, ge, lt or le, and leave out sortBy`)
}
