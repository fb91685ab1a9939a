package enroll

import (
	"context"
	"time"

	"github.com/usher-id/usher/internal/credential"
	"github.com/usher-id/usher/internal/extension"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/password"
)

// HookRunner asks a registration hook. extension.Runner is the one.
type HookRunner interface {
	Registration(ctx context.Context, h *org.InlineHook, in extension.Registration) (*extension.Judgement, error)
}

// Hasher hashes passwords and knows their rule. password.Hasher is the one.
type Hasher interface {
	credential.Checker
	Hash(ctx context.Context, secret password.Secret) (password.Hash, error)
}

// Service registers people.
type Service struct {
	Store  org.Store
	Hooks  HookRunner
	Hasher Hasher
	Now    func() time.Time
}
