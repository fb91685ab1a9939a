package admin_test

import (
	"context"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/usher-id/usher/hook"
	"github.com/usher-id/usher/internal/admin"
	"github.com/usher-id/usher/internal/extension"
	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/hookcall"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/profile"
)

const signUp = `{"eventId":"q3Vd0hT2Qk6Zp1xJ8mYbWg","eventType":"com.okta.user.pre-registration","requestType":"self.service.registration",` +
	`"source":"reg1","data":{"userProfile":{"firstName":"Rosario","lastName":"Jones","login":"rosario@example.com","email":"rosario@example.com"},"action":"ALLOW"}}`

func answer(status int, body string) hookcall.Result {
	return hookcall.Result{
		Answered: true, Status: status, Body: []byte(body), Header: http.Header{"Content-Type": {"application/json"}},
		Attempts: []hookcall.Attempt{{Status: status}},
	}
}

// lastCall is the record of the last call.
func (o *office) lastCall() *org.HookCall {
	o.Helper()
	var last *org.HookCall
	err := o.Store.View(o.Context(), func(ctx context.Context, tx *org.Tx) error {
		calls, err := tx.Calls.Recent(ctx, "", true, 1)
		if err == nil && len(calls) > 0 {
			last = calls[0]
		}
		return err
	})
	if err != nil || last == nil {
		o.Fatalf("no record of the call (%v)", err)
	}
	return last
}

func TestPreviewHook(t *testing.T) {
	const malformed = "Could not deserialize inline hook response due to error at Line 1 Column 1"
	cases := map[string]struct {
		answer   hookcall.Result
		decision string
		refused  string // "" when the answer comes back
	}{
		"commands":      {answer(200, ` {"commands":[{"type":"com.okta.user.profile.update","value":{"title":"Dr"}}]} `), org.DecisionAllow, ""},
		"refusal":       {answer(201, `{"error":{"errorSummary":"No."}}`), org.DecisionError, ""},
		"204":           {answer(204, ``), org.DecisionAllow, ""},
		"illegal":       {answer(200, `{"commands":[{"type":"nonsense","value":{}}]}`), org.DecisionFailed, ""},
		"cannot be set": {answer(200, `{"commands":[{"type":"com.okta.user.profile.update","value":{"noSuchThing":1}}]}`), org.DecisionFailed, ""},
		"200 and empty": {answer(200, ``), org.DecisionFailed, "RESPONSE_EMPTY: status 200 with an empty body"},
		"no JSON":       {answer(200, `<html>hush</html>`), org.DecisionFailed, malformed},
		"an array":      {answer(200, `[]`), org.DecisionFailed, malformed},
		"400 and JSON":  {hookcall.Result{Failure: "HTTP_STATUS_400", Detail: "status 400", Status: 400, Body: []byte(`{}`)}, org.DecisionFailed, "HTTP_STATUS_400: status 400"},
		"no answer":     {hookcall.Result{Failure: hookcall.Timeout, Detail: "the time was over"}, org.DecisionFailed, "TIMEOUT: the time was over"},
		"too large":     {hookcall.Result{Failure: hookcall.ResponseTooLarge, Answered: true, Status: 200}, org.DecisionFailed, "RESPONSE_TOO_LARGE"},
		"usher itself":  {hookcall.Result{Failure: hookcall.SelfCallRefused, Detail: "usher itself"}, org.DecisionFailed, "SELF_CALL_REFUSED: usher itself"},
	}
	onEngines(t, func(o *office) {
		h := o.hook("hook")
		for name, c := range cases {
			o.Run(name, func(t *testing.T) {
				o.called, o.answer = nil, c.answer
				j, err := o.PreviewHook(t.Context(), o.by, h.ID, []byte(signUp))
				if c.refused != "" {
					unusable(t, err, c.refused)
				} else if err != nil || string(j.Received) != string(c.answer.Body) {
					t.Errorf("the answer is %+v (%v)", j, err)
				}
				want := []hookcall.Request{{
					HookID: h.ID, URL: h.Channel.URI, Body: []byte(signUp), RequestID: "req1",
					Headers: []hookcall.Header{{Name: "authorization", Value: "hush hush"}, {Name: "X-Two", Value: "2"}, {Name: "x-one", Value: "1"}},
				}}
				if !reflect.DeepEqual(o.called, want) {
					t.Errorf("the calls are %+v, want %+v", o.called, want)
				}
				o.wantRecord(c.decision)
			})
		}
		o.wantEvents("inline_hook.created " + h.ID) // nobody signed up
	})
}

// unusable checks that an error says why, and shows nothing of the answer.
func unusable(t *testing.T, err error, why string) {
	t.Helper()
	f := fault.As(err)
	if f == nil || f.Kind != fault.Invalid || len(f.Causes) != 1 || !strings.HasPrefix(f.Causes[0].Text, why) {
		t.Fatalf("the error is %v, want one that says %q", err, why)
	}
	if strings.Contains(f.Error(), "hush") {
		t.Errorf("the error shows the body: %v", f)
	}
}

// wantRecord checks the record of the last Preview.
func (o *office) wantRecord(decision string) {
	o.Helper()
	c := o.lastCall()
	if !c.Preview || c.Decision != decision || c.RequestID != "req1" || c.EventID != "q3Vd0hT2Qk6Zp1xJ8mYbWg" {
		o.Errorf("the record is %+v, want decision %s", c, decision)
	}
	if c.UserID != "" || c.LoginKey != "rosario@example.com" {
		o.Errorf("the record cannot be erased with the person: %+v", c)
	}
}

// leaving is a Sender whose client hangs up before the answer is there.
type leaving struct {
	admin.Sender
	leave func()
}

func (s leaving) Try(ctx context.Context, h *org.InlineHook, schema *profile.Schema, request []byte, requestID string) (*extension.Judgement, error) {
	s.leave()
	return s.Sender.Try(ctx, h, schema, request, requestID)
}

// Who asked for the Preview may be gone before the service has answered.
func TestPreviewOutlivesTheBrowser(t *testing.T) {
	onEngines(t, func(o *office) {
		h := o.hook("hook")
		ctx, leave := context.WithCancel(o.Context())
		o.answer = answer(200, `{}`)
		o.Sender = leaving{o.Sender, leave}
		if _, err := o.PreviewHook(ctx, o.by, h.ID, []byte(signUp)); err != nil {
			o.Error(err)
		}
		if call := o.lastCall(); call.Decision != org.DecisionAllow {
			o.Errorf("the record is %+v", call)
		}
	})
}

// What a Preview has stored of a person goes with the person.
func TestPreviewIsErasedWithThePerson(t *testing.T) {
	onEngines(t, func(o *office) {
		h := o.hook("hook")
		o.answer = answer(200, `{"debugContext":{"seen":"Rosario"}}`)
		if _, err := o.PreviewHook(o.Context(), o.by, h.ID, []byte(signUp)); err != nil {
			o.Fatal(err)
		}
		p := profile.Profile{}.Set(profile.Login, "rj").Set(profile.Email, "Rosario@example.com")
		err := o.Store.Update(o.Context(), func(ctx context.Context, tx *org.Tx) error {
			if err := tx.Users.Create(ctx, &org.User{ID: "00u1", Status: org.StatusActive, Profile: p}); err != nil {
				return err
			}
			return org.DeleteUser(ctx, tx, "00u1")
		})
		if err != nil {
			o.Fatal(err)
		}
		if c := o.lastCall(); c.Request != "" || c.Answer.Body != "" || c.DebugContext != "" || c.LoginKey != "" {
			o.Errorf("the record still holds %+v", c)
		}
	})
}

func TestPreviewIsRefused(t *testing.T) {
	onEngines(t, func(o *office) {
		active, inactive := o.hook("active"), o.hook("inactive")
		if _, err := o.DeactivateHook(o.Context(), o.by, inactive.ID); err != nil {
			o.Fatal(err)
		}
		in := input("telephony")
		in.Type = hook.TypeTelephony
		telephony, err := o.CreateHook(o.Context(), o.by, in)
		if err != nil {
			o.Fatal(err)
		}
		const notARequest = ": The body must be a request of a hook of type com.okta.user.pre-registration."
		for _, c := range []struct{ hookID, body, cause string }{
			{inactive.ID, signUp, ": The inline hook is not active. Activate it first."},
			{telephony.ID, signUp, ": This version previews hooks of type com.okta.user.pre-registration only."},
			{active.ID, ``, notARequest},
			{active.ID, `{}`, notARequest},
			{active.ID, `{"eventType":"com.okta.telephony.provider"}`, notARequest},
		} {
			_, err := o.PreviewHook(o.Context(), o.by, c.hookID, []byte(c.body))
			refused(o.T, err, fault.Invalid, c.cause)
		}
		if len(o.called) > 0 {
			o.Errorf("the service was called: %+v", o.called)
		}
	})
}
