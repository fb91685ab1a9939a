package admin

import (
	"context"
	"net/http"

	"github.com/usher-id/usher/hook"
	"github.com/usher-id/usher/internal/edit"
	"github.com/usher-id/usher/internal/extension"
	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/profile"
)

// PreviewHook sends a request to a hook as it is, through the real channel, and
// judges the answer as a sign-up would. No user is touched; the call is recorded
// as a Preview.
//
// An answer that cannot be read (none, not 2xx, no JSON object) is an Invalid
// fault that says why, in words that hold nothing of the body: Okta answers 400
// with details then. One that can be read comes back, whatever it decides.
func (s *Service) PreviewHook(ctx context.Context, by By, hookID string, body []byte) (*extension.Judgement, error) {
	h, schema, err := s.previewed(ctx, hookID)
	if err != nil {
		return nil, err
	}
	// As in a sign-up, nobody hangs up on a service that is deciding; and what it
	// said is recorded even if the administrator has left.
	ctx = context.WithoutCancel(ctx)
	j, err := s.Sender.Try(ctx, h, schema, body, by.RequestID)
	if err != nil {
		return nil, fault.Field(hookObject, "", "The body must be a request of a hook of type "+h.Type+".").With(err)
	}
	j.Call.Preview = true
	err = s.Store.Update(ctx, func(ctx context.Context, tx *org.Tx) error { return tx.Calls.Append(ctx, &j.Call) })
	if err != nil {
		return nil, err
	}
	if !readable(&j.Call) {
		return nil, fault.New(fault.Invalid, "The inline hook gave no answer that can be used.", fault.Cause{Text: j.Call.Detail})
	}
	return j, nil
}

// previewed gives a hook that can be previewed, and the schema to judge by.
func (s *Service) previewed(ctx context.Context, hookID string) (h *org.InlineHook, schema *profile.Schema, err error) {
	err = s.Store.View(ctx, func(ctx context.Context, tx *org.Tx) (err error) {
		if h, err = tx.Hooks.Get(ctx, hookID); err != nil {
			return err
		}
		schema, err = tx.Schemas.Get(ctx)
		return err
	})
	switch {
	case err != nil:
		return nil, nil, edit.Missing(err, hookID, hookResource)
	case h.Status != org.StatusActive:
		return nil, nil, fault.Field(hookObject, "", "The inline hook is not active. Activate it first.")
	case h.Type != hook.TypeRegistration:
		return nil, nil, fault.Field(hookObject, "", "This version previews hooks of type "+hook.TypeRegistration+" only.")
	}
	return h, schema, nil
}

// readable tells whether there is an answer to show: JSON, or 204 and nothing.
func readable(c *org.HookCall) bool {
	return c.Event == extension.EventProcessed && (c.Answer.Readable || c.Answer.Status == http.StatusNoContent)
}
