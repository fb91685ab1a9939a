package directory

import (
	"time"

	"github.com/usher-id/usher/internal/credential"
	"github.com/usher-id/usher/internal/edit"
	"github.com/usher-id/usher/internal/org"
)

// Hasher judges, makes and verifies passwords. password.Hasher is the one.
type Hasher = credential.Hasher

// Service reads and changes people. Editor and Hasher are required.
type Service struct {
	edit.Editor
	Hasher Hasher
	// SearchTime is how long a page of users may be looked for; 0 is 5 seconds.
	SearchTime time.Duration
}

// By is who reads or changes, and with which rights.
type By = edit.By

// almighty tells whether somebody sees and changes everything: a super
// administrator, and usher itself.
func almighty(by By) bool { return by.Role == "" || by.Role == org.RoleSuperAdmin }
