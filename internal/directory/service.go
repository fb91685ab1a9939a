package directory

import (
	"github.com/usher-id/usher/internal/credential"
	"github.com/usher-id/usher/internal/edit"
	"github.com/usher-id/usher/internal/org"
)

// Hasher judges, makes and verifies passwords. password.Hasher is the one.
type Hasher = credential.Hasher

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
