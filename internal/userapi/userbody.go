package userapi

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"

	"github.com/usher-id/usher/hook"
	"github.com/usher-id/usher/internal/directory"
	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/password"
	"github.com/usher-id/usher/internal/rest"
	"github.com/usher-id/usher/internal/web"
)

// userBody is a user as clients write it. What else they send (status, id, the
// links that they got) is not looked at.
type userBody struct {
	Profile     json.RawMessage  `json:"profile"`
	Credentials *credentialsBody `json:"credentials"`
	GroupIDs    []string         `json:"groupIds"`
	Type        *idJSON          `json:"type"`
}

type credentialsBody struct {
	Password *passwordBody `json:"password"`
	Recovery *struct {
		Question string `json:"question"`
		Answer   string `json:"answer"`
	} `json:"recovery_question"`
	Provider *providerJSON `json:"provider"`
}

type passwordBody struct {
	Value *string          `json:"value"`
	Hash  *password.Import `json:"hash"`
	Hook  *struct {
		Type string `json:"type"`
	} `json:"hook"`
}

func readUser(r *http.Request) (directory.UserInput, error) {
	var body userBody
	if err := web.ReadJSON(r, &body); err != nil {
		return directory.UserInput{}, err
	}
	in := directory.UserInput{GroupIDs: body.GroupIDs, Credentials: body.Credentials.input()}
	if body.Type != nil && body.Type.ID != "" {
		in.TypeID = &body.Type.ID
	}
	if len(body.Profile) == 0 || string(body.Profile) == "null" {
		return in, nil
	}
	in.Profile = &hook.Object{}
	if err := in.Profile.UnmarshalJSON(body.Profile); err != nil {
		text := "must be an object"
		if limit, ok := errors.AsType[*hook.SyntaxError](err); ok { // the body as a whole is JSON
			text = "has " + limit.Problem
		}
		return directory.UserInput{}, fault.Field("profile", "profile", text).With(err)
	}
	return in, nil
}

func (c *credentialsBody) input() *directory.CredentialsInput {
	if c == nil {
		return nil
	}
	in := &directory.CredentialsInput{Password: c.Password.input()}
	if c.Recovery != nil {
		in.Recovery = &directory.RecoveryInput{Question: c.Recovery.Question, Answer: org.NewSecret(c.Recovery.Answer)}
	}
	if c.Provider != nil {
		provider := org.Provider(*c.Provider)
		in.Provider = &provider
	}
	return in
}

func (p *passwordBody) input() *directory.PasswordInput {
	if p == nil {
		return nil
	}
	in := &directory.PasswordInput{Hash: p.Hash}
	if p.Value != nil {
		in.Value = p.secret()
	}
	if p.Hook != nil {
		in.Hook = &p.Hook.Type
	}
	return in
}

// secret is the value, which is empty when there is none.
func (p *passwordBody) secret() *password.Secret {
	var secret password.Secret
	if p != nil && p.Value != nil {
		secret = password.NewSecret(*p.Value)
	}
	return &secret
}

// flag reads a parameter that is true or false.
func flag(values url.Values, name string, otherwise bool) (bool, error) {
	switch values.Get(name) {
	case "":
		return otherwise, nil
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	return false, fault.Field(name, name, "must be true or false")
}

// strict reads whether a password is judged as if the person had set it.
func strict(r *http.Request) (bool, error) {
	values, err := rest.Parameters(r)
	if err != nil {
		return false, err
	}
	return flag(values, "strict", false)
}
