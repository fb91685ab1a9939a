package app

import (
	"cmp"
	"crypto/ecdsa"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/usher-id/usher/internal/edit"
	"github.com/usher-id/usher/internal/id"
	"github.com/usher-id/usher/internal/org"
)

// KeyInput is what a client says of a key (RFC 7517).
type KeyInput struct {
	KID, Type, Algorithm, Use string
	N, E                      string // of RSA
	X, Y, Curve               string // of EC
	Status                    string // "" for active
	Private                   bool   // a part of the private key came along
}

const (
	keyRSA = "RSA"
	keyEC  = "EC"

	maxKeys    = 50
	minKeyBits = 2048
	maxKeyBits = 4096 // verifying a signature takes time, and go-jose takes no more
)

// Words of Okta's for sets of keys.
const (
	keysNeedNames  = "Each key should have a unique kid when adding multiple keys."
	keysNeedUnique = "All keys in the 'jwks' must have a unique `kid`."
	keysTooMany    = "You can't create a new key. You have reached the maximum number of keys allowed (50). To add another key, you must first delete an existing one."
)

func (k *KeyInput) key(now time.Time) org.ClientKey {
	return org.ClientKey{
		Credential: org.Credential{ID: id.New(id.AppKey), Status: cmp.Or(k.Status, org.StatusActive), Created: now, LastUpdated: now},
		KID:        k.KID, Type: k.Type, Algorithm: k.Algorithm, Use: k.Use, N: k.N, E: k.E, X: k.X, Y: k.Y, Curve: k.Curve,
	}
}

// checkKeys judges the keys of an app. at names a property of a key, or for "" the
// whole set.
func checkKeys(keys []KeyInput, at func(i int, name string) string, o org.OAuthSettings, found *edit.Problems) {
	anyActive := false
	var names []string
	for i := range keys {
		k := &keys[i]
		k.check(func(name string) string { return at(i, name) }, found)
		names = append(names, k.KID)
		anyActive = anyActive || k.Status != org.StatusInactive
	}
	found.Add(at(0, ""), setProblem(names))
	switch {
	case len(keys) > 0 && o.JWKSURI != "":
		found.Add(at(0, ""), "must not be there together with jwks_uri")
	case o.AuthMethod == methodPrivateKey && o.JWKSURI == "":
		found.AddUnless(anyActive, at(0, ""), "must have an active key, unless there is a jwks_uri: the client authenticates by "+methodPrivateKey)
	}
}

// setProblem says why keys of these names cannot be together, or "".
func setProblem(names []string) string {
	slices.Sort(names)
	switch {
	case len(names) > maxKeys:
		return keysTooMany
	case len(names) > 1 && names[0] == "":
		return keysNeedNames
	case len(slices.Compact(slices.Clone(names))) < len(names):
		return keysNeedUnique
	}
	return ""
}

// algorithms are those that Okta takes of clients, by the type of the key.
func algorithms(keyType string) []string {
	if keyType == keyEC {
		return []string{"ES256", "ES384", "ES512"}
	}
	return []string{"RS256", "RS384", "RS512"}
}

func (k *KeyInput) check(at func(name string) string, found *edit.Problems) {
	found.OneOf(at("kty"), k.Type, keyRSA, keyEC)
	found.Add(at("kid"), edit.TextProblem(k.KID, edit.MaxName))
	if k.Use != "" {
		found.OneOf(at("use"), k.Use, "sig")
	}
	if k.Algorithm != "" {
		found.OneOf(at("alg"), k.Algorithm, algorithms(k.Type)...)
	}
	if k.Status != "" {
		found.OneOf(at("status"), k.Status, org.StatusActive, org.StatusInactive)
	}
	found.AddUnless(!k.Private, at("d"), "must not be there: this is the private key, which by now is known to others")
	switch k.Type {
	case keyRSA:
		found.Add(at("n"), k.rsaProblem())
	case keyEC:
		found.Add(at("x"), k.ecProblem())
	}
}

func (k *KeyInput) rsaProblem() string {
	if n, err := base64.RawURLEncoding.DecodeString(k.N); err == nil && len(n) > 0 {
		if bits := new(big.Int).SetBytes(n).BitLen(); bits < minKeyBits || bits > maxKeyBits {
			return fmt.Sprintf("must have %d to %d bits", minKeyBits, maxKeyBits)
		}
	}
	if key, ok := k.parse("").(*rsa.PublicKey); !ok || key.E < 3 || key.E%2 == 0 {
		return "must be, with e, a public RSA key in base64url"
	}
	return ""
}

func (k *KeyInput) ecProblem() string {
	curve := k.Curve
	if curve == "" {
		curve = curveOf(k.X)
	}
	if _, ok := k.parse(curve).(*ecdsa.PublicKey); !ok {
		return "must be, with y, a public key in base64url on the curve P-256, P-384 or P-521"
	}
	return ""
}

// curveOf is the curve of a coordinate, by its length: Terraform's provider sends
// no crv.
func curveOf(x string) string {
	raw, err := base64.RawURLEncoding.DecodeString(x)
	if err != nil {
		return ""
	}
	return map[int]string{32: "P-256", 48: "P-384", 66: "P-521"}[len(raw)]
}

// parse gives the public key, or nil.
func (k *KeyInput) parse(curve string) any {
	text, err := json.Marshal(map[string]string{"kty": k.Type, "n": k.N, "e": k.E, "x": k.X, "y": k.Y, "crv": curve})
	if err != nil {
		return nil
	}
	var parsed jose.JSONWebKey
	if parsed.UnmarshalJSON(text) != nil {
		return nil
	}
	return parsed.Key
}
