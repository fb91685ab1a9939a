package directory

import (
	"context"

	"github.com/usher-id/usher/internal/edit"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/password"
)

// Hasher judges, makes and verifies passwords. password.Hasher is the one.
type Hasher interface {
	Check(secret password.Secret, login string) error
	Hash(ctx context.Context, secret password.Secret) (password.Hash, error)
	Verify(ctx context.Context, hash password.Hash, secret password.Secret) (ok, rehash bool, err error)
}

// Service reads and changes people. All fields are required.
type Service struct {
	edit.Editor
	Hasher Hasher
}

// By is who reads or changes, and with which rights.
type By = edit.By

// almighty tells whether somebody sees and changes everything: a super
// administrator, and usher itself.
func almighty(by By) bool { return by.Role == "" || by.Role == org.RoleSuperAdmin }
