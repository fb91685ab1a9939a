package org

import "github.com/usher-id/usher/internal/filter"

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
