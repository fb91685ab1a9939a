package sqlstore

import (
	"context"

	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/secretbox"
)

type signingKeys struct{ *tx }

const (
	signingKeyColumns = "id, status, private_key, created"

	insertSigningKey = "INSERT INTO signing_keys (" + signingKeyColumns + ") VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING"
	activeSigningKey = "SELECT " + signingKeyColumns + " FROM signing_keys WHERE status = '" + org.StatusActive + "'"
)

func signingKeyAt(id string) secretbox.Where {
	return secretbox.Where{Table: "signing_keys", Row: id, Column: "private_key"}
}

func (r signingKeys) Create(ctx context.Context, k *org.SigningKey) error {
	sealed, err := r.seal(signingKeyAt(k.ID), k.Private.Reveal())
	if err != nil {
		return err
	}
	return r.insert(ctx, org.ErrConflict, insertSigningKey, k.ID, k.Status, sealed, k.Created)
}

func (r signingKeys) scan(columns row) (*org.SigningKey, error) {
	var (
		k      org.SigningKey
		sealed string
	)
	if err := columns.Scan(&k.ID, &k.Status, &sealed, at(&k.Created)); err != nil {
		return nil, err
	}
	plain, err := r.open(signingKeyAt(k.ID), sealed)
	if err != nil {
		return nil, err
	}
	k.Private = org.NewSecret(plain)
	return &k, nil
}

func (r signingKeys) Active(ctx context.Context) (*org.SigningKey, error) {
	return one(ctx, r.tx, r.scan, activeSigningKey)
}
