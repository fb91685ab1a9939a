package admin_test

import (
	"context"
	"reflect"
	"strings"
	"testing"

	"github.com/usher-id/usher/hook"
	"github.com/usher-id/usher/internal/admin"
	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/org"
)

// oauthInput is a hook with a client secret that breaks no rule.
func oauthInput(name string) admin.HookInput {
	in := input(name)
	secret := "hush <&>"
	in.Channel.Type, in.Channel.Auth = org.ChannelOAuth, nil
	in.Channel.OAuth = admin.OAuthInput{
		AuthType: org.AuthClientSecretPost, ClientID: "0oa client", ClientSecret: &secret,
		TokenURL: "https://AS.example.com./token?x=1", Scope: "hooks.call b",
	}
	return in
}

// signing makes it a hook that signs.
func signing(in admin.HookInput, key string) admin.HookInput {
	in.Channel.OAuth.AuthType, in.Channel.OAuth.ClientSecret, in.Channel.OAuth.HookKeyID = org.AuthPrivateKeyJWT, nil, key
	return in
}

func (o *office) stored(hookID string) *org.InlineHook {
	o.Helper()
	h, err := o.Hook(o.Context(), hookID)
	if err != nil {
		o.Fatal(err)
	}
	return h
}

func TestCreateOAuthHook(t *testing.T) {
	onEngines(t, func(o *office) {
		h, err := o.CreateHook(o.Context(), o.by, oauthInput("secret"))
		if err != nil {
			o.Fatal(err)
		}
		want := &org.OAuth{
			AuthType: "client_secret_post", ClientID: "0oa client", TokenURL: "https://as.example.com/token?x=1", Scope: "hooks.call b",
			ClientSecret: org.NewSecret("hush <&>"),
		}
		if got := o.stored(h.ID).Channel; got.Type != "OAUTH" || got.Auth != nil || !reflect.DeepEqual(got.OAuth, want) || !reflect.DeepEqual(h.Channel, got) {
			o.Errorf("the channel is %+v", got)
		}
		k := o.hookKey("key")
		signs, err := o.CreateHook(o.Context(), o.by, signing(oauthInput("signs"), k.ID))
		if err != nil {
			o.Fatal(err)
		}
		if got := o.stored(signs.ID).Channel.OAuth; got.Key == nil || !reflect.DeepEqual(got.Key, k.HookKey) || !got.ClientSecret.Empty() {
			o.Errorf("the channel is %+v", got)
		}
	})
}

func TestOAuthRules(t *testing.T) {
	const at = "channel.config."
	empty, long := "", strings.Repeat("x", 1025)
	cases := map[string]struct {
		change func(*admin.HookInput)
		causes []string // none for a hook that is allowed
	}{
		"no scope":                              {func(in *admin.HookInput) { in.Channel.OAuth.Scope = "" }, nil},
		"telephony needs no secret header then": {func(in *admin.HookInput) { in.Type = hook.TypeTelephony }, nil},
		"a listed token URL":                    {func(in *admin.HookInput) { in.Channel.OAuth.TokenURL = "http://hook:3000/token" }, nil},
		"no authType":                           {func(in *admin.HookInput) { in.Channel.OAuth.AuthType = "" }, []string{at + "authType: must be client_secret_post or private_key_jwt"}},
		"an authType that is not there":         {func(in *admin.HookInput) { in.Channel.OAuth.AuthType = "client_secret_basic" }, []string{at + "authType: must be client_secret_post or private_key_jwt"}},
		"no clientId":                           {func(in *admin.HookInput) { in.Channel.OAuth.ClientID = "" }, []string{at + "clientId: The field cannot be left blank"}},
		"a long clientId":                       {func(in *admin.HookInput) { in.Channel.OAuth.ClientID = long }, []string{at + "clientId: must have at most 1024 characters"}},
		"a clientId with a line end":            {func(in *admin.HookInput) { in.Channel.OAuth.ClientID = "a\n" }, []string{at + "clientId: must have visible ASCII characters and spaces only"}},
		"no clientSecret":                       {func(in *admin.HookInput) { in.Channel.OAuth.ClientSecret = nil }, []string{at + "clientSecret: The field cannot be left blank"}},
		"an empty clientSecret":                 {func(in *admin.HookInput) { in.Channel.OAuth.ClientSecret = &empty }, []string{at + "clientSecret: The field cannot be left blank"}},
		"a long clientSecret":                   {func(in *admin.HookInput) { in.Channel.OAuth.ClientSecret = &long }, []string{at + "clientSecret: must have at most 1024 characters"}},
		"no tokenUrl":                           {func(in *admin.HookInput) { in.Channel.OAuth.TokenURL = "" }, []string{at + "tokenUrl: The field cannot be left blank"}},
		"a private tokenUrl":                    {func(in *admin.HookInput) { in.Channel.OAuth.TokenURL = "https://127.0.0.1/" }, []string{at + "tokenUrl: the address is not public"}},
		"a plain tokenUrl":                      {func(in *admin.HookInput) { in.Channel.OAuth.TokenURL = "http://as.example.com/" }, []string{at + "tokenUrl: the scheme must be https"}},
		"a scope with two spaces":               {func(in *admin.HookInput) { in.Channel.OAuth.Scope = "a  b" }, []string{at + "scope: must be names with one space between them"}},
		"a scope with a quote":                  {func(in *admin.HookInput) { in.Channel.OAuth.Scope = `a"` }, []string{at + "scope: must be names with one space between them"}},
		"a key for a secret":                    {func(in *admin.HookInput) { in.Channel.OAuth.HookKeyID = "HKY1" }, []string{at + "hookKeyId: is only for private_key_jwt"}},
		"a secret for a key": {func(in *admin.HookInput) {
			in.Channel.OAuth.AuthType, in.Channel.OAuth.HookKeyID = org.AuthPrivateKeyJWT, "HKY1"
		},
			[]string{at + "clientSecret: is only for client_secret_post"}},
		"no key":                  {func(in *admin.HookInput) { *in = signing(*in, "") }, []string{at + "hookKeyId: The field cannot be left blank"}},
		"a key that is not there": {func(in *admin.HookInput) { *in = signing(*in, "HKYnone") }, []string{at + "hookKeyId: is not the id of a hook key"}},
		"a secret header":         {func(in *admin.HookInput) { in.Channel.Auth = input("").Channel.Auth }, []string{at + "authScheme: must be null: the access token takes its place"}},
		"the token's header":      {func(in *admin.HookInput) { in.Channel.Headers[1].Key = "authorization" }, []string{at + "headers[1].key: The header carries the access token."}},
		"nothing of it": {func(in *admin.HookInput) { in.Channel.OAuth = admin.OAuthInput{} }, []string{
			at + "authType: must be client_secret_post or private_key_jwt",
			at + "clientId: The field cannot be left blank",
			at + "tokenUrl: The field cannot be left blank",
		}},
		"all of it without OAUTH": {func(in *admin.HookInput) { in.Channel.Type, in.Channel.OAuth.HookKeyID = "HTTP", "x" }, []string{
			at + "authType: is only for a channel of type OAUTH",
			at + "clientId: is only for a channel of type OAUTH",
			at + "clientSecret: is only for a channel of type OAUTH",
			at + "tokenUrl: is only for a channel of type OAUTH",
			at + "scope: is only for a channel of type OAUTH",
			at + "hookKeyId: is only for a channel of type OAUTH",
		}},
	}
	onEngines(t, func(o *office) {
		for name, c := range cases {
			in := oauthInput("hook of " + name)
			c.change(&in)
			_, err := o.CreateHook(o.Context(), o.by, in)
			if c.causes == nil {
				if err != nil {
					o.Errorf("%s: %v", name, err)
				}
				continue
			}
			o.Run(name, func(t *testing.T) { refused(t, err, fault.Invalid, c.causes...) })
		}
	})
}

// A client that reads a hook and writes it back never saw the secret.
func TestClientSecretIsKept(t *testing.T) {
	other := "another"
	cases := map[string]struct {
		change func(*admin.OAuthInput)
		want   string // "" for a refusal
	}{
		"as it was":      {func(*admin.OAuthInput) {}, "hush <&>"},
		"another scope":  {func(in *admin.OAuthInput) { in.Scope = "" }, "hush <&>"},
		"another secret": {func(in *admin.OAuthInput) { in.ClientSecret = &other }, "another"},
		"another client": {func(in *admin.OAuthInput) { in.ClientID = "x" }, ""},
	}
	onEngines(t, func(o *office) {
		for name, c := range cases {
			h, err := o.CreateHook(o.Context(), o.by, oauthInput(name))
			if err != nil {
				o.Fatal(err)
			}
			in := oauthInput(name)
			in.Channel.OAuth.ClientSecret = nil
			c.change(&in.Channel.OAuth)
			_, err = o.ReplaceHook(o.Context(), o.by, h.ID, in)
			if (err == nil) != (c.want != "") {
				o.Errorf("%s: %v", name, err)
			}
			if got := o.stored(h.ID).Channel.OAuth.ClientSecret.Reveal(); c.want != "" && got != c.want {
				o.Errorf("%s: the secret is %q", name, got)
			}
		}
	})
}

func TestChannelChangesItsType(t *testing.T) {
	onEngines(t, func(o *office) {
		h := o.hook("hook")
		k := o.hookKey("key")
		change := func(in admin.HookInput) org.Channel {
			o.Helper()
			if _, err := o.ReplaceHook(o.Context(), o.by, h.ID, in); err != nil {
				o.Fatal(err)
			}
			return o.stored(h.ID).Channel
		}
		if c := change(oauthInput("hook")); c.Auth != nil || c.OAuth == nil {
			o.Errorf("the channel is %+v", c)
		}
		if c := change(signing(oauthInput("hook"), k.ID)); c.OAuth.Key == nil || !c.OAuth.ClientSecret.Empty() {
			o.Errorf("the channel is %+v", c)
		}
		before := o.stored(h.ID)
		change(signing(oauthInput("hook"), k.ID)) // changes nothing
		if after := o.stored(h.ID); after.Version != before.Version {
			o.Error("what changes nothing was written")
		}
		if c := change(input("hook")); c.Auth == nil || c.OAuth != nil {
			o.Errorf("the channel is %+v", c)
		}
		// The secret went with the channel that had it.
		in := oauthInput("hook")
		in.Channel.OAuth.ClientSecret = nil
		_, err := o.ReplaceHook(o.Context(), o.by, h.ID, in)
		refused(o.T, err, fault.Invalid, "channel.config.clientSecret: The field cannot be left blank")
	})
}

// Whoever takes a key up and whoever deletes it at the same time do not both get
// their way.
func TestKeyIsTakenUpOrDeleted(t *testing.T) {
	onEngines(t, func(o *office) {
		for range 4 {
			k := o.hookKey("key")
			h := o.hook("hook")
			errs := atOnce(2, func(i int) error {
				if i == 0 {
					return o.DeleteHookKey(o.Context(), o.by, k.ID)
				}
				_, err := o.ReplaceHook(o.Context(), o.by, h.ID, signing(oauthInput("hook"), k.ID))
				return err
			})
			if (errs[0] == nil) == (errs[1] == nil) {
				o.Errorf("deleted: %v, taken up: %v", errs[0], errs[1])
			}
			err := o.Store.Update(o.Context(), func(ctx context.Context, tx *org.Tx) error {
				if err := tx.Hooks.Delete(ctx, h.ID); err != nil {
					return err
				}
				if errs[0] == nil {
					return nil
				}
				return tx.HookKeys.Delete(ctx, k.ID)
			})
			if err != nil {
				o.Fatal(err)
			}
		}
	})
}
