package hookcall

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/usher-id/usher/hook"
	"github.com/usher-id/usher/internal/id"
)

const (
	theTokenEndpoint = "the token endpoint"
	// maxTokenBody is the first size of its answer that is too large.
	maxTokenBody = 64<<10 + 1
	// tokenMargin is how long before its end a token is not sent any more: Okta had
	// and mended the bug that expired ones were (release notes of 2022).
	tokenMargin = 30 * time.Second
	// assertionLife is how long a token endpoint may take a signature; Okta's own
	// takes up to an hour.
	assertionLife = time.Minute
	// maxTokenLife bounds what is believed of expires_in, in seconds.
	maxTokenLife = 1 << 30
)

// form is the body of the token request, its fields in the order of Okta's
// documentation.
func (o *OAuth) form(now time.Time) (string, error) {
	var b strings.Builder
	b.WriteString("grant_type=client_credentials")
	add := func(name, value string) { b.WriteString("&" + name + "=" + url.QueryEscape(value)) }
	if o.Scope != "" {
		add("scope", o.Scope)
	}
	if !o.Secret.Empty() {
		add("client_id", o.ClientID)
		add("client_secret", o.Secret.Reveal())
		return b.String(), nil
	}
	assertion, err := o.assertion(now)
	add("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
	add("client_assertion", assertion)
	return b.String(), err
}

// assertion is the client's proof of itself (RFC 7523 section 2.2), a JWT signed
// with RS256. Okta's documentation has no other algorithm for hook keys.
func (o *OAuth) assertion(now time.Time) (string, error) {
	key, err := x509.ParsePKCS8PrivateKey([]byte(o.Key.Reveal()))
	if err != nil {
		return "", errors.New("hookcall: the hook key cannot be read") // not %w: it was made of the key
	}
	private, ok := key.(*rsa.PrivateKey)
	if !ok {
		return "", fmt.Errorf("hookcall: the hook key is a %T", key)
	}
	signed, err := signedPart(
		struct {
			Algorithm string `json:"alg"`
			KeyID     string `json:"kid"`
			Type      string `json:"typ"`
		}{"RS256", o.KeyID, "JWT"},
		struct {
			Issuer   string `json:"iss"`
			Subject  string `json:"sub"`
			Audience string `json:"aud"`
			Issued   int64  `json:"iat"`
			Expires  int64  `json:"exp"`
			ID       string `json:"jti"`
		}{o.ClientID, o.ClientID, o.TokenURL, now.Unix(), now.Add(assertionLife).Unix(), id.Event()},
	)
	if err != nil {
		return "", err
	}
	digest := sha256.Sum256([]byte(signed))
	signature, err := rsa.SignPKCS1v15(rand.Reader, private, crypto.SHA256, digest[:])
	if err != nil {
		return "", fmt.Errorf("hookcall: sign: %w", err)
	}
	return signed + "." + base64.RawURLEncoding.EncodeToString(signature), nil
}

// signedPart is what a JWT signs (RFC 7515 section 5.1).
func signedPart(header, claims any) (string, error) {
	var parts [2]string
	for i, v := range []any{header, claims} {
		text, err := json.Marshal(v)
		if err != nil {
			return "", fmt.Errorf("hookcall: assertion: %w", err)
		}
		parts[i] = base64.RawURLEncoding.EncodeToString(text)
	}
	return parts[0] + "." + parts[1], nil
}

// readToken reads the answer of a token endpoint (RFC 6749 section 5.1). One that
// has no token to send makes the attempt a failure.
func (a *attempt) readToken(now time.Time) token {
	if a.Failure != "" {
		if code := a.errorCode(); code != "" {
			a.Detail += " (" + code + ")"
		}
		return token{}
	}
	if a.Status != http.StatusOK {
		return a.noToken("answered " + named(a.Status) + " and not 200")
	}
	v, err := hook.Parse(a.body, hook.DefaultLimits)
	body, ok := v.(*hook.Object)
	if err != nil || !ok {
		return a.noToken("answered no JSON object")
	}
	if name, twice := body.Duplicate(); twice && slices.Contains([]string{"access_token", "token_type", "expires_in"}, name) {
		return a.noToken("answered " + name + " twice")
	}
	text := body.Text("access_token")
	switch {
	case text == "":
		return a.noToken("gave no access_token")
	case strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' }):
		return a.noToken("gave an access_token with characters that no header may have")
	case !bearer(body):
		return a.noToken("gave a token whose type is not Bearer")
	}
	return token{text, expiry(body, now)}
}

func (a *attempt) noToken(why string) token {
	a.Failure, a.Detail = TokenUnusable, theTokenEndpoint+" "+why
	return token{}
}

// bearer tells whether the token is one for the Bearer scheme. Without a word
// about it, it is: the RFC requires the type, but not every server says it.
func bearer(body *hook.Object) bool {
	v, _ := body.Get("token_type")
	text, _ := v.(string)
	return v == nil || strings.EqualFold(text, "Bearer")
}

// expiry is until when a token is kept; the zero time where the endpoint does not
// say how long it lives. Servers in the field send the seconds as text too.
func expiry(body *hook.Object, now time.Time) time.Time {
	v, _ := body.Get("expires_in")
	text, ok := v.(string)
	if n, isNumber := v.(json.Number); isNumber {
		text, ok = n.String(), true
	}
	seconds, err := strconv.ParseInt(text, 10, 64)
	if !ok || err != nil {
		return time.Time{}
	}
	return now.Add(time.Duration(min(max(seconds, 0), maxTokenLife))*time.Second - tokenMargin)
}

// errorCode is the error of an answer that refuses, if it is one of RFC 6749
// section 5.2. Other texts of the endpoint are not repeated: they may quote what
// it was sent.
func (a *attempt) errorCode() string {
	v, _ := hook.Parse(a.body, hook.DefaultLimits)
	body, ok := v.(*hook.Object)
	if !ok {
		return ""
	}
	code := body.Text("error")
	if slices.Contains([]string{
		"invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type", "invalid_scope",
	}, code) {
		return code
	}
	return ""
}
