package sqlstore

import (
	"context"
	"time"

	"github.com/usher-id/usher/internal/org"
)

type interactions struct{ *tx }

const (
	interactionColumns = "id, hash, version, state, user_id, deadline, messages, created, expires"

	insertInteraction = "INSERT INTO interactions (" + interactionColumns + `)
		VALUES ($1, $2, $3 + 1, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING`
	// Hash and creation stay those of the beginning: an index whose column
	// is not named here is not written.
	swapInteraction = `UPDATE interactions SET version = version + 1, state = $3, user_id = $4,
		deadline = $5, messages = $6, expires = $7 WHERE id = $1 AND version = $2`
	interactionByHash = "SELECT " + interactionColumns + " FROM interactions WHERE hash = $1"
	pruneInteractions = "DELETE FROM interactions WHERE expires < $1"
)

func (r interactions) Swap(ctx context.Context, i *org.Interaction) error {
	var err error
	if i.Version == 0 {
		err = r.insert(ctx, org.ErrConflict, insertInteraction, i.ID, i.Hash, i.Version, i.State, i.UserID,
			i.Deadline, document{i.Messages}, i.Created, i.Expires)
	} else {
		err = r.insert(ctx, org.ErrConflict, swapInteraction, i.ID, i.Version, i.State, i.UserID,
			i.Deadline, document{i.Messages}, i.Expires)
	}
	if err == nil {
		r.countUp(&i.Version)
	}
	return err
}

func scanInteraction(r row) (*org.Interaction, error) {
	var i org.Interaction
	return &i, r.Scan(&i.ID, &i.Hash, &i.Version, &i.State, &i.UserID,
		at(&i.Deadline), from(&i.Messages), at(&i.Created), at(&i.Expires))
}

func (r interactions) ByHash(ctx context.Context, hash string) (*org.Interaction, error) {
	return one(ctx, r.tx, scanInteraction, interactionByHash, hash)
}

func (r interactions) Prune(ctx context.Context, before time.Time) (int64, error) {
	return r.exec(ctx, pruneInteractions, before)
}
