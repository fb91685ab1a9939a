package hooktest

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/usher-id/usher/hook"
)

// The kit as a reader of the fixtures: a service that is made with it gets each
// request, and loses no byte of it.
func TestKitReadsEveryRequest(t *testing.T) {
	t.Parallel()
	for _, c := range cases(t) {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			var got []byte
			h := hook.Registration(func(_ context.Context, r *hook.RegistrationRequest) (hook.Answer, error) {
				var err error
				got, err = hook.Encode(r)
				return hook.Allow(), err
			})
			service := Handler(h)
			if c.Token != nil {
				for _, token := range c.Token.Bearer {
					service = Handler(bearer(token, h)).With("Authorization", "Bearer "+token)
				}
			}
			service.Ask(t, Request{Name: c.Name, Body: c.Request}).Allowed()
			if d := DiffRequest(c.Request, got); d != "" {
				t.Error(d)
			}
		})
	}
}

// bearer lets whoever has the token through to a service.
func bearer(token string, service http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer "+token {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		service.ServeHTTP(w, r)
	})
}

// stricter lists where the kit knowingly says something else than usher does,
// which forgives without a word, or knows the form.
var stricter = map[string]string{
	"error-string":            "usher takes any error for a refusal; it is no error object",
	"error-location-case":     "usher finds the field ignoring case",
	"error-location-off-form": "the kit cannot know that the form lacks the attribute",
}

// The kit as a reader of the answers: what it tells an author is what usher
// does. Two things it cannot know: whether the org's schema and users have room
// for an attribute, and the words that usher uses of its own.
func TestKitReadsEveryAnswer(t *testing.T) {
	t.Parallel()
	for _, c := range cases(t) {
		if c.Response == nil {
			continue // it is about time or the connection
		}
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			problem := disagreement(t, c)
			why, known := stricter[c.Name]
			if known && problem == "" {
				t.Errorf("listed as stricter (%s), but the kit agrees with usher", why)
			}
			if !known && problem != "" {
				t.Error(problem)
			}
		})
	}
}

func disagreement(t *testing.T, c Case) string {
	t.Helper()
	res, err := c.HTTPResponse()
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, hook.MaxAnswer))
	if err != nil {
		t.Fatal(err)
	}
	var in hook.RegistrationRequest
	if err := json.Unmarshal(c.Request, &in); err != nil {
		t.Fatal(err)
	}
	r := Result{Exchange: &Exchange{Status: res.StatusCode, Header: res.Header, Body: body}, tb: t}
	err = r.read(in.RequestType)
	failed := unusable(c.Outcome)
	switch {
	case err != nil && (failed || len(c.Outcome.Warnings) > 0):
		return "" // neither would be content
	case err != nil:
		return "the kit refuses what usher takes: " + err.Error()
	case failed:
		if reason := c.Outcome.Log[0].Reason; reason == nil || !strings.HasPrefix(*reason, "ATTRIBUTE_") {
			return "the kit takes what usher cannot use"
		}
		return ""
	case r.denied != (c.Outcome.Decision == Deny):
		return fmt.Sprintf("the kit reads denied = %v, usher decides %s", r.denied, c.Outcome.Decision)
	}
	got := c.Outcome
	if len(r.messages) > 0 {
		got.Messages = r.messages
	} else if r.denied && c.Outcome.Messages[0].Field != nil {
		return "the kit reads no message, the person reads one at a field"
	}
	return Diff(c.Outcome, got)
}

// unusable tells whether usher could do nothing with the answer, for which the
// person reads a text of its own.
func unusable(o Outcome) bool {
	return len(o.Messages) == 1 && slices.Contains([]string{
		"There was an error creating your account. Please try registering again.",
		"Your profile couldn't be updated at this time. Please try again later.",
	}, o.Messages[0].Text)
}
