package extension

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/usher-id/usher/hook"
	"github.com/usher-id/usher/internal/hookcall"
	"github.com/usher-id/usher/internal/id"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/profile"
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
	Timeout    time.Duration // of one attempt; 0 is the contract's
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
	// Not json.Marshal, which writes \u003c for the < in a name.
	body, err := hook.Encode(RegistrationRequest(r.NewEventID(), r.Now(), in))
	if err != nil {
		return nil, fmt.Errorf("extension: registration request: %w", err)
	}
	return r.send(ctx, h, in, body), nil
}

// Try sends a request that is there already, byte for byte, and judges the answer
// by what the request shows: the dry run of the Preview, whose request an
// administrator may have edited, and of "usher hook check". The record is that of
// the person whom the request shows, to be erased with them. The error tells that
// the body is no request of a registration hook; then nobody was asked.
func (r *Runner) Try(ctx context.Context, h *org.InlineHook, schema *profile.Schema, request []byte, requestID string) (*Judgement, error) {
	in, stored, err := ReadRequest(request, schema)
	if err != nil {
		return nil, err
	}
	in.Request.ID = requestID
	j := r.send(ctx, h, in, request)
	j.Apply(stored)
	j.Call.LoginKey = profile.FoldLogin(cmp.Or(stored.Text(profile.Login), stored.Text(profile.Email)))
	if in.User != nil {
		j.Call.UserID = in.User.ID
	}
	return j, nil
}

// send sends a body as it is, and judges the answer.
func (r *Runner) send(ctx context.Context, h *org.InlineHook, in Registration, body []byte) *Judgement {
	started := r.Now()
	result := r.Caller.Call(ctx, r.request(h, in.Request.ID, body))
	j := Judge(in, Reply{
		Failure:  string(result.Failure),
		Detail:   result.Detail,
		Answered: result.Answered,
		Status:   result.Status,
		Header:   result.Header,
		Body:     result.Body,
		Timeout:  r.Timeout,
		OAuth:    h.Channel.OAuth != nil,
		NoToken:  noToken(result),
		Secrets:  append(secrets(h), result.Token.Reveal()),
	})
	j.record(h, in, body, result, started)
	return j
}

func (r *Runner) request(h *org.InlineHook, requestID string, body []byte) hookcall.Request {
	req := hookcall.Request{HookID: h.ID, URL: h.Channel.URI, Body: body, RequestID: requestID, Timeout: r.Timeout}
	if a := h.Channel.Auth; a != nil {
		req.Headers = append(req.Headers, hookcall.Header{Name: a.Key, Value: a.Value.Reveal()})
	}
	for _, x := range h.Channel.Headers {
		req.Headers = append(req.Headers, hookcall.Header{Name: x.Key, Value: x.Value})
	}
	if o := h.Channel.OAuth; o != nil {
		req.OAuth = &hookcall.OAuth{
			Version: h.Version, TokenURL: o.TokenURL, ClientID: o.ClientID, Scope: o.Scope, Secret: o.ClientSecret.Text,
		}
		if o.Key != nil {
			req.OAuth.KeyID, req.OAuth.Key = o.Key.KeyID, o.Key.Private.Text
		}
	}
	return req
}

// noToken is why the last attempt had no access token, or "".
func noToken(result hookcall.Result) hookcall.Kind {
	if result.Failure != hookcall.OAuthTokenFailure {
		return ""
	}
	return result.Attempts[len(result.Attempts)-1].Token.Failure
}

// minEchoed is the length from which what a hook sends beside its secret counts
// as one: shorter texts are words (x-env: test), not keys.
const minEchoed = 8

// secrets are what a service gets and must not be recorded: the secret, with its
// scheme and without it and decoded, and the further headers and the query of
// the URL, which steer services and may hold keys.
func secrets(h *org.InlineHook) []string {
	var all []string
	if a := h.Channel.Auth; a != nil {
		all = append(all, credentials(a.Value.Reveal())...)
	}
	if o := h.Channel.OAuth; o != nil {
		all = append(all, o.ClientSecret.Reveal())
	}
	for _, x := range h.Channel.Headers {
		if len(x.Value) >= minEchoed {
			all = append(all, x.Value)
		}
	}
	if u, err := url.Parse(h.Channel.URI); err == nil {
		for _, values := range u.Query() {
			for _, v := range values {
				if len(v) >= minEchoed {
					all = append(all, v)
				}
			}
		}
		if len(u.RawQuery) >= minEchoed {
			all = append(all, u.RawQuery)
		}
	}
	return all
}

// credentials are the forms in which a service sees an Authorization value.
func credentials(value string) []string {
	all := []string{value}
	scheme, rest, ok := strings.Cut(value, " ")
	if !ok {
		return all
	}
	all = append(all, rest)
	if !strings.EqualFold(scheme, "Basic") {
		return all
	}
	pair, err := base64.StdEncoding.DecodeString(strings.TrimSpace(rest))
	if err != nil {
		return all
	}
	_, pass, _ := strings.Cut(string(pair), ":")
	return append(all, string(pair), pass)
}

// record fills the record of the call.
func (j *Judgement) record(h *org.InlineHook, in Registration, body []byte, result hookcall.Result, started time.Time) {
	c := &j.Call
	c.ID = id.New(id.HookCall)
	c.HookID, c.HookName, c.HookVersion = h.ID, h.Name, h.Version
	c.HookURL = h.Address()
	c.RequestID = in.Request.ID
	c.EventType, c.RequestType = h.Type, in.RequestType
	c.Started, c.Duration = started, result.Duration
	c.Request = recordedRequest(in.Schema, body)
	var envelope struct {
		EventID string `json:"eventId"`
	}
	// A request that somebody edited may have none, or none that is text.
	_ = json.Unmarshal(body, &envelope)
	c.EventID = envelope.EventID
	for _, a := range result.Attempts {
		tried := attempt(a)
		if a.Token != nil {
			fetch := attempt(*a.Token)
			tried.Token = &fetch
		}
		c.Attempts = append(c.Attempts, tried)
	}
}

func attempt(a hookcall.Attempt) org.Attempt {
	return org.Attempt{
		Started: a.Started, Duration: a.Duration, Status: a.Status,
		Failure: string(a.Failure), Detail: a.Detail, Address: a.Address,
	}
}
