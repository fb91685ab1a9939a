package admin_test

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/usher-id/usher/internal/edit"
	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/hookcall"
	"github.com/usher-id/usher/internal/org"
)

// echo answers what the service is to answer, with the challenge for CHALLENGE.
type echo struct {
	answer hookcall.Result
	during func() // while the service is asked
	called []hookcall.Request
}

func (e *echo) Call(_ context.Context, r hookcall.Request) hookcall.Result {
	e.called = append(e.called, r)
	if e.during != nil {
		e.during()
	}
	answer := e.answer
	answer.Body = []byte(strings.ReplaceAll(string(answer.Body), "CHALLENGE", r.Challenge))
	return answer
}

func answers(status int, body string) hookcall.Result {
	return hookcall.Result{Answered: true, Status: status, Body: []byte(body)}
}

// verify verifies an event hook.
func (o *office) verify(hookID string) {
	o.Helper()
	o.Caller = &echo{answer: answers(200, `{"verification":"CHALLENGE"}`)}
	if h, err := o.VerifyEventHook(o.Context(), o.by, hookID); err != nil || !h.Verified {
		o.Fatalf("not verified: %+v, %v", h, err)
	}
}

func TestVerifyEventHook(t *testing.T) {
	for name, c := range map[string]struct {
		answer hookcall.Result
		why    string // it is not verified; "" when it is
	}{
		"good":                {answers(200, `{"verification":"CHALLENGE"}`), ""},
		"another 2xx":         {answers(202, `{"verification":"CHALLENGE"}`), ""},
		"more in it":          {answers(200, ` {"a":1,"verification":"CHALLENGE"}`), ""},
		"a byte order mark":   {answers(200, "\xef\xbb\xbf"+`{"verification":"CHALLENGE"}`), ""},
		"a list of it":        {answers(200, `{"verification":["CHALLENGE"]}`), ""},
		"two in the list":     {answers(200, `{"verification":["CHALLENGE","CHALLENGE"]}`), `VERIFICATION_INVALID: the answer's "verification" is not the value of the header X-Okta-Verification-Challenge`},
		"another value":       {answers(200, `{"verification":"CHALLENGe"}`), `VERIFICATION_INVALID: the answer's "verification" is not the value of the header X-Okta-Verification-Challenge`},
		"the value and more":  {answers(200, `{"verification":"CHALLENGE "}`), `VERIFICATION_INVALID: the answer's "verification" is not the value of the header X-Okta-Verification-Challenge`},
		"a number":            {answers(200, `{"verification":1}`), `VERIFICATION_INVALID: the answer's "verification" is not the value of the header X-Okta-Verification-Challenge`},
		"nothing of it":       {answers(200, `{}`), `VERIFICATION_INVALID: the answer has no "verification"`},
		"another case":        {answers(200, `{"Verification":"CHALLENGE"}`), `VERIFICATION_INVALID: the answer has no "verification"`},
		"the value alone":     {answers(200, `CHALLENGE`), "VERIFICATION_INVALID: the answer is no JSON object"},
		"the value in quotes": {answers(200, `"CHALLENGE"`), "VERIFICATION_INVALID: the answer is no JSON object"},
		"nothing":             {answers(200, ``), "VERIFICATION_INVALID: the answer is no JSON object"},
		"204":                 {answers(204, ``), "VERIFICATION_INVALID: the status is 204, which has no body"},
		"a failure":           {hookcall.Result{Failure: "HTTP_STATUS_404", Detail: "the service answered 404 Not Found", Status: 404}, "HTTP_STATUS_404: the service answered 404 Not Found"},
		"no answer":           {hookcall.Result{Failure: hookcall.Timeout, Detail: "the time was over"}, "TIMEOUT: the time was over"},
	} {
		t.Run(name, func(t *testing.T) {
			onEngines(t, func(o *office) {
				h := o.eventHook("hook")
				asked := &echo{answer: c.answer}
				o.Caller = asked
				got, err := o.VerifyEventHook(o.Context(), o.by, h.ID)
				if c.why != "" {
					refused(o.T, err, fault.Invalid, ": Unable to verify event hook. Hook hook execution failed", ": "+c.why)
				} else if err != nil || !got.Receives() {
					o.Errorf("not verified: %+v, %v", got, err)
				}
				if stored, err := o.EventHook(o.Context(), h.ID); err != nil || stored.Verified != (c.why == "") {
					o.Errorf("stored is %+v, %v", stored, err)
				}
				checkVerification(o, asked.called, h)
				if e := o.last(); e.Type != "event_hook.verified" || (e.Outcome.Result == org.Success) != (c.why == "") ||
					e.Debug["errorMessage"] != c.why || !strings.HasPrefix(c.why, e.Outcome.Reason) || e.Targets[0].ID != h.ID {
					o.Errorf("the event is %+v", e)
				}
			})
		})
	}
}

// checkVerification checks what the service was sent.
func checkVerification(o *office, called []hookcall.Request, h *org.EventHook) {
	o.Helper()
	if len(called) != 1 {
		o.Fatalf("called %d times", len(called))
	}
	r := called[0]
	if r.URL != h.Channel.URI || r.HookID != h.ID || r.Body != nil || r.RequestID != "req1" || r.OAuth != nil || fmt.Sprint(r.Headers) != "[{authorization hush hush} {X-Two 2} {x-one 1}]" {
		o.Errorf("the request is %+v", r)
	}
	if len(r.Challenge) < 32 || url.QueryEscape(r.Challenge) != r.Challenge {
		o.Errorf("the challenge is %q", r.Challenge)
	}
}

// last is the newest event.
func (o *office) last() (last org.Event) {
	o.Helper()
	err := o.Store.View(o.Context(), func(ctx context.Context, tx *org.Tx) error {
		return tx.Events.Scan(ctx, org.EventRange{Descending: true}, func(e org.Event) bool {
			last = e
			return false
		})
	})
	if err != nil {
		o.Fatal(err)
	}
	return last
}

func TestChallengesDiffer(t *testing.T) {
	onEngines(t, func(o *office) {
		h := o.eventHook("hook")
		asked := &echo{answer: answers(200, `{"verification":"CHALLENGE"}`)}
		o.Caller = asked
		for range 2 {
			if _, err := o.VerifyEventHook(o.Context(), o.by, h.ID); err != nil {
				o.Fatal(err)
			}
		}
		if asked.called[0].Challenge == asked.called[1].Challenge {
			o.Error("a challenge came twice")
		}
		// The second one changed nothing, and is told of.
		if got, err := o.EventHook(o.Context(), h.ID); err != nil || got.Version != h.Version+1 {
			o.Errorf("hook is %+v, %v", got, err)
		}
		o.wantEvents("event_hook.created "+h.ID, "event_hook.verified "+h.ID, "event_hook.verified "+h.ID)

		// One that fails later stays verified.
		o.Caller = &echo{answer: answers(500, ``)}
		if _, err := o.VerifyEventHook(o.Context(), o.by, h.ID); err == nil {
			o.Error("verified")
		}
		if got, err := o.EventHook(o.Context(), h.ID); err != nil || !got.Verified {
			o.Errorf("hook is %+v, %v", got, err)
		}
	})
}

func TestVerifyInactiveEventHook(t *testing.T) {
	onEngines(t, func(o *office) {
		h := o.eventHook("hook")
		if _, err := o.DeactivateEventHook(o.Context(), o.by, h.ID); err != nil {
			o.Fatal(err)
		}
		o.verify(h.ID)
		if got, err := o.EventHook(o.Context(), h.ID); err != nil || !got.Verified || got.Receives() {
			o.Errorf("hook is %+v, %v", got, err)
		}
	})
}

// A service is verified for the channel that it was asked at.
func TestChannelChangesDuringVerification(t *testing.T) {
	onEngines(t, func(o *office) {
		h := o.eventHook("hook")
		o.Caller = &echo{answer: answers(200, `{"verification":"CHALLENGE"}`), during: func() {
			in := eventInput("hook")
			in.Channel.URI = "https://elsewhere.example.com/"
			if _, err := o.ReplaceEventHook(o.Context(), o.by, h.ID, in); err != nil {
				o.Error(err)
			}
		}}
		_, err := o.VerifyEventHook(o.Context(), o.by, h.ID)
		refused(o.T, err, fault.Invalid, "channel: was changed meanwhile. Verify the event hook again.")
		if got, err := o.EventHook(o.Context(), h.ID); err != nil || got.Verified {
			o.Errorf("hook is %+v, %v", got, err)
		}
	})
}

// The condition of a request counts before the service is asked, and when its
// answer is noted.
func TestVerifyWhatTheClientHasSeen(t *testing.T) {
	onEngines(t, func(o *office) {
		h := o.eventHook("hook")
		renamed := eventInput("renamed")
		asked := &echo{answer: answers(200, `{"verification":"CHALLENGE"}`), during: func() {
			if _, err := o.ReplaceEventHook(o.Context(), o.by, h.ID, renamed); err != nil {
				o.Error(err)
			}
		}}
		o.Caller = asked
		seen := edit.Expect(o.Context(), h.Revision())
		for range 2 { // the second time it is another from the start
			_, err := o.VerifyEventHook(seen, o.by, h.ID)
			refused(o.T, err, fault.Changed)
		}
		if got, err := o.EventHook(o.Context(), h.ID); err != nil || got.Verified || len(asked.called) != 1 {
			o.Errorf("hook is %+v, %v; asked %d times", got, err, len(asked.called))
		}
		now := o.verifiable(h.ID)
		if got, err := o.VerifyEventHook(edit.Expect(o.Context(), now), o.by, h.ID); err != nil || !got.Verified {
			o.Errorf("hook is %+v, %v", got, err)
		}
	})
}

// verifiable gives the revision of an event hook whose service answers well.
func (o *office) verifiable(hookID string) string {
	o.Helper()
	o.Caller = &echo{answer: answers(200, `{"verification":"CHALLENGE"}`)}
	h, err := o.EventHook(o.Context(), hookID)
	if err != nil {
		o.Fatal(err)
	}
	return h.Revision()
}
