package appapi

import (
	"encoding/json"
	"net/http"

	"github.com/usher-id/usher/internal/app"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/rest"
	"github.com/usher-id/usher/internal/web"
)

// secretJSON is a secret of an app in Okta's JSON. Its text is there in the answer
// that made it.
type secretJSON struct {
	ID           string          `json:"id"`
	Status       string          `json:"status"`
	ClientSecret string          `json:"client_secret,omitempty"`
	SecretHash   string          `json:"secret_hash"`
	Created      string          `json:"created"`
	LastUpdated  string          `json:"lastUpdated"`
	Links        credentialLinks `json:"_links"`
}

// credentialLinks are what can be done with a secret or a key as it is.
type credentialLinks struct {
	Activate   *rest.Link `json:"activate,omitempty"`
	Deactivate *rest.Link `json:"deactivate,omitempty"`
	Delete     *rest.Link `json:"delete,omitempty"`
}

func (a *API) credentialLinks(appID, kind string, c org.Credential) credentialLinks {
	self := a.Site.URL("/api/v1/apps/" + appID + "/credentials/" + kind + "/" + c.ID)
	if c.Status == org.StatusActive {
		return credentialLinks{Deactivate: rest.Allowing(self+"/lifecycle/deactivate", http.MethodPost)}
	}
	return credentialLinks{Activate: rest.Allowing(self+"/lifecycle/activate", http.MethodPost), Delete: rest.Allowing(self, http.MethodDelete)}
}

func (a *API) secretJSON(appID string, s *org.ClientSecret) secretJSON {
	return secretJSON{
		ID: s.ID, Status: s.Status, SecretHash: s.Digest.Mark(),
		Created: web.Time(s.Created), LastUpdated: web.Time(s.LastUpdated), Links: a.credentialLinks(appID, "secrets", s.Credential),
	}
}

// ListSecrets serves GET /api/v1/apps/{id}/credentials/secrets.
func (a *API) ListSecrets(w http.ResponseWriter, r *http.Request) error {
	found, err := a.Apps.App(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	list := make([]secretJSON, len(found.Secrets))
	for i := range found.Secrets {
		list[i] = a.secretJSON(found.ID, &found.Secrets[i])
	}
	return web.WriteJSON(w, http.StatusOK, list)
}

// CreateSecret serves POST /api/v1/apps/{id}/credentials/secrets.
func (a *API) CreateSecret(w http.ResponseWriter, r *http.Request) error {
	var body struct {
		ClientSecret string `json:"client_secret"`
		Status       string `json:"status"`
	}
	if err := web.ReadJSON(r, &body); err != nil {
		return err
	}
	appID := r.PathValue("id")
	made, text, err := a.Apps.AddSecret(r.Context(), rest.ByOf(r), appID, body.ClientSecret, body.Status)
	if err != nil {
		return err
	}
	j := a.secretJSON(appID, made)
	j.ClientSecret = text.Reveal()
	return web.WriteJSON(w, http.StatusCreated, j)
}

// GetSecret serves GET /api/v1/apps/{id}/credentials/secrets/{credential}.
func (a *API) GetSecret(w http.ResponseWriter, r *http.Request) error {
	s, err := a.Apps.Secret(r.Context(), r.PathValue("id"), r.PathValue("credential"))
	return a.writeSecret(w, r, s, err)
}

// ActivateSecret serves POST /api/v1/apps/{id}/credentials/secrets/{credential}/lifecycle/activate.
func (a *API) ActivateSecret(w http.ResponseWriter, r *http.Request) error {
	s, err := a.Apps.SetSecretStatus(r.Context(), rest.ByOf(r), r.PathValue("id"), r.PathValue("credential"), org.StatusActive)
	return a.writeSecret(w, r, s, err)
}

// DeactivateSecret serves POST /api/v1/apps/{id}/credentials/secrets/{credential}/lifecycle/deactivate.
func (a *API) DeactivateSecret(w http.ResponseWriter, r *http.Request) error {
	s, err := a.Apps.SetSecretStatus(r.Context(), rest.ByOf(r), r.PathValue("id"), r.PathValue("credential"), org.StatusInactive)
	return a.writeSecret(w, r, s, err)
}

// DeleteSecret serves DELETE /api/v1/apps/{id}/credentials/secrets/{credential}.
func (a *API) DeleteSecret(w http.ResponseWriter, r *http.Request) error {
	return rest.NoContent(w, a.Apps.DeleteSecret(r.Context(), rest.ByOf(r), r.PathValue("id"), r.PathValue("credential")))
}

func (a *API) writeSecret(w http.ResponseWriter, r *http.Request, s *org.ClientSecret, err error) error {
	if err != nil {
		return err
	}
	return web.WriteJSON(w, http.StatusOK, a.secretJSON(r.PathValue("id"), s))
}

// keyJSON is a key of an app in Okta's JSON, as clients read and write it, in the
// order of a recorded answer. A
// recorded key of an elliptic curve has "crv": null when the client did not name
// the curve, and one of RSA has none, hence the second pointer.
type keyJSON struct {
	Type      string   `json:"kty"`
	ID        string   `json:"id"`
	Status    string   `json:"status"`
	KID       *string  `json:"kid"`
	Use       *string  `json:"use"`
	Algorithm string   `json:"alg,omitempty"`
	E         string   `json:"e,omitempty"`
	N         string   `json:"n,omitempty"`
	X         string   `json:"x,omitempty"`
	Y         string   `json:"y,omitempty"`
	Curve     **string `json:"crv,omitempty"`
	// Private is read alone: a key with it is the private one.
	Private json.RawMessage `json:"d,omitempty"`
}

func newKeyJSON(k *org.ClientKey) keyJSON {
	j := keyJSON{
		Type: k.Type, ID: k.ID, Status: k.Status, KID: orNull(k.KID), Use: orNull(k.Use), Algorithm: k.Algorithm,
		E: k.E, N: k.N, X: k.X, Y: k.Y,
	}
	if k.Type == "EC" {
		curve := orNull(k.Curve)
		j.Curve = &curve
	}
	return j
}

func (k *keyJSON) input() app.KeyInput {
	in := app.KeyInput{
		KID: orEmpty(k.KID), Type: k.Type, Algorithm: k.Algorithm, Use: orEmpty(k.Use), N: k.N, E: k.E, X: k.X, Y: k.Y,
		Status: k.Status, Private: k.Private != nil,
	}
	if k.Curve != nil {
		in.Curve = orEmpty(*k.Curve)
	}
	return in
}

// ownKeyJSON is a key where it is asked for by itself.
type ownKeyJSON struct {
	keyJSON
	Created     string          `json:"created"`
	LastUpdated string          `json:"lastUpdated"`
	Links       credentialLinks `json:"_links"`
}

func (a *API) ownKeyJSON(appID string, k *org.ClientKey) ownKeyJSON {
	return ownKeyJSON{newKeyJSON(k), web.Time(k.Created), web.Time(k.LastUpdated), a.credentialLinks(appID, "jwks", k.Credential)}
}

// ListKeys serves GET /api/v1/apps/{id}/credentials/jwks: a set of keys (RFC 7517),
// which is what Okta's Go and Node clients read where its specification has a list.
func (a *API) ListKeys(w http.ResponseWriter, r *http.Request) error {
	found, err := a.Apps.App(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	set := struct {
		Keys []ownKeyJSON `json:"keys"`
	}{make([]ownKeyJSON, len(found.Keys))}
	for i := range found.Keys {
		set.Keys[i] = a.ownKeyJSON(found.ID, &found.Keys[i])
	}
	return web.WriteJSON(w, http.StatusOK, set)
}

// CreateKey serves POST /api/v1/apps/{id}/credentials/jwks.
func (a *API) CreateKey(w http.ResponseWriter, r *http.Request) error {
	var body keyJSON
	if err := web.ReadJSON(r, &body); err != nil {
		return err
	}
	made, err := a.Apps.AddKey(r.Context(), rest.ByOf(r), r.PathValue("id"), body.input())
	return a.writeKey(w, r, http.StatusCreated, made, err)
}

// GetKey serves GET /api/v1/apps/{id}/credentials/jwks/{credential}.
func (a *API) GetKey(w http.ResponseWriter, r *http.Request) error {
	k, err := a.Apps.Key(r.Context(), r.PathValue("id"), r.PathValue("credential"))
	return a.writeKey(w, r, http.StatusOK, k, err)
}

// ActivateKey serves POST /api/v1/apps/{id}/credentials/jwks/{credential}/lifecycle/activate.
func (a *API) ActivateKey(w http.ResponseWriter, r *http.Request) error {
	k, err := a.Apps.SetKeyStatus(r.Context(), rest.ByOf(r), r.PathValue("id"), r.PathValue("credential"), org.StatusActive)
	return a.writeKey(w, r, http.StatusOK, k, err)
}

// DeactivateKey serves POST /api/v1/apps/{id}/credentials/jwks/{credential}/lifecycle/deactivate.
func (a *API) DeactivateKey(w http.ResponseWriter, r *http.Request) error {
	k, err := a.Apps.SetKeyStatus(r.Context(), rest.ByOf(r), r.PathValue("id"), r.PathValue("credential"), org.StatusInactive)
	return a.writeKey(w, r, http.StatusOK, k, err)
}

// DeleteKey serves DELETE /api/v1/apps/{id}/credentials/jwks/{credential}.
func (a *API) DeleteKey(w http.ResponseWriter, r *http.Request) error {
	return rest.NoContent(w, a.Apps.DeleteKey(r.Context(), rest.ByOf(r), r.PathValue("id"), r.PathValue("credential")))
}

func (a *API) writeKey(w http.ResponseWriter, r *http.Request, status int, k *org.ClientKey, err error) error {
	if err != nil {
		return err
	}
	return web.WriteJSON(w, status, a.ownKeyJSON(r.PathValue("id"), k))
}
