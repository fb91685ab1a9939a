package mgmt

import (
	"net/http"

	"github.com/usher-id/usher/internal/admin"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/rest"
	"github.com/usher-id/usher/internal/web"
)

// listEventHooks gives all event hooks. There are no pages.
func (a *API) listEventHooks(w http.ResponseWriter, r *http.Request) error {
	hooks, err := a.Admin.EventHooks(r.Context())
	if err != nil {
		return err
	}
	list := make([]eventHookJSON, len(hooks))
	for i, h := range hooks {
		list[i] = a.eventHookJSON(h)
	}
	return web.WriteJSON(w, http.StatusOK, list)
}

func (a *API) createEventHook(w http.ResponseWriter, r *http.Request) error {
	in, err := readEventHook(r)
	if err != nil {
		return err
	}
	h, err := a.Admin.CreateEventHook(r.Context(), rest.ByOf(r), in)
	return a.writeEventHook(w, h, err)
}

func (a *API) getEventHook(w http.ResponseWriter, r *http.Request) error {
	h, err := a.Admin.EventHook(r.Context(), r.PathValue("id"))
	return a.writeEventHook(w, h, err)
}

func (a *API) replaceEventHook(w http.ResponseWriter, r *http.Request) error {
	in, err := readEventHook(r)
	if err != nil {
		return err
	}
	h, err := a.Admin.ReplaceEventHook(r.Context(), rest.ByOf(r), r.PathValue("id"), in)
	return a.writeEventHook(w, h, err)
}

func (a *API) deleteEventHook(w http.ResponseWriter, r *http.Request) error {
	if err := a.Admin.DeleteEventHook(r.Context(), rest.ByOf(r), r.PathValue("id")); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (a *API) activateEventHook(w http.ResponseWriter, r *http.Request) error {
	h, err := a.Admin.ActivateEventHook(r.Context(), rest.ByOf(r), r.PathValue("id"))
	return a.writeEventHook(w, h, err)
}

func (a *API) deactivateEventHook(w http.ResponseWriter, r *http.Request) error {
	h, err := a.Admin.DeactivateEventHook(r.Context(), rest.ByOf(r), r.PathValue("id"))
	return a.writeEventHook(w, h, err)
}

// verifyEventHook makes a call to somebody else, as a Preview does.
func (a *API) verifyEventHook(w http.ResponseWriter, r *http.Request) error {
	by := rest.ByOf(r)
	if err := admit(w, a.PreviewLimit, by.Actor.ID); err != nil {
		return err
	}
	h, err := a.Admin.VerifyEventHook(r.Context(), by, r.PathValue("id"))
	return a.writeEventHook(w, h, err)
}

// eventHookBody is an event hook as clients write it. What else they send (id,
// verificationStatus, the links that they got) is not looked at.
type eventHookBody struct {
	Name        string      `json:"name"`
	Description string      `json:"description"`
	Status      string      `json:"status"`
	Events      eventsJSON  `json:"events"`
	Channel     channelBody `json:"channel"`
}

type eventsJSON struct {
	Type   string      `json:"type"`
	Items  []string    `json:"items"`
	Filter *filterJSON `json:"filter"` // null without one
}

type filterJSON struct {
	Type string            `json:"type"`
	Map  []eventFilterJSON `json:"eventFilterMap"`
}

type eventFilterJSON struct {
	Event     string        `json:"event"`
	Condition conditionJSON `json:"condition"`
}

type conditionJSON struct {
	Version    *string `json:"version"` // null
	Expression string  `json:"expression"`
}

func readEventHook(r *http.Request) (admin.EventHookInput, error) {
	var body eventHookBody
	if err := web.ReadJSON(r, &body); err != nil {
		return admin.EventHookInput{}, err
	}
	in := admin.EventHookInput{
		Name: body.Name, Description: body.Description, Status: body.Status,
		EventsType: body.Events.Type, Events: body.Events.Items, Channel: body.Channel.input(),
	}
	if f := body.Events.Filter; f != nil {
		in.FilterType = f.Type
		for _, m := range f.Map {
			in.Filters = append(in.Filters, org.EventFilter{Event: m.Event, Expression: m.Condition.Expression})
		}
	}
	return in, nil
}

// eventHookJSON is an event hook in Okta's JSON, its keys in the order of a
// recorded answer.
type eventHookJSON struct {
	ID           string         `json:"id"`
	Status       string         `json:"status"`
	Verification string         `json:"verificationStatus"`
	Name         string         `json:"name"`
	Description  *string        `json:"description"` // null without one
	Created      string         `json:"created"`
	CreatedBy    string         `json:"createdBy"`
	LastUpdated  string         `json:"lastUpdated"`
	Events       eventsJSON     `json:"events"`
	Channel      channelJSON    `json:"channel"`
	Links        eventHookLinks `json:"_links"`
}

// eventHookLinks are what can be done with an event hook as it is.
type eventHookLinks struct {
	Activate   *rest.Link `json:"activate,omitempty"`
	Self       rest.Link  `json:"self"`
	Verify     *rest.Link `json:"verify,omitempty"`
	Deactivate *rest.Link `json:"deactivate,omitempty"`
	Delete     *rest.Link `json:"delete,omitempty"`
}

func (a *API) writeEventHook(w http.ResponseWriter, h *org.EventHook, err error) error {
	if err != nil {
		return err
	}
	web.Tag(w, h.Revision())
	return web.WriteJSON(w, http.StatusOK, a.eventHookJSON(h))
}

func (a *API) eventHookJSON(h *org.EventHook) eventHookJSON {
	answer := eventHookJSON{
		ID: h.ID, Status: h.Status, Verification: "UNVERIFIED", Name: h.Name,
		Created: web.Time(h.Created), CreatedBy: h.CreatedBy, LastUpdated: web.Time(h.LastUpdated),
		Events: newEventsJSON(h), Channel: newChannelJSON(h.Channel), Links: a.eventHookLinks(h),
	}
	if h.Verified {
		answer.Verification = "VERIFIED"
	}
	if h.Description != "" {
		answer.Description = &h.Description
	}
	return answer
}

func newEventsJSON(h *org.EventHook) eventsJSON {
	events := eventsJSON{Type: admin.EventSubscription, Items: h.Events}
	if len(h.Filters) > 0 {
		events.Filter = &filterJSON{Type: admin.EventFilterLanguage}
		for _, f := range h.Filters {
			events.Filter.Map = append(events.Filter.Map, eventFilterJSON{Event: f.Event, Condition: conditionJSON{Expression: f.Expression}})
		}
	}
	return events
}

func (a *API) eventHookLinks(h *org.EventHook) eventHookLinks {
	self := a.Site.URL("/api/v1/eventHooks/" + h.ID)
	links := eventHookLinks{Self: rest.Link{Href: self}}
	if h.Status == org.StatusActive {
		links.Verify = rest.Allowing(self+"/lifecycle/verify", http.MethodPost)
		links.Deactivate = rest.Allowing(self+"/lifecycle/deactivate", http.MethodPost)
	} else {
		links.Activate = rest.Allowing(self+"/lifecycle/activate", http.MethodPost)
		links.Delete = rest.Allowing(self, http.MethodDelete)
	}
	return links
}
