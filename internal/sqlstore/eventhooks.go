package sqlstore

import (
	"context"
	"database/sql"

	"github.com/usher-id/usher/internal/org"
)

// eventHooks are a part of the configuration: what is active is counted.
type eventHooks struct{ *tx }

const (
	eventHookColumns = "id, name, status, document, headers, auth_key, auth_value, created, last_updated, version"

	insertEventHook = "INSERT INTO event_hooks (" + eventHookColumns + ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (name) DO NOTHING"
	updateEventHook = `UPDATE event_hooks SET name = $2, status = $3, document = $4, headers = $5, auth_key = $6, auth_value = $7,
		created = $8, last_updated = $9, version = version + 1 WHERE id = $1 AND version = $10`
	deleteEventHook = "DELETE FROM event_hooks WHERE id = $1"
	eventHookByID   = "SELECT " + eventHookColumns + " FROM event_hooks WHERE id = $1"
	allEventHooks   = "SELECT " + eventHookColumns + " FROM event_hooks ORDER BY created, id"
	eventHookExists = "SELECT COUNT(*) FROM event_hooks WHERE id = $1"
)

// eventHookDocument is what nobody looks for.
type eventHookDocument struct {
	Description string
	Verified    bool
	Events      []string
	Filters     []org.EventFilter
	Type        string
	Version     string
	URI         string
	Method      string
	CreatedBy   string
}

func (r eventHooks) Create(ctx context.Context, h *org.EventHook) error {
	values, err := r.values(h)
	if err != nil {
		return err
	}
	if err := r.changeConfig(ctx); err != nil {
		return err
	}
	return r.insert(ctx, org.ErrNameTaken, insertEventHook, values...)
}

func (r eventHooks) Update(ctx context.Context, h *org.EventHook) error {
	values, err := r.values(h)
	if err != nil {
		return err
	}
	if err := r.changeConfig(ctx); err != nil {
		return err
	}
	if err := r.change(ctx, org.ErrNameTaken, updateEventHook, values...); err != nil {
		return r.conflict(ctx, err, eventHookExists, h.ID)
	}
	r.countUp(&h.Version)
	return nil
}

func (r eventHooks) Delete(ctx context.Context, id string) error {
	if err := r.changeConfig(ctx); err != nil {
		return err
	}
	return r.change(ctx, nil, deleteEventHook, id)
}

// values are what insertEventHook and updateEventHook take.
func (r eventHooks) values(h *org.EventHook) ([]any, error) {
	headers, key, auth, err := r.sealChannel("event_hooks", h.ID, h.Channel)
	if err != nil {
		return nil, err
	}
	c := h.Channel
	d := eventHookDocument{h.Description, h.Verified, h.Events, h.Filters, c.Type, c.Version, c.URI, c.Method, h.CreatedBy}
	return []any{h.ID, h.Name, h.Status, document{d}, headers, key, auth, h.Created, h.LastUpdated, h.Version}, nil
}

func (r eventHooks) Get(ctx context.Context, id string) (*org.EventHook, error) {
	return one(ctx, r.tx, r.scan, eventHookByID, id)
}

func (r eventHooks) List(ctx context.Context) ([]*org.EventHook, error) {
	return list(ctx, r.tx, r.scan, allEventHooks)
}

func (r eventHooks) scan(columns row) (*org.EventHook, error) {
	var (
		h             org.EventHook
		d             eventHookDocument
		key           sql.NullString
		headers, auth string
	)
	err := columns.Scan(&h.ID, &h.Name, &h.Status, from(&d), &headers, &key, &auth, at(&h.Created), at(&h.LastUpdated), &h.Version)
	if err != nil {
		return nil, err
	}
	h.Description, h.Verified, h.Events, h.Filters, h.CreatedBy = d.Description, d.Verified, d.Events, d.Filters, d.CreatedBy
	h.Channel = org.Channel{Type: d.Type, Version: d.Version, URI: d.URI, Method: d.Method}
	return &h, r.openChannel("event_hooks", h.ID, &h.Channel, headers, key, auth)
}
