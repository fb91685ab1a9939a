package profile

import (
	"regexp"
	"slices"
	"strings"
)

// Names that hold secrets wherever they occur. The registration hook reference
// says that the password is never sent and that no command may set it;
// credentials and recovery_question are where the Users API carries it.
const (
	password         = "password"
	credentials      = "credentials"
	recoveryQuestion = "recovery_question"
)

// reserved names belong to the user object or to Okta's own bookkeeping and
// cannot be attributes, in any case (Okta help, "Review reserved attributes").
func reserved(name string) bool {
	switch strings.ToLower(name) {
	case "id", "profile", "status", "transitioningtostatus", "created", "activated", "statuschanged", "lastlogin",
		"lastupdated", "passwordchanged", "type", "realm", "realmid", "_links", "_embedded", "class", "classloader",
		"createdby", "lastupdatedby", "orgid", "activationstatus", "apistatus", "logintype",
		"initialreconcilecomplete", "activationdate", "statuschangeddate", "apilastupdate",
		"passwordexpirationguess", "passwordexpirationcursor", "numunlocks", "changedstatus":
		return true
	}
	return secret(name)
}

// secret tells whether a name means a password or what stands in for one.
func secret(name string) bool {
	return strings.EqualFold(name, password) || strings.EqualFold(name, credentials) || strings.EqualFold(name, recoveryQuestion)
}

// attributeName keeps to what every place can carry where a name is used: keys
// of forms, paths in messages, targets in the log, filters. The upper bound is
// ours; Okta states none. A leading underscore is left to _links and _embedded.
var attributeName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]{0,127}$`)

// FormName tells whether a field of a form can have that name: one of an
// attribute, or one that could be. A field of another name, password or status,
// would pass for something else in the request to a hook.
func FormName(name string) bool { return attributeName.MatchString(name) && !reserved(name) }

// mayBeSensitive lists the base attributes that can be marked so (Okta help,
// "Hide sensitive attributes").
func mayBeSensitive(base string) bool {
	return slices.Contains([]string{"secondEmail", "postalAddress", "city", "zipCode"}, base)
}
