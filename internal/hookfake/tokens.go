package hookfake

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"fmt"
	"net"
	"regexp"
	"slices"
	"strings"

	"github.com/usher-id/usher/hook/hooktest"
	"github.com/usher-id/usher/internal/org"
)

// Where the token endpoint of a case is. Whoever calls allows the host.
const (
	TokenHost = "as"
	TokenPort = 3001
	tokenURL  = "http://as:3001/token"
)

// Dial connects to an address.
type Dial = func(ctx context.Context, network, address string) (net.Conn, error)

// Tokens is the token endpoint of a case. Make one with [ServeTokens].
type Tokens struct {
	*Service
	want hooktest.Token
}

// ServeTokens answers as the case says until Close, and gives the way to it and,
// for all other addresses, to the service. A case without a token has no endpoint:
// nil and the way as it was.
func ServeTokens(c hooktest.Case, service Dial) (*Tokens, Dial) {
	if c.Token == nil {
		return nil, service
	}
	ln, endpoint := Pipe()
	t := &Tokens{Service: Serve(ln, hooktest.Case{Script: c.Token.Script}), want: *c.Token}
	return t, func(ctx context.Context, network, address string) (net.Conn, error) {
		if strings.HasSuffix(address, fmt.Sprintf(":%d", TokenPort)) {
			return endpoint(ctx, network, address)
		}
		return service(ctx, network, address)
	}
}

// Channel makes the channel of a hook one whose tokens come from here. The key to
// sign with, if that is how, is a new one.
func (t *Tokens) Channel(c *org.Channel) error {
	c.Type, c.Auth = org.ChannelOAuth, nil
	c.OAuth = &org.OAuth{AuthType: t.want.AuthType, ClientID: t.want.ClientID, TokenURL: tokenURL, Scope: t.want.Scope}
	if t.want.AuthType == org.AuthClientSecretPost {
		c.OAuth.ClientSecret = org.NewSecret(t.want.ClientSecret)
		return nil
	}
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return err
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return err
	}
	c.OAuth.Key = &org.HookKey{ID: "HKY1", KeyID: "902775a2-49fc-4ebc-90ea-b15b9b30440b", Name: "key", Private: org.NewSecret(string(der))}
	return nil
}

// Diff says what differs between the case and what the endpoint and the service
// were sent; "" for nothing.
func (t *Tokens) Diff(service []Request) string {
	var forms, sent []string
	for _, r := range t.Requests() {
		form := string(r.Body)
		forms = append(forms, regexp.MustCompile(`client_assertion=[-_.A-Za-z0-9]+$`).ReplaceAllString(form, "client_assertion=…"))
	}
	for _, r := range service {
		for _, line := range r.Header {
			if token, ok := strings.CutPrefix(line, "Authorization: Bearer "); ok {
				sent = append(sent, token)
			}
		}
	}
	if !slices.Equal(forms, t.want.Requests) || !slices.Equal(sent, t.want.Bearer) {
		return fmt.Sprintf("the token endpoint got\n%s\nwant\n%s\nthe service got the tokens %q, want %q",
			strings.Join(forms, "\n"), strings.Join(t.want.Requests, "\n"), sent, t.want.Bearer)
	}
	return ""
}
