package storetest

import (
	"context"
	"fmt"
	"time"

	"github.com/usher-id/usher/internal/org"
)

func createEventHook(h *org.EventHook) work {
	return func(ctx context.Context, tx *org.Tx) error { return tx.EventHooks.Create(ctx, h) }
}

func updateEventHook(h *org.EventHook) work {
	return func(ctx context.Context, tx *org.Tx) error { return tx.EventHooks.Update(ctx, h) }
}

func (s *suite) eventHook(id string) (h *org.EventHook) {
	s.Helper()
	s.view(func(ctx context.Context, tx *org.Tx) (err error) {
		h, err = tx.EventHooks.Get(ctx, id)
		return err
	})
	return h
}

func eventHookOf(name string, at func(int) time.Time) *org.EventHook {
	return &org.EventHook{
		ID: "who1", Name: name, Description: "d <&>", Status: org.StatusActive, Verified: true,
		Events:  []string{"user.session.start", "user.lifecycle.create"},
		Filters: []org.EventFilter{{Event: "user.session.start", Expression: "event.target.size() > 0 && 'ß'"}},
		Channel: org.Channel{
			Type: org.ChannelHTTP, Version: "1.0.0", URI: "https://hook.example/events?k=1", Method: "POST",
			Headers: []org.Header{{Key: "X-b", Value: "2"}, {Key: "x-A", Value: ""}},
			Auth:    &org.HeaderAuth{Key: "Authorization", Value: org.NewSecret("s3cret-ß")},
		},
		CreatedBy: "00u1", Created: at(1), LastUpdated: at(2),
	}
}

func eventHookCases() []testCase {
	bare := func(id, name string) *org.EventHook { return &org.EventHook{ID: id, Name: name} }
	return []testCase{
		{"what is written is read", func(s *suite) {
			s.update(createEventHook(eventHookOf("a", moment)))
			got := s.eventHook("who1")
			equal(s, "secret", got.Channel.Auth.Value.Reveal(), "s3cret-ß")
			equal(s, "hook", got, eventHookOf("a", stored))
			s.update(createEventHook(bare("who2", "b")))
			equal(s, "bare", s.eventHook("who2"), bare("who2", "b"))
		}},
		{"none is not found", func(s *suite) {
			s.refused(org.ErrNotFound, updateEventHook(bare("who1", "a")))
			s.refused(org.ErrNotFound, func(ctx context.Context, tx *org.Tx) error { return tx.EventHooks.Delete(ctx, "who1") })
			s.missing("by id", func(ctx context.Context, tx *org.Tx) error {
				_, err := tx.EventHooks.Get(ctx, "who1")
				return err
			})
		}},
		{"names are taken once", func(s *suite) {
			s.update(createEventHook(bare("who1", "a")))
			s.refused(org.ErrNameTaken, createEventHook(bare("who2", "a")))
			b := bare("who2", "b")
			s.update(createEventHook(b))
			b.Name = "a"
			s.refused(org.ErrNameTaken, updateEventHook(b))
			equal(s, "version after the refusal", b.Version, 0)
		}},
		{"update replaces everything, for whoever read the last version", func(s *suite) {
			s.update(createEventHook(bare("who1", "a")))
			late := s.eventHook("who1")
			h := eventHookOf("b", moment)
			s.update(updateEventHook(h))
			equal(s, "version in hand", h.Version, 1)
			want := eventHookOf("b", stored)
			want.Version = 1
			equal(s, "hook", s.eventHook("who1"), want)
			s.refused(org.ErrConflict, updateEventHook(late))
			s.refused(errLost, func(ctx context.Context, tx *org.Tx) error {
				if err := tx.EventHooks.Update(ctx, h); err != nil {
					return err
				}
				return fmt.Errorf("mine: %w", errLost)
			})
			equal(s, "version in hand", h.Version, 1)
		}},
		{"list goes by creation, without what is deleted, and is empty and not nil", func(s *suite) {
			ids := func() []string {
				all := []string{}
				s.view(func(ctx context.Context, tx *org.Tx) error {
					hooks, err := tx.EventHooks.List(ctx)
					if hooks == nil {
						s.Error("the list is nil")
					}
					for _, h := range hooks {
						all = append(all, h.ID)
					}
					return err
				})
				return all
			}
			equal(s, "ids", ids(), []string{})
			for i, id := range []string{"who1", "who2", "who3"} {
				h := bare(id, id)
				h.Created = moment(9 - i)
				s.update(createEventHook(h))
			}
			s.update(func(ctx context.Context, tx *org.Tx) error { return tx.EventHooks.Delete(ctx, "who2") })
			equal(s, "ids", ids(), []string{"who3", "who1"})
		}},
	}
}
