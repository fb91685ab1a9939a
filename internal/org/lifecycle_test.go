package org_test

import (
	"strings"
	"testing"

	"github.com/usher-id/usher/internal/fault"
	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/password"
	"github.com/usher-id/usher/internal/redact"
)

// lifecycleTable is what every call makes of every status, "." for what is
// refused: of somebody without a password, and of somebody who has one where that
// differs. It is written from Okta's Users API reference, and the rows that it
// does not say all of (expire_password_with_temp_password, set_password) from
// docs/okta-choices.md.
const lifecycleTable = `
                                   STAGED              PROVISIONED      ACTIVE           RECOVERY         PASSWORD_EXPIRED LOCKED_OUT       SUSPENDED        DEPROVISIONED
activate                           PROVISIONED/ACTIVE  .                .                .                .                .                .                PROVISIONED/ACTIVE
reactivate                         .                   PROVISIONED      .                RECOVERY         .                .                .                .
deactivate                         DEPROVISIONED       DEPROVISIONED    DEPROVISIONED    DEPROVISIONED    DEPROVISIONED    DEPROVISIONED    DEPROVISIONED    DEPROVISIONED
suspend                            .                   .                SUSPENDED        .                .                .                .                .
unsuspend                          .                   .                .                .                .                .                ACTIVE           .
unlock                             .                   .                ACTIVE           .                .                ACTIVE           .                .
expire_password                    .                   .                PASSWORD_EXPIRED .                PASSWORD_EXPIRED .                .                .
expire_password_with_temp_password .                   PASSWORD_EXPIRED PASSWORD_EXPIRED PASSWORD_EXPIRED PASSWORD_EXPIRED PASSWORD_EXPIRED .                .
reset_password                     .                   RECOVERY         RECOVERY         RECOVERY         RECOVERY         RECOVERY         .                .
reset_factors                      STAGED              PROVISIONED      ACTIVE           RECOVERY         PASSWORD_EXPIRED LOCKED_OUT       SUSPENDED        .
update                             STAGED              PROVISIONED      ACTIVE           RECOVERY         PASSWORD_EXPIRED LOCKED_OUT       SUSPENDED        .
set_password                       STAGED              ACTIVE           ACTIVE           ACTIVE           ACTIVE           ACTIVE           SUSPENDED        .
import_password                    STAGED              .                .                .                .                .                .                .
set_recovery_question              STAGED              PROVISIONED      ACTIVE           RECOVERY         PASSWORD_EXPIRED LOCKED_OUT       SUSPENDED        .
change_password                    STAGED              .                ACTIVE           ACTIVE           ACTIVE           .                .                .
change_recovery_question           STAGED              .                ACTIVE           RECOVERY         .                .                .                .
forgot_password                    .                   .                ACTIVE           .                .                .                .                .
`

func TestLifecycle(t *testing.T) {
	t.Parallel()
	lines := strings.Split(strings.TrimSpace(lifecycleTable), "\n")
	statuses := strings.Fields(lines[0])
	if got := strings.Join(org.UserStatuses(), " "); got != strings.Join(statuses, " ") {
		t.Fatalf("statuses are %s", got)
	}
	if len(lines)-1 != len(org.UserCalls()) {
		t.Errorf("%d calls, the table has %d", len(org.UserCalls()), len(lines)-1)
	}
	for _, line := range lines[1:] {
		cells := strings.Fields(line)
		for i, want := range cells[1:] {
			without, with, differs := strings.Cut(want, "/")
			if !differs {
				with = without
			}
			u := &org.User{Status: statuses[i]}
			check(t, u, cells[0], without)
			u.Password = password.Hash{Text: redact.New("hash")}
			check(t, u, cells[0], with)
			u.Password, u.Account.PasswordHook = password.Hash{}, true
			check(t, u, cells[0], with)
			u.Account = org.Account{Provider: org.Provider{Type: org.ProviderFederation}}
			check(t, u, cells[0], with)
		}
	}
}

func check(t *testing.T, u *org.User, call, want string) {
	t.Helper()
	got, err := u.After(org.UserCall(call))
	switch {
	case want != "." && (err != nil || got != want):
		t.Errorf("%s of %s gives %s, %v, want %s", call, u.Status, got, err, want)
	case want == "." && (err == nil || got != ""):
		t.Errorf("%s of %s gives %s", call, u.Status, got)
	case want == "." && !fault.Is(err, refusalOf(call, u.Status)):
		t.Errorf("%s of %s is refused with %v", call, u.Status, err)
	}
}

// refusalOf is the kind of fault that Okta has for a call that the status forbids.
func refusalOf(call, status string) fault.Kind {
	switch {
	case call == "suspend" || call == "unsuspend":
		return fault.Invalid
	case call == "activate" && status == org.StatusActive:
		return fault.AlreadyActive
	}
	return fault.WrongStatus
}

func TestUnknownStatusAllowsNothing(t *testing.T) {
	t.Parallel()
	for _, c := range org.UserCalls() {
		if status, err := (&org.User{Status: "GONE"}).After(c); err == nil {
			t.Errorf("%s gives %s", c, status)
		}
	}
}

func TestOnlyTheActiveSignIn(t *testing.T) {
	t.Parallel()
	for _, status := range org.UserStatuses() {
		if got := (&org.User{Status: status}).CanSignIn(); got != (status == org.StatusActive) {
			t.Errorf("%s: %v", status, got)
		}
	}
}
