// Package emaildomain is a registration hook that lets in people of one e-mail
// domain: the working example of Okta's registration inline hook guide, with the
// refusals of its reference page.
//
//	sign-up               e-mail ends in @example.com ──── allow
//	                      any other ────────────────────── refuse at "email"
//	progressive profile   employeeNumber has 4 digits ──── allow
//	                      it is there and has not ──────── refuse at "employeeNumber"
//
// It is a package of its own so that it can be tested, and copied, without a
// server around it.
package emaildomain

import (
	"context"
	"net/http"
	"regexp"
	"strings"

	"github.com/usher-id/usher/hook"
)

// Domain is where people must have their e-mail address.
const Domain = "example.com"

// Handler is the service. It asks for the secret in the header authorization,
// and panics when the secret is empty.
func Handler(secret string) http.Handler {
	return hook.Registration(decide, hook.Secret(Header, secret))
}

func decide(_ context.Context, r *hook.RegistrationRequest) (hook.Answer, error) {
	if r.RequestType == hook.RequestProgressiveProfile {
		return update(r), nil
	}
	return signUp(r), nil
}

func signUp(r *hook.RegistrationRequest) hook.Answer {
	email := r.Attribute("email")
	domain := email[strings.LastIndexByte(email, '@')+1:]
	if domain == email || !strings.EqualFold(domain, Domain) {
		return hook.DenyField("email", "Only "+Domain+" emails can register.").
			Reason("INVALID_EMAIL_DOMAIN").
			Summary("Incorrect email address. Please contact your admin.")
	}
	return hook.Allow()
}

var fourDigits = regexp.MustCompile(`^[0-9]{4}$`)

// update judges an employee number only when it is among what the person
// changed: other changes are not this service's business.
func update(r *hook.RegistrationRequest) hook.Answer {
	if r.Profile().Has("employeeNumber") && !fourDigits.MatchString(r.Attribute("employeeNumber")) {
		return hook.DenyField("employeeNumber", "Only employee numbers with 4 digits can register.").
			Reason("INVALID_EMPLOYEE_NUMBER").
			Summary("Incorrect employee number. Enter an employee number with 4 digits.")
	}
	return hook.Allow()
}
