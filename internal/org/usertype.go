package org

import (
	"strings"
	"time"

	"github.com/usher-id/usher/internal/id"
	"github.com/usher-id/usher/internal/profile"
)

// UserType is a kind of people with a user schema of its own.
type UserType struct {
	ID          string
	Name        string // fixed; see [DefaultUserType]
	DisplayName string
	Description string
	CreatedBy   string // ids of actors
	UpdatedBy   string
	Created     time.Time
	LastUpdated time.Time // of the type, not of its schema
	// SchemaUpdated is when its schema was changed last.
	SchemaUpdated time.Time
}

// DefaultUserType is the name of the type that every org has, and that people
// are of who sign up.
const DefaultUserType = "user"

// Default tells whether it is the default type.
func (t *UserType) Default() bool { return t.Name == DefaultUserType }

// Key is what its users have as [User.TypeID], and what [Schemas] knows its
// schema by: "" for the default type.
func (t *UserType) Key() string {
	if t.Default() {
		return ""
	}
	return t.ID
}

// SchemaID is the id of its schema, which ends as that of the type.
func (t *UserType) SchemaID() string { return id.Schema + strings.TrimPrefix(t.ID, id.UserType) }

// Revision names the state of the type without its schema.
func (t *UserType) Revision() string { return revision(t.ID, 0, t.LastUpdated) }

// SchemaRevision names the state of its schema.
func (t *UserType) SchemaRevision() string { return revision(t.SchemaID(), 0, t.SchemaUpdated) }

// UserProfile is what a user is checked by against a schema.
type UserProfile struct {
	UserID  string
	Profile profile.Profile
}
