package server

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/usher-id/usher/internal/config"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/secretbox"
	"github.com/usher-id/usher/internal/sqlstore"
)

// keyring loads the keys, or makes them at the first start. It never makes new
// ones for an org that is set up: what is sealed under the old ones could not be
// opened, and a file that is merely not mounted would be replaced.
func keyring(ctx context.Context, c *config.Config) (*secretbox.Keyring, error) {
	keys, err := secretbox.Load(c.KeyFile)
	if errors.Is(err, fs.ErrNotExist) {
		if err := checkNew(ctx, c); err != nil {
			return nil, err
		}
		keys, err = secretbox.Create(c.KeyFile)
		if errors.Is(err, fs.ErrExist) { // another process was faster
			keys, err = secretbox.Load(c.KeyFile)
		}
	}
	if err != nil {
		return nil, c.At("keyFile", err.Error())
	}
	return keys, nil
}

// checkNew refuses a database in which an org was set up.
func checkNew(ctx context.Context, c *config.Config) (err error) {
	// Keys that are lost at once, since nothing is sealed or opened with them.
	store, err := sqlstore.Open(ctx, sqlstore.Options{URL: c.Database, Keys: secretbox.Ephemeral()})
	if err != nil {
		return fmt.Errorf("the database: %w", err)
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	err = store.View(ctx, func(ctx context.Context, tx *org.Tx) error {
		_, err := tx.Policies.Default(ctx)
		return err
	})
	switch {
	case errors.Is(err, org.ErrNotFound):
		return nil
	case err != nil:
		return fmt.Errorf("the database: %w", err)
	}
	return c.At("keyFile", "expected the file "+c.KeyFile+", which this database was set up with; put it back, new keys would not open what is sealed")
}

// wrongKeys names the setting when the file holds other keys than those of the
// database.
func wrongKeys(c *config.Config, err error) error {
	if errors.Is(err, secretbox.ErrUnknownKey) {
		return c.At("keyFile", "expected the keys that this database was set up with: "+err.Error())
	}
	return err
}
