package sqlstore

import (
	"fmt"

	"github.com/usher-id/usher/internal/secretbox"
)

// seal makes what a column keeps of a secret, bound to its place: moved to
// another row or column it does not open.
func (t *tx) seal(place secretbox.Where, plain string) (string, error) {
	sealed, err := t.store.keys.Seal(place, []byte(plain))
	if err != nil {
		return "", t.fail(fmt.Errorf("sqlstore: %s %s: %w", place.Table, place.Row, err))
	}
	return sealed, nil
}

// open is the way back.
func (t *tx) open(place secretbox.Where, sealed string) (string, error) {
	plain, err := t.store.keys.Open(place, sealed)
	if err != nil {
		return "", fmt.Errorf("%s %s: %w", place.Table, place.Row, err)
	}
	return string(plain), nil
}
