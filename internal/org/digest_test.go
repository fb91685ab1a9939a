package org_test

import (
	"testing"

	"github.com/usher-id/usher/internal/org"
)

func TestDigest(t *testing.T) {
	t.Parallel()
	a, b := org.DigestOf("a secret"), org.DigestOf("a secret")
	if !a.Matches("a secret") || a.Matches("a secret ") || a.Matches("") {
		t.Error("it does not know its text")
	}
	if a.Mark() == b.Mark() || len(a.Mark()) != 22 {
		t.Errorf("marks are %q and %q, of two salts", a.Mark(), b.Mark())
	}
	if (org.Digest{}).Matches("") {
		t.Error("no digest knows a text")
	}
}

// A secret is good while it is active.
func TestSecretsOfAnApp(t *testing.T) {
	t.Parallel()
	secret := func(text, status string) org.ClientSecret {
		return org.ClientSecret{Credential: org.Credential{Status: status}, Digest: org.DigestOf(text)}
	}
	a := &org.App{Secrets: []org.ClientSecret{secret("old", org.StatusInactive), secret("one", org.StatusActive), secret("two", org.StatusActive)}}
	for text, want := range map[string]bool{"one": true, "two": true, "old": false, "": false} {
		if a.HasSecret(text) != want {
			t.Errorf("%q is good: %v", text, !want)
		}
	}
}
