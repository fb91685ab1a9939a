package mgmt

import (
	"encoding/json"
	"net/http"

	"github.com/usher-id/usher/internal/admin"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/rest"
	"github.com/usher-id/usher/internal/web"
)

// listHooks gives all hooks, or those of a type. There are no pages.
func (a *API) listHooks(w http.ResponseWriter, r *http.Request) error {
	values, err := rest.Parameters(r)
	if err != nil {
		return err
	}
	hooks, err := a.Admin.Hooks(r.Context(), values.Get("type"))
	if err != nil {
		return err
	}
	list := make([]hookJSON, len(hooks))
	for i, h := range hooks {
		list[i] = a.hookJSON(h)
	}
	return web.WriteJSON(w, http.StatusOK, list)
}

func (a *API) createHook(w http.ResponseWriter, r *http.Request) error {
	in, err := readHook(r)
	if err != nil {
		return err
	}
	h, err := a.Admin.CreateHook(r.Context(), rest.ByOf(r), in)
	return a.writeHook(w, h, err)
}

func (a *API) getHook(w http.ResponseWriter, r *http.Request) error {
	h, err := a.Admin.Hook(r.Context(), r.PathValue("id"))
	return a.writeHook(w, h, err)
}

// replaceHook is PUT, and POST, which takes the same body.
func (a *API) replaceHook(w http.ResponseWriter, r *http.Request) error {
	in, err := readHook(r)
	if err != nil {
		return err
	}
	h, err := a.Admin.ReplaceHook(r.Context(), rest.ByOf(r), r.PathValue("id"), in)
	return a.writeHook(w, h, err)
}

func (a *API) deleteHook(w http.ResponseWriter, r *http.Request) error {
	if err := a.Admin.DeleteHook(r.Context(), rest.ByOf(r), r.PathValue("id")); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (a *API) activateHook(w http.ResponseWriter, r *http.Request) error {
	h, err := a.Admin.ActivateHook(r.Context(), rest.ByOf(r), r.PathValue("id"))
	return a.writeHook(w, h, err)
}

func (a *API) deactivateHook(w http.ResponseWriter, r *http.Request) error {
	h, err := a.Admin.DeactivateHook(r.Context(), rest.ByOf(r), r.PathValue("id"))
	return a.writeHook(w, h, err)
}

// executeHook is the Preview; see the package comment.
func (a *API) executeHook(w http.ResponseWriter, r *http.Request) error {
	by := rest.ByOf(r)
	if err := admit(w, a.PreviewLimit, by.Actor.ID); err != nil {
		return err
	}
	var body json.RawMessage
	if err := web.ReadJSON(r, &body); err != nil {
		return err
	}
	j, err := a.Admin.PreviewHook(r.Context(), by, r.PathValue("id"), body)
	if err != nil {
		return err
	}
	if j.Call.Answer.Status == http.StatusNoContent {
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(j.Received) // when it fails the client has left
	return nil
}

// hookBody is a hook as clients write it. What else they send (status, id, the
// links that they got) is not looked at.
type hookBody struct {
	Name    string      `json:"name"`
	Type    string      `json:"type"`
	Version string      `json:"version"`
	Channel channelBody `json:"channel"`
}

// channelBody is the channel of a hook as clients write it.
type channelBody struct {
	Type    string `json:"type"`
	Version string `json:"version"`
	Config  struct {
		URI     string       `json:"uri"`
		Method  string       `json:"method"`
		Headers []headerJSON `json:"headers"`
		Auth    *struct {
			Type  string  `json:"type"`
			Key   string  `json:"key"`
			Value *string `json:"value"`
		} `json:"authScheme"`
		AuthType     string  `json:"authType"`
		ClientID     string  `json:"clientId"`
		ClientSecret *string `json:"clientSecret"`
		TokenURL     string  `json:"tokenUrl"`
		Scope        string  `json:"scope"`
		HookKeyID    string  `json:"hookKeyId"`
	} `json:"config"`
}

func readHook(r *http.Request) (admin.HookInput, error) {
	var body hookBody
	if err := web.ReadJSON(r, &body); err != nil {
		return admin.HookInput{}, err
	}
	return admin.HookInput{Name: body.Name, Type: body.Type, Version: body.Version, Channel: body.Channel.input()}, nil
}

func (b *channelBody) input() admin.ChannelInput {
	config := &b.Config
	in := admin.ChannelInput{
		Type: b.Type, Version: b.Version, URI: config.URI, Method: config.Method,
		OAuth: admin.OAuthInput{
			AuthType: config.AuthType, ClientID: config.ClientID, ClientSecret: config.ClientSecret,
			TokenURL: config.TokenURL, Scope: config.Scope, HookKeyID: config.HookKeyID,
		},
	}
	for _, h := range config.Headers {
		in.Headers = append(in.Headers, org.Header(h))
	}
	if config.Auth != nil {
		auth := admin.AuthInput(*config.Auth)
		in.Auth = &auth
	}
	return in
}

// hookJSON is a hook in Okta's JSON, its keys in the order of a recorded answer.
type hookJSON struct {
	ID          string      `json:"id"`
	Status      string      `json:"status"`
	Name        string      `json:"name"`
	Type        string      `json:"type"`
	Version     string      `json:"version"`
	Channel     channelJSON `json:"channel"`
	Created     string      `json:"created"`
	LastUpdated string      `json:"lastUpdated"`
	Links       hookLinks   `json:"_links"`
}

type channelJSON struct {
	Type    string     `json:"type"`
	Version string     `json:"version"`
	Config  configJSON `json:"config"`
}

type configJSON struct {
	URI     string       `json:"uri"`
	Headers []headerJSON `json:"headers"` // a list even when empty
	Method  string       `json:"method"`
	Auth    *authJSON    `json:"authScheme"` // null without one
	*oauthJSON
}

// oauthJSON is what the channel OAUTH has more. The client secret is never read
// back.
type oauthJSON struct {
	ClientID  string  `json:"clientId"`
	TokenURL  string  `json:"tokenUrl"`
	AuthType  string  `json:"authType"`
	Scope     *string `json:"scope"`               // null without one
	HookKeyID string  `json:"hookKeyId,omitempty"` // of private_key_jwt
}

func newOAuthJSON(o *org.OAuth) *oauthJSON {
	answer := &oauthJSON{ClientID: o.ClientID, TokenURL: o.TokenURL, AuthType: o.AuthType}
	if o.Scope != "" {
		answer.Scope = &o.Scope
	}
	if o.Key != nil {
		answer.HookKeyID = o.Key.ID
	}
	return answer
}

type headerJSON struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

// authJSON has no value: the secret is never read back.
type authJSON struct {
	Type string `json:"type"`
	Key  string `json:"key"`
}

// hookLinks are what can be done with a hook as it is.
type hookLinks struct {
	Activate   *rest.Link `json:"activate,omitempty"`
	Self       rest.Link  `json:"self"`
	Execute    *rest.Link `json:"execute,omitempty"`
	Deactivate *rest.Link `json:"deactivate,omitempty"`
	Delete     *rest.Link `json:"delete,omitempty"`
}

func (a *API) writeHook(w http.ResponseWriter, h *org.InlineHook, err error) error {
	if err != nil {
		return err
	}
	web.Tag(w, h.Revision())
	return web.WriteJSON(w, http.StatusOK, a.hookJSON(h))
}

func (a *API) hookJSON(h *org.InlineHook) hookJSON {
	return hookJSON{
		ID: h.ID, Status: h.Status, Name: h.Name, Type: h.Type, Version: h.APIVersion, Channel: newChannelJSON(h.Channel),
		Created: web.Time(h.Created), LastUpdated: web.Time(h.LastUpdated), Links: a.hookLinks(h),
	}
}

func newChannelJSON(channel org.Channel) channelJSON {
	c := configJSON{URI: channel.URI, Method: channel.Method, Headers: make([]headerJSON, len(channel.Headers))}
	for i, header := range channel.Headers {
		c.Headers[i] = headerJSON(header)
	}
	if auth := channel.Auth; auth != nil {
		c.Auth = &authJSON{Type: org.AuthSchemeHeader, Key: auth.Key}
	}
	if oauth := channel.OAuth; oauth != nil {
		c.oauthJSON = newOAuthJSON(oauth)
	}
	return channelJSON{Type: channel.Type, Version: channel.Version, Config: c}
}

func (a *API) hookLinks(h *org.InlineHook) hookLinks {
	self := a.Site.URL("/api/v1/inlineHooks/" + h.ID)
	links := hookLinks{Self: rest.Link{Href: self}}
	if h.Status == org.StatusActive {
		links.Execute = rest.Allowing(self+"/execute", http.MethodPost)
		links.Deactivate = rest.Allowing(self+"/lifecycle/deactivate", http.MethodPost)
	} else {
		links.Activate = rest.Allowing(self+"/lifecycle/activate", http.MethodPost)
		links.Delete = rest.Allowing(self, http.MethodDelete)
	}
	return links
}
