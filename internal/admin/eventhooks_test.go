package admin_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/usher-id/usher/internal/admin"
	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/org"
)

// eventInput is an event hook that breaks no rule.
func eventInput(name string) admin.EventHookInput {
	return admin.EventHookInput{
		Name: name, EventsType: "EVENT_TYPE", Events: []string{"user.session.start", "user.lifecycle.create"}, Channel: input("").Channel,
	}
}

func (o *office) eventHook(name string) *org.EventHook {
	o.Helper()
	h, err := o.CreateEventHook(o.Context(), o.by, eventInput(name))
	if err != nil {
		o.Fatal(err)
	}
	return h
}

func TestCreateEventHook(t *testing.T) {
	onEngines(t, func(o *office) {
		in := eventInput("Told")
		in.Description = "of sign-ups"
		in.Events = append(in.Events, "user.session.start") // again
		in.Filters = []org.EventFilter{{Event: "user.session.start", Expression: "event.target.size() > 0"}}
		h, err := o.CreateEventHook(o.Context(), o.by, in)
		if err != nil {
			o.Fatal(err)
		}
		want := &org.EventHook{
			ID: h.ID, Name: "Told", Description: "of sign-ups", Status: org.StatusActive,
			Events: []string{"user.session.start", "user.lifecycle.create"}, Filters: in.Filters,
			Channel: org.Channel{
				Type: "HTTP", Version: "1.0.0", URI: "https://hooks.example.com/registration?code=1", Method: "POST",
				Headers: []org.Header{{Key: "X-Two", Value: "2"}, {Key: "x-one", Value: "1"}},
				Auth:    &org.HeaderAuth{Key: "authorization", Value: org.NewSecret("hush hush")},
			},
			CreatedBy: "unknown", Created: h.Created, LastUpdated: h.Created, Version: 1,
		}
		stored, err := o.EventHook(o.Context(), h.ID)
		if err != nil || !reflect.DeepEqual(h, want) || !reflect.DeepEqual(stored, want) || h.Receives() {
			o.Errorf("hook is %+v, stored %+v (%v), want %+v", h, stored, err, want)
		}
		o.wantEvents("event_hook.created " + h.ID)
	})
}

func TestEventHookRules(t *testing.T) {
	const filter = "events.filter.eventFilterMap"
	filtered := func(filters ...org.EventFilter) func(*admin.EventHookInput) {
		return func(in *admin.EventHookInput) { in.Filters = filters }
	}
	cases := map[string]struct {
		change func(*admin.EventHookInput)
		causes []string // none for a hook that is allowed
	}{
		"inactive":            {func(in *admin.EventHookInput) { in.Status = "INACTIVE" }, nil},
		"no secret":           {func(in *admin.EventHookInput) { in.Channel.Auth = nil }, nil},
		"a filter":            {filtered(org.EventFilter{Event: "user.lifecycle.create", Expression: "true"}), nil},
		"name":                {func(in *admin.EventHookInput) { in.Name = "" }, []string{"name: The field cannot be left blank"}},
		"a long text":         {func(in *admin.EventHookInput) { in.Description = strings.Repeat("x", 1025) }, []string{"description: must have at most 1024 characters"}},
		"a status":            {func(in *admin.EventHookInput) { in.Status = "DELETED" }, []string{"status: must be ACTIVE or INACTIVE"}},
		"another type":        {func(in *admin.EventHookInput) { in.EventsType = "FLOW" }, []string{"events.type: must be EVENT_TYPE"}},
		"no events":           {func(in *admin.EventHookInput) { in.Events = nil }, []string{"events.items: The field cannot be left blank"}},
		"an unknown event":    {func(in *admin.EventHookInput) { in.Events[1] = "user.lifecycle.creat" }, []string{"events.items[1]: is not an event type that event hooks are told of"}},
		"its own events":      {func(in *admin.EventHookInput) { in.Events[0] = "event_hook.verified" }, []string{"events.items[0]: is not an event type that event hooks are told of"}},
		"too many events":     {func(in *admin.EventHookInput) { in.Events = make([]string, 301) }, []string{"events.items: must have at most 300 event types"}},
		"OAuth":               {func(in *admin.EventHookInput) { in.Channel = oauthInput("").Channel; in.Channel.Type = "HTTP" }, oauthCauses()},
		"the OAUTH channel":   {func(in *admin.EventHookInput) { in.Channel = oauthInput("").Channel }, []string{"channel.type: must be HTTP"}},
		"a reserved header":   {func(in *admin.EventHookInput) { in.Channel.Headers[0].Key = "X-Okta-Verification-Challenge" }, []string{"channel.config.headers[0].key: The name is reserved."}},
		"a private address":   {func(in *admin.EventHookInput) { in.Channel.URI = "https://10.0.0.1/" }, []string{"channel.config.uri: the address is not public"}},
		"a filter's language": {func(in *admin.EventHookInput) { in.FilterType = "SQL" }, []string{"events.filter.type: must be EXPRESSION_LANGUAGE"}},
		"a filter of another event": {filtered(org.EventFilter{Event: "user.session.end", Expression: "true"}),
			[]string{filter + "[0].event: must be one of events.items, and have one filter"}},
		"two filters of an event": {filtered(org.EventFilter{Event: "user.lifecycle.create", Expression: "true"}, org.EventFilter{Event: "user.lifecycle.create", Expression: "false"}),
			[]string{filter + "[1].event: must be one of events.items, and have one filter"}},
		"a filter that says nothing": {filtered(org.EventFilter{Event: "user.lifecycle.create", Expression: " "}),
			[]string{filter + "[0].condition.expression: The field cannot be left blank"}},
		"a long filter": {filtered(org.EventFilter{Event: "user.lifecycle.create", Expression: strings.Repeat("x", 4001)}),
			[]string{filter + "[0].condition.expression: must have at most 4000 characters"}},
	}
	onEngines(t, func(o *office) {
		existing := o.eventHook("existing")
		for name, c := range cases {
			in := eventInput("hook of " + name)
			c.change(&in)
			_, err := o.CreateEventHook(o.Context(), o.by, in)
			if c.causes == nil {
				if err != nil {
					o.Errorf("%s: %v", name, err)
				}
				continue
			}
			o.Run(name, func(t *testing.T) { refused(t, err, fault.Invalid, c.causes...) })
			_, err = o.ReplaceEventHook(o.Context(), o.by, existing.ID, in)
			o.Run("replace, "+name, func(t *testing.T) { refused(t, err, fault.Invalid, c.causes...) })
		}
		if h, err := o.EventHook(o.Context(), existing.ID); err != nil || !reflect.DeepEqual(h, existing) {
			o.Errorf("a replace that was refused left %+v (%v)", h, err)
		}
		taken := "name: An object with this field already exists in the current organization"
		_, err := o.CreateEventHook(o.Context(), o.by, eventInput("existing"))
		refused(o.T, err, fault.Invalid, taken)
		_, err = o.ReplaceEventHook(o.Context(), o.by, o.eventHook("other").ID, eventInput("existing"))
		refused(o.T, err, fault.Invalid, taken)
	})
}

// oauthCauses is what is said of settings of the channel OAUTH elsewhere.
func oauthCauses() (causes []string) {
	for _, name := range []string{"authType", "clientId", "clientSecret", "tokenUrl", "scope"} {
		causes = append(causes, "channel.config."+name+": is only for a channel of type OAUTH")
	}
	return causes
}

func TestReplaceEventHook(t *testing.T) {
	onEngines(t, func(o *office) {
		h := o.eventHook("hook")
		o.verify(h.ID)
		replace := func(change func(*admin.EventHookInput)) *org.EventHook {
			o.Helper()
			in := eventInput("hook")
			change(&in)
			h, err := o.ReplaceEventHook(o.Context(), o.by, h.ID, in)
			if err != nil {
				o.Fatal(err)
			}
			return h
		}
		before, err := o.EventHook(o.Context(), h.ID)
		if err != nil {
			o.Fatal(err)
		}
		// A client that reads and writes back never saw the secret.
		same := replace(func(in *admin.EventHookInput) { in.Channel.Auth.Value = nil })
		if !reflect.DeepEqual(same, before) {
			o.Errorf("what changes nothing made %+v of %+v", same, before)
		}
		if got := replace(func(in *admin.EventHookInput) { in.Events = in.Events[:1] }); !got.Receives() || len(got.Events) != 1 {
			o.Errorf("with other events: %+v", got)
		}
		if got := replace(func(in *admin.EventHookInput) { in.Status = "INACTIVE" }); got.Receives() || !got.Verified {
			o.Errorf("made inactive: %+v", got)
		}
		if got := replace(func(*admin.EventHookInput) {}); got.Status != org.StatusInactive {
			o.Errorf("without a status: %+v", got)
		}
		// Somebody else would be told, or told in another way.
		for _, change := range []func(*admin.EventHookInput){
			func(in *admin.EventHookInput) { in.Channel.URI += "&x=1" },
			func(in *admin.EventHookInput) { in.Channel.Headers = nil },
			func(in *admin.EventHookInput) { in.Channel.Auth = nil },
		} {
			replace(func(in *admin.EventHookInput) { in.Status = "ACTIVE" })
			o.verify(h.ID)
			if got := replace(change); got.Verified {
				o.Errorf("with another channel: %+v", got)
			}
		}
	})
}

// A status in a replace is told of like the call that makes it.
func TestEventHookEvents(t *testing.T) {
	onEngines(t, func(o *office) {
		h := o.eventHook("hook")
		in := eventInput("renamed")
		in.Status = "INACTIVE"
		for range 2 { // the second changes nothing
			if _, err := o.ReplaceEventHook(o.Context(), o.by, h.ID, in); err != nil {
				o.Fatal(err)
			}
		}
		for _, err := range []error{
			second(o.ActivateEventHook(o.Context(), o.by, h.ID)), second(o.ActivateEventHook(o.Context(), o.by, h.ID)),
			second(o.DeactivateEventHook(o.Context(), o.by, h.ID)), second(o.DeactivateEventHook(o.Context(), o.by, h.ID)),
			o.DeleteEventHook(o.Context(), o.by, h.ID),
		} {
			if err != nil {
				o.Error(err)
			}
		}
		o.wantEvents("event_hook.created "+h.ID, "event_hook.updated "+h.ID, "event_hook.deactivated "+h.ID,
			"event_hook.activated "+h.ID, "event_hook.deactivated "+h.ID, "event_hook.deleted "+h.ID)
		for what, err := range map[string]error{
			"get": second(o.EventHook(o.Context(), h.ID)), "replace": second(o.ReplaceEventHook(o.Context(), o.by, h.ID, in)),
			"activate": second(o.ActivateEventHook(o.Context(), o.by, h.ID)), "verify": second(o.VerifyEventHook(o.Context(), o.by, h.ID)),
			"delete": o.DeleteEventHook(o.Context(), o.by, h.ID),
		} {
			if !fault.Is(err, fault.NotFound) {
				o.Errorf("%s of a deleted hook: %v", what, err)
			}
		}
	})
}

func TestDeleteActiveEventHook(t *testing.T) {
	onEngines(t, func(o *office) {
		h := o.eventHook("hook")
		refused(o.T, o.DeleteEventHook(o.Context(), o.by, h.ID), fault.Invalid, ": The event hook is active. Deactivate it first.")
	})
}

func TestActiveEventHooksAreCounted(t *testing.T) {
	onEngines(t, func(o *office) {
		err := o.Store.Update(o.Context(), func(ctx context.Context, tx *org.Tx) error {
			for i := range 23 {
				name := fmt.Sprint(i)
				if err := tx.EventHooks.Create(ctx, &org.EventHook{ID: name, Name: name, Status: org.StatusActive}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			o.Fatal(err)
		}
		const full = ": An organization can have 25 active event hooks."
		in := eventInput("inactive")
		in.Status = org.StatusInactive
		inactive, err := o.CreateEventHook(o.Context(), o.by, in)
		if err != nil {
			o.Fatal(err)
		}
		o.eventHook("the 24th")
		// Of several at once, one is the last.
		errs := atOnce(4, func(i int) error {
			return second(o.CreateEventHook(o.Context(), o.by, eventInput(fmt.Sprint("at once ", i))))
		})
		made := 0
		for _, err := range errs {
			if err == nil {
				made++
			} else if !fault.Is(err, fault.Busy) {
				refused(o.T, err, fault.Invalid, full)
			}
		}
		if made != 1 {
			o.Errorf("%d were made: %v", made, errors.Join(errs...))
		}
		_, err = o.ActivateEventHook(o.Context(), o.by, inactive.ID)
		refused(o.T, err, fault.Invalid, full)
		in.Status = org.StatusActive
		_, err = o.ReplaceEventHook(o.Context(), o.by, inactive.ID, in)
		refused(o.T, err, fault.Invalid, full)
		if all, err := o.EventHooks(o.Context()); err != nil || len(all) != 26 {
			o.Errorf("%d hooks, %v", len(all), err)
		}
	})
}
