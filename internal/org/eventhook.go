package org

import "time"

// EventHook is an owner's service that is told of events after they happened.
type EventHook struct {
	ID          string
	Name        string
	Description string // "" for none
	Status      string // StatusActive or StatusInactive
	// Verified tells that the service has shown that it wants the events, at the
	// channel as it is.
	Verified    bool
	Events      []string      // the types that it is told of, each once
	Filters     []EventFilter // of some of them
	Channel     Channel       // of ChannelHTTP
	CreatedBy   string        // who made it
	Created     time.Time
	LastUpdated time.Time
	Version     int64 // counts changes, for compare and swap
}

// EventFilter lets some events of a type through.
type EventFilter struct {
	Event      string // the type
	Expression string // of Okta's expression language
}

// Receives tells whether the hook is to be told of an event.
func (h *EventHook) Receives() bool { return h.Status == StatusActive && h.Verified }

// Address is where the hook is called as logs show it, without the query.
func (h *EventHook) Address() string { return h.Channel.address() }
