package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/usher-id/usher/internal/filter"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/profile"
)

// userBatch is how many users are read before any is given out, unless the query
// knows better.
const userBatch = 256

var errUserQuery = errors.New("sqlstore: a query of users that cannot be")

// userColumn gives the column of the table, or "".
func userColumn(c org.UserColumn) string {
	switch c {
	case org.ByID:
		return "id"
	case org.ByLogin:
		return "login_key"
	case org.ByEmail:
		return "email_key"
	case org.ByFirstName:
		return "first_key"
	case org.ByLastName:
		return "last_key"
	case org.ByStatus:
		return "status"
	case org.ByType:
		return "type_id"
	case org.ByCreated:
		return "created"
	case org.ByLastUpdated:
		return "last_updated"
	}
	return ""
}

// fits tells whether a value is of the type that a column has.
func fits(c org.UserColumn, v any) bool {
	switch v.(type) {
	case time.Time:
		return c.IsTime()
	case string:
		return !c.IsTime()
	}
	return false
}

func (r users) Scan(ctx context.Context, q org.UserQuery, yield func(*org.User, org.UserPosition) bool) error {
	if q.Batch <= 0 || q.Batch > userBatch {
		q.Batch = userBatch
	}
	if q.OrderBy == "" {
		q.OrderBy = org.ByID
	}
	for {
		query, args, err := userQuery(q)
		if err != nil {
			return r.fail(err)
		}
		batch, err := list(ctx, r.tx, scanPlaced(q.OrderBy), query, args...)
		if err != nil {
			return err
		}
		for _, u := range batch {
			if !yield(u.user, u.position) {
				return nil
			}
		}
		if len(batch) < q.Batch {
			return nil
		}
		q.After, q.Batch = &batch[len(batch)-1].position, userBatch
	}
}

// placed is a user with the place in the order of a query.
type placed struct {
	user     *org.User
	position org.UserPosition
}

// scanPlaced reads the value of the order as it is stored: a key of an earlier
// version was not folded as they are today.
func scanPlaced(by org.UserColumn) func(row) (placed, error) {
	return func(r row) (placed, error) {
		var (
			text string
			when time.Time
			key  any = &text
		)
		if by.IsTime() {
			key = at(&when)
		}
		u, err := scanUser(withLast{r, key})
		if err != nil {
			return placed{}, err
		}
		if by.IsTime() {
			return placed{u, org.UserPosition{Value: when, ID: u.ID}}, nil
		}
		return placed{u, org.UserPosition{Value: text, ID: u.ID}}, nil
	}
}

// withLast scans a row that has one column more.
type withLast struct {
	row
	last any
}

func (r withLast) Scan(dest ...any) error { return r.row.Scan(append(dest, r.last)...) }

// userQuery asks for the next batch of a query. Its text has nothing of what a
// client sent: values are arguments.
func userQuery(q org.UserQuery) (query string, args []any, err error) {
	order := userColumn(q.OrderBy)
	if order == "" || q.OrderBy == org.ByType {
		return "", nil, fmt.Errorf("%w: ordered by %q", errUserQuery, q.OrderBy)
	}
	if q.After != nil && !fits(q.OrderBy, q.After.Value) {
		return "", nil, fmt.Errorf("%w: after a %T of %s", errUserQuery, q.After.Value, q.OrderBy)
	}
	w := where{query: q}
	for _, c := range q.Where {
		if err := w.add(c); err != nil {
			return "", nil, err
		}
	}
	beyond, direction := " > ", ""
	if q.Descending {
		beyond, direction = " < ", " DESC"
	}
	by := order + direction
	unique := q.OrderBy == org.ByID || q.OrderBy == org.ByLogin
	if !unique {
		by += ", id" + direction
	}
	switch {
	case q.After == nil:
	case unique:
		w.and(order + beyond + w.arg(q.After.Value))
	default:
		w.and("(" + order + ", id)" + beyond + "(" + w.arg(q.After.Value) + ", " + w.arg(q.After.ID) + ")")
	}
	query = "SELECT " + userColumns + ", " + order + " FROM users"
	if len(w.all) > 0 {
		query += " WHERE " + strings.Join(w.all, " AND ")
	}
	return query + " ORDER BY " + by + " LIMIT " + strconv.Itoa(q.Batch), w.args, nil
}

// where gathers the conditions of a query, and their arguments.
type where struct {
	query org.UserQuery
	all   []string
	args  []any
}

func (w *where) and(condition string) { w.all = append(w.all, condition) }

func (w *where) arg(v any) string {
	w.args = append(w.args, v)
	return "$" + strconv.Itoa(len(w.args))
}

func (w *where) add(c org.UserCondition) error {
	name, values, err := operands(c)
	if err != nil {
		return err
	}
	bound := map[filter.Operator]string{filter.Greater: ">", filter.GreaterEqual: ">=", filter.Less: "<", filter.LessEqual: "<="}[c.Operator]
	switch {
	case c.Operator == filter.Equal:
		w.in(name, "IN", values)
		if c.Column == org.ByType {
			w.and("type_id <> ''") // as the index says
		}
	case c.Operator == filter.NotEqual:
		w.in(name, "NOT IN", values)
	case len(values) == 1 && bound != "":
		w.bound(c.Column, name, bound, values[0])
	case len(values) == 1 && c.Operator == filter.StartsWith && !c.Column.IsTime():
		prefix := values[0].(string)
		w.bound(c.Column, name, ">=", prefix)
		if end := successor(prefix); end != "" {
			w.bound(c.Column, name, "<", end)
		}
	default:
		return fmt.Errorf("%w: %s %s %d values", errUserQuery, c.Column, c.Operator, len(values))
	}
	return nil
}

// operands gives the column of a condition, and its values as they are stored.
func operands(c org.UserCondition) (name string, values []any, err error) {
	if name = userColumn(c.Column); name == "" {
		return "", nil, fmt.Errorf("%w: column %q", errUserQuery, c.Column)
	}
	values = make([]any, len(c.Values))
	for i, v := range c.Values {
		if !fits(c.Column, v) {
			return "", nil, fmt.Errorf("%w: %s %s %T", errUserQuery, c.Column, c.Operator, v)
		}
		if c.Column.Folded() {
			v = profile.FoldLogin(v.(string))
		}
		values[i] = v
	}
	return name, values, nil
}

func (w *where) in(name, in string, values []any) {
	list := make([]string, len(values))
	for i, v := range values {
		list[i] = w.arg(v)
	}
	switch {
	case len(list) == 0 && in == "IN":
		w.and("1 = 0")
	case len(list) > 0:
		w.and(name + " " + in + " (" + strings.Join(list, ", ") + ")")
	}
}

// bound adds a bound of a range, unless the position is a narrower one: of two
// bounds at one end SQLite takes either, and with the wider one it would read all
// earlier pages again.
func (w *where) bound(c org.UserColumn, name, operator string, value any) {
	if w.query.After != nil && c == w.query.OrderBy && (operator[0] == '<') == w.query.Descending {
		order := compareKeys(w.query.After.Value, value)
		if order > 0 && !w.query.Descending || order < 0 && w.query.Descending {
			return
		}
	}
	w.and(name + " " + operator + " " + w.arg(value))
}

// compareKeys compares values of one column, as the databases do.
func compareKeys(a, b any) int {
	if a, ok := a.(time.Time); ok {
		return a.Compare(b.(time.Time))
	}
	return strings.Compare(a.(string), b.(string))
}

// successor is the least text above all that begin with a prefix, by their bytes,
// whose order is that of their code points; "" if there is none.
func successor(prefix string) string {
	for prefix != "" {
		last, size := utf8.DecodeLastRuneInString(prefix)
		prefix = prefix[:len(prefix)-size]
		switch next := last + 1; {
		case next == 0xD800: // surrogates are no characters
			return prefix + "\uE000"
		case next <= utf8.MaxRune:
			return prefix + string(next)
		}
	}
	return ""
}
