package directory

import (
	"slices"

	"github.com/usher-id/usher/internal/filter"
	"github.com/usher-id/usher/internal/org"
)

// How users are found by an expression. Indexes know single columns, and so an
// expression is narrowed to alternatives, one of which holds of every user that
// it means, and which hold of others:
//
//	status eq "ACTIVE" and (profile.firstName sw "a" or profile.lastName sw "a") and profile.city eq "Paris"
//
//	    ──►  ACTIVE, firstName sw "a"    ──► a scan in the order of first names
//	         ACTIVE, lastName sw "a"     ──► one in the order of last names, less who was in the first
//
// Each user that a scan gives is then held to the whole expression.

// maxScans bounds the alternatives, and maxConditions what is asked of a database
// for one.
const (
	maxScans      = 12
	maxConditions = 12
)

// alternative is one way in which users can pass: they have one of the statuses,
// and the conditions hold.
type alternative struct {
	statuses statuses
	where    []org.UserCondition
}

func (a alternative) holds(u *org.User) bool {
	for _, c := range a.where {
		if !c.Holds(u) {
			return false
		}
	}
	return a.statuses.has(u.Status)
}

// narrow gives alternatives of which one or more hold of every user that passes
// the expression. None is nobody.
func narrow(e filter.Expression, terms map[*filter.Comparison]term) (all []alternative) {
	switch e := e.(type) {
	case filter.Or:
		for _, part := range e {
			all = append(all, narrow(part, terms)...)
		}
	case filter.And:
		all = []alternative{{statuses: anyStatus}}
		for _, part := range e {
			all = simplify(both(all, narrow(part, terms)))
		}
	case *filter.Comparison:
		all = []alternative{terms[e].alternative}
	}
	return simplify(all)
}

// both gives alternatives for who passes two expressions, or just one of them
// where that would be too many.
func both(a, b []alternative) (all []alternative) {
	if len(a)*len(b) > maxScans {
		return a
	}
	for _, x := range a {
		for _, y := range b {
			where := slices.Concat(x.where, y.where)
			all = append(all, alternative{x.statuses & y.statuses, where[:min(len(where), maxConditions)]})
		}
	}
	return all
}

// simplify makes fewer of alternatives: of too many it makes everybody.
func simplify(all []alternative) (list []alternative) {
	for _, a := range all {
		if a.statuses == 0 {
			continue
		}
		if i := slices.IndexFunc(list, a.joins); i >= 0 {
			list[i] = list[i].join(a)
		} else {
			list = append(list, a)
		}
	}
	everybody := alternative{statuses: anyStatus}
	if len(list) > maxScans || slices.ContainsFunc(list, func(a alternative) bool { return len(a.where) == 0 && a.statuses == anyStatus }) {
		return []alternative{everybody}
	}
	return list
}

// joins tells whether two alternatives are one, which asks a column for several
// values, or nothing but the status for several.
func (a alternative) joins(b alternative) bool {
	if len(a.where) != 1 || len(b.where) != 1 {
		return len(a.where) == 0 && len(b.where) == 0
	}
	x, y := a.where[0], b.where[0]
	return a.statuses == b.statuses && x.Column == y.Column && x.Operator == filter.Equal && y.Operator == filter.Equal
}

func (a alternative) join(b alternative) alternative {
	if len(a.where) == 0 {
		return alternative{statuses: a.statuses | b.statuses}
	}
	both := a.where[0]
	both.Values = slices.Concat(both.Values, b.where[0].Values)
	return alternative{a.statuses, []org.UserCondition{both}}
}

// scan is an alternative in an order.
type scan struct {
	alternative
	order      org.UserColumn
	descending bool
}

func (s scan) query() org.UserQuery {
	return org.UserQuery{Where: slices.Concat(s.where, s.statuses.conditions()), OrderBy: s.order, Descending: s.descending}
}

// scans gives each alternative the order of the index that finds it.
func scans(list []alternative) []scan {
	all := make([]scan, len(list))
	for i, a := range list {
		all[i] = scan{alternative: a, order: a.order()}
	}
	return all
}

// sorted makes one scan of alternatives, in the order of a column.
func sorted(list []alternative, by org.UserColumn, descending bool) []scan {
	switch len(list) {
	case 0:
		return nil
	case 1:
		return []scan{{list[0], by, descending}}
	}
	var any alternative
	for _, a := range list {
		any.statuses |= a.statuses
	}
	return []scan{{any, by, descending}}
}

// order is that of the column whose condition fewest users meet, as far as one
// can tell without looking. Those with one value come by their ids.
func (a alternative) order() org.UserColumn {
	columns := []org.UserColumn{
		org.ByID, org.ByLogin, org.ByEmail, org.ByLastName, org.ByFirstName, org.ByLastUpdated, org.ByCreated, org.ByType,
	}
	order, least := org.ByID, 2*len(columns)
	for _, c := range a.where {
		rank := slices.Index(columns, c.Column)
		if c.Operator != filter.Equal {
			rank += len(columns)
		}
		if rank >= least {
			continue
		}
		if order, least = c.Column, rank; c.Column == org.ByType || c.Operator == filter.Equal && len(c.Values) == 1 {
			order = org.ByID
		}
	}
	return order
}

// statuses is a set of the statuses of users.
type statuses uint8

const (
	anyStatus statuses = 1<<8 - 1
	living             = anyStatus >> 1 // not DEPROVISIONED
)

func allStatuses() [8]string {
	return [8]string{
		org.StatusStaged, org.StatusProvisioned, org.StatusActive, org.StatusRecovery, org.StatusPasswordExpired,
		org.StatusLockedOut, org.StatusSuspended, org.StatusDeprovisioned,
	}
}

// statusesThat gives the statuses that pass a test.
func statusesThat(test func(string) bool) (s statuses) {
	for i, status := range allStatuses() {
		if test(status) {
			s |= 1 << i
		}
	}
	return s
}

func (s statuses) has(status string) bool {
	return statusesThat(func(other string) bool { return other == status })&s != 0
}

// conditions ask for the statuses. Several are not asked for by name: a database
// could gather the users of each, only to sort them.
func (s statuses) conditions() []org.UserCondition {
	var in, out []any
	for i, status := range allStatuses() {
		if s&(1<<i) != 0 {
			in = append(in, status)
		} else {
			out = append(out, status)
		}
	}
	switch {
	case len(out) == 0:
		return nil
	case len(in) == 1:
		return []org.UserCondition{{Column: org.ByStatus, Operator: filter.Equal, Values: in}}
	}
	return []org.UserCondition{{Column: org.ByStatus, Operator: filter.NotEqual, Values: out}}
}
