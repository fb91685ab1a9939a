package sqlstore

import (
	"context"
	"time"

	"github.com/usher-id/usher/internal/org"
)

type userTypes struct{ *tx }

const (
	typeColumns = "id, name, document, created, last_updated"

	insertType = "INSERT INTO user_types (" + typeColumns + ") VALUES ($1, $2, $3, $4, $5) ON CONFLICT (name) DO NOTHING"
	updateType = "UPDATE user_types SET name = $2, document = $3, created = $4, last_updated = $5 WHERE id = $1"
	deleteType = "DELETE FROM user_types WHERE id = $1"
	allTypes   = "SELECT " + typeColumns + " FROM user_types ORDER BY created, id"
	// The index leaves out the default type.
	typeInUse = "SELECT id FROM users WHERE type_id = $1 AND type_id <> '' LIMIT 1"
)

// typeDocument is what the table has no column of its own for.
type typeDocument struct {
	DisplayName   string    `json:"displayName"`
	Description   string    `json:"description"`
	CreatedBy     string    `json:"createdBy"`
	UpdatedBy     string    `json:"updatedBy"`
	SchemaUpdated time.Time `json:"schemaUpdated"`
}

// typeValues are what insertType and updateType take.
func typeValues(t *org.UserType) []any {
	d := typeDocument{t.DisplayName, t.Description, t.CreatedBy, t.UpdatedBy, micro(t.SchemaUpdated)}
	return []any{t.ID, t.Name, document{d}, t.Created, t.LastUpdated}
}

func scanType(r row) (*org.UserType, error) {
	var (
		t org.UserType
		d typeDocument
	)
	err := r.Scan(&t.ID, &t.Name, from(&d), at(&t.Created), at(&t.LastUpdated))
	t.DisplayName, t.Description, t.CreatedBy, t.UpdatedBy, t.SchemaUpdated = d.DisplayName, d.Description, d.CreatedBy, d.UpdatedBy, d.SchemaUpdated
	return &t, err
}

func (r userTypes) Create(ctx context.Context, t *org.UserType) error {
	if err := r.changeConfig(ctx); err != nil {
		return err
	}
	return r.insert(ctx, org.ErrNameTaken, insertType, typeValues(t)...)
}

func (r userTypes) Update(ctx context.Context, t *org.UserType) error {
	if err := r.changeConfig(ctx); err != nil {
		return err
	}
	return r.change(ctx, org.ErrNameTaken, updateType, typeValues(t)...)
}

func (r userTypes) Delete(ctx context.Context, id string) error {
	if err := r.changeConfig(ctx); err != nil {
		return err
	}
	if err := r.hold(deleteSchema, id); err != nil {
		return err
	}
	return r.change(ctx, nil, deleteType, id)
}

// all gives what the cache has: every user that is shown has a type.
func (r userTypes) all(ctx context.Context) ([]*org.UserType, error) {
	return cached(ctx, r.tx, &r.store.types, func() ([]*org.UserType, error) {
		return list(ctx, r.tx, scanType, allTypes)
	})
}

func (r userTypes) List(ctx context.Context) ([]*org.UserType, error) {
	all, err := r.all(ctx)
	return copies(all, err, every, copyType)
}

func copyType(t *org.UserType) *org.UserType {
	c := *t
	return &c
}

func (r userTypes) Get(ctx context.Context, id string) (*org.UserType, error) {
	all, err := r.all(ctx)
	return first(all, err, func(t *org.UserType) bool { return t.ID == id }, copyType)
}

func (r userTypes) Default(ctx context.Context) (*org.UserType, error) {
	all, err := r.all(ctx)
	return first(all, err, (*org.UserType).Default, copyType)
}

func (r userTypes) InUse(ctx context.Context, typeID string) (bool, error) {
	some, err := list(ctx, r.tx, single[string], typeInUse, typeID)
	return len(some) > 0, err
}
