package admin

import (
	"errors"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/usher-id/usher/hook"
	"github.com/usher-id/usher/internal/edit"
	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/hookcall"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/safedial"
)

// HookInput is what a client says of a hook.
type HookInput struct {
	Name    string
	Type    string
	Version string
	Channel ChannelInput
}

// ChannelInput is what a client says of a hook's channel.
type ChannelInput struct {
	Type    string
	Version string
	URI     string
	Method  string // "" for POST
	Headers []org.Header
	Auth    *AuthInput // nil for none; of HTTP channels
	OAuth   OAuthInput // of OAUTH channels
}

// OAuthInput is what a client says of how a hook's access token is had.
type OAuthInput struct {
	AuthType     string
	ClientID     string
	ClientSecret *string // nil keeps the stored one
	TokenURL     string
	Scope        string // "" for none
	HookKeyID    string
}

// AuthInput is what a client says of the secret header.
type AuthInput struct {
	Type  string
	Key   string
	Value *string // nil keeps the stored one
}

const (
	methodPost = "POST"
	config     = "channel.config."
	authScheme = config + "authScheme"
)

// versionForm is all that Okta asks of a version: recorded orgs took 1.0.1 and
// 1.0.2 where the documentation knows 1.0.0 only.
var versionForm = regexp.MustCompile(`^[0-9]{1,4}\.[0-9]{1,4}\.[0-9]{1,4}$`)

const versionProblem = "must have the form 1.0.0"

func typeProblem() string { return "must be one of " + strings.Join(hook.Types[:], ", ") }

// checkHook checks what a client says of a hook, all of it but whether the hook
// key is there, and gives the channel. stored is the channel that the hook has
// already.
func (s *Service) checkHook(in HookInput, stored org.Channel) (org.Channel, error) {
	var found edit.Problems
	found.Add("name", edit.NameProblem(in.Name))
	found.AddUnless(slices.Contains(hook.Types[:], in.Type), "type", typeProblem())
	found.AddUnless(versionForm.MatchString(in.Version), "version", versionProblem)
	out := s.checkChannel(in.Channel, stored, &found, org.ChannelHTTP, org.ChannelOAuth)
	// Okta skips telephony hooks without a secret, and so does not let them be made.
	found.AddUnless(in.Type != hook.TypeTelephony || in.Channel.Auth != nil || in.Channel.Type == org.ChannelOAuth, authScheme, edit.Blank)
	return out, found.Fault(hookObject)
}

// checkChannel checks what a client says of a channel, which must be of one of the
// types.
func (s *Service) checkChannel(c ChannelInput, stored org.Channel, found *edit.Problems, types ...string) org.Channel {
	found.OneOf("channel.type", c.Type, types...)
	found.AddUnless(versionForm.MatchString(c.Version), "channel.version", versionProblem)
	found.AddUnless(c.Method == "" || c.Method == methodPost, config+"method", "must be "+methodPost)
	out := org.Channel{Type: c.Type, Version: c.Version, Method: methodPost}
	out.URI = s.checkURI(config+"uri", c.URI, found)
	if c.Type == org.ChannelOAuth {
		out.OAuth = s.checkOAuth(c, stored.OAuth, found)
	} else {
		known := stored.Auth
		if !sameReceiver(stored.URI, out.URI) {
			known = nil
		}
		out.Auth = checkAuth(c.Auth, known, found)
		checkNoOAuth(c.OAuth, found)
	}
	checkHeaders(out.Auth, c.Headers, found)
	if len(c.Headers) > 0 { // else nil, as the store gives it back
		out.Headers = c.Headers
	}
	return out
}

// checkURI gives the one form in which an address is stored.
func (s *Service) checkURI(property, raw string, found *edit.Problems) string {
	if raw == "" {
		found.Add(property, edit.Blank)
		return ""
	}
	u, err := s.URLs.ParseURL(raw)
	if err == nil {
		return u.String()
	}
	var refused *safedial.RefusedError
	if errors.As(err, &refused) {
		found.Add(property, string(refused.Rule)) // not what the network looks like
	} else {
		found.Add(property, "is not an address that can be called")
	}
	return ""
}

// sameReceiver tells whether who reads what is sent to the one address reads what
// is sent to the other: scheme, host and port are the same. A secret that is
// stored goes nowhere else, or whoever may change a hook could have it sent to an
// address of the own and so read it. Both are in the form of checkURI: "" was
// refused, so that nothing is sent.
func sameReceiver(stored, now string) bool {
	if now == "" {
		return true
	}
	a, errA := url.Parse(stored)
	b, errB := url.Parse(now)
	return errA == nil && errB == nil && a.Scheme == b.Scheme && a.Hostname() == b.Hostname() && port(a) == port(b)
}

func port(u *url.URL) string {
	if p := u.Port(); p != "" {
		return p
	}
	return map[string]string{"http": "80", "https": "443"}[u.Scheme]
}

// checkAuth gives the secret header. A client that reads a hook and writes it
// back never saw the secret: one that sends the name alone keeps it, as long as
// the name is the same. stored is nil where no secret may be kept.
func checkAuth(a *AuthInput, stored *org.HeaderAuth, found *edit.Problems) *org.HeaderAuth {
	if a == nil {
		return nil
	}
	// Okta's own examples have HEADER and header.
	found.AddUnless(strings.EqualFold(a.Type, org.AuthSchemeHeader), authScheme+".type", "must be "+org.AuthSchemeHeader)
	auth := &org.HeaderAuth{Key: a.Key}
	switch {
	case a.Value != nil:
		auth.Value = org.NewSecret(*a.Value)
	case stored != nil && strings.EqualFold(stored.Key, a.Key):
		auth.Value = stored.Value
	}
	found.AddUnless(!auth.Value.Empty(), authScheme+".value", edit.Blank)
	return auth
}

func checkHeaders(auth *org.HeaderAuth, extra []org.Header, found *edit.Problems) {
	var secret *hookcall.Header
	if auth != nil {
		secret = &hookcall.Header{Name: auth.Key, Value: auth.Value.Reveal()}
	}
	headers := make([]hookcall.Header, len(extra))
	for i, h := range extra {
		headers[i] = hookcall.Header{Name: h.Key, Value: h.Value}
	}
	if f := fault.As(hookcall.CheckHeaders(secret, headers)); f != nil {
		for _, cause := range f.Causes {
			found.Add(config+cause.Field, cause.Text)
		}
	}
}
