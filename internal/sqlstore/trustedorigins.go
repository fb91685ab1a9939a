package sqlstore

import (
	"context"
	"slices"

	"github.com/usher-id/usher/internal/org"
)

type trustedOrigins struct{ *tx }

const (
	trustedOriginColumns = "id, name, origin, status, document, created, last_updated"

	insertTrustedOrigin = "INSERT INTO trusted_origins (" + trustedOriginColumns + `)
		VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`
	updateTrustedOrigin = `UPDATE trusted_origins SET name = $2, origin = $3, status = $4, document = $5, created = $6,
		last_updated = $7 WHERE id = $1`
	deleteTrustedOrigin = "DELETE FROM trusted_origins WHERE id = $1"
	allTrustedOrigins   = "SELECT " + trustedOriginColumns + " FROM trusted_origins ORDER BY id"
)

// trustedOrigin is what the document of an origin holds.
type trustedOrigin struct {
	Scopes    []org.OriginScope
	CreatedBy string
	UpdatedBy string
}

func (r trustedOrigins) Create(ctx context.Context, o *org.TrustedOrigin) error {
	if err := r.changeConfig(ctx); err != nil {
		return err
	}
	return r.insert(ctx, org.ErrNameTaken, insertTrustedOrigin, trustedOriginValues(o)...)
}

func (r trustedOrigins) Update(ctx context.Context, o *org.TrustedOrigin) error {
	if err := r.changeConfig(ctx); err != nil {
		return err
	}
	return r.change(ctx, org.ErrNameTaken, updateTrustedOrigin, trustedOriginValues(o)...)
}

func (r trustedOrigins) Delete(ctx context.Context, id string) error {
	if err := r.changeConfig(ctx); err != nil {
		return err
	}
	return r.change(ctx, nil, deleteTrustedOrigin, id)
}

// trustedOriginValues are what insertTrustedOrigin and updateTrustedOrigin take.
func trustedOriginValues(o *org.TrustedOrigin) []any {
	return []any{o.ID, o.Name, o.Origin, o.Status, document{trustedOrigin{o.Scopes, o.CreatedBy, o.UpdatedBy}}, o.Created, o.LastUpdated}
}

func scanTrustedOrigin(columns row) (*org.TrustedOrigin, error) {
	var (
		o org.TrustedOrigin
		d trustedOrigin
	)
	err := columns.Scan(&o.ID, &o.Name, &o.Origin, &o.Status, from(&d), at(&o.Created), at(&o.LastUpdated))
	o.Scopes, o.CreatedBy, o.UpdatedBy = d.Scopes, d.CreatedBy, d.UpdatedBy
	return &o, err
}

// all gives what the cache has.
func (r trustedOrigins) all(ctx context.Context) ([]*org.TrustedOrigin, error) {
	return cached(ctx, r.tx, &r.store.trustedOrigins, func() ([]*org.TrustedOrigin, error) {
		return list(ctx, r.tx, scanTrustedOrigin, allTrustedOrigins)
	})
}

func copyTrustedOrigin(o *org.TrustedOrigin) *org.TrustedOrigin {
	c := *o
	c.Scopes = slices.Clone(o.Scopes)
	for i := range c.Scopes {
		c.Scopes[i].Apps = slices.Clone(c.Scopes[i].Apps)
	}
	return &c
}

func (r trustedOrigins) List(ctx context.Context) ([]*org.TrustedOrigin, error) {
	all, err := r.all(ctx)
	return copies(all, err, every, copyTrustedOrigin)
}

func (r trustedOrigins) Get(ctx context.Context, id string) (*org.TrustedOrigin, error) {
	all, err := r.all(ctx)
	return first(all, err, func(o *org.TrustedOrigin) bool { return o.ID == id }, copyTrustedOrigin)
}
