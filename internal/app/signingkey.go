package app

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"

	"github.com/go-jose/go-jose/v4"

	"github.com/usher-id/usher/internal/org"
)

// keyBits is the size of Okta's signing keys.
const keyBits = 2048

// newSigningKey makes the first key of an org, whose id all apps show as theirs,
// or gives nil where there is one. It is made with the first app: no other org
// needs one, and it takes a moment, which no transaction should last.
func (s *Service) newSigningKey(ctx context.Context) (*org.SigningKey, error) {
	err := s.Store.View(ctx, func(ctx context.Context, tx *org.Tx) error {
		_, err := tx.SigningKeys.Active(ctx)
		return err
	})
	if !errors.Is(err, org.ErrNotFound) {
		return nil, err
	}
	pair, err := rsa.GenerateKey(rand.Reader, keyBits)
	if err != nil {
		return nil, fmt.Errorf("app: signing key: %w", err)
	}
	thumbprint, err := (&jose.JSONWebKey{Key: &pair.PublicKey}).Thumbprint(crypto.SHA256)
	if err != nil {
		return nil, fmt.Errorf("app: signing key: %w", err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(pair)
	if err != nil {
		return nil, fmt.Errorf("app: signing key: %w", err)
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
	return &org.SigningKey{
		ID: base64.RawURLEncoding.EncodeToString(thumbprint), Status: org.StatusActive,
		Private: org.NewSecret(string(text)), Created: s.Time(),
	}, nil
}

// keepSigningKey stores a key that was made, unless somebody else's is there
// meanwhile.
func keepSigningKey(ctx context.Context, tx *org.Tx, made *org.SigningKey) error {
	_, err := tx.SigningKeys.Active(ctx)
	if errors.Is(err, org.ErrNotFound) && made != nil {
		return tx.SigningKeys.Create(ctx, made)
	}
	return err
}
