package directory

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/usher-id/usher/internal/filter"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/profile"
)

// term is a comparison made ready: a test, and an alternative that holds of every
// user who passes it.
type term struct {
	alternative
	test func(*org.User) bool
}

// unaided tells whether no index helps to find who passes.
func (t term) unaided() bool { return len(t.where) == 0 && t.statuses == anyStatus }

const profilePrefix = "profile."

// columns are the properties that have an index, by their names in the API.
func columns() map[string]org.UserColumn {
	return map[string]org.UserColumn{
		"id": org.ByID, "status": org.ByStatus, "created": org.ByCreated, "lastUpdated": org.ByLastUpdated,
		profilePrefix + profile.Login: org.ByLogin, profilePrefix + profile.Email: org.ByEmail,
		profilePrefix + profile.FirstName: org.ByFirstName, profilePrefix + profile.LastName: org.ByLastName,
	}
}

// indexed names them.
func indexed() string {
	return "id, status, created, lastUpdated, profile.login, profile.email, profile.firstName or profile.lastName"
}

// vocabulary is what an expression may ask of users.
type vocabulary struct {
	// exact is that of the parameter filter: few properties, equality, and letters
	// that are what they are. In a search "a" is "A".
	exact       bool
	attributes  map[string]profile.Attribute
	defaultType string // id of the default user type
}

// newVocabulary gives that of the parameter search, for somebody to whom attributes
// that may not be seen are none.
func newVocabulary(ctx context.Context, tx *org.Tx, by By) (*vocabulary, error) {
	v := &vocabulary{attributes: map[string]profile.Attribute{}}
	types, err := tx.UserTypes.List(ctx)
	if err != nil {
		return nil, err
	}
	hidden := map[string]bool{} // in one type is hidden in all: the search is over all
	for _, t := range types {
		if t.Default() {
			v.defaultType = t.ID
		}
		schema, err := tx.Schemas.Of(ctx, t.Key())
		if err != nil {
			return nil, err
		}
		for _, a := range schema.Attributes() {
			v.attributes[a.Name] = a
			hidden[a.Name] = hidden[a.Name] || !a.Readable(almighty(by))
		}
	}
	maps.DeleteFunc(v.attributes, func(name string, _ profile.Attribute) bool { return hidden[name] })
	return v, nil
}

// term makes a comparison ready. Its errors are of type *filter.Error.
func (v *vocabulary) term(c *filter.Comparison) (term, error) {
	if err := v.check(c); err != nil {
		return term{}, err
	}
	switch c.Attribute {
	case "id":
		return idTerm(c)
	case "type.id":
		return v.typeTerm(c)
	case "status":
		return v.statusTerm(c)
	case "created":
		return timeTerm(c, org.ByCreated, func(u *org.User) time.Time { return u.Created })
	case "lastUpdated":
		return timeTerm(c, org.ByLastUpdated, func(u *org.User) time.Time { return u.LastUpdated })
	case "activated":
		return timeTerm(c, "", func(u *org.User) time.Time { return u.Activated })
	case "statusChanged":
		return timeTerm(c, "", func(u *org.User) time.Time { return u.StatusChanged })
	}
	name, isProfile := strings.CutPrefix(c.Attribute, profilePrefix)
	if a, ok := v.attributes[name]; ok && isProfile {
		return v.profileTerm(c, a)
	}
	return term{}, refuse(c.At, "There is no property %s that can be searched,", c.Attribute)
}

// check refuses what Okta's languages of users do not have.
func (v *vocabulary) check(c *filter.Comparison) error {
	column, known := columns()[c.Attribute]
	ranges := slices.Contains([]filter.Operator{filter.Greater, filter.GreaterEqual, filter.Less, filter.LessEqual}, c.Operator)
	switch {
	case c.Operator == filter.NotEqual || c.Operator == filter.EndsWith:
		return filter.Unsupported(string(c.Operator), c.OperatorAt)
	case c.Operator == filter.Contains && !column.Folded():
		return refuse(c.OperatorAt, "The operator co is for profile.firstName, profile.lastName, profile.email and profile.login, not for %s,", c.Attribute)
	case c.Operator != filter.Present && c.Value == nil:
		return filter.NeedsString(c.ValueAt)
	case strings.ContainsRune(text(c.Value), 0): // no store takes it
		return refuse(c.ValueAt, "A character that no value has")
	case v.exact && (!known || column == org.ByCreated):
		return refuse(c.At, "A filter has no property %s; use search,", c.Attribute)
	case v.exact && c.Operator != filter.Equal && (!ranges || column != org.ByLastUpdated):
		return refuse(c.OperatorAt, "A filter does not compare %s by %s; use search,", c.Attribute, c.Operator)
	}
	return nil
}

func refuse(at int, format string, args ...any) *filter.Error {
	return &filter.Error{Position: at, Text: fmt.Sprintf(format+" at position %d", append(args, at)...)}
}

// everybody is the term of a test with which no index helps.
func everybody(test func(*org.User) bool) term {
	return term{alternative{statuses: anyStatus}, test}
}

// in adds that a column is compared as the term does.
func (t term) in(column org.UserColumn, o filter.Operator, value any) term {
	t.where = append(t.where, org.UserCondition{Column: column, Operator: o, Values: []any{value}})
	return t
}

func idTerm(c *filter.Comparison) (term, error) {
	value := text(c.Value)
	t := everybody(func(u *org.User) bool { return compares(c.Operator, u.ID, value) })
	if c.Operator == filter.Present {
		return t, nil
	}
	return t.in(org.ByID, c.Operator, value), nil
}

func (v *vocabulary) typeTerm(c *filter.Comparison) (term, error) {
	value := text(c.Value)
	t := everybody(func(u *org.User) bool {
		return compares(c.Operator, cmp.Or(u.TypeID, v.defaultType), value)
	})
	if c.Operator == filter.Equal && value != v.defaultType {
		t = t.in(org.ByType, c.Operator, value)
	}
	return t, nil
}

func (v *vocabulary) statusTerm(c *filter.Comparison) (term, error) {
	value := text(c.Value)
	if !v.exact {
		value = strings.ToUpper(value)
	}
	test := func(status string) bool { return compares(c.Operator, status, value) }
	return term{alternative{statuses: statusesThat(test)}, func(u *org.User) bool { return test(u.Status) }}, nil
}

// timeTerm compares with a time. Two times are equal when they are shown alike,
// which is to the second.
func timeTerm(c *filter.Comparison, column org.UserColumn, of func(*org.User) time.Time) (term, error) {
	if c.Operator == filter.Present {
		return everybody(func(u *org.User) bool { return !of(u).IsZero() }), nil
	}
	at, err := time.Parse(time.RFC3339, text(c.Value))
	if err != nil {
		return term{}, refuse(c.ValueAt, "Expected a time such as \"2026-01-31T12:00:00.000Z\"")
	}
	at = at.UTC().Truncate(time.Microsecond)
	type bound struct {
		operator filter.Operator
		at       time.Time
	}
	bounds := []bound{{c.Operator, at}}
	switch {
	case c.Operator == filter.StartsWith:
		return term{}, refuse(c.OperatorAt, "The operator sw is for text, not for %s,", c.Attribute)
	case c.Operator == filter.Equal && at.Equal(at.Truncate(time.Second)):
		bounds = []bound{{filter.GreaterEqual, at}, {filter.Less, at.Add(time.Second)}}
	}
	t := everybody(func(u *org.User) bool {
		have := of(u)
		return !have.IsZero() && !slices.ContainsFunc(bounds, func(b bound) bool { return !ordered(b.operator, have.Compare(b.at)) })
	})
	if column != "" {
		for _, b := range bounds {
			t = t.in(column, b.operator, b.at)
		}
	}
	return t, nil
}

// profileTerm compares values of an attribute. Of an array one must pass.
func (v *vocabulary) profileTerm(c *filter.Comparison, a profile.Attribute) (term, error) {
	kind := a.Type
	if a.Items != nil {
		kind = a.Items.Type
	}
	passes, err := v.valueTest(c, kind)
	if err != nil {
		return term{}, err
	}
	t := everybody(func(u *org.User) bool {
		value, _ := u.Profile.Get(a.Name)
		if list, ok := value.([]any); ok {
			return slices.ContainsFunc(list, passes)
		}
		return passes(value)
	})
	column := columns()[c.Attribute]
	if column == "" || c.Operator == filter.Contains || c.Operator == filter.Present {
		return t, nil
	}
	return t.in(column, c.Operator, text(c.Value)), nil
}

// valueTest makes the test of one value of a type.
func (v *vocabulary) valueTest(c *filter.Comparison, kind profile.Type) (func(any) bool, error) {
	want := text(c.Value)
	switch {
	case c.Operator == filter.Present:
		return func(have any) bool { return have != nil && have != "" }, nil
	case kind == profile.Boolean:
		if c.Operator != filter.Equal {
			return nil, refuse(c.OperatorAt, "The operator %s is not for %s, which is true or false,", c.Operator, c.Attribute)
		}
		if want != "true" && want != "false" {
			return nil, refuse(c.ValueAt, "Expected true or false")
		}
		return func(have any) bool { return have == (want == "true") }, nil
	case kind == profile.Number || kind == profile.Integer:
		number := json.Number(want)
		if c.Operator == filter.StartsWith {
			return nil, refuse(c.OperatorAt, "The operator sw is for text, not for %s,", c.Attribute)
		}
		if _, ok := profile.CompareNumbers(number, number); !ok {
			return nil, refuse(c.ValueAt, "Expected a number")
		}
		return func(have any) bool {
			n, _ := have.(json.Number)
			order, ok := profile.CompareNumbers(n, number)
			return ok && ordered(c.Operator, order)
		}, nil
	}
	fold := profile.FoldLogin
	if v.exact {
		fold = func(text string) string { return text }
	}
	want = fold(want)
	return func(have any) bool {
		s, ok := have.(string)
		return ok && compares(c.Operator, fold(s), want)
	}, nil
}

// text is the value of a comparison as it would stand in quotes: clients put
// numbers and booleans into them, too.
func text(value any) string {
	switch value := value.(type) {
	case string:
		return value
	case json.Number:
		return string(value)
	case bool:
		return strconv.FormatBool(value)
	}
	return ""
}

// compares asks a text, byte by byte, what an operator asks.
func compares(o filter.Operator, have, value string) bool {
	switch o {
	case filter.Present:
		return have != ""
	case filter.Contains:
		return strings.Contains(have, value)
	case filter.StartsWith:
		return strings.HasPrefix(have, value)
	}
	return ordered(o, strings.Compare(have, value))
}

// ordered tells whether an order is what an operator asks for.
func ordered(o filter.Operator, order int) bool {
	switch o {
	case filter.Equal:
		return order == 0
	case filter.Greater:
		return order > 0
	case filter.GreaterEqual:
		return order >= 0
	case filter.Less:
		return order < 0
	case filter.LessEqual:
		return order <= 0
	}
	return false
}
