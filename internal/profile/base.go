package profile

// Base gives an attribute of the base schema as Okta delivers it. Whoever wants
// another permission, pattern or mark changes this one and hands it to
// [NewSchema].
func Base(name string) (Attribute, bool) {
	for _, a := range baseAttributes() {
		if a.Name == name {
			return a, true
		}
	}
	return Attribute{}, false
}

// baseAttributes are the 31 of Okta's base schema, in the order, with the titles
// and the permissions of an org's own answer to GET /api/v1/meta/schemas/user/default.
func baseAttributes() []Attribute {
	list := []Attribute{
		{Name: Login, Title: "Username", Required: true, MinLength: length(5), MaxLength: length(100)},
		{Name: FirstName, Title: "First name", Required: true, MinLength: length(1), MaxLength: length(50), Permission: ReadWrite},
		{Name: LastName, Title: "Last name", Required: true, MinLength: length(1), MaxLength: length(50), Permission: ReadWrite},
		{Name: "middleName", Title: "Middle name"},
		{Name: "honorificPrefix", Title: "Honorific prefix"},
		{Name: "honorificSuffix", Title: "Honorific suffix"},
		{Name: Email, Title: "Primary email", Required: true, Format: FormatEmail, Permission: ReadWrite},
		{Name: "title", Title: "Title"},
		{Name: "displayName", Title: "Display name"},
		{Name: "nickName", Title: "Nickname"},
		{Name: "profileUrl", Title: "Profile Url", Format: FormatURI},
		{Name: "secondEmail", Title: "Secondary email", Format: FormatEmail, Permission: ReadWrite},
		{Name: "mobilePhone", Title: "Mobile phone", MaxLength: length(100), Permission: ReadWrite},
		{Name: "primaryPhone", Title: "Primary phone", MaxLength: length(100), Permission: Hide},
		{Name: "streetAddress", Title: "Street address", Permission: Hide},
		{Name: "city", Title: "City", Permission: Hide},
		{Name: "state", Title: "State", Permission: Hide},
		{Name: "zipCode", Title: "Zip code", Permission: Hide},
		{Name: "countryCode", Title: "Country code", Format: FormatCountry, Permission: Hide},
		{Name: "postalAddress", Title: "Postal Address", Permission: Hide},
		{Name: "preferredLanguage", Title: "Preferred language", Format: FormatLanguage},
		{Name: Locale, Title: "Locale", Format: FormatLocale},
		{Name: TimeZone, Title: "Time zone", Format: FormatTimeZone},
		{Name: "userType", Title: "User type"},
		{Name: "employeeNumber", Title: "Employee number"},
		{Name: "costCenter", Title: "Cost center"},
		{Name: "organization", Title: "Organization"},
		{Name: "division", Title: "Division"},
		{Name: "department", Title: "Department"},
		{Name: "managerId", Title: "ManagerId"},
		{Name: "manager", Title: "Manager"},
	}
	for i := range list {
		list[i].Type = String
		list[i].Master = masterProfile
		list[i].Base = true
		list[i].setDefaults()
	}
	return list
}

func length(n int) *int { return &n }

// setDefaults fills in what Okta's server answers when a client said nothing.
func (a *Attribute) setDefaults() {
	if a.Mutability == "" {
		a.Mutability = ReadWrite
	}
	if a.Scope == "" {
		a.Scope = scopeNone
	}
	if a.Permission == "" {
		a.Permission = ReadOnly
	}
}
