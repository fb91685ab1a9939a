package admin

import (
	"context"
	"fmt"
	"reflect"
	"strings"

	"github.com/usher-id/usher/internal/edit"
	"github.com/usher-id/usher/internal/eventlog"
	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/id"
	"github.com/usher-id/usher/internal/org"
)

const (
	eventHookObject   = "eventHook"
	eventHookResource = "EventHook"
	// Limits of Okta's concept page on event hooks.
	maxActiveEventHooks = 25
	maxSubscriptions    = 300

	maxExpression     = 4000
	itemsProperty     = "events.items"
	filterProperty    = "events.filter"
	filterMapProperty = filterProperty + ".eventFilterMap"
)

// Values of an event hook that have no other.
const (
	EventSubscription   = "EVENT_TYPE"          // of events.type
	EventFilterLanguage = "EXPRESSION_LANGUAGE" // of events.filter.type
)

// EventHookInput is what a client says of an event hook.
type EventHookInput struct {
	Name        string
	Description string // "" for none
	Status      string // "" leaves it as it is, and makes a new hook active
	EventsType  string
	Events      []string
	FilterType  string // "" for EventFilterLanguage
	Filters     []org.EventFilter
	Channel     ChannelInput
}

// EventHooks lists all event hooks.
func (s *Service) EventHooks(ctx context.Context) (list []*org.EventHook, err error) {
	err = s.Store.View(ctx, func(ctx context.Context, tx *org.Tx) (err error) {
		list, err = tx.EventHooks.List(ctx)
		return err
	})
	return list, err
}

// EventHook gives one event hook.
func (s *Service) EventHook(ctx context.Context, hookID string) (*org.EventHook, error) {
	return edit.View(ctx, &s.Editor, hookID, eventHookResource, func(ctx context.Context, tx *org.Tx) (*org.EventHook, error) {
		return tx.EventHooks.Get(ctx, hookID)
	})
}

// CreateEventHook makes an event hook, which is told of nothing until it is
// verified.
func (s *Service) CreateEventHook(ctx context.Context, by By, in EventHookInput) (*org.EventHook, error) {
	now := s.Time()
	h := &org.EventHook{
		ID: id.New(id.EventHook), Status: org.StatusActive, CreatedBy: by.Actor.ID, Created: now, LastUpdated: now, Version: 1,
	}
	if err := s.setEventHook(h, in); err != nil {
		return nil, err
	}
	err := s.Change(ctx, func(ctx context.Context, tx *org.Tx) error {
		if err := tx.EventHooks.Create(ctx, h); err != nil {
			return err
		}
		if err := checkActive(ctx, tx); err != nil {
			return err
		}
		return tx.Events.Append(ctx, s.Event(eventlog.EventHookCreated, by, eventlog.EventHookTarget(h)))
	})
	if err != nil {
		return nil, nameTaken(err)
	}
	return h, nil
}

// setEventHook checks what a client says of an event hook, all of it, and makes
// the hook that.
func (s *Service) setEventHook(h *org.EventHook, in EventHookInput) error {
	var found edit.Problems
	found.Add("name", edit.NameProblem(in.Name))
	found.Add("description", edit.TextProblem(in.Description, maxDescription))
	if in.Status != "" {
		found.OneOf("status", in.Status, org.StatusActive, org.StatusInactive)
		h.Status = in.Status
	}
	found.OneOf("events.type", in.EventsType, EventSubscription)
	events := checkSubscriptions(in.Events, &found)
	checkFilters(in, events, &found)
	channel := s.checkChannel(in.Channel, h.Channel, &found, org.ChannelHTTP)
	if err := found.Fault(eventHookObject); err != nil {
		return err
	}
	if !reflect.DeepEqual(channel, h.Channel) {
		h.Verified = false // it is somebody else who would be told now
	}
	h.Name, h.Description, h.Events, h.Filters, h.Channel = in.Name, in.Description, events, in.Filters, channel
	return nil
}

// checkSubscriptions gives the event types, each once.
func checkSubscriptions(items []string, found *edit.Problems) (events []string) {
	found.AddUnless(len(items) > 0, itemsProperty, edit.Blank)
	if len(items) > maxSubscriptions {
		found.Add(itemsProperty, fmt.Sprintf("must have at most %d event types", maxSubscriptions))
		return nil
	}
	seen := map[string]bool{}
	for i, item := range items {
		found.AddUnless(eventlog.Eligible(item), fmt.Sprintf("%s[%d]", itemsProperty, i), "is not an event type that event hooks are told of")
		if !seen[item] {
			seen[item] = true
			events = append(events, item)
		}
	}
	return events
}

// checkFilters checks all but the expressions, which are read when there is an
// event.
func checkFilters(in EventHookInput, events []string, found *edit.Problems) {
	if in.FilterType != "" {
		found.OneOf(filterProperty+".type", in.FilterType, EventFilterLanguage)
	}
	subscribed := map[string]bool{}
	for _, event := range events {
		subscribed[event] = true
	}
	for i, f := range in.Filters {
		at := fmt.Sprintf("%s[%d].", filterMapProperty, i)
		found.AddUnless(subscribed[f.Event], at+"event", "must be one of "+itemsProperty+", and have one filter")
		subscribed[f.Event] = false
		if strings.TrimSpace(f.Expression) == "" {
			found.Add(at+"condition.expression", edit.Blank)
		} else {
			found.Add(at+"condition.expression", edit.TextProblem(f.Expression, maxExpression))
		}
	}
}

// checkActive counts the active hooks. It comes after the first write: no other
// hook becomes active until the commit.
func checkActive(ctx context.Context, tx *org.Tx) error {
	all, err := tx.EventHooks.List(ctx)
	active := 0
	for _, h := range all {
		if h.Status == org.StatusActive {
			active++
		}
	}
	if err == nil && active > maxActiveEventHooks {
		return fault.Field(eventHookObject, "", fmt.Sprintf("An organization can have %d active event hooks.", maxActiveEventHooks))
	}
	return err
}

// ReplaceEventHook changes all that a client can change of an event hook, its
// status too. One with another channel has to be verified again.
func (s *Service) ReplaceEventHook(ctx context.Context, by By, hookID string, in EventHookInput) (*org.EventHook, error) {
	h, err := s.changeEventHook(ctx, by, hookID, eventlog.EventHookUpdated, func(h *org.EventHook) error {
		return s.setEventHook(h, in)
	})
	return h, nameTaken(err)
}

// ActivateEventHook makes an event hook active; one that is already stays as it is.
func (s *Service) ActivateEventHook(ctx context.Context, by By, hookID string) (*org.EventHook, error) {
	return s.changeEventHook(ctx, by, hookID, eventlog.EventHookActivated, func(h *org.EventHook) error {
		h.Status = org.StatusActive
		return nil
	})
}

// DeactivateEventHook makes an event hook inactive: it is told of nothing.
func (s *Service) DeactivateEventHook(ctx context.Context, by By, hookID string) (*org.EventHook, error) {
	return s.changeEventHook(ctx, by, hookID, eventlog.EventHookDeactivated, func(h *org.EventHook) error {
		h.Status = org.StatusInactive
		return nil
	})
}

// changeEventHook changes an event hook that exists, by what set makes of it.
func (s *Service) changeEventHook(ctx context.Context, by By, hookID string, t eventlog.Type, set func(*org.EventHook) error) (*org.EventHook, error) {
	var h *org.EventHook
	err := s.Change(ctx, func(ctx context.Context, tx *org.Tx) error {
		old, err := tx.EventHooks.Get(ctx, hookID)
		if err != nil {
			return err
		}
		if err := edit.Expected(ctx, old.Revision()); err != nil {
			return err
		}
		changed := *old
		h = &changed
		if err := set(h); err != nil {
			return err
		}
		if reflect.DeepEqual(h, old) {
			return edit.ErrUnchanged
		}
		h.LastUpdated = s.Advance(old.LastUpdated)
		if err := tx.EventHooks.Update(ctx, h); err != nil {
			return err
		}
		if err := checkActive(ctx, tx); err != nil {
			return err
		}
		return tx.Events.Append(ctx, s.eventsOf(t, by, old, h)...)
	})
	if err != nil {
		return nil, edit.Missing(err, hookID, eventHookResource)
	}
	return h, nil
}

// eventsOf are what tells of a change: of a replace that changes the status too,
// both.
func (s *Service) eventsOf(t eventlog.Type, by By, old, h *org.EventHook) []org.Event {
	events := []org.Event{s.Event(t, by, eventlog.EventHookTarget(h))}
	if t != eventlog.EventHookUpdated || h.Status == old.Status {
		return events
	}
	t = eventlog.EventHookDeactivated
	if h.Status == org.StatusActive {
		t = eventlog.EventHookActivated
	}
	return append(events, s.Event(t, by, eventlog.EventHookTarget(h)))
}

// DeleteEventHook removes an inactive event hook.
func (s *Service) DeleteEventHook(ctx context.Context, by By, hookID string) error {
	err := s.Change(ctx, func(ctx context.Context, tx *org.Tx) error {
		h, err := tx.EventHooks.Get(ctx, hookID)
		if err != nil {
			return err
		}
		if err := edit.Expected(ctx, h.Revision()); err != nil {
			return err
		}
		if h.Status == org.StatusActive {
			return fault.Field(eventHookObject, "", "The event hook is active. Deactivate it first.")
		}
		if err := tx.EventHooks.Delete(ctx, hookID); err != nil {
			return err
		}
		return tx.Events.Append(ctx, s.Event(eventlog.EventHookDeleted, by, eventlog.EventHookTarget(h)))
	})
	return edit.Missing(err, hookID, eventHookResource)
}
