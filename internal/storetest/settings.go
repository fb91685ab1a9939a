package storetest

import (
	"context"

	"github.com/usher-id/usher/internal/org"
)

func put(key, value string) work {
	return func(ctx context.Context, tx *org.Tx) error { return tx.Settings.Put(ctx, key, value) }
}

// setting expects the value of a setting.
func (s *suite) setting(key, want string) {
	s.Helper()
	s.view(func(ctx context.Context, tx *org.Tx) error {
		got, err := tx.Settings.Get(ctx, key)
		equal(s, "setting "+key, got, want)
		return err
	})
}

func (s *suite) noSetting(key string) {
	s.Helper()
	s.missing("setting "+key, func(ctx context.Context, tx *org.Tx) error {
		_, err := tx.Settings.Get(ctx, key)
		return err
	})
}

func settingCases() []testCase {
	return []testCase{
		{"the last value counts", func(s *suite) {
			s.update(put("org.id", "00o1"))
			s.update(put("org.id", "00o2"))
			s.update(put("empty", ""))
			s.setting("org.id", "00o2")
			s.setting("empty", "")
		}},
		{"none is not found", func(s *suite) { s.noSetting("org.id") }},
	}
}
