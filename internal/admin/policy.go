package admin

import (
	"context"
	"slices"

	"github.com/usher-id/usher/internal/edit"
	"github.com/usher-id/usher/internal/eventlog"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/profile"
)

// PutAttributes changes the user schema: attributes that are named are added or
// changed, the others stay. Where one becomes sensitive, the records of all hook
// calls so far are deleted, since they were redacted by the schema as it was.
func (s *Service) PutAttributes(ctx context.Context, by By, changes ...profile.Attribute) error {
	return s.Change(ctx, func(ctx context.Context, tx *org.Tx) error {
		old, err := tx.Schemas.Get(ctx)
		if err != nil {
			return err
		}
		schema, err := old.With(changes...)
		if err != nil {
			return err
		}
		same, err := sameSchema(old, schema)
		if err != nil {
			return err
		}
		if same {
			return edit.ErrUnchanged
		}
		if err := tx.Schemas.Put(ctx, schema); err != nil {
			return err
		}
		if slices.ContainsFunc(changes, func(a profile.Attribute) bool { return a.Sensitive && !old.Sensitive(a.Name) }) {
			const noBodies = 0
			if _, err := tx.Calls.Prune(ctx, s.Time(), noBodies); err != nil {
				return err
			}
		}
		return tx.Events.Append(ctx, s.Event(eventlog.SchemaUpdated, by))
	})
}

func sameSchema(a, b *profile.Schema) (bool, error) {
	x, err := a.Encode()
	if err != nil {
		return false, err
	}
	y, err := b.Encode()
	return x == y, err
}
