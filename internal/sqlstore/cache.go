package sqlstore

import (
	"context"
	"slices"
	"sync"

	"github.com/usher-id/usher/internal/org"
)

// Policies, the schema and hooks are read by every sign-up and written by hand.
// They are kept decoded, under the number that the database had for them when
// they were read: a counter that every write to them counts up in its own
// transaction, and that every transaction reads which asks for one of them. So
// nobody sees a stale one, whichever process wrote it.

// cache keeps one decoded value. The zero value is empty.
type cache[T any] struct {
	mu      sync.Mutex
	version int64 // 0 is nothing; the counter starts at 1
	value   T
}

func (c *cache[T]) get(version int64) (value T, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.version != version {
		return value, false
	}
	return c.value, true
}

// put keeps a value, unless a newer one is there: a View that began long ago
// reads an old state.
func (c *cache[T]) put(version int64, value T) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if version > c.version {
		c.version, c.value = version, value
	}
}

// configState is what a transaction knows of the configuration.
type configState struct {
	version int64 // 0 before it was read
	changed bool  // by this transaction: nobody else may see what it reads
	// read puts into the caches what this transaction has read. On SQLite it may
	// have read what neighbours wrote whose commit is still to come, so that it
	// waits for its own.
	read []func()
}

// keep is called after the commit.
func (c *configState) keep() {
	for _, put := range c.read {
		put()
	}
}

const (
	readConfigVersion  = "SELECT version FROM config_version WHERE id = 1"
	countConfigVersion = "UPDATE config_version SET version = version + 1 WHERE id = 1"
)

// cached gives a part of the configuration: what the cache has, or what read
// reads. Nobody may change the value; roles hand out copies.
func cached[T any](ctx context.Context, t *tx, c *cache[T], read func() (T, error)) (T, error) {
	if t.config.changed {
		return read()
	}
	var none T
	if t.config.version == 0 {
		version, err := one(ctx, t, single[int64], readConfigVersion)
		if err != nil {
			return none, err
		}
		t.config.version = version
	}
	if value, ok := c.get(t.config.version); ok {
		return value, nil
	}
	// The version was read first. Where a transaction sees others commit meanwhile
	// the value may be newer than it, and never older.
	value, err := read()
	if err != nil {
		return none, err
	}
	version := t.config.version
	t.config.read = append(t.config.read, func() { c.put(version, value) })
	return value, nil
}

// copies gives those of a cached list that match, copied: what is handed out is the
// caller's own.
func copies[T any](all []*T, err error, match func(*T) bool, clone func(*T) *T) ([]*T, error) {
	if err != nil {
		return nil, err
	}
	some := []*T{}
	for _, v := range all {
		if match(v) {
			some = append(some, clone(v))
		}
	}
	return some, nil
}

// first gives the first of a cached list that matches, copied, or ErrNotFound.
func first[T any](all []*T, err error, match func(*T) bool, clone func(*T) *T) (*T, error) {
	if err != nil {
		return nil, err
	}
	if i := slices.IndexFunc(all, match); i >= 0 {
		return clone(all[i]), nil
	}
	return nil, org.ErrNotFound
}

// every matches all of a list.
func every[T any](*T) bool { return true }

// changeConfig counts the version up, before the first write.
func (t *tx) changeConfig(ctx context.Context) error {
	if t.config.changed {
		return nil
	}
	if _, err := t.exec(ctx, countConfigVersion); err != nil {
		return err
	}
	t.config.changed = true
	return nil
}

// pinConfig makes sure that what the transaction writes fits the configuration
// that there is when it ends: a schema may say of a value that it is unique, or
// take it away, while others write users by the schema as it was.
func (t *tx) pinConfig() error {
	share := t.store.engine.Dialect().ForShare
	if share == "" {
		return nil
	}
	return t.hold(readConfigVersion + share)
}
