package mgmt

import (
	"crypto/rsa"
	"encoding/base64"
	"math/big"
	"net/http"

	"github.com/usher-id/usher/internal/admin"
	"github.com/usher-id/usher/internal/rest"
	"github.com/usher-id/usher/internal/web"
)

// listHookKeys gives all keys. There are no pages, and the public halves are not
// with them.
func (a *API) listHookKeys(w http.ResponseWriter, r *http.Request) error {
	keys, err := a.Admin.HookKeys(r.Context())
	if err != nil {
		return err
	}
	list := make([]hookKeyJSON, len(keys))
	for i, k := range keys {
		list[i] = newHookKeyJSON(k)
	}
	return web.WriteJSON(w, http.StatusOK, list)
}

func (a *API) createHookKey(w http.ResponseWriter, r *http.Request) error {
	var body hookKeyBody
	if err := web.ReadJSON(r, &body); err != nil {
		return err
	}
	k, err := a.Admin.CreateHookKey(r.Context(), rest.ByOf(r), body.Name)
	return writeHookKey(w, k, true, err)
}

func (a *API) getHookKey(w http.ResponseWriter, r *http.Request) error {
	values, err := rest.Parameters(r)
	if err != nil {
		return err
	}
	k, err := a.Admin.HookKey(r.Context(), r.PathValue("id"))
	return writeHookKey(w, k, values.Get("expand") == "publickey", err)
}

func (a *API) replaceHookKey(w http.ResponseWriter, r *http.Request) error {
	var body hookKeyBody
	if err := web.ReadJSON(r, &body); err != nil {
		return err
	}
	k, err := a.Admin.RenameHookKey(r.Context(), rest.ByOf(r), r.PathValue("id"), body.Name)
	return writeHookKey(w, k, true, err)
}

func (a *API) deleteHookKey(w http.ResponseWriter, r *http.Request) error {
	if err := a.Admin.DeleteHookKey(r.Context(), rest.ByOf(r), r.PathValue("id")); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// getPublicKey gives the bare public half, by the UUID and not by the id.
func (a *API) getPublicKey(w http.ResponseWriter, r *http.Request) error {
	k, err := a.Admin.HookKeyByUUID(r.Context(), r.PathValue("keyId"))
	if err != nil {
		return err
	}
	public, err := k.Public()
	if err != nil {
		return err
	}
	return web.WriteJSON(w, http.StatusOK, newPublicKeyJSON(k.KeyID, public))
}

type hookKeyBody struct {
	Name string `json:"name"`
}

// hookKeyJSON is a hook key in Okta's JSON, its keys in the order of a recorded
// answer.
type hookKeyJSON struct {
	ID          string         `json:"id"`
	KeyID       string         `json:"keyId"`
	Name        string         `json:"name"`
	Created     string         `json:"created"`
	LastUpdated string         `json:"lastUpdated"`
	Used        bool           `json:"isUsed"` // a string in the specification, on which clients fail
	Embedded    *publicKeyJSON `json:"_embedded,omitempty"`
}

// publicKeyJSON is a JWK as recorded: its alg is the word RSA.
type publicKeyJSON struct {
	Type      string  `json:"kty"`
	Algorithm string  `json:"alg"`
	ID        string  `json:"kid"`
	Use       *string `json:"use"` // null
	Exponent  string  `json:"e"`
	Modulus   string  `json:"n"`
}

func newHookKeyJSON(k admin.HookKey) hookKeyJSON {
	return hookKeyJSON{
		ID: k.ID, KeyID: k.KeyID, Name: k.Name, Created: web.Time(k.Created), LastUpdated: web.Time(k.LastUpdated), Used: k.Used,
	}
}

func newPublicKeyJSON(keyID string, k *rsa.PublicKey) *publicKeyJSON {
	number := base64.RawURLEncoding.EncodeToString
	return &publicKeyJSON{
		Type: "RSA", Algorithm: "RSA", ID: keyID,
		Exponent: number(big.NewInt(int64(k.E)).Bytes()), Modulus: number(k.N.Bytes()),
	}
}

// writeHookKey answers with a key, whose public half is there where it was asked
// for or has just been made.
func writeHookKey(w http.ResponseWriter, k admin.HookKey, expanded bool, err error) error {
	if err != nil {
		return err
	}
	answer := newHookKeyJSON(k)
	if expanded {
		public, err := k.Public()
		if err != nil {
			return err
		}
		answer.Embedded = newPublicKeyJSON(k.KeyID, public)
	}
	web.Tag(w, k.Revision())
	return web.WriteJSON(w, http.StatusOK, answer)
}
