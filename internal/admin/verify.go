package admin

import (
	"bytes"
	"context"
	"crypto/subtle"
	"net/http"
	"reflect"

	"github.com/usher-id/usher/hook"
	"github.com/usher-id/usher/internal/edit"
	"github.com/usher-id/usher/internal/eventlog"
	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/hookcall"
	"github.com/usher-id/usher/internal/id"
	"github.com/usher-id/usher/internal/org"
)

// reasonNotVerified is the outcome.reason of a service that answered something
// else than the challenge.
const reasonNotVerified = "VERIFICATION_INVALID"

// VerifyEventHook asks the service of an event hook to send back what it is sent,
// by which its owner shows that events are wanted there. Only then is the hook told
// of any. A hook that is verified already is asked again, and stays what it is when
// it fails: it is told of events, whose delivery says more.
func (s *Service) VerifyEventHook(ctx context.Context, by By, hookID string) (*org.EventHook, error) {
	h, err := s.EventHook(ctx, hookID)
	if err != nil {
		return nil, err
	}
	if err := edit.Expected(ctx, h.Revision()); err != nil {
		return nil, err // before somebody is asked
	}
	challenge := id.Handle()
	// An administrator who goes away does not decide whether the answer is heard.
	result := s.Caller.Call(context.WithoutCancel(ctx), verification(h, challenge, by.RequestID))
	reason, detail := string(result.Failure), result.Detail
	if reason == "" {
		if detail = unverified(result, challenge); detail != "" {
			reason = reasonNotVerified
		}
	}
	if reason != "" {
		return nil, s.notVerified(ctx, by, h, reason, detail)
	}
	return s.verified(ctx, by, h)
}

func verification(h *org.EventHook, challenge, requestID string) hookcall.Request {
	r := hookcall.Request{HookID: h.ID, URL: h.Channel.URI, RequestID: requestID, Challenge: challenge}
	if a := h.Channel.Auth; a != nil {
		r.Headers = append(r.Headers, hookcall.Header{Name: a.Key, Value: a.Value.Reveal()})
	}
	for _, x := range h.Channel.Headers {
		r.Headers = append(r.Headers, hookcall.Header{Name: x.Key, Value: x.Value})
	}
	return r
}

// unverified says what is wrong with an answer, or "". Its content type does not
// count, nor does what else it holds; a list of the one value is taken for the
// value, since services in the field send it.
func unverified(result hookcall.Result, challenge string) string {
	if result.Status == http.StatusNoContent {
		return "the status is 204, which has no body"
	}
	v, err := hook.Parse(bytes.TrimPrefix(result.Body, []byte("\xef\xbb\xbf")), hook.DefaultLimits)
	body, ok := v.(*hook.Object)
	if err != nil || !ok {
		return "the answer is no JSON object"
	}
	value, ok := body.Get("verification")
	if !ok {
		return `the answer has no "verification"`
	}
	if list, ok := value.([]any); ok && len(list) == 1 {
		value = list[0]
	}
	text, _ := value.(string)
	if subtle.ConstantTimeCompare([]byte(text), []byte(challenge)) != 1 {
		return `the answer's "verification" is not the value of the header X-Okta-Verification-Challenge`
	}
	return ""
}

// notVerified tells of a verification that failed, and refuses in Okta's words and
// ours.
func (s *Service) notVerified(ctx context.Context, by By, h *org.EventHook, reason, detail string) error {
	e := eventlog.New(eventlog.EventHookVerified, s.Time(), by, org.Outcome{Result: org.Failure, Reason: reason}, eventlog.EventHookTarget(h))
	why := reason
	if detail != "" {
		why += ": " + detail
	}
	e.Debug = map[string]string{"errorMessage": why}
	err := s.Change(ctx, func(ctx context.Context, tx *org.Tx) error { return tx.Events.Append(ctx, e) })
	if err != nil {
		return err
	}
	return fault.New(fault.Invalid, "Api validation failed: "+eventHookObject,
		fault.Cause{Text: "Unable to verify event hook. Hook " + h.Name + " execution failed"}, fault.Cause{Text: why})
}

// verified notes that the channel that was asked is verified.
func (s *Service) verified(ctx context.Context, by By, asked *org.EventHook) (h *org.EventHook, err error) {
	err = s.Change(ctx, func(ctx context.Context, tx *org.Tx) (err error) {
		if h, err = tx.EventHooks.Get(ctx, asked.ID); err != nil {
			return err
		}
		if err := edit.Expected(ctx, h.Revision()); err != nil {
			return err
		}
		if !reflect.DeepEqual(h.Channel, asked.Channel) {
			return fault.Field(eventHookObject, "channel", "was changed meanwhile. Verify the event hook again.")
		}
		if !h.Verified {
			h.Verified, h.LastUpdated = true, s.Advance(h.LastUpdated)
			if err := tx.EventHooks.Update(ctx, h); err != nil {
				return err
			}
		}
		return tx.Events.Append(ctx, s.Event(eventlog.EventHookVerified, by, eventlog.EventHookTarget(h)))
	})
	return h, edit.Missing(err, asked.ID, eventHookResource)
}
