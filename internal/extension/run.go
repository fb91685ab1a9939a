package extension

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/usher-id/usher/internal/hookcall"
	"github.com/usher-id/usher/internal/id"
	"github.com/usher-id/usher/internal/org"
)

// Caller sends a request to a hook service. hookcall.Caller is the one over
// HTTP; a no-code flow is another, with the same bytes.
type Caller interface {
	Call(ctx context.Context, r hookcall.Request) hookcall.Result
}

// Runner asks hooks.
type Runner struct {
	Caller     Caller
	Now        func() time.Time
	NewEventID func() string
}

// NewRunner makes a runner with the process's clock and random event ids.
func NewRunner(c Caller) *Runner {
	return &Runner{Caller: c, Now: time.Now, NewEventID: id.Event}
}

// Registration asks a hook about a registration or a profile update, and judges
// the answer. It waits for the service, so no transaction may be open; and the
// context must outlive a browser that goes away, else a hook that has said yes
// would be half heard.
func (r *Runner) Registration(ctx context.Context, h *org.InlineHook, in Registration) (*Judgement, error) {
	body, err := json.Marshal(RegistrationRequest(r.NewEventID(), r.Now(), in))
	if err != nil {
		return nil, fmt.Errorf("extension: registration request: %w", err)
	}
	return r.Send(ctx, h, in, body), nil
}

// Send sends a body as it is, which the Preview lets an administrator edit, and
// judges the answer like any other.
func (r *Runner) Send(ctx context.Context, h *org.InlineHook, in Registration, body []byte) *Judgement {
	started := r.Now()
	result := r.Caller.Call(ctx, request(h, in.Request.ID, body))
	j := Judge(in, Reply{
		Failure:  string(result.Failure),
		Detail:   result.Detail,
		Answered: result.Answered,
		Status:   result.Status,
		Header:   result.Header,
		Body:     result.Body,
		Secrets:  secrets(h),
	})
	j.record(h, in, body, result, started)
	return j
}

func request(h *org.InlineHook, requestID string, body []byte) hookcall.Request {
	req := hookcall.Request{HookID: h.ID, URL: h.Channel.URI, Body: body, RequestID: requestID}
	if a := h.Channel.Auth; a != nil {
		req.Headers = append(req.Headers, hookcall.Header{Name: a.Key, Value: a.Value.Reveal()})
	}
	for _, x := range h.Channel.Headers {
		req.Headers = append(req.Headers, hookcall.Header{Name: x.Key, Value: x.Value})
	}
	return req
}

// secrets are the secret of a hook, with its scheme and without it.
func secrets(h *org.InlineHook) []string {
	var all []string
	if a := h.Channel.Auth; a != nil {
		value := a.Value.Reveal()
		all = append(all, value)
		if _, credentials, ok := strings.Cut(value, " "); ok {
			all = append(all, credentials)
		}
	}
	return all
}

// record fills the record of the call.
func (j *Judgement) record(h *org.InlineHook, in Registration, body []byte, result hookcall.Result, started time.Time) {
	c := &j.Call
	c.ID = id.New(id.HookCall)
	c.HookID, c.HookName, c.HookVersion = h.ID, h.Name, h.Version
	c.HookURL = WithoutQuery(h.Channel.URI)
	c.RequestID = in.Request.ID
	c.EventType, c.RequestType = h.Type, in.RequestType
	c.Started, c.Duration = started, result.Duration
	c.Request = string(body)
	var envelope struct {
		EventID string `json:"eventId"`
	}
	// A body that the Preview sends may be anything; without an eventId the
	// record has none.
	_ = json.Unmarshal(body, &envelope)
	c.EventID = envelope.EventID
	for _, a := range result.Attempts {
		c.Attempts = append(c.Attempts, org.Attempt{
			Started: a.Started, Duration: a.Duration, Status: a.Status,
			Failure: string(a.Failure), Detail: a.Detail, Address: a.Address,
		})
	}
}

// WithoutQuery is a hook's address as logs show it: services are steered by
// their query, which may hold a key.
func WithoutQuery(uri string) string {
	u, err := url.Parse(uri)
	if err != nil {
		return ""
	}
	u.RawQuery, u.ForceQuery, u.Fragment, u.User = "", false, "", nil
	return u.String()
}
