package admin

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/usher-id/usher/hook"
	"github.com/usher-id/usher/internal/edit"
	"github.com/usher-id/usher/internal/eventlog"
	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/id"
	"github.com/usher-id/usher/internal/org"
)

const (
	hookObject   = "inlineHook" // in the summary of a validation error
	hookResource = "InlineHook" // in that of a missing one
	// maxHooks is the limit of Okta's concept page on inline hooks.
	maxHooks = 100
)

// Hooks lists the hooks of a type, or all for "".
func (s *Service) Hooks(ctx context.Context, hookType string) (list []*org.InlineHook, err error) {
	if hookType != "" && !slices.Contains(hook.Types[:], hookType) {
		return nil, fault.Field("type", "type", typeProblem())
	}
	err = s.Store.View(ctx, func(ctx context.Context, tx *org.Tx) (err error) {
		list, err = tx.Hooks.List(ctx, hookType)
		return err
	})
	return list, err
}

// Hook gives one hook.
func (s *Service) Hook(ctx context.Context, hookID string) (h *org.InlineHook, err error) {
	err = s.Store.View(ctx, func(ctx context.Context, tx *org.Tx) (err error) {
		h, err = tx.Hooks.Get(ctx, hookID)
		return err
	})
	return h, edit.Missing(err, hookID, hookResource)
}

// CreateHook makes a hook, which is active at once: a status that a client sends
// is not looked at.
func (s *Service) CreateHook(ctx context.Context, by By, in HookInput) (*org.InlineHook, error) {
	channel, err := s.checkHook(in, org.Channel{})
	if err != nil {
		return nil, err
	}
	now := s.Time()
	h := &org.InlineHook{
		ID: id.New(id.InlineHook), Name: in.Name, Type: in.Type, Status: org.StatusActive, Version: 1,
		APIVersion: in.Version, Channel: channel, Created: now, LastUpdated: now,
	}
	err = s.Change(ctx, func(ctx context.Context, tx *org.Tx) error {
		if err := tx.Hooks.Create(ctx, h); err != nil {
			return err
		}
		if err := useKey(ctx, tx, h); err != nil {
			return err
		}
		all, err := tx.Hooks.List(ctx, "")
		if err != nil {
			return err
		}
		if len(all) > maxHooks {
			return fault.Field(hookObject, "", fmt.Sprintf("An organization can have %d inline hooks.", maxHooks))
		}
		return tx.Events.Append(ctx, s.Event(eventlog.HookCreated, by, eventlog.HookTarget(h)))
	})
	if err != nil {
		return nil, nameTaken(err)
	}
	return h, nil
}

// ReplaceHook changes what a client can change of a hook: name, version and
// channel. Type and status stay.
func (s *Service) ReplaceHook(ctx context.Context, by By, hookID string, in HookInput) (*org.InlineHook, error) {
	h, err := s.changeHook(ctx, by, hookID, eventlog.HookUpdated, func(h *org.InlineHook) error {
		in.Type = h.Type
		channel, err := s.checkHook(in, h.Channel)
		h.Name, h.APIVersion, h.Channel = in.Name, in.Version, channel
		return err
	})
	return h, nameTaken(err)
}

// ActivateHook makes a hook active; one that is already stays as it is.
func (s *Service) ActivateHook(ctx context.Context, by By, hookID string) (*org.InlineHook, error) {
	return s.changeHook(ctx, by, hookID, eventlog.HookActivated, func(h *org.InlineHook) error {
		h.Status = org.StatusActive
		return nil
	})
}

// DeactivateHook makes a hook inactive, also one that a policy uses: from then
// on it is not called, and the flow goes on as without a hook.
func (s *Service) DeactivateHook(ctx context.Context, by By, hookID string) (*org.InlineHook, error) {
	return s.changeHook(ctx, by, hookID, eventlog.HookDeactivated, func(h *org.InlineHook) error {
		h.Status = org.StatusInactive
		return nil
	})
}

// changeHook changes a hook that exists. A change that changes nothing is
// neither written nor told of: Terraform deactivates before every delete, and a
// configuration file says the same at every start.
func (s *Service) changeHook(ctx context.Context, by By, hookID string, t eventlog.Type, set func(*org.InlineHook) error) (*org.InlineHook, error) {
	var h *org.InlineHook
	err := s.Change(ctx, func(ctx context.Context, tx *org.Tx) error {
		old, err := tx.Hooks.Get(ctx, hookID)
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
		h.LastUpdated = s.Time()
		if err := tx.Hooks.Update(ctx, h); err != nil {
			return err
		}
		if err := useKey(ctx, tx, h); err != nil {
			return err
		}
		return tx.Events.Append(ctx, s.Event(t, by, eventlog.HookTarget(h)))
	})
	if err != nil {
		return nil, edit.Missing(err, hookID, hookResource)
	}
	return h, nil
}

// DeleteHook removes an inactive hook, and takes it out of the policies that
// name it: Terraform destroys a hook and its policy side by side, in either
// order.
func (s *Service) DeleteHook(ctx context.Context, by By, hookID string) error {
	err := s.Change(ctx, func(ctx context.Context, tx *org.Tx) error {
		h, err := tx.Hooks.Get(ctx, hookID)
		if err != nil {
			return err
		}
		if err := edit.Expected(ctx, h.Revision()); err != nil {
			return err
		}
		if h.Status == org.StatusActive {
			return stillActive(ctx, tx, hookID)
		}
		if err := tx.Hooks.Delete(ctx, hookID); err != nil {
			return err
		}
		if err := tx.Events.Append(ctx, s.Event(eventlog.HookDeleted, by, eventlog.HookTarget(h))); err != nil {
			return err
		}
		return s.detach(ctx, tx, by, hookID)
	})
	return edit.Missing(err, hookID, hookResource)
}

// detach takes a hook out of the policies that name it. It comes after the first
// write, as checkRule does: none can take the hook up meanwhile.
func (s *Service) detach(ctx context.Context, tx *org.Tx, by By, hookID string) error {
	users, err := policiesWith(ctx, tx, hookID)
	if err != nil {
		return err
	}
	for _, p := range users {
		p.Rule.HookID = ""
		p.Rule.LastUpdated = s.Advance(p.Rule.LastUpdated)
		if err := tx.Policies.Update(ctx, p); err != nil {
			return err
		}
		if err := tx.Events.Append(ctx, s.Event(eventlog.RuleUpdated, by, eventlog.RuleTarget(p), eventlog.PolicyTarget(p))); err != nil {
			return err
		}
	}
	return nil
}

func policiesWith(ctx context.Context, tx *org.Tx, hookID string) ([]*org.Policy, error) {
	all, err := tx.Policies.List(ctx)
	return slices.DeleteFunc(all, func(p *org.Policy) bool { return p.Rule.HookID != hookID }), err
}

func stillActive(ctx context.Context, tx *org.Tx, hookID string) error {
	users, err := policiesWith(ctx, tx, hookID)
	if err != nil {
		return err
	}
	text := "The inline hook is active"
	if len(users) > 0 {
		names := make([]string, len(users))
		for i, p := range users {
			names[i] = p.Name
		}
		text += " and used by: " + strings.Join(names, ", ")
	}
	return fault.Field(hookObject, "", text+". Deactivate it first.")
}

func nameTaken(err error) error {
	if errors.Is(err, org.ErrNameTaken) {
		return fault.Field("name", "name", edit.Taken)
	}
	return err
}
