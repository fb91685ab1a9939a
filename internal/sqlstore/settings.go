package sqlstore

import "context"

type settings struct{ *tx }

const (
	readSetting  = "SELECT value FROM settings WHERE key = $1"
	writeSetting = "INSERT INTO settings (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value"
)

func (r settings) Get(ctx context.Context, key string) (string, error) {
	return one(ctx, r.tx, single[string], readSetting, key)
}

func (r settings) Put(ctx context.Context, key, value string) error {
	_, err := r.exec(ctx, writeSetting, key, value)
	return err
}
