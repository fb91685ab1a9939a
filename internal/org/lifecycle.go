package org

import (
	"slices"

	"github.com/usher-id/usher/internal/fault"
)

// UserCall is one of the things that are done to users and that their status allows
// or not.
type UserCall string

// The calls, by Okta's names.
const (
	CallActivate               UserCall = "activate"
	CallReactivate             UserCall = "reactivate" // sends the activation again
	CallDeactivate             UserCall = "deactivate"
	CallSuspend                UserCall = "suspend"
	CallUnsuspend              UserCall = "unsuspend"
	CallUnlock                 UserCall = "unlock"
	CallExpirePassword         UserCall = "expire_password"
	CallTempPassword           UserCall = "expire_password_with_temp_password"
	CallResetPassword          UserCall = "reset_password"
	CallResetFactors           UserCall = "reset_factors"
	CallUpdate                 UserCall = "update"       // of the profile
	CallSetPassword            UserCall = "set_password" // by an administrator
	CallImportPassword         UserCall = "import_password"
	CallSetRecoveryQuestion    UserCall = "set_recovery_question" // by an administrator
	CallChangePassword         UserCall = "change_password"       // by whoever knows the old one
	CallChangeRecoveryQuestion UserCall = "change_recovery_question"
	CallForgotPassword         UserCall = "forgot_password"
)

// UserCalls are all of them.
func UserCalls() []UserCall {
	return []UserCall{
		CallActivate, CallReactivate, CallDeactivate, CallSuspend, CallUnsuspend, CallUnlock, CallExpirePassword,
		CallTempPassword, CallResetPassword, CallResetFactors, CallUpdate, CallSetPassword, CallImportPassword,
		CallSetRecoveryQuestion, CallChangePassword, CallChangeRecoveryQuestion, CallForgotPassword,
	}
}

// UserStatuses are the statuses that users have.
func UserStatuses() []string {
	return []string{
		StatusStaged, StatusProvisioned, StatusActive, StatusRecovery, StatusPasswordExpired, StatusLockedOut,
		StatusSuspended, StatusDeprovisioned,
	}
}

// What a call makes of a status, beside another status.
const (
	no    = ""  // it is refused
	same  = "=" // it leaves the status as it is
	ready = "*" // ACTIVE for somebody who can prove who they are, else PROVISIONED
)

// outcomes is what a call makes of each status, in the order of [UserStatuses].
func (c UserCall) outcomes() [8]string {
	const (
		active, expired, recovery = StatusActive, StatusPasswordExpired, StatusRecovery
		gone                      = StatusDeprovisioned
	)
	for _, row := range [...]struct {
		calls []UserCall
		to    [8]string
	}{
		// from STAGED, PROVISIONED, ACTIVE, RECOVERY, PASSWORD_EXPIRED, LOCKED_OUT, SUSPENDED, DEPROVISIONED
		{[]UserCall{CallActivate}, [8]string{ready, no, no, no, no, no, no, ready}},
		{[]UserCall{CallReactivate}, [8]string{no, same, no, same, no, no, no, no}},
		{[]UserCall{CallDeactivate}, [8]string{gone, gone, gone, gone, gone, gone, gone, same}},
		{[]UserCall{CallSuspend}, [8]string{no, no, StatusSuspended, no, no, no, no, no}},
		{[]UserCall{CallUnsuspend}, [8]string{no, no, no, no, no, no, active, no}},
		{[]UserCall{CallUnlock}, [8]string{no, no, same, no, no, active, no, no}},
		// Not of an account that is locked or being recovered: the old password,
		// which does not open it now, would.
		{[]UserCall{CallExpirePassword}, [8]string{no, no, expired, no, same, no, no, no}},
		{[]UserCall{CallTempPassword}, [8]string{no, expired, expired, expired, same, expired, no, no}},
		{[]UserCall{CallResetPassword}, [8]string{no, recovery, recovery, same, recovery, recovery, no, no}},
		{[]UserCall{CallResetFactors, CallUpdate, CallSetRecoveryQuestion}, [8]string{same, same, same, same, same, same, same, no}},
		{[]UserCall{CallSetPassword}, [8]string{same, active, same, active, active, active, same, no}},
		{[]UserCall{CallImportPassword}, [8]string{same, no, no, no, no, no, no, no}},
		{[]UserCall{CallChangePassword}, [8]string{same, no, same, active, active, no, no, no}},
		{[]UserCall{CallChangeRecoveryQuestion}, [8]string{same, no, same, same, no, no, no, no}},
		{[]UserCall{CallForgotPassword}, [8]string{no, no, same, no, no, no, no, no}},
	} {
		if slices.Contains(row.calls, c) {
			return row.to
		}
	}
	return [8]string{}
}

// After gives the status that a user has after a call, or the fault of one that
// the status of now does not allow. The table is that of Okta's Users API.
func (u *User) After(c UserCall) (status string, err error) {
	outcome := no
	if i := slices.Index(UserStatuses(), u.Status); i >= 0 {
		outcome = c.outcomes()[i]
	}
	switch outcome {
	case no:
		return "", u.refusal(c)
	case same:
		return u.Status, nil
	case ready:
		if u.HasPassword() || u.External() {
			return StatusActive, nil
		}
		return StatusProvisioned, nil
	}
	return outcome, nil
}

// refusal is in the words that Okta has for the call.
func (u *User) refusal(c UserCall) error {
	switch {
	case c == CallActivate && u.Status == StatusActive:
		return fault.New(fault.AlreadyActive, "")
	case c == CallSuspend:
		return fault.New(fault.Invalid, "Api validation failed: suspendUser",
			fault.Cause{Text: "Cannot suspend a user that is not active"})
	case c == CallUnsuspend:
		return fault.New(fault.Invalid, "Api validation failed: unsuspendUser",
			fault.Cause{Text: "Cannot unsuspend a user that is not suspended"})
	}
	return fault.New(fault.WrongStatus, "")
}

// HasPassword tells whether there is a password, here or where the user was
// imported from.
func (u *User) HasPassword() bool { return !u.Password.Empty() || u.Account.PasswordHook }

// External tells whether somebody else proves who the user is, so that no
// password is wanted here.
func (u *User) External() bool {
	t := u.Provider().Type
	return t == ProviderFederation || t == ProviderSocial
}
