package org

import (
	"strings"
	"time"

	"github.com/usher-id/usher/internal/filter"
	"github.com/usher-id/usher/internal/profile"
)

// UserQuery is which users a Scan gives, and in which order.
type UserQuery struct {
	Where []UserCondition // all of them
	// OrderBy is the column that orders them; those with the same value come by
	// id. "" is the id alone.
	OrderBy    UserColumn
	Descending bool
	// After is where to go on; nil is the beginning.
	After *UserPosition
	// Batch is about how many will be taken, which a store may read at once; 0 is
	// unknown.
	Batch int
}

// UserColumn is something that users can be found and ordered by without looking
// at each of them. Texts but for id, status and type are folded by
// profile.FoldLogin.
type UserColumn string

// The columns.
const (
	ByID          UserColumn = "id"
	ByLogin       UserColumn = "login"
	ByEmail       UserColumn = "email"
	ByFirstName   UserColumn = "firstName"
	ByLastName    UserColumn = "lastName"
	ByStatus      UserColumn = "status"
	ByType        UserColumn = "type" // of those who are not of the default one; no order
	ByCreated     UserColumn = "created"
	ByLastUpdated UserColumn = "lastUpdated"
)

// UserCondition compares a column: by filter.Equal, with one of the values; by
// filter.NotEqual, with none of them; by filter.StartsWith, which is for texts,
// filter.Greater, GreaterEqual, Less or LessEqual, with the one value. Values are
// of type string, of created and lastUpdated time.Time.
type UserCondition struct {
	Column   UserColumn
	Operator filter.Operator
	Values   []any
}

// UserPosition is where a user stands in an order.
type UserPosition struct {
	Value any // of the column: string or time.Time
	ID    string
}

// Holds tells whether a user is one of those that the condition asks for.
func (c UserCondition) Holds(u *User) bool {
	for _, value := range c.Values {
		if c.holds(u, value) {
			return c.Operator != filter.NotEqual
		}
	}
	return c.Operator == filter.NotEqual
}

func (c UserCondition) holds(u *User, value any) bool {
	have, order := c.Column.of(u), 0
	switch value := value.(type) {
	case time.Time:
		order = have.(time.Time).Compare(value)
	case string:
		if c.Column.Folded() {
			value = profile.FoldLogin(value)
		}
		if c.Operator == filter.StartsWith {
			return strings.HasPrefix(have.(string), value)
		}
		order = strings.Compare(have.(string), value)
	}
	switch c.Operator {
	case filter.Greater:
		return order > 0
	case filter.GreaterEqual:
		return order >= 0
	case filter.Less:
		return order < 0
	case filter.LessEqual:
		return order <= 0
	}
	return order == 0
}

// Folded tells whether the column keeps texts as profile.FoldLogin makes them.
func (c UserColumn) Folded() bool {
	return c == ByLogin || c == ByEmail || c == ByFirstName || c == ByLastName
}

// IsTime tells whether the column keeps times, and not texts.
func (c UserColumn) IsTime() bool { return c == ByCreated || c == ByLastUpdated }

// of gives the value of the column.
func (c UserColumn) of(u *User) any {
	switch c {
	case ByLogin:
		return profile.FoldLogin(u.Login())
	case ByEmail:
		return profile.FoldLogin(u.Email())
	case ByFirstName, ByLastName:
		return profile.FoldLogin(u.Profile.Text(string(c)))
	case ByStatus:
		return u.Status
	case ByType:
		return u.TypeID
	case ByCreated:
		return u.Created
	case ByLastUpdated:
		return u.LastUpdated
	}
	return u.ID
}
