package storetest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/usher-id/usher/hook"
	"github.com/usher-id/usher/internal/org"
)

func createPolicy(p *org.Policy) work {
	return func(ctx context.Context, tx *org.Tx) error { return tx.Policies.Create(ctx, p) }
}

func updatePolicy(p *org.Policy) work {
	return func(ctx context.Context, tx *org.Tx) error { return tx.Policies.Update(ctx, p) }
}

func deletePolicy(id string) work {
	return func(ctx context.Context, tx *org.Tx) error { return tx.Policies.Delete(ctx, id) }
}

func policyOf(id, name string, priority int) *org.Policy {
	return &org.Policy{ID: id, Source: "reg" + id, Name: name, Priority: priority}
}

func policyCases() []testCase {
	full := func(at func(int) time.Time) *org.Policy {
		return &org.Policy{
			ID: "rst1", Source: "reg1", Name: "Default", Description: "d", System: true, Status: org.StatusActive, Priority: 1,
			Rule: org.Rule{
				ID: "rul1", Name: "Catch-all", Access: org.ActionAllow, UnknownUserAction: org.ActionRegister, EmailVerification: true,
				HookID: "cal1", Triggers: org.Triggers{NewUser: true},
				Attributes:                 []org.FormAttribute{{Name: "zeta", Label: "Z <&>", Required: true}, {Name: "email"}},
				ProgressiveProfilingAction: org.Disabled, TargetGroupID: "00g1", AllowedIdentifiers: []string{},
				UISchemaID: "uis1", Created: at(1), LastUpdated: at(2),
			},
			Created: at(3), LastUpdated: at(4),
		}
	}
	return []testCase{
		{"what is written is read", func(s *suite) {
			s.update(createPolicy(full(moment)))
			s.view(func(ctx context.Context, tx *org.Tx) error {
				byID, err := tx.Policies.Get(ctx, "rst1")
				if err != nil {
					return err
				}
				equal(s, "by id", byID, full(stored)) // no list of types is nil, no identifiers an empty list
				byDefault, err := tx.Policies.Default(ctx)
				equal(s, "default", byDefault, full(stored))
				return err
			})
		}},
		{"none is not found", func(s *suite) {
			s.missing("by id", func(ctx context.Context, tx *org.Tx) error {
				_, err := tx.Policies.Get(ctx, "rst1")
				return err
			})
			s.update(createPolicy(policyOf("rst1", "not the default", 1)))
			s.missing("default", func(ctx context.Context, tx *org.Tx) error {
				_, err := tx.Policies.Default(ctx)
				return err
			})
			s.refused(org.ErrNotFound, updatePolicy(policyOf("rst2", "b", 1)))
		}},
		{"names are taken once", func(s *suite) {
			s.update(createPolicy(policyOf("rst1", "a", 1)))
			s.refused(org.ErrNameTaken, createPolicy(policyOf("rst2", "a", 1)))
			s.update(createPolicy(policyOf("rst2", "A", 1)))
			s.refused(org.ErrNameTaken, updatePolicy(policyOf("rst2", "a", 1)))
		}},
		{"there is one default", func(s *suite) {
			s.update(createPolicy(full(moment)))
			second := full(moment)
			second.ID, second.Source, second.Name = "rst2", "reg2", "Second"
			if err := s.tryUpdate(createPolicy(second)); err == nil {
				s.Error("there are two default policies")
			}
		}},
		{"update replaces everything", func(s *suite) {
			s.update(createPolicy(policyOf("rst1", "a", 1)))
			s.view(func(ctx context.Context, tx *org.Tx) error { // into the cache
				_, err := tx.Policies.Get(ctx, "rst1")
				return err
			})
			s.update(updatePolicy(full(moment)))
			s.view(func(ctx context.Context, tx *org.Tx) error {
				got, err := tx.Policies.Get(ctx, "rst1")
				equal(s, "policy", got, full(stored))
				return err
			})
		}},
		{"what is deleted is gone, also from a list that was read", func(s *suite) {
			s.refused(org.ErrNotFound, deletePolicy("rst1"))
			s.update(createPolicy(policyOf("rst1", "a", 1)))
			s.update(createPolicy(policyOf("rst2", "b", 2)))
			want := func(names ...string) {
				s.view(func(ctx context.Context, tx *org.Tx) error {
					all, err := tx.Policies.List(ctx)
					var got []string
					for _, p := range all {
						got = append(got, p.Name)
					}
					equal(s, "names", got, names)
					return err
				})
			}
			want("a", "b")
			s.update(deletePolicy("rst1"))
			want("b")
			s.update(createPolicy(policyOf("rst3", "a", 1))) // the name is free
		}},
		{"list goes by priority, and is empty and not nil", func(s *suite) {
			list := func() (names []string) {
				s.view(func(ctx context.Context, tx *org.Tx) error {
					all, err := tx.Policies.List(ctx)
					if all == nil {
						s.Error("the list is nil")
					}
					for _, p := range all {
						names = append(names, p.Name)
					}
					return err
				})
				return names
			}
			equal(s, "names", list(), nil)
			for _, p := range []*org.Policy{policyOf("rst1", "c", 3), policyOf("rst3", "b", 2), policyOf("rst2", "a", 2)} {
				s.update(createPolicy(p))
			}
			equal(s, "names", list(), []string{"a", "b", "c"})
		}},
		{"what is handed out is the caller's own", func(s *suite) {
			s.update(createPolicy(full(moment)))
			for range 2 {
				s.view(func(ctx context.Context, tx *org.Tx) error {
					all, err := tx.Policies.List(ctx)
					if err != nil {
						return err
					}
					one, err := tx.Policies.Get(ctx, "rst1")
					if err != nil {
						return err
					}
					for _, p := range append(all, one) {
						equal(s, "policy", p, full(stored))
						p.Name, p.Rule.Attributes[0].Name = "changed", "changed"
						p.Rule.AllowedIdentifiers = append(p.Rule.AllowedIdentifiers, "changed")
					}
					return nil
				})
			}
		}},
	}
}

func createHook(h *org.InlineHook) work {
	return func(ctx context.Context, tx *org.Tx) error { return tx.Hooks.Create(ctx, h) }
}

func updateHook(h *org.InlineHook) work {
	return func(ctx context.Context, tx *org.Tx) error { return tx.Hooks.Update(ctx, h) }
}

func hookOf(id, name string) *org.InlineHook {
	return &org.InlineHook{ID: id, Name: name, Type: hook.TypeRegistration}
}

func withHeader(value string) *org.InlineHook {
	h := hookOf("cal1", "h")
	h.Channel.Headers = []org.Header{{Key: "X", Value: value}}
	return h
}

// readHook gives a hook as it is stored.
func (s *suite) readHook(id string) (h *org.InlineHook) {
	s.Helper()
	s.view(func(ctx context.Context, tx *org.Tx) (err error) {
		h, err = tx.Hooks.Get(ctx, id)
		return err
	})
	return h
}

func hookCases() []testCase {
	full := func(at func(int) time.Time) *org.InlineHook {
		return &org.InlineHook{
			ID: "cal1", Name: "Domain check", Type: hook.TypeRegistration, Status: org.StatusActive, APIVersion: "1.0.0",
			Channel: org.Channel{
				Type: org.ChannelHTTP, Version: "1.0.0", URI: "https://hook.example/registration", Method: "POST",
				Headers: []org.Header{{Key: "X-b", Value: "2"}, {Key: "x-A", Value: ""}},
				Auth:    &org.HeaderAuth{Key: "Authorization", Value: org.NewSecret("Basic s3cret-ß")},
			},
			Created: at(1), LastUpdated: at(2), Version: 7,
		}
	}
	return []testCase{
		{"what is written is read", func(s *suite) {
			s.update(createHook(full(moment)))
			got := s.readHook("cal1")
			equal(s, "secret", got.Channel.Auth.Value.Reveal(), "Basic s3cret-ß")
			equal(s, "hook", got, full(stored))
		}},
		{"no headers, no secret and an empty one stay so", func(s *suite) {
			none, empty := hookOf("cal1", "none"), hookOf("cal2", "empty")
			empty.Channel.Headers = []org.Header{}
			empty.Channel.Auth = &org.HeaderAuth{Key: "X-Key"}
			s.update(createHook(none))
			s.update(createHook(empty))
			equal(s, "none", s.readHook("cal1"), none)
			equal(s, "empty", s.readHook("cal2").Channel.Headers, []org.Header{})
			equal(s, "empty secret", s.readHook("cal2").Channel.Auth.Value.Reveal(), "")
		}},
		{"none is not found", func(s *suite) {
			s.refused(org.ErrNotFound, updateHook(hookOf("cal1", "h")))
			s.refused(org.ErrNotFound, func(ctx context.Context, tx *org.Tx) error { return tx.Hooks.Delete(ctx, "cal1") })
			s.missing("by id", func(ctx context.Context, tx *org.Tx) error {
				_, err := tx.Hooks.Get(ctx, "cal1")
				return err
			})
		}},
		{"names are taken once", func(s *suite) {
			s.update(createHook(hookOf("cal1", "a")))
			s.refused(org.ErrNameTaken, createHook(hookOf("cal2", "a")))
			b := hookOf("cal2", "b")
			s.update(createHook(b))
			b.Name = "a"
			s.refused(org.ErrNameTaken, updateHook(b))
			equal(s, "version after the refusal", b.Version, 0)
			s.update(updateHook(hookOf("cal1", "a"))) // its own name
		}},
		{"update replaces everything and counts the version up", func(s *suite) {
			s.update(createHook(hookOf("cal1", "h")))
			_ = s.readHook("cal1") // into the cache
			h := full(moment)
			h.Version = 0
			s.update(updateHook(h))
			equal(s, "version in hand", h.Version, 1)
			want := full(stored)
			want.Version = 1
			equal(s, "hook", s.readHook("cal1"), want)
		}},
		{"whoever read an older version is told, and keeps it", func(s *suite) {
			s.update(createHook(hookOf("cal1", "h")))
			first, second := s.readHook("cal1"), s.readHook("cal1")
			s.update(updateHook(first))
			s.refused(org.ErrConflict, updateHook(second))
			equal(s, "version in hand", second.Version, 0)
		}},
		{"a version goes back with what was undone", func(s *suite) {
			h := hookOf("cal1", "h")
			s.update(createHook(h))
			s.refused(errLost, func(ctx context.Context, tx *org.Tx) error {
				for range 2 {
					if err := tx.Hooks.Update(ctx, h); err != nil {
						return err
					}
				}
				equal(s, "version inside", h.Version, 2)
				return fmt.Errorf("mine: %w", errLost)
			})
			equal(s, "version in hand", h.Version, 0)
			equal(s, "version stored", s.readHook("cal1").Version, 0)
		}},
		{"what is deleted is gone", func(s *suite) {
			s.update(createHook(full(moment)))
			_ = s.readHook("cal1") // into the cache
			s.update(func(ctx context.Context, tx *org.Tx) error {
				if err := tx.Hooks.Delete(ctx, "cal1"); err != nil {
					return err
				}
				if _, err := tx.Hooks.Get(ctx, "cal1"); !errors.Is(err, org.ErrNotFound) {
					s.Errorf("inside: %v", err)
				}
				return nil
			})
			s.missing("by id", func(ctx context.Context, tx *org.Tx) error {
				_, err := tx.Hooks.Get(ctx, "cal1")
				return err
			})
		}},
		{"list goes by creation, by type, and is empty and not nil", func(s *suite) {
			for i, h := range []*org.InlineHook{
				{ID: "cal1", Name: "late", Type: "a", Created: moment(9)},
				{ID: "cal2", Name: "early", Type: "a", Created: moment(1)},
				{ID: "cal3", Name: "other", Type: "b", Created: moment(5)},
			} {
				h.Version = int64(i)
				s.update(createHook(h))
			}
			for hookType, want := range map[string][]string{"": {"early", "other", "late"}, "a": {"early", "late"}, "c": {}} {
				s.view(func(ctx context.Context, tx *org.Tx) error {
					all, err := tx.Hooks.List(ctx, hookType)
					if all == nil {
						s.Error("the list is nil")
					}
					names := []string{}
					for _, h := range all {
						names = append(names, h.Name)
					}
					equal(s, "type "+hookType, names, want)
					return err
				})
			}
		}},
		{"what is handed out is the caller's own", func(s *suite) {
			s.update(createHook(full(moment)))
			for range 2 {
				h := s.readHook("cal1")
				equal(s, "hook", h, full(stored))
				h.Name, h.Channel.Headers[0].Key, h.Channel.Auth.Value = "changed", "changed", org.NewSecret("changed")
			}
		}},
	}
}
