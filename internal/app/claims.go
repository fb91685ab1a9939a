package app

import (
	"strings"

	"github.com/usher-id/usher/internal/org"
	"github.com/usher-id/usher/internal/profile"
)

// Claim is one value of a user's profile in an app: a claim of OpenID Connect.
type Claim struct {
	Name  string
	Value string // "" for none
}

// mapped are the claims of an app's profile in the order of a recorded answer, and
// the attributes of the user's profile that they are made of. usher has nothing for
// those without.
func mapped() []struct{ claim, attribute string } {
	return []struct{ claim, attribute string }{
		{"street_address", "streetAddress"}, {"country", "countryCode"}, {"website", ""}, {"zoneinfo", "timezone"},
		{"birthdate", ""}, {"gender", ""}, {"formatted", "postalAddress"}, {"profile", "profileUrl"}, {"locality", "city"},
		{"given_name", profile.FirstName}, {"middle_name", "middleName"}, {"locale", "locale"}, {"picture", ""},
		{"name", ""}, {"nickname", "nickName"}, {"phone_number", "primaryPhone"}, {"region", "state"},
		{"postal_code", "zipCode"}, {"family_name", profile.LastName}, {"email", profile.Email},
	}
}

func claimNames() (names []string) {
	for _, m := range mapped() {
		names = append(names, m.claim)
	}
	return names
}

// claimsOf gives all claims of a user in an app: those of the user's profile, but
// for sensitive values, under those that assignments say.
func claimsOf(schema *profile.Schema, u *org.User, assigned ...map[string]string) (claims []Claim) {
	value := func(attribute string) string {
		if attribute == "" || schema.Sensitive(attribute) {
			return ""
		}
		return u.Profile.Text(attribute)
	}
	for _, m := range mapped() {
		c := Claim{m.claim, value(m.attribute)}
		if c.Name == "name" {
			c.Value = fullName(value)
		}
		for _, over := range assigned {
			if text, ok := over[c.Name]; ok {
				c.Value = text
			}
		}
		claims = append(claims, c)
	}
	return claims
}

func fullName(value func(attribute string) string) string {
	if name := value("displayName"); name != "" {
		return name
	}
	return strings.TrimSpace(value(profile.FirstName) + " " + value(profile.LastName))
}

// userName is what a user is called in an app, by those of Okta's built-in
// templates that are about what usher knows of people; by the login for another.
func userName(t org.UserNameTemplate, u *org.User) string {
	before := func(address string) string {
		name, _, _ := strings.Cut(address, "@")
		return name
	}
	switch t.Template {
	case "${source.email}":
		return u.Email()
	case "${fn:toLowerCase(source.email)}":
		return strings.ToLower(u.Email())
	case `${fn:substringBefore(source.email, "@")}`:
		return before(u.Email())
	case `${fn:substringBefore(source.login, "@")}`:
		return before(u.Login())
	}
	return u.Login()
}
