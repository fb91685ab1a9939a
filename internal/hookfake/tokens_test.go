package hookfake

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/usher-id/usher/hook/hooktest"
	"github.com/usher-id/usher/internal/org"
)

// post sends a form to the token endpoint.
func post(t *testing.T, dial Dial, form string) {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{DialContext: dial, DisableKeepAlives: true}}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, tokenURL, strings.NewReader(form))
	if err != nil {
		t.Fatal(err)
	}
	res, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
}

func TestTokensSeeWhatWasSent(t *testing.T) {
	t.Parallel()
	for _, c := range cases(t) {
		if c.Token == nil {
			continue
		}
		synctest.Test(t, func(t *testing.T) {
			tokens, dial := ServeTokens(c, nil)
			defer tokens.Close()
			if d := tokens.Diff(nil); d == "" {
				t.Errorf("%s: nobody saw that nothing was sent", c.Name)
			}
			for _, form := range c.Token.Requests {
				post(t, dial, strings.Replace(form, "…", "a.b-_.c", 1))
			}
			var sent []Request
			for _, token := range c.Token.Bearer {
				sent = append(sent, Request{Header: []string{"Accept: x", "Authorization: Bearer " + token}})
			}
			if d := tokens.Diff(sent); d != "" {
				t.Errorf("%s: %s", c.Name, d)
			}
			if d := tokens.Diff(append(sent, Request{Header: []string{"Authorization: Bearer other"}})); d == "" {
				t.Errorf("%s: nobody saw another token", c.Name)
			}
		})
	}
}

func TestChannelOfTokens(t *testing.T) {
	t.Parallel()
	for _, c := range cases(t) {
		if c.Token == nil {
			continue
		}
		tokens := Tokens{want: *c.Token}
		var channel org.Channel
		if err := tokens.Channel(&channel); err != nil {
			t.Fatal(err)
		}
		o := channel.OAuth
		if channel.Type != "OAUTH" || o.ClientID != c.Token.ClientID || o.ClientSecret.Empty() != (o.Key != nil) {
			t.Errorf("%s: %+v", c.Name, channel)
		}
	}
}

func TestCasesWithoutTokenHaveNoEndpoint(t *testing.T) {
	t.Parallel()
	if tokens, dial := ServeTokens(hooktest.Case{}, nil); tokens != nil || dial != nil {
		t.Errorf("%v, %v", tokens, dial)
	}
}
