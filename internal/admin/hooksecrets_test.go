package admin_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/usher-id/usher/internal/admin"
	"github.com/usher-id/usher/internal/fault"
)

func TestReplaceHookAndItsSecret(t *testing.T) {
	other := "another"
	onEngines(t, func(o *office) {
		for name, c := range map[string]struct {
			auth   *admin.AuthInput
			secret string // "" for no header
			causes []string
		}{
			"kept":                  {&admin.AuthInput{Type: "HEADER", Key: "authorization"}, "hush hush", nil},
			"changed":               {&admin.AuthInput{Type: "HEADER", Key: "authorization", Value: &other}, other, nil},
			"of another name":       {&admin.AuthInput{Type: "HEADER", Key: "x-key", Value: &other}, other, nil},
			"not given for another": {&admin.AuthInput{Type: "HEADER", Key: "x-key"}, "hush hush", []string{"channel.config.authScheme.value: The field cannot be left blank"}},
			"taken away":            {nil, "", nil},
		} {
			o.Run(name, func(t *testing.T) {
				h := o.hook(name)
				in := input(name)
				in.Channel.Auth = c.auth
				_, err := o.ReplaceHook(t.Context(), o.by, h.ID, in)
				if c.causes != nil {
					refused(t, err, fault.Invalid, c.causes...)
				} else if err != nil {
					t.Fatal(err)
				}
				if h, err = o.Hook(t.Context(), h.ID); err != nil {
					t.Fatal(err)
				}
				var secret string
				if h.Channel.Auth != nil {
					secret = h.Channel.Auth.Value.Reveal()
				}
				if secret != c.secret {
					t.Errorf("the secret is %q, want %q", secret, c.secret)
				}
			})
		}
	})
}

// receivers are addresses, and whether a secret for https://hooks.example.com may
// go there.
func receivers() map[string]bool {
	return map[string]bool{
		"https://hooks.example.com/registration?code=1": true,
		"https://hooks.example.com/elsewhere":           true,
		"https://HOOKS.example.com.:443/":               true,
		"https://hooks.example.com:8443/":               false,
		"https://hooks.example.com.evil.example/":       false,
		"https://evil.example/hooks.example.com":        false,
		"https://x.hooks.example.com/":                  false,
		"http://hook:3000/registration?code=1":          false,
	}
}

// Else whoever may change a hook could have its secret sent to an address of the
// own. One that is given anew goes everywhere.
func TestSecretsStayWithTheirReceiver(t *testing.T) {
	const blank = ": The field cannot be left blank"
	onEngines(t, func(o *office) {
		for uri, kept := range receivers() {
			auth, oauth, event := input("auth "+uri), oauthInput("oauth "+uri), eventInput("event "+uri)
			oauth.Channel.OAuth.TokenURL = auth.Channel.URI
			authHook, errAuth := o.CreateHook(o.Context(), o.by, auth)
			oauthHook, errOAuth := o.CreateHook(o.Context(), o.by, oauth)
			eventHook, errEvent := o.CreateEventHook(o.Context(), o.by, event)
			if err := errors.Join(errAuth, errOAuth, errEvent); err != nil {
				o.Fatal(err)
			}
			auth.Channel.URI, oauth.Channel.OAuth.TokenURL, event.Channel.URI = uri, uri, uri
			replace := func() map[string]error {
				_, errAuth := o.ReplaceHook(o.Context(), o.by, authHook.ID, auth)
				_, errOAuth := o.ReplaceHook(o.Context(), o.by, oauthHook.ID, oauth)
				_, errEvent := o.ReplaceEventHook(o.Context(), o.by, eventHook.ID, event)
				return map[string]error{"authScheme.value": errAuth, "clientSecret": errOAuth, "authScheme.value ": errEvent}
			}
			authSecret, clientSecret, eventSecret := auth.Channel.Auth.Value, oauth.Channel.OAuth.ClientSecret, event.Channel.Auth.Value
			auth.Channel.Auth.Value, oauth.Channel.OAuth.ClientSecret, event.Channel.Auth.Value = nil, nil, nil
			for property, err := range replace() {
				if !kept {
					refused(o.T, err, fault.Invalid, "channel.config."+strings.TrimSpace(property)+blank)
				} else if err != nil {
					o.Errorf("%s: %v", uri, err)
				}
			}
			auth.Channel.Auth.Value, oauth.Channel.OAuth.ClientSecret, event.Channel.Auth.Value = authSecret, clientSecret, eventSecret
			for _, err := range replace() {
				if err != nil {
					o.Errorf("%s: with the secret: %v", uri, err)
				}
			}
		}
	})
}
