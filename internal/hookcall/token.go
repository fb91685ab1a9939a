package hookcall

import (
	"cmp"
	"context"
	"maps"
	"sync"
	"time"

	"github.com/usher-id/usher/internal/redact"
)

// OAuth is how a hook's access token is had: by the client credentials grant (RFC
// 6749 section 4.4), as a client that has a secret or a key.
type OAuth struct {
	// Version is that of the hook's configuration. A token is kept for one version
	// of one hook.
	Version  int64
	TokenURL string // accepted when it was stored, and checked again, as the hook's own
	ClientID string
	Scope    string      // "" for none
	Secret   redact.Text // client_secret_post; empty where the client signs
	// KeyID and Key are those of private_key_jwt: an RSA key, PKCS #8 in DER, and
	// the kid by which its public half is known.
	KeyID string
	Key   redact.Text
}

// tokenKey is whose token it is.
type tokenKey struct {
	hook    string
	version int64
}

func (r Request) tokenKey() tokenKey {
	return tokenKey{cmp.Or(r.HookID, r.URL), r.OAuth.Version}
}

// token is an access token.
type token struct {
	text  string
	until time.Time // when it is fetched anew; zero for a token that is not kept
}

// fetch is one fetch of a token, for which several calls may wait.
type fetch struct {
	done    chan struct{} // closed when what is below is there
	token   token
	attempt Attempt
}

// tokens are the access tokens that are good for another call.
//
//	call ── kept? ──────────────────────────────► token
//	          │ no
//	          ├─ another call fetches: wait for it ─► token, or its failure
//	          └─ nobody does: fetch ────────────────► keep until expires_in − 30 s
type tokens struct {
	mu       sync.Mutex
	kept     map[tokenKey]token
	underWay map[tokenKey]*fetch
}

// find gives the token of a key, or else the fetch that is under way; first tells
// that there was none, and that the caller is to fetch and to finish.
func (t *tokens) find(key tokenKey, now time.Time) (text string, f *fetch, first bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if kept, ok := t.kept[key]; ok && now.Before(kept.until) {
		return kept.text, nil, false
	}
	if f := t.underWay[key]; f != nil {
		return "", f, false
	}
	f = &fetch{done: make(chan struct{})}
	t.underWay[key] = f
	return "", f, true
}

// finish gives whoever waits what was fetched. Tokens that are over go, and those
// of another version of the hook.
func (t *tokens) finish(key tokenKey, f *fetch, now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.underWay, key)
	maps.DeleteFunc(t.kept, func(k tokenKey, kept token) bool { return k.hook == key.hook || !now.Before(kept.until) })
	if now.Before(f.token.until) {
		t.kept[key] = f.token
	}
	close(f.done)
}

// drop forgets a token that the service did not take, unless there is another one
// already.
func (t *tokens) drop(key tokenKey, text string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.kept[key].text == text {
		delete(t.kept, key)
	}
}

// accessToken gives a token for a call, and what it waited for, nil for nothing.
// Without a token the wait says why.
func (c *Caller) accessToken(ctx context.Context, r Request) (string, *Attempt) {
	started := c.now()
	for {
		text, f, first := c.tokens.find(r.tokenKey(), c.now())
		switch {
		case f == nil:
			return text, nil
		case first:
			c.fetchToken(ctx, r, f)
			return f.token.text, &f.attempt
		}
		waited := Attempt{Started: started, Failure: Timeout, Detail: "the time was over while another call waited for one"}
		select {
		case <-f.done:
			waited = f.attempt
			waited.Started = started
		case <-ctx.Done():
		}
		waited.Duration = c.now().Sub(started)
		// The time of the one that fetched may be over while that of this one is not.
		if waited.Failure != Timeout || ctx.Err() != nil {
			return f.tokenOf(waited), &waited
		}
	}
}

// tokenOf gives what was fetched, of a wait that has seen its end.
func (f *fetch) tokenOf(waited Attempt) string {
	if waited.Failure != "" {
		return ""
	}
	return f.token.text
}

// fetchToken asks the token endpoint, within the time of the call that it is for.
func (c *Caller) fetchToken(ctx context.Context, r Request, f *fetch) {
	defer func() { c.tokens.finish(r.tokenKey(), f, c.now()) }()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	a := &attempt{Attempt: Attempt{Started: c.now()}}
	form, err := r.OAuth.form(c.now())
	if err != nil {
		a.Failure, a.Detail = KeyUnusable, "the hook key cannot be used"
	} else {
		out := outgoing{to: theTokenEndpoint, method: "POST", url: r.OAuth.TokenURL, header: c.header(r.RequestID), body: []byte(form), limit: maxTokenBody}
		out.header["Content-Type"] = []string{"application/x-www-form-urlencoded"}
		c.send(ctx, cancel, a, out)
		f.token = a.readToken(c.now())
	}
	a.Duration = c.now().Sub(a.Started)
	f.attempt = a.Attempt
}
