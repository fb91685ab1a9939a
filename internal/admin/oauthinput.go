package admin

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/usher-id/usher/internal/edit"
	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/org"
)

// What RFC 6749, appendix A, allows in a client id and secret, and in a scope.
var (
	clientForm = regexp.MustCompile(`^[ -~]*$`)
	scopeForm  = regexp.MustCompile(`^([!#-\[\]-~]+( [!#-\[\]-~]+)*)?$`)
)

// maxClient is how long what is said of a client can be.
const maxClient = 1024

// checkOAuth gives how the access token is had. The key that it names is only an
// id until useKey has looked it up. A client that reads a hook and writes it back
// never saw the client secret: one that leaves it out keeps it, as long as the
// client is the same, and who is asked for tokens.
func (s *Service) checkOAuth(c ChannelInput, stored *org.OAuth, found *edit.Problems) *org.OAuth {
	in := c.OAuth
	found.AddUnless(c.Auth == nil, authScheme, "must be null: the access token takes its place")
	for i, h := range c.Headers {
		found.AddUnless(!strings.EqualFold(h.Key, "Authorization"), fmt.Sprintf(config+"headers[%d].key", i), "The header carries the access token.")
	}
	found.OneOf(config+"authType", in.AuthType, org.AuthClientSecretPost, org.AuthPrivateKeyJWT)
	found.Add(config+"clientId", clientProblem(in.ClientID))
	found.AddUnless(len(in.Scope) <= maxClient && scopeForm.MatchString(in.Scope), config+"scope", "must be names with one space between them")
	o := &org.OAuth{AuthType: in.AuthType, ClientID: in.ClientID, Scope: in.Scope}
	o.TokenURL = s.checkURI(config+"tokenUrl", in.TokenURL, found)
	switch in.AuthType {
	case org.AuthClientSecretPost:
		o.ClientSecret = clientSecret(in, o.TokenURL, stored)
		found.Add(config+"clientSecret", clientProblem(o.ClientSecret.Reveal()))
		found.AddUnless(in.HookKeyID == "", config+"hookKeyId", "is only for "+org.AuthPrivateKeyJWT)
	case org.AuthPrivateKeyJWT:
		o.Key = &org.HookKey{ID: in.HookKeyID}
		if stored != nil && stored.Key != nil && stored.Key.ID == in.HookKeyID {
			o.Key = stored.Key // so that a channel that stays compares equal
		}
		found.AddUnless(in.HookKeyID != "", config+"hookKeyId", edit.Blank)
		found.AddUnless(in.ClientSecret == nil, config+"clientSecret", "is only for "+org.AuthClientSecretPost)
	}
	return o
}

func clientSecret(in OAuthInput, tokenURL string, stored *org.OAuth) org.Secret {
	switch {
	case in.ClientSecret != nil:
		return org.NewSecret(*in.ClientSecret)
	case stored != nil && stored.AuthType == in.AuthType && stored.ClientID == in.ClientID && sameReceiver(stored.TokenURL, tokenURL):
		return stored.ClientSecret
	}
	return org.Secret{}
}

func clientProblem(text string) string {
	switch {
	case text == "":
		return edit.Blank
	case len(text) > maxClient:
		return fmt.Sprintf("must have at most %d characters", maxClient)
	case !clientForm.MatchString(text):
		return "must have visible ASCII characters and spaces only"
	}
	return ""
}

// checkNoOAuth refuses what a channel without OAuth would lose silently.
func checkNoOAuth(in OAuthInput, found *edit.Problems) {
	for _, p := range []struct {
		name string
		said bool
	}{
		{"authType", in.AuthType != ""},
		{"clientId", in.ClientID != ""},
		{"clientSecret", in.ClientSecret != nil},
		{"tokenUrl", in.TokenURL != ""},
		{"scope", in.Scope != ""},
		{"hookKeyId", in.HookKeyID != ""},
	} {
		found.AddUnless(!p.said, config+p.name, "is only for a channel of type "+org.ChannelOAuth)
	}
}

// useKey gives the hook the key that it names. It comes after the first write, as
// checkRule does: the key cannot go away before the commit.
func useKey(ctx context.Context, tx *org.Tx, h *org.InlineHook) error {
	o := h.Channel.OAuth
	if o == nil || o.Key == nil {
		return nil
	}
	k, err := tx.HookKeys.Get(ctx, o.Key.ID)
	if errors.Is(err, org.ErrNotFound) {
		return fault.Field(hookObject, config+"hookKeyId", "is not the id of a hook key")
	}
	o.Key = k
	return err
}
